"""Who is at this browser: the step between a sign-in that was checked and the cookie, for the page and for the API."""

from flask import request
from flask_login import current_user

from core.clock import clock
from core.database import db
from core.web.access import current_actor, remember
from exam.admission.service import SignedIn, sign_in_candidate
from exam.safe_browser import gate


def enter(number: str, code: str) -> SignedIn:
    """Sign a candidate in and put the sign-in into the cookie. Raises as ``sign_in_candidate``, and what the gate raises."""
    present = current_actor() if current_user.is_authenticated else None
    entered = sign_in_candidate(
        db.session,
        clock,
        number,
        code,
        address=request.remote_addr or "",
        device=request.user_agent.string,
        present=present,
    )
    own = entered.admission
    if own.state(entered.now) != "closed":
        gate.let_in(own.sitting.id, own.session.id)
    if entered.row is not None:
        remember(entered.row, "")
    gate.remember_proof(own.sitting.id, own.session.id)
    return entered
