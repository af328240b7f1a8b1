"""Starting: one conditional statement opens the sitting; asking again tells the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock, from_milliseconds, to_milliseconds
from core.errors import Conflict
from core.i18n import _, lazy
from exam import timing
from exam.answers import statements
from exam.answers.service import Device
from exam.answers.statements import Facts
from exam.sittings import devices
from exam.sittings.refusals import no_such_sitting, refusal
from exam.sittings.rules import RUNNING, WAITING, text_digest
from exam.sittings.state import SittingState, seen_as
from exam.timing import Times

ATTEMPTS = 3
_REFUSED_START = {
    "not_open": lazy("还没有到开考时间，未能开始。请在候考页面等候，到时间自动开始。"),
    "late": lazy("已过本场最迟入场时间，不能开始作答。请向监考员或考务人员说明情况。"),
    "closed": lazy("本场考试已经结束，不能开始作答。如有疑问，请向考务人员说明情况。"),
}


@dataclass(frozen=True, slots=True)
class StartFacts:
    """What decides whether a sitting may begin; instants in milliseconds."""

    extra_seconds: int
    signed: str | None
    commitment: str
    mode: str
    starts_at: int
    ends_at: int
    duration_seconds: int
    latest_start_seconds: int | None
    invigilated: bool

    @property
    def times(self) -> Times:
        """The session's times for exam.timing."""
        starts, ends = from_milliseconds(self.starts_at), from_milliseconds(self.ends_at)
        return Times(self.mode, starts, ends, self.duration_seconds, self.latest_start_seconds)


def start(
    session: Callable[[], Session],
    clock: Clock,
    device: Device,
    sitting_id: int,
    commitment: str | None,
    now: datetime,
    *,
    let_in: Callable[[int, int], object],
) -> SittingState:
    """Open the sitting for this device, or return it as it is when this device holds it already.

    ``session`` gives one where a device is taken over: nothing else needs it. ``commitment``: the digest of the
    commitment signed; None when it was signed before. ``let_in(sitting, exam session)``
    raises where this request may not pass; a closed sitting is told to anybody. A running sitting that another
    device holds goes on here after an invigilator's release, or at once where nobody invigilates. Raises the refusals
    of interfaces.
    """
    for _attempt in range(ATTEMPTS):
        row = statements.start_facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
        if row is None:
            raise no_such_sitting()
        facts, begun = row[0], StartFacts(*row[1])
        if not facts.signed_in:
            raise refusal("signed_out")
        if facts.state != "closed":
            let_in(sitting_id, facts.exam_session)
        if facts.state in WAITING:
            opened = _open(device, facts, begun, commitment, now)
            if opened is None:
                continue  # something changed, or the same candidate was faster on another device: look again
            facts = opened
        if facts.state in RUNNING and facts.holder != device.sign_in:
            if facts.holder is not None and begun.invigilated:
                raise refusal("other_device")
            actor = Actor("candidate", device.candidate_id, sign_in=device.sign_in)
            if not devices.take_over(
                session(), actor, clock, sitting_id, sign_in=device.sign_in, from_holder=facts.holder
            ):
                raise refusal("other_device")
            # Not committed yet: what the change will have made of the facts.
            facts = replace(facts, holder=device.sign_in, binding=facts.binding + 1, last_seq=0)
        return seen_as(device, facts, now)
    raise refusal("signed_out")


def _open(device: Device, facts: Facts, begun: StartFacts, commitment: str | None, now: datetime) -> Facts | None:
    """Open the sitting; what the facts are then, or None when they were not (or no longer) as they looked."""
    refused = timing.start_refusal(begun.times, now, begun.extra_seconds)
    if refused:
        raise refusal(refused, _REFUSED_START[refused])
    expected = text_digest(begun.commitment)
    if (commitment or begun.signed) != expected:
        raise Conflict(_("还没有签署本场考试的承诺书，或承诺书文本已更新，未能开始。请重新阅读并签署承诺书。"))
    moment, deadline = to_milliseconds(now), to_milliseconds(timing.deadline(begun.times, now, begun.extra_seconds))
    opened = statements.start(
        sitting=facts.sitting_id,
        candidate=device.candidate_id,
        holder=device.sign_in,
        now=moment,
        deadline=deadline,
        commitment=expected,
        extra=begun.extra_seconds,
    )
    if opened is None or opened[1:] != (facts.paper_id, facts.exam_session):
        return None
    return replace(
        facts,
        state="open",
        holder=device.sign_in,
        binding=opened[0],
        deadline=deadline,
        started_at=moment,
        last_seen_at=moment,
        last_seq=0,
    )
