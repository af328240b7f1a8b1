"""The sign of life of a session as a statement of its own: fifty pages that poll send one each minute.

Instants are milliseconds since 1970 here, as the tables hold them.
"""

from core.direct import rows

_SEEN = "UPDATE sign_ins SET last_seen_at = {now} WHERE id = {sign_in}"


def seen(*, sign_in: str, now: int) -> None:
    """Note that somebody was there."""
    rows(_SEEN, sign_in=sign_in, now=now)
