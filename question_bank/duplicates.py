"""Duplicates and near-duplicates among items, by what they say. Pure; fast enough for ten thousand at once.

Similarity is the Dice coefficient of the sets of character pairs of stem and options (Dice 1945), 1.00 for texts that
are equal once width, case, space and punctuation are set aside. Texts are compared when they meet in an index of the
rarest runs of four characters of each (the idea of prefix filters, Chaudhuri, Ganti, Kaushik 2006, with a fixed length,
so that the time stays in proportion to the number of items). A signature of bits rules most of those out.
"""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_NEAR_TENTHS = 9
_RUN = 4
_RUNS_INDEXED = 16
# A run that stands in more texts than this tells nothing; following it would cost time in the square of the number.
_MOST_SHARED = 200
_SIGNATURE_BITS = 512
_MARKED_RUN = 5
_MOST_MARKS = 16
_SCATTER = 0x9E3779B1  # odd (Knuth 6.4): what resembles in its checksum stands apart
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


def marks(form: str) -> frozenset[int]:
    """The marks of a normal form: at most 16 numbers below 2**32, of which nearly equal texts share at least three.

    They are the least hashes of the runs of five characters (the bottom-k sketch of Broder 1997). Of two texts with a
    similarity of 0.90 a fifth of the runs differ in each where every change stands alone; then they share fewer than
    three marks once in five thousand pairs. Texts of up to 20 characters have all of their runs for marks; short ones, of
    which a longer one is the beginning, may share two.
    """
    runs = {form[at : at + _MARKED_RUN] for at in range(max(1, len(form) - _MARKED_RUN + 1))}
    hashes = {zlib.crc32(run.encode("utf-8", "surrogatepass")) * _SCATTER % 2**32 for run in runs}
    return frozenset(sorted(hashes)[:_MOST_MARKS])


def find_duplicates(entries: Sequence[Entry], against: Sequence[Entry] = ()) -> list[Match]:
    """Return for each entry the earlier entry, or the one of `against`, that it repeats most closely, if any.

    Entries that repeat another are not compared with later ones: a family of n is n - 1 matches with its first member.
    """
    order = [*against, *entries]
    texts = [_Text(normal_form(entry.stem, entry.options)) for entry in order]
    frequency = Counter(run for text in texts for run in text.runs())
    first_with: dict[str, int] = {}
    index: dict[str, list[int]] = {}
    matches: list[Match] = []
    for number, text in enumerate(texts):
        twin = first_with.setdefault(text.form, number)
        if twin != number:
            if number >= len(against):
                matches.append(Match(order[number].ref, order[twin].ref, Decimal("1.00")))
            continue
        shared = [run for run in text.runs() if frequency[run] > 1]
        rarest = sorted(shared, key=lambda run: (frequency[run], run))[:_RUNS_INDEXED]
        near = _nearest(text, rarest, texts, index) if number >= len(against) else None
        if near is not None:
            matches.append(Match(order[number].ref, order[near[0]].ref, near[1]))
            continue
        for run in rarest:
            index.setdefault(run, []).append(number)
    return matches


class _Text:
    """A normal form with its pairs, and a signature: one bit for each value that a hash of the pairs takes."""

    __slots__ = ("form", "pairs", "signature")

    def __init__(self, form: str) -> None:
        self.form = form
        self.pairs = frozenset(form[at : at + 2] for at in range(len(form) - 1)) or frozenset((form,))
        bits = {(ord(pair[0]) * 31 + ord(pair[-1])) % _SIGNATURE_BITS for pair in self.pairs if pair}
        self.signature = sum(1 << bit for bit in bits)

    def runs(self) -> frozenset[str]:
        """The runs of four characters, or the whole of a shorter text."""
        return frozenset(self.form[at : at + _RUN] for at in range(max(1, len(self.form) - _RUN + 1)))


def _nearest(
    text: _Text, rarest: Sequence[str], texts: Sequence[_Text], index: dict[str, list[int]]
) -> tuple[int, Decimal] | None:
    candidates: set[int] = set()
    for run in rarest:
        candidates.update(index.get(run, ())[:_MOST_SHARED])
    best: tuple[Fraction, int] | None = None
    for candidate in sorted(candidates):
        other = texts[candidate]
        sizes = len(text.pairs) + len(other.pairs)
        # Dice >= 0.9 means that at most a tenth of all pairs stand in one text only, and every bit in which the
        # signatures differ is at least one such pair.
        if (text.signature ^ other.signature).bit_count() * 10 > sizes * (10 - _NEAR_TENTHS):
            continue
        similarity = Fraction(2 * len(text.pairs & other.pairs), sizes)
        if similarity * 10 >= _NEAR_TENTHS and (best is None or similarity > best[0]):
            best = (similarity, candidate)
    if best is None:
        return None
    # Texts that differ are never called the same, however little.
    rounded = (Decimal(best[0].numerator) / best[0].denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return best[1], min(rounded, Decimal("0.99"))
