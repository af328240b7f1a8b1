"""The form that sets items apart."""

import re

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from core.i18n import lazy

_BETWEEN = re.compile(r"[\s,，、;；]+")


class EnemiesForm(FlaskForm):  # type: ignore[misc]
    """The numbers of other items, and why a paper may hold one of them alone."""

    numbers = StringField(
        lazy("与哪些试题互斥"),
        [
            DataRequired(lazy("请填写至少一道别的试题的编号。")),
            Length(max=1000, message=lazy("编号一共最多 1000 个字符，请分几次设置。")),
        ],
        description=lazy("填试题编号，几个编号之间用空格或顿号隔开，例如 Q000012、Q000035。"),
    )
    reason = StringField(
        lazy("互斥原因"),
        [Length(max=500, message=lazy("互斥原因最多 500 个字。"))],
        description=lazy("例如：一题的题干说出了另一题的答案；考查同一条款。"),
    )

    def chosen(self) -> list[str]:
        """Return the numbers that were typed, in capitals."""
        return [number.upper() for number in _BETWEEN.split(self.numbers.data or "") if number]
