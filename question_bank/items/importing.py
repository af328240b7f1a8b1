"""Importing a file that was read: what would be taken, then taking it whole as drafts, and taking it back."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict, NotFound
from core.i18n import _
from question_bank.duplicates import Entry, Match, find_duplicates
from question_bank.formats.report import ImportedItem, Problem, Report
from question_bank.items.drafts import CitationDraft, Draft
from question_bank.items.models import Item, ItemImport, ItemReview, ItemVersion, KnowledgePoint
from question_bank.items.queries import bank_entries
from question_bank.items.service import create_items

DEFAULT_POINTS = 100
MOST_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Planned:
    """One item that can be taken: how the file names its place, the draft, and what it repeats, if anything."""

    ref: str
    draft: Draft
    topic: str  # the name of its knowledge point, or empty
    repeats: Match | None
    default_points: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A dry run against the bank; nothing has been written."""

    ready: tuple[Planned, ...]
    problems: tuple[Problem, ...]
    left_out: int  # places of the file with an error
    new_topics: tuple[str, ...]

    @property
    def repeating(self) -> int:
        """How many of the ready items repeat another of the file or of the bank."""
        return sum(planned.repeats is not None for planned in self.ready)


def plan_import(session: Session, report: Report) -> Plan:
    """Compare a file's report with the bank: what can be taken, what is wrong, what repeats what."""
    problems = list(report.problems)
    in_error = {problem.ref for problem in report.errors}
    drafts: list[tuple[ImportedItem, Draft]] = []
    for item in report.items:
        if item.ref in in_error:
            continue
        draft = _draft(item)
        errors = [fault for fault in draft.faults() if fault.severity == "error"]
        problems.extend(Problem(item.ref, "", "error", fault.message, "请在文件中改正后重新上传") for fault in errors)
        if errors:
            in_error.add(item.ref)
        else:
            drafts.append((item, draft))
    entries = [Entry(item.ref, item.stem, tuple(option.text for option in item.options)) for item, _d in drafts]
    repeats = {match.ref: match for match in find_duplicates(entries, bank_entries(session))}
    known = _topics(session)
    topics = dict.fromkeys(item.knowledge_points[0] for item, _d in drafts if item.knowledge_points)
    ready = tuple(
        Planned(
            item.ref,
            draft,
            item.knowledge_points[0] if item.knowledge_points else "",
            repeats.get(item.ref),
            item.points_hundredths is None,
        )
        for item, draft in drafts
    )
    new_topics = tuple(topic for topic in topics if topic not in known)
    return Plan(ready, tuple(sorted(problems, key=lambda p: p.severity)), len(in_error), new_topics)


def import_items(
    session: Session,
    actor: Actor,
    clock: Clock,
    plan: Plan,
    *,
    token: str,
    filename: str,
    data: bytes,
    skip_repeating: bool,
) -> ItemImport:
    """Take the planned items as drafts, all in the caller's one transaction. Raises BadInput when none is left, Conflict
    when the same dry run was confirmed at the same moment."""
    chosen = [planned for planned in plan.ready if not (skip_repeating and planned.repeats)]
    if not chosen:
        raise BadInput(_("没有可以导入的试题：全部有错误或与已有试题重复。请检查文件，或选择导入重复的试题。"))
    if len(chosen) > MOST_AT_ONCE:
        raise BadInput(_("一次最多导入 %(most)s 题，请把文件分成几个。", most=MOST_AT_ONCE))
    batch = ItemImport(
        token=token,
        filename=filename[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        items=len(chosen),
        left_out=plan.left_out + len(plan.ready) - len(chosen),
        imported_by=actor.id,
        imported_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(batch)
    except IntegrityError as problem:
        raise Conflict(_("这次导入刚刚已经确认过，没有重复导入。请到试题列表查看草稿。")) from problem
    topics = _with_new_topics(session, [planned.topic for planned in chosen if planned.topic])
    drafts = [replace(planned.draft, knowledge_point_id=topics.get(planned.topic)) for planned in chosen]
    create_items(session, actor, clock, drafts, import_id=batch.id)
    record(
        session, actor, clock, "items_imported", "item_import", batch.id,
        count=batch.items, left_out=batch.left_out, sha256=batch.sha256,
    )  # fmt: skip
    return batch


def undo_import(session: Session, actor: Actor, clock: Clock, batch: ItemImport) -> None:
    """Discard every item of an import, if all are still the untouched drafts that it made. Raises Conflict."""
    changed = select(ItemVersion.item_id).where(ItemVersion.item_id == Item.id, ItemVersion.version > 1)
    discarded = (
        update(Item)
        .where(Item.import_id == batch.id, Item.state == "draft", ~changed.exists())
        .values(state="discarded")
        .execution_options(synchronize_session=False)
    )
    done = affected(session, discarded)
    if batch.undone_at is not None or done != batch.items:
        raise Conflict(_("这次导入不能撤销：已撤销过，或其中有试题已被修改、送审或停用。如不再需要，请逐题停用。"))
    marked = update(ItemImport).where(ItemImport.id == batch.id, ItemImport.undone_at.is_(None))
    if affected(session, marked.values(undone_at=clock.now())) == 0:
        raise Conflict(_("这次导入刚刚已被撤销，无需再次撤销。"))
    rows = session.execute(select(Item.id, Item.current_version_id).where(Item.import_id == batch.id))
    session.add_all(
        ItemReview(
            item_id=item_id, version_id=version_id, step="discarded", comment="", account_id=actor.id, at=clock.now()
        )
        for item_id, version_id in rows
    )
    session.expire_all()
    record(session, actor, clock, "import_undone", "item_import", batch.id, count=done)


def undoable(session: Session, batch: ItemImport) -> bool:
    """Whether every item of an import is still the untouched draft that it made."""
    untouched = (
        select(func.count())
        .select_from(Item)
        .join(ItemVersion, ItemVersion.id == Item.current_version_id)
        .where(Item.import_id == batch.id, Item.state == "draft", ItemVersion.version == 1)
    )
    return batch.undone_at is None and session.scalar(untouched) == batch.items


def import_of(session: Session, import_id: int) -> ItemImport:
    """Return a confirmed import. Raises NotFound."""
    batch = session.get(ItemImport, import_id)
    if batch is None:
        raise NotFound(_("没有这次导入的记录。请从试题列表进入。"))
    return batch


def import_by_token(session: Session, token: str) -> ItemImport | None:
    """Return the import that a dry run's confirmation has already made, if any."""
    return session.scalar(select(ItemImport).where(ItemImport.token == token))


def earlier_imports(session: Session, data: bytes) -> Sequence[ItemImport]:
    """Imports of exactly these bytes that were not undone, the newest first."""
    return session.scalars(
        select(ItemImport)
        .where(ItemImport.sha256 == hashlib.sha256(data).hexdigest(), ItemImport.undone_at.is_(None))
        .order_by(ItemImport.id.desc())
    ).all()


def _draft(item: ImportedItem) -> Draft:
    source = item.source
    return Draft(
        type=item.type,
        content=item.content_json(),
        key=item.key_json(),
        points_hundredths=DEFAULT_POINTS if item.points_hundredths is None else item.points_hundredths,
        rationale=item.rationale,
        difficulty=item.difficulty_level,
        tags=tuple(dict.fromkeys((*item.tags, *item.knowledge_points[1:]))),
        citations=(CitationDraft(source.regulation, source.edition, source.article, source.quotation),)
        if source and source.regulation
        else (),
    )


def _topics(session: Session) -> dict[str, int]:
    found: dict[str, int] = {}
    for point in session.scalars(select(KnowledgePoint).order_by(KnowledgePoint.id)):
        for word in (point.name, point.code, f"{point.code} {point.name}"):
            found.setdefault(word, point.id)
    return found


def _with_new_topics(session: Session, wanted: Sequence[str]) -> Mapping[str, int]:
    known = _topics(session)
    codes = [point.split(".")[0] for point in session.scalars(select(KnowledgePoint.code))]
    highest = max((int(code) for code in codes if code.isdigit()), default=0)
    for topic in dict.fromkeys(wanted):
        if topic not in known:
            highest += 1
            point = KnowledgePoint(code=str(highest), name=topic[:200])
            session.add(point)
            session.flush()
            known[topic] = point.id
    return known
