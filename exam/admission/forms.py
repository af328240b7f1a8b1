"""The forms on the candidate's way."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from core.i18n import lazy


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Admission number and ticket code, as they stand on the ticket."""

    admission_number = StringField(
        lazy("准考证号"),
        [InputRequired(lazy("请填写准考证号。")), Length(max=64, message=lazy("准考证号过长，请对照准考证重新填写。"))],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    ticket_code = StringField(
        lazy("登录码"),
        [
            InputRequired(lazy("请填写准考证上的 12 位登录码。")),
            Length(max=64, message=lazy("登录码过长，请对照准考证重新填写。")),
        ],
        description=lazy("准考证上的 12 位字母和数字，大小写、空格和短横都不影响。"),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    safe_browser = HiddenField()  # the keys of Safe Exam Browser, which the page reads where requests carry none


class NoticeForm(FlaskForm):  # type: ignore[misc]
    """Read and agreed."""

    agreed = BooleanField(lazy("我已阅读并知悉以上内容"), [InputRequired(lazy("请阅读以上告知，勾选后再继续。"))])


class CommitmentForm(FlaskForm):  # type: ignore[misc]
    """Signed with one's own name under the text that was shown."""

    digest = HiddenField()
    name = StringField(
        lazy("签名（输入本人姓名）"),
        [InputRequired(lazy("请输入本人姓名，作为签名。")), Length(max=64, message=lazy("姓名过长，请重新输入。"))],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
