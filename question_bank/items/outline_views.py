"""The content outline: which knowledge points there are, and adding one."""

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db, rollback
from core.errors import DomainError, Forbidden
from core.i18n import _, lazy
from core.web.access import current_actor, requires
from question_bank.items import queries
from question_bank.items.blueprint import blueprint
from question_bank.items.outline_service import add_knowledge_point, item_counts


class KnowledgePointForm(FlaskForm):  # type: ignore[misc]
    """A new node of the outline."""

    code = StringField(
        lazy("编号"),
        [
            DataRequired(lazy("请填写编号。")),
            Length(max=32),
            Regexp(r"^[0-9]+(\.[0-9]+)*$", message=lazy("编号由数字和点组成，例如 3 或 3.2。")),
        ],
        description=lazy("例如 3 或 3.2，决定排列的先后。"),
    )
    name = StringField(
        lazy("名称"), [DataRequired(lazy("请填写名称。")), Length(max=200, message=lazy("名称最多 200 个字。"))]
    )
    parent = SelectField(lazy("上级知识点"), coerce=str)


@blueprint.route("/knowledge-points", methods=["GET", "POST"])
@requires(Permission.READ_ITEMS)
def knowledge_points() -> Response | tuple[str, int]:
    """The outline with how many items stand under each point; authors may add to it."""
    outline = queries.outline(db.session)
    form = KnowledgePointForm()
    form.parent.choices = [
        SelectChoice("", _("（无，作为一级知识点）")),
        *(SelectChoice(str(entry.id), entry.label) for entry in outline),
    ]
    problem = None
    if form.is_submitted() and not current_actor().may(Permission.WRITE_ITEMS):
        raise Forbidden(_("只有命题员可以添加知识点，本次操作未执行。"))
    if form.validate_on_submit():
        parent = int(form.parent.data) if form.parent.data else None
        try:
            add_knowledge_point(
                db.session, current_actor(), clock, code=form.code.data.strip(), name=form.name.data, parent_id=parent
            )
            flash(_("已添加知识点“%(name)s”。", name=form.name.data.strip()))
            return redirect(url_for("items.knowledge_points"))
        except DomainError as refused:
            problem = refused
            rollback(db.session)
    page = render_template(
        "question_bank/items/knowledge_points.html",
        form=form,
        outline=outline,
        counts=item_counts(db.session),
        problem=problem,
        may_add=current_actor().may(Permission.WRITE_ITEMS),
    )
    return page, problem.status if problem else 422 if form.is_submitted() else 200
