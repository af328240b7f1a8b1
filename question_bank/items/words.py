"""The interface's words for what an item is and what happened to it."""

from typing import Any

from core.i18n import lazy
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


def policy_word(type_name: str, policy: str) -> Any:
    """A scoring policy as the type calls it; the bare name of one that the type does not know."""
    stated = ITEM_TYPES[type_name].policies.get(policy)
    return stated.word if stated else policy
