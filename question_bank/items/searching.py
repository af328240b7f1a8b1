"""How texts are made comparable for search, and what stands in its index. Pure."""

import unicodedata
from itertools import pairwise

# Code points take 21 bits: a pair is always more than one of them alone.
_BITS = 21
MOST_WORDS = 8


def searchable(text: str) -> str:
    """Return a text as it is searched: full-width as half-width, small letters, one space for any run of space."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def like_pattern(word: str) -> str:
    """Return the LIKE pattern (escape character ``!``) for texts that contain the word."""
    escaped = word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def words_of(asked: str) -> list[str]:
    """The words that a search asks for, each of which must be found."""
    return searchable(asked).split()[:MOST_WORDS]


def grams(text: str) -> set[int]:
    """The characters of a searchable text and its pairs of neighbours, as numbers; none that holds a space."""
    codes = [0 if character == " " else ord(character) for character in text]
    found = {code for code in codes if code}
    found.update((one << _BITS) | two for one, two in pairwise(codes) if one and two)
    return found


def grams_of_word(word: str) -> set[int]:
    """The grams of a text that holds the word: all of its pairs, or the word itself when it is one character.

    A text that holds them holds a word of one or two characters; whether it holds a longer one is yet to be seen.
    """
    return grams(word) if len(word) == 1 else {gram for gram in grams(word) if gram >> _BITS}
