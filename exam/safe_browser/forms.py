"""The form with which an organizer asks for Safe Exam Browser."""

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length

from core.i18n import lazy
from exam.safe_browser.models import SafeBrowser
from exam.schedule.forms import PlanForm, stripped


class SafeBrowserForm(PlanForm):
    """Whether it is asked for, how it is left, and in which versions."""

    required = BooleanField(
        lazy("要求使用安全考试浏览器"),
        description=lazy("不用本场的配置打开它的考生登录不了，也不能打开试卷、保存和交卷；个别考生可以由监考员豁免。"),
    )
    origin = StringField(
        lazy("考生访问的地址"),
        [Length(max=255, message=lazy("地址最多 255 个字符。"))],
        filters=[stripped],
        description=lazy(
            "考生电脑上看到的协议、域名和端口，例如 https://kaoshi.example.cn；与实际不符，全场都会被拒绝。"
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    password = StringField(
        lazy("退出密码"),
        filters=[stripped],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    keys = TextAreaField(
        lazy("浏览器考试密钥"),
        [Length(max=4000, message=lazy("密钥最多 4000 个字符。"))],
        filters=[stripped],
        description=lazy(
            "可以不填。填了，就只认这些版本：用各版本打开本场配置文件，从它的设置窗口复制 Browser Exam Key，一行一个。"
        ),
        render_kw={"rows": 3, "spellcheck": "false"},
    )

    @classmethod
    def of(cls, row: SafeBrowser | None, origin: str) -> "SafeBrowserForm":
        """The form filled with what was set; otherwise with the address under which the server is known."""
        if row is None:
            return cls(data={"origin": origin})
        return cls(data={"required": row.required, "origin": row.origin, "keys": row.exam_keys})
