"""The organizer's pages of written scores: which exams have results, the list of an exam, one candidate's arithmetic."""

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.audit.service import record
from core.clock import clock
from core.database import db
from core.exact import from_hundredths
from core.i18n import _
from core.jobs.service import enqueue
from core.natural_order import natural_key
from core.spreadsheet_writing import Value
from core.spreadsheets import write_sheet
from core.web.access import current_actor, requires, writes
from core.web.paging import requested_page
from exam.handover import ExamFacts, exam_facts, exams
from exam.identities import identities_of_exam
from grading.outcomes.queries import identity_among
from grading.results import queries
from grading.results.queries import ScoreRow
from grading.scoring import jobs as scoring_jobs
from grading.scoring.queries import item_scores, paper_results, problems_of_exam, result_of_sitting, scored_count
from question_bank.delivery import deliver
from question_bank.key_books import key_book

blueprint = Blueprint("results", __name__)
SORTS = {
    "number": lambda row: row.identity.admission_number,
    "name": lambda row: row.identity.name,
    "unit": lambda row: natural_key(row.identity.unit),
    "total": lambda row: None if row.result is None else row.result.total_hundredths,
}


@blueprint.get("/results")
@requires(Permission.READ_RESULTS)
def index() -> str:
    """Every exam, with the ways to its scores, proposals, decisions and sheets."""
    words = request.args.get("q", "").strip().casefold()
    found = [exam for exam in exams(db.session) if words in exam.title.casefold() or words in exam.code.casefold()]
    page = queries.page_of(found, requested_page())
    rows = [(exam, _closed(exam), scored_count(db.session, exam.exam_id)) for exam in page.rows]
    return render_template("grading/results/index.html", page=page, rows=rows)


@blueprint.get("/exams/<int:exam_id>/scores")
@requires(Permission.READ_RESULTS)
@writes
def scores(exam_id: int) -> str:
    """The written scores of an exam."""
    exam = exam_facts(db.session, exam_id)
    rows = _rows(exam_id, "scores_page")
    chosen = _chosen(rows)
    return render_template(
        "grading/results/scores.html",
        exam=exam,
        page=queries.page_of(chosen, requested_page()),
        counts=queries.counts([row.state for row in rows]),
        everybody=len(rows),
        states=queries.STATES,
        sentences=list(dict.fromkeys(row.problem for row in rows if row.problem)),
        may_grade=current_actor().may(Permission.MANAGE_EXAMS),
    )


@blueprint.get("/exams/<int:exam_id>/scores/export.xlsx")
@requires(Permission.READ_RESULTS)
@writes
def export(exam_id: int) -> Response:
    """The list as filtered, as a spreadsheet; taking it out is recorded."""
    exam = exam_facts(db.session, exam_id)
    chosen = _chosen(_rows(exam_id, "scores_export"))
    record(db.session, current_actor(), clock, "scores_exported", "exam", exam_id, count=len(chosen))
    columns = ["准考证号", "姓名", "单位", "职务", "场次", "考场", "座位", "笔试得分", "满分", "状态"]
    stream = io.BytesIO()
    write_sheet(stream, "笔试成绩", columns, [_cells(row) for row in chosen], heading=f"{exam.title} 笔试成绩")
    stream.seek(0)
    return send_file(stream, as_attachment=True, download_name=f"{exam.code}-笔试成绩.xlsx")


@blueprint.get("/exams/<int:exam_id>/scores/<int:candidate_id>")
@requires(Permission.READ_RESULTS)
@writes
def candidate(exam_id: int, candidate_id: int) -> str:
    """One candidate's paper, item by item, with the arithmetic once keys may be shown."""
    exam = exam_facts(db.session, exam_id)
    everybody = identities_of_exam(db.session, current_actor(), clock, exam_id, "candidate_scores_page")
    identity = identity_among(everybody, candidate_id)
    result = result_of_sitting(db.session, exam_id, identity.sitting_id or 0)
    paper = deliver(db.session, result.paper_id, result.sitting_id)
    keys = key_book(db.session, result.paper_id).of(result.sitting_id)
    return render_template(
        "grading/results/candidate.html",
        exam=exam,
        identity=identity,
        result=result,
        paper=paper,
        marks={str(mark.slot): mark for mark in item_scores(db.session, result)},
        keys=keys,
        policy_word=queries.policy_word,
        open_keys=queries.keys_may_show(db.session, exam, clock.now()),
    )


@blueprint.post("/exams/<int:exam_id>/scores/runs")
@requires(Permission.MANAGE_EXAMS)
def grade(exam_id: int) -> Response:
    """Score now what waits, those with a known problem too."""
    exam_facts(db.session, exam_id)
    run = enqueue(
        db.session,
        current_actor(),
        clock,
        scoring_jobs.JOB,
        exam_id=exam_id,
        again=True,
        title=_("评分"),
        back=url_for("results.scores", exam_id=exam_id),
    )
    flash(_("已开始评分，完成后成绩会出现在列表中。"), "success")
    return redirect(url_for("jobs.show", run_id=run.id))


def _rows(exam_id: int, purpose: str) -> list[ScoreRow]:
    identities = identities_of_exam(db.session, current_actor(), clock, exam_id, purpose)
    return queries.score_rows(identities, paper_results(db.session, exam_id), problems_of_exam(db.session, exam_id))


def _chosen(rows: list[ScoreRow]) -> list[ScoreRow]:
    words, state = request.args.get("q", ""), request.args.get("state", "")
    found = [row for row in rows if state in ("", row.state) and queries.matching_identity(row.identity, words)]
    return queries.ordered(found, request.args.get("sort", "number"), SORTS)


def _cells(row: ScoreRow) -> tuple[Value, ...]:
    one = row.identity
    score = None if row.result is None else from_hundredths(row.result.total_hundredths)
    greatest = None if row.result is None else from_hundredths(row.result.max_hundredths)
    state = str(queries.STATES[row.state][0])
    return (
        one.admission_number, one.name, one.unit, one.post, one.session_name, one.room, one.seat, score, greatest, state
    )  # fmt: skip


def _closed(exam: ExamFacts) -> int:
    return sum(one.closed for one in exam.sessions)
