"""True or false: the stem is a statement."""

from collections.abc import Mapping
from typing import Any, Literal

from question_bank.item_types.base import BadResponse, Fault, ItemType, StemContent, Strict


class TruthKey(Strict):
    """`["true"]` or `["false"]`."""

    key: list[Literal["true", "false"]]


class TrueFalse(ItemType[StemContent, TruthKey]):
    """Response: `["true"]`, `["false"]` or `[]`."""

    name = "true_false"
    chinese = "判断题"
    content_model = StemContent
    key_model = TruthKey

    def faults(self, content: StemContent, key: TruthKey) -> list[Fault]:
        """Return a fault unless the key is exactly one truth value."""
        if len(key.key) != 1:
            return [Fault("key", "判断题的答案只能是“正确”或“错误”之一，请填写。")]
        return []

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return the response itself. Raises BadResponse."""
        if response == [] or response == ["true"] or response == ["false"]:
            return list(response)
        raise BadResponse("判断题只能选择“正确”或“错误”。")
