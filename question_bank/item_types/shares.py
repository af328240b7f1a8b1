"""Shares of an item's points as texts: "0.5", "-0.3333333". Pure."""

import re
from fractions import Fraction

_SHARE = re.compile(r"-?[0-9](?:\.[0-9]{1,7})?")


def is_share(text: str) -> bool:
    """Whether a text is a share between -1 and 1 with at most seven decimals."""
    return bool(_SHARE.fullmatch(text)) and abs(Fraction(text)) <= 1


def share_of(text: str) -> Fraction:
    """Return the exact value of a text that is a share."""
    return Fraction(text)
