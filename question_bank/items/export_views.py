"""Exporting: choose a format and which items; a job writes the file."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db
from core.errors import BadInput
from core.i18n import _, lazy
from core.jobs.service import enqueue
from core.web.access import current_actor, requires
from question_bank.formats.exporting import WRITERS
from question_bank.items import queries, words
from question_bank.items.blueprint import blueprint
from question_bank.items.export_jobs import JOB
from question_bank.items.export_service import Wanted, find_versions

FORMATS = {
    "excel": lazy("Excel 工作簿（.xlsx）"),
    "word": lazy("Word 文档（.docx）"),
    "gift": lazy("GIFT 文本"),
    "moodle-xml": lazy("Moodle XML"),
    "qti": lazy("QTI 3.0 包（.zip）"),
    "aiken": lazy("Aiken 文本（只有单选题）"),
}


class ExportForm(FlaskForm):  # type: ignore[misc]
    """A format, and what the items are narrowed to."""

    format = RadioField(lazy("格式"))
    type = SelectField(lazy("题型"), default="")
    state = SelectField(lazy("状态"), default="")
    knowledge_point = SelectField(lazy("知识点"), default="")
    tag = StringField(lazy("标签"), [Length(max=60)])
    number = StringField(
        lazy("编号"), [Length(max=4000)], description=lazy("只导出这几题时填写，几个编号之间用逗号分隔。")
    )

    def __init__(self, outline: list[queries.Outline], **options: Any) -> None:
        super().__init__(**options)
        self.format.choices = [SelectChoice(name, FORMATS.get(name, name)) for name in WRITERS]
        self.type.choices = [SelectChoice("", _("全部")), *(SelectChoice(*entry) for entry in words.TYPES.items())]
        in_use = SelectChoice("", _("草稿、待审和已发布"))
        self.state.choices = [in_use, *(SelectChoice(name, words.STATES[name][0]) for name in queries.STATES)]
        self.knowledge_point.choices = [
            SelectChoice("", _("全部")),
            *(SelectChoice(entry.label.split()[0], entry.label) for entry in outline),
        ]

    def wanted(self) -> Wanted:
        """Return what was chosen. Raises BadInput."""
        numbers = (self.number.data or "").replace("，", ",").replace("；", ",").replace(" ", ",")
        asked = {
            "type": self.type.data,
            "state": self.state.data,
            "knowledge": self.knowledge_point.data,
            "tag": (self.tag.data or "").replace(",", "，"),
            "number": numbers.strip(","),
        }
        return Wanted.of([f"{name}={value}" for name, value in asked.items() if value])


@blueprint.route("/export", methods=["GET", "POST"])
@requires(Permission.PRINT_KEYS)
def export_items() -> Response | str | tuple[str, int]:
    """Choose, see how many items it is, and have the file written."""
    asked = {name: request.args.get(name, "") for name in ("type", "state", "knowledge_point")}
    form = ExportForm(queries.outline(db.session), data={"format": "excel", **asked})
    if not form.validate_on_submit():
        page = render_template("question_bank/items/export.html", form=form, problem=None)
        return page, 422 if form.is_submitted() else 200
    try:
        wanted = form.wanted()
        if not find_versions(db.session, wanted):
            raise BadInput(_("没有符合条件的试题，没有写出文件。请放宽筛选条件。"))
    except BadInput as problem:
        return render_template("question_bank/items/export.html", form=form, problem=problem), problem.status
    run = enqueue(
        db.session,
        current_actor(),
        clock,
        JOB,
        format=form.format.data,
        where=wanted.as_json(),
        title=_("导出试题"),
        back=url_for("items.export_items"),
    )
    return redirect(url_for("jobs.show", run_id=run.id))
