"""The page of the sitting, the receipt, and the page where anybody checks a receipt."""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from flask import (
    Blueprint,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.clock import clock
from core.database import db
from core.errors import DomainError, Forbidden, NotFound, SignedOut
from core.i18n import _
from core.web.access import candidates_by_statement, candidates_only, cookie_identity, current_actor, public, writes
from core.web.application import scripts_folder
from core.web.cookies import token_of_session
from exam.admission.service import Admission, admission_of
from exam.answers import statements
from exam.answers.service import Device
from exam.claims.queries import latest_claim
from exam.safe_browser.gate import let_in
from exam.safe_browser.queries import safe_browser_of
from exam.safe_browser.views import show_refusal
from exam.sittings import bells, closing, receipts
from exam.sittings.api import remember_paper
from exam.sittings.models import Sitting
from exam.sittings.page import Frame, Whose, pages
from exam.sittings.papers import shelf
from exam.sittings.refusals import no_such_sitting
from exam.sittings.rules import RUNNING
from exam.sittings.state import look_at_sheet, note_presence
from question_bank.delivery import paper_digests, picture, picture_response, shows_picture

blueprint = Blueprint("sittings", __name__)
WORKER = "js/sitting/worker.js"


@blueprint.get("/sittings/<int:sitting_id>")
@candidates_by_statement
def sheet(sitting_id: int) -> Response | str:
    """The paper with what this candidate has answered; who may not write on it yet (or any more) is shown the way."""
    identity = cookie_identity()
    device = Device(identity.candidate_id, identity.sign_in)
    try:
        state, whose = look_at_sheet(device, sitting_id, clock.now())
    except DomainError as problem:
        if problem.code == "other_device":
            return redirect(url_for("admission.waiting", sitting_id=sitting_id))
        raise
    if state.state == "closed":
        return redirect(url_for("sittings.receipt", sitting_id=sitting_id))
    let_in(sitting_id, state.facts.exam_session)
    paper = state.paper
    if state.state not in RUNNING or paper is None:
        return redirect(url_for("admission.waiting", sitting_id=sitting_id))
    note_presence(device, state)
    remember_paper(state)
    addresses = _addresses(request.script_root, scripts_folder())
    receipt_url = f"{addresses.before_receipt}{sitting_id}{addresses.after_receipt}"
    own = Whose(
        str(sitting_id), whose.name, whose.number, whose.seat, receipt_url, token_of_session(), state.own_json(paper)
    )
    bell = bells.bell_of_session(state.facts.exam_session, state.now)
    frame = Frame(
        whose.title,
        addresses.sign_in,
        addresses.worker,
        whose.layout,
        whose.hand_in_key,
        full_screen=bool(whose.full_screen),
        bell_url=bell and f"{addresses.before_bell}{bell}",
    )
    return pages().page(paper, frame, own)


class _Addresses(NamedTuple):
    sign_in: str
    worker: str
    before_receipt: str  # then the sitting's number
    after_receipt: str
    before_bell: str


@lru_cache(maxsize=4)
def _addresses(_script_root: str, _scripts: str) -> _Addresses:
    """What thousands of pages have in common, built once for this place of the application and these scripts."""
    before, _number, after = url_for("sittings.receipt", sitting_id=0).rpartition("0")
    return _Addresses(
        url_for("admission.sign_in"), worker_url(), before, after, url_for("sittings.bell", name="-").removesuffix("-")
    )


def worker_url() -> str:
    """The service worker, under the address of this release's file: a browser that knows an older one fetches it anew."""
    return url_for("sittings.worker", v=scripts_folder().removeprefix("~"))


@blueprint.get("/sittings/worker.js")
@public
def worker() -> Response:
    """The service worker, served from where its scope begins: it sees the sittings' pages and nothing else."""
    script = Path(current_app.static_folder or "", WORKER).read_bytes()
    return Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@blueprint.get("/bells/<name>")
@public
def bell(name: str) -> Response:
    """What a bell says. granian answers this address by itself (``core.supervisor``); other servers ask here."""
    said = bells.said_by(name)
    if said is None:
        raise NotFound(_("没有这个页面。请检查网址，或返回首页。"))
    return Response(said, mimetype="application/json", headers={"Cache-Control": "no-store"})


@blueprint.get("/papers/<int:paper_id>/pictures/<digest>")
@candidates_only
def paper_picture(paper_id: int, digest: str) -> Response:
    """A picture of the paper that the candidate is sitting now."""
    mine = select(Sitting.id).where(
        Sitting.candidate_id == current_actor().id, Sitting.paper_id == paper_id, Sitting.state.in_(RUNNING)
    )
    sitting_id = db.session.scalars(mine).first()
    sat = sitting_id and shelf().take(paper_id, paper_digests(db.session, [paper_id])[paper_id], sitting_id).paper
    if not sat or not shows_picture(sat, digest):
        raise NotFound(_("没有这张图片。请刷新页面后再看。"))
    return picture_response(picture(db.session, digest), digest, request.environ)


@blueprint.get("/sittings/<int:sitting_id>/receipt")
@candidates_only
@writes
def receipt(sitting_id: int) -> Response | str:
    """The receipt; a sitting whose time is up is closed here and now if nobody has closed it yet."""
    closing.close_overdue(db.session, clock, only=sitting_id)
    own = admission_of(db.session, current_actor().id or 0, sitting_id)
    if own is None:
        raise no_such_sitting()
    issued = receipts.receipt_of(db.session, sitting_id)
    if issued is None:
        return redirect(url_for("admission.waiting", sitting_id=sitting_id))
    claim = latest_claim(db.session, sitting_id)
    standing = claim.standing if claim else "refused"
    return render_template(
        "exam/candidate/receipt.html",
        own=own,
        receipt=issued,
        claim=claim.receipt.code if claim and standing == "pending" else "",
        hand_in_key=_hand_in_key(own) if standing == "refused" else "",
        safe_browser=(asked := safe_browser_of(db.session, own.session.id)) is not None and asked.required,
    )


def _hand_in_key(own: Admission) -> str:
    """The exam's key as long as a sealed file of this sitting would be taken; empty otherwise."""
    row = own.sitting
    until = row.deadline + timedelta(seconds=own.session.offline_seconds) if row.deadline else None
    if row.closed_by == "candidate" or until is None or clock.now() >= until:
        return ""
    found = statements.sheet_facts(sitting=row.id, candidate=own.candidate.id, sign_in="")
    return found[1].hand_in_key if found else ""


@blueprint.get("/receipts")
@blueprint.get("/receipts/<code>")
@public
def check_receipt(code: str = "") -> tuple[str, int] | Response:
    """Anybody with a code sees that the digest stands: digest, time and number of answers, nobody's name."""
    typed = request.args.get("code", "").strip()
    if typed and not code:
        return redirect(url_for("sittings.check_receipt", code=typed[:32]))
    found = receipts.check(db.session, code) if code else None
    page = render_template("exam/candidate/receipt_check.html", code=code, receipt=found)
    return page, 404 if code and found is None else 200


blueprint.register_error_handler(Forbidden, show_refusal)


@blueprint.errorhandler(SignedOut)
def to_the_door(_problem: SignedOut) -> Response:
    """Pages lead to the sign-in; only the API answers with an error."""
    return redirect(url_for("admission.sign_in"))
