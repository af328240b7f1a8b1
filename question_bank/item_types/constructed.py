"""What the types share whose answers are texts that people mark."""

from collections.abc import Mapping
from typing import Any, ClassVar

from core.i18n import _, lazy
from question_bank.item_types.base import BadResponse, ItemType, Policy, ReadItem, StemContent, Strict
from question_bank.item_types.fields import Fields
from question_bank.item_types.texts import UNSTORABLE, Fault


class NoKey(Strict):
    """The empty key of what no machine can mark: what to look for stands in the rationale."""

    key: list[str]


class Constructed(ItemType[StemContent, NoKey]):
    """Response: `[text]`, or `[]`."""

    content_model = StemContent
    key_model = NoKey
    policies: ClassVar[Mapping[str, Policy]] = {"marked": Policy(lazy("由阅卷员评分"), "由阅卷员评分。")}
    most_text: ClassVar[int]  # characters

    def faults(self, content: StemContent, key: NoKey) -> list[Fault]:
        """Return a fault where there is a key after all."""
        if key.key:
            return [Fault("key", f"{self.chinese}不能自动评分，没有标准答案；参考答案请写在解析里。")]
        return []

    def scorable(self, content: Mapping[str, Any]) -> bool:
        """Return False: people mark it."""
        return False

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return the text exactly as it was typed, ``[]`` for an empty one. Raises BadResponse."""
        if response in ([], [""]):
            return []
        if not isinstance(response, list) or len(response) != 1 or not isinstance(response[0], str):
            raise BadResponse(f"{self.chinese}的作答应是一段文字。")
        if len(response[0]) > self.most_text:
            raise BadResponse(f"{self.chinese}最多写 {self.most_text} 个字。")
        if UNSTORABLE.search(response[0]):
            raise BadResponse("作答里有不能保存的控制字符，请删除。")
        return response

    def displayed(self, content: Mapping[str, Any], order: Any) -> dict[str, Any]:
        """Return the content with the most characters that a response may have."""
        return {**content, "most": self.most_text}

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return that people mark it."""
        return str(_("由阅卷员评分，参考答案见解析"))

    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the stem; there is no key."""
        return {"stem": stem}, {"key": []}

    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return nothing: the stem is all."""
        return {}

    def key_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the empty key."""
        return {"key": list(read.key)}

    def published(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stem."""
        return {**self._published_stem(content), "key": [], "scorable": False}
