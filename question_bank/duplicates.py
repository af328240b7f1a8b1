"""Duplicates and near-duplicates among items, by what they say. Pure; fast enough for ten thousand at once.

Similarity is the Dice coefficient of the sets of character pairs of stem and options (Dice 1945), 1.00 for texts that
are equal once width, case, space and punctuation are set aside. Candidates come from an index of each text's rarest
pairs: two sets of similarity t share at least t / (2 - t) of the larger one, so they meet among the first
n - ceil(t / (2 - t) x n) + 1 pairs of a common order (prefix filter: Chaudhuri, Ganti, Kaushik 2006).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil

NEAR = Fraction(90, 100)
# A pair that stands in more texts than this tells nothing; following it would cost time in the square of the number.
_MOST_SHARED = 300
# Signs that carry a value stay: minus, per cent, the point between digits.
_UNSAID = re.compile(r"""[\s_,;:?!"'()\[\]【】《》〈〉「」、。“”‘’…·—~]+|(?<!\d)\.|\.(?!\d)""")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is compared: a reference of the caller's, the stem and the texts of the options in any order."""

    ref: str
    stem: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """`ref` says what the earlier `of` says; `similarity` from 0.90 to 1.00, with two decimals."""

    ref: str
    of: str
    similarity: Decimal


def normal_form(stem: str, options: Iterable[str] = ()) -> str:
    """Return what an item says, for comparing: equal for items that differ in width, case, space, punctuation or in
    the order of their options alone."""
    said = [_said(stem), *sorted(_said(option) for option in options)]
    return "\n".join(said)


def _said(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # A text of marks alone (≥, √) is compared as it stands.
    return _UNSAID.sub("", folded) or folded.strip()


def find_duplicates(entries: Sequence[Entry], against: Sequence[Entry] = ()) -> list[Match]:
    """Return for each entry the earlier entry, or the one of `against`, that it repeats most closely, if any.

    Entries that repeat another are not compared with later ones: a family of n is n - 1 matches with its first member.
    """
    forms = [normal_form(entry.stem, entry.options) for entry in (*against, *entries)]
    order = [*against, *entries]
    pairs = [_pairs(form) for form in forms]
    frequency = Counter(pair for found in pairs for pair in found)
    first_with: dict[str, int] = {}
    index: dict[str, list[int]] = {}
    matches: list[Match] = []
    for number, form in enumerate(forms):
        twin = first_with.setdefault(form, number)
        if twin != number:
            if number >= len(against):
                matches.append(Match(order[number].ref, order[twin].ref, Decimal("1.00")))
            continue
        rarest = _prefix(pairs[number], frequency)
        near = _nearest(number, rarest, pairs, index) if number >= len(against) else None
        if near is not None:
            of, similarity = near
            matches.append(Match(order[number].ref, order[of].ref, similarity))
            continue
        for pair in rarest:
            index.setdefault(pair, []).append(number)
    return matches


def _pairs(form: str) -> frozenset[str]:
    return frozenset(form[at : at + 2] for at in range(len(form) - 1)) or frozenset((form,))


def _prefix(pairs: frozenset[str], frequency: Counter[str]) -> list[str]:
    ordered = sorted(pairs, key=lambda pair: (frequency[pair], pair))
    return ordered[: len(ordered) - ceil(NEAR / (2 - NEAR) * len(ordered)) + 1]


def _nearest(
    number: int, rarest: Sequence[str], pairs: Sequence[frozenset[str]], index: dict[str, list[int]]
) -> tuple[int, Decimal] | None:
    candidates: set[int] = set()
    for pair in rarest:
        candidates.update(index.get(pair, ())[:_MOST_SHARED])
    best: tuple[Fraction, int] | None = None
    mine = pairs[number]
    for candidate in sorted(candidates):
        sizes = len(mine) + len(pairs[candidate])
        # Twice the smaller set bounds what two sets can share.
        if 2 * min(len(mine), len(pairs[candidate])) * 10 < 9 * sizes:
            continue
        shared = len(mine & pairs[candidate])
        if 2 * shared * NEAR.denominator < NEAR.numerator * sizes:
            continue
        similarity = Fraction(2 * shared, sizes)
        if best is None or similarity > best[0]:
            best = (similarity, candidate)
    if best is None:
        return None
    # Texts that differ are never called the same, however little.
    rounded = (Decimal(best[0].numerator) / best[0].denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return best[1], min(rounded, Decimal("0.99"))
