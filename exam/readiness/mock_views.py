"""The mock sitting: the real page with a practice paper, for everybody. Nothing is stored, on the server, of anybody.

What the browser needs to be told again (when it began, under which number) stands in its own cookie; the answers stay in
its own journal. The endpoints answer as those of a sitting do (interfaces: HTTP for the sitting).
"""

import json
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import Blueprint, Response, render_template, request, session, url_for

from core.clock import clock, from_milliseconds, iso, to_milliseconds
from core.errors import NotFound
from core.i18n import _
from core.web.access import candidates_frame, public
from core.web.cookies import token_of_session
from exam.answers.service import MOST_BYTES, check
from exam.claims.sealing import make_key_pair
from exam.readiness.mock_paper import PAPER
from exam.sittings.page import Frame, Whose, pages
from exam.sittings.refusals import refusal
from exam.sittings.views import worker_url
from exam.timing import accepts

blueprint = Blueprint("mock", __name__)
blueprint.context_processor(candidates_frame)
MOCK = "mock"  # in the signed cookie: [number, begun, handed in, minutes]
USUAL_MINUTES = 10
SHORT_MINUTES = 1  # to try how a paper is handed in whose time ends without the network
GRACE_SECONDS = 10
API = "/api/v1/mock"


@blueprint.get("/sittings/mock")
@public
def sheet() -> Response:
    """The page of a sitting with the practice paper; a fresh one once the last was handed in or is over."""
    now = clock.now()
    known = session.get(MOCK)
    minutes = SHORT_MINUTES if request.args.get("minutes") == str(SHORT_MINUTES) else USUAL_MINUTES
    if not known or known[2] or known[3:] != [minutes] or not accepts(now, _deadline(known), GRACE_SECONDS):
        # Below zero: no sitting that counts ever has such a number, in the browser's journal neither.
        session[MOCK] = known = [-1 - secrets.randbelow(2**31 - 1), to_milliseconds(now), False, minutes]
    frame = Frame(
        _("模拟作答（不计成绩，不留记录）"),
        url_for("admission.sign_in"),
        worker_url(),
        "single" if request.args.get("layout") == "single" else "all",
        practice_key(),
        API,
    )
    done = url_for("mock.done")
    whose = Whose(
        str(known[0]), _("模拟考生"), _("模拟"), "", done, token_of_session(), json.dumps(_own_state(known, now))
    )
    return pages().page(PAPER, frame, whose)


@cache
def practice_key() -> str:
    """A public key for the sealed files of practice: its private half is thrown away, nobody can open them."""
    return make_key_pair().public


@blueprint.get("/mock-sitting/done")
@public
def done() -> str:
    """Instead of a receipt: it was a trial."""
    return render_template("exam/readiness/mock_done.html")


@blueprint.get(f"{API}/csrf")
@public
def csrf() -> dict[str, str]:
    """``{"token"}``."""
    return {"token": token_of_session()}


@blueprint.get(f"{API}/sittings/<number>")
@public
def read(number: str) -> dict[str, Any]:
    """The state; the answers are the browser's alone."""
    return _state(_known(number), clock.now())


@blueprint.put(f"{API}/sittings/<number>/answers")
@public
def save(number: str) -> Response:
    """Check the steps as those of a sitting are checked, acknowledge them, and forget them."""
    now = clock.now()
    known = _known(number)
    if known[2] or not accepts(now, _deadline(known), GRACE_SECONDS):
        raise refusal("closed" if known[2] else "late")
    request.max_content_length = MOST_BYTES
    checked = check(PAPER, request.get_data(cache=False))
    told = {**_state(known, now), "rejected": checked.rejected}
    told["acknowledged"] = max((step.seq for step in checked.steps), default=0)
    return Response(json.dumps(told), mimetype="application/json")


@blueprint.post(f"{API}/sittings/<number>/submission")
@public
def submit(number: str) -> dict[str, Any]:
    """Hand in: the number is used up."""
    known = _known(number)
    session[MOCK] = [known[0], known[1], True, *known[3:]]
    return {
        "receipt": {"code": "", "digest": "", "nonce": "", "received_at": iso(clock.now()), "closed_by": "candidate"}
    }


def _known(number: str) -> list[Any]:
    known: list[Any] | None = session.get(MOCK)
    if not known or str(known[0]) != number:
        raise NotFound(_("这次模拟已经结束。请从“模拟作答”重新开始。"))
    return known


def _deadline(known: list[Any]) -> datetime:
    minutes = known[3] if len(known) > 3 else USUAL_MINUTES
    return from_milliseconds(known[1]) + timedelta(minutes=minutes)


def _state(known: list[Any], now: datetime) -> dict[str, Any]:
    return _own_state(known, now) | {"slots": json.loads(PAPER.slots_json)}


def _own_state(known: list[Any], now: datetime) -> dict[str, Any]:
    open_still = not known[2] and accepts(now, _deadline(known), GRACE_SECONDS)
    return {
        "state": "open" if open_still else "closed",
        "server_time": iso(now),
        "deadline": iso(_deadline(known)),
        "grace_seconds": GRACE_SECONDS,
        "binding": 1,
        "acknowledged": 0,
        "sitting": known[0],
        "paper": PAPER.paper.digest,
        "nonce": "00",
        "answers": {},
    }
