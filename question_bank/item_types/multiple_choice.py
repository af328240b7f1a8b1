"""Multiple choice: one or more of several options are right."""

from collections.abc import Mapping
from typing import ClassVar

from core.i18n import lazy
from question_bank.item_types.base import Policy
from question_bank.item_types.options import LabelKey, OptionsContent, OptionsType, label_faults, option_faults
from question_bank.item_types.texts import Fault

ONE_ANSWER = "多项选择题只有一个答案，请核对答案或题型。"
ANY_NUMBER = "不定项"  # as banks call a multiple choice of which one right option is as good as several


class MultipleChoice(OptionsType):
    """Response: a list of labels, sorted and unique."""

    name = "multiple_choice"
    chinese = "多项选择题"
    word = lazy("多选题")
    note = lazy("几个选项里有一个或一个以上正确，组卷时选定漏选怎么给分。")
    policies: ClassVar[Mapping[str, Policy]] = {
        "all_or_nothing": Policy(lazy("全对得分"), "与答案完全一致得满分，错选、多选、漏选均不得分。"),
        "proportional": Policy(lazy("按比例给分（有错选不得分）"), "漏选按选对的比例得分，有错选不得分。"),
        "half_for_incomplete": Policy(lazy("漏选得一半分（有错选不得分）"), "漏选得一半的分，有错选不得分。"),
    }
    answering = "每题有一个或一个以上正确答案。"

    def faults(self, content: OptionsContent, key: LabelKey) -> list[Fault]:
        """Return faults of the options and of the key; a key of one label is only doubtful."""
        found = [*option_faults(content.options), *label_faults(key, content.options)]
        if len(key.key) == 1:
            found.append(Fault("key", ONE_ANSWER, "warning"))
        return found
