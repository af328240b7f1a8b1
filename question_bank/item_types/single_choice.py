"""Single choice: one of several options is right."""

from collections.abc import Mapping
from typing import ClassVar

from core.i18n import lazy
from question_bank.item_types.base import Policy
from question_bank.item_types.options import LabelKey, OptionsContent, OptionsType, label_faults, option_faults
from question_bank.item_types.texts import Fault


class SingleChoice(OptionsType):
    """Response: a list of at most one label."""

    name = "single_choice"
    chinese = "单项选择题"
    word = lazy("单选题")
    note = lazy("几个选项里只有一个正确。")
    policies: ClassVar[Mapping[str, Policy]] = {"all_or_nothing": Policy(lazy("全对得分"))}
    answering = "每题只有一个正确答案。"
    most = 1

    def faults(self, content: OptionsContent, key: LabelKey) -> list[Fault]:
        """Return faults of the options and of the key: one label, or several where shares say that each earns it all."""
        found = [*option_faults(content.options), *label_faults(key, content.options)]
        if len(key.key) > 1 and not key.fractions:
            found.append(Fault("key", f"单项选择题只能有一个答案，现在有 {len(key.key)} 个；请改答案或改题型。"))
        return found
