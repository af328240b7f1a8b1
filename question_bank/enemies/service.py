"""Setting items apart that must not stand on a paper together, and letting them together again."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from question_bank.enemies.models import EnemyGroup, EnemyItem
from question_bank.items.models import Item
from question_bank.items.queries import items_by_number

MOST_IN_GROUP = 50
MOST_REASON = 500


def set_apart(
    session: Session, actor: Actor, clock: Clock, item: Item, numbers: Sequence[str], reason: str = ""
) -> EnemyGroup:
    """Put an item and the items of these numbers into one group; groups that they had before are united.

    Raises BadInput for an unknown number, for none besides the item's own and for a group that would be too large, and
    Conflict when one of the items was put into a group at the same moment.
    """
    reason = reason.strip()
    if len(reason) > MOST_REASON:
        raise BadInput(_("互斥原因最多 %(most)s 个字，请缩短。", most=MOST_REASON))
    known = items_by_number(session, set(numbers))
    unknown = [number for number in dict.fromkeys(numbers) if number not in known]
    if unknown:
        raise BadInput(_("没有编号为 %(numbers)s 的试题，请核对编号。", numbers="、".join(unknown[:10])))
    wanted = {item.id, *known.values()}
    if len(wanted) < 2:
        raise BadInput(_("请填写至少一道别的试题的编号，例如 Q000012。"))
    earlier = sorted(set(session.scalars(select(EnemyItem.group_id).where(EnemyItem.item_id.in_(wanted)))))
    members = wanted | set(session.scalars(select(EnemyItem.item_id).where(EnemyItem.group_id.in_(earlier))))
    if len(members) > MOST_IN_GROUP:
        raise BadInput(
            _("一个互斥组最多 %(most)s 道试题，合并后会有 %(count)s 道。", most=MOST_IN_GROUP, count=len(members))
        )
    group = EnemyGroup(reason=reason or _reasons(session, earlier), created_by=actor.id, created_at=clock.now())
    try:
        with session.begin_nested():
            session.add(group)
            session.flush()
            session.execute(delete(EnemyItem).where(EnemyItem.group_id.in_(earlier)))
            session.add_all(EnemyItem(item_id=member, group_id=group.id) for member in sorted(members))
    except IntegrityError as problem:
        raise Conflict(_("其中有试题刚刚被别人设了互斥，本次操作未执行。请刷新页面后再试。")) from problem
    record(session, actor, clock, "enemies_set", "item", item.id, group=group.id, items=sorted(members))
    return group


def let_together(session: Session, actor: Actor, clock: Clock, item: Item) -> None:
    """Take an item out of its group; whoever would be left alone in it is free too. Raises Conflict when it has none."""
    group_id = session.scalar(select(EnemyItem.group_id).where(EnemyItem.item_id == item.id))
    gone = delete(EnemyItem).where(EnemyItem.item_id == item.id, EnemyItem.group_id == group_id)
    if group_id is None or affected(session, gone) == 0:
        raise Conflict(_("试题 %(number)s 没有互斥的试题，本次操作未执行。", number=item.number))
    left = session.scalars(select(EnemyItem.item_id).where(EnemyItem.group_id == group_id)).all()
    if len(left) == 1:
        session.execute(delete(EnemyItem).where(EnemyItem.group_id == group_id))
    record(session, actor, clock, "enemies_freed", "item", item.id, group=group_id)


def _reasons(session: Session, groups: Sequence[int]) -> str:
    told = session.scalars(select(EnemyGroup.reason).where(EnemyGroup.id.in_(groups)).order_by(EnemyGroup.id))
    return "；".join(dict.fromkeys(reason for reason in told if reason))[:MOST_REASON]
