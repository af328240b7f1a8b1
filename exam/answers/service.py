"""Saving answers: what was sent is checked step by step, what is good is stored, and the rest is named.

No session, no query about the user: the guarded statement proves everything. The paper comes from the shelf.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from flask import current_app

from core.clock import from_milliseconds, to_milliseconds
from core.errors import BadInput, TooLarge
from core.i18n import _
from exam.answers import statements
from exam.answers.statements import Facts, Saved, Step
from exam.sittings.papers import PaperAtHand, shelf
from exam.sittings.refusals import no_such_sitting, refusal
from exam.sittings.rules import canonical_json
from exam.timing import accepts
from question_bank.delivery import BadResponse, canonical_response

MOST_STEPS = 200
# A case of twenty essays, each as long as it may be, is one step.
MOST_BYTES = 1024 * 1024
LARGEST_SEQ = 2**31 - 1
MOST_RUNS = 20_000


@dataclass(frozen=True, slots=True)
class Device:
    """Who saves: the candidate and the sign-in that the signed cookie names; the guard proves both."""

    candidate_id: int
    sign_in: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a save."""

    acknowledged: int
    rejected: list[dict[str, Any]]
    deadline: datetime
    paper: PaperAtHand


@dataclass(frozen=True, slots=True)
class Checked:
    """The steps of one call, sorted into those that may be stored and those that may not."""

    binding: int
    steps: tuple[Step, ...]
    rejected: list[dict[str, Any]]


def save(device: Device, sitting_id: int, paper: PaperAtHand, raw: bytes, received_at: datetime) -> Outcome:
    """Store the steps of one call. Raises the refusals of interfaces; then nothing counts, and late steps are kept apart."""
    checked = check(paper, raw)
    received = to_milliseconds(received_at)
    runs, key = _runs(), (sitting_id, checked.binding, device.sign_in)
    floor = runs.end(key)
    saved = None
    if checked.steps:
        saved = statements.save(
            sitting=sitting_id,
            candidate=device.candidate_id,
            holder=device.sign_in,
            binding=checked.binding,
            steps=checked.steps,
            received=received,
            floor=floor,
        )
    if saved is None:
        saved = _nothing_stored(device, sitting_id, checked, received_at)
    rejected = checked.rejected + _conflicts(sitting_id, checked, saved)
    end = _end_of_run(sitting_id, checked.binding, floor, saved)
    runs.extend(key, end)
    return Outcome(end, sorted(rejected, key=lambda one: int(one["seq"])), from_milliseconds(saved.deadline), paper)


def check(paper: PaperAtHand, raw: bytes) -> Checked:
    """Read and check a call's body. Raises ``TooLarge`` and ``BadInput`` where not even the numbers can be read."""
    if len(raw) > MOST_BYTES:
        raise TooLarge(_("一次提交的作答超过 1 MB，未保存。请分批提交。"))
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("steps"), list) or not _is_count(body.get("binding")):
        raise BadInput(_("提交的内容不是约定的格式，未保存。请刷新页面后重试。"), code="bad_response")
    if len(body["steps"]) > MOST_STEPS:
        raise TooLarge(_("一次提交的作答超过 %(most)s 步，未保存。请分批提交。", most=MOST_STEPS))
    steps: dict[int, Step] = {}
    rejected = []
    for sent in body["steps"]:
        seq, step = _check_step(paper, sent)
        if not isinstance(step, Step):
            rejected.append({"seq": seq, "code": step})
        elif seq in steps and (steps[seq].slot, steps[seq].response) != (step.slot, step.response):
            rejected.append({"seq": seq, "code": "conflict"})
        else:
            steps.setdefault(seq, step)
    return Checked(body["binding"], tuple(steps.values()), rejected)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 < value <= LARGEST_SEQ


def _check_step(paper: PaperAtHand, sent: object) -> tuple[int, Step | str]:
    """The number of a step with the step itself, or with the code that rejects it."""
    if not isinstance(sent, dict) or not _is_count(sent.get("seq")):
        raise BadInput(_("提交的作答缺少正确的序号，未保存。请刷新页面后重试。"), code="bad_response")
    seq: int = sent["seq"]
    name = sent.get("slot")
    slot = paper.slots.get(name) if isinstance(name, str) else None
    if slot is None:
        return seq, "unknown_slot"
    try:
        response = canonical_json(canonical_response(slot, sent.get("response")))
    except BadResponse:
        return seq, "bad_response"
    at = sent.get("at")
    readable = isinstance(at, str) and len(at) <= 40 and at.isascii() and at.isprintable()
    return seq, Step(seq, int(slot.slot), response, str(at) if readable else "")


def why_not(facts: Facts, sign_in: str, binding: int | None, received_at: datetime) -> str | None:
    """The code that refuses this device at this instant; None when nothing does. ``binding`` None: whichever it is."""
    if not facts.signed_in:
        return "signed_out"
    until = None if facts.deadline is None else from_milliseconds(facts.deadline)
    in_time = until is not None and accepts(received_at, until, facts.grace_seconds)
    if facts.state == "closed":
        return "closed" if in_time or until is None else "late"
    if facts.state == "open" and not in_time:
        return "late"
    if facts.state not in ("open", "paused"):
        return "not_open"
    if facts.holder != sign_in or binding not in (None, facts.binding):
        return "other_device"
    return "paused" if facts.state == "paused" else None


def _nothing_stored(device: Device, sitting_id: int, checked: Checked, received_at: datetime) -> Saved:
    facts = statements.facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
    if facts is None:
        raise no_such_sitting()
    code = why_not(facts, device.sign_in, checked.binding, received_at)
    if code in ("late", "closed"):
        statements.keep_late(
            sitting=sitting_id,
            binding=checked.binding,
            steps=checked.steps,
            code=code,
            received=to_milliseconds(received_at),
        )
    if code or facts.deadline is None:
        raise refusal(code or "not_open")
    # Every number was stored before (or none was sent): the run alone is to be told.
    return Saved(frozenset(), facts.deadline, None, facts.last_seq)


def _conflicts(sitting_id: int, checked: Checked, saved: Saved) -> list[dict[str, Any]]:
    """The steps whose number is taken by other content."""
    again = [step for step in checked.steps if step.seq not in saved.stored]
    if not again:
        return []
    held = statements.steps_held(sitting=sitting_id, binding=checked.binding, seqs=[step.seq for step in again])
    return [{"seq": step.seq, "code": "conflict"} for step in again if held.get(step.seq) != (step.slot, step.response)]


def _end_of_run(sitting_id: int, binding: int, floor: int, saved: Saved) -> int:
    if saved.count == 0:
        return floor
    if saved.count is not None and floor + saved.count == saved.last:
        return saved.last
    return statements.end_of_run(sitting=sitting_id, binding=binding, floor=floor)


class Runs:
    """Known ends of gap-free runs, by (sitting, binding, sign-in): a lower bound that keeps each save's cost flat.

    Steps are never removed, so what was once the end of a run is never beyond it, in whatever process it was learnt.
    """

    def __init__(self) -> None:
        self._ends: OrderedDict[tuple[int, int, str], int] = OrderedDict()
        self._lock = Lock()

    def end(self, key: tuple[int, int, str]) -> int:
        """The known end; 0 when nothing is known."""
        with self._lock:
            return self._ends.get(key, 0)

    def extend(self, key: tuple[int, int, str], end: int) -> None:
        """Remember a further end."""
        with self._lock:
            self._ends[key] = max(end, self._ends.pop(key, 0))
            while len(self._ends) > MOST_RUNS:
                self._ends.popitem(last=False)


def _runs() -> Runs:
    kept: Runs = current_app.extensions.setdefault("answer_runs", Runs())
    return kept


def paper_of(device: Device, sitting_id: int, known: Sequence[object] | None) -> PaperAtHand:
    """The paper of a sitting: by what the cookie knows (sitting, paper, digest, exam session), else by one look at the database."""
    if known and len(known) == 4 and known[0] == sitting_id:
        return shelf().take(int(str(known[1])), str(known[2]), sitting_id)
    facts = statements.facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
    if facts is None:
        raise no_such_sitting()
    if facts.state not in ("open", "paused", "closed"):
        raise refusal("not_open" if facts.signed_in else "signed_out")
    return shelf().take(facts.paper_id, facts.paper, sitting_id)
