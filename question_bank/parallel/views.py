"""Parallel forms: order them from a blueprint, wait, read the equivalence report or why there are none."""

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db, rollback
from core.errors import DomainError
from core.web.access import current_actor, requires
from core.web.paging import paginate, requested_page
from question_bank.items.queries import account_names
from question_bank.papers.queries import blueprint as blueprint_of
from question_bank.papers.rules import chinese_numeral
from question_bank.parallel import queries
from question_bank.parallel.forms import FormsForm
from question_bank.parallel.models import FormSet
from question_bank.parallel.rules import decimal, from_json
from question_bank.parallel.service import order_forms, proof

blueprint = Blueprint("parallel_forms", __name__, url_prefix="/bank")
Answer = Response | str | tuple[str, int]


@blueprint.get("/forms")
@requires(Permission.ASSEMBLE_PAPERS)
def index() -> str:
    """The sets of parallel forms, the newest first."""
    page = paginate(db.session, select(FormSet).order_by(FormSet.id.desc()), requested_page())
    return render_template(
        "question_bank/parallel/index.html",
        page=page,
        papers={one.id: queries.papers_of(db.session, one.id) for one in page.rows},
        names=account_names(db.session, {one.ordered_by for one in page.rows}),
    )


@blueprint.route("/blueprints/<int:blueprint_id>/forms", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def order(blueprint_id: int) -> Answer:
    """Order parallel forms of a blueprint; the solver works in the background."""
    plan = blueprint_of(db.session, blueprint_id)
    form = FormsForm()
    problem = None
    if form.validate_on_submit():
        try:
            wish = form.wish(clock.now())
            ordered = order_forms(db.session, current_actor(), clock, plan, wish, url_for("parallel_forms.index"))
            return redirect(url_for("jobs.show", run_id=ordered.run_id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
            plan = blueprint_of(db.session, blueprint_id)
    page = render_template("question_bank/parallel/order.html", plan=plan, form=form, problem=problem)
    return page, problem.status if problem else 422 if form.is_submitted() else 200


@blueprint.get("/forms/<int:form_set_id>")
@requires(Permission.ASSEMBLE_PAPERS)
def show(form_set_id: int) -> str:
    """What came of an order: the forms with their equivalence, proved anew, or what stood in the way."""
    ordered = queries.form_set(db.session, form_set_id)
    return render_template(
        "question_bank/parallel/show.html",
        ordered=ordered,
        request_=from_json(ordered.request),
        decimal=decimal,
        papers=queries.papers_of(db.session, form_set_id),
        deviations=proof(db.session, ordered) if ordered.state == "solved" else [],
        points=queries.titles(db.session),
        numeral=chinese_numeral,
        ordered_by=account_names(db.session, {ordered.ordered_by}).get(ordered.ordered_by or 0),
    )
