"""The form of an order of parallel forms."""

from datetime import datetime, timedelta
from fractions import Fraction

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from core.exact import NotAMark, parse_mark
from core.i18n import _, lazy
from question_bank.papers.exposure import Rest
from question_bank.parallel.rules import MOST_FORMS
from question_bank.parallel.service import MOST_SEED, Wish


class FormsForm(FlaskForm):  # type: ignore[misc]
    """How many forms, how alike, and which items rest."""

    title = StringField(
        lazy("试卷标题"),
        [DataRequired(lazy("请填写试卷标题。")), Length(max=200, message=lazy("标题最多 200 个字。"))],
        description=lazy("考生会看到这个标题，请用中性的名称，例如“素质能力测试”；卷别 A、B……另外标明。"),
    )
    forms = IntegerField(
        lazy("份数"),
        [InputRequired(lazy("请填写份数。")), NumberRange(2, MOST_FORMS, message=lazy("平行卷应为 2 到 6 份。"))],
        default=2,
    )
    bound = StringField(
        lazy("平均难度最多相差"),
        default="0.01",
        description=lazy(
            "任意两份卷的平均难度（得分率）之差的上限，0 到 0.20。没有实测数据的题按标注计：易 0.80，中 0.60，难 0.40，未标按 0.60。"
        ),
    )
    target = StringField(
        lazy("目标平均难度"),
        description=lazy("留空则尽量接近题库的平均难度。填写后，每份卷的平均难度都在目标上下“最多相差”之内。"),
    )
    deviation = StringField(
        lazy("难度的标准差最多相差"),
        description=lazy("任意两份卷难度的标准差之差的上限，0 到 0.20。留空则只在等值报告里列出，不作限制。"),
    )
    points_apart = IntegerField(
        lazy("同一知识点的题数最多相差"),
        [Optional(), NumberRange(0, 500, message=lazy("应为 0 到 500 的整数，或留空不限。"))],
        description=lazy("留空则只在等值报告里列出，不作限制。"),
    )
    overlap = IntegerField(
        lazy("任意两份卷最多相同题数"),
        [
            InputRequired(lazy("请填写相同题数，不许相同填 0。")),
            NumberRange(0, 500, message=lazy("应为 0 到 500 的整数。")),
        ],
        default=0,
        description=lazy("只有题库不够、非用不可时才会有相同的题；一道题最多出现在两份卷上。"),
    )
    most_sittings = IntegerField(
        lazy("略去作答已达多少人次的试题"),
        [Optional(), NumberRange(1, 1_000_000, message=lazy("人次应为 1 到 1000000 的整数，或留空不限。"))],
    )
    rest_days = IntegerField(
        lazy("略去最近多少天内用过的试题"),
        [Optional(), NumberRange(1, 3650, message=lazy("天数应为 1 到 3650 的整数，或留空不限。"))],
    )
    seed = StringField(
        lazy("种子"),
        [Length(max=MOST_SEED, message=lazy("种子最多 60 个字符。"))],
        description=lazy("留空则由系统随机产生。同样的题库、条件和种子，组成同样的卷。"),
    )
    demonstration = BooleanField(
        lazy("演示卷"),
        description=lazy("可以使用演示试题和依据未核对的试题；试卷处处标明“演示”，不能用于正式考试。"),
    )

    def validate_bound(self, field: StringField) -> None:
        """A number from 0 to 0.20."""
        if not 0 <= _facility(field) <= 20:
            raise ValidationError(_("平均难度的允许差应为 0 到 0.20，请修改。"))

    def validate_target(self, field: StringField) -> None:
        """A number between 0 and 1, or nothing."""
        if (field.data or "").strip() and not 0 < _facility(field) < 100:
            raise ValidationError(_("目标平均难度应在 0 和 1 之间，请修改或留空。"))

    def validate_deviation(self, field: StringField) -> None:
        """A number from 0 to 0.20, or nothing."""
        if (field.data or "").strip() and not 0 <= _facility(field) <= 20:
            raise ValidationError(_("难度标准差的允许差应为 0 到 0.20，请修改或留空。"))

    def wish(self, now: datetime) -> Wish:
        """Return what was asked for."""
        days = self.rest_days.data
        return Wish(
            title=self.title.data,
            forms=self.forms.data,
            bound=_facility(self.bound),
            overlap=self.overlap.data,
            target=_facility(self.target) if (self.target.data or "").strip() else None,
            deviation=_facility(self.deviation) if (self.deviation.data or "").strip() else None,
            points_apart=self.points_apart.data,
            seed=(self.seed.data or "").strip(),
            demonstration=self.demonstration.data,
            rest=Rest(self.most_sittings.data, now - timedelta(days=days) if days else None),
        )


def _facility(field: StringField) -> Fraction:
    """A facility as typed (0.65) in hundredths; at most four decimals."""
    try:
        value = Fraction(parse_mark(field.data, str(field.label.text))) * 100
    except NotAMark as problem:
        raise ValidationError(str(problem)) from problem
    if (value * 100).denominator != 1:
        raise ValidationError(_("最多写四位小数，请修改。"))
    return value
