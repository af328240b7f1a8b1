"""Who of a post stands how: found by state among thousands, as it was when the page was asked for."""

from collections.abc import Callable
from datetime import datetime
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
from core.web.application import local_time
from core.web.paging import Page, requested_page
from exam.invigilation import queries
from exam.invigilation.blueprint import at_post, post_here, watchers
from exam.invigilation.board import cards
from exam.invigilation.live import CARDS
from exam.invigilation.queries import Attended, Post
from exam.invigilation.rules import GROUPS, Seat
from exam.invigilation.words import GROUP_WORDS, SEATS
from exam.schedule.queries import rooms_of_exam

TIME = "%Y-%m-%d %H:%M:%S"
# They are read in the order of rooms and seats, in which those remain who are alike.
SORTS: dict[str, Callable[[Attended], Any]] = {
    "unit": lambda one: natural_key(one.candidate.unit),
    "number": lambda one: one.candidate.admission_number,
}


@at_post("/people")
@watchers
def people(room_id: int | None, session_id: int | None) -> str:
    """The people of the post by how they stand (``state``), sorted (``sort``), to be acted upon together."""
    post = post_here(room_id, session_id)
    now = clock.now()
    everybody = _found(post, now)
    page = _page(_chosen(everybody))
    return render_template(
        "exam/invigilation/people.html",
        post=post,
        page=page,
        cards=cards(clock, post, [one.sitting for one in page.rows]),
        at=now,
        groups=[(name, word, sum(one.seat in GROUPS[name] for one in everybody)) for name, word in GROUP_WORDS.items()],
        count=len(everybody),
        filtered=bool(request.args.get("state") or request.args.get("q")),
        may_export=current_actor().may(Permission.MANAGE_EXAMS),
    )


@at_post("/people.xlsx")
@requires(Permission.MANAGE_EXAMS)
def export_people(room_id: int | None, session_id: int | None) -> Response:
    """The same list, whole, as a workbook; for organizers, because it carries names away; the export is recorded."""
    post = post_here(room_id, session_id)
    now = clock.now()
    chosen = _chosen(_found(post, now))
    rooms = {room.id: room.name for room in rooms_of_exam(db.session, post.exam.id).get(post.session.id, [])}
    columns = [
        Column(_("考场"), 16),
        Column(_("座位"), 8),
        Column(_("姓名"), 12),
        Column(_("准考证号"), 16),
        Column(_("单位"), 36),
        Column(_("状态"), 12),
        Column(_("开始时间"), 20),
        Column(_("最近一次联系"), 20),
        Column(_("收卷时间"), 20),
    ]
    lines = [_line(one, rooms.get(one.candidate.room_id or 0, "")) for one in chosen]
    heading = _("%(title)s 考生到场情况", title=post.exam.neutral_title)
    notes = [_("场次：%(session)s。%(time)s 的情况。", session=post.session.name, time=local_time(now, TIME))]
    stream = BytesIO()
    write_sheet(stream, _("到场情况"), columns, lines, heading, notes)
    stream.seek(0)
    name = f"{post.exam.code} {post.name} {_('到场情况')}.xlsx"
    actor, told = current_actor(), {"exam": post.exam.id, "room": room_id, "count": len(lines)}
    number = post.session.id
    # Written only now: candidates' saves must not wait for the workbook.
    begin_writing(db.session)
    record(db.session, actor, clock, "people_exported", "exam_session", number, **told)
    return send_file(stream, mimetype=XLSX, as_attachment=True, download_name=name)


def _found(post: Post, now: datetime) -> list[Attended]:
    word = request.args.get("q", "").strip()[:64].lower()
    people = queries.attendance(db.session, post, now)
    if not word:
        return people
    return [
        one for one in people if word in one.candidate.name.lower() or word in one.candidate.admission_number.lower()
    ]


def _chosen(everybody: list[Attended]) -> list[Attended]:
    """Those of the wanted state in the wanted order, which without a wish is that of rooms and seats."""
    state, sort = request.args.get("state", ""), request.args.get("sort", "")
    chosen = [one for one in everybody if state not in GROUPS or one.seat in GROUPS[state]]
    if sort == "-place":
        return chosen[::-1]
    key = SORTS.get(sort.removeprefix("-"))
    return sorted(chosen, key=key, reverse=sort.startswith("-")) if key else chosen


def _page(chosen: list[Attended]) -> Page[Attended]:
    pages = max(1, -(-len(chosen) // CARDS))
    page = min(requested_page(), pages)
    return Page(chosen[(page - 1) * CARDS : page * CARDS], page, pages, len(chosen), CARDS)


def _line(one: Attended, room: str) -> tuple[Value, ...]:
    word = GROUP_WORDS["silent"] if one.seat is Seat.SILENT else SEATS[one.seat][0]
    person, own = one.candidate, one.sitting
    times = (own.started_at, own.last_seen_at, own.closed_at)
    return (
        room,
        person.seat,
        person.name,
        person.admission_number,
        person.unit,
        str(word),
        *(local_time(instant, TIME) for instant in times),
    )
