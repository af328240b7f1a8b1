"""Forms of the invigilator's desk."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from core.i18n import lazy
from exam.invigilation.service import LONGEST_FACTS
from exam.invigilation.words import INCIDENT_KINDS
from exam.schedule.forms import stripped

MOST_MINUTES = 240


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why something is done."""

    reason = StringField(
        lazy("理由"),
        [InputRequired(lazy("请填写理由。")), Length(max=500, message=lazy("理由最多 500 个字。"))],
        filters=[stripped],
        description=lazy("写明事实，会记入审计日志，例如：第 3 排断电 5 分钟。"),
    )


class ExtraTimeForm(ReasonForm):
    """How much longer, and why."""

    minutes = IntegerField(
        lazy("加时"),
        [
            InputRequired(lazy("请填写 1 至 240 之间的整数分钟。")),
            NumberRange(1, MOST_MINUTES, message=lazy("请填写 1 至 240 之间的整数分钟。")),
        ],
    )


class IncidentForm(FlaskForm):  # type: ignore[misc]
    """What happened."""

    kind = RadioField(
        lazy("类别"),
        [InputRequired(lazy("请选择类别。"))],
        choices=[SelectChoice(kind, label) for kind, label in INCIDENT_KINDS.items()],
    )
    facts = TextAreaField(
        lazy("情况"),
        [
            InputRequired(lazy("请写明情况。")),
            Length(max=LONGEST_FACTS, message=lazy("情况最多 2000 个字。")),
        ],
        filters=[stripped],
        description=lazy("只写看到的事实：时间、经过、在场人员、如何处置；不写推断和结论。"),
        render_kw={"rows": 6},
    )
