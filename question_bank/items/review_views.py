"""Reviewing: publish or return with a comment, verify a citation, retire. Nobody decides on what they wrote."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db, rollback
from core.errors import DomainError
from core.i18n import _, lazy
from core.web.access import current_actor, requires
from core.web.numbers import id_of
from question_bank.items import queries, service
from question_bank.items.blueprint import blueprint
from question_bank.items.list_views import facts_of
from question_bank.sources.queries import article_texts, editions_in_force, lapsed_regulations
from question_bank.sources.words import STATES

Answer = Response | str | tuple[str, int]


class ReviewForm(FlaskForm):  # type: ignore[misc]
    """The version that was read, and the comment."""

    version = HiddenField()
    comment = TextAreaField(
        lazy("意见"),
        [Length(max=2000, message=lazy("意见最多 2000 个字。"))],
        description=lazy("退回时必须填写：哪里有问题，怎么改。"),
    )


class VerificationForm(FlaskForm):  # type: ignore[misc]
    """Which official text was held beside the citation."""

    version = HiddenField()
    compared_with = StringField(
        lazy("用来核对的正式文本"),
        [Length(max=300, message=lazy("最多 300 个字。"))],
        description=lazy(
            "例如：《全国人民代表大会常务委员会公报》2019 年第 1 号第 12 页；国家法律法规数据库 2026 年 11 月 20 日下载的文本。"
        ),
    )


class RetirementForm(FlaskForm):  # type: ignore[misc]
    """Why an item goes out of use."""

    version = HiddenField()
    reason = StringField(lazy("停用原因"), [Length(max=2000, message=lazy("原因最多 2000 个字。"))])


@blueprint.route("/items/<int:item_id>/review", methods=["GET", "POST"])
@requires(Permission.REVIEW_ITEMS)
def review(item_id: int) -> Answer:
    """Read the item whole, then publish it or return it with a comment."""
    item = queries.item_of(db.session, item_id)
    form = ReviewForm(data={"version": str(item.current_version_id)} if request.method == "GET" else None)
    problem = None
    if form.validate_on_submit():
        actor, version_id, comment = current_actor(), id_of(form.version.data), form.comment.data or ""
        try:
            if request.form.get("decision") == "publish":
                service.publish(db.session, actor, clock, item, version_id, comment)
                flash(_("试题 %(number)s 已发布，可以进入试卷。", number=item.number))
            else:
                service.send_back(db.session, actor, clock, item, version_id, comment)
                flash(_("试题 %(number)s 已退回作者。", number=item.number))
            return redirect(url_for("items.index", state="in_review"))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    return _page("question_bank/items/review.html", item_id, form, problem)


@blueprint.route("/items/<int:item_id>/verification", methods=["GET", "POST"])
@requires(Permission.VERIFY_SOURCES)
def verify(item_id: int) -> Answer:
    """Record that the citation was compared with the official text, and with which."""
    item = queries.item_of(db.session, item_id)
    form = VerificationForm(data={"version": str(item.current_version_id)} if request.method == "GET" else None)
    problem = None
    if form.validate_on_submit():
        version_id, text = id_of(form.version.data), form.compared_with.data or ""
        try:
            editions = [id_of(edition) for edition in request.form.getlist("edition")]
            service.verify_source(db.session, current_actor(), clock, item, version_id, text, editions)
            flash(_("试题 %(number)s 的法规依据已记录为由您核对。", number=item.number))
            return redirect(url_for("items.show", item_id=item.id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    lapsed = lapsed_regulations(db.session, item.current_version_id or 0)
    current = editions_in_force(db.session, list(lapsed))
    more = {
        "lapsed": lapsed,
        "source_words": STATES,
        "in_force": current,
        "texts": article_texts(db.session, [edition.id for edition in current.values()]),
    }
    return _page("question_bank/items/verify.html", item_id, form, problem, more)


@blueprint.route("/items/<int:item_id>/retirement", methods=["GET", "POST"])
@requires(Permission.REVIEW_ITEMS)
def retire(item_id: int) -> Answer:
    """Say what retiring means, then do it with a reason; it cannot be undone."""
    item = queries.item_of(db.session, item_id)
    form = RetirementForm(data={"version": str(item.current_version_id)} if request.method == "GET" else None)
    problem = None
    if form.validate_on_submit():
        version_id, reason = id_of(form.version.data), form.reason.data or ""
        try:
            service.retire(db.session, current_actor(), clock, item, version_id, reason)
            flash(_("试题 %(number)s 已停用，不再进入新试卷。", number=item.number))
            return redirect(url_for("items.show", item_id=item.id))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    return _page("question_bank/items/retire.html", item_id, form, problem)


def _page(
    template: str,
    item_id: int,
    form: FlaskForm,
    problem: DomainError | None,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[str, int]:
    item = queries.item_of(db.session, item_id)
    version = queries.version_of(db.session, item, item.current_version_id)
    page = render_template(template, form=form, problem=problem, **facts_of(item, version), **more)
    return page, problem.status if problem else 422 if form.is_submitted() else 200
