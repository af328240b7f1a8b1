"""The order of the signing chain, and the states through which a panel and a turn go. Pure.

Chain (practice, fact_05 part 3): examiner signs the sheet -> timekeeper checks the sums -> score clerk -> checker ->
chief examiner announces -> supervisor. Without the supervisor's signature a score is not valid (fact_04 C).
"""

from collections.abc import Collection
from typing import Literal

Position = Literal["examiner", "chief", "timekeeper", "score_clerk", "checker", "supervisor"]

EXAMINERS: tuple[Position, ...] = ("chief", "examiner")
STAFF: tuple[Position, ...] = ("timekeeper", "score_clerk", "checker")
CHAIN: tuple[Position, ...] = ("timekeeper", "score_clerk", "checker", "chief", "supervisor")
SINGLE: tuple[Position, ...] = ("chief", *STAFF, "supervisor")
CALLERS: tuple[Position, ...] = ("timekeeper", "score_clerk")

OVER = ("confirmed", "absent", "stopped")
UNDER_WAY = ("called", "scored")


def next_signature(signed: Collection[str]) -> Position | None:
    """Whose signature is due; None when all have signed."""
    return next((position for position in CHAIN if position not in signed), None)


def seat_name(seat: int) -> str:
    """How an examiner is called wherever a score is shown: by seat, never by name."""
    return f"考官{seat}"
