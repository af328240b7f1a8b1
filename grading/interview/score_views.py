"""The examiner's desk: the score sheet, its saving, its correction, and stepping back for kinship or interest."""

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from core.clock import clock, iso
from core.database import db
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.web.access import accounts_only, current_actor
from core.web.application import wants_json
from grading.interview import recusals, sheets
from grading.interview.access import panel_as
from grading.interview.blueprint import blueprint
from grading.interview.chain import EXAMINERS
from grading.interview.desk import Desk, desk
from grading.interview.forms import ReasonForm
from grading.interview.live import live_page
from grading.interview.models import PanelMember
from grading.interview.queries import element_rows, turn_of

Page = Redirect | Response | str | tuple[Any, int]


@blueprint.get("/panels/<int:panel_id>/score")
@accounts_only
def score(panel_id: int) -> Response:
    """The sheet for the candidate in the room; one's own sheet once it is saved; the waiting page between candidates."""
    panel, member = panel_as(db.session, current_actor(), panel_id, *EXAMINERS)
    found = desk(db.session, panel, member)

    def context() -> dict[str, Any]:
        return _context(found)

    return live_page("grading/interview/score.html", "grading/interview/_score_key.html", found.key, context)


@blueprint.post("/panels/<int:panel_id>/turns/<int:turn_id>/sheet")
@accounts_only
def save_sheet(panel_id: int, turn_id: int) -> Page:
    """Sign and keep one's sheet; the same sheet twice is one sheet. As JSON: ``{"version", "total", "saved_at"}``."""
    _panel, member = panel_as(db.session, current_actor(), panel_id, *EXAMINERS)
    marks, remark = _sent(panel_id)
    try:
        saved = sheets.save_sheet(db.session, current_actor(), clock, panel_id, turn_id, member, marks, remark)
    except BadInput as problem:
        return _refused(panel_id, member, turn_id, problem)
    return _saved(panel_id, saved)


@blueprint.route("/panels/<int:panel_id>/turns/<int:turn_id>/correction", methods=["GET", "POST"])
@accounts_only
def correction(panel_id: int, turn_id: int) -> Page:
    """A new sheet in the place of one's own, with a reason; the old one stays, void."""
    _panel, member = panel_as(db.session, current_actor(), panel_id, *EXAMINERS)
    if request.method == "GET":
        return _correction_page(panel_id, member, turn_id)
    marks, remark = _sent(panel_id)
    reason = request.form.get("reason", "")
    try:
        saved = sheets.correct_sheet(
            db.session, current_actor(), clock, panel_id, turn_id, member, marks, remark, reason
        )
    except BadInput as problem:
        if wants_json():
            raise
        db.session.rollback()
        return _correction_page(panel_id, member, turn_id, problem)
    if not saved.repeated and not wants_json():
        flash(_("已更正并重新签名。原评分表作废留存，理由已记录。"), "success")
    return _saved(panel_id, saved)


@blueprint.route("/panels/<int:panel_id>/turns/<int:turn_id>/stepping-back", methods=["GET", "POST"])
@accounts_only
def step_back(panel_id: int, turn_id: int) -> Page:
    """One's own recusal from the candidate in the room."""
    _panel, member = panel_as(db.session, current_actor(), panel_id, *EXAMINERS)
    turn = turn_of(db.session, panel_id, turn_id)
    if turn.state not in ("called", "scored"):
        raise Conflict(
            _(
                "第 %(number)s 号考生不在面试中，您现在不能自行回避，未作更改。请联系考务管理员。",
                number=turn.draw_number,
            )
        )
    form = ReasonForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            recusals.recuse(db.session, current_actor(), clock, panel_id, member.id, [turn_id], form.reason.data)
        except BadInput as problem:
            db.session.rollback()
            form.reason.errors = [str(problem.message)]
            status = problem.status
        else:
            return redirect(url_for("interviews.score", panel_id=panel_id), code=303)
    page = render_template(
        "grading/interview/reason.html",
        form=form,
        panel_id=panel_id,
        turn=turn,
        title=_("申请回避"),
        effects=[
            _("您不再给这名考生打分；已保存的评分作废留存。"),
            _("成绩按其余考官的评分计算；人数不够规则要求时，本组对该考生的面试中止。"),
            _("回避不能自行撤销。"),
        ],
        action=_("我申请回避"),
        help_text=_("例如：近亲属；利害关系；同一单位。"),
        back=url_for("interviews.score", panel_id=panel_id),
    )
    return page, status


def _sent(panel_id: int) -> tuple[dict[str, str], str]:
    rows = element_rows(db.session, panel_id)
    marks = {row.name: request.form.get(f"mark-{row.position}", "") for row in rows}
    return marks, request.form.get("remark", "")


def _saved(panel_id: int, saved: sheets.Saved) -> Page:
    if wants_json():
        sheet = saved.sheet
        return jsonify({"version": sheet.version, "total": sheet.total, "saved_at": iso(sheet.saved_at)})
    return redirect(url_for("interviews.score", panel_id=panel_id), code=303)


def _refused(panel_id: int, member: PanelMember, turn_id: int, problem: DomainError) -> Page:
    if wants_json():
        raise problem
    db.session.rollback()
    panel, member = panel_as(db.session, current_actor(), panel_id, *EXAMINERS)
    found = desk(db.session, panel, member)
    if found.turn is None or found.turn.id != turn_id or found.sheet is not None:
        raise problem
    page = render_template("grading/interview/score.html", live_etag="", **_context(found, problem))
    return page, problem.status


def _correction_page(panel_id: int, member: PanelMember, turn_id: int, problem: BadInput | None = None) -> Page:
    panel, member = panel_as(db.session, current_actor(), panel_id, *EXAMINERS)
    found = desk(db.session, panel, member)
    if found.turn is None or found.turn.id != turn_id or found.sheet is None:
        turn_of(db.session, panel_id, turn_id)
        raise Conflict(_("这名考生的评分现在不能更正：成绩已经监督员确认，或您还没有保存过评分。原评分不变。"))
    kept = {f"mark-{row.position}": found.sheet.marks[row.name] for row in found.elements}
    context = _context(found, problem)
    if problem is None:
        context |= {"values": {**kept, "remark": found.sheet.remark}}
    page = render_template("grading/interview/correction.html", **context)
    return page, problem.status if problem else 200


def _context(found: Desk, problem: DomainError | None = None) -> dict[str, Any]:
    values = dict(request.form) if problem else {}
    return {
        "desk": found,
        "panel": found.panel,
        "turn": found.turn,
        "values": values,
        "problem": str(problem.message) if problem else "",
        "errors": problem.details.get("fields", {}) if problem else {},
    }
