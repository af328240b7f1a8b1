"""The index of what items say: built portion by portion beside the work of people, asked by every search.

A text that is not indexed yet is read by the search itself, so that what is found never depends on how far the index
is. Portions hold versions, which never change: nothing in the index is ever rewritten.
"""

import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, func, insert, or_, select, update
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM
from core.clock import Clock
from core.database import one_of, transaction
from core.jobs.service import enqueue
from core.jobs.worker import Job
from question_bank.items.models import ItemText, ItemVersion, KnowledgePoint, TextGram
from question_bank.items.searching import grams, grams_of_word, like_pattern, words_of

JOB = "bank.index_texts"
# Reading so many texts takes a few milliseconds; indexing them, half a second.
PORTION = 4096
_ROWS_AT_ONCE = 2000
_TEXT_GRAMS = cast(Table, TextGram.__table__)


def versions_saying(session: Session, asked: str) -> frozenset[int] | None:
    """The versions that say every word asked for, or whose knowledge point does; None when no word is asked for.

    Those that are no longer current stand among them.
    """
    found: set[int] | None = None
    for word in words_of(asked):
        if found is None or found:
            saying = _saying(session, word)
            found = saying if found is None else found & saying
    return None if found is None else frozenset(found)


def _saying(session: Session, word: str) -> set[int]:
    topics = _topics(session, word)
    wanted = grams_of_word(word)
    posted = _posted(session, [*wanted, *(-topic for topic in topics)])
    said = set[int]().union(*(posted[-topic] for topic in topics)) | _unread(session, word, topics)
    holding = _in_all([posted[gram] for gram in wanted])
    return said | (_holding(session, word, holding - said) if len(word) > 2 else holding)


def _topics(session: Session, word: str) -> list[int]:
    """The knowledge points whose names hold a word."""
    named = func.lower(KnowledgePoint.name).like(like_pattern(word), escape="!")
    return list(session.scalars(select(KnowledgePoint.id).where(named)))


def _posted(session: Session, wanted: Iterable[int]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for gram, versions in session.execute(
        select(TextGram.gram, TextGram.versions).where(TextGram.gram.in_(list(wanted)))
    ):
        found[gram].update(_numbers(versions))
    return found


def _in_all(sets: Sequence[set[int]]) -> set[int]:
    smallest, *others = sorted(sets, key=len) or [set()]
    return smallest.intersection(*others)


def _unread(session: Session, word: str, topics: Sequence[int]) -> set[int]:
    """The versions outside the index that say a word, or stand under one of the knowledge points."""
    outside = select(ItemText.version_id).where(ItemText.portion.is_(None))
    if not topics:
        return set(session.scalars(outside.where(_says(word))))
    beside = outside.join(ItemVersion, ItemVersion.id == ItemText.version_id)
    return set(session.scalars(beside.where(or_(_says(word), ItemVersion.knowledge_point_id.in_(topics)))))


def _holding(session: Session, word: str, versions: set[int]) -> set[int]:
    """Those of the versions that hold a word: all of its pairs may stand in a text, and not in its order."""
    if not versions:
        return versions
    return set(session.scalars(select(ItemText.version_id).where(one_of(ItemText.version_id, versions), _says(word))))


def _says(word: str) -> ColumnElement[bool]:
    return ItemText.text.like(like_pattern(word), escape="!")


def sweep(session: Session, clock: Clock) -> None:
    """Queue the indexing when a whole portion of texts is outside the index."""
    if _outside(session, 1, PORTION - 1):
        enqueue(session, SYSTEM, clock, JOB)


def run(job: Job) -> dict[str, Any]:
    """Index texts until less than a portion is outside, each portion in a short transaction of its own."""
    portions = 0
    while index_portion():
        portions += 1
    return {"portions": portions}


def index_portion() -> bool:
    """Index one portion of texts; False when there is no whole one. Needs an application context; commits."""
    with transaction("read") as session:
        rows = _outside(session, PORTION)
    if len(rows) < PORTION:
        return False
    postings = _postings(rows)
    ids = [row.version_id for row in rows]
    # A version is indexed once, so no other portion begins with the same.
    portion = min(ids)
    entries = [{"gram": gram, "portion": portion, "versions": postings[gram]} for gram in sorted(postings)]
    with transaction("write") as session:
        for start in range(0, len(entries), _ROWS_AT_ONCE):
            session.execute(insert(_TEXT_GRAMS), entries[start : start + _ROWS_AT_ONCE])
        # Whatever has got another version meanwhile stays outside.
        session.execute(update(ItemText).where(one_of(ItemText.version_id, ids)).values(portion=portion))
    return True


def _outside(session: Session, count: int, after: int = 0) -> Sequence[Row[int, str, int | None]]:
    return session.execute(
        select(ItemText.version_id, ItemText.text, ItemVersion.knowledge_point_id)
        .join(ItemVersion, ItemVersion.id == ItemText.version_id)
        .where(ItemText.portion.is_(None))
        .order_by(ItemText.version_id)
        .limit(count)
        .offset(after)
    ).all()


def _postings(rows: Iterable[Row[int, str, int | None]]) -> dict[int, bytes]:
    found: dict[int, array[int]] = defaultdict(lambda: array("q"))
    for version_id, text, topic in rows:
        for gram in grams(text):
            found[gram].append(version_id)
        if topic is not None:
            found[-topic].append(version_id)
    return {gram: _as_bytes(versions) for gram, versions in found.items()}


def _as_bytes(versions: "array[int]") -> bytes:
    if sys.byteorder == "big":
        versions.byteswap()
    return versions.tobytes()


def _numbers(packed: bytes) -> "array[int]":
    numbers = array("q", packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
