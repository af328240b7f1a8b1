"""Forms of interviews."""

from fractions import Fraction
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from core.accounts.models import Account
from core.exact import show_exact
from core.i18n import _, lazy
from grading.interview import drafts
from grading.interview.drafts import ElementDraft, PanelDraft
from grading.interview.presets import BANDS, REMINDERS_SECONDS, Preset
from grading.interview.rules import Band, PanelProblem, PanelRule
from grading.interview.words import TRIMS

SPARE_ROWS = 2


class ElementForm(Form):  # type: ignore[misc]
    """One row of the score sheet; a row without a name does not count."""

    name = StringField(lazy("测评要素"), [Length(max=100)])
    weight = StringField(lazy("权重"), [Length(max=16)])
    greatest = StringField(lazy("满分"), [Length(max=16)], default="10")
    step = StringField(lazy("步长"), [Length(max=16)], default="0.5")
    bands = StringField(lazy("分档"), [Length(max=200)])
    criteria = StringField(lazy("评分要点"), [Length(max=500)])

    def draft(self) -> ElementDraft | None:
        """The row as a draft; None for an empty or faulty one, whose fields then carry the errors."""
        name = (self.name.data or "").strip()
        if not name:
            if (self.weight.data or "").strip() or (self.criteria.data or "").strip():
                self.name.errors = [_("这一行填了内容但没有要素名称，请填写名称，或清空这一行。")]
            return None
        numbers = {
            field.short_name: _number(field, f"“{name}”的{field.label.text}")
            for field in (self.weight, self.greatest, self.step)
        }
        bands = _bands(self.bands, numbers["greatest"]) if numbers["greatest"] else None
        if bands is None or not all(numbers.values()):
            return None
        draft = ElementDraft(
            name,
            numbers["weight"] or "",
            numbers["greatest"] or "",
            numbers["step"] or "",
            (self.criteria.data or "").strip(),
            bands,
        )
        try:
            drafts.check_step(draft)
        except PanelProblem as problem:
            self.step.errors = [str(problem)]
            return None
        return draft


def _number(field: Any, what: str) -> str | None:
    try:
        return drafts.read_number(field.data or "", what)
    except PanelProblem as problem:
        field.errors = [str(problem)]
        return None


def _bands(field: Any, greatest: str) -> tuple[Band, ...] | None:
    try:
        return drafts.read_bands(field.data or "", greatest)
    except PanelProblem as problem:
        field.errors = [str(problem)]
        return None


class PanelForm(FlaskForm):  # type: ignore[misc]
    """A panel: its sheet and its rule. ``draft`` is set once it is valid."""

    name = StringField(lazy("考官组名称"), [InputRequired(lazy("请填写考官组名称。")), Length(max=100)])
    seats = IntegerField(
        lazy("考官人数（含主考官）"),
        [InputRequired(lazy("请填写考官人数，例如 7。")), NumberRange(1, drafts.MOST_EXAMINERS)],
        default=7,
        description=lazy("一般 5、7 或 9 名。要去掉最高分和最低分，至少 5 名。"),
    )
    minutes = IntegerField(
        lazy("每名考生的面试时间"),
        [InputRequired(lazy("请填写分钟数，例如 15。")), NumberRange(1, drafts.LONGEST_MINUTES)],
        default=15,
    )
    reminders = StringField(
        lazy("提醒时间"),
        [Length(max=100)],
        description=lazy("剩余几分钟时举牌提醒，用逗号分开，例如 3，1，0；0 为时间到。"),
    )
    trim = RadioField(
        lazy("计分规则"),
        choices=[SelectChoice(value, label) for value, label in TRIMS.items()],
        default="totals",
        description=lazy("并列的最高分或最低分只去掉一个；平均分四舍五入保留两位小数，其余各步不取舍。"),
    )
    elements = FieldList(FormField(ElementForm), label=lazy("测评要素"), max_entries=drafts.MOST_ELEMENTS)
    draft: PanelDraft | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the rows too; their errors stand beside their fields, what concerns all rows above them."""
        if not super().validate(extra_validators):
            return False
        rows = [row.form.draft() for row in self.elements]
        if any(row.form.errors for row in self.elements):
            return False
        try:
            self.draft = PanelDraft(
                self.name.data.strip(),
                tuple(row for row in rows if row is not None),
                PanelRule(self.trim.data),
                self.minutes.data,
                drafts.read_reminders(self.reminders.data or "", self.minutes.data),
                self.seats.data,
            )
            drafts.check_draft(self.draft)
        except PanelProblem as problem:
            self.form_errors.append(str(problem))
            return False
        return True


def sheet_rows(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a sheet with some spare ones below, at most as many as a sheet may have."""
    spare: dict[str, Any] = {"greatest": "10", "step": "0.5", "bands": drafts.bands_text(BANDS)}
    wanted = min(len(elements) + SPARE_ROWS, drafts.MOST_ELEMENTS)
    return elements + [spare] * (wanted - len(elements))


def rows_of_preset(preset: Preset) -> list[dict[str, Any]]:
    """A preset's elements as rows."""
    return [
        {
            "name": element.name,
            "weight": str(element.weight),
            "greatest": str(element.maximum),
            "step": "0.5",
            "bands": drafts.bands_text(element.bands),
        }
        for element in preset.elements
    ]


def reminders_text(seconds: list[int] | tuple[int, ...] = REMINDERS_SECONDS) -> str:
    """Reminders as minutes: ``3，1，0``."""
    return "，".join(str(one // 60) if one % 60 == 0 else show_exact(Fraction(one, 60), 0) for one in seconds)


def members_form(seats: int, people: dict[str, list[Account]]) -> FlaskForm:
    """A form with one choice for every place: ``seat-1`` ... and ``timekeeper`` ...; ``people`` by position."""

    class MembersForm(FlaskForm):  # type: ignore[misc]
        """Made for one panel."""

    def choice(label: str, position: str) -> SelectField:
        nobody = [SelectChoice("0", _("— 尚未确定 —"))]
        known = [
            SelectChoice(str(one.id), f"{one.name}（{one.unit}）" if one.unit else one.name) for one in people[position]
        ]
        return SelectField(label, choices=nobody + known, default="0")

    for seat in range(1, seats + 1):
        setattr(MembersForm, f"seat-{seat}", choice(_("考官 %(seat)s 号席", seat=seat), "examiner"))
    MembersForm.chief = SelectField(
        _("主考官坐在"),
        choices=[SelectChoice(str(seat), _("%(seat)s 号席", seat=seat)) for seat in range(1, seats + 1)],
        default="1",
        description=_("主考官同样打分。"),
    )
    for position, label in (
        ("timekeeper", _("计时员")),
        ("score_clerk", _("计分员")),
        ("checker", _("复核员")),
        ("supervisor", _("监督员")),
    ):
        setattr(MembersForm, position, choice(label, position))
    return MembersForm()


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """A reason that is kept."""

    reason = TextAreaField(
        lazy("理由"), [InputRequired(lazy("请填写理由，它会留在记录里。")), Length(max=500)], render_kw={"rows": 3}
    )


class RecusalForm(ReasonForm):
    """Which examiner does not score, and why."""

    member = SelectField(lazy("回避的考官"), [InputRequired(lazy("请选择考官。"))])
    turns = SelectMultipleField(
        lazy("回避的考生"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
