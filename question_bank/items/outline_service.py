"""Writing the content outline."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.errors import BadInput
from core.i18n import _
from question_bank.items.models import Item, ItemVersion, KnowledgePoint


def add_knowledge_point(
    session: Session, actor: Actor, clock: Clock, *, code: str, name: str, parent_id: int | None = None
) -> KnowledgePoint:
    """Add a node to the outline. Raises BadInput for a code or a name that is taken."""
    name = name.strip()
    if session.scalar(select(KnowledgePoint.id).where(KnowledgePoint.code == code)):
        raise BadInput(_("编号 %(code)s 已被使用，请换一个编号。", code=code))
    if session.scalar(select(KnowledgePoint.id).where(KnowledgePoint.name == name)):
        raise BadInput(_("已有名为“%(name)s”的知识点，请换一个名称。", name=name))
    point = KnowledgePoint(code=code, name=name, parent_id=parent_id)
    session.add(point)
    session.flush()
    record(session, actor, clock, "knowledge_point_added", "knowledge_point", point.id)
    return point


def item_counts(session: Session) -> dict[int | None, int]:
    """How many items in use stand directly under each knowledge point."""
    counted = (
        select(ItemVersion.knowledge_point_id, func.count())
        .join(Item, Item.current_version_id == ItemVersion.id)
        .where(Item.state.in_(("draft", "in_review", "published")))
        .group_by(ItemVersion.knowledge_point_id)
    )
    return dict(session.execute(counted).all())
