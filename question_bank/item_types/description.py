"""Description: a text to be read, without an answer and without points."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from core.i18n import lazy
from question_bank.item_types.base import BadResponse, ItemType, Policy, ReadItem, StemContent
from question_bank.item_types.constructed import NoKey
from question_bank.item_types.fields import Fields
from question_bank.item_types.texts import Fault


class Description(ItemType[StemContent, NoKey]):
    """Response: `[]`, always."""

    name = "description"
    chinese = "说明文字"
    word = lazy("说明文字")
    note = lazy("一段只读的文字，不作答、不计分；可以放在案例题的小题之间。")
    content_model = StemContent
    key_model = NoKey
    policies: ClassVar[Mapping[str, Policy]] = {"all_or_nothing": Policy(lazy("不计分"))}
    drawable = False

    def faults(self, content: StemContent, key: NoKey) -> list[Fault]:
        """Return a fault where there is a key after all."""
        return [Fault("key", "说明文字不作答，不能有答案。")] if key.key else []

    def points_faults(self, content: Mapping[str, Any], points_hundredths: int) -> Iterator[Fault]:
        """Yield a fault unless there are no points."""
        if points_hundredths:
            yield Fault("content", "说明文字不计分，分值应为 0。")

    def fixed_points(self, content: Mapping[str, Any]) -> int | None:
        """Return none."""
        return 0

    def default_points(self, read: ReadItem) -> int:
        """Return none."""
        return 0

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return ``[]``. Raises BadResponse for anything else."""
        if response != []:
            raise BadResponse("说明文字不需要作答。")
        return []

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return nothing."""
        return ""

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
        """Return the text."""
        return {**self._published_stem(content), "key": [], "scorable": False}
