"""The forms of printing."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, ValidationError

from core.i18n import _, lazy
from core.web.numbers import id_of
from question_bank.papers.blueprints import MOST_MINUTES
from question_bank.printing.documents import Look

PURPOSES = {"marking": lazy("阅卷"), "checking": lazy("核对试卷"), "archive": lazy("归档")}


class CopyForm(FlaskForm):  # type: ignore[misc]
    """Whose copy of a paper is printed; only a family, of which every candidate has a paper of their own, asks."""

    number = StringField(
        lazy("应试编号"),
        description=lazy("考生答题页和回执页网址里的数字。同一编号随时印出同一份卷。"),
    )

    def __init__(self, family: bool, **options: Any) -> None:
        super().__init__(**options)
        if not family:
            del self.number

    def validate_number(self, field: StringField) -> None:
        """The number of a sitting."""
        if not id_of((field.data or "").strip()):
            raise ValidationError(_("请填写应试编号：考生答题页和回执页网址里的数字。"))

    @property
    def copy(self) -> int:
        """The number of the sitting, 0 where the paper is the same for everybody."""
        return id_of((self.number.data or "").strip()) if self.number else 0


class PrintForm(CopyForm):
    """What the printed paper looks like."""

    sheet = RadioField(
        lazy("纸张"),
        choices=[SelectChoice("a4", lazy("A4 单栏")), SelectChoice("a3", lazy("A3 横向双栏，对折成册"))],
        default="a4",
    )
    sides = RadioField(
        lazy("印刷"),
        choices=[
            SelectChoice("double", lazy("双面：密封线正面在左、背面在右，都在装订的一边")),
            SelectChoice("single", lazy("单面：密封线都在左边")),
        ],
        default="double",
    )
    minutes = IntegerField(
        lazy("考试时间（分钟）"),
        [Optional(), NumberRange(1, MOST_MINUTES, message=lazy("考试时间应为 1 到 600 的整数分钟，或留空。"))],
    )
    answer_sheet = BooleanField(
        lazy("另用答题卡作答"), description=lazy("试卷上写明答案写在答题卡上，不印各部分的得分框。")
    )

    def look(self) -> Look:
        """Return what was chosen."""
        return Look(self.sheet.data, self.sides.data, self.answer_sheet.data, self.minutes.data)


class KeyForm(CopyForm):
    """What a key is printed for; it is recorded."""

    purpose = SelectField(lazy("用途"), choices=[SelectChoice(*entry) for entry in PURPOSES.items()])
