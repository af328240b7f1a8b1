"""Forms of signing in and of one's own password."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from core.i18n import lazy


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password of a standing account."""

    username = StringField(
        lazy("用户名"),
        [InputRequired(lazy("请填写用户名。")), Length(max=64)],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        lazy("密码"),
        [InputRequired(lazy("请填写密码。")), Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]
    """The password in use and, twice, the new one."""

    current = PasswordField(
        lazy("当前密码"), [InputRequired(lazy("请填写当前密码。"))], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(
        lazy("新密码"),
        [InputRequired(lazy("请填写新密码。")), Length(max=128)],
        description=lazy("至少 10 个字符，大写字母、小写字母、数字、符号中至少有三种，不含用户名。"),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        lazy("再次输入新密码"),
        [InputRequired(lazy("请再次输入新密码。")), EqualTo("new", lazy("两次输入的新密码不一致，请重新输入。"))],
        render_kw={"autocomplete": "new-password"},
    )
