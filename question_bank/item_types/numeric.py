"""Numeric: a number is asked for; ranges with their ends say which numbers earn how much."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import zip_longest
from typing import Any, ClassVar

from core.exact import show_exact
from core.i18n import _, lazy
from question_bank.item_types.base import BadResponse, ItemType, Policy, ReadItem, StemContent, Strict
from question_bank.item_types.fields import FieldProblem, Fields
from question_bank.item_types.numbers import NotANumber, read_number
from question_bank.item_types.shares import is_share, share_of
from question_bank.item_types.texts import Fault

MAX_RANGES = 20


class Range(Strict):
    """Numbers from ``low`` to ``high``, ends included, as texts; each earns ``fraction`` of the points."""

    low: str
    high: str
    fraction: str = "1"


class RangeKey(Strict):
    """Ranges; the first that holds a number decides."""

    key: list[Range]


class Numeric(ItemType[StemContent, RangeKey]):
    """Response: `["12.5"]` as it was typed, or `[]`."""

    name = "numeric"
    chinese = "数值题"
    word = lazy("数值题")
    note = lazy("填写一个数；可以允许误差，也可以让几个范围各得一部分分。")
    content_model = StemContent
    key_model = RangeKey
    policies: ClassVar[Mapping[str, Policy]] = {"all_or_nothing": Policy(lazy("按数值所在的范围给分"))}
    answering = "请填写一个数，不写单位。"

    def faults(self, content: StemContent, key: RangeKey) -> list[Fault]:
        """Return faults of the ranges."""
        if not key.key:
            return [Fault("key", "没有答案，请填写数值或范围。")]
        if len(key.key) > MAX_RANGES:
            return [Fault("key", f"有 {len(key.key)} 个范围，最多 {MAX_RANGES} 个。")]
        found = [fault for number, range_ in enumerate(key.key, 1) for fault in _range_faults(number, range_)]
        if not found and not any(share_of(range_.fraction) > 0 for range_ in key.key):
            found.append(Fault("key", "没有一个范围得分，请填写正确的数值。"))
        return found

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return the number as it was typed: the receipt's digest is taken over it. Raises BadResponse."""
        if response == []:
            return []
        if not isinstance(response, list) or len(response) != 1:
            raise BadResponse("数值题的作答应是一个数。")
        try:
            read_number(response[0])
        except NotANumber as problem:
            raise BadResponse(f"作答{problem}") from None
        return response

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return one range a line."""
        return "\n".join(range_text(range_) for range_ in key["key"])

    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return one range for each row of number, tolerance and share."""
        rows = zip_longest(*(fields.rows(name) for name in ("number", "tolerance", "share")), fillvalue="")
        ranges = []
        for row, (number, tolerance, share) in enumerate(rows):
            if not number:
                continue
            try:
                middle, half = read_number(number), read_number(tolerance or "0")
            except NotANumber as problem:
                raise FieldProblem(
                    fields.name("number"), _("第 %(row)s 行的数值或误差", row=row + 1) + str(problem)
                ) from None
            bounds = {"low": show_exact(middle - abs(half), 0), "high": show_exact(middle + abs(half), 0)}
            ranges.append(bounds | ({"fraction": share} if share else {}))
        if not ranges:
            raise FieldProblem(fields.name("number"), _("请至少填写一个正确的数值。"))
        return {"stem": stem}, {"key": ranges}

    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return each range as the number in its middle and the tolerance."""
        rows: dict[str, list[str]] = {}
        for row, range_ in enumerate(key["key"]):
            low, high = read_number(range_["low"]), read_number(range_["high"])
            rows[f"number-{row}"] = [show_exact((low + high) / 2, 0)]
            rows[f"tolerance-{row}"] = [show_exact((high - low) / 2, 0) if high > low else ""]
            rows[f"share-{row}"] = [range_.get("fraction", "")]
        return rows

    def key_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the ranges, every number as text."""
        return {"key": [{name: _as_text(value) for name, value in range_.items()} for range_ in read.key]}

    def published(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stem and the ranges."""
        return {**self._published_stem(content), "key": [dict(range_) for range_ in key["key"]]}


def range_text(range_: Mapping[str, Any]) -> str:
    """Return a range as a person reads it: 12.5, 12 ～ 13, 12 ～ 13（得 0.5）."""
    low, high, share = range_["low"], range_["high"], range_.get("fraction", "1")
    bounds = low if low == high else f"{low} ～ {high}"
    return bounds if share_of(share) == 1 else f"{bounds}（{_('得 %(share)s', share=share)}）"


def _range_faults(number: int, range_: Range) -> Iterator[Fault]:
    try:
        low, high = read_number(range_.low), read_number(range_.high)
    except NotANumber as problem:
        yield Fault("key", f"第 {number} 个范围{problem}")
        return
    if low > high:
        yield Fault("key", f"第 {number} 个范围的下限 {range_.low} 大于上限 {range_.high}，请对调。")
    if not is_share(range_.fraction):
        yield Fault(
            "key", f"第 {number} 个范围的得分比例“{range_.fraction[:20]}”不对，应为 -1 到 1 之间的小数，例如 0.5。"
        )


def _as_text(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
