"""Reading the audit log."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.audit.models import AuditEntry, AuditSeal


def entries_matching(
    *, since: datetime | None, until: datetime | None, action: str, object_type: str, actor_id: int | None
) -> Select[AuditEntry]:
    """Audit entries, newest first, of a span of time, an action, a kind of thing, an account."""
    statement = select(AuditEntry).order_by(AuditEntry.id.desc())
    if since:
        statement = statement.where(AuditEntry.at >= since)
    if until:
        statement = statement.where(AuditEntry.at < until)
    if action:
        statement = statement.where(AuditEntry.action == action)
    if object_type:
        statement = statement.where(AuditEntry.object_type == object_type)
    if actor_id is not None:
        statement = statement.where(AuditEntry.actor_kind == "account", AuditEntry.actor_id == actor_id)
    return statement


def known_actions(session: Session) -> list[str]:
    """The actions that occur in the log."""
    return list(session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))


def positions_of(session: Session, entry_ids: list[int]) -> dict[int, int]:
    """The place in the chain of each entry that has been sealed."""
    rows = session.execute(select(AuditSeal.entry_id, AuditSeal.position).where(AuditSeal.entry_id.in_(entry_ids)))
    return {row.entry_id: row.position for row in rows}
