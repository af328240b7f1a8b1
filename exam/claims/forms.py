"""Forms of the offline hand-in."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from core.i18n import lazy
from exam.claims.service import LONGEST_REASON
from exam.invigilation.forms import OnceForm
from exam.schedule.forms import stripped


class CodeForm(OnceForm):
    """The code as the candidate's page shows it."""

    code = StringField(
        lazy("离线交卷码"),
        [InputRequired(lazy("请填写离线交卷码。")), Length(max=32, message=lazy("离线交卷码是 8 位字母和数字。"))],
        filters=[stripped],
        description=lazy("考生页面上的 8 位字母和数字，例如 7K2Q-9XW0；不含 I、L、O、U，大小写和短横线随意。"),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class FileForm(FlaskForm):  # type: ignore[misc]
    """The sealed file; what it must be is checked by the service, in one sentence each."""

    file = FileField(
        lazy("密封文件"),
        description=lazy("考生电脑上保存的文件，名字以 .hengjian 结尾。严禁上传涉密文件。"),
    )


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """Confirm or refuse, with a reason."""

    verdict = RadioField(
        lazy("决定"),
        [InputRequired(lazy("请选择确认或不予采纳。"))],
        choices=[
            SelectChoice("confirmed", lazy("确认：所提作答计入，重新评分")),
            SelectChoice("refused", lazy("不予采纳：成绩不变")),
        ],
    )
    reason = TextAreaField(
        lazy("理由"),
        [
            InputRequired(lazy("请写明理由。")),
            Length(max=LONGEST_REASON, message=lazy("理由最多 500 个字。")),
        ],
        filters=[stripped],
        description=lazy("写明依据的事实，例如：第 3 排 9:40 断网，当场登记的码与文件相符。会记入审计日志。"),
        render_kw={"rows": 4},
    )
