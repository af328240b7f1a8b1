"""Forms of the administrators of accounts."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from core.accounts.permissions import ROLE_NAMES
from core.i18n import lazy


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A new account."""

    username = StringField(
        lazy("用户名"),
        [
            InputRequired(lazy("请填写用户名。")),
            Length(max=64),
            Regexp(
                r"^[A-Za-z0-9][A-Za-z0-9._-]+$",
                message=lazy("用户名用字母、数字、点、横线或下划线，以字母或数字开头，至少 2 个字符。"),
            ),
        ],
        description=lazy("用于登录，建立后不能更改。"),
    )
    name = StringField(lazy("姓名"), [InputRequired(lazy("请填写姓名。")), Length(max=64)])
    unit = StringField(lazy("单位"), [Length(max=200)])


class RolesForm(FlaskForm):  # type: ignore[misc]
    """The roles of an account."""

    roles = SelectMultipleField(
        lazy("角色"),
        choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=lazy("系统、安全、审计三种管理员必须由三个人分别担任，且不得兼任考试岗位。"),
    )


class AccountsFileForm(FlaskForm):  # type: ignore[misc]
    """A spreadsheet of accounts."""

    file = FileField(lazy("账号表格"), [FileRequired(lazy("请选择要导入的文件。"))])
