"""Composing a paper by hand. A change names the revision it was made from; freezing ends the draft."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict, NotFound
from core.i18n import _
from question_bank.fixed_papers.models import FixedDraft
from question_bank.fixed_papers.queries import (
    clashes,
    compose,
    facts_of,
    freezing,
    placed_of,
    sections_of,
    unfit,
)
from question_bank.fixed_papers.rules import HandSection, extended
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.papers.blueprints import MOST_ITEMS, MOST_POINTS, MOST_SECTIONS
from question_bank.papers.models import Paper
from question_bank.papers.service import checked_title, freeze_paper


def blank_section() -> HandSection:
    """A section as it is before anybody filled it in: of the first type there is."""
    kind = next(kind for kind in ITEM_TYPES.values() if kind.drawable)
    return HandSection("", kind.name, 0, next(iter(kind.policies)))


def create_draft(session: Session, actor: Actor, clock: Clock, title: str, *, demonstration: bool) -> FixedDraft:
    """Begin a paper with one empty section. Raises BadInput."""
    draft = FixedDraft(
        title=checked_title(title),
        demonstration=demonstration,
        sections=[blank_section().as_json()],
        seed=secrets.token_hex(32),
        created_by=actor.id,
        created_at=clock.now(),
        changed_by=actor.id,
        changed_at=clock.now(),
    )
    session.add(draft)
    session.flush()
    record(session, actor, clock, "fixed_draft_created", "fixed_draft", draft.id)
    return draft


def change_draft(
    session: Session,
    actor: Actor,
    clock: Clock,
    draft: FixedDraft,
    title: str,
    sections: Sequence[HandSection],
    *,
    demonstration: bool,
    based_on: int,
) -> None:
    """Replace all that a draft says. It may be unfinished: what cannot stay is told, and refused when it is frozen.

    Raises BadInput, and Conflict when somebody changed or froze it meanwhile.
    """
    title = checked_title(title)
    _check(session, sections)
    _take(
        session,
        draft,
        based_on,
        title=title,
        demonstration=demonstration,
        sections=[section.as_json() for section in sections],
        changed_by=actor.id,
        changed_at=clock.now(),
    )
    items = sum(len(section.versions) for section in sections)
    record(session, actor, clock, "fixed_draft_changed", "fixed_draft", draft.id, sections=len(sections), items=items)


def add_items(
    session: Session,
    actor: Actor,
    clock: Clock,
    draft: FixedDraft,
    number: int,
    version_ids: Sequence[int],
    *,
    based_on: int,
) -> None:
    """Put items at the end of the section at ``number`` (from 0), all or none.

    Raises NotFound for no such section, BadInput for nothing chosen or too many, Conflict for an item that may not
    stand there and when somebody changed the draft meanwhile.
    """
    sections = sections_of(draft)
    if not 0 <= number < len(sections):
        raise NotFound(_("这份试卷没有这个部分。请回到试卷重新选择。"))
    if not version_ids:
        raise BadInput(_("没有选中试题，请先勾选要选入的题。"))
    _refuse_unfit(session, draft, sections, number, version_ids)
    grown = extended(sections, number, version_ids)
    change_draft(session, actor, clock, draft, draft.title, grown, demonstration=draft.demonstration, based_on=based_on)


def freeze_draft(session: Session, actor: Actor, clock: Clock, draft: FixedDraft, *, based_on: int) -> Paper:
    """Freeze a draft as a paper and return it. Raises Conflict ``unfinished`` with the obstacles, or when it is stale."""
    composition = compose(session, sections_of(draft), demonstration=draft.demonstration)
    obstacles = composition.obstacles
    if obstacles:
        raise Conflict(
            _("试卷还不能冻结：%(first)s请按提示逐条改好。", first=obstacles[0]),
            code="unfinished",
            details={"obstacles": obstacles},
        )
    wanted = freezing(draft, composition)
    _take(session, draft, based_on)
    paper = freeze_paper(session, actor, clock, wanted)
    draft.paper_id = paper.id
    session.flush()
    record(session, actor, clock, "fixed_draft_frozen", "fixed_draft", draft.id, paper=paper.id)
    return paper


def drop_section(
    session: Session, actor: Actor, clock: Clock, draft: FixedDraft, number: int, *, based_on: int
) -> None:
    """Take the section at ``number`` (from 0) out, with its items.

    Raises NotFound for no such section, Conflict when somebody changed or froze the draft meanwhile.
    """
    sections = sections_of(draft)
    if not 0 <= number < len(sections):
        raise NotFound(_("这份试卷没有这个部分。请回到试卷重新选择。"))
    kept = [*sections[:number], *sections[number + 1 :]]
    change_draft(session, actor, clock, draft, draft.title, kept, demonstration=draft.demonstration, based_on=based_on)


def delete_draft(session: Session, actor: Actor, clock: Clock, draft: FixedDraft, *, based_on: int) -> None:
    """Delete a draft that no paper came of. Raises Conflict when it was frozen, or changed since it was looked at."""
    items = sum(len(section.versions) for section in sections_of(draft))
    draft_id = draft.id
    gone = delete(FixedDraft).where(
        FixedDraft.id == draft_id, FixedDraft.revision == based_on, FixedDraft.paper_id.is_(None)
    )
    if affected(session, gone) == 0:
        raise Conflict(_("这份草稿刚刚被别人修改或冻结，没有删除。请核对最新的内容后再决定。"), code="stale")
    record(session, actor, clock, "fixed_draft_deleted", "fixed_draft", draft_id, items=items)


def _take(session: Session, draft: FixedDraft, based_on: int, **values: Any) -> None:
    taken = (
        update(FixedDraft)
        .where(FixedDraft.id == draft.id, FixedDraft.revision == based_on, FixedDraft.paper_id.is_(None))
        .values(revision=based_on + 1, **values)
    )
    if affected(session, taken) == 0:
        raise Conflict(
            _("这份试卷刚刚被别人修改或冻结，本次操作没有保存。请打开最新的内容核对后再改；您填写的内容还在下面。"),
            code="stale",
        )
    session.refresh(draft)


def _check(session: Session, sections: Sequence[HandSection]) -> None:
    if len(sections) > MOST_SECTIONS:
        raise BadInput(_("一份试卷最多 %(most)s 个部分，请减少。", most=MOST_SECTIONS))
    chosen = {version_id for section in sections for version_id in section.versions}
    if sum(len(section.versions) for section in sections) > MOST_ITEMS:
        raise BadInput(_("一份试卷最多 %(most)s 题，请减少。", most=MOST_ITEMS))
    if len(facts_of(session, chosen)) < len(chosen):
        raise BadInput(_("选中的题里有题库里没有的，请刷新页面后重新选择。"))
    for number, section in enumerate(sections, 1):
        _check_section(number, section)


def _check_section(number: int, section: HandSection) -> None:
    kind = ITEM_TYPES.get(section.type)
    if kind is None or not kind.drawable:
        raise BadInput(_("第 %(number)s 部分没有选择题型，请选择。", number=number))
    if section.policy not in kind.policies:
        raise BadInput(
            _("第 %(number)s 部分的计分规则不适用于%(type)s，请重新选择。", number=number, type=kind.chinese)
        )
    if len(section.title) > 200:
        raise BadInput(_("第 %(number)s 部分的标题最多 200 个字，请缩短。", number=number))
    if not 0 <= section.points_hundredths <= MOST_POINTS:
        raise BadInput(_("第 %(number)s 部分的每题分值应大于 0、不超过 100，请修改。", number=number))


def _refuse_unfit(
    session: Session, draft: FixedDraft, sections: Sequence[HandSection], number: int, version_ids: Sequence[int]
) -> None:
    """Raise Conflict with the first chosen item that may not stand beside what stands there and what comes with it."""
    placed = placed_of(compose(session, sections, demonstration=draft.demonstration))
    facts = facts_of(session, version_ids)
    for version_id in version_ids:
        if version_id not in facts:
            raise BadInput(_("选中的题里有题库里没有的，请刷新页面后重新选择。"))
        one = facts[version_id]
        against = [*unfit(one, sections[number].type, demonstration=draft.demonstration), *clashes(one, placed)]
        if against:
            raise Conflict(
                _("%(number)s 不能选入：%(why)s本次一题也没有选入。", number=one.item.number, why=against[0]),
                code="unfit",
            )
        placed.append((len(placed) + 1, one))
