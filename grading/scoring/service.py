"""Scoring closed sittings: computed while reading, written in one go, once for each sitting however often it is asked.

A sitting that cannot be marked whole is not marked at all: the problem is recorded and shown, and nobody gets a silent 0.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from exam.handover import ClosedSitting, closed_sittings
from grading.scoring.blanks import KeyProblem
from grading.scoring.models import ItemScore, PaperScore, ScoringProblem
from grading.scoring.queries import IDS_AT_ONCE, last_scored_as
from grading.scoring.rules import BadResponse, Marked, Question, points_of, score, total
from question_bank.key_books import KeyBook, family_keys
from question_bank.keys import SlotKey, keys_of_paper
from question_bank.papers.exposure import note_sat

# The table, not the class: hundreds of thousands of rows need none of the mapper's work.
_ITEM_SCORES = cast(Table, ItemScore.__table__)
ROWS_AT_ONCE = 5000
OTHER_ANSWERS = "离线交卷经确认，按新一版回执的作答重新评分"
_NEVER = (0, "")


@dataclass(frozen=True)
class MarkedSlot:
    """One slot of one sitting, marked."""

    key: SlotKey
    response: str
    marked: Marked


@dataclass(frozen=True)
class MarkedSitting:
    """A sitting that could be marked whole."""

    sitting: ClosedSitting
    slots: tuple[MarkedSlot, ...]


@dataclass(frozen=True)
class Obstacle:
    """Why a sitting could not be marked: the slot (empty when it is the whole paper), its item and a sentence."""

    sitting: ClosedSitting
    slot: str
    item_number: str
    sentence: str


@dataclass(frozen=True)
class Marking:
    """What reading and computing gave, to be written."""

    marked: tuple[MarkedSitting, ...]
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Stored:
    """How many sittings were scored now, and how many wait because of a problem."""

    scored: int
    problems: int
    sentences: tuple[str, ...] = field(default_factory=tuple)


class Unmarkable(ValueError):
    """One slot stops the marking of a sitting."""

    def __init__(self, slot: str, item_number: str, sentence: str) -> None:
        super().__init__(sentence)
        self.slot, self.item_number, self.sentence = slot, item_number, sentence


def mark_sittings(session: Session, sitting_ids: Sequence[int]) -> Marking:
    """Mark closed sittings in memory; reads only. Equal responses to one slot are marked once."""
    families: dict[int, KeyBook | None] = {}
    markers: dict[int, _Marker] = {}
    marked, obstacles = list[MarkedSitting](), list[Obstacle]()
    for sitting in closed_sittings(session, sitting_ids):
        if sitting.paper_id not in families:
            families[sitting.paper_id] = family_keys(session, sitting.paper_id)
        family, marker = families[sitting.paper_id], markers.get(sitting.paper_id)
        if family is not None:
            marker = _Marker(family.of(sitting.sitting_id))
        elif marker is None:
            marker = markers[sitting.paper_id] = _Marker(keys_of_paper(session, sitting.paper_id))
        try:
            marked.append(MarkedSitting(sitting, marker.mark(sitting)))
        except Unmarkable as why:
            obstacles.append(Obstacle(sitting, why.slot, why.item_number, why.sentence))
    return Marking(tuple(marked), tuple(obstacles))


def store_marking(session: Session, actor: Actor, clock: Clock, marking: Marking) -> Stored:
    """Write first scores (run 1), and a later run where other answers count by now; any other score stays as it is.

    Problems are recorded, solved ones removed.
    """
    before = last_scored_as(session, [one.sitting.sitting_id for one in marking.marked])
    fresh = [
        one for one in marking.marked if before.get(one.sitting.sitting_id, _NEVER)[1] != one.sitting.receipt_digest
    ]
    runs = {sitting_id: run for sitting_id, (run, _digest) in before.items()}
    try:
        with session.begin_nested():
            _insert_scores(session, clock, fresh, runs)
            # A paper that is scored again was sat once.
            _note_exposure(session, [one for one in fresh if one.sitting.sitting_id not in runs])
    except IntegrityError:
        # Another worker stored some of these first; whatever is still missing is found again by the sweep.
        fresh = []
    stale = [one.sitting.sitting_id for one in marking.marked] + [one.sitting.sitting_id for one in marking.obstacles]
    for ids in _portions(stale):
        session.execute(delete(ScoringProblem).where(ScoringProblem.sitting_id.in_(ids)))
    _insert_problems(session, clock, marking.obstacles)
    _record_batches(session, actor, clock, fresh, marking.obstacles)
    sentences = tuple(dict.fromkeys(one.sentence for one in marking.obstacles))
    return Stored(len(fresh), len(marking.obstacles), sentences)


class _Marker:
    """Marks the sittings of one paper."""

    def __init__(self, keys: dict[str, SlotKey]) -> None:
        self.keys = [keys[slot] for slot in sorted(keys, key=int)]
        self.seen: dict[tuple[str, str], MarkedSlot] = {}

    def mark(self, sitting: ClosedSitting) -> tuple[MarkedSlot, ...]:
        if not self.keys:
            raise Unmarkable("", "", "试卷中没有题目，请核对场次所用的试卷。")
        unknown = set(sitting.answers) - {key.slot for key in self.keys}
        if unknown:
            slot = min(unknown)
            raise Unmarkable(slot, "", f"有第 {slot} 题的作答，但试卷中没有这道题，请核对场次所用的试卷。")
        return tuple(self._mark_slot(key, sitting.answers.get(key.slot, [])) for key in self.keys)

    def _mark_slot(self, key: SlotKey, response: list[Any]) -> MarkedSlot:
        written = json.dumps(response, ensure_ascii=False, separators=(",", ":"))
        found = self.seen.get((key.slot, written))
        if found is None:
            found = self.seen[key.slot, written] = MarkedSlot(key, written, _mark(key, response))
        return found


def _mark(key: SlotKey, response: list[Any]) -> Marked:
    try:
        return score(question_of(key), response)
    except (KeyProblem, BadResponse) as problem:
        raise Unmarkable(key.slot, key.item_number, f"第 {key.slot} 题（{key.item_number}）：{problem}") from problem


def question_of(key: SlotKey) -> Question:
    """What the responses to a place of a paper are marked against."""
    return Question(
        type=key.type,
        policy=key.policy,
        points=points_of(key.points_hundredths),
        key=key.key,
        options=key.labels or None,
        order_free=key.order_free,
        fractions=key.fractions,
        parts=tuple(question_of(part) for part in key.parts),
        weights=key.weights,
    )


def _insert_scores(session: Session, clock: Clock, fresh: Sequence[MarkedSitting], runs: Mapping[int, int]) -> None:
    now = clock.now()
    papers: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for one in fresh:
        whole = total(slot.marked for slot in one.slots)
        run = runs.get(one.sitting.sitting_id, 0) + 1
        papers.append(
            {
                "sitting_id": one.sitting.sitting_id,
                "run": run,
                "blind_number": one.sitting.blind_number,
                "exam_id": one.sitting.exam_id,
                "paper_id": one.sitting.paper_id,
                "total_hundredths": whole.score_hundredths,
                "max_hundredths": whole.max_hundredths,
                "answers_digest": one.sitting.receipt_digest,
                "reason": "" if run == 1 else OTHER_ANSWERS,
                "scored_at": now,
            }
        )
        items += [_item_row(one.sitting.sitting_id, run, slot) for slot in one.slots]
    if papers:
        session.execute(insert(PaperScore), papers)
    for start in range(0, len(items), ROWS_AT_ONCE):
        session.execute(insert(_ITEM_SCORES), items[start : start + ROWS_AT_ONCE])


def _note_exposure(session: Session, fresh: Sequence[MarkedSitting]) -> None:
    if fresh:
        counted = Counter(slot.key.version_id for one in fresh for slot in one.slots)
        note_sat(session, counted, max(one.sitting.closed_at for one in fresh))


def _item_row(sitting_id: int, run: int, slot: MarkedSlot) -> dict[str, Any]:
    return {
        "sitting_id": sitting_id,
        "run": run,
        "slot": int(slot.key.slot),
        "version_id": slot.key.version_id,
        "policy": slot.key.policy,
        "response": slot.response,
        "score_hundredths": slot.marked.score_hundredths,
        "max_hundredths": slot.marked.max_hundredths,
        "arithmetic": slot.marked.arithmetic,
    }


def _insert_problems(session: Session, clock: Clock, obstacles: Sequence[Obstacle]) -> None:
    rows = [
        {
            "sitting_id": one.sitting.sitting_id,
            "exam_id": one.sitting.exam_id,
            "paper_id": one.sitting.paper_id,
            "slot": one.slot,
            "item_number": one.item_number,
            "sentence": one.sentence,
            "found_at": clock.now(),
        }
        for one in obstacles
    ]
    if rows:
        session.execute(insert(ScoringProblem), rows)


def _record_batches(
    session: Session, actor: Actor, clock: Clock, fresh: Sequence[MarkedSitting], obstacles: Sequence[Obstacle]
) -> None:
    waiting = Counter(one.sitting.exam_id for one in obstacles)
    for exam_id in sorted({one.sitting.exam_id for one in fresh} | set(waiting)):
        mine = [one for one in fresh if one.sitting.exam_id == exam_id]
        record(
            session,
            actor,
            clock,
            "sittings_scored",
            "exam",
            exam_id,
            count=len(mine),
            problems=waiting[exam_id],
            digest=_digest(mine),
        )


def _digest(batch: Iterable[MarkedSitting]) -> str:
    lines = [
        f"{one.sitting.sitting_id} {sum(slot.marked.score_hundredths for slot in one.slots)}"
        for one in sorted(batch, key=lambda one: one.sitting.sitting_id)
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))
