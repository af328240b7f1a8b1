"""Importing a roster: choose a file, look at the dry run, confirm, undo it while the exam is planned."""

import hashlib
from datetime import date
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from core.accounts.permissions import Permission
from core.clock import clock, from_milliseconds, to_milliseconds
from core.database import after_commit, db
from core.encryption import Vault, mask
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.spreadsheet_writing import XLSX, Column, write_sheet
from core.web import uploads
from core.web.access import current_actor, requires
from core.web.application import local_time
from exam.candidates import service
from exam.candidates.forms import RosterFileForm
from exam.candidates.reading import dry_run
from exam.candidates.roster import TITLES, Roster, Wishes
from exam.schedule import queries as schedule
from exam.schedule.blueprint import Page, blueprint, form_page, refused
from exam.schedule.models import Exam

SHOWN = 200


@blueprint.route("/<int:exam_id>/roster/import", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def import_roster(exam_id: int) -> Response | Page:
    """Choose a file and what to do where it says nothing; nothing is written yet."""
    exam = schedule.exam_of(db.session, exam_id)
    sessions = schedule.sessions_of(db.session, exam.id)
    form = RosterFileForm()
    form.session_id.choices = [
        SelectChoice("0", _("不指定")),
        *(SelectChoice(str(row.id), row.name) for row in sessions),
    ]
    if sessions and form.validate_on_submit():
        filename = form.file.data.filename or ""
        token = uploads.keep(current_actor().account_id, filename, form.file.data.read())
        generate, chosen = "1" if form.generate.data else None, form.session_id.data or None
        return redirect(url_for("exams.review_roster", exam_id=exam.id, token=token, generate=generate, session=chosen))
    return form_page("exam/candidates/import.html", form, exam=exam, sessions=sessions, titles=TITLES)


@blueprint.get("/<int:exam_id>/roster/template.xlsx")
@requires(Permission.MANAGE_EXAMS)
def roster_template(exam_id: int) -> Response:
    """The workbook that units fill in."""
    exam = schedule.exam_of(db.session, exam_id)
    sessions = [row.name for row in schedule.sessions_of(db.session, exam.id)]
    stream = BytesIO()
    write_template(stream, sessions)
    stream.seek(0)
    return send_file(stream, mimetype=XLSX, as_attachment=True, download_name=_("考生名单模板.xlsx"))


def write_template(stream: BytesIO, sessions: list[str]) -> None:
    """An empty roster with a row of explanation; the sessions as a drop-down."""
    widths = {"name": 12, "unit": 28, "post": 20, "number": 18, "identity": 22, "room": 18}
    columns = [
        Column(title, widths.get(field, 12), tuple(sessions) if field == "session" else ())
        for field, title in TITLES.items()
    ]
    notes = [
        _(
            "只有姓名必填；准考证号可以由系统编排。场次只有一个时可以不填。座位号要和考场一起填。"
            "号码各列已设为文本格式，请直接输入，不要改成数字格式。严禁填写涉密内容。"
        )
    ]
    write_sheet(stream, _("考生名单"), columns, [], _("考生名单"), notes)


@blueprint.get("/<int:exam_id>/roster/import/<token>")
@requires(Permission.MANAGE_EXAMS)
def review_roster(exam_id: int, token: str) -> Page:
    """What the file holds: problems first, then the candidates."""
    return _review_page(schedule.exam_of(db.session, exam_id), token)


@blueprint.post("/<int:exam_id>/roster/import/<token>")
@requires(Permission.MANAGE_EXAMS)
def confirm_roster(exam_id: int, token: str) -> Response | Page:
    """Read the kept file again and take it in one transaction."""
    actor = current_actor()
    exam = schedule.exam_of(db.session, exam_id)
    try:
        _filename, data, roster = _dry_run(exam, token)
        count = service.import_roster(
            db.session,
            actor,
            clock,
            exam,
            roster,
            vault=_vault(),
            zone=_zone(),
            source_digest=hashlib.sha256(data).hexdigest(),
        )
    except Conflict as problem:
        refused(problem)
        return _review_page(schedule.exam_of(db.session, exam_id), token, problem)
    after_commit(db.session, lambda: uploads.discard(actor.account_id, token))
    flash(_("已导入 %(count)s 名考生。", count=count))
    imported = to_milliseconds(clock.now())
    return redirect(url_for("exams.roster", exam_id=exam.id, imported=imported if exam.state == "planned" else None))


@blueprint.post("/<int:exam_id>/roster/undo")
@requires(Permission.MANAGE_EXAMS)
def undo_roster(exam_id: int) -> Response:
    """Take an import back."""
    exam = schedule.exam_of(db.session, exam_id)
    stamp = request.form.get("imported", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):
        raise BadInput(_("没有指明要撤销哪一次导入，未作更改。请从导入完成后的页面撤销。"))
    count = service.undo_import(db.session, current_actor(), clock, exam, from_milliseconds(int(stamp)))
    flash(_("已撤销导入，%(count)s 名考生移出了名单。", count=count))
    return redirect(url_for("exams.roster", exam_id=exam.id))


def _review_page(exam: Exam, token: str, problem: DomainError | None = None) -> Page:
    filename, _data, roster = _dry_run(exam, token)
    sessions = {row.id: row.name for row in schedule.sessions_of(db.session, exam.id)}
    page = render_template(
        "exam/candidates/review.html",
        exam=exam,
        token=token,
        filename=filename,
        roster=roster,
        problems=roster.problems[:SHOWN],
        problem=problem,
        sessions=sessions,
        titles=TITLES,
        rows=[(entry.row, _cells(entry, sessions)) for entry in roster.entries[:SHOWN]],
    )
    return page, problem.status if problem else 200


def _cells(entry: Any, sessions: dict[int, str]) -> list[str]:
    return [
        entry.name,
        entry.unit,
        entry.post,
        entry.number or str(_("（系统编排）")),
        mask(entry.identity) if entry.identity else "",
        sessions.get(entry.session_id, ""),
        entry.room,
        entry.seat,
        str(entry.extra_seconds // 60) if entry.extra_seconds else "",
    ]


def _dry_run(exam: Exam, token: str) -> tuple[str, bytes, Roster]:
    filename, data = uploads.take(current_actor().account_id, token)
    asked = request.args.get("session", "")
    chosen = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 15 else None
    if chosen is not None:
        schedule.session_of(db.session, exam.id, chosen)
    wishes = Wishes(generate_numbers=request.args.get("generate") == "1", session_id=chosen)
    today = date.fromisoformat(local_time(clock.now(), "%Y-%m-%d"))
    return filename, data, dry_run(db.session, exam, filename, data, wishes, vault=_vault(), today=today)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.extensions["settings"].time_zone)
