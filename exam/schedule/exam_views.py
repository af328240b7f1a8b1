"""An organizer's exams: the list, one exam's timeline, its facts and texts, publishing and archiving."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.web.access import current_actor, requires
from core.web.paging import paginate, requested_page
from exam.schedule import presets, queries, service, words
from exam.schedule.blueprint import Page, blueprint, form_page, refused
from exam.schedule.forms import ExamForm, TextsForm
from exam.schedule.models import Exam
from exam.schedule.timeline import for_page, mend, steps_of


@blueprint.get("")
@requires(Permission.MANAGE_EXAMS)
def index() -> str:
    """Every exam: searched, filtered, sorted, paged."""
    search, kind, state, sort = (request.args.get(name, "").strip()[:100] for name in ("q", "kind", "state", "sort"))
    page = paginate(db.session, queries.exams(search, kind, state, sort), requested_page())
    ids = [exam.id for exam in page.rows]
    return render_template(
        "exam/schedule/index.html",
        page=page,
        sessions=queries.sessions_by_exam(db.session, ids),
        counts=queries.candidate_counts(db.session, ids),
        filtered=bool(search or kind or state),
        words=words,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def new() -> Response | Page:
    """Plan an exam; notice and commitment begin with the presets."""
    form = ExamForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        organisation = current_app.extensions["settings"].organisation
        try:
            exam = service.create_exam(
                db.session,
                current_actor(),
                clock,
                form.as_data(),
                notice=presets.notice(organisation),
                commitment=presets.COMMITMENT,
            )
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("考试已建立。下面列出发布前还要做的事，逐项办理即可。"))
            return redirect(url_for("exams.show", exam_id=exam.id))
    return form_page("exam/schedule/edit.html", form, problem, exam=None)


@blueprint.get("/<int:exam_id>")
@requires(Permission.MANAGE_EXAMS)
def show(exam_id: int) -> str:
    """The exam's life as a timeline, with what is missing and the button that mends it."""
    exam = queries.exam_of(db.session, exam_id)
    papers = {paper.paper_id: paper for paper in queries.papers_for(db.session, exam)}
    return render_template(
        "exam/schedule/show.html",
        exam=exam,
        steps=for_page(steps_of(db.session, exam.id)),
        sessions=queries.sessions_of(db.session, exam.id),
        papers=papers,
        candidates=queries.candidate_counts(db.session, [exam.id]).get(exam.id, 0),
        excused=queries.leave_count(db.session, exam.id),
        counts=queries.counts_by_session(db.session, exam.id),
        words=words,
    )


@blueprint.route("/<int:exam_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def edit(exam_id: int) -> Response | Page:
    """Change what the exam is."""
    exam = queries.exam_of(db.session, exam_id)
    form = ExamForm.of(exam)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            service.change_exam(db.session, current_actor(), clock, exam, form.as_data())
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("已保存。"))
            return redirect(url_for("exams.show", exam_id=exam_id))
    return form_page("exam/schedule/edit.html", form, problem, exam=queries.exam_of(db.session, exam_id))


@blueprint.route("/<int:exam_id>/texts", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def texts(exam_id: int) -> Response | Page:
    """The notice on personal data and the commitment."""
    exam = queries.exam_of(db.session, exam_id)
    form = TextsForm(obj=exam)
    problem: DomainError | None = None
    if form.validate_on_submit():
        notice, commitment = (_lines(text) for text in (form.notice.data, form.commitment.data))
        try:
            service.change_texts(db.session, current_actor(), clock, exam, notice=notice, commitment=commitment)
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("告知书和承诺书已保存。"))
            return redirect(url_for("exams.show", exam_id=exam_id))
    unfilled = presets.UNFILLED in (form.notice.data or "") + (form.commitment.data or "")
    exam = queries.exam_of(db.session, exam_id)
    return form_page("exam/schedule/texts.html", form, problem, exam=exam, unfilled=unfilled)


def _lines(text: str) -> str:
    """Browsers send CR LF; what is hashed and signed has plain line ends."""
    return text.replace("\r\n", "\n").strip() + "\n"


@blueprint.route("/<int:exam_id>/publish", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def publish(exam_id: int) -> Response | Page:
    """What publishing will do, or what is missing; a POST does it."""
    exam = queries.exam_of(db.session, exam_id)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            count = service.publish(db.session, current_actor(), clock, exam)
        except Conflict as found:
            problem = refused(found)
        else:
            flash(_("考试已发布，%(count)s 名考生可以在入场时间登录。下一步：印发准考证。", count=count))
            return redirect(url_for("exams.show", exam_id=exam_id))
    return _publish_page(exam_id, problem)


def _publish_page(exam_id: int, problem: DomainError | None) -> Page:
    exam = queries.exam_of(db.session, exam_id)
    page = render_template(
        "exam/schedule/publish.html",
        exam=exam,
        problem=problem,
        gaps=[_shown(exam, gap) for gap in queries.gaps(db.session, exam, clock.now())],
        blocked=any(gap.blocking for gap in queries.gaps(db.session, exam, clock.now())),
        sessions=queries.sessions_of(db.session, exam.id),
        counts=queries.counts_by_session(db.session, exam.id),
    )
    return page, problem.status if problem else 200


def _shown(exam: Exam, gap: queries.Gap) -> dict[str, Any]:
    label, url = mend(exam.id, gap)
    return {"text": words.gap_sentence(gap.code, gap.values), "blocking": gap.blocking, "label": label, "url": url}


@blueprint.route("/<int:exam_id>/archive", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def archive(exam_id: int) -> Response | Page:
    """Put the exam away, after its code was typed."""
    exam = queries.exam_of(db.session, exam_id)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            if request.form.get("confirmation", "").strip() != exam.code:
                raise BadInput(_("输入的编号与考试编号不一致，没有归档。请照原样输入。"))
            service.archive(db.session, current_actor(), clock, exam)
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("考试已归档。"))
            return redirect(url_for("exams.show", exam_id=exam_id))
    exam = queries.exam_of(db.session, exam_id)
    page = render_template("exam/schedule/archive.html", exam=exam, problem=problem)
    return page, problem.status if problem else 200
