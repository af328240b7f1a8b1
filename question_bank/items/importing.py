"""Importing a file that was read: what would be taken, then taking it whole as drafts, and taking it back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict, NotFound
from core.i18n import _
from question_bank.duplicates import Entry as Text
from question_bank.duplicates import find_duplicates
from question_bank.formats.reading import MOST_ITEMS
from question_bank.formats.report import Problem, Report
from question_bank.formats.transport import digest_of
from question_bank.images.service import keep_image
from question_bank.item_types.registry import item_type
from question_bank.items.brought import brought
from question_bank.items.drafts import CitationDraft, Draft
from question_bank.items.extras import kept_under, merged
from question_bank.items.models import Item, ItemImport, ItemReview, ItemVersion, KnowledgePoint, SourceCitation
from question_bank.items.queries import citations_of, current_versions, entries_after, item_of, version_of
from question_bank.items.resemblance import resembling
from question_bank.items.reviewing import Choices, Decided, Entry, Review, Twin, decided, draft_of
from question_bank.items.service import create_items, new_version
from question_bank.keys import key_of_version


class StaleReview(Conflict):
    """The bank has changed since the review was made; nothing was written."""

    default_code = "stale_review"


def review_of(session: Session, report: Report) -> Review:
    """Compare a file's report with the bank: what can be taken, what is wrong, what repeats what. Writes nothing."""
    by_ref: dict[str, list[Problem]] = defaultdict(list)
    for problem in (*report.problems, *(lost for item in report.items for lost in brought(item).problems)):
        by_ref[problem.ref].append(problem)
    drafts = [(item, draft_of(item)) for item in report.items]
    entries = [Entry(item, (*by_ref[item.ref], *_faults(item.ref, draft))) for item, draft in drafts]
    entries += [Entry(item, tuple(by_ref[item.ref]), finished=False) for item in report.unfinished]
    seen = session.scalar(select(func.max(ItemVersion.id))) or 0
    sound = [place for place, entry in enumerate(entries) if not entry.faulty]
    twins = _twins(session, {place: drafts[place][1] for place in sound}, [entry.item.ref for entry in entries])
    known = {item.ref for item in (*report.items, *report.unfinished)}
    return Review(
        report.format,
        digest_of(report),
        tuple(replace(entry, twin=twins.get(place)) for place, entry in enumerate(entries)),
        tuple(problem for problem in report.problems if problem.ref not in known),
        seen,
    )


def review_again(session: Session, report: Report, old: Review, choices: Choices) -> tuple[Review, Choices]:
    """Compare a file with the bank once more. What was decided stays, but for items that now repeat something else."""
    fresh = review_of(session, report)
    same = {
        place: choice
        for place, choice in choices.made.items()
        if place < len(fresh.entries) and fresh.entries[place].item == old.entries[place].item
    }
    refs = [entry.item.ref for entry in fresh.entries]
    mended = _twins(session, {place: choice.draft for place, choice in same.items() if choice.draft}, refs)
    kept = {}
    for place, choice in same.items():
        twin = mended.get(place) if choice.draft else fresh.entries[place].twin
        before = choice.twin if choice.draft else old.entries[place].twin
        act = choice.act if twin == before else ""
        kept[place] = replace(choice, act=act, twin=twin if choice.draft else None)
    return fresh, Choices(choices.revision + 1, kept)


def twin_of(session: Session, draft: Draft, review: Review, place: int) -> Twin | None:
    """Return what a mended item repeats most closely: an item of the bank, or another one of the file."""
    others = {
        other: draft_of(entry.item)
        for other, entry in enumerate(review.entries)
        if other != place and not entry.faulty and entry.item.type == draft.type
    }
    return _twins(session, {place: draft}, [entry.item.ref for entry in review.entries], others).get(place)


def import_review(
    session: Session,
    actor: Actor,
    clock: Clock,
    review: Review,
    choices: Choices,
    *,
    token: str,
    filename: str,
    sha256: str,
) -> ItemImport:
    """Take what was decided, all in the caller's one transaction: new items as drafts, others as new versions.

    Raises BadInput when nothing is to be taken, StaleReview when the bank has changed since, Conflict when an item that
    is to get a new version cannot, or when the same review was confirmed at the same moment.
    """
    everything = list(decided(review, choices))
    taken = [entry for entry in everything if entry.outcome == "take"]
    renewing = [entry for entry in everything if entry.outcome == "version"]
    if not taken and not renewing:
        raise BadInput(_("没有可以导入的试题：全部有错误、已略去或与已有试题重复。请逐题核对后再确认。"))
    if len(taken) + len(renewing) > MOST_ITEMS:
        raise BadInput(_("一次最多导入 %(most)s 题，请把文件分成几个。", most=MOST_ITEMS))
    batch = ItemImport(
        token=token,
        filename=filename[:200],
        sha256=sha256,
        items=len(taken),
        merged=len(renewing),
        left_out=len(everything)
        + len({p.ref for p in review.elsewhere if p.severity == "error"})
        - len(taken)
        - len(renewing),
        imported_by=actor.id,
        imported_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(batch)
    except IntegrityError as problem:
        raise Conflict(_("这次导入刚刚已经确认过，没有重复导入。请到试题列表查看草稿。")) from problem
    _refuse_stale(session, review, everything)
    for data in dict.fromkeys(one for entry in (*taken, *renewing) for one in brought(entry.entry.item).pictures):
        keep_image(session, actor, clock, data)
    topics = _with_new_topics(session, [entry.topic for entry in (*taken, *renewing) if entry.topic])
    create_items(session, actor, clock, [_placed(entry, topics) for entry in taken], import_id=batch.id)
    for entry in renewing:
        _merge(session, actor, clock, entry, _placed(entry, topics))
    record(
        session, actor, clock, "items_imported", "item_import", batch.id,
        count=batch.items, merged=batch.merged, left_out=batch.left_out, sha256=batch.sha256,
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
    return batch.undone_at is None and batch.items > 0 and session.scalar(untouched) == batch.items


def import_of(session: Session, import_id: int) -> ItemImport:
    """Return a confirmed import. Raises NotFound."""
    batch = session.get(ItemImport, import_id)
    if batch is None:
        raise NotFound(_("没有这次导入的记录。请从试题列表进入。"))
    return batch


def import_by_token(session: Session, token: str) -> ItemImport | None:
    """Return the import that a dry run's confirmation has already made, if any."""
    return session.scalar(select(ItemImport).where(ItemImport.token == token))


def earlier_imports(session: Session, sha256: str) -> Sequence[ItemImport]:
    """Imports of exactly these bytes that were not undone, the newest first."""
    return session.scalars(
        select(ItemImport)
        .where(ItemImport.sha256 == sha256, ItemImport.undone_at.is_(None))
        .order_by(ItemImport.id.desc())
    ).all()


def new_topics(session: Session, wanted: Iterable[str]) -> list[str]:
    """Return the knowledge points among the names that the bank does not have yet."""
    known = _topics(session)
    return [topic for topic in dict.fromkeys(wanted) if topic and topic not in known]


def _faults(ref: str, draft: Draft) -> Iterator[Problem]:
    for fault in draft.faults():
        if fault.severity == "error":
            yield Problem(ref, "", "error", fault.message.rstrip("。"), "")


def _entry(ref: str, draft: Draft) -> Text:
    texts = item_type(draft.type).texts(draft.content)
    return Text(ref, str(draft.content["stem"]), texts)


def _twins(
    session: Session, drafts: Mapping[int, Draft], refs: Sequence[str], others: Mapping[int, Draft] | None = None
) -> dict[int, Twin]:
    """Find for each draft, by its place in the file, what it repeats: an item of the bank, an earlier draft, or one of
    the others."""
    entries = [_entry(f"file {place}", draft) for place, draft in drafts.items()]
    beside = [_entry(f"file {place}", draft) for place, draft in (others or {}).items()]
    found = find_duplicates(entries, [*resembling(session, entries), *beside])
    bank = current_versions(session, {match.of for match in found if not match.of.startswith("file ")})
    twins = {}
    for match in found:
        place = int(match.ref.removeprefix("file "))
        if match.of in bank:
            twins[place] = Twin(match.of, match.similarity, *bank[match.of])
        else:
            twins[place] = Twin(refs[int(match.of.removeprefix("file "))], match.similarity)
    return twins


def _refuse_stale(session: Session, review: Review, everything: Sequence[Decided]) -> None:
    """Raise StaleReview where the bank has got an item since that one to be taken repeats, or lost one left out for."""
    entries = [_entry(str(one.place), one.draft) for one in everything if one.outcome == "take" and one.twin is None]
    late = entries_after(session, review.seen_version)
    repeated = find_duplicates(entries, late) if late else []
    fresh = sum(match.of in {entry.ref for entry in late} for match in repeated)
    kept = {one.twin.ref for one in everything if one.outcome == "repeat" and one.twin and one.twin.item_id}
    gone = kept - set(current_versions(session, kept))
    if fresh or gone:
        raise StaleReview(
            _(
                "核对期间题库有了变化，没有导入任何试题：%(fresh)s 题与新增的试题重复，%(gone)s 题所重复的试题已停用或撤销。下面已按题库现状重新标出，您的修改都在；请核对后再确认。",
                fresh=fresh,
                gone=len(gone),
            )
        )


def _placed(entry: Decided, topics: Mapping[str, int]) -> Draft:
    return replace(entry.draft, knowledge_point_id=topics[entry.topic]) if entry.topic else entry.draft


def _merge(session: Session, actor: Actor, clock: Clock, entry: Decided, draft: Draft) -> None:
    """Make an entry the next version of its twin; what the file does not state stays as the bank has it."""
    twin = entry.twin
    assert twin is not None  # noqa: S101 (its outcome says so)
    item = item_of(session, twin.item_id)
    version = version_of(session, item, twin.version_id)
    key = key_of_version(session, version.id)
    full = replace(
        draft,
        rationale=draft.rationale or key.rationale,
        knowledge_point_id=draft.knowledge_point_id or version.knowledge_point_id,
        difficulty=draft.difficulty or version.difficulty,
        tags=draft.tags or tuple(version.tags),
        citations=draft.citations or tuple(map(_citation, citations_of(session, version.id))),
        extras=merged(draft.extras, kept_under(key.extras, key.key, draft.key)),
    )
    new_version(session, actor, clock, item, full, based_on=version.id)


def _citation(known: SourceCitation) -> CitationDraft:
    return CitationDraft(
        known.regulation,
        known.edition,
        known.article,
        known.quotation,
        known.source_file,
        known.source_sha256,
        known.start,
        known.end,
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
    highest = max((int(code) for code in codes if code.isdecimal()), default=0)
    for topic in dict.fromkeys(wanted):
        if topic not in known:
            highest += 1
            point = KnowledgePoint(code=str(highest), name=topic[:200])
            session.add(point)
            session.flush()
            known[topic] = point.id
    return known
