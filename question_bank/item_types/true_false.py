"""True or false: the stem is a statement."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from core.i18n import _, lazy
from question_bank.item_types.base import BadResponse, ItemType, Policy, ReadItem, StemContent, Strict
from question_bank.item_types.fields import FieldProblem, Fields
from question_bank.item_types.texts import Fault


class TruthKey(Strict):
    """`["true"]` or `["false"]`."""

    key: list[Literal["true", "false"]]


class TrueFalse(ItemType[StemContent, TruthKey]):
    """Response: `["true"]`, `["false"]` or `[]`."""

    name = "true_false"
    chinese = "判断题"
    word = lazy("判断题")
    note = lazy("一句话，判断正确还是错误。")
    content_model = StemContent
    key_model = TruthKey
    policies: ClassVar[Mapping[str, Policy]] = {"all_or_nothing": Policy(lazy("全对得分"))}
    answering = "请判断每题的说法正确还是错误。"

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

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return 正确 or 错误."""
        return str(_("正确") if key["key"] == ["true"] else _("错误"))

    def key_mark(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return √ or ×."""
        return "√" if key["key"] == ["true"] else "×"

    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the statement and its truth value."""
        truth = fields.one("truth")
        if truth not in ("true", "false"):
            raise FieldProblem(fields.name("truth"), _("请选择“正确”或“错误”。"))
        return {"stem": stem}, {"key": [truth]}

    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the truth value."""
        return {"truth": list(key["key"])}

    def key_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the truth value."""
        return {"key": list(read.key)}

    def published(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
        """Return the statement and its truth value."""
        return {**self._published_stem(content), "key": list(key["key"])}
