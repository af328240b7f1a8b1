"""Printing tickets and posted seat lists: at once for a few, by a job for many."""

from io import BytesIO

from flask import redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.audit.service import record
from core.clock import clock
from core.database import db
from core.errors import BadInput
from core.i18n import _
from core.jobs.service import enqueue
from core.web.access import current_actor, requires, writes
from core.web.application import public_origin
from exam.schedule import queries
from exam.schedule.blueprint import blueprint
from exam.schedule.models import Exam
from exam.schedule.tickets import DIRECTLY, people, seats_pdf, tickets_pdf

PDF = "application/pdf"


@blueprint.get("/<int:exam_id>/tickets")
@requires(Permission.MANAGE_EXAMS)
def tickets(exam_id: int) -> str:
    """What can be printed: everybody's tickets, a room's, the seat lists."""
    exam = queries.exam_of(db.session, exam_id)
    return render_template(
        "exam/schedule/tickets.html",
        exam=exam,
        sessions=queries.sessions_of(db.session, exam.id),
        rooms=queries.rooms_of_exam(db.session, exam.id),
        counts=queries.counts_by_session(db.session, exam.id),
        in_room=queries.counts_by_room(db.session, exam.id),
        total=queries.candidate_counts(db.session, [exam.id]).get(exam.id, 0),
        directly=DIRECTLY,
    )


@blueprint.get("/<int:exam_id>/tickets.pdf")
@requires(Permission.MANAGE_EXAMS)
@writes
def tickets_now(exam_id: int) -> Response:
    """The tickets of one candidate, a room, a session or all, as long as they are few; the printing is recorded."""
    exam = queries.exam_of(db.session, exam_id)
    session_id, room_id = _place(exam)
    candidate_id = _number("candidate")
    rows = people(db.session, exam.id, session_id=session_id, room_id=room_id, candidate_id=candidate_id)
    if not rows:
        raise BadInput(_("这里没有考生，没有生成准考证。请换一个场次或考场。"))
    if len(rows) > DIRECTLY:
        raise BadInput(
            _("共 %(count)s 张准考证，数量较多，需要在后台生成。请在“准考证”页面点“后台生成”。", count=len(rows))
        )
    about = ("candidate", candidate_id) if candidate_id else ("exam", exam.id)
    record(db.session, current_actor(), clock, "tickets_printed", *about, exam=exam.id, count=len(rows))
    content = tickets_pdf(exam, rows, _sign_in_url())
    name = rows[0][0].admission_number if candidate_id else exam.code
    return _pdf(content, f"{name} {_('准考证')}.pdf")


@blueprint.post("/<int:exam_id>/tickets")
@requires(Permission.MANAGE_EXAMS)
def tickets_by_job(exam_id: int) -> Response:
    """Queue the making of many tickets and go to the page that shows how far it is."""
    exam = queries.exam_of(db.session, exam_id)
    session_id, room_id = _place(exam)
    people(db.session, exam.id, session_id=session_id, room_id=room_id)
    run = enqueue(
        db.session,
        current_actor(),
        clock,
        "exam.tickets",
        exam=exam.id,
        exam_session=session_id,
        room=room_id,
        sign_in_url=_sign_in_url(),
        title=str(_("生成准考证")),
        back=url_for("exams.tickets", exam_id=exam.id),
    )
    return redirect(url_for("jobs.show", run_id=run.id))


@blueprint.get("/<int:exam_id>/seats.pdf")
@requires(Permission.MANAGE_EXAMS)
@writes
def seat_lists(exam_id: int) -> Response:
    """The seat lists to be posted: admission numbers and seats alone."""
    exam = queries.exam_of(db.session, exam_id)
    session_id, room_id = _place(exam)
    rows = people(db.session, exam.id, session_id=session_id, room_id=room_id)
    if not rows:
        raise BadInput(_("这里没有考生，没有生成座次表。请换一个场次或考场。"))
    record(db.session, current_actor(), clock, "seat_lists_printed", "exam", exam.id, count=len(rows))
    return _pdf(seats_pdf(exam, rows), f"{exam.code} {_('座次表')}.pdf")


def _pdf(content: bytes, name: str) -> Response:
    return send_file(BytesIO(content), mimetype=PDF, as_attachment=False, download_name=name)


def _place(exam: Exam) -> tuple[int | None, int | None]:
    """The session and the room that were asked for; both must be the exam's."""
    session_id, room_id = _number("session"), _number("room")
    if session_id is not None:
        queries.session_of(db.session, exam.id, session_id)
        if room_id is not None:
            queries.room_of(db.session, session_id, room_id)
    elif room_id is not None:
        raise BadInput(_("选了考场而没有指明场次，没有生成。请从“准考证”页面重新选择。"))
    return session_id, room_id


def _number(name: str) -> int | None:
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None


def _sign_in_url() -> str:
    return public_origin() + url_for("admission.sign_in")
