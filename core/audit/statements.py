"""The audit entry as a statement on the driver's own connection, for the hot path's transactions."""

import json
from typing import Any

from core.accounts.actors import Actor

RECORD = """
INSERT INTO audit_entries (at, actor_kind, actor_id, action, object_type, object_id, details)
VALUES ({at}, {actor_kind}, {actor_id}, {action}, {object_type}, {object_id}, {details})
"""


def entry(actor: Actor, at: int, action: str, object_type: str, object_id: int, **details: Any) -> dict[str, Any]:
    """The values of ``RECORD``, as ``core.audit.service.record`` would write them; ``at`` in milliseconds since 1970."""
    return {
        "at": at,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "action": action,
        "object_type": object_type,
        "object_id": str(object_id),
        "details": json.dumps(details),
    }
