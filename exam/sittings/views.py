"""The page of the sitting, the receipt, and the page where anybody checks a receipt."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.clock import clock
from core.database import db
from core.errors import DomainError, NotFound, SignedOut
from core.i18n import _
from core.web.access import candidates_by_statement, candidates_only, cookie_identity, current_actor, public, writes
from exam.admission.service import admission_of
from exam.answers import statements
from exam.answers.service import Device
from exam.sittings import closing, receipts
from exam.sittings.api import PAPER
from exam.sittings.models import Sitting
from exam.sittings.page import Whose, pages
from exam.sittings.refusals import no_such_sitting
from exam.sittings.rules import RUNNING
from exam.sittings.state import look, note_presence
from question_bank.delivery import picture_of_paper, picture_response

blueprint = Blueprint("sittings", __name__)


@blueprint.get("/sittings/<int:sitting_id>")
@candidates_by_statement
def sheet(sitting_id: int) -> Response | str:
    """The paper with what this candidate has answered; who may not write on it yet (or any more) is shown the way."""
    identity = cookie_identity()
    device = Device(identity.candidate_id, identity.sign_in)
    try:
        state = look(device, sitting_id, clock.now())
    except DomainError as problem:
        if problem.code == "other_device":
            return redirect(url_for("admission.waiting", sitting_id=sitting_id))
        raise
    if state.state == "closed":
        return redirect(url_for("sittings.receipt", sitting_id=sitting_id))
    whose = statements.whose(sitting=sitting_id, candidate=device.candidate_id)
    if state.state not in RUNNING or state.paper is None or whose is None:
        return redirect(url_for("admission.waiting", sitting_id=sitting_id))
    note_presence(device, state)
    known = [sitting_id, state.facts.paper_id, state.facts.paper]
    if session.get(PAPER) != known:
        session[PAPER] = known
    name, number, seat, title = whose
    receipt_url = url_for("sittings.receipt", sitting_id=sitting_id)
    own = Whose(str(sitting_id), name, number, seat, receipt_url, generate_csrf(), state.as_json())
    return pages().page(state.paper, title, url_for("admission.sign_in"), own)


@blueprint.get("/papers/<int:paper_id>/pictures/<digest>")
@candidates_only
def picture(paper_id: int, digest: str) -> Response:
    """A picture of the paper that the candidate is sitting now."""
    mine = select(Sitting.id).where(
        Sitting.candidate_id == current_actor().id, Sitting.paper_id == paper_id, Sitting.state.in_(RUNNING)
    )
    if db.session.scalars(mine).first() is None:
        raise NotFound(_("没有这张图片。请刷新页面后再看。"))
    return picture_response(picture_of_paper(db.session, paper_id, digest), digest, request.environ)


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
    return render_template("exam/candidate/receipt.html", own=own, receipt=issued)


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


@blueprint.errorhandler(SignedOut)
def to_the_door(_problem: SignedOut) -> Response:
    """Pages lead to the sign-in; only the API answers with an error."""
    return redirect(url_for("admission.sign_in"))
