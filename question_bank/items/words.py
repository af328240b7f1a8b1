"""The interface's words for what an item is and what happened to it."""

from core.i18n import lazy

TYPES = {
    "single_choice": lazy("单选题"),
    "multiple_choice": lazy("多选题"),
    "true_false": lazy("判断题"),
    "fill_blank": lazy("填空题"),
}
STATES = {
    "draft": (lazy("草稿"), "neutral"),
    "in_review": (lazy("待审"), "accent"),
    "published": (lazy("已发布"), "done"),
    "retired": (lazy("已停用"), "neutral"),
    "discarded": (lazy("导入已撤销"), "neutral"),
}
SOURCES = {
    "verified": (lazy("依据已核对"), "done"),
    "unverified": (lazy("依据未核对"), "warning"),
    "none": (lazy("无依据"), "neutral"),
}
STEPS = {
    "submitted": lazy("送审"),
    "withdrawn": lazy("撤回"),
    "returned": lazy("退回"),
    "published": lazy("发布"),
    "retired": lazy("停用"),
    "discarded": lazy("撤销导入"),
}
POLICIES = {
    "all_or_nothing": lazy("全对得分"),
    "proportional": lazy("按比例给分（有错选不得分）"),
    "half_for_incomplete": lazy("漏选得一半分（有错选不得分）"),
}
BLANK_POLICIES = {"proportional": lazy("按填对的空给分"), "all_or_nothing": lazy("全部填对得分")}
