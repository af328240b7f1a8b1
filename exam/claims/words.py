"""The words of the offline hand-in."""

from core.i18n import lazy

# word, tone of the badge
STANDINGS = {
    "pending": (lazy("待确认"), "warning"),
    "confirmed": (lazy("已确认，计入"), "done"),
    "refused": (lazy("不予采纳"), "neutral"),
}
JUDGEMENTS = {
    "proposed": (lazy("提请计入"), "accent"),
    "known": (lazy("服务器已有"), "neutral"),
    "too_late": (lazy("截止之后，不计"), "warning"),
    "too_early": (lazy("开始之前，不计"), "warning"),
    "conflict": (lazy("序号与服务器记录冲突，不计"), "danger"),
    "unreadable": (lazy("题号或格式不对，不计"), "danger"),
}
