"""Forms of the invigilator's desk."""

import re
import secrets
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from core.i18n import _, lazy
from exam.invigilation.service import LONGEST_FACTS
from exam.invigilation.words import INCIDENT_KINDS
from exam.schedule.forms import stripped

MOST_MINUTES = 240


class OnceForm(FlaskForm):  # type: ignore[misc]
    """A form that is taken once: it carries a number of its own, which the incident that it records holds alone."""

    once = HiddenField(lazy("表单编号"), default=lambda: secrets.token_hex(16))

    def validate_once(self, field: Any) -> None:
        """Refuse what is none of our numbers."""
        if not re.fullmatch("[0-9a-f]{32}", field.data):
            self.begin_anew()
            raise ValidationError(_("表单编号不完整，没有记录。请核对下面的内容后再提交一次。"))

    def begin_anew(self) -> None:
        """Let what was typed be sent as another form."""
        self.once.data = self.once.default()


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why something is done."""

    reason = StringField(
        lazy("理由"),
        [InputRequired(lazy("请填写理由。")), Length(max=500, message=lazy("理由最多 500 个字。"))],
        filters=[stripped],
        description=lazy("写明事实，会记入审计日志，例如：第 3 排断电 5 分钟。"),
    )


class ExemptionForm(OnceForm, ReasonForm):
    """Why one candidate is treated otherwise, which an incident tells."""


class ExtraTimeForm(ReasonForm):
    """How much longer, and why."""

    minutes = IntegerField(
        lazy("加时"),
        [
            InputRequired(lazy("请填写 1 至 240 之间的整数分钟。")),
            NumberRange(1, MOST_MINUTES, message=lazy("请填写 1 至 240 之间的整数分钟。")),
        ],
    )


class IncidentForm(OnceForm):
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
