"""The roster of an exam: the list, one candidate, leave, new tickets. Importing has a module of its own."""

from datetime import date
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from core.accounts.permissions import Permission
from core.audit.service import record
from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.spreadsheet_writing import XLSX, Column, write_sheet
from core.web.access import current_actor, requires, writes
from core.web.application import local_time
from core.web.numbers import id_of
from core.web.paging import paginate, requested_page
from exam.candidates import import_views, queries, service
from exam.candidates.forms import CandidateForm, LeaveForm
from exam.candidates.queries import Filters
from exam.candidates.roster import TITLES, check_one
from exam.candidates.words import SITTING_STATES
from exam.schedule import queries as schedule
from exam.schedule.blueprint import Page, blueprint, form_page, refused
from exam.schedule.models import Exam

__all__ = ["blueprint", "import_views"]


@blueprint.get("/<int:exam_id>/roster")
@requires(Permission.MANAGE_EXAMS)
def roster(exam_id: int) -> str:
    """The candidates: searched, filtered, sorted, paged."""
    exam = schedule.exam_of(db.session, exam_id)
    filters = _requested(exam)
    page = paginate(db.session, queries.candidates(exam.id, filters), requested_page())
    ids = [row.id for row in page.rows]
    session_names, room_names = queries.names_of_places(db.session, exam.id)
    return render_template(
        "exam/candidates/index.html",
        exam=exam,
        page=page,
        filters=filters,
        filtered=bool(request.args.keys() - {"page", "sort", "imported"}),
        groups=_chips(exam, filters),
        units=queries.units(db.session, exam.id),
        sessions=session_names,
        rooms=room_names,
        leave=queries.leave_among(db.session, exam.id, ids),
        states=queries.sitting_states_of(db.session, ids),
        state_words=SITTING_STATES,
        imported=request.args.get("imported", "") if exam.state == "planned" else "",
    )


def _requested(exam: Exam) -> Filters:
    asked = request.args
    return Filters(
        search=asked.get("q", "").strip()[:100],
        session_id=id_of(asked.get("session")) or None,
        room=asked.get("room", "")[:12],
        unit=asked.get("unit", "")[:200],
        leave="yes" if asked.get("leave") == "yes" else "",
        sort=asked.get("sort", "number"),
    )


def _chips(exam: Exam, filters: Filters) -> list[dict[str, Any]]:
    sessions = schedule.sessions_of(db.session, exam.id)
    rooms = schedule.rooms_of_exam(db.session, exam.id)
    by_session = schedule.counts_by_session(db.session, exam.id)
    by_room = schedule.counts_by_room(db.session, exam.id)
    shown = [row for row in sessions if filters.session_id in (None, row.id)]
    groups = []
    if len(sessions) > 1:
        options = [("", _("全部"), None), *((str(row.id), row.name, by_session.get(row.id, 0)) for row in sessions)]
        groups.append({"name": "session", "label": _("场次"), "options": options})
    options = [(str(room.id), room.name, by_room.get(room.id, 0)) for row in shown for room in rooms.get(row.id, [])]
    if options:
        if len(shown) > 1:
            names = {room.id: row.name for row in shown for room in rooms.get(row.id, [])}
            options = [(key, f"{names[int(key)]} {name}", count) for key, name, count in options]
        without = [(queries.NO_ROOM, _("没有考场"), by_room[None])] if by_room.get(None) else []
        groups.append({"name": "room", "label": _("考场"), "options": [("", _("全部"), None), *options, *without]})
    excused = schedule.leave_count(db.session, exam.id)
    if excused or filters.leave:
        leave = [("", _("全部"), None), ("yes", _("请假缓考"), excused)]
        groups.append({"name": "leave", "label": _("请假"), "options": leave})
    return groups


@blueprint.get("/<int:exam_id>/roster/export.xlsx")
@requires(Permission.MANAGE_EXAMS)
@writes
def export_roster(exam_id: int) -> Response:
    """The candidates of the list as it is filtered, identity numbers masked; the export is recorded."""
    exam = schedule.exam_of(db.session, exam_id)
    rows = db.session.scalars(queries.candidates(exam.id, _requested(exam))).all()
    session_names, room_names = queries.names_of_places(db.session, exam.id)
    leave = queries.leave_among(db.session, exam.id, [row.id for row in rows])
    columns = [Column(TITLES[name], 18) for name in TITLES] + [Column(_("请假缓考"), 10)]
    lines = [
        (
            row.name,
            row.unit,
            row.post,
            row.admission_number,
            row.identity_masked,
            session_names.get(row.session_id, ""),
            room_names.get(row.room_id or 0, ""),
            row.seat,
            row.extra_seconds // 60 or None,
            _("是") if row.id in leave else "",
        )
        for row in rows
    ]
    stream = BytesIO()
    write_sheet(stream, _("考生名单"), columns, lines, _("%(title)s 考生名单", title=exam.neutral_title))
    stream.seek(0)
    record(db.session, current_actor(), clock, "roster_exported", "exam", exam.id, count=len(lines))
    return send_file(stream, mimetype=XLSX, as_attachment=True, download_name=f"{exam.code} {_('考生名单')}.xlsx")


@blueprint.route("/<int:exam_id>/roster/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def new_candidate(exam_id: int) -> Response | Page:
    """Add one candidate, under the same checks as a roster."""
    exam = schedule.exam_of(db.session, exam_id)
    form = CandidateForm()
    names = _offer_places(form, exam)
    problem: DomainError | None = None
    if form.validate_on_submit():
        session_id, room_id = form.place_chosen()
        known = queries.known(db.session, exam, _vault(), date.fromisoformat(local_time(clock.now(), "%Y-%m-%d")))
        entry, faults = check_one(
            {
                "name": form.name.data,
                "unit": form.unit.data,
                "post": form.post.data,
                "number": form.number.data,
                "identity": form.identity.data,
                "session": names[session_id, None],
                "room": names[session_id, room_id] if room_id else "",
                "seat": form.seat.data,
                "extra": str(form.extra_minutes.data or ""),
            },
            known,
        )
        for name, sentence in faults:
            form[{"session": "place", "room": "place", "extra": "extra_minutes"}.get(name, name)].errors = [sentence]
        if not faults:
            try:
                row = service.add_candidate(
                    db.session, current_actor(), clock, exam, entry, vault=_vault(), zone=_zone()
                )
            except (BadInput, Conflict) as found:
                problem = refused(found)
            else:
                flash(_("已加入名单，准考证号 %(number)s。", number=row.admission_number))
                return redirect(url_for("exams.roster", exam_id=exam_id))
    exam = schedule.exam_of(db.session, exam_id)
    return form_page("exam/candidates/edit.html", form, problem, exam=exam, candidate=None)


@blueprint.route("/<int:exam_id>/roster/<int:candidate_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def candidate(exam_id: int, candidate_id: int) -> Response | Page:
    """One candidate: what is known, what can be changed, leave and ticket."""
    exam = schedule.exam_of(db.session, exam_id)
    row = queries.candidate_of(db.session, exam_id, candidate_id)
    place = f"{row.session_id}:{row.room_id or ''}"
    form = CandidateForm(obj=row, data={"place": place, "extra_minutes": row.extra_seconds // 60})
    del form.number, form.identity
    _offer_places(form, exam)
    problem: DomainError | None = None
    if form.validate_on_submit():
        session_id, room_id = form.place_chosen()
        data = service.CandidateData(
            form.name.data,
            form.unit.data,
            form.post.data,
            session_id,
            room_id,
            form.seat.data,
            (form.extra_minutes.data or 0) * 60,
        )
        try:
            service.change_candidate(db.session, current_actor(), clock, exam, row, data)
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("已保存。"))
            return redirect(url_for("exams.candidate", exam_id=exam_id, candidate_id=candidate_id))
    return _candidate_page(exam_id, candidate_id, form, problem)


def _candidate_page(exam_id: int, candidate_id: int, form: CandidateForm, problem: DomainError | None) -> Page:
    row = queries.candidate_of(db.session, exam_id, candidate_id)
    sitting = queries.sitting_of(db.session, row.id)
    session_names, room_names = queries.names_of_places(db.session, exam_id)
    leaves = queries.leaves_of(db.session, row.id)
    return form_page(
        "exam/candidates/show.html",
        form,
        problem,
        exam=schedule.exam_of(db.session, exam_id),
        candidate=row,
        sitting=sitting,
        state=SITTING_STATES.get(sitting.state) if sitting else None,
        session_name=session_names[row.session_id],
        room_name=room_names.get(row.room_id or 0, ""),
        leaves=leaves,
        on_leave=bool(leaves and leaves[0].granted),
    )


@blueprint.route("/<int:exam_id>/roster/<int:candidate_id>/leave", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def leave(exam_id: int, candidate_id: int) -> Response | Page:
    """Record approved leave, or take it back where it stands."""
    exam = schedule.exam_of(db.session, exam_id)
    row = queries.candidate_of(db.session, exam_id, candidate_id)
    excused = bool(queries.leave_among(db.session, exam_id, [row.id]))
    form = LeaveForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        act = service.withdraw_leave if excused else service.grant_leave
        words = {"basis": form.basis.data, "approved_by": form.approved_by.data, "approved_on": form.approved_on.data}
        try:
            act(db.session, current_actor(), clock, exam, row, **words)
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("已撤回请假缓考。") if excused else _("已登记请假缓考，不按缺考统计。"))
            return redirect(url_for("exams.candidate", exam_id=exam_id, candidate_id=candidate_id))
    return form_page(
        "exam/candidates/leave.html",
        form,
        problem,
        exam=schedule.exam_of(db.session, exam_id),
        candidate=queries.candidate_of(db.session, exam_id, candidate_id),
        excused=excused,
    )


@blueprint.route("/<int:exam_id>/roster/<int:candidate_id>/reissue", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def reissue(exam_id: int, candidate_id: int) -> Response | Page:
    """A new ticket, which voids the old one: a page that says so, then the act."""
    exam = schedule.exam_of(db.session, exam_id)
    row = queries.candidate_of(db.session, exam_id, candidate_id)
    if request.method == "POST":
        service.reissue_ticket(db.session, current_actor(), clock, exam, row)
        flash(_("已补发准考证，旧登录码作废。请打印新的准考证交给本人。"))
        return redirect(url_for("exams.candidate", exam_id=exam_id, candidate_id=candidate_id))
    return render_template("exam/candidates/reissue.html", exam=exam, candidate=row)


@blueprint.route("/<int:exam_id>/roster/<int:candidate_id>/remove", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def remove_candidate(exam_id: int, candidate_id: int) -> Response | Page:
    """Take somebody off the roster of a planned exam: a page that says so, then the act."""
    exam = schedule.exam_of(db.session, exam_id)
    row = queries.candidate_of(db.session, exam_id, candidate_id)
    if request.method == "POST":
        service.remove_candidate(db.session, current_actor(), clock, exam, row)
        flash(_("已移出名单。"))
        return redirect(url_for("exams.roster", exam_id=exam_id))
    return render_template("exam/candidates/remove.html", exam=exam, candidate=row)


def _offer_places(form: CandidateForm, exam: Exam) -> dict[tuple[int, int | None], str]:
    """Fill the choices of places; return the names of sessions and rooms by their ids."""
    rooms = schedule.rooms_of_exam(db.session, exam.id)
    names: dict[tuple[int, int | None], str] = {}
    choices = []
    for row in schedule.sessions_of(db.session, exam.id):
        names[row.id, None] = row.name
        choices.append(SelectChoice(f"{row.id}:", _("%(session)s（没有考场）", session=row.name)))
        for room in rooms.get(row.id, []):
            names[row.id, room.id] = room.name
            choices.append(SelectChoice(f"{row.id}:{room.id}", f"{row.name} · {room.name}"))
    form.place.choices = choices
    return names


def _vault() -> Any:
    return current_app.extensions["vault"]


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.extensions["settings"].time_zone)
