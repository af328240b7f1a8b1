"""What invigilators and organizers do to running sittings: extra time, pauses, the release of a device."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import BigInteger, ColumnElement, case, insert, or_, type_coerce, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock, to_milliseconds
from core.database import one_of
from core.errors import BadInput, Conflict
from core.i18n import _
from exam.invigilation.models import TimeChange
from exam.sittings import bells, closing, devices
from exam.sittings.models import Sitting

LONGEST_REASON = 500
LARGEST_EXTRA = 24 * 3600
AT_ONCE = 2000


def extend(
    session: Session, actor: Actor, clock: Clock, sittings: Sequence[Sitting], seconds: int, reason: str
) -> list[int]:
    """Give extra time (whole seconds, at most a day) to every sitting that has not ended; return the ids that got it.

    Who has not begun gets it at the start; a running one's deadline moves at once. Whoever was given extra time since
    these were read gets none: one outage is not made good twice. Raises ``BadInput``, and ``Conflict`` when nobody gets it.
    """
    if not 0 < seconds <= LARGEST_EXTRA:
        raise BadInput(_("延长的时间应大于 0 且不超过 24 小时，请重新填写。"))
    until = type_coerce(Sitting.deadline, BigInteger)
    longer = type_coerce(until + seconds * 1000, Sitting.deadline.type)
    values = {
        "extra_seconds": Sitting.extra_seconds + seconds,
        "deadline": case((Sitting.deadline.is_not(None), longer), else_=None),
    }
    going_on = (Sitting.state != "closed") & ~closing.overdue(clock) & _extra_as_read(sittings)
    return _change(session, actor, clock, sittings, "extra", going_on, values, reason, seconds)


def _extra_as_read(sittings: Sequence[Sitting]) -> ColumnElement[bool]:
    by_extra: dict[int, list[int]] = {}
    for one in sittings:
        by_extra.setdefault(one.extra_seconds, []).append(one.id)
    return or_(*((Sitting.extra_seconds == had) & one_of(Sitting.id, ids) for had, ids in by_extra.items()))


def pause(session: Session, actor: Actor, clock: Clock, sittings: Sequence[Sitting], reason: str) -> list[int]:
    """Stop the clock of every open sitting among them; return the ids. Raises as ``extend``."""
    values = {"state": "paused", "paused_at": clock.now()}
    is_open = (Sitting.state == "open") & ~closing.overdue(clock)
    return _change(session, actor, clock, sittings, "pause", is_open, values, reason)


def resume(session: Session, actor: Actor, clock: Clock, sittings: Sequence[Sitting], reason: str) -> list[int]:
    """Let every paused sitting among them go on, its deadline as much later as it was paused; return the ids."""
    pause_length = to_milliseconds(clock.now()) - type_coerce(Sitting.paused_at, BigInteger)
    later = type_coerce(type_coerce(Sitting.deadline, BigInteger) + pause_length, Sitting.deadline.type)
    values = {"state": "open", "paused_at": None, "deadline": later}
    return _change(session, actor, clock, sittings, "resume", Sitting.state == "paused", values, reason)


def release_device(session: Session, actor: Actor, clock: Clock, sitting: Sitting) -> None:
    """Let the candidate go on at another device: the next start gets the next binding. Raises ``Conflict``."""
    if not devices.release(session, sitting.id):
        raise Conflict(_("该考生目前没有占用设备（未开始、已交卷或已放行），未作任何更改。请刷新页面查看最新状态。"))
    record(session, actor, clock, "device_released", "sitting", sitting.id)
    session.expire(sitting)


def _change(
    session: Session,
    actor: Actor,
    clock: Clock,
    sittings: Sequence[Sitting],
    kind: str,
    condition: ColumnElement[bool],
    values: Mapping[str, object],
    reason: str,
    seconds: int = 0,
) -> list[int]:
    reason = _checked(reason)
    changed: list[int] = []
    for ids in _portions(sorted({sitting.id for sitting in sittings})):
        statement = update(Sitting).where(Sitting.id.in_(ids), condition).values(**values).returning(Sitting.id)
        changed += session.scalars(statement.execution_options(synchronize_session=False))
    if not changed:
        raise Conflict(_("所选考生目前都不在可以进行此操作的状态，未作任何更改。请刷新页面查看最新状态。"))
    rows = [
        {
            "sitting_id": one,
            "kind": kind,
            "seconds": seconds,
            "reason": reason,
            "by": actor.account_id,
            "at": clock.now(),
        }
        for one in sorted(changed)
    ]
    session.execute(insert(TimeChange), rows)
    _record(session, actor, clock, kind, changed, reason, seconds)
    bells.ring(session, clock, changed)
    for sitting in sittings:
        session.expire(sitting)
    return sorted(changed)


def _record(
    session: Session, actor: Actor, clock: Clock, kind: str, changed: list[int], reason: str, seconds: int
) -> None:
    details: dict[str, object] = {"reason": reason} | ({"seconds": seconds} if seconds else {})
    if len(changed) == 1:
        record(session, actor, clock, f"time_{kind}", "sitting", changed[0], **details)
        return
    digest = hashlib.sha256(",".join(str(one) for one in sorted(changed)).encode()).hexdigest()
    record(session, actor, clock, f"time_{kind}", "sittings", None, count=len(changed), digest=digest, **details)


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise BadInput(_("请填写理由（不超过 500 字），以便日后查核。"))
    return reason


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
