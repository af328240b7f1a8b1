"""Calls that no page of ours makes: another's sitting, a wrong shape, far too much, an ended sign-in. Refused, and recorded.

A flood of them is no flood of writes: each kind is recorded once in ten minutes for a sitting and whoever calls.
"""

from collections.abc import Iterable
from datetime import timedelta

import structlog
from flask import current_app

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import clock
from core.database import after_commit, transaction
from core.lately import Lately
from exam.answers.service import Device

log = structlog.get_logger(__name__)
RECORDED = frozenset({"not_found", "bad_input", "bad_response", "too_large", "signed_out"})
SPAN = timedelta(minutes=10)
MOST_KEPT = 20_000


def note_misuse(device: Device, sitting_id: int, codes: Iterable[str]) -> None:
    """Record these codes of refusals in a transaction of its own, unless they were recorded lately.

    Where that cannot be done the log says so: the refusal stands, and a step that was stored is told so.
    """
    lately: Lately = current_app.extensions.setdefault("misuse", Lately(SPAN, MOST_KEPT))
    now = clock.now()
    keys = {code: (device.candidate_id, device.sign_in, sitting_id, code) for code in codes}
    fresh = [code for code, key in sorted(keys.items()) if not lately.holds(key, now)]
    if not fresh:
        return
    actor = Actor("candidate", device.candidate_id, sign_in=device.sign_in)
    try:
        with transaction("write") as own:
            for code in fresh:
                record(own, actor, clock, "call_refused", "sitting", sitting_id, code=code)
                after_commit(own, lambda key=keys[code]: lately.add(key, now))  # type: ignore[misc]
    except Exception:
        log.exception("refused calls could not be recorded", sitting=sitting_id, codes=fresh, candidate=actor.id)
