"""The values of QTI expressions: base types, cardinalities, NULL as None, exact numbers. Pure."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.exact import places, round_half_up, show_exact

# A number of the base type float: exact, or one of the infinities and NaN, which only floats have.
Number = Fraction | float
Scalar = Any

BASE_TYPES = (
    "identifier", "boolean", "integer", "float", "string", "point", "pair", "directedPair", "duration", "file", "uri",
    "intOrIdentifier",
)  # fmt: skip
NUMERIC = ("integer", "float")
TEXTUAL = ("identifier", "string", "uri", "file")
CONTAINERS = ("multiple", "ordered")
INFINITY = math.inf
NOT_A_NUMBER = math.nan

_LONGEST_NUMBER = 60
_MOST_BITS = 4096
_SHOWN_DECIMALS = 20
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,6}))?")
_INFINITE = {"INF": INFINITY, "+INF": INFINITY, "-INF": -INFINITY, "NaN": NOT_A_NUMBER}
_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>[0-9]{1,9})Y)?(?:(?P<months>[0-9]{1,9})M)?(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?(?:(?P<seconds>[0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)
_SECONDS = {"years": 31_557_600, "months": 2_629_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


class NotAValue(ValueError):
    """A text that is no value of its base type; the message is a Chinese phrase."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value that is not NULL: its cardinality, its base type (None for records) and what it holds.

    ``items`` has one element for a single value. Booleans are bool, integers int, floats Fraction (or an infinity),
    points pairs of int, pairs and directed pairs pairs of str (a pair in alphabetical order), durations Fraction
    seconds, everything else str.
    """

    cardinality: str
    base: str | None
    items: tuple[Scalar, ...] = ()
    fields: Mapping[str, "Value"] = field(default_factory=dict)

    @property
    def one(self) -> Scalar:
        """What a single value holds."""
        return self.items[0]


def single(base: str, item: Scalar) -> Value | None:
    """Return a single value; an empty string is NULL."""
    return None if base in TEXTUAL and item == "" else Value("single", base, (item,))


def container(cardinality: str, base: str | None, items: Iterable[Scalar]) -> Value | None:
    """Return a container; an empty one is NULL."""
    held = tuple(items)
    return Value(cardinality, base, held) if held else None


def record(fields: Mapping[str, Value | None]) -> Value | None:
    """Return a record of the fields that are not NULL; one without any is NULL."""
    held = {name: value for name, value in fields.items() if value is not None}
    return Value("record", None, (), held) if held else None


def truth(value: bool) -> Value:
    """Return a single boolean."""
    return Value("single", "boolean", (value,))


def number(value: Number) -> Value:
    """Return a single float, exact where it is finite."""
    return Value("single", "float", (tidy(value),))


def integer(value: int) -> Value:
    """Return a single integer."""
    return Value("single", "integer", (value,))


def tidy(value: Number | int) -> Number:
    """Return a number as an exact fraction, as short as a double where arithmetic made it huge.

    A double (from a function that has no exact result) is taken by its shortest decimal form.
    """
    if isinstance(value, Fraction):
        if max(value.numerator.bit_length(), value.denominator.bit_length()) <= _MOST_BITS:
            return value
        try:
            return tidy(value.numerator / value.denominator)
        except OverflowError:
            return INFINITY if value > 0 else -INFINITY
    if isinstance(value, int):
        return tidy(Fraction(value))
    return Fraction(repr(value)) if math.isfinite(value) else value


def parse(base: str, text: str) -> Scalar:
    """Return the value of a base type that a text states. Raises NotAValue."""
    if base in ("string", "file"):
        return text
    plain = " ".join(text.split())
    reader = _READERS.get(base)
    if reader is None:
        raise NotAValue(f"没有“{base[:30]}”这种基本类型")
    return reader(plain)


def _identifier(text: str) -> str:
    if not text or " " in text:
        raise NotAValue(f"“{text[:30]}”不是标识符")
    return text


def _boolean(text: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise NotAValue(f"“{text[:30]}”不是 true 或 false")
    return text in ("true", "1")


def _integer(text: str) -> int:
    plain = unicodedata.normalize("NFKC", text)
    if not _INTEGER.fullmatch(plain):
        raise NotAValue(f"“{text[:30]}”不是整数")
    return int(plain)


def _float(text: str) -> Number:
    plain = unicodedata.normalize("NFKC", text).replace("−", "-")
    if plain in _INFINITE:
        return _INFINITE[plain]
    match = _FLOAT.fullmatch(plain) if len(plain) <= _LONGEST_NUMBER else None
    if match is None:
        raise NotAValue(f"“{text[:30]}”不是数字")
    exponent = int(match[1] or "0")
    if abs(exponent) > 400:
        mantissa = Fraction(plain.lower().partition("e")[0])
        beyond = INFINITY if mantissa > 0 else -INFINITY
        return Fraction(0) if exponent < 0 or mantissa == 0 else beyond
    return Fraction(plain)


def _point(text: str) -> tuple[int, int]:
    parts = [_integer(part) for part in text.split(" ")]
    if len(parts) != 2:
        raise NotAValue(f"“{text[:30]}”不是坐标（应为两个整数）")
    return parts[0], parts[1]


def _directed_pair(text: str) -> tuple[str, str]:
    parts = text.split(" ")
    if len(parts) != 2:
        raise NotAValue(f"“{text[:30]}”不是一对标识符（应以空格隔开）")
    return parts[0], parts[1]


def _pair(text: str) -> tuple[str, str]:
    first, second = sorted(_directed_pair(text))
    return first, second


def _duration(text: str) -> Fraction:
    if re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", text):
        return Fraction(text)  # QTI 2.1 writes seconds
    match = _DURATION.fullmatch(text)
    if match is None or not any(match[part] for part in _SECONDS):
        raise NotAValue(f"“{text[:30]}”不是时长")
    seconds = sum((Fraction(match[part] or 0) * worth for part, worth in _SECONDS.items()), Fraction(0))
    return -seconds if match["sign"] else seconds


_READERS = {
    "identifier": _identifier,
    "intOrIdentifier": _identifier,
    "uri": lambda text: text,
    "boolean": _boolean,
    "integer": _integer,
    "float": _float,
    "point": _point,
    "pair": _pair,
    "directedPair": _directed_pair,
    "duration": _duration,
}


def show_number(value: Number) -> str:
    """Return a float with all its decimals, at least two; what never ends is cut at twenty ("0.33333333333333333333")."""
    if not isinstance(value, Fraction):
        return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    needed = places(value)
    if needed is not None and needed <= _SHOWN_DECIMALS:
        return show_exact(value)
    shown: Decimal = round_half_up(value, _SHOWN_DECIMALS)
    return format(shown, "f")


def show_scalar(base: str | None, item: Scalar) -> str:
    """Return the text by which QTI writes a value of a base type, floats with at least two decimals."""
    if base == "boolean":
        return "true" if item else "false"
    if base in ("float", "duration"):
        return show_number(item)
    if base in ("point", "pair", "directedPair"):
        return f"{item[0]} {item[1]}"
    return str(item)


def as_json(value: Value | None) -> Any:
    """Return a value as JSON: a text, a list of texts, an object of fields, or None."""
    if value is None:
        return None
    if value.cardinality == "record":
        return {name: as_json(each) for name, each in value.fields.items()}
    shown = [show_scalar(value.base, item) for item in value.items]
    return shown if value.cardinality in CONTAINERS else shown[0]
