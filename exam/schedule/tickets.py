"""Tickets (准考证) and posted seat lists (座次表) as PDF. What is posted holds admission numbers and seats, never names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote

import segno
from flask import current_app
from sqlalchemy.orm import Session

from core.accounts.permissions import Permission
from core.audit.service import record
from core.clock import clock, iso
from core.documents import Layout
from core.errors import Conflict
from core.i18n import _
from core.jobs import files
from core.jobs.worker import Job
from core.web.application import local_time
from exam.admission.rules import ticket_code
from exam.candidates.queries import candidate_of, seat_list
from exam.schedule.models import Candidate, Exam, ExamSession, Room
from exam.schedule.queries import exam_of, session_of

DIRECTLY = 60  # tickets made while somebody waits; more go by job
AT_A_TIME = 50  # tickets laid out between two signs of progress; even, so that no page is left half empty
SEAT_COLUMNS = 3


@dataclass(frozen=True)
class Ticket:
    """One candidate's ticket as printed; ``qr`` a data: address."""

    name: str
    number: str
    unit: str
    time: str
    admission: str
    room: str
    seat: str
    code: str
    qr: str
    issue: int
    rules: tuple[str, ...]


def people(
    session: Session,
    exam_id: int,
    *,
    session_id: int | None = None,
    room_id: int | None = None,
    candidate_id: int | None = None,
) -> list[tuple[Candidate, ExamSession, Room | None]]:
    """Whose tickets: everybody's, a session's, a room's or one person's, in the order of seats.

    Raises ``Conflict`` before publication: times and places may still change.
    """
    exam = exam_of(session, exam_id)
    if exam.state == "planned":
        raise Conflict(_("考试还没有发布，时间和考场可能再变，暂不能印准考证和座次表。请先发布考试。"))
    if candidate_id is not None:
        row = candidate_of(session, exam_id, candidate_id)
        room = session.get(Room, row.room_id) if row.room_id else None
        return [(row, session_of(session, exam_id, row.session_id), room)]
    return [(row[0], row[1], row[2]) for row in seat_list(session, exam_id, session_id, room_id)]


def tickets_pdf(exam: Exam, rows: Sequence[tuple[Candidate, ExamSession, Room | None]], sign_in_url: str) -> bytes:
    """The tickets, two on a page of A4."""
    layout = Layout()
    layout.add(_tickets_html(exam, rows, sign_in_url))
    return layout.pdf()


def seats_pdf(exam: Exam, rows: Sequence[tuple[Candidate, ExamSession, Room | None]]) -> bytes:
    """The posted seat lists, a page (or more) for each room."""
    layout = Layout()
    layout.add(_html("print/seat_list.html", exam, rooms=seat_rooms(rows)))
    return layout.pdf()


def seat_rooms(rows: Sequence[tuple[Candidate, ExamSession, Room | None]]) -> list[dict[str, Any]]:
    """The rooms of a seat list: seats with admission numbers, in columns."""
    rooms: list[dict[str, Any]] = []
    for (one, room), group in groupby(rows, key=lambda row: (row[1], row[2])):
        pairs = [(row[0].seat, row[0].admission_number) for row in group]
        rooms.append(
            {
                "name": room.name if room else _("未安排考场"),
                "session": one.name,
                "time": session_time(one),
                "count": len(pairs),
                "columns": SEAT_COLUMNS,
                "lines": _in_columns(pairs, SEAT_COLUMNS),
            }
        )
    return rooms


def make_tickets(job: Job) -> dict[str, Any]:
    """The job ``exam.tickets``: many tickets as one file. Arguments: exam, exam_session, room, sign_in_url (title, back)."""
    asked = job.arguments
    exam = exam_of(job.session, asked["exam"])
    rows = people(job.session, exam.id, session_id=asked.get("exam_session"), room_id=asked.get("room"))
    layout = Layout()
    for start in range(0, len(rows), AT_A_TIME):
        job.progress(start, len(rows), str(_("正在排版准考证")))
        layout.add(_tickets_html(exam, rows[start : start + AT_A_TIME], asked["sign_in_url"]))
    job.progress(len(rows), len(rows), str(_("正在生成 PDF")))
    content = layout.pdf()
    name = f"{exam.code} {_('准考证')}.pdf"
    record(job.write(), job.actor, job.clock, "tickets_printed", "exam", exam.id, count=len(rows))
    return files.store(job, content, name, "application/pdf", Permission.MANAGE_EXAMS)


def _tickets_html(exam: Exam, rows: Sequence[tuple[Candidate, ExamSession, Room | None]], sign_in_url: str) -> str:
    secret: str = current_app.extensions["settings"].ticket_secret
    tickets = [_ticket(exam, *row, secret=secret, sign_in_url=sign_in_url) for row in rows]
    return _html("print/tickets.html", exam, tickets=tickets, sign_in_url=sign_in_url)


def _ticket(
    exam: Exam, row: Candidate, one: ExamSession, room: Room | None, *, secret: str, sign_in_url: str
) -> Ticket:
    code = ticket_code(secret, exam.id, row.id, row.ticket_issue)
    # In the fragment: browsers never send it, so that no log on the way holds the code.
    address = f"{sign_in_url}#n={quote(row.admission_number)}&c={code.replace('-', '')}"
    return Ticket(
        name=row.name,
        number=row.admission_number,
        unit=row.unit,
        time=session_time(one),
        admission=_("%(time)s 起", time=local_time(one.admission_opens_at)),
        room=room.name if room else "",
        seat=row.seat,
        code=code,
        qr=segno.make(address, error="m").svg_data_uri(border=1),
        issue=row.ticket_issue,
        rules=rules_of(exam, one),
    )


def session_time(one: ExamSession) -> str:
    """When a session is: 2026-11-23 09:00 至 10:30, or the window with its duration."""
    start = local_time(one.starts_at)
    same_day = local_time(one.starts_at, "%Y-%m-%d") == local_time(one.ends_at, "%Y-%m-%d")
    end = local_time(one.ends_at, "%H:%M" if same_day else "%Y-%m-%d %H:%M")
    if one.mode == "fixed":
        return str(_("%(start)s 至 %(end)s", start=start, end=end))
    minutes = one.duration_seconds // 60
    return str(_("%(start)s 至 %(end)s 之间，作答 %(minutes)s 分钟", start=start, end=end, minutes=minutes))


def rules_of(exam: Exam, one: ExamSession) -> tuple[str, ...]:
    """What a candidate must know, from the facts of the exam."""
    rules = []
    if one.invigilated:
        rules.append(_("凭本准考证和有效身份证件入场，对号入座，两证放在桌面备查。"))
    rules += _limits(one)
    if exam.open_book:
        rules.append(_("本场为开卷，只能使用允许的资料，不得与他人交流。"))
    else:
        rules.append(_("本场为闭卷，手机等通信设备和资料关闭后放在指定位置。"))
    rules.append(_("登录后先阅读个人信息处理告知并签署承诺书；答案自动保存，时间以系统时钟为准。"))
    rules.append(_("不得抄录、拍摄、传播试题；遇设备或网络故障请立即举手报告，已保存的答案不会丢失。"))
    return tuple(str(rule) for rule in rules)


def _limits(one: ExamSession) -> list[str]:
    """In one line: from when nobody may enter any more, and before when nobody may hand in."""
    if one.mode == "window":
        return [_("开始作答后连续计时；到规定结束时间统一收卷，晚开始的作答时间相应缩短。")]
    parts = []
    if one.latest_start_seconds is not None:
        parts.append(str(_("开考 %(minutes)s 分钟后不得入场", minutes=one.latest_start_seconds // 60)))
    if one.earliest_submission_seconds:
        parts.append(str(_("开考 %(minutes)s 分钟后方可交卷", minutes=one.earliest_submission_seconds // 60)))
    return [_("，").join(parts) + _("。")] if parts else []


def _in_columns(pairs: Sequence[tuple[str, str]], columns: int) -> list[list[tuple[str, str] | None]]:
    """Down the first column, then down the next; gaps at the end."""
    height = -(-len(pairs) // columns)
    padded = [*pairs, *[None] * (height * columns - len(pairs))]
    return [[padded[column * height + line] for column in range(columns)] for line in range(height)]


def _html(template: str, exam: Exam, **values: Any) -> str:
    # Rendered without the page's context: a job has no request.
    organisation = current_app.extensions["settings"].organisation
    created = iso(_printed_at())
    return current_app.jinja_env.get_template(template).render(
        title=exam.neutral_title, organisation=organisation, created=created, lang="zh-CN", **values
    )


def _printed_at() -> datetime:
    return clock.now().replace(microsecond=0)
