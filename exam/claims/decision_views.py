"""The organizer decides on offline hand-ins: what is claimed beside what the server holds, then confirmed or refused."""

import json
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.accounts.actors import Actor
from core.accounts.permissions import Permission
from core.audit.service import record
from core.clock import clock
from core.database import begin_writing, db, rollback
from core.errors import DomainError
from core.home.views import Task
from core.i18n import _
from core.spreadsheet_writing import XLSX, Column, Value, write_sheet
from core.web.access import current_actor, requires
from core.web.application import local_time
from exam.claims import queries, service
from exam.claims.forms import DecisionForm
from exam.claims.rules import PROPOSED, instant, show_code
from exam.claims.words import JUDGEMENTS, STANDINGS
from exam.schedule.queries import exam_of
from exam.schedule.service import refuse_archived
from exam.sittings.receipts import final_answers

blueprint = Blueprint("offline_claims", __name__, url_prefix="/exams")
Page = str | tuple[str, int]


@blueprint.get("/<int:exam_id>/offline-claims")
@requires(Permission.MANAGE_EXAMS)
def index(exam_id: int) -> str:
    """Every claim of the exam, those that wait first."""
    exam = exam_of(db.session, exam_id)
    claims = queries.claims_of_exam(db.session, exam_id)
    return render_template("exam/claims/index.html", exam=exam, claims=claims, standings=STANDINGS, show_code=show_code)


@blueprint.get("/<int:exam_id>/offline-claims.xlsx")
@requires(Permission.MANAGE_EXAMS)
def export(exam_id: int) -> Response:
    """Every claim of the exam as a workbook: code, digests, who noted, signed, uploaded and decided, and when; recorded."""
    exam = exam_of(db.session, exam_id)
    lines = [_line(one) for one in queries.claims_of_exam(db.session, exam_id)]
    stream = BytesIO()
    columns = [Column(str(label), width) for label, width in _columns()]
    heading = _("%(title)s 离线交卷", title=exam.neutral_title)
    write_sheet(stream, _("离线交卷"), columns, lines, heading, [_("文件摘要、作答摘要均为 SHA-256。")])
    stream.seek(0)
    name = f"{exam.code} {_('离线交卷')}.xlsx"
    actor = current_actor()
    # Written only now: candidates' saves must not wait for the workbook.
    begin_writing(db.session)
    record(db.session, actor, clock, "offline_claims_exported", "exam", exam_id, count=len(lines))
    return send_file(stream, mimetype=XLSX, as_attachment=True, download_name=name)


def _columns() -> list[tuple[str, int]]:
    return [
        (_("准考证号"), 16),
        (_("姓名"), 12),
        (_("单位"), 30),
        (_("离线交卷码"), 12),
        (_("登记人"), 12),
        (_("登记时间"), 19),
        (_("第二人签字"), 12),
        (_("上传人"), 12),
        (_("上传时间"), 19),
        (_("文件摘要"), 66),
        (_("回执版次"), 10),
        (_("回执码"), 14),
        (_("作答摘要"), 66),
        (_("状态"), 14),
        (_("决定人"), 12),
        (_("决定时间"), 19),
        (_("理由"), 40),
    ]


def _line(one: queries.Claim) -> tuple[Value, ...]:
    def when(instant: datetime | None) -> str:
        return local_time(instant, "%Y-%m-%d %H:%M:%S") if instant else ""

    claim, decision = one.claim, one.decision
    return (
        one.candidate.admission_number,
        one.candidate.name,
        one.candidate.unit,
        show_code(one.code.code),
        one.names["noted"],
        when(one.code.noted_at),
        one.names["signed"],
        one.names["uploaded"],
        when(claim.uploaded_at),
        claim.file_digest,
        claim.revision,
        one.receipt.code,
        one.receipt.digest,
        str(STANDINGS[one.standing][0]),
        one.names["decided"],
        when(decision.decided_at if decision else None),
        decision.reason if decision else "",
    )


@blueprint.route("/<int:exam_id>/offline-claims/<int:claim_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def show(exam_id: int, claim_id: int) -> Response | Page:
    """One claim: its facts, its steps, the decision."""
    form = DecisionForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            refuse_archived(exam_of(db.session, exam_id))
            claim = queries.claim_of(db.session, exam_id, claim_id)
            verdict, reason = form.verdict.data, form.reason.data
            service.decide(db.session, current_actor(), clock, claim, verdict=verdict, reason=reason)
        except DomainError as found:
            rollback(db.session)
            problem = found
        else:
            told = {
                "confirmed": _("已确认，所提作答计入，正在重新评分。"),
                "refused": _("已作出不予采纳的决定，成绩不变。"),
            }
            flash(told[form.verdict.data])
            return redirect(url_for("offline_claims.index", exam_id=exam_id))
    claim = queries.claim_of(db.session, exam_id, claim_id)
    page = render_template(
        "exam/claims/show.html",
        exam=exam_of(db.session, exam_id),
        claim=claim,
        slots=_slots(db.session, claim),
        steps=queries.steps_of(db.session, claim_id),
        form=form,
        problem=problem,
        standings=STANDINGS,
        judgements=JUDGEMENTS,
        show_code=show_code,
        words=_words,
        instant=instant,
    )
    return page, problem.status if problem else 422 if form.errors else 200


def _slots(session: Session, claim: queries.Claim) -> list[dict[str, Any]]:
    """Where the claim would change an answer: slot, what the server holds, what is claimed."""
    counted = final_answers(session, [claim.sitting.id]).get(claim.sitting.id, {})
    proposed: dict[int, str] = {}
    for step in queries.steps_of(session, claim.claim.id):
        if step.judgement == PROPOSED:
            proposed[int(step.slot)] = step.response
    return [
        {"slot": slot, "held": counted[slot][0] if slot in counted else "[]", "claimed": response}
        for slot, response in sorted(proposed.items())
    ]


def _words(response: str) -> str:
    """A stored response for people: A、C; 未作答 for a withdrawn or missing one."""
    try:
        parts = json.loads(response)
    except ValueError:
        return response
    known = {"true": _("正确"), "false": _("错误")}
    return "、".join(known.get(str(part), str(part)) for part in parts) or _("未作答")


def exam_pages(exam_id: int, actor: Actor) -> list[tuple[str, str]]:
    """The tab of an exam that has claims, for organizers."""
    if not actor.may(Permission.MANAGE_EXAMS) or not queries.claims_of_exam(db.session, exam_id):
        return []
    return [(_("离线交卷"), url_for("offline_claims.index", exam_id=exam_id))]


def find_tasks(session: Session, actor: Actor) -> list[Task]:
    """Claims that wait for this organizer's decision."""
    if not actor.may(Permission.MANAGE_EXAMS):
        return []
    return [
        Task(_("份离线交卷等待确认"), count, url_for("offline_claims.index", exam_id=exam_id))
        for exam_id, count in queries.pending_by_exam(session, actor)
    ]
