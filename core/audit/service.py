"""Recording acts, in the same transaction as what they record."""

from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.models import AuditEntry
from core.clock import Clock

_INSERT = insert(cast(Table, AuditEntry.__table__))


def record(
    session: Session,
    actor: Actor,
    clock: Clock,
    action: str,
    object_type: str,
    object_id: int | str | None,
    **details: Any,
) -> None:
    """Insert one audit entry, unchained; the sealer chains it within a second.

    ``details`` are JSON values: ids, states, counts, reasons. Never names, numbers of persons, answers or keys. An act
    on many people is one entry with their count and a digest.
    """
    session.execute(
        _INSERT,
        {
            "at": clock.now(),
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "action": action,
            "object_type": object_type,
            "object_id": "" if object_id is None else str(object_id),
            "details": details,
        },
    )
