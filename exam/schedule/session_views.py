"""An exam's sessions and rooms, and who invigilates them."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.web.access import current_actor, requires
from exam.safe_browser.queries import sessions_with
from exam.schedule import queries, service, words
from exam.schedule.blueprint import Page, blueprint, form_page, refused
from exam.schedule.forms import RoomForm, SessionForm, session_form
from exam.schedule.models import Exam
from exam.schedule.rules import Mode, phase
from question_bank.delivery import frozen_papers


@blueprint.get("/<int:exam_id>/sessions")
@requires(Permission.MANAGE_EXAMS)
def sessions(exam_id: int) -> str:
    """Every session with its times, its paper, its rooms and who watches there."""
    exam = queries.exam_of(db.session, exam_id)
    return _sessions_page(exam)


def _sessions_page(exam: Exam, problem: DomainError | None = None) -> str:
    rows = queries.sessions_of(db.session, exam.id)
    now = clock.now()
    return render_template(
        "exam/schedule/sessions.html",
        exam=exam,
        problem=problem,
        sessions=rows,
        phases={row.id: phase(row.admission_opens_at, row.starts_at, row.ends_at, now).value for row in rows},
        papers={paper.paper_id: paper for paper in queries.papers_for(db.session, exam)},
        rooms=queries.rooms_of_exam(db.session, exam.id),
        invigilators=queries.invigilators_of_exam(db.session, exam.id),
        counts=queries.counts_by_session(db.session, exam.id),
        safe_browsers=sessions_with(db.session, exam.id),
        in_room=queries.counts_by_room(db.session, exam.id),
        words=words,
    )


@blueprint.route("/<int:exam_id>/sessions/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def new_session(exam_id: int) -> Response | Page:
    """Add a session of the mode that the address names; the fixed one by default, a window for quizzes."""
    exam = queries.exam_of(db.session, exam_id)
    preset = Mode.FIXED if exam.kind == "ability_test" else Mode.WINDOW
    asked = request.args.get("mode", preset.value)
    mode = Mode(asked) if asked in set(Mode) else preset
    form = session_form(mode)
    _offer_papers(form, exam)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            service.add_session(db.session, current_actor(), clock, exam, form.as_data())
        except (BadInput, Conflict) as found:
            problem = form.show_fault(refused(found))
        else:
            flash(_("场次已安排。接着可以添加考场，或导入名单时由系统按名单建立考场。"))
            return redirect(url_for("exams.sessions", exam_id=exam_id))
    exam = queries.exam_of(db.session, exam_id)
    return form_page("exam/schedule/session.html", form, problem, exam=exam, row=None, mode=mode.value, words=words)


@blueprint.route("/<int:exam_id>/sessions/<int:session_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def edit_session(exam_id: int, session_id: int) -> Response | Page:
    """Change a session until it starts."""
    exam = queries.exam_of(db.session, exam_id)
    row = queries.session_of(db.session, exam_id, session_id)
    form = session_form(Mode(row.mode), row)
    _offer_papers(form, exam)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            service.change_session(db.session, current_actor(), clock, exam, row, form.as_data())
        except (BadInput, Conflict) as found:
            problem = form.show_fault(refused(found))
        else:
            flash(_("场次已保存。"))
            if exam.state == "published":
                flash(_("考试已发布：如果改了时间，请重新印发准考证或另行通知考生。"), "warning")
            return redirect(url_for("exams.sessions", exam_id=exam_id))
    exam = queries.exam_of(db.session, exam_id)
    row = queries.session_of(db.session, exam_id, session_id)
    return form_page("exam/schedule/session.html", form, problem, exam=exam, row=row, mode=row.mode, words=words)


def _offer_papers(form: SessionForm, exam: Exam) -> None:
    papers = queries.papers_for(db.session, exam)
    form.paper_id.choices = [SelectChoice("0", _("以后再选"))] + [
        SelectChoice(
            str(paper.paper_id),
            _(
                "%(code)s %(title)s（%(items)s 题，%(total)s 分）%(mark)s",
                code=paper.code,
                title=paper.title,
                items=paper.items,
                total=f"{paper.total_hundredths // 100}.{paper.total_hundredths % 100:02d}",
                mark=_("【演示·未核对】") if paper.demonstration else "",
            ),
        )
        for paper in papers
    ]
    hidden = len(frozen_papers(db.session)) - len(papers)
    form.paper_id.description = _("只列出已定稿的试卷。")
    if hidden:
        form.paper_id.description += _("另有 %(count)s 份演示试卷，只能用于标记为演示的考试，没有列出。", count=hidden)


@blueprint.post("/<int:exam_id>/sessions/<int:session_id>/remove")
@requires(Permission.MANAGE_EXAMS)
def remove_session(exam_id: int, session_id: int) -> Response | Page:
    """Remove an empty session."""
    exam = queries.exam_of(db.session, exam_id)
    row = queries.session_of(db.session, exam_id, session_id)
    try:
        service.remove_session(db.session, current_actor(), clock, exam, row)
    except Conflict as found:
        problem = refused(found)
        return _sessions_page(queries.exam_of(db.session, exam_id), problem), problem.status
    flash(_("场次已删除。"))
    return redirect(url_for("exams.sessions", exam_id=exam_id))


@blueprint.route("/<int:exam_id>/sessions/<int:session_id>/rooms/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def new_room(exam_id: int, session_id: int) -> Response | Page:
    """Add a room with its invigilators."""
    exam = queries.exam_of(db.session, exam_id)
    row = queries.session_of(db.session, exam_id, session_id)
    form = RoomForm()
    _offer_invigilators(form)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            service.refuse_archived(exam)
            room = service.add_room(db.session, current_actor(), clock, row, form.name.data)
            chosen = form.invigilators.data or []
            service.change_room(
                db.session,
                current_actor(),
                clock,
                room,
                name=form.name.data,
                invigilators=chosen,
                address_ranges=form.address_ranges.data,
            )
        except (BadInput, Conflict) as found:
            problem = form.show_fault(refused(found))
        else:
            flash(_("考场已添加。"))
            return redirect(url_for("exams.sessions", exam_id=exam_id))
    return _room_page(exam_id, session_id, form, problem)


@blueprint.route("/<int:exam_id>/sessions/<int:session_id>/rooms/<int:room_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def edit_room(exam_id: int, session_id: int, room_id: int) -> Response | Page:
    """Rename a room and say who invigilates it."""
    exam = queries.exam_of(db.session, exam_id)
    queries.session_of(db.session, exam_id, session_id)
    room = queries.room_of(db.session, session_id, room_id)
    held = queries.invigilators_of_exam(db.session, exam_id).get(room_id, [])
    form = RoomForm.of(room, [account.id for account in held])
    _offer_invigilators(form)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            service.refuse_archived(exam)
            service.change_room(
                db.session,
                current_actor(),
                clock,
                room,
                name=form.name.data,
                invigilators=form.invigilators.data or [],
                address_ranges=form.address_ranges.data,
            )
        except (BadInput, Conflict) as found:
            problem = form.show_fault(refused(found))
        else:
            flash(_("考场已保存。"))
            return redirect(url_for("exams.sessions", exam_id=exam_id))
    return _room_page(exam_id, session_id, form, problem, room_id)


def _room_page(
    exam_id: int, session_id: int, form: RoomForm, problem: DomainError | None, room_id: int | None = None
) -> Page:
    return form_page(
        "exam/schedule/room.html",
        form,
        problem,
        exam=queries.exam_of(db.session, exam_id),
        row=queries.session_of(db.session, exam_id, session_id),
        room=queries.room_of(db.session, session_id, room_id) if room_id else None,
    )


@blueprint.post("/<int:exam_id>/sessions/<int:session_id>/rooms/<int:room_id>/remove")
@requires(Permission.MANAGE_EXAMS)
def remove_room(exam_id: int, session_id: int, room_id: int) -> Response | Page:
    """Remove an empty room."""
    exam = queries.exam_of(db.session, exam_id)
    queries.session_of(db.session, exam_id, session_id)
    room = queries.room_of(db.session, session_id, room_id)
    try:
        service.refuse_archived(exam)
        service.remove_room(db.session, current_actor(), clock, room)
    except Conflict as found:
        problem = refused(found)
        return _sessions_page(queries.exam_of(db.session, exam_id), problem), problem.status
    flash(_("考场已删除。"))
    return redirect(url_for("exams.sessions", exam_id=exam_id))


def _offer_invigilators(form: RoomForm) -> None:
    form.invigilators.choices = [
        SelectChoice(str(account.id), f"{account.name}（{account.username}）")
        for account in queries.possible_invigilators(db.session)
    ]
