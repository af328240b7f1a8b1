"""Numbers of things as they come in forms and queries."""

LARGEST_ID = 2**63 - 1


def id_of(text: str | None) -> int:
    """The number that a text names; 0, which names nothing, unless it is plain digits that a database can hold."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 19:
        return 0
    number = int(text)
    return number if number <= LARGEST_ID else 0
