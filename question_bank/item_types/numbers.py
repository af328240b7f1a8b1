"""Numbers as people write them into an answer, exactly. Pure."""

import re
from fractions import Fraction

MAX_NUMBER_TEXT = 60
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?P<part>\.[0-9]*)?(?:[eE](?P<power>[+-]?[0-9]{1,2}))?"
)
# Only the forms that an input method produces: a general compatibility mapping would read 8² as 82.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，＋－−–—ｅＥ", "0123456789.,+----eE")


class NotANumber(ValueError):
    """A text that is no number; the message is one Chinese sentence."""


def read_number(text: object) -> Fraction:
    """Return the exact value of a number as a person writes it: 12.5, -3, １２．５, 1,234.5, .5, 1.2e-3.

    Full-width forms, the thousands' comma (in its places only), any minus sign, a power of ten of at most two digits.
    Raises NotANumber for everything else: no units, no fractions, no arithmetic.
    """
    if not isinstance(text, str) or len(text) > MAX_NUMBER_TEXT:
        raise NotANumber(f"应为文本形式的数字，最多 {MAX_NUMBER_TEXT} 个字符，例如 12.5。")
    plain = text.strip().translate(_FULL_WIDTH)
    found = _NUMBER.fullmatch(plain)
    if not found or not ((found["whole"] or "") + (found["part"] or "")).strip("."):
        raise NotANumber("不是数字，请只填写数字，例如 12.5；不要写单位和算式。")
    digits = (found["whole"] or "0").replace(",", "") + "." + ((found["part"] or ".")[1:] or "0")
    value = Fraction(digits) * Fraction(10) ** int(found["power"] or 0)
    return -value if found["sign"] == "-" else value
