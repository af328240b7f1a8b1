"""Writing blueprints. A change names the revision it was made from; papers drawn before stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items.drafts import DIFFICULTIES
from question_bank.items.models import KnowledgePoint
from question_bank.papers.models import Blueprint, BlueprintSection

MOST_SECTIONS = 20
MOST_ITEMS = 500
MOST_POINTS = 100_00
POLICIES: dict[str, tuple[str, ...]] = {
    "single_choice": ("all_or_nothing",),
    "multiple_choice": ("all_or_nothing", "proportional", "half_for_incomplete"),
    "true_false": ("all_or_nothing",),
    "fill_blank": ("proportional", "all_or_nothing"),
}


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """One section as an organizer writes it."""

    title: str
    type: str
    count: int
    points_hundredths: int
    policy: str
    knowledge_point_id: int | None = None
    difficulty: str = ""


def create_blueprint(
    session: Session, actor: Actor, clock: Clock, name: str, sections: Sequence[SectionDraft], instructions: str = ""
) -> Blueprint:
    """Create a blueprint. Raises BadInput with everything that is wrong."""
    name = _checked(session, name, sections, None)
    blueprint = Blueprint(name=name, instructions=instructions, created_by=actor.id, created_at=clock.now())
    session.add(blueprint)
    session.flush()
    _write_sections(session, blueprint.id, sections)
    record(session, actor, clock, "blueprint_created", "blueprint", blueprint.id, sections=len(sections))
    return blueprint


def change_blueprint(
    session: Session,
    actor: Actor,
    clock: Clock,
    blueprint: Blueprint,
    name: str,
    sections: Sequence[SectionDraft],
    *,
    based_on: int,
) -> None:
    """Replace a blueprint's name and sections. Raises BadInput, and Conflict when somebody changed it meanwhile."""
    name = _checked(session, name, sections, blueprint.id)
    taken = (
        update(Blueprint)
        .where(Blueprint.id == blueprint.id, Blueprint.revision == based_on)
        .values(name=name, revision=based_on + 1)
    )
    if affected(session, taken) == 0:
        raise Conflict(
            _("命题细目表刚刚被别人修改过，本次修改未保存。请打开最新的内容核对后再改；您填写的内容还在下面。"),
            code="stale",
        )
    session.execute(delete(BlueprintSection).where(BlueprintSection.blueprint_id == blueprint.id))
    _write_sections(session, blueprint.id, sections)
    session.refresh(blueprint)
    record(session, actor, clock, "blueprint_changed", "blueprint", blueprint.id, sections=len(sections))


def _checked(session: Session, name: str, sections: Sequence[SectionDraft], own_id: int | None) -> str:
    name = name.strip()
    if not 0 < len(name) <= 200:
        raise BadInput(_("细目表名称应为 1 到 200 个字，请修改名称。"))
    twin = session.scalar(select(Blueprint.id).where(Blueprint.name == name))
    if twin is not None and twin != own_id:
        raise BadInput(_("已有名为“%(name)s”的命题细目表，请换一个名称。", name=name))
    if not sections:
        raise BadInput(_("命题细目表至少要有一个部分，请填写第一个部分。"))
    if len(sections) > MOST_SECTIONS:
        raise BadInput(_("命题细目表最多 %(most)s 个部分，请减少。", most=MOST_SECTIONS))
    for number, section in enumerate(sections, 1):
        _check_section(session, number, section)
    return name


def _check_section(session: Session, number: int, section: SectionDraft) -> None:
    if not 0 < len(section.title) <= 200:
        raise BadInput(_("第 %(number)s 部分的标题应为 1 到 200 个字，请填写。", number=number))
    if section.type not in ITEM_TYPES:
        raise BadInput(_("第 %(number)s 部分没有选择题型，请选择。", number=number))
    if section.policy not in POLICIES[section.type]:
        raise BadInput(
            _("第 %(number)s 部分的计分规则不适用于%(type)s，请重新选择。", number=number,
              type=ITEM_TYPES[section.type].chinese)
        )  # fmt: skip
    if not 0 < section.count <= MOST_ITEMS:
        raise BadInput(_("第 %(number)s 部分的题数应为 1 到 %(most)s，请修改。", number=number, most=MOST_ITEMS))
    if not 0 < section.points_hundredths <= MOST_POINTS:
        raise BadInput(_("第 %(number)s 部分的每题分值应大于 0、不超过 100，请修改。", number=number))
    if section.difficulty not in ("", *DIFFICULTIES):
        raise BadInput(_("第 %(number)s 部分的难度只能是易、中、难或不限，请重新选择。", number=number))
    if section.knowledge_point_id and session.get(KnowledgePoint, section.knowledge_point_id) is None:
        raise BadInput(_("第 %(number)s 部分的知识点不存在，请重新选择。", number=number))


def _write_sections(session: Session, blueprint_id: int, sections: Sequence[SectionDraft]) -> None:
    session.add_all(
        BlueprintSection(
            blueprint_id=blueprint_id,
            position=position,
            title=section.title,
            type=section.type,
            knowledge_point_id=section.knowledge_point_id,
            difficulty=section.difficulty,
            count=section.count,
            points_hundredths=section.points_hundredths,
            policy=section.policy,
        )
        for position, section in enumerate(sections, 1)
    )
    session.flush()
