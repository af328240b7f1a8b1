"""Single choice: one of several options is right."""

from collections.abc import Mapping
from typing import Any

from question_bank.item_types.base import (
    ChoiceContent,
    Fault,
    ItemType,
    LabelKey,
    check_labels,
    label_faults,
    option_faults,
)


class SingleChoice(ItemType[ChoiceContent, LabelKey]):
    """Response: a list of at most one label."""

    name = "single_choice"
    chinese = "单项选择题"
    content_model = ChoiceContent
    key_model = LabelKey

    def faults(self, content: ChoiceContent, key: LabelKey) -> list[Fault]:
        """Return faults of the options and of the key, which has exactly one label."""
        found = [*option_faults(content.options), *label_faults(key.key, content.options)]
        if len(key.key) > 1:
            found.append(Fault("key", f"单项选择题只能有一个答案，现在有 {len(key.key)} 个；请改答案或改题型。"))
        return found

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return `[label]` or `[]`. Raises BadResponse."""
        return check_labels(content, response, 1)
