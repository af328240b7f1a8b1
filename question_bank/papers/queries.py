"""Reading blueprints and papers, and what the bank holds for a section."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.items.models import Item, ItemVersion, KnowledgePoint, SourceCitation, SourceVerification
from question_bank.papers.models import Blueprint, BlueprintSection, Paper


class Conditions(Protocol):
    """What a section asks of an item."""

    type: Any
    knowledge_point_id: Any
    difficulty: Any


@dataclass(frozen=True, slots=True)
class Availability:
    """How many published items meet a section's conditions: for a real paper, and for a demonstration paper."""

    real: int
    demonstration: int


def verified() -> Any:
    """SQL condition: the current version's citation was verified, or a local item cites nothing."""
    proof = select(SourceVerification.id).where(SourceVerification.version_id == ItemVersion.id).exists()
    cited = select(SourceCitation.id).where(SourceCitation.version_id == ItemVersion.id).exists()
    return or_(proof, and_(~cited, Item.demonstration.is_(False)))


def eligible_versions(session: Session, section: Conditions, *, demonstration: bool) -> Sequence[ItemVersion]:
    """Return the pool of a section, by version id: current versions of published items that meet its conditions."""
    statement = _pool(session, section, demonstration=demonstration).order_by(ItemVersion.id)
    return session.scalars(statement).all()


def availability(session: Session, section: Conditions) -> Availability:
    """Count what the bank holds for a section."""

    def count(demonstration: bool) -> int:
        pool = _pool(session, section, demonstration=demonstration).subquery()
        return session.scalar(select(func.count()).select_from(pool)) or 0

    return Availability(real=count(False), demonstration=count(True))


def _pool(session: Session, section: Conditions, *, demonstration: bool) -> Select[Any]:
    statement = (
        select(ItemVersion)
        .join(Item, Item.current_version_id == ItemVersion.id)
        .where(Item.state == "published", Item.type == section.type)
    )
    if section.knowledge_point_id:
        statement = statement.where(ItemVersion.knowledge_point_id.in_(subtree(session, section.knowledge_point_id)))
    if section.difficulty:
        statement = statement.where(ItemVersion.difficulty == section.difficulty)
    return statement if demonstration else statement.where(verified())


def subtree(session: Session, knowledge_point_id: int) -> list[int]:
    """Return the ids of a knowledge point and of everything below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for own, parent in session.execute(select(KnowledgePoint.id, KnowledgePoint.parent_id)):
        children[parent].append(own)
    found, waiting = [], [knowledge_point_id]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(children[found[-1]])
    return found


def sections_of(session: Session, blueprint_id: int) -> Sequence[BlueprintSection]:
    """Return a blueprint's sections in order."""
    return session.scalars(
        select(BlueprintSection)
        .where(BlueprintSection.blueprint_id == blueprint_id)
        .order_by(BlueprintSection.position)
    ).all()


def blueprint(session: Session, blueprint_id: int) -> Blueprint:
    """Return a blueprint. Raises NotFound."""
    found = session.get(Blueprint, blueprint_id)
    if found is None:
        raise NotFound(_("没有这份命题细目表。请从列表重新选择。"))
    return found


def paper(session: Session, paper_id: int) -> Paper:
    """Return a paper. Raises NotFound."""
    found = session.get(Paper, paper_id)
    if found is None:
        raise NotFound(_("没有这份试卷。请从试卷列表重新选择。"))
    return found
