"""处理建议: the list with its arithmetic, the rules behind it, one candidate's explanation."""

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.accounts.queries import names_of
from core.audit.service import record
from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict
from core.i18n import _
from core.spreadsheets import write_sheet
from core.web.access import current_actor, requires, writes
from core.web.paging import requested_page
from exam.handover import exam_facts
from exam.identities import identities_of_exam
from grading.interview.queries import interview_required
from grading.outcomes import listing, queries, service
from grading.outcomes.decisions import KINDS
from grading.outcomes.forms import OFFERED_PRESETS, PreviousFailureForm, RulesForm, whole
from grading.outcomes.listing import OutcomeRow
from grading.outcomes.presets import PRESETS
from grading.outcomes.rule_sets import RuleProblem, RuleSet
from grading.results.queries import page_of

blueprint = Blueprint("outcomes", __name__, url_prefix="/exams/<int:exam_id>/outcomes")
Page = str | tuple[str, int]


@blueprint.get("")
@requires(Permission.READ_RESULTS)
@writes
def index(exam_id: int) -> str:
    """Everybody's proposal, with counts by kind; says when something has changed since it was computed."""
    exam = exam_facts(db.session, exam_id)
    rules = queries.rules_in_force(db.session, exam_id)
    rows = _rows(exam_id, rules, "outcomes_page")
    return render_template(
        "grading/outcomes/index.html",
        exam=exam,
        rules=rules,
        page=page_of(_chosen(rows), requested_page()),
        everybody=len(rows),
        counts=_counts(rows),
        outdated=sum(row.outdated for row in rows),
        computed=any(row.proposal for row in rows),
        kinds=listing.KINDS,
        decision_kinds=KINDS,
        decision_states=listing.DECISION_STATES,
        may_manage=current_actor().may(Permission.MANAGE_EXAMS),
    )


@blueprint.get("/export.xlsx")
@requires(Permission.READ_RESULTS)
@writes
def export(exam_id: int) -> Response:
    """The list as filtered, as a spreadsheet; taking it out is recorded."""
    exam = exam_facts(db.session, exam_id)
    chosen = _chosen(_rows(exam_id, queries.rules_in_force(db.session, exam_id), "outcomes_export"))
    record(db.session, current_actor(), clock, "outcomes_exported", "exam", exam_id, count=len(chosen))
    columns = ["准考证号", "姓名", "单位", "职务", "笔试", "面试", "综合", "处理建议", "说明", "计算过程"]
    stream = io.BytesIO()
    rows = [listing.cells(row) for row in chosen]
    write_sheet(stream, "处理建议", columns, rows, heading=f"{exam.title} 处理建议")
    stream.seek(0)
    return send_file(stream, as_attachment=True, download_name=f"{exam.code}-处理建议.xlsx")


@blueprint.post("/runs")
@requires(Permission.MANAGE_EXAMS)
def compute(exam_id: int) -> Response:
    """Compute the proposals from what is known now."""
    exam_facts(db.session, exam_id)
    actor = current_actor()
    identities = identities_of_exam(db.session, actor, clock, exam_id, "proposals")
    done = service.compute_proposals(db.session, actor, clock, exam_id, identities)
    if done.run is None:
        flash(_("成绩、考勤和规则都没有变化，处理建议保持不变。"), "success")
    else:
        flash(_("已计算，%(changed)s 人的处理建议有更新。", changed=done.changed), "success")
    return redirect(url_for("outcomes.index", exam_id=exam_id))


@blueprint.get("/rules")
@requires(Permission.READ_RESULTS)
def rules(exam_id: int) -> str:
    """The rules in force with their earlier versions; for organizers the form, filled from a preset if asked."""
    versions = queries.rule_versions(db.session, exam_id)
    form = RulesForm(formdata=None)
    form.fill(_to_start_from(exam_id), versions[0].version if versions else 0)
    return _rules_page(exam_id, form)


@blueprint.post("/rules")
@requires(Permission.MANAGE_EXAMS)
def set_rules(exam_id: int) -> Response | Page:
    """Add a version of the rules."""
    exam_facts(db.session, exam_id)
    form = RulesForm()
    if not form.validate_on_submit():
        return _rules_page(exam_id, form), 422
    try:
        wanted = form.rules()
        row = service.set_rules(
            db.session, current_actor(), clock, exam_id, wanted, form.reason.data or "", whole(form.based_on.data)
        )
    except RuleProblem as problem:
        form.form_errors.append(str(problem))
        return _rules_page(exam_id, form), 422
    except (BadInput, Conflict) as problem:
        if problem.code == "no_reason":
            form.reason.errors = [str(problem.message)]
        else:
            form.form_errors.append(str(problem.message))
        return _rules_page(exam_id, form), problem.status
    flash(_("规则第 %(version)s 版已生效。请重新计算处理建议。", version=row.version), "success")
    return redirect(url_for("outcomes.index", exam_id=exam_id))


@blueprint.get("/<int:candidate_id>")
@requires(Permission.READ_RESULTS)
@writes
def candidate(exam_id: int, candidate_id: int) -> str:
    """One candidate's proposal with all its arithmetic, the earlier ones, and what the meeting decided."""
    return _candidate_page(exam_id, candidate_id, PreviousFailureForm(formdata=None))


@blueprint.post("/<int:candidate_id>/previous-failures")
@requires(Permission.MANAGE_EXAMS)
def previous_failures(exam_id: int, candidate_id: int) -> Response | Page:
    """Note how often this candidate failed before."""
    form = PreviousFailureForm()
    if not form.validate_on_submit():
        return _candidate_page(exam_id, candidate_id, form), 422
    actor = current_actor()
    everybody = identities_of_exam(db.session, actor, clock, exam_id, "previous_failures")
    queries.identity_among(everybody, candidate_id)
    try:
        service.record_previous_failures(
            db.session, actor, clock, exam_id, candidate_id, form.failures.data, form.basis.data
        )
    except BadInput as problem:
        form.form_errors.append(str(problem.message))
        return _candidate_page(exam_id, candidate_id, form), problem.status
    flash(_("已记录。请在处理建议页面重新计算。"), "success")
    return redirect(url_for("outcomes.candidate", exam_id=exam_id, candidate_id=candidate_id))


def _rows(exam_id: int, rules: RuleSet | None, purpose: str) -> list[OutcomeRow]:
    identities = identities_of_exam(db.session, current_actor(), clock, exam_id, purpose)
    proposals = queries.current_proposals(db.session, exam_id)
    results = queries.results_of_exam(db.session, exam_id, rules)
    old = queries.outdated(identities, proposals, results, rules)
    return listing.outcome_rows(identities, proposals, queries.current_decisions(db.session, exam_id), old)


def _chosen(rows: list[OutcomeRow]) -> list[OutcomeRow]:
    words, kind, sort = (request.args.get(name, "") for name in ("q", "kind", "sort"))
    return listing.chosen(rows, words, kind, "", sort)


def _counts(rows: list[OutcomeRow]) -> dict[str, int]:
    return {kind: sum(row.kind == kind for row in rows) for kind in listing.KINDS}


def _to_start_from(exam_id: int) -> RuleSet:
    preset = request.args.get("preset", "")
    if preset in OFFERED_PRESETS:
        return PRESETS[preset]
    if rules := queries.rules_in_force(db.session, exam_id):
        return rules
    return PRESETS["default" if interview_required(db.session, exam_id) else "qualification"]


def _rules_page(exam_id: int, form: RulesForm) -> str:
    exam = exam_facts(db.session, exam_id)
    versions = queries.rule_versions(db.session, exam_id)
    return render_template(
        "grading/outcomes/rules.html",
        exam=exam,
        form=form,
        versions=versions,
        names=names_of(db.session, {row.set_by for row in versions if row.set_by}),
        presets={code: PRESETS[code].name for code in OFFERED_PRESETS},
        may_manage=current_actor().may(Permission.MANAGE_EXAMS),
    )


def _candidate_page(exam_id: int, candidate_id: int, form: PreviousFailureForm) -> str:
    exam = exam_facts(db.session, exam_id)
    everybody = identities_of_exam(db.session, current_actor(), clock, exam_id, "candidate_outcome_page")
    identity = queries.identity_among(everybody, candidate_id)
    decisions = queries.decisions_of(db.session, exam_id, candidate_id)
    failures = queries.previous_failures_of(db.session, exam_id, candidate_id)
    people = {row.recorded_by for row in decisions} | {row.checked_by for row in decisions}
    people |= {row.recorded_by for row in failures}
    return render_template(
        "grading/outcomes/candidate.html",
        exam=exam,
        identity=identity,
        proposals=queries.proposals_of(db.session, exam_id, candidate_id),
        decisions=decisions,
        failures=failures,
        names=names_of(db.session, {one for one in people if one}),
        form=form,
        kinds=listing.KINDS,
        decision_kinds=KINDS,
        decision_states=listing.DECISION_STATES,
        may_manage=current_actor().may(Permission.MANAGE_EXAMS),
    )
