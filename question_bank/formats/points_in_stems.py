"""A mark such as （2分） in the stem of an item of another system moves to its points, out of the plain text and out of the rich one. Pure."""

import re
from dataclasses import replace
from fractions import Fraction

from core.exact import show_exact
from question_bank.formats.html_text import says_more
from question_bank.formats.report import ImportedItem
from question_bank.formats.texts import POINTS_MARK, take_points_mark_above

_ONE = 100
_BETWEEN = r"(?:\s|&nbsp;|&#160;|</?[A-Za-z][^<>]{0,200}>)*"
_AT_END = re.compile(rf"{POINTS_MARK}(?P<kept>[。．.]?{_BETWEEN})$")
_AT_START = re.compile(rf"^(?P<kept>{_BETWEEN}){POINTS_MARK}")

_AT_LINE_END = re.compile(
    rf"{POINTS_MARK}(?P<kept>[。．.]?(?:\s|</?(?:b|i|em|strong|span|u)\b[^<>]{{0,200}}>)*)(?=<(?:/p|/div|br)\b)"
)
_EMPTY = re.compile(r"(?:<(p|div)(?: [^<>]{0,200})?>\s*</\1>\s*)+$")


def take_points(item: ImportedItem, preset: bool) -> tuple[ImportedItem, str]:
    """Return the item with the mark's points instead of the mark, and what is doubtful about them (empty for nothing).

    Points that the file states otherwise stay, unless they are one: that is what other systems write where nobody stated any. `preset`
    is whether they write it always, so that the difference says nothing.
    """
    stem, mark = take_points_mark_above(item.stem)
    if mark is None or not stem or item.type == "description":
        return item, ""
    if (mark * 100).denominator != 1 or not 0 < mark <= 1000:
        return item, ""
    points, stated = int(mark * 100), item.points_hundredths
    doubt = ""
    if stated not in (None, points) and not (preset and stated == _ONE):
        which = "前者" if stated == _ONE else "后者"
        told = [show_exact(Fraction(each or 0, 100), 0) for each in (points, stated)]
        doubt = f"题干里写着 {told[0]} 分，文件另写着 {told[1]} 分，按{which}读取"
    kept = points if stated in (None, _ONE) else stated
    return replace(item, stem=stem, html=_without_mark(item.html), points_hundredths=kept), doubt


def _without_mark(html: str) -> str:
    for pattern in (_AT_END, _AT_START, _AT_LINE_END):
        match = pattern.search(html)
        if match:
            rest = html[: match.start()].rstrip(" \u3000") + match["kept"] + html[match.end() :]
            rest = _EMPTY.sub("", rest).strip()
            return rest if says_more(rest) else ""
    return html
