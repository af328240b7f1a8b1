"""The interface's words for what an item is and what happened to it."""

from typing import Any

from core.i18n import _, lazy
from question_bank.item_types.registry import ITEM_TYPES

TYPES = {name: kind.word for name, kind in ITEM_TYPES.items()}
NOTES = {name: kind.note for name, kind in ITEM_TYPES.items()}
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
    "lapsed": (lazy("依据已失效"), "danger"),
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


_OCCASIONS = {
    "correct": lazy("答对时"),
    "partially correct": lazy("部分答对时"),
    "incorrect": lazy("答错时"),
    "true": lazy("答“正确”时"),
    "false": lazy("答“错误”时"),
    "otherwise": lazy("其他作答"),
    "graderinfo": lazy("给阅卷员的说明"),
    "responsetemplate": lazy("作答的模板"),
}


def occasion(when: str) -> str:
    """What the occasion of a feedback is called: `hint 2` is 提示 2."""
    numbers = [word for word in when.split() if word.isdecimal()]
    if when.startswith("hint ") and numbers:
        return str(_("提示 %(number)s", number=numbers[0]))
    if when.startswith("answer ") and numbers:
        return str(_("第 %(number)s 个答案", number=numbers[0]))
    if when.startswith("blank ") and len(numbers) == 2:
        return str(_("第 %(blank)s 空第 %(number)s 个答案", blank=numbers[0], number=numbers[1]))
    return str(_OCCASIONS.get(when, when))


def policy_word(type_name: str, policy: str) -> Any:
    """A scoring policy as the type calls it; the bare name of one that the type does not know."""
    stated = ITEM_TYPES[type_name].policies.get(policy)
    return stated.word if stated else policy


# What the form shows of the markup, as it is written and as it will look.
MARKUP_EXAMPLES = (
    lazy("**重点**"),
    lazy("H<sub>2</sub>O、m<sup>2</sup>、<u>划线</u>"),
    lazy("- 第一条\n- 第二条"),
    lazy("| 年份 | 人数 |\n| 2026 | 106 |"),
    "\\(\\frac{x}{2} \\le 3\\)",
)
