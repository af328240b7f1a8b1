"""The JSON endpoints of the sitting, as interfaces state them. The hot ones make no query about the user."""

import json
import re
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, session
from werkzeug.exceptions import RequestEntityTooLarge

from core.clock import clock, iso
from core.database import db
from core.errors import BadInput, DomainError, Forbidden, TooLarge
from core.i18n import _
from core.web.access import candidates_by_statement, cookie_identity, public
from core.web.application import answer_domain_error
from exam.admission.presence import enter
from exam.answers import service as answers
from exam.answers import statements
from exam.answers.service import MOST_BYTES, Device
from exam.leaving.service import read_events, take_events
from exam.safe_browser.gate import let_in
from exam.sittings import starting, submission
from exam.sittings.misuse import RECORDED, note_misuse
from exam.sittings.openapi import DESCRIPTION
from exam.sittings.state import SittingState, is_closed, look, note_presence
from exam.sittings.submission import HandIn

blueprint = Blueprint("sitting_api", __name__, url_prefix="/api/v1")
# In the signed cookie: [sitting, paper, digest, exam session] of the sitting that this browser began.
PAPER = "paper"
KILOBYTE = 1024
MOST_BYTES_BESIDE_ANSWERS = 64 * KILOBYTE
DIGEST = re.compile(r"[0-9a-f]{64}")


@blueprint.get("/openapi.json")
@public
def openapi() -> dict[str, Any]:
    """The description of these endpoints (OpenAPI 3.1)."""
    return DESCRIPTION


@blueprint.post("/sign-in")
@public
def sign_in() -> dict[str, Any]:
    """Admission number and ticket code -> the candidate and the exam it may sit."""
    body = _body()
    number, code = body.get("admission_number"), body.get("ticket_code")
    if not isinstance(number, str) or not isinstance(code, str):
        raise BadInput(_("请填写准考证号和登录码后再登录。"), code="bad_input")
    return enter(number, code).as_json()


@blueprint.post("/sittings/<int:sitting_id>/start")
@candidates_by_statement
def start(sitting_id: int) -> Response:
    """Begin, or go on; the answer is that of GET."""
    now = clock.now()
    commitment = _body().get("commitment")
    if commitment is not None and not isinstance(commitment, str):
        raise BadInput(_("承诺书的摘要应为文字，未开始作答。请刷新页面后重试。"), code="bad_input")
    state = starting.start(db.get_session, clock, _device(), sitting_id, commitment, now, let_in=let_in)
    remember_paper(state)
    return _answer(state)


@blueprint.get("/sittings/<int:sitting_id>")
@candidates_by_statement
def read(sitting_id: int) -> Response:
    """The sitting as this device may see it; 304 when nothing has changed but the time."""
    device = _device()
    state = look(device, sitting_id, clock.now())
    if state.state != "closed":
        let_in(sitting_id, state.facts.exam_session)
    note_presence(device, state)
    if request.if_none_match.contains_weak(state.etag):
        unchanged = Response(status=304)
        unchanged.set_etag(state.etag, weak=True)
        return unchanged
    return _answer(state)


@blueprint.put("/sittings/<int:sitting_id>/answers")
@candidates_by_statement
def save(sitting_id: int) -> Response:
    """Store steps. The time of receipt is this moment, before anything is read."""
    received_at = clock.now()
    device = _device()
    _let_in(device, sitting_id, received_at)
    raw = _raw(MOST_BYTES)
    paper = answers.paper_of(device, sitting_id, session.get(PAPER))
    outcome = answers.save(device, sitting_id, paper, raw, received_at)
    if outcome.rejected:
        note_misuse(device, sitting_id, {str(one["code"]) for one in outcome.rejected})
    told = {
        "acknowledged": outcome.acknowledged,
        "rejected": outcome.rejected,
        "server_time": iso(clock.now()),
        "deadline": iso(outcome.deadline),
        "state": "open",
    }
    return Response(json.dumps(told), mimetype="application/json")


@blueprint.post("/sittings/<int:sitting_id>/submission")
@candidates_by_statement
def submit(sitting_id: int) -> dict[str, Any]:
    """Hand in; the answer is the receipt, the same one whenever it is asked for."""
    received_at = clock.now()
    device = _device()
    _let_in(device, sitting_id, received_at)
    body = _body()
    digest, final = body.get("digest"), body.get("final", False)
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest) or not isinstance(final, bool):
        raise BadInput(_("交卷时缺少正确的作答摘要，尚未交卷，作答没有丢失。请刷新页面后重试。"), code="bad_input")
    hand_in = HandIn(digest, final)
    receipt = submission.submit_at_once(clock, device, sitting_id, hand_in, received_at)
    receipt = receipt or submission.submit(db.session, clock, device, sitting_id, hand_in, received_at)
    return {"receipt": receipt.as_json()}


@blueprint.post("/sittings/<int:sitting_id>/events")
@candidates_by_statement
def events(sitting_id: int) -> dict[str, Any]:
    """Keep what the page noted beside the answers: that it was left, pasted into, printed."""
    received_at = clock.now()
    device = _device()
    _let_in(device, sitting_id, received_at)
    sent = read_events(_body())
    rejected = take_events(db.session, clock, device, sitting_id, sent, received_at)
    return {"rejected": rejected, "server_time": iso(clock.now())}


@blueprint.errorhandler(DomainError)
def refuse(problem: DomainError) -> tuple[Any, int]:
    """The refusal as everywhere; what no page of ours asks for is recorded."""
    sitting_id = (request.view_args or {}).get("sitting_id")
    if sitting_id and problem.code in RECORDED and session.keys() >= {"_user_id", "candidate"}:
        note_misuse(_device(), sitting_id, [problem.code])
    return answer_domain_error(problem)


def remember_paper(state: SittingState) -> None:
    """Let the cookie know the paper of the sitting that has begun: saves then need not ask for it."""
    if state.facts.started_at is not None:
        known = [state.facts.sitting_id, state.facts.paper_id, state.facts.paper, state.facts.exam_session]
        if session.get(PAPER) != known:
            session[PAPER] = known


def _let_in(device: Device, sitting_id: int, received_at: datetime) -> None:
    """The gate of the session that the cookie knows; a cookie of another sitting, or an older one, costs one look.

    Once the paper is in nobody is kept out: what follows tells that, and the receipt. Only who is refused costs this look.
    """
    known = session.get(PAPER)
    if known and len(known) == 4 and known[0] == sitting_id:
        exam_session = known[3]
    else:
        exam_session = statements.exam_session(sitting=sitting_id, candidate=device.candidate_id)
    if exam_session is None:
        return
    try:
        let_in(sitting_id, exam_session)
    except Forbidden:
        if not is_closed(device, sitting_id, received_at):
            raise


def _device() -> Device:
    identity = cookie_identity()
    return Device(identity.candidate_id, identity.sign_in)


def _answer(state: SittingState) -> Response:
    answer = Response(state.as_json(), mimetype="application/json")
    answer.set_etag(state.etag, weak=True)
    return answer


def _raw(most: int) -> bytes:
    request.max_content_length = most
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        told = _("一次提交的内容超过 %(most)s KB，未保存。请分批提交。", most=most // KILOBYTE)
        raise TooLarge(told) from None


def _body() -> dict[str, Any]:
    try:
        body = json.loads(_raw(MOST_BYTES_BESIDE_ANSWERS) or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadInput(_("提交的内容不是约定的格式，操作未执行。请刷新页面后重试。"), code="bad_input")
    return body
