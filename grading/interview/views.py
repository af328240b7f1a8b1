"""Interviews for who organises them: panels, their sheet, their members, their beginning and end."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.accounts.queries import accounts_with_role
from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.web.access import accounts_only, current_actor, requires
from core.web.numbers import id_of
from core.web.paging import paginate, requested_page
from exam.handover import ExamFacts, exam_facts, exams
from grading.interview import readiness, room_views, score_views, service, signing_views
from grading.interview.access import panel_for_organizer
from grading.interview.blueprint import blueprint
from grading.interview.chain import EXAMINERS
from grading.interview.drafts import bands_text
from grading.interview.forms import PanelForm, members_form, reminders_text, rows_of_preset, sheet_rows
from grading.interview.models import Panel, PanelMember
from grading.interview.presets import PRESETS
from grading.interview.queries import element_rows, members_of, panel_sheets
from grading.interview.room_state import people, room
from grading.interview.rules import Band
from grading.interview.service import Assignment
from grading.interview.words import PANEL_STATES, POSITION_ROLES, POSITIONS, TRIMS, TURN_STATES

__all__ = ["blueprint"]
# Their views register themselves on the one blueprint when they are imported.
VIEWS = (room_views, score_views, signing_views)
DEFAULT_PRESET = "cadre"
Page = Response | str | tuple[str, int]


@blueprint.context_processor
def words() -> dict[str, Any]:
    """The words for states and positions, for every page of interviews."""
    return {
        "panel_states": PANEL_STATES,
        "turn_states": TURN_STATES,
        "positions": POSITIONS,
        "trims": TRIMS,
    }


@blueprint.get("")
@requires(
    Permission.MANAGE_EXAMS,
    Permission.SCORE_INTERVIEWS,
    Permission.RUN_INTERVIEWS,
    Permission.CONFIRM_INTERVIEWS,
)
def index() -> str:
    """One's panels; for who organises exams, all of them."""
    actor = current_actor()
    organizer = actor.may(Permission.MANAGE_EXAMS)
    known = {facts.exam_id: facts for facts in exams(db.session)}
    own = {
        member.panel_id: member
        for member in db.session.scalars(select(PanelMember).where(PanelMember.account_id == actor.account_id))
    }
    statement = select(Panel).order_by(Panel.id.desc())
    if not organizer:
        statement = statement.where(Panel.id.in_(own))
    search, state = request.args.get("q", "").strip(), request.args.get("state", "")
    exam_id = id_of(request.args.get("exam"))
    if exam_id:
        statement = statement.where(Panel.exam_id == exam_id)
    if search:
        titled = [facts.exam_id for facts in known.values() if search in facts.title or search in facts.code]
        statement = statement.where(or_(Panel.name.contains(search, autoescape=True), Panel.exam_id.in_(titled)))
    if state in PANEL_STATES:
        statement = statement.where(Panel.state == state)
    page = paginate(db.session, statement, requested_page())
    return render_template("grading/interview/index.html", page=page, exams=known, own=own, organizer=organizer)


@blueprint.route("/panels/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def create() -> Page:
    """Set up a panel for the exam in ``?exam=``; ``?preset=`` fills the sheet."""
    exam_id = id_of(request.args.get("exam"))
    if not exam_id:
        return render_template("grading/interview/choose_exam.html", exams=_open_exams())
    facts = exam_facts(db.session, exam_id)
    code = request.args.get("preset", DEFAULT_PRESET)
    form = PanelForm()
    if not form.is_submitted():
        form = _filled(code, facts)
    elif form.validate() and form.draft:
        try:
            panel = service.create_panel(db.session, current_actor(), clock, facts.exam_id, form.draft)
        except (BadInput, Conflict) as problem:
            return _sheet_page(form, facts, code, None, _refused(form, problem))
        flash(_("考官组已建立。接着安排人员。"), "success")
        return redirect(url_for("interviews.panel_page", panel_id=panel.id), code=303)
    return _sheet_page(form, facts, code, None, 422 if form.is_submitted() else 200)


@blueprint.route("/panels/<int:panel_id>/sheet", methods=["GET", "POST"])
@accounts_only
def edit(panel_id: int) -> Page:
    """Change sheet and rule while the panel is being prepared."""
    panel = panel_for_organizer(db.session, current_actor(), panel_id)
    facts = exam_facts(db.session, panel.exam_id)
    code = request.args.get("preset", "")
    form = PanelForm()
    if not form.is_submitted():
        form = _filled(code, facts, panel)
    elif form.validate() and form.draft:
        try:
            service.edit_panel(db.session, current_actor(), clock, panel_id, form.draft)
        except (BadInput, Conflict) as problem:
            return _sheet_page(form, facts, code, panel_id, _refused(form, problem))
        flash(_("已保存。"), "success")
        return redirect(url_for("interviews.panel_page", panel_id=panel_id), code=303)
    return _sheet_page(form, facts, code, panel_id, 422 if form.is_submitted() else 200)


def _open_exams() -> list[ExamFacts]:
    return [facts for facts in exams(db.session) if facts.state != "archived"]


def _filled(code: str, facts: ExamFacts, panel: Panel | None = None) -> PanelForm:
    preset = PRESETS.get(code)
    if panel is None:
        values: dict[str, Any] = {"name": _("第一考官组"), "reminders": reminders_text()}
        rows = rows_of_preset(preset or PRESETS[DEFAULT_PRESET])
    else:
        values = {
            "name": panel.name,
            "seats": panel.seats,
            "minutes": panel.minutes,
            "trim": panel.rule["trim"],
            "reminders": reminders_text(panel.reminders),
        }
        rows = rows_of_preset(preset) if preset else _rows_of(panel.id)
    return PanelForm(elements=sheet_rows(rows), **values)


def _rows_of(panel_id: int) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "weight": row.weight,
            "greatest": row.greatest,
            "step": row.step,
            "criteria": row.criteria,
            "bands": bands_text(Band(band["name"], band["low"], band["high"]) for band in row.bands),
        }
        for row in element_rows(db.session, panel_id)
    ]


def _sheet_page(form: PanelForm, facts: ExamFacts, code: str, panel_id: int | None, status: int) -> Page:
    page = render_template(
        "grading/interview/sheet_form.html",
        form=form,
        exam=facts,
        presets=PRESETS.values(),
        preset=code,
        panel_id=panel_id,
    )
    return page, status


def _refused(form: Any, problem: DomainError) -> int:
    db.session.rollback()
    form.form_errors.append(str(problem.message))
    return problem.status


@blueprint.get("/panels/<int:panel_id>")
@accounts_only
def panel_page(panel_id: int) -> str:
    """One panel: what is set, what is missing, how far it is."""
    panel = panel_for_organizer(db.session, current_actor(), panel_id)
    return render_template("grading/interview/panel.html", **_panel_context(panel))


def _panel_context(panel: Panel) -> dict[str, Any]:
    return {
        "panel": panel,
        "exam": exam_facts(db.session, panel.exam_id),
        "elements": element_rows(db.session, panel.id),
        "people": people(db.session, panel.id),
        "room": room(db.session, panel),
        "missing": readiness.missing(db.session, panel) if panel.state == "preparing" else [],
        "draws": readiness.draws_of(db.session, panel.id),
        "unassigned": len(readiness.unassigned(db.session, panel.exam_id)),
        "reminders": reminders_text(panel.reminders),
    }


@blueprint.route("/panels/<int:panel_id>/members", methods=["GET", "POST"])
@accounts_only
def members(panel_id: int) -> Page:
    """Who sits where."""
    panel = panel_for_organizer(db.session, current_actor(), panel_id)
    candidates = {position: accounts_with_role(db.session, role) for position, role in POSITION_ROLES.items()}
    form = members_form(panel.seats, candidates)
    status = 422 if form.is_submitted() else 200
    if not form.is_submitted():
        _fill_members(form, panel_id)
    elif form.validate():
        try:
            service.assign_members(db.session, current_actor(), clock, panel_id, _assignments(form, panel.seats))
        except (BadInput, Conflict) as problem:
            status = _refused(form, problem)
        else:
            flash(_("人员已保存。"), "success")
            return redirect(url_for("interviews.panel_page", panel_id=panel_id), code=303)
    page = render_template(
        "grading/interview/members.html", form=form, panel=panel, exam=exam_facts(db.session, panel.exam_id)
    )
    return page, status


def _fill_members(form: Any, panel_id: int) -> None:
    for member in members_of(db.session, panel_id):
        name = f"seat-{member.seat}" if member.position in EXAMINERS else member.position
        if name in form:
            form[name].data = str(member.account_id)
        if member.position == "chief" and member.seat:
            form.chief.data = str(member.seat)


def _assignments(form: Any, seats: int) -> list[Assignment]:
    chief = int(form.chief.data)
    chosen = [
        Assignment("chief" if seat == chief else "examiner", seat, int(form[f"seat-{seat}"].data))
        for seat in range(1, seats + 1)
    ]
    chosen += [Assignment(position, 0, int(form[position].data)) for position in POSITIONS if position not in EXAMINERS]
    return [one for one in chosen if one.account_id]


@blueprint.post("/panels/<int:panel_id>/start")
@accounts_only
def start(panel_id: int) -> Response:
    """Begin; what is missing is told in the refusal."""
    panel_for_organizer(db.session, current_actor(), panel_id)
    service.start_panel(db.session, current_actor(), clock, panel_id)
    flash(_("考官组已开始。人员和抽签结果从此固定。"), "success")
    return redirect(url_for("interviews.panel_page", panel_id=panel_id), code=303)


@blueprint.post("/panels/<int:panel_id>/close")
@accounts_only
def close(panel_id: int) -> Response:
    """End the panel when every turn is over."""
    panel_for_organizer(db.session, current_actor(), panel_id)
    service.close_panel(db.session, current_actor(), clock, panel_id)
    flash(_("考官组已结束，现在可以查看各考官的评分。"), "success")
    return redirect(url_for("interviews.panel_page", panel_id=panel_id), code=303)


@blueprint.get("/panels/<int:panel_id>/scores")
@accounts_only
def scores(panel_id: int) -> str:
    """Every examiner's totals, once the panel is closed."""
    panel = panel_for_organizer(db.session, current_actor(), panel_id)
    sheets = panel_sheets(db.session, panel_id)
    return render_template("grading/interview/scores.html", panel=panel, sheets=sheets)
