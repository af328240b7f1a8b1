"""The page on which an item's enemies are set."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db, rollback
from core.errors import DomainError
from core.i18n import _
from core.web.access import current_actor, requires
from question_bank.enemies import service
from question_bank.enemies.forms import EnemiesForm
from question_bank.enemies.queries import group_of
from question_bank.items import words
from question_bank.items.blueprint import blueprint
from question_bank.items.queries import item_of, version_of


@blueprint.route("/items/<int:item_id>/enemies", methods=["GET", "POST"])
@requires(Permission.WRITE_ITEMS, Permission.REVIEW_ITEMS)
def enemies(item_id: int) -> Response | tuple[str, int]:
    """Put the item and those whose numbers are typed into one group."""
    item = item_of(db.session, item_id)
    form = EnemiesForm()
    problem = None
    if form.validate_on_submit():
        try:
            service.set_apart(db.session, current_actor(), clock, item, form.chosen(), form.reason.data or "")
            flash(_("已设为互斥：这些试题以后不会抽进同一份试卷。已冻结的试卷不受影响。"))
            return redirect(url_for("items.show", item_id=item_id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    item = item_of(db.session, item_id)
    page = render_template(
        "question_bank/items/enemies.html",
        form=form,
        item=item,
        version=version_of(db.session, item, item.current_version_id),
        group=group_of(db.session, item_id),
        problem=problem,
        words=words,
    )
    return page, problem.status if problem else 422 if form.is_submitted() else 200


@blueprint.post("/items/<int:item_id>/enemies/removal")
@requires(Permission.WRITE_ITEMS, Permission.REVIEW_ITEMS)
def let_together(item_id: int) -> Response:
    """Take the item out of its group."""
    item = item_of(db.session, item_id)
    service.let_together(db.session, current_actor(), clock, item)
    flash(_("试题 %(number)s 已不再与其他试题互斥。", number=item.number))
    return redirect(url_for("items.show", item_id=item_id))
