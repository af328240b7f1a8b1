"""One order for names that hold numbers, as people count them: 第二考场 before 第十考场, 第2考场 before 第10考场. Pure."""

import re
import unicodedata

# Longer runs are no numbers of anything; what follows counts as a number of its own.
_NUMBER = re.compile(r"[0-9]{1,18}|[〇零一二三四五六七八九十百千万]{1,18}")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMBER_TAG, _END = b"\x01", b"\x00"


def natural_key(text: str) -> bytes:
    """The bytes by which a name is sorted, in Python and in both databases alike; different names have different ones.

    A number, in figures of any width or in Chinese numerals, stands by its value and before any other character; all
    else stands by its character, whatever its width and case. Names that differ in nothing else stand by their spelling.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    parts, at = [], 0
    for found in _NUMBER.finditer(plain):
        parts += [_bytes(plain[at : found.start()]), _number(found[0])]
        at = found.end()
    return b"".join([*parts, _bytes(plain[at:]), _END, _bytes(text)])


def _bytes(text: str) -> bytes:
    # UTF-8 stands in the order of the characters.
    return text.encode("utf-8", "surrogatepass")


def _number(text: str) -> bytes:
    value = int(text) if text[0].isascii() else chinese_number(text)
    size = (value.bit_length() + 7) // 8
    return _NUMBER_TAG + bytes([size]) + value.to_bytes(size, "big")


def chinese_number(numerals: str) -> int:
    """The value of Chinese numerals: 二十一 is 21, 一百零五 is 105, 二〇二六 is 2026."""
    above = below = digits = 0
    for numeral in numerals:
        if numeral in _DIGITS:
            digits = digits * 10 + _DIGITS[numeral]
        elif numeral in _TENS:
            below += (digits or 1) * _TENS[numeral]
            digits = 0
        else:
            above = (above + below + digits or 1) * 10_000
            below = digits = 0
    return above + below + digits
