"""The device check: each computer says for itself, before the exam, what it lacks. Public, and nothing is stored."""

from flask import Blueprint, render_template

from core.clock import clock, iso
from core.i18n import lazy
from core.web.access import candidates_frame, public

blueprint = Blueprint("readiness", __name__)
blueprint.context_processor(candidates_frame)
# name -> what is checked, and what to do when it fails
CHECKS = {
    "browser": (
        lazy("浏览器"),
        lazy("换用 Chromium 90 以上内核的浏览器（新版 Chrome、Edge、奇安信、360 极速模式等）。"),
    ),
    "cookies": (
        lazy("Cookie"),
        lazy("在浏览器设置里允许本站使用 Cookie；缺了它不能登录。"),
    ),
    "storage": (
        lazy("本机存储"),
        lazy("关闭无痕（隐私）模式，在浏览器设置里允许本站保存数据；缺了它，断网时刷新会丢失答案。"),
    ),
    "quota": (lazy("存储空间"), lazy("清理磁盘或浏览器缓存，至少留出 50 MB。")),
    "secure": (lazy("安全连接和加密"), lazy("用 https 开头的网址打开，并安装考场的机构证书；缺了它不能离线交卷。")),
    "worker": (lazy("断网后刷新"), lazy("用 https 打开，并允许本站保存数据；缺了它，断网时不要刷新页面。")),
    "clock": (lazy("电脑时钟"), lazy("不影响考试，时间以服务器为准；可以在系统设置里校准。")),
    "network": (lazy("网络往返"), lazy("检查网线或无线信号；作答仍会自动补交，只是保存得慢。")),
    "screen": (lazy("窗口大小"), lazy("放大浏览器窗口或降低系统的显示缩放；窄屏也能作答，答题卡会收起。")),
}


@blueprint.get("/device-check")
@public
def device_check() -> str:
    """The list, filled in by the page's script."""
    return render_template("exam/readiness/device_check.html", checks=CHECKS)


@blueprint.get("/device-check/time")
@public
def time() -> dict[str, str]:
    """``{"server_time"}``: for clock and round trip."""
    return {"server_time": iso(clock.now())}
