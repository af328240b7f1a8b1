"""One sitting, one device: a binding is one device's turn."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from exam.sittings import incidents
from exam.sittings.models import Sitting
from exam.sittings.rules import RUNNING


def take_over(
    session: Session, actor: Actor, clock: Clock, sitting_id: int, *, sign_in: str, from_holder: str | None
) -> bool:
    """Give a running sitting to this sign-in under the next binding; False when another one was faster.

    ``from_holder``: who held it when that was decided; None after an invigilator's release.
    """
    held_still = Sitting.holder.is_(None) if from_holder is None else Sitting.holder == from_holder
    turn = (
        update(Sitting)
        .where(Sitting.id == sitting_id, Sitting.state.in_(RUNNING), held_still)
        .values(holder=sign_in, binding=Sitting.binding + 1, last_seen_at=clock.now())
        .returning(Sitting.binding)
        .execution_options(synchronize_session=False)
    )
    binding = session.execute(turn).scalar_one_or_none()
    if binding is None:
        return False
    how = "经监考员放行后" if from_holder is None else "重新登录后（本场无监考）"
    facts = f"考生{how}在另一台设备或另一次登录中继续作答，为第 {binding} 次绑定设备。"
    incidents.note(session, clock, sitting_id, incidents.DEVICE_CHANGE, facts)
    record(session, actor, clock, "device_changed", "sitting", sitting_id, binding=binding)
    return True


def take_over_on_sign_in(session: Session, actor: Actor, clock: Clock, sitting_id: int, sign_in: str) -> bool:
    """Without an invigilator, signing in again takes a running sitting over from the device that holds it."""
    holder = session.get_one(Sitting, sitting_id).holder
    if holder in (None, sign_in):
        return False
    return take_over(session, actor, clock, sitting_id, sign_in=sign_in, from_holder=holder)


def release(session: Session, sitting_id: int) -> bool:
    """Let the next device that asks go on; False when nothing was running or it was released already."""
    statement = (
        update(Sitting)
        .where(Sitting.id == sitting_id, Sitting.state.in_(RUNNING), Sitting.holder.is_not(None))
        .values(holder=None)
        .execution_options(synchronize_session=False)
    )
    return affected(session, statement) == 1
