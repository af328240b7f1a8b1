"""The sign of life of a session as a statement on the driver's own connection: fifty pages that poll send one each minute.

Instants are milliseconds since 1970 here, as the tables hold them.
"""

from core.database import direct_connection, is_sqlite

_SEEN = "UPDATE sign_ins SET last_seen_at = {now} WHERE id = {sign_in}"
_BOUND = {True: _SEEN.format(now=":now", sign_in=":sign_in"), False: _SEEN.format(now="%(now)s", sign_in="%(sign_in)s")}


def seen(*, sign_in: str, now: int) -> None:
    """Note that somebody was there."""
    with direct_connection() as connection:
        connection.execute(_BOUND[is_sqlite()], {"now": now, "sign_in": sign_in})
