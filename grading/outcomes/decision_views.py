"""会议决定: 录入员 records beside the proposal what the meeting decided, 核对员 (another person) checks it."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.accounts.queries import names_of
from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError, NotFound
from core.i18n import _
from core.web.access import current_actor, requires, writes
from core.web.paging import requested_page
from exam.handover import exam_facts
from exam.identities import identities_of_exam
from grading.outcomes import decisions, listing, queries
from grading.outcomes.decisions import KINDS, Meeting, Recorded
from grading.outcomes.forms import MOST_IN_FORM, ChecksForm, DecisionsForm, whole
from grading.outcomes.listing import OutcomeRow
from grading.results.queries import page_of

blueprint = Blueprint("decisions", __name__, url_prefix="/exams/<int:exam_id>/decisions")
Page = str | tuple[str, int]


@blueprint.get("")
@requires(Permission.READ_RESULTS)
@writes
def index(exam_id: int) -> str:
    """Proposal left, decision right, for everybody."""
    exam = exam_facts(db.session, exam_id)
    rows = _rows(exam_id, "decisions_page")
    words, kind, state, sort = (request.args.get(name, "") for name in ("q", "kind", "state", "sort"))
    actor = current_actor()
    return render_template(
        "grading/outcomes/decisions.html",
        exam=exam,
        page=page_of(listing.chosen(rows, words, kind, state, sort), requested_page()),
        everybody=len(rows),
        by_kind={kind: sum(row.kind == kind for row in rows) for kind in listing.KINDS},
        by_state={state: sum(row.decision_state == state for row in rows) for state in listing.DECISION_STATES},
        kinds=listing.KINDS,
        decision_kinds=KINDS,
        decision_states=listing.DECISION_STATES,
        may_record=actor.may(Permission.RECORD_DECISIONS),
        may_check=actor.may(Permission.CHECK_DECISIONS),
    )


@blueprint.get("/new")
@requires(Permission.RECORD_DECISIONS)
@writes
def new(exam_id: int) -> str | Response:
    """The form for the ticked candidates."""
    rows = _named(_rows(exam_id, "decisions_form"), [whole(text) for text in request.args.getlist("candidate")])
    if not rows:
        flash(_("请先勾选考生（已有处理建议的），再录入决定；一次最多 %(most)s 人。", most=MOST_IN_FORM), "warning")
        return redirect(url_for("decisions.index", exam_id=exam_id))
    form = DecisionsForm(formdata=None)
    for row in rows:
        form.lines.append_entry(
            {
                "candidate_id": str(row.identity.candidate_id),
                "proposal_id": str(row.proposal.id) if row.proposal else "",
                "based_on": str(row.decision.revision if row.decision else 0),
                "kind": row.kind if row.kind in KINDS else "",
                "difference_reason": "",
            }
        )
    return _form_page(exam_id, form, rows)


@blueprint.post("")
@requires(Permission.RECORD_DECISIONS)
def create(exam_id: int) -> Response | Page:
    """Record what the meeting decided on the candidates of the form."""
    exam_facts(db.session, exam_id)
    form = DecisionsForm()
    rows = _named(_rows(exam_id, "decisions_form"), [whole(line.candidate_id.data) for line in form.lines])
    if len(rows) < len(form.lines):
        raise NotFound(_("所选的考生不属于这场考试或还没有处理建议，没有录入任何决定。请刷新后重新选择。"))
    if not form.validate_on_submit():
        return _form_page(exam_id, form, rows), 422
    meeting = Meeting(form.meeting.data, form.meeting_date.data, form.basis.data, form.minutes_number.data)
    decided = [
        Recorded(
            whole(line.candidate_id.data),
            whole(line.proposal_id.data),
            whole(line.based_on.data),
            line.kind.data,
            line.difference_reason.data or "",
        )
        for line in form.lines
    ]
    try:
        made = decisions.record_decisions(db.session, current_actor(), clock, exam_id, meeting, decided, _today())
    except (BadInput, Conflict) as problem:
        _show(form, problem)
        return _form_page(exam_id, form, rows), problem.status
    flash(_("已录入 %(count)s 人的决定，待另一位核对员核对。", count=len(made)), "success")
    return redirect(url_for("decisions.index", exam_id=exam_id))


@blueprint.get("/checks")
@requires(Permission.CHECK_DECISIONS)
@writes
def checks(exam_id: int) -> str:
    """What waits for the checker, proposal beside decision."""
    return _checks_page(exam_id, ChecksForm(formdata=None))


@blueprint.post("/checks")
@requires(Permission.CHECK_DECISIONS)
def check(exam_id: int) -> Response | Page:
    """Confirm the ticked records, or return them."""
    exam_facts(db.session, exam_id)
    form = ChecksForm()
    if not form.validate_on_submit():
        return _checks_page(exam_id, form), 422
    confirm = form.verdict.data == "confirm"
    ids = [whole(text) for text in request.form.getlist("decision")]
    try:
        count = decisions.check_decisions(
            db.session, current_actor(), clock, exam_id, ids, confirm=confirm, comment=form.comment.data or ""
        )
    except (BadInput, Conflict) as problem:
        if problem.code == "no_comment":
            form.comment.errors = [str(problem.message)]
        else:
            form.form_errors.append(str(problem.message))
        return _checks_page(exam_id, form), problem.status
    flash(
        _("已核对 %(count)s 条。", count=count) if confirm else _("已退回 %(count)s 条，由录入员更正。", count=count),
        "success",
    )
    return redirect(url_for("decisions.checks", exam_id=exam_id))


def _rows(exam_id: int, purpose: str) -> list[OutcomeRow]:
    identities = identities_of_exam(db.session, current_actor(), clock, exam_id, purpose)
    proposals = queries.current_proposals(db.session, exam_id)
    return listing.outcome_rows(identities, proposals, queries.current_decisions(db.session, exam_id))


def _named(rows: Sequence[OutcomeRow], candidate_ids: Sequence[int]) -> list[OutcomeRow]:
    """The rows of these candidates that have a proposal, each once, in the order asked for."""
    by_id = {row.identity.candidate_id: row for row in rows if row.proposal}
    wanted = [one for one in dict.fromkeys(candidate_ids) if one in by_id]
    return [by_id[one] for one in wanted] if len(wanted) <= MOST_IN_FORM else []


def _form_page(exam_id: int, form: DecisionsForm, rows: Sequence[OutcomeRow]) -> str:
    return render_template(
        "grading/outcomes/record.html",
        exam=exam_facts(db.session, exam_id),
        form=form,
        pairs=list(zip(rows, form.lines, strict=True)),
        kinds=listing.KINDS,
        decision_kinds=KINDS,
        today=_today(),
    )


def _checks_page(exam_id: int, form: ChecksForm) -> str:
    exam = exam_facts(db.session, exam_id)
    waiting = queries.unchecked(db.session, exam_id)
    by_id = {row.identity.candidate_id: row for row in _rows(exam_id, "decision_checks_page")}
    ticked = {whole(text) for text in request.form.getlist("decision")}
    return render_template(
        "grading/outcomes/checks.html",
        exam=exam,
        form=form,
        pairs=[(decision, by_id[decision.candidate_id]) for decision in waiting],
        names=names_of(db.session, {decision.recorded_by for decision in waiting}),
        own=current_actor().account_id,
        ticked=ticked,
        kinds=listing.KINDS,
        decision_kinds=KINDS,
    )


def _show(form: DecisionsForm, problem: DomainError) -> None:
    """Put a refusal beside what it is about."""
    sentence, about = str(problem.message), problem.details.get("candidate")
    for line in form.lines:
        if about is not None and whole(line.candidate_id.data) == about and problem.code in line.form:
            line.form[problem.code].errors = [sentence]
            return
    if problem.code in form and problem.code != "lines":
        form[problem.code].errors = [sentence]
    else:
        form.form_errors.append(sentence)


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(current_app.extensions["settings"].time_zone)).date()
