"""The pages of regulations: the list, one edition with everything that cites it, marking what has lapsed."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db, rollback
from core.errors import DomainError
from core.i18n import _
from core.web.access import current_actor, requires
from core.web.paging import paginate, requested_page
from question_bank.items.queries import account_names
from question_bank.sources import queries, service, words
from question_bank.sources.forms import ArticleForm, EditionForm, LapseForm, ReinstatementForm
from question_bank.sources.uses import uses_of

Answer = Response | tuple[str, int]

blueprint = Blueprint("sources", __name__, url_prefix="/bank/sources")


@blueprint.get("")
@requires(Permission.READ_ITEMS)
def index() -> str:
    """Every edition of every regulation, with what cites it."""
    state = request.args.get("state", "")
    wanted = queries.editions(request.args.get("q", "")[:100], state if state in words.STATES else "")
    page = paginate(db.session, wanted, requested_page())
    return render_template(
        "question_bank/sources/index.html",
        page=page,
        counts=queries.citing_counts(db.session, [edition.id for edition in page.rows]),
        filtered=bool(request.args.keys() - {"page"}),
        words=words,
        may=_may(),
    )


@blueprint.route("/editions/new", methods=["GET", "POST"])
@requires(Permission.WRITE_ITEMS, Permission.VERIFY_SOURCES)
def new() -> Answer:
    """Record an edition of a regulation."""
    form = EditionForm()
    problem = None
    if form.validate_on_submit():
        try:
            edition = service.add_edition(
                db.session, current_actor(), clock, form.name.data, form.label.data, form.valid_from.data
            )
            flash(_("已登记。"))
            return redirect(url_for("sources.show", edition_id=edition.id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    names = queries.regulation_names(db.session)
    return _form_page("question_bank/sources/new.html", form, problem, names=names)


@blueprint.get("/editions/<int:edition_id>")
@requires(Permission.READ_ITEMS)
def show(edition_id: int) -> str:
    """One edition: its facts, its articles, the items that cite it, the papers and the exams that hold them."""
    edition = queries.edition(db.session, edition_id)
    papers = queries.citing_papers(db.session, edition_id)
    return render_template(
        "question_bank/sources/show.html",
        edition=edition,
        articles=queries.articles(db.session, edition_id),
        items=queries.citing_items(db.session, edition_id),
        papers=papers,
        uses=uses_of(current_app, db.session, [paper.id for paper, _count in papers]),
        in_force=queries.editions_in_force(db.session, [edition.regulation_id]).get(edition.regulation_id),
        recorded_by=account_names(db.session, {edition.created_by}).get(edition.created_by or 0),
        words=words,
        may=_may(),
    )


@blueprint.route("/editions/<int:edition_id>/lapse", methods=["GET", "POST"])
@requires(Permission.VERIFY_SOURCES)
def lapse(edition_id: int) -> Answer:
    """Say what marking an edition will keep back, then do it."""
    edition = queries.edition(db.session, edition_id)
    form = LapseForm()
    problem = None
    if form.validate_on_submit():
        try:
            count = service.mark_lapsed(
                db.session,
                current_actor(),
                clock,
                edition,
                form.state.data,
                form.valid_to.data,
                form.reason.data,
                form.successor.data or "",
            )
            flash(_("已标记。引用它的 %(count)s 道已发布试题已隔离，重新核对之前不会进入试卷。", count=count))
            return redirect(url_for("sources.show", edition_id=edition_id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    facts = _effects(edition_id)
    return _form_page("question_bank/sources/lapse.html", form, problem, **facts)


@blueprint.route("/editions/<int:edition_id>/reinstatement", methods=["GET", "POST"])
@requires(Permission.VERIFY_SOURCES)
def reinstate(edition_id: int) -> Answer:
    """Mark an edition as in force again."""
    edition = queries.edition(db.session, edition_id)
    form = ReinstatementForm()
    problem = None
    if form.validate_on_submit():
        try:
            service.reinstate(db.session, current_actor(), clock, edition, form.reason.data)
            flash(_("已恢复为现行有效，因它隔离的试题可以重新进入试卷。"))
            return redirect(url_for("sources.show", edition_id=edition_id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    return _form_page("question_bank/sources/reinstate.html", form, problem, **_effects(edition_id))


@blueprint.route("/editions/<int:edition_id>/articles/new", methods=["GET", "POST"])
@requires(Permission.WRITE_ITEMS, Permission.VERIFY_SOURCES)
def article(edition_id: int) -> Answer:
    """Record the text of an article, so that it stands beside the quotations that are compared with it."""
    edition = queries.edition(db.session, edition_id)
    form = ArticleForm(data={"label": request.args.get("label", "")[:64]} if request.method == "GET" else None)
    problem = None
    if form.validate_on_submit():
        try:
            service.record_article(db.session, current_actor(), clock, edition, form.label.data, form.text.data)
            flash(_("条文已登记。"))
            return redirect(url_for("sources.show", edition_id=edition_id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    return _form_page("question_bank/sources/article.html", form, problem, **_effects(edition_id))


def _effects(edition_id: int) -> dict[str, Any]:
    papers = queries.citing_papers(db.session, edition_id)
    return {
        "edition": queries.edition(db.session, edition_id),
        "items": queries.citing_items(db.session, edition_id),
        "papers": papers,
        "uses": uses_of(current_app, db.session, [paper.id for paper, _count in papers]),
    }


def _form_page(template: str, form: FlaskForm, problem: DomainError | None, **facts: Any) -> tuple[str, int]:
    page = render_template(template, form=form, problem=problem, words=words, **facts)
    return page, problem.status if problem else 422 if form.is_submitted() else 200


def _may() -> dict[str, bool]:
    return {permission.value: current_actor().may(permission) for permission in Permission}
