"""The numbers that Word writes before paragraphs by itself: from numbering.xml and styles.xml to the visible text."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "零一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "ideographDigital",
    "japaneseCounting",
    "japaneseDigitalTenThousand",
    "taiwaneseDigital",
    "chineseLegalSimplified",
}


@dataclass(slots=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1
    suffix: str = "tab"
    style: str = ""
    legal: bool = False
    restart: int | None = None


@dataclass(slots=True)
class _Num:
    abstract: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)


class Numbering:
    """Counts the lists of one document; `prefix` must see the paragraphs in their order."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        self._nums: dict[str, _Num] = {}
        self._styles: dict[str, tuple[str, str, str]] = {}  # style: based on, numId, ilvl
        self._default_style = ""
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        if styles is not None:
            self._read_styles(styles)
        if numbering is not None:
            self._read_numbering(numbering)

    def prefix(self, paragraph: etree._Element) -> str:
        """Return what Word shows before a paragraph, such as `1.` or `（一）` with a tab or space behind it, or ""."""
        number, level = self._number_of(paragraph)
        num = self._nums.get(number)
        levels = self._levels_of(num) if num else {}
        if num is None or level not in levels:
            return ""
        counts = self._count(number, num, level, levels)
        shown = levels[level]
        if shown.format in ("bullet", "none") and "%" not in shown.text:
            return ""
        text = shown.text
        for at in range(9):
            if f"%{at + 1}" in text:
                of = levels.get(at, _Level())
                value = counts.get(at, of.start)
                text = text.replace(f"%{at + 1}", written(value, "decimal" if shown.legal else of.format))
        return text + {"tab": " ", "space": " "}.get(shown.suffix, "")

    def _count(self, number: str, num: _Num, level: int, levels: dict[int, _Level]) -> dict[int, int]:
        counts = self._counts.setdefault(num.abstract, {})
        if level in num.starts and (number, level) not in self._begun:
            self._begun.add((number, level))
            counts[level] = num.starts[level]
        else:
            counts[level] = counts[level] + 1 if level in counts else levels[level].start
        for deeper in [at for at in counts if at > level and levels.get(at, _Level()).restart != 0]:
            del counts[deeper]
        return counts

    def _number_of(self, paragraph: etree._Element) -> tuple[str, int]:
        properties = paragraph.find(f"{W}pPr")
        own = properties.find(f"{W}numPr") if properties is not None else None
        style = _value(properties.find(f"{W}pStyle")) if properties is not None else ""
        number, level = _num_pr(own) if own is not None else ("", "")
        if number == "0":
            return "", 0
        inherited, styled_level = self._styled(style or self._default_style)
        if not number and inherited:
            number, level = inherited, level or styled_level or self._level_of_style(inherited, style)
        return number, int(level) if level.isdecimal() and len(level) < 3 else 0

    def _styled(self, style: str) -> tuple[str, str]:
        for _step in range(20):
            based, number, level = self._styles.get(style, ("", "", ""))
            if number:
                return ("" if number == "0" else number), level
            if not based:
                return "", ""
            style = based
        return "", ""

    def _level_of_style(self, number: str, style: str) -> str:
        num = self._nums.get(number)
        levels = self._levels_of(num) if num else {}
        return next((str(at) for at, level in levels.items() if level.style == style), "0")

    def _levels_of(self, num: _Num) -> dict[int, _Level]:
        levels = self._abstract.get(num.abstract, {})
        link = self._links.get(num.abstract)
        if not levels and link:
            linked = self._nums.get(self._styles.get(link, ("", "", ""))[1])
            levels = self._abstract.get(linked.abstract, {}) if linked else {}
        return {**levels, **num.levels}

    def _read_styles(self, styles: etree._Element) -> None:
        for style in styles.iter(f"{W}style"):
            identity = style.get(f"{W}styleId", "")
            number = style.find(f"{W}pPr/{W}numPr")
            self._styles[identity] = (
                _value(style.find(f"{W}basedOn")),
                *(_num_pr(number) if number is not None else ("", "")),
            )
            if style.get(f"{W}default") in ("1", "true") and style.get(f"{W}type") == "paragraph":
                self._default_style = identity

    def _read_numbering(self, numbering: etree._Element) -> None:
        for abstract in numbering.iter(f"{W}abstractNum"):
            identity = abstract.get(f"{W}abstractNumId", "")
            self._abstract[identity] = dict(_levels(abstract))
            self._links[identity] = _value(abstract.find(f"{W}numStyleLink"))
        for element in numbering.iter(f"{W}num"):
            num = _Num(_value(element.find(f"{W}abstractNumId")))
            for override in element.iter(f"{W}lvlOverride"):
                at = override.get(f"{W}ilvl", "")
                start = _value(override.find(f"{W}startOverride"))
                if at.isdecimal() and len(at) < 3:
                    if start.isdecimal() and len(start) < 6:
                        num.starts[int(at)] = int(start)
                    num.levels.update(dict(_levels(override)))
            self._nums[element.get(f"{W}numId", "")] = num


def _levels(parent: etree._Element) -> Iterator[tuple[int, _Level]]:
    for element in parent.iter(f"{W}lvl"):
        at = element.get(f"{W}ilvl", "")
        if not at.isdecimal() or len(at) > 2:
            continue
        level = _Level(text=_value(element.find(f"{W}lvlText")))
        # mc:AlternateContent around numFmt holds formats of newer versions; the plain one stands in the fallback.
        level.format = next(
            (_value(found) for found in element.iter(f"{W}numFmt") if _value(found) != "custom"), "decimal"
        )
        start = _value(element.find(f"{W}start"))
        level.start = int(start) if start.isdecimal() and len(start) < 6 else 1 if not start else 0
        level.suffix = _value(element.find(f"{W}suff")) or "tab"
        level.style = _value(element.find(f"{W}pStyle"))
        level.legal = element.find(f"{W}isLgl") is not None
        restart = _value(element.find(f"{W}lvlRestart"))
        level.restart = int(restart) if restart.isdecimal() and len(restart) < 3 else None
        yield int(at), level


def _num_pr(element: etree._Element) -> tuple[str, str]:
    return _value(element.find(f"{W}numId")), _value(element.find(f"{W}ilvl"))


def _value(element: etree._Element | None) -> str:
    return "" if element is None else (element.get(f"{W}val") or "")


def written(value: int, number_format: str) -> str:
    """Return a number as a format of Word writes it: decimal, upperLetter, chineseCounting, decimalEnclosedCircle …"""
    if value < 1:
        return str(value)
    if number_format in ("upperLetter", "lowerLetter"):
        letters = chr(65 + (value - 1) % 26) * ((value - 1) // 26 + 1 if value <= 780 else 1)
        return letters if number_format == "upperLetter" else letters.lower()
    if number_format in ("upperRoman", "lowerRoman"):
        return _roman(value) if number_format == "upperRoman" else _roman(value).lower()
    if number_format in _CHINESE:
        return _chinese(value)
    if number_format in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and value <= 20:
        return chr(0x2460 + value - 1)
    if number_format == "decimalEnclosedParen" and value <= 20:
        return chr(0x2474 + value - 1)
    if number_format == "decimalEnclosedFullstop" and value <= 20:
        return chr(0x2488 + value - 1)
    if number_format == "decimalZero":
        return f"{value:02d}"
    if number_format == "ideographTraditional" and value <= 10:
        return _STEMS[value - 1]
    if number_format == "ideographZodiac" and value <= 12:
        return _BRANCHES[value - 1]
    return str(value)


def _roman(value: int) -> str:
    if value > 3999:
        return str(value)
    text = ""
    for number, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"],
        strict=True,
    ):
        text += letters * (value // number)
        value %= number
    return text


def _chinese(value: int) -> str:
    if value >= 10_000:
        return str(value)
    text = ""
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            text += _DIGITS[digit] + unit
        elif text and value % power and not text.endswith("零"):
            text += "零"
    return text[1:] if 10 <= value < 20 else text
