"""Numbers that people typed before the stems of a column: 1、 2. （3）. Pure.

A number is one of the file's own, and no part of the stem, where the column counts: beside its neighbours, in most of the stems, or
as its row is numbered. 3.5万元 and 2019年 are what stems begin with.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from question_bank.formats.layout_lines import flattened

_TYPED = re.compile(
    r"\s*(?:第\s?(\d{1,5})\s?题\s?[.、:,)]?|[(\[【]\s?(\d{1,5})\s?[)\]】]\s?[.、:]?|(\d{1,5})\s?[.、)])\s*(?=\S)"
)
_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class _Number:
    value: int
    end: int
    close: bool  # a digit stands behind it, as in 3.5


def lengths_of_numbers(stems: Sequence[str], told: Sequence[str] = ()) -> list[int]:
    """Return for each stem how many of its first characters are a typed number, 0 for none.

    `told` is what a column of numbers says beside each stem.
    """
    found = _confirmed([_typed(stem) for stem in stems])
    counted = len(stems) >= _ENOUGH and sum(map(bool, found)) * 5 >= len(stems) * 4
    lengths = []
    for at, (number, (before, after)) in enumerate(zip(found, _neighbours(found), strict=True)):
        value = number.value if number else 0
        beside = at < len(told) and told[at].strip().removesuffix(".0") == str(value)
        counts = before == value - 1 or after == value + 1 or (value == 1 and len(stems) == 1)
        lengths.append(number.end if number and (counts or counted or beside) else 0)
    return lengths


def numbered(stems: Iterable[str]) -> list[str]:
    """Return stems such that a reader of their column finds them again: numbered, if any begins as if it were."""
    written = list(stems)
    if not any(_typed(stem) for stem in written):
        return written
    return [f"{number}．{stem}" for number, stem in enumerate(written, 1)]


def _confirmed(found: Sequence[_Number | None]) -> list[_Number | None]:
    """The numbers without those that may as well be decimals and do not stand between their neighbours: 3.5 is none of them."""
    plain = [number if number is None or not number.close else None for number in found]
    return [
        number
        if number is None or not number.close or (before, after) == (number.value - 1, number.value + 1)
        else None
        for number, (before, after) in zip(found, _neighbours(plain), strict=True)
    ]


def _typed(stem: str) -> _Number | None:
    match = _TYPED.match(flattened(stem[:40]))
    if match is None:
        return None
    value = int(next(group for group in match.groups() if group))
    # 2．5% is typed with a full-width mark, which nobody writes in a decimal.
    decimal = match[3] is not None and stem[match.end() - 1] == "." and stem[match.end()].isdigit()
    return _Number(value, match.end(), decimal)


def _neighbours(numbers: Sequence[_Number | None]) -> Iterator[tuple[int | None, int | None]]:
    """The numbers before and behind each place, stems without any passed over."""
    before: list[int | None] = []
    last: int | None = None
    for number in numbers:
        before.append(last)
        last = last if number is None else number.value
    after: list[int | None] = []
    last = None
    for number in reversed(numbers):
        after.append(last)
        last = last if number is None else number.value
    return zip(before, reversed(after), strict=True)
