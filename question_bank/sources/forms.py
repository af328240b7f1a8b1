"""The forms of regulations: a new edition, one that lapses, one that was marked by mistake, the text of an article."""

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from core.i18n import lazy

LAPSED = {"revised": lazy("已修订：有新版本取代"), "repealed": lazy("已废止：整部法规不再有效")}


class EditionForm(FlaskForm):  # type: ignore[misc]
    """A regulation's edition and the day from which it holds."""

    name = StringField(
        lazy("法规名称"),
        [DataRequired(lazy("请填写法规名称。")), Length(max=200, message=lazy("法规名称最多 200 个字。"))],
        description=lazy("写全称，不加书名号，例如 中华人民共和国公务员法。"),
    )
    label = StringField(
        lazy("版本"),
        [DataRequired(lazy("请填写版本。")), Length(max=64, message=lazy("版本最多 64 个字。"))],
        description=lazy("通过或修订的日期，例如 2018-12-29修订。与试题里的写法一致，才会是同一个版本。"),
    )
    valid_from = DateField(lazy("施行日期"), [InputRequired(lazy("请填写施行日期。"))])


class LapseForm(FlaskForm):  # type: ignore[misc]
    """What became of an edition, since when, by which act, and what takes its place."""

    state = RadioField(
        lazy("现在的状态"),
        [InputRequired(lazy("请选择已修订还是已废止。"))],
        choices=[SelectChoice(name, word) for name, word in LAPSED.items()],
    )
    valid_to = DateField(
        lazy("失效日期"), [InputRequired(lazy("请填写失效日期。"))], description=lazy("从这一天起不再适用。")
    )
    reason = StringField(
        lazy("依据"),
        [DataRequired(lazy("请写明依据。")), Length(max=500, message=lazy("依据最多 500 个字。"))],
        description=lazy("例如修订决定、废止决定的名称和文号。"),
    )
    successor = StringField(
        lazy("取代它的新版本"),
        [Optional(), Length(max=64, message=lazy("版本最多 64 个字。"))],
        description=lazy("填写后同时登记为现行版本，从失效日期起施行；被隔离的试题与它逐条核对。"),
    )


class ReinstatementForm(FlaskForm):  # type: ignore[misc]
    """Why an edition is in force after all."""

    reason = StringField(
        lazy("恢复的原因"),
        [DataRequired(lazy("请写明原因。")), Length(max=500, message=lazy("原因最多 500 个字。"))],
    )


class ArticleForm(FlaskForm):  # type: ignore[misc]
    """One article, word for word."""

    label = StringField(
        lazy("条款"),
        [DataRequired(lazy("请填写条款。")), Length(max=64, message=lazy("条款最多 64 个字。"))],
        description=lazy("例如 第三十六条。与试题里的写法一致，核对时才会并排显示。"),
    )
    text = TextAreaField(
        lazy("条文原文"),
        [DataRequired(lazy("请填写条文原文。")), Length(max=20_000, message=lazy("条文最多 20000 个字。"))],
        description=lazy("逐字照抄正式文本。严禁录入涉密内容。"),
    )
