"""Ticket codes, pure: derived, never stored; a new issue voids the one before."""

import hashlib
import hmac

from exam.sittings.rules import CODE_ALPHABET, normalised_code

CODE_LENGTH = 12  # letters of five bits each: 60 bits


def ticket_code(secret: str, exam_id: int, candidate_id: int, issue: int) -> str:
    """The code printed on a ticket: ``HMAC-SHA256(secret, exam, candidate, issue)``, 60 bits as ``XXXX-XXXX-XXXX``."""
    message = f"ticket:{exam_id}:{candidate_id}:{issue}".encode()
    number = int.from_bytes(hmac.new(secret.encode(), message, hashlib.sha256).digest()[:8], "big") >> 4
    letters = "".join(CODE_ALPHABET[(number >> shift) & 31] for shift in range(55, -5, -5))
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def code_matches(typed: str, secret: str, exam_id: int, candidate_id: int, issue: int) -> bool:
    """Whether what was typed is this candidate's code; takes the same time wherever it differs."""
    expected = ticket_code(secret, exam_id, candidate_id, issue).replace("-", "")
    return hmac.compare_digest(normalised_code(typed[:64]), expected)


def normalised_admission_number(typed: str) -> str:
    """An admission number as it is stored: half-width, without blanks, capital letters; empty if it cannot be one."""
    plain = "".join(typed.split()).translate({0xFF01 + offset: 0x21 + offset for offset in range(94)}).upper()
    return plain if 0 < len(plain) <= 32 and plain.isprintable() and plain.isascii() else ""


def same_name(typed: str, name: str) -> bool:
    """Whether somebody signed with the own name: blanks and the forms of the middle dot are forgiven."""
    dots = str.maketrans(dict.fromkeys("•・‧∙⋅･.", "·"))

    def plain(text: str) -> str:
        return "".join(text.split()).translate(dots).casefold()

    return bool(plain(typed)) and plain(typed) == plain(name)
