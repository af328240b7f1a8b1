"""Reading items: the list with its filters, one item with everything about it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, func, select, type_coerce
from sqlalchemy.orm import Session

from core.accounts.models import Account
from core.database import one_of
from core.errors import NotFound
from core.i18n import _
from core.web.paging import PER_PAGE, Page, paginate
from question_bank.duplicates import Entry
from question_bank.item_types.registry import item_type
from question_bank.items.models import (
    Item,
    ItemReview,
    ItemVersion,
    KnowledgePoint,
    SourceCitation,
    SourceVerification,
)
from question_bank.items.text_index import versions_saying
from question_bank.papers.exposure import exposures_of
from question_bank.papers.models import ItemExposure
from question_bank.papers.queries import verified
from question_bank.sources.queries import quarantined, quarantined_among

STATES = ("draft", "in_review", "published", "retired", "discarded")
IN_USE = ("draft", "in_review", "published")
# So many found are a good part of any bank: a page of them stands among its first numbers, and that costs less than a join with all.
_MANY_FOUND = 2_000
_WALKED_AT_ONCE = 500
_MOST_WALKED = 4_000
# What the list may be sorted by that stands in the current version, or hangs on it.
OF_VERSIONS = ("difficulty", "points", "changed", "sittings", "last_sat")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty means everything but discarded items."""

    words: str = ""
    type: str = ""
    state: str = ""
    verified: str = ""  # yes, no, none (nothing cited), lapsed (in quarantine), or empty
    origin: str = ""  # own, demonstration, or empty
    knowledge_points: tuple[int, ...] = ()
    difficulty: str = ""
    for_real: bool = False  # only what may stand on a real paper as far as its sources go
    sort: str = "-number"
    found: frozenset[int] | None = None  # versions that say the words, where they have been looked up


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    item: Item
    version: ItemVersion
    knowledge_point: str
    source: str  # verified, unverified, lapsed, none
    sittings: int  # how often this version was sat
    last_sat_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outline:
    """A knowledge point as a choice: its id, its name indented by its depth, itself and everything below."""

    id: int
    label: str
    name: str
    subtree: tuple[int, ...]


def list_items(session: Session, filters: Filters, page: int, total: int | None = None) -> Page[Row]:
    """One page of the list; ``total`` where it has been counted."""
    filters = looked_up(session, filters)
    walked = _walked(session, filters, page) if total and page * PER_PAGE <= total else None
    found = (
        paginate(session, _listed(filters), page, total=total)
        if walked is None
        else Page(walked, page, -(-(total or 0) // PER_PAGE), total or 0)
    )
    return Page(_rows(session, found.rows), found.page, found.pages, found.total, found.per_page)


def _listed(filters: Filters) -> Select[Any]:
    statement = _filtered(filters, versions=filters.sort.removeprefix("-") in OF_VERSIONS).where(_state(filters))
    statement = statement.where(Item.type == filters.type) if filters.type else statement
    return _sorted(statement, filters.sort)


def _walked(session: Session, filters: Filters, page: int) -> list[Item] | None:
    """A whole page of the many items that say a word, found by going through the bank in the order of its numbers; None where
    few say it, or where they do not come soon."""
    if filters.found is None or len(filters.found) < _MANY_FOUND or filters.sort not in ("number", "-number"):
        return None
    every = _listed(replace(filters, found=None)).with_only_columns(Item.id, Item.number, Item.current_version_id)
    wanted, ids, after = page * PER_PAGE, list[int](), every
    for _portion in range(_MOST_WALKED // _WALKED_AT_ONCE):
        rows = session.execute(after.limit(_WALKED_AT_ONCE)).all()
        ids += [item_id for item_id, _number, version_id in rows if version_id in filters.found]
        if len(ids) >= wanted:
            shown = ids[wanted - PER_PAGE : wanted]
            items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(shown)))}
            return [items[item_id] for item_id in shown]
        if len(rows) < _WALKED_AT_ONCE:
            return None
        beyond = Item.number > rows[-1].number if filters.sort == "number" else Item.number < rows[-1].number
        after = every.where(beyond)
    return None


def looked_up(session: Session, filters: Filters) -> Filters:
    """The same filters with their words looked up in the index, for whoever asks for count and page."""
    return replace(filters, words="", found=versions_saying(session, filters.words)) if filters.words else filters


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items the list has; by type whatever type is asked for, and by state likewise."""

    total: int
    by_type: Mapping[str, int]
    by_state: Mapping[str, int]


def count_items(session: Session, filters: Filters) -> Counts:
    """Count the list, in one statement."""
    filters = looked_up(session, filters)
    grouped = _filtered(filters).with_only_columns(Item.type, Item.state, func.count())
    by_type: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    for kind, state, count in session.execute(grouped.group_by(Item.type, Item.state)):
        if state == filters.state or (not filters.state and state != "discarded"):
            by_type[kind] += count
        if not filters.type or kind == filters.type:
            by_state[state] += count
    return Counts(by_type[filters.type] if filters.type else sum(by_type.values()), by_type, by_state)


def _state(filters: Filters) -> ColumnElement[bool]:
    return Item.state == filters.state if filters.state else Item.state != "discarded"


def _filtered(filters: Filters, *, versions: bool = False) -> Select[Any]:
    """Everything but type and state. The versions are joined only where they decide: reading them costs the most."""
    statement = select(Item)
    if versions or filters.knowledge_points or filters.verified or filters.difficulty or filters.for_real:
        statement = statement.join(ItemVersion, ItemVersion.id == Item.current_version_id)
    if filters.origin:
        statement = statement.where(Item.demonstration.is_(filters.origin == "demonstration"))
    if filters.knowledge_points:
        statement = statement.where(ItemVersion.knowledge_point_id.in_(filters.knowledge_points))
    if filters.difficulty:
        statement = statement.where(ItemVersion.difficulty == filters.difficulty)
    if filters.for_real:
        statement = statement.where(verified())
    proof = select(SourceVerification.id).where(SourceVerification.version_id == ItemVersion.id).exists()
    cited = select(SourceCitation.id).where(SourceCitation.version_id == ItemVersion.id).exists()
    if filters.verified == "yes":
        statement = statement.where(proof)
    elif filters.verified == "no":
        statement = statement.where(cited, ~proof)
    elif filters.verified == "none":
        statement = statement.where(~cited)
    elif filters.verified == "lapsed":
        statement = statement.where(quarantined(ItemVersion.id))
    if filters.found is not None:
        statement = statement.where(one_of(Item.current_version_id, filters.found))
    return statement


def _sorted(statement: Select[Any], sort: str) -> Select[Any]:
    key = sort.removeprefix("-")
    if key in ("sittings", "last_sat"):
        statement = statement.outerjoin(ItemExposure, ItemExposure.version_id == ItemVersion.id)
    column: Any = {
        "sittings": func.coalesce(ItemExposure.sittings, 0),
        "last_sat": func.coalesce(type_coerce(ItemExposure.last_at, BigInteger), 0),
        "number": Item.number,
        "difficulty": ItemVersion.difficulty,
        "points": ItemVersion.points_hundredths,
        "changed": ItemVersion.created_at,
    }.get(key, Item.number)
    return statement.order_by(column.desc() if sort.startswith("-") else column.asc(), Item.id.desc())


def _rows(session: Session, items: Sequence[Item]) -> list[Row]:
    ids = [item.current_version_id for item in items]
    versions = {v.id: v for v in session.scalars(select(ItemVersion).where(ItemVersion.id.in_(ids)))}
    cited = set(session.scalars(select(SourceCitation.version_id).where(SourceCitation.version_id.in_(ids))))
    proven = set(session.scalars(select(SourceVerification.version_id).where(SourceVerification.version_id.in_(ids))))
    held = quarantined_among(session, ids)
    sat = exposures_of(session, [version_id for version_id in ids if version_id])
    names = dict(session.execute(select(KnowledgePoint.id, KnowledgePoint.name)).all())
    rows = []
    for item in items:
        version = versions[item.current_version_id or 0]
        source = source_state(version.id in cited, version.id in proven, version.id in held)
        topic = names.get(version.knowledge_point_id or 0, "")
        rows.append(Row(item, version, topic, source, *sat.get(version.id, (0, None))))
    return rows


def source_state(cited: bool, proven: bool, quarantined: bool) -> str:
    """The word for what is known of a version's sources."""
    return "lapsed" if quarantined else "verified" if proven else "unverified" if cited else "none"


def outline(session: Session) -> list[Outline]:
    """The knowledge points in the order of their codes, each with what lies below it."""
    points = session.scalars(select(KnowledgePoint)).all()
    children: dict[int | None, list[KnowledgePoint]] = defaultdict(list)
    for point in sorted(points, key=lambda point: [int(n) if n.isdecimal() else 0 for n in point.code.split(".")]):
        children[point.parent_id].append(point)

    def walk(parent: int | None, depth: int) -> list[Outline]:
        found = []
        for point in children[parent]:
            below = walk(point.id, depth + 1)
            subtree = (point.id, *(inner for entry in below for inner in (entry.id,)))
            found.append(Outline(point.id, "　" * depth + f"{point.code} {point.name}", point.name, subtree))
            found.extend(below)
        return found

    return walk(None, 0)


def item_of(session: Session, item_id: int) -> Item:
    """Return an item. Raises NotFound."""
    item = session.get(Item, item_id)
    if item is None:
        raise NotFound(_("没有这道试题。请从试题列表重新选择。"))
    return item


def version_of(session: Session, item: Item, version_id: int | None) -> ItemVersion:
    """Return a version of this very item. Raises NotFound."""
    version = session.get(ItemVersion, version_id) if version_id else None
    if version is None or version.item_id != item.id:
        raise NotFound(_("这道试题没有这个版本。请从试题的历史中选择。"))
    return version


def versions_of(session: Session, item: Item) -> Sequence[ItemVersion]:
    """Every version of an item, the newest first."""
    return session.scalars(
        select(ItemVersion).where(ItemVersion.item_id == item.id).order_by(ItemVersion.version.desc())
    ).all()


def citations_of(session: Session, version_id: int) -> Sequence[SourceCitation]:
    """What a version cites."""
    return session.scalars(
        select(SourceCitation).where(SourceCitation.version_id == version_id).order_by(SourceCitation.id)
    ).all()


def citation_counts(session: Session, version_ids: Sequence[int]) -> dict[int, int]:
    """How many places each version cites; none that cites nothing."""
    found: dict[int, int] = {}
    for start in range(0, len(version_ids), 500):
        counted = (
            select(SourceCitation.version_id, func.count())
            .where(SourceCitation.version_id.in_(version_ids[start : start + 500]))
            .group_by(SourceCitation.version_id)
        )
        found |= {row[0]: row[1] for row in session.execute(counted)}
    return found


def has_verification(session: Session, version_id: int) -> bool:
    """Whether somebody compared the version's citation with the official text."""
    found = session.scalars(select(SourceVerification.id).where(SourceVerification.version_id == version_id))
    return found.first() is not None


def verifications_of(session: Session, version_id: int) -> Sequence[tuple[SourceVerification, str]]:
    """Who compared a version's citation with what, with the person's name."""
    found = session.execute(
        select(SourceVerification, Account.name)
        .join(Account, Account.id == SourceVerification.verified_by)
        .where(SourceVerification.version_id == version_id)
        .order_by(SourceVerification.id)
    )
    return [(verification, name) for verification, name in found]


def reviews_of(session: Session, item: Item) -> Sequence[ItemReview]:
    """The steps of an item's workflow, the newest first."""
    return session.scalars(select(ItemReview).where(ItemReview.item_id == item.id).order_by(ItemReview.id.desc())).all()


def authors_of(session: Session, item: Item) -> set[int]:
    """The accounts that wrote any version of an item, or created it."""
    wrote = session.scalars(select(ItemVersion.author_id).where(ItemVersion.item_id == item.id))
    return {account for account in (*wrote, item.created_by) if account is not None}


def account_names(session: Session, ids: set[int | None]) -> dict[int, str]:
    """The names of accounts."""
    wanted = [account for account in ids if account is not None]
    return dict(session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted))).all())


def entries_after(session: Session, version_id: int) -> list[Entry]:
    """What items in use say since a version's id, for finding duplicates: by item number."""
    statement = (
        select(Item.number, Item.type, ItemVersion.content)
        .join(ItemVersion, ItemVersion.id == Item.current_version_id)
        .where(Item.state.in_(IN_USE), ItemVersion.id > version_id)
        .order_by(Item.id)
    )
    return [
        Entry(number, content["stem"], item_type(kind).texts(content))
        for number, kind, content in session.execute(statement)
    ]


def items_by_number(session: Session, numbers: set[str]) -> dict[str, int]:
    """The ids of items by number."""
    return dict(session.execute(select(Item.number, Item.id).where(Item.number.in_(numbers))).all())


def current_versions(session: Session, numbers: set[str]) -> dict[str, tuple[int, int, str]]:
    """The items in use among the numbers: id, id of the current version, type."""
    found: dict[str, tuple[int, int, str]] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), 500):
        statement = select(Item.number, Item.id, Item.current_version_id, Item.type).where(
            Item.number.in_(wanted[start : start + 500]), Item.state.in_(IN_USE)
        )
        found |= {
            number: (item_id, version or 0, kind) for number, item_id, version, kind in session.execute(statement)
        }
    return found
