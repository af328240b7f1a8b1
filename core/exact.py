"""Exact marks: strict parsing, one rounding rule (half up, away from zero), and plain display. No float anywhere."""

import re
from decimal import Decimal
from fractions import Fraction

Exact = Fraction | Decimal | int

# Only the full-width forms an input method produces: a general compatibility mapping would read 8² as 82.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－−", "0123456789.--")
_MARK = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")
_LONGEST_SHOWN = 40


class NotAMark(ValueError):
    """A text that is no plain number; the message is one Chinese sentence that says how to write it."""


def parse_mark(text: object, what: str = "分数") -> Fraction:
    """Return the exact value of a mark written as text ("8.5", also in full-width digits).

    ``what`` names the mark in the error sentence. Raises ``NotAMark`` for anything but digits with at most one decimal
    point (1e3, NaN, 1,000, blanks, numbers that are not text).
    """
    if not isinstance(text, str):
        raise NotAMark(f'{what}应为文本形式的数字，例如 "8.5"，现在不是文本。')
    plain = text.strip().translate(_FULL_WIDTH)
    if not plain:
        raise NotAMark(f"{what}是空的，请填写数字，例如 8.5。")
    if not _MARK.fullmatch(plain):
        raise NotAMark(f"{what}“{excerpt(text)}”不是数字，请只用数字和小数点填写，例如 8.5。")
    return Fraction(plain)


def excerpt(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """Return foreign text on one line and cut to ``longest`` characters, fit to stand in a sentence."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def round_half_up(value: Exact, decimals: int = 2) -> Decimal:
    """Round once to ``decimals`` places, a tie going away from zero (0.125 -> 0.13, -0.125 -> -0.13)."""
    return _decimal(_scaled(Fraction(value), decimals), decimals)


def hundredths(value: Exact) -> int:
    """Return the mark as an integer in hundredths, rounded half up."""
    return _scaled(Fraction(value), 2)


def from_hundredths(value: int) -> Decimal:
    """Return a mark stored in hundredths as a Decimal with two places."""
    return _decimal(value, 2)


def show(value: Exact, decimals: int = 2) -> str:
    """Return the mark rounded half up with exactly ``decimals`` places: "1.50"."""
    return format(round_half_up(value, decimals), "f")


def show_hundredths(value: int) -> str:
    """Return a mark stored in hundredths with two places: 150 -> "1.50"."""
    return show(from_hundredths(value))


def places(value: Exact) -> int | None:
    """Return how many decimal places the exact value needs, or None where the decimals never end."""
    denominator = Fraction(value).denominator
    twos = fives = 0
    while denominator % 2 == 0:
        denominator //= 2
        twos += 1
    while denominator % 5 == 0:
        denominator //= 5
        fives += 1
    return max(twos, fives) if denominator == 1 else None


def show_exact(value: Exact, at_least: int = 2) -> str:
    """Return the value without any rounding: a decimal where it ends ("82.125"), else a fraction ("247/3")."""
    needed = places(value)
    if needed is None:
        return str(Fraction(value))
    return show(value, max(needed, at_least))


def _scaled(value: Fraction, decimals: int) -> int:
    magnitude = abs(value) * Fraction(10) ** decimals
    rounded = (2 * magnitude.numerator + magnitude.denominator) // (2 * magnitude.denominator)
    return rounded if value >= 0 else -rounded


def _decimal(units: int, decimals: int) -> Decimal:
    # Built from digits: arithmetic on Decimal would round to the context's 28 digits.
    digits = tuple(int(digit) for digit in str(abs(units)))
    return Decimal((1 if units < 0 else 0, digits, -decimals))
