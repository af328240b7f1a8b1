"""What the formats of Moodle share: texts in one of its four text formats, shares of the points, names of categories."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from question_bank.formats.html_text import plain_text, says_more, tidy

_MARKUP = re.compile(r"<[A-Za-z/!]|&#?[A-Za-z0-9]{1,31};")
_MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")
_HUNDRED = Decimal(100)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:[.,][0-9]{0,40})?|[.,][0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?")
_CONTEXT = re.compile(r"^\$[a-z0-9]+\$$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rich:
    """A text as people read it, and its HTML where that says more."""

    plain: str
    html: str = ""


def rich_text(text: str, text_format: str) -> Rich:
    """Return a text that is in `html`, `markdown`, `plain_text`/`plain` or Moodle's own format (anything else)."""
    if text_format in ("plain_text", "plain"):
        return Rich(tidy(text))
    if text_format == "markdown":
        html = _MARKDOWN.render(text).strip()
    elif text_format == "html":
        html = text.strip()
    else:
        # Moodle's own format keeps line ends and takes HTML; without any it is plain text.
        lines = "\n".join(line.strip() for line in text.strip().split("\n"))
        if not _MARKUP.search(lines):
            return Rich(tidy(lines))
        html = (
            lines if re.search(r"<(?:p|div|ul|ol|table|br)\b", lines, re.IGNORECASE) else lines.replace("\n", "<br>\n")
        )
    return Rich(plain_text(html), html if says_more(html) else "")


def written(text: str, html: str = "") -> tuple[str, str]:
    """Return a text as it is written, and its format: `html`, or `plain_text` where HTML would close up its spaces."""
    if html:
        return html, "html"
    lines = "".join(f"<p>{escape(line, quote=False) or '<br>'}</p>" for line in text.split("\n"))
    return (lines, "html") if plain_text(lines) == text else (text, "plain_text")


def share(percent: str) -> Decimal | None:
    """Return a percentage such as `33.33333` as a share with two to seven decimals, None for what is no number."""
    found = number(percent)
    return None if found is None else two_places(found / _HUNDRED)


def two_places(value: Decimal) -> Decimal:
    """Return a share with at least two and at most seven decimals."""
    rounded = value.quantize(Decimal("0.0000001"))
    shortest = rounded.normalize()
    return rounded.quantize(Decimal("0.01")) if _decimals(shortest) < 2 else shortest


def percent(value: Decimal) -> str:
    """Return a share as a percentage such as `33.33333`."""
    return shortest(value * _HUNDRED)


def interval_words(entry: Mapping[str, Any]) -> str:
    """Return the bounds of a numeric key as GIFT writes them: one number, or `low..high`."""
    low, high = str(entry["low"]), str(entry["high"])
    return low if low == high else f"{low}..{high}"


def number(text: str) -> Decimal | None:
    """Return a number as Moodle reads it (a comma may stand for the point, exponents are allowed), None for anything else."""
    word = text.strip()
    if not _NUMBER.fullmatch(word):
        return None
    try:
        return Decimal(word.replace(",", "."))
    except InvalidOperation:
        return None


def shortest(value: Decimal) -> str:
    """Return a number without an exponent and without needless zeros."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def interval(answer: Decimal, tolerance: Decimal, kind: str = "2") -> tuple[str, str]:
    """Return the bounds of a tolerance, both included: `1` relative, `2` nominal, `3` geometric, as Moodle has them."""
    width = abs(tolerance)
    if kind in ("1", "relative"):
        width *= abs(answer)
    if kind in ("3", "geometric"):
        ends = sorted((answer / (1 + width), answer * (1 + width)))
        return shortest(ends[0]), shortest(ends[1])
    return shortest(answer - width), shortest(answer + width)


def category_name(path: str) -> str:
    """Return a category such as `$course$/top/法规/考核` as people name it: `法规/考核`; empty for the top."""
    parts = [part.strip() for part in path.replace("//", "\0").split("/")]
    while parts and (_CONTEXT.match(parts[0]) or parts[0] in ("top", "")):
        parts.pop(0)
    return "/".join(part.replace("\0", "/") for part in parts)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
