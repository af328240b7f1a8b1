"""The candidate's pages before the sitting: the door, my exams, notice, commitment, waiting room."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core.clock import clock, iso
from core.database import db
from core.errors import BadInput, Conflict, DomainError, Forbidden, LockedOut
from core.i18n import _
from core.web.access import candidates_frame, candidates_only, current_actor, forget, public
from exam.admission import service
from exam.admission.forms import CommitmentForm, NoticeForm, SignInForm
from exam.admission.presence import enter
from exam.admission.service import Admission
from exam.safe_browser import gate
from exam.safe_browser.views import show_refusal
from exam.sittings.refusals import no_such_sitting
from exam.sittings.rules import RUNNING, text_digest

blueprint = Blueprint("admission", __name__)
blueprint.context_processor(candidates_frame)
Answer = Response | str | tuple[str, int]


@blueprint.route("/candidate", methods=["GET", "POST"])
@public
def sign_in() -> Answer:
    """The reception desk: number and code, nothing else."""
    form = SignInForm()
    if not form.validate_on_submit():
        if not form.is_submitted() and current_user.is_authenticated and current_actor().kind == "candidate":
            return redirect(url_for("admission.my_exams"))
        return render_template("exam/admission/sign_in.html", form=form), 422 if form.is_submitted() else 200
    enter(form.admission_number.data or "", form.ticket_code.data or "")
    return redirect(url_for("admission.my_exams"))


@blueprint.errorhandler(BadInput)
@blueprint.errorhandler(LockedOut)
@blueprint.errorhandler(Conflict)
def refuse_on_page(problem: DomainError) -> Answer:
    """A refusal is told on the page where it happened, with what was typed."""
    told = {"problem": str(problem.message)}
    if request.endpoint == "admission.sign_in":
        return render_template("exam/admission/sign_in.html", form=SignInForm(), **told), problem.status
    if request.endpoint == "admission.commitment":
        own = _own(int((request.view_args or {})["sitting_id"]))
        return _commitment_page(own, CommitmentForm(), **told), problem.status
    return render_template("errors/error.html", status=problem.status, message=told["problem"]), problem.status


blueprint.register_error_handler(Forbidden, show_refusal)


@blueprint.post("/candidate/sign-out")
@candidates_only
def sign_out() -> Response:
    """Leave this computer: the next candidate finds the door."""
    service.sign_out_candidate(db.session, current_actor(), clock)
    forget()
    return redirect(url_for("admission.sign_in"))


@blueprint.get("/candidate/exams")
@candidates_only
def my_exams() -> str:
    """What this candidate may sit, in what state it is, and what to do next."""
    own = service.admission_of(db.session, current_actor().id or 0)
    if own:
        _let_in(own)
    room = service.room_name(db.session, own.candidate) if own else ""
    state, next_url = _state(own), _next_url(own) if own else ""
    at_it = own is not None and state in RUNNING and own.sitting.holder == current_actor().sign_in
    return render_template(
        "exam/admission/my_exams.html", own=own, room=room, state=state, next_url=next_url, at_it=at_it
    )


@blueprint.route("/sittings/<int:sitting_id>/notice", methods=["GET", "POST"])
@candidates_only
def notice(sitting_id: int) -> Answer:
    """个人信息处理告知: read and agreed to, with the time."""
    own = _own(sitting_id)
    form = NoticeForm()
    if form.validate_on_submit():
        service.agree_to_notice(db.session, current_actor(), clock, own)
        return redirect(url_for("admission.commitment", sitting_id=sitting_id))
    page = render_template("exam/admission/notice.html", own=own, form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/sittings/<int:sitting_id>/commitment", methods=["GET", "POST"])
@candidates_only
def commitment(sitting_id: int) -> Answer:
    """承诺书: its exact text is hashed and signed with one's own name."""
    own = _own(sitting_id)
    if own.sitting.notice_agreed_at is None:
        return redirect(url_for("admission.notice", sitting_id=sitting_id))
    form = CommitmentForm()
    if form.validate_on_submit():
        typed, digest = form.name.data or "", form.digest.data or ""
        service.sign_commitment(db.session, current_actor(), clock, own, typed, digest)
        flash(_("承诺书已签署。"), "success")
        return redirect(url_for("admission.waiting", sitting_id=sitting_id))
    return _commitment_page(own, form), 422 if form.is_submitted() else 200


@blueprint.get("/sittings/<int:sitting_id>/waiting")
@candidates_only
def waiting(sitting_id: int) -> Answer:
    """候考: the server's clock, and the paper as soon as it may be opened."""
    own = _own(sitting_id)
    url = _next_url(own)
    if url != request.path:
        return redirect(url)
    state = _state(own)
    told = {
        "sitting": own.sitting.id,
        "mode": own.session.mode,
        "opens_at": iso(own.session.starts_at),
        "server_time": iso(clock.now()),
        "commitment": text_digest(own.exam.commitment),
        "held_elsewhere": state in RUNNING,
        "time_zone": current_app.extensions["settings"].time_zone,
        "sheet": url_for("sittings.sheet", sitting_id=sitting_id),
    }
    room = service.room_name(db.session, own.candidate)
    return render_template("exam/admission/waiting.html", own=own, state=state, told=told, room=room)


def _own(sitting_id: int) -> Admission:
    own = service.admission_of(db.session, current_actor().id or 0, sitting_id)
    if own is None:
        raise no_such_sitting()
    _let_in(own)
    return own


def _let_in(own: Admission) -> None:
    if _state(own) != "closed":
        gate.let_in(own.sitting.id, own.session.id)


def _state(own: Admission | None) -> str:
    return own.state(clock.now()) if own else ""


def _next_url(own: Admission) -> str:
    """Where this candidate goes on."""
    state, signed = _state(own), own.sitting.commitment_digest == text_digest(own.exam.commitment)
    if state == "closed":
        step = "sittings.receipt"
    elif state in RUNNING:
        held_here = own.sitting.holder == current_actor().sign_in
        step = "sittings.sheet" if held_here else "admission.waiting"
    elif own.sitting.notice_agreed_at is None:
        step = "admission.notice"
    else:
        step = "admission.waiting" if signed else "admission.commitment"
    return url_for(step, sitting_id=own.sitting.id)


def _commitment_page(own: Admission, form: CommitmentForm, problem: str = "") -> str:
    digest = text_digest(own.exam.commitment)
    return render_template(
        "exam/admission/commitment.html", own=own, form=form, digest=digest, problem=problem, next_url=_next_url(own)
    )
