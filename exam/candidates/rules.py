"""What a citizen's identity number and an admission number must look like. Pure."""

import re
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_IDENTITY = re.compile(r"[0-9]{17}[0-9X]")
_ADMISSION = re.compile(r"[0-9A-Z][0-9A-Z-]{2,30}[0-9A-Z]")


def check_digit(first_seventeen: str) -> str:
    """The eighteenth character of an identity number: GB 11643-1999, ISO 7064 MOD 11-2."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def identity_fault(number: str, today: date) -> str:
    """Why this is no identity number (18 characters, capital X), as a Chinese phrase; empty when it is one."""
    if len(number) == 15 and number.isascii() and number.isdigit():
        return "是 15 位旧号码，已停止使用"
    if not _IDENTITY.fullmatch(number):
        return f"应为 18 位（末位可为 X），现为 {len(number)} 位或含有其他字符"
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "第 7 至 14 位不是有效的出生日期"
    if not date(1900, 1, 1) <= born <= today:
        return "第 7 至 14 位不是合理的出生日期"
    if check_digit(number[:17]) != number[17]:
        return "末位校验码不符，号码有误"
    return ""


def is_admission_number(number: str) -> bool:
    """4 to 32 capital letters, digits and inner hyphens."""
    return _ADMISSION.fullmatch(number) is not None
