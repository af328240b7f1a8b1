"""Regulations and their editions: recorded, marked as revised or repealed, and marked back when that was a mistake."""

import hashlib
from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from question_bank.sources.models import RegulationArticle, RegulationEdition
from question_bank.sources.queries import citing_items
from question_bank.sources.recording import articles_of, edition_of, plain_name

LAPSED = ("revised", "repealed")
MOST_REASON = 500
MOST_ARTICLE = 20_000


def add_edition(
    session: Session, actor: Actor, clock: Clock, name: str, label: str, valid_from: date | None = None
) -> RegulationEdition:
    """Record an edition of a regulation, in force from a day on. Raises BadInput without name or label, Conflict when it
    is there already."""
    name, label = plain_name(name), label.strip()
    if not 0 < len(name) <= 200:
        raise BadInput(_("请填写法规名称（不超过 200 个字）。"))
    if not 0 < len(label) <= 64:
        raise BadInput(_("请填写版本（不超过 64 个字），例如 2018-12-29修订。"))
    edition = edition_of(session, actor, clock, name, label)
    taken = update(RegulationEdition).where(
        RegulationEdition.id == edition.id,
        RegulationEdition.valid_from.is_(None),
        RegulationEdition.state == "in_force",
    )
    # An edition that a citation has named before has no date yet: it is completed, not refused.
    if edition.valid_from is not None or affected(session, taken.values(valid_from=valid_from)) == 0:
        raise Conflict(_("《%(name)s》的版本“%(label)s”已经登记过，无需再次登记。", name=name, label=label))
    session.refresh(edition)
    record(session, actor, clock, "edition_added", "edition", edition.id, valid_from=str(valid_from or ""))
    return edition


def mark_lapsed(
    session: Session,
    actor: Actor,
    clock: Clock,
    edition: RegulationEdition,
    state: str,
    valid_to: date,
    reason: str,
    successor: str = "",
) -> int:
    """Mark an edition as ``revised`` or ``repealed``; the published items that cite it cannot be drawn from now on.

    ``successor``: the label of the edition that takes its place, recorded as in force from ``valid_to``. Returns how many
    items are kept back by this. Raises BadInput, and Conflict when it is not in force any more.
    """
    reason = reason.strip()
    if state not in LAPSED:
        raise BadInput(_("请选择“已修订”或“已废止”。"))
    if not 0 < len(reason) <= MOST_REASON:
        raise BadInput(_("请写明依据（不超过 500 字），例如修订决定的名称和文号。"))
    if edition.valid_from and valid_to <= edition.valid_from:
        raise BadInput(_("失效日期应晚于施行日期 %(day)s，请核对。", day=edition.valid_from.isoformat()))
    if successor.strip() == edition.label:
        raise BadInput(_("新版本的名称与本版本相同，请填写新版本，例如 2018-12-29修订。"))
    moved = update(RegulationEdition).where(RegulationEdition.id == edition.id, RegulationEdition.state == "in_force")
    if affected(session, moved.values(state=state, valid_to=valid_to, reason=reason)) == 0:
        raise Conflict(_("这个版本已不是“现行有效”，本次操作未执行。请刷新页面查看。"))
    session.refresh(edition)
    if successor.strip():
        add_edition(session, actor, clock, edition.regulation.name, successor, valid_to)
    items = [item.item_id for item in citing_items(session, edition.id) if item.quarantined]
    record(
        session, actor, clock, "edition_lapsed", "edition", edition.id,
        state=state, valid_to=valid_to.isoformat(), reason=reason, count=len(items), digest=_digest(items),
    )  # fmt: skip
    return len(items)


def reinstate(session: Session, actor: Actor, clock: Clock, edition: RegulationEdition, reason: str) -> None:
    """Mark an edition as in force again, because marking it was a mistake. Raises BadInput without a reason, Conflict."""
    reason = reason.strip()
    if not 0 < len(reason) <= MOST_REASON:
        raise BadInput(_("请写明为什么恢复为“现行有效”（不超过 500 字）。"))
    items = [item.item_id for item in citing_items(session, edition.id) if item.quarantined]
    moved = update(RegulationEdition).where(RegulationEdition.id == edition.id, RegulationEdition.state.in_(LAPSED))
    if affected(session, moved.values(state="in_force", valid_to=None, reason=reason)) == 0:
        raise Conflict(_("这个版本本来就是“现行有效”，本次操作未执行。"))
    session.refresh(edition)
    record(
        session, actor, clock, "edition_reinstated", "edition", edition.id,
        reason=reason, count=len(items), digest=_digest(items),
    )  # fmt: skip


def record_article(
    session: Session, actor: Actor, clock: Clock, edition: RegulationEdition, label: str, text: str
) -> RegulationArticle:
    """Record the text of an article, or a better one. Raises BadInput."""
    label, text = label.strip(), text.strip()
    if not 0 < len(label) <= 64:
        raise BadInput(_("请填写条款（不超过 64 个字），例如 第三十六条。"))
    if not 0 < len(text) <= MOST_ARTICLE:
        raise BadInput(_("请填写条文原文（不超过 20000 个字）。"))
    place = (edition.regulation.name, edition.label, label)
    article_id = articles_of(session, actor, clock, [place])[place]
    session.execute(update(RegulationArticle).where(RegulationArticle.id == article_id).values(text=text))
    article = session.get_one(RegulationArticle, article_id)
    session.refresh(article)
    digest = hashlib.sha256(text.encode()).hexdigest()
    record(session, actor, clock, "article_recorded", "edition", edition.id, article=article_id, digest=digest)
    return article


def _digest(items: list[int]) -> str:
    return hashlib.sha256("\n".join(map(str, sorted(items))).encode()).hexdigest()
