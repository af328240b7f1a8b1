"""How texts are made comparable for search. Pure."""

import unicodedata


def searchable(text: str) -> str:
    """Return a text as it is searched: full-width as half-width, small letters, one space for any run of space."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def like_pattern(word: str) -> str:
    """Return the LIKE pattern (escape character ``!``) for texts that contain the word."""
    escaped = word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"
