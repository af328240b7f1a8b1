"""What changed between two versions, word by word enough for a person to see it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Piece = tuple[str, bool]  # a run of text, and whether it differs from the other side


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of two versions: its name, and both texts in pieces."""

    name: str
    older: tuple[Piece, ...]
    newer: tuple[Piece, ...]
    changed: bool


def marked_differences(older: Sequence[tuple[str, str]], newer: Sequence[tuple[str, str]]) -> list[Difference]:
    """Return the fields of both versions in order, each with its differences marked; a field may be on one side alone."""
    old, new = _numbered(older), _numbered(newer)
    names = list(dict.fromkeys([*new, *(name for name in old if name not in new)]))
    return [_difference(name[0], old.get(name, ""), new.get(name, "")) for name in names]


def _numbered(fields: Sequence[tuple[str, str]]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for name, text in fields:
        found[name, sum(known == name for known, _number in found)] = text
    return found


def _difference(name: str, old: str, new: str) -> Difference:
    if old == new:
        return Difference(name, ((old, False),), ((new, False),), changed=False)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left.append((old[a:b], kind != "equal"))
        right.append((new[c:d], kind != "equal"))
    return Difference(
        name,
        tuple(piece for piece in left if piece[0]),
        tuple(piece for piece in right if piece[0]),
        changed=True,
    )
