"""Multiple choice: one or more of several options are right."""

from collections.abc import Mapping
from typing import Any

from question_bank.item_types.base import (
    MAX_OPTIONS,
    ChoiceContent,
    Fault,
    ItemType,
    LabelKey,
    check_labels,
    label_faults,
    option_faults,
)


class MultipleChoice(ItemType[ChoiceContent, LabelKey]):
    """Response: a list of labels, sorted and unique."""

    name = "multiple_choice"
    chinese = "多项选择题"
    content_model = ChoiceContent
    key_model = LabelKey

    def faults(self, content: ChoiceContent, key: LabelKey) -> list[Fault]:
        """Return faults of the options and of the key; a key of one label is only doubtful."""
        found = [*option_faults(content.options), *label_faults(key.key, content.options)]
        if len(key.key) == 1:
            found.append(Fault("key", "多项选择题只有一个答案，请核对答案或题型。", "warning"))
        return found

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return the labels sorted and unique, or `[]`. Raises BadResponse."""
        return check_labels(content, response, MAX_OPTIONS)
