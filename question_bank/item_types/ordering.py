"""Ordering: the options are to be put into their order."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from core.i18n import _, lazy
from question_bank.item_types.base import BadResponse, Policy
from question_bank.item_types.fields import Fields
from question_bank.item_types.option_order import shown_letters
from question_bank.item_types.options import LabelKey, OptionsContent, OptionsType, option_faults
from question_bank.item_types.texts import Fault


class Ordering(OptionsType):
    """Response: all labels in order, or `[]`. The key is all labels in the right order."""

    name = "ordering"
    chinese = "排序题"
    word = lazy("排序题")
    note = lazy("把几项排成正确的先后顺序。")
    policies: ClassVar[Mapping[str, Policy]] = {
        "all_or_nothing": Policy(lazy("顺序全对得分"), "顺序全部正确得分。"),
        "proportional": Policy(lazy("按位置正确的比例给分"), "按放在正确位置上的项数的比例得分。"),
    }
    answering = "请把各项排成正确的顺序。"

    def faults(self, content: OptionsContent, key: LabelKey) -> list[Fault]:
        """Return faults of the options and of the key, which names every option once."""
        found = list(option_faults(content.options))
        labels = sorted(option.label for option in content.options)
        if not key.key:
            found.append(Fault("key", "没有答案，请填写正确的顺序。"))
        elif sorted(key.key) != labels:
            found.append(Fault("key", f"答案应把 {'、'.join(labels)} 各写一次，现在是 {'、'.join(key.key)[:200]}。"))
        return found

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return all labels in the order given, or ``[]``. Raises BadResponse."""
        if response == []:
            return []
        labels = [option["label"] for option in content["options"]]
        if not isinstance(response, list) or not all(isinstance(label, str) for label in response):
            raise BadResponse("排序题的作答应是各项字母的列表。")
        if sorted(response) != sorted(labels):
            raise BadResponse(f"排序题的作答应把 {'、'.join(labels)} 各写一次。")
        return response

    def keeps_order(self, content: Mapping[str, Any]) -> bool:
        """Never: the order as written may be the answer."""
        return False

    def displayed_key(self, content: Mapping[str, Any], key: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return the right order under displayed letters."""
        shown = shown_letters(self.movable(content), order)
        return {**key, "key": [shown[label] for label in key["key"]]}

    def read_aloud(self, content: Mapping[str, Any]) -> str:
        """Return the kind and how much there is to order."""
        return str(_("排序题，%(count)s 项", count=len(content["options"])))

    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the entries, which are typed in their right order: a paper shows them in another."""
        content, _ticked = super().written(stem, fields)
        return content, {"key": [option["label"] for option in content["options"]]}

    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the entries in their right order."""
        texts = {option["label"]: option["text"] for option in content["options"]}
        return {f"options-{number}": [texts[label]] for number, label in enumerate(key["key"])}

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return the labels in order."""
        return " → ".join(key["key"])
