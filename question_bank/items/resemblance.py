"""Which items of the bank may say nearly the same as some others: found by marks kept beside every version.

What may resemble is a short list; `question_bank.duplicates` then compares it exactly.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from core.database import one_of, transaction
from core.jobs.worker import Job
from question_bank.duplicates import Entry, marks, normal_form
from question_bank.item_types.registry import item_type
from question_bank.items.digests import digest_of_form
from question_bank.items.models import Item, ItemVersion, VersionMark
from question_bank.items.queries import IN_USE

JOB = "bank.mark_versions"
# A mark of more versions than this tells little: the first so many are looked at, and the list for one item is as long.
MOST_SHARED = 200
_MANY_MARKS = 8
_ENTRIES_AT_ONCE = 250
_VERSIONS_AT_ONCE = 500
_MARKS = cast(Table, VersionMark.__table__)


def store_marks(session: Session, versions: Iterable[ItemVersion]) -> None:
    """Keep the marks of new versions."""
    rows = [
        {"mark": mark, "version_id": version.id}
        for version in versions
        for mark in sorted(marks(normal_form(version.content["stem"], item_type(version.type).texts(version.content))))
    ]
    if rows:
        session.execute(insert(_MARKS), rows)


def resembling(
    session: Session, entries: Sequence[Entry], type_name: str = "", besides: int | None = None
) -> list[Entry]:
    """The items in use that may say nearly what one of the entries says, by item number: those with the same text, and
    those that share three marks with it (two, where it has few)."""
    found: set[int] = set()
    for start in range(0, len(entries), _ENTRIES_AT_ONCE):
        forms = [normal_form(entry.stem, entry.options) for entry in entries[start : start + _ENTRIES_AT_ONCE]]
        found |= _saying_the_same(session, forms) | _sharing_marks(session, forms)
    statement = (
        select(Item.id, Item.number, Item.type, ItemVersion.content)
        .join(ItemVersion, ItemVersion.id == Item.current_version_id)
        .where(one_of(Item.current_version_id, found), Item.state.in_(IN_USE))
        .order_by(Item.id)
    )
    if type_name:
        statement = statement.where(Item.type == type_name)
    return [
        Entry(number, content["stem"], item_type(kind).texts(content))
        for item_id, number, kind, content in (session.execute(statement) if found else ())
        if item_id != besides
    ]


def _saying_the_same(session: Session, forms: Sequence[str]) -> set[int]:
    digests = [digest_of_form(form) for form in forms]
    return set(session.scalars(select(ItemVersion.id).where(ItemVersion.content_digest.in_(digests))))


def _sharing_marks(session: Session, forms: Sequence[str]) -> set[int]:
    of_forms = [marks(form) for form in forms]
    bearers = _bearers(session, sorted(set(chain.from_iterable(of_forms))))
    found: set[int] = set()
    for wanted in of_forms:
        shared = Counter(chain.from_iterable(bearers[mark] for mark in wanted))
        enough = 3 if len(wanted) >= _MANY_MARKS else min(2, len(wanted))
        found.update(version for version, count in shared.most_common(MOST_SHARED) if count >= enough)
    return found


def _bearers(session: Session, wanted: Sequence[int]) -> Mapping[int, Sequence[int]]:
    """For each mark, the first versions that bear it."""
    of_mark = select(VersionMark.mark, VersionMark.version_id)
    crowded = (
        select(VersionMark.mark)
        .where(one_of(VersionMark.mark, wanted))
        .group_by(VersionMark.mark)
        .having(func.count() > MOST_SHARED)
    )
    many = set(session.scalars(crowded))
    bearers: dict[int, list[int]] = defaultdict(list)
    for mark, version in session.execute(of_mark.where(one_of(VersionMark.mark, set(wanted) - many))):
        bearers[mark].append(version)
    for mark in many:
        # Old versions may well be the first of a crowd: those that count are the current ones.
        current = of_mark.join(Item, Item.current_version_id == VersionMark.version_id).where(VersionMark.mark == mark)
        first = session.execute(current.order_by(VersionMark.version_id).limit(MOST_SHARED))
        bearers[mark] = [version for _mark, version in first]
    return bearers


def run(job: Job) -> dict[str, Any]:
    """The job ``bank.mark_versions``: mark the current versions of a bank that is older than the marks."""
    done = 0
    while marked := mark_some():
        done += marked
    return {"versions": done}


def mark_some() -> int:
    """Mark some current versions that have no marks; how many there were. Needs an application context; commits."""
    unmarked = (
        select(ItemVersion)
        .join(Item, Item.current_version_id == ItemVersion.id)
        .where(~select(VersionMark.mark).where(VersionMark.version_id == ItemVersion.id).exists())
        .order_by(ItemVersion.id)
        .limit(_VERSIONS_AT_ONCE)
    )
    with transaction("write") as session:
        versions = session.scalars(unmarked).all()
        store_marks(session, versions)
        return len(versions)
