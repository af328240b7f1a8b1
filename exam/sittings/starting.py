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

    state: str
    holder: str | None
    extra_seconds: int
    signed: str | None
    commitment: str
    mode: str
    starts_at: int
    ends_at: int
    duration_seconds: int
    latest_start_seconds: int | None
    invigilated: bool
    exam_session: int

    @property
    def times(self) -> Times:
        """The session's times for exam.timing."""
        starts, ends = from_milliseconds(self.starts_at), from_milliseconds(self.ends_at)
        return Times(self.mode, starts, ends, self.duration_seconds, self.latest_start_seconds)


def start(
    session: Session,
    clock: Clock,
    device: Device,
    sitting_id: int,
    commitment: str | None,
    now: datetime,
    *,
    let_in: Callable[[int, int], object],
) -> SittingState:
    """Open the sitting for this device, or return it as it is when this device holds it already.

    ``commitment``: the digest of the commitment signed; None when it was signed before. ``let_in(sitting, exam session)``
    raises where this request may not pass; a closed sitting is told to anybody. A running sitting that another
    device holds goes on here after an invigilator's release, or at once where nobody invigilates. Raises the refusals
    of interfaces.
    """
    for _attempt in range(ATTEMPTS):
        row = statements.start_facts(sitting=sitting_id, candidate=device.candidate_id)
        if row is None:
            raise no_such_sitting()
        begun = StartFacts(*row)
        if begun.state != "closed":
            let_in(sitting_id, begun.exam_session)
        if begun.state in WAITING and not _open(device, sitting_id, begun, commitment, now):
            continue  # the extra time changed, or the same candidate was faster on another device: look again
        facts = statements.facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
        if facts is None or not facts.signed_in:
            raise refusal("signed_out")
        if facts.state in RUNNING and facts.holder != device.sign_in:
            if facts.holder is not None and begun.invigilated:
                raise refusal("other_device")
            actor = Actor("candidate", device.candidate_id, sign_in=device.sign_in)
            if not devices.take_over(
                session, actor, clock, sitting_id, sign_in=device.sign_in, from_holder=facts.holder
            ):
                raise refusal("other_device")
            # Not committed yet: what the change will have made of the facts.
            facts = replace(facts, holder=device.sign_in, binding=facts.binding + 1, last_seq=0)
        return seen_as(device, facts, now)
    raise refusal("signed_out")


def _open(device: Device, sitting_id: int, begun: StartFacts, commitment: str | None, now: datetime) -> bool:
    refused = timing.start_refusal(begun.times, now, begun.extra_seconds)
    if refused:
        raise refusal(refused, _REFUSED_START[refused])
    expected = text_digest(begun.commitment)
    if (commitment or begun.signed) != expected:
        raise Conflict(_("还没有签署本场考试的承诺书，或承诺书文本已更新，未能开始。请重新阅读并签署承诺书。"))
    deadline = timing.deadline(begun.times, now, begun.extra_seconds)
    return statements.start(
        sitting=sitting_id,
        candidate=device.candidate_id,
        holder=device.sign_in,
        now=to_milliseconds(now),
        deadline=to_milliseconds(deadline),
        commitment=expected,
        extra=begun.extra_seconds,
    )
