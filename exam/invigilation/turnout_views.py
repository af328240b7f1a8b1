"""单位参考率: who of each unit came, over all rooms of a session; for organizers, because it names the absent."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.audit.service import record
from core.clock import clock
from core.database import begin_writing, db
from core.i18n import _
from core.natural_order import natural_key
from core.spreadsheet_writing import XLSX, Column, Value, write_sheet
from core.web.access import current_actor, requires
from exam.invigilation import queries
from exam.invigilation.blueprint import blueprint, post_here
from exam.invigilation.queries import Post
from exam.invigilation.rules import Seat, Turnout, UnitTurnout, turnout, turnout_by_unit

LONGEST_NAMES = 16_000  # of the 32,767 that a cell holds; a name may take two of them a character
SORTS: dict[str, Callable[[UnitTurnout], Any]] = {
    "unit": lambda one: natural_key(one.unit),
    "expected": lambda one: one.turnout.expected,
    "came": lambda one: one.turnout.came,
    "percent": lambda one: one.share,
}


@blueprint.get("/sessions/<int:session_id>/turnout")
@requires(Permission.MANAGE_EXAMS)
def unit_turnout(session_id: int) -> str:
    """The units with expected, came, percent and the names of the absent."""
    post = post_here(None, session_id)
    units, whole = _units(post)
    return render_template("exam/invigilation/turnout.html", post=post, units=units, whole=whole, seats=Seat)


@blueprint.get("/sessions/<int:session_id>/turnout.xlsx")
@requires(Permission.MANAGE_EXAMS)
def export_turnout(session_id: int) -> Response:
    """The same table as a workbook, in the same order; the export is recorded."""
    post = post_here(None, session_id)
    units, whole = _units(post)
    columns = [
        Column(_("单位"), 36),
        Column(_("应到"), 8),
        Column(_("实到"), 8),
        Column(_("参考率（%）"), 10),
        Column(_("请假缓考"), 10),
        Column(_("未到人数"), 10),
        Column(_("未到人员"), 48),
    ]
    lines = [_line(one.unit or _("未填单位"), one.turnout, _names(one.absent)) for one in units]
    lines.append(_line(_("合计"), whole, ""))
    heading = _("%(title)s 单位参考率", title=post.exam.neutral_title)
    notes = [_("场次：%(session)s。应到不含请假缓考。", session=post.session.name)]
    stream = BytesIO()
    write_sheet(stream, _("单位参考率"), columns, lines, heading, notes)
    stream.seek(0)
    name = f"{post.exam.code} {post.session.name} {_('单位参考率')}.xlsx"
    actor, exam_id = current_actor(), post.exam.id
    # Written only now: candidates' saves must not wait for the workbook.
    begin_writing(db.session)
    record(db.session, actor, clock, "turnout_exported", "exam_session", session_id, exam=exam_id, count=len(units))
    return send_file(stream, mimetype=XLSX, as_attachment=True, download_name=name)


def _units(post: Post) -> tuple[list[UnitTurnout], Turnout]:
    people = queries.attendance(db.session, post, clock.now())
    units = turnout_by_unit((one.candidate.unit, one.candidate.name, one.seat) for one in people)
    asked = request.args.get("sort", "unit")
    key = SORTS.get(asked.removeprefix("-"), SORTS["unit"])
    return sorted(units, key=key, reverse=asked.startswith("-")), turnout(one.seat for one in people)


def _line(unit: str, figures: Turnout, absent: str) -> tuple[Value, ...]:
    percent = Decimal(figures.percent) if figures.expected else None
    missing = figures.expected - figures.came
    return (unit, figures.expected, figures.came, percent, figures.counts[Seat.LEAVE], missing, absent)


def _names(names: tuple[str, ...]) -> str:
    """As many names as a cell holds; the page shows them all."""
    told = "、".join(names)
    return told if len(told) < LONGEST_NAMES else f"{told[:LONGEST_NAMES]}……"
