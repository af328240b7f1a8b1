"""Blueprints and papers: plan, see what the bank holds, draw, look at the paper as a candidate will, prove the draw."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db, rollback
from core.errors import DomainError
from core.i18n import _
from core.web.access import current_actor, requires
from core.web.numbers import id_of
from core.web.paging import paginate, requested_page
from question_bank.delivery import deliver
from question_bank.items import words
from question_bank.items.queries import account_names, outline
from question_bank.papers import blueprints, queries, service
from question_bank.papers.checking import check, conflicts, held_words
from question_bank.papers.forms import COLUMNS, BlueprintForm, DrawForm, values_of
from question_bank.papers.models import Blueprint as PaperBlueprint
from question_bank.papers.models import Paper
from question_bank.papers.rules import chinese_numeral

blueprint = Blueprint("papers", __name__, url_prefix="/bank")
Answer = Response | str | tuple[str, int]


@blueprint.get("/blueprints")
@requires(Permission.ASSEMBLE_PAPERS)
def blueprint_index() -> str:
    """The blueprints, with what each asks for and whether the bank can meet it."""
    wanted = request.args.get("q", "").strip()[:100]
    statement = select(PaperBlueprint).order_by(PaperBlueprint.id.desc())
    if wanted:
        statement = statement.where(PaperBlueprint.name.contains(wanted, autoescape=True))
    page = paginate(db.session, statement, requested_page())
    return render_template(
        "question_bank/papers/blueprints.html",
        page=page,
        sections={entry.id: queries.sections_of(db.session, entry.id) for entry in page.rows},
        filtered=bool(wanted),
    )


@blueprint.route("/blueprints/new", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def new_blueprint() -> Answer:
    """Write a blueprint; “check” tells what the bank holds without saving."""
    form = BlueprintForm(outline(db.session))
    if _only_looking(form) or not form.validate_on_submit():
        return _blueprint_page(form, None)
    try:
        made = blueprints.create_blueprint(
            db.session, current_actor(), clock, form.name.data, form.drafts(), form.duration_minutes
        )
    except DomainError as problem:
        rollback(db.session)
        return _blueprint_page(form, None, problem)
    flash(_("命题细目表“%(name)s”已保存。", name=made.name))
    return redirect(url_for("papers.show_blueprint", blueprint_id=made.id))


@blueprint.post("/blueprints/held")
@requires(Permission.ASSEMBLE_PAPERS)
def held() -> dict[str, Any]:
    """What the bank holds for the form as it stands; asked for by the page's script, saves nothing."""
    form = BlueprintForm(outline(db.session))
    return check(form, queries.holdings(db.session), queries.point_names(db.session)).as_json()


@blueprint.get("/blueprints/<int:blueprint_id>")
@requires(Permission.ASSEMBLE_PAPERS)
def show_blueprint(blueprint_id: int) -> str:
    """A blueprint with what the bank holds for each demand, and the papers drawn from it."""
    papers = select(Paper).where(Paper.blueprint_id == blueprint_id).order_by(Paper.id.desc())
    return render_template(
        "question_bank/papers/blueprint.html",
        blueprint=queries.blueprint(db.session, blueprint_id),
        papers=db.session.scalars(papers).all(),
        **_plan(blueprint_id),
    )


def _plan(blueprint_id: int) -> dict[str, Any]:
    """What the table of a blueprint's demands is made from."""
    sections = queries.sections_of(db.session, blueprint_id)
    holdings, points = queries.holdings(db.session), queries.point_names(db.session)
    return {
        "sections": sections,
        "held": [
            [holdings.of(section.type, demand, section.points_hundredths) for demand in section.demands]
            for section in sections
        ],
        "conflicts": conflicts(holdings, sections, points),
        "points": points,
        "total": sum(section.total_hundredths for section in sections),
        "words": words,
        "numeral": chinese_numeral,
    }


@blueprint.route("/blueprints/<int:blueprint_id>/edit", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def edit_blueprint(blueprint_id: int) -> Answer:
    """Change a blueprint; papers drawn before stay as they are."""
    found = queries.blueprint(db.session, blueprint_id)
    stored = values_of(found, queries.sections_of(db.session, blueprint_id))
    form = BlueprintForm(outline(db.session), data=stored if request.method == "GET" else None)
    if _only_looking(form) or not form.validate_on_submit():
        return _blueprint_page(form, found)
    based_on = id_of(form.revision.data)
    try:
        blueprints.change_blueprint(
            db.session,
            current_actor(),
            clock,
            found,
            form.name.data,
            form.drafts(),
            form.duration_minutes,
            based_on=based_on,
        )
    except DomainError as problem:
        rollback(db.session)
        return _blueprint_page(form, queries.blueprint(db.session, blueprint_id), problem)
    flash(_("命题细目表“%(name)s”已保存，以前抽出的试卷不受影响。", name=found.name))
    return redirect(url_for("papers.show_blueprint", blueprint_id=blueprint_id))


def _only_looking(form: BlueprintForm) -> bool:
    """Whether a button was pressed that saves nothing: one more row, or what the bank holds."""
    if "more" in request.form:
        form.enlarge(request.form["more"])
    return "more" in request.form or "check" in request.form


def _blueprint_page(
    form: BlueprintForm, found: PaperBlueprint | None, problem: DomainError | None = None
) -> tuple[str, int]:
    page = render_template(
        "question_bank/papers/blueprint_form.html",
        form=form,
        blueprint=found,
        problem=problem,
        checked=check(form, queries.holdings(db.session), queries.point_names(db.session)),
        columns=COLUMNS,
        held_words=held_words,
        numeral=chinese_numeral,
    )
    return page, problem.status if problem else 422 if form.errors else 200


@blueprint.route("/blueprints/<int:blueprint_id>/draw", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def draw(blueprint_id: int) -> Answer:
    """Draw a paper and freeze it."""
    found = queries.blueprint(db.session, blueprint_id)
    form = DrawForm()
    problem = None
    if form.validate_on_submit():
        try:
            paper = service.draw_paper(
                db.session,
                current_actor(),
                clock,
                found,
                form.title.data,
                seed=form.seed.data,
                demonstration=form.demonstration.data,
                rest=form.rest(clock.now()),
                per_candidate=form.per_candidate.data,
            )
            flash(_("试卷 %(code)s 已抽出并冻结。", code=paper.code))
            return redirect(url_for("papers.show", paper_id=paper.id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
            found = queries.blueprint(db.session, blueprint_id)
    page = render_template(
        "question_bank/papers/draw.html", form=form, blueprint=found, problem=problem, **_plan(blueprint_id)
    )
    return page, problem.status if problem else 422 if form.is_submitted() else 200


@blueprint.get("/papers")
@requires(Permission.ASSEMBLE_PAPERS)
def index() -> str:
    """The frozen papers, the newest first."""
    wanted = request.args.get("q", "").strip()[:100]
    kind = request.args.get("kind", "")
    statement = select(Paper).order_by(Paper.id.desc())
    if wanted:
        found = Paper.title.contains(wanted, autoescape=True) | Paper.code.contains(wanted, autoescape=True)
        statement = statement.where(found)
    if kind in ("real", "demonstration"):
        statement = statement.where(Paper.demonstration.is_(kind == "demonstration"))
    page = paginate(db.session, statement, requested_page())
    return render_template(
        "question_bank/papers/index.html",
        page=page,
        names=account_names(db.session, {paper.drawn_by for paper in page.rows}),
        filtered=bool(wanted or kind),
    )


@blueprint.get("/papers/<int:paper_id>")
@requires(Permission.ASSEMBLE_PAPERS)
def show(paper_id: int) -> str:
    """What a frozen paper is: sections, digest, seed, and the proof that the draw can be replayed. No keys."""
    paper = queries.paper(db.session, paper_id)
    return render_template(
        "question_bank/papers/show.html",
        paper=paper,
        delivered=deliver(db.session, paper_id),
        deviations=service.deviations(db.session, paper_id),
        blueprint=db.session.get(PaperBlueprint, paper.blueprint_id) if paper.blueprint_id else None,
        drawn_by=account_names(db.session, {paper.drawn_by}).get(paper.drawn_by or 0),
        pool_sizes=queries.pool_sizes(paper),
    )


@blueprint.get("/papers/<int:paper_id>/preview")
@requires(Permission.ASSEMBLE_PAPERS)
def preview(paper_id: int) -> str:
    """The paper as a candidate sees it, of a family the one of ``?number=``; nothing can be saved, no key is near."""
    number = id_of(request.args.get("number"))
    return render_template(
        "question_bank/papers/preview.html", paper=deliver(db.session, paper_id, number), number=number
    )


@blueprint.post("/papers/<int:paper_id>/seed")
@requires(Permission.ASSEMBLE_PAPERS)
def tell_seed(paper_id: int) -> Response:
    """Publish the seed of a family."""
    queries.paper(db.session, paper_id)
    service.tell_seed(db.session, current_actor(), clock, paper_id)
    flash(_("种子已公布。"))
    return redirect(url_for("papers.show", paper_id=paper_id))
