"""The words for the state of a candidate's sitting, with the tone of their badge."""

from core.i18n import lazy

SITTING_STATES = {
    "registered": (lazy("未登录"), "neutral"),
    "admitted": (lazy("已登录"), "accent"),
    "open": (lazy("作答中"), "solid"),
    "paused": (lazy("已暂停"), "warning"),
    "closed": (lazy("已交卷"), "done"),
}
