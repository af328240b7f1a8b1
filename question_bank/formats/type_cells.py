"""How people write the keys of numbers, pairs, orders and weighted options into one cell. Pure; raises CellError.

`read_key` and `key_text` are each other's way back. A backslash before one of ; ； | ｜ = ＝ / ／ { } \\ keeps it as part of a text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from question_bank.formats.cells import CellError, Key, without_prefix
from question_bank.formats.report import ImportedItem, ImportedOption
from question_bank.formats.texts import half_width
from question_bank.item_types.numbers import NotANumber, read_number
from question_bank.item_types.shares import is_share, share_of

_BETWEEN = re.compile(r"(?<!\\)[;；|｜\n]")
_EQUALS = re.compile(r"(?<!\\)[=＝]")
_MARKS = re.compile(r"([;；|｜=＝/／{}\\])")
_ESCAPED = re.compile(r"\\([;；|｜=＝/／{}\\])")
_SHARE = re.compile(r"\{([^{}]*)\}$")
_WEIGHTED = re.compile(r"([A-Z])\{([^{}]*)\}")
_TOLERANCE = re.compile(r"(.+?)(?:±|\+-|\+/-)(.+)")
_RANGE = re.compile(r"(.+?)\s*(?:~|～|至|到)\s*(.+)")
_ARROWS = re.compile(r"[\s,，、;；|>→\-]+")


def read_key(item_type: str, text: str, options: tuple[ImportedOption, ...]) -> Key:
    """Return the key of an item of a type that READERS names. Raises CellError."""
    return READERS[item_type](without_prefix(text), options)


def key_text(item: ImportedItem) -> str | None:
    """Return the text that `read_key` reads as the item's key, None for types that are written in other ways."""
    writer = _WRITERS.get(item.type)
    return writer(item) if writer else None


def weighted_text(item: ImportedItem) -> str:
    """Return the shares of the options (A{1}；B{0.5}), empty where the item states none."""
    stated = [option for option in item.options if option.fraction is not None]
    return "；".join(f"{option.label}{{{option.fraction:f}}}" for option in stated)


def weighted_key(text: str, options: tuple[ImportedOption, ...], single: bool) -> Key | None:
    """Return the key of options with shares such as A{1}；B{0.5}, None where the cell states no shares. Raises CellError."""
    parts = [part.strip() for part in _BETWEEN.split(half_width(text)) if part.strip()]
    found = [_WEIGHTED.fullmatch(part) for part in parts]
    if not parts or not all(found):
        return None
    shares = {match[1]: match[2] for match in found if match}
    for label, share in shares.items():
        if not is_share(share):
            raise CellError(f"选项 {label} 的得分比例“{share[:20]}”不对", "填写 -1 到 1 之间的小数，例如 B{0.5}")
    unknown = [label for label in shares if label not in {option.label for option in options}]
    if unknown:
        raise CellError(f"得分比例写了没有的选项 {'、'.join(unknown)}", "改正字母，或补上选项")
    right = [label for label, share in shares.items() if (share_of(share) == 1 if single else share_of(share) > 0)]
    weighted = tuple(
        replace(option, fraction=Decimal(shares[option.label])) if option.label in shares else option
        for option in options
    )
    return Key(tuple(sorted(right)), options=weighted)


def _numbers(text: str, _options: tuple[ImportedOption, ...]) -> Key:
    ranges = [_range(part.strip()) for part in _BETWEEN.split(text) if part.strip()]
    if not ranges:
        raise CellError("没有答案", "填写数值，例如 12.5、12±0.5 或 12～13")
    return Key(tuple(ranges))


def _range(text: str) -> dict[str, str]:
    share = _SHARE.search(text)
    plain = text[: share.start()].strip() if share else text
    tolerance, bounds = _TOLERANCE.fullmatch(plain), _RANGE.fullmatch(plain)
    try:
        if tolerance:
            middle, half = read_number(tolerance[1]), abs(read_number(tolerance[2]))
            low, high = _decimal(middle - half), _decimal(middle + half)
        elif bounds:
            low, high = bounds[1].strip(), bounds[2].strip()
            read_number(low), read_number(high)
        else:
            read_number(plain)
            low = high = plain
    except NotANumber:
        raise CellError(f"看不懂数值“{text[:30]}”", "写作 12.5、12±0.5 或 12～13，不写单位") from None
    return {"low": low, "high": high} | ({"fraction": share[1]} if share else {})


def _decimal(value: Any) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


def _numbers_text(item: ImportedItem) -> str:
    return "；".join(
        (entry["low"] if entry["low"] == entry["high"] else f"{entry['low']}～{entry['high']}")
        + (f"{{{entry['fraction']}}}" if "fraction" in entry else "")
        for entry in item.key
    )


def _pairs(text: str, _options: tuple[ImportedOption, ...]) -> Key:
    pairs, surplus = [], []
    for part in _BETWEEN.split(text):
        if not part.strip():
            continue
        sides = [_ESCAPED.sub(r"\1", side.strip()) for side in _EQUALS.split(part)]
        if len(sides) != 2 or not sides[1]:
            raise CellError(
                f"看不懂配对“{part.strip()[:30]}”", "每对写作 左＝右，各对之间用分号（；）；多余的右项写作 ＝右"
            )
        if sides[0]:
            pairs.append((sides[0], sides[1]))
        else:
            surplus.append(sides[1])
    if not pairs:
        raise CellError("没有答案", "每对写作 左＝右，各对之间用分号（；）分隔")
    return Key(tuple(pairs), distractors=tuple(surplus))


def _pairs_text(item: ImportedItem) -> str:
    pairs = [*item.key, *(("", right) for right in item.distractors)]
    return "；".join(f"{_marked(left)}＝{_marked(right)}" for left, right in pairs)


def _marked(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)


def _order(text: str, options: tuple[ImportedOption, ...]) -> Key:
    labels = tuple(_ARROWS.sub("", half_width(text)).upper())
    if sorted(labels) != sorted(option.label for option in options):
        whole = "".join(option.label for option in options)
        raise CellError(f"看不懂顺序“{text[:30]}”", f"把 {whole} 按正确的先后各写一次，例如 {whole[::-1]}")
    return Key(labels)


def _answer(text: str, _options: tuple[ImportedOption, ...]) -> Key:
    return Key((), answer=text.strip())


def _nothing(text: str, _options: tuple[ImportedOption, ...]) -> Key:
    doubt = ("这种题型没有答案，答案列的内容没有导入", "核对题型，或清空答案列")
    return Key((), (doubt,) if text.strip() else ())


READERS: Mapping[str, Callable[[str, tuple[ImportedOption, ...]], Key]] = {
    "numeric": _numbers,
    "matching": _pairs,
    "ordering": _order,
    "short_answer": _answer,
    "essay": _answer,
    "description": _nothing,
    "case": _nothing,
}
_WRITERS: Mapping[str, Callable[[ImportedItem], str]] = {
    "numeric": _numbers_text,
    "matching": _pairs_text,
    "ordering": lambda item: "".join(item.key),
    **dict.fromkeys(("short_answer", "essay", "description", "case"), lambda item: ""),
}
WITH_OPTIONS = frozenset(["single_choice", "multiple_choice", "ordering"])
