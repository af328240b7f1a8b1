"""Matching of what was written into blanks against the accepted answers. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_SHARE = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,12})?")
_NOTHING = Fraction(0)

_Node = tuple[str, str | int]
_START: _Node = ("start", 0)
_GOAL: _Node = ("goal", 0)


class KeyProblem(ValueError):
    """The key cannot be used for scoring; the message says what is wrong with it."""


@dataclass(frozen=True)
class Accepted:
    """One accepted answer of a blank: ``text`` earns ``share`` of the blank; ``wildcards``: ``*`` stands for any run."""

    text: str
    share: Fraction = Fraction(1)
    case_sensitive: bool = False
    wildcards: bool = False

    def accepts(self, answer: str) -> bool:
        """Whether a written text is this answer; width, letter case and spacing do not count."""
        written = normalise(answer, self.case_sensitive)
        if not self.wildcards:
            return written == normalise(self.text, self.case_sensitive)
        return _matches_wildcards(_wildcard_pieces(self.text, self.case_sensitive), written)

    @property
    def identity(self) -> str | None:
        """What two equal answers have in common, or None where the answer is no single text."""
        return None if self.wildcards else normalise(self.text, case_sensitive=False)


def read_accepted(entry: object) -> Accepted:
    """Read one accepted answer, a text or ``{"text", "fraction", "case_sensitive", "pattern"}`` (interfaces)."""
    if isinstance(entry, str):
        entry = {"text": entry}
    if not isinstance(entry, Mapping):
        raise KeyProblem("填空题的标准答案应为文本，请修改答案后再评分。")
    pattern = entry.get("pattern")
    text = pattern if isinstance(pattern, str) else entry.get("text")
    if not isinstance(text, str) or not normalise(text, case_sensitive=True):
        raise KeyProblem("填空题有一个标准答案是空的，请补上后再评分。")
    return Accepted(
        text=text,
        share=read_share(entry.get("fraction", "1")),
        case_sensitive=entry.get("case_sensitive") is True,
        wildcards=pattern is True or isinstance(pattern, str),
    )


def read_share(value: object) -> Fraction:
    """Read a share of the points ("0.5", may be negative); floats are refused because they are not exact."""
    if isinstance(value, Fraction | Decimal):
        return Fraction(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, str) and _SHARE.fullmatch(value.strip()):
        return Fraction(value.strip())
    raise KeyProblem('答案的得分比例应为文本形式的小数，例如 "0.5"，请修改后再评分。')


def normalise(text: str, case_sensitive: bool = False) -> str:
    """Return the text as it is compared.

    Full-width = half-width (NFKC), no invisible characters, no outer spaces, one space between Latin words and none
    beside Chinese characters or punctuation; letter case is dropped unless ``case_sensitive``.
    """
    visible = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    if not case_sensitive:
        visible = unicodedata.normalize("NFKC", visible.casefold())
    words = visible.split()
    joined: list[str] = []
    for word in words:
        if joined and not (_closes_up(joined[-1][-1]) or _closes_up(word[0])):
            joined.append(" ")
        joined.append(word)
    return "".join(joined)


def _closes_up(char: str) -> bool:
    # A star may stand for a word in a pattern, so the spaces around it are kept.
    if char == "*":
        return False
    return unicodedata.east_asian_width(char) in "WF" or unicodedata.category(char).startswith("P")


def _wildcard_pieces(pattern: str, case_sensitive: bool) -> list[str]:
    # \* is a star that stands for itself; a private-use character keeps its place while the rest is split.
    kept = "\ue000"
    pieces = normalise(pattern.replace("\\*", kept), case_sensitive).split("*")
    return [piece.replace(kept, "*") for piece in pieces]


def _matches_wildcards(pieces: Sequence[str], text: str) -> bool:
    # Taking each piece at its first place is enough: stars match any run. No regular expression, so no blow-up.
    if len(pieces) == 1:
        return text == pieces[0]
    first, *middle, last = pieces
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def share_of(blank: Sequence[Accepted], answer: str) -> Fraction:
    """Return the share of one blank that an answer earns, by the first accepted answer that fits it, between 0 and 1."""
    if not normalise(answer, case_sensitive=True):
        return _NOTHING
    for accepted in blank:
        if accepted.accepts(answer):
            return min(max(accepted.share, _NOTHING), Fraction(1))
    return _NOTHING


def shares_in_order(blanks: Sequence[Sequence[Accepted]], answers: Sequence[str]) -> list[Fraction]:
    """Return each blank's share where every answer belongs to its own blank."""
    return [share_of(blank, answer) for blank, answer in zip(blanks, answers, strict=True)]


def shares_in_any_order(blanks: Sequence[Sequence[Accepted]], answers: Sequence[str]) -> list[Fraction]:
    """Return each answer's share under the best assignment of distinct answers to blanks.

    An accepted set is used once, and the same text written twice counts once, unless more blanks accept that text and
    nothing else.
    """
    identities = [normalise(answer) for answer in answers]
    room = {identity: max(1, _only(blanks, identity)) for identity in identities if identity}
    gains = [[share_of(blank, answer) for blank in blanks] for answer in answers]
    taken_by = _best_assignment(gains, identities, room)
    return [gains[row][taken_by[row]] if row in taken_by else _NOTHING for row in range(len(answers))]


def _only(blanks: Sequence[Sequence[Accepted]], identity: str) -> int:
    return sum(all(accepted.identity == identity for accepted in blank) for blank in blanks)


class _Network:
    """A flow network with exact costs; small, so the plain shortest-path method is fast enough."""

    def __init__(self) -> None:
        self.edges: list[tuple[_Node, _Node, Fraction]] = []
        self.left: list[int] = []

    def connect(self, tail: _Node, head: _Node, capacity: int, cost: Fraction = _NOTHING) -> None:
        """Add an edge and its reverse."""
        self.edges += [(tail, head, cost), (head, tail, -cost)]
        self.left += [capacity, 0]

    def cheapest_path(self) -> tuple[Fraction, list[int]] | None:
        """Return the cost and the edges of the cheapest path that still has room (Bellman and Ford)."""
        cost, via = {_START: _NOTHING}, dict[_Node, int]()
        changed = True
        while changed:
            changed = False
            for number, (tail, head, price) in enumerate(self.edges):
                if not self.left[number] or tail not in cost:
                    continue
                if head not in cost or cost[tail] + price < cost[head]:
                    cost[head], via[head], changed = cost[tail] + price, number, True
        if _GOAL not in cost:
            return None
        path = list[int]()
        node = _GOAL
        while node != _START:
            path.append(via[node])
            node = self.edges[via[node]][0]
        return cost[_GOAL], path


def _best_assignment(gains: list[list[Fraction]], groups: list[str], room: dict[str, int]) -> dict[int, int]:
    # Maximum weight by successive cheapest paths: each step is optimal for its size, and it stops when nothing is won.
    network = _Network()
    for group, capacity in room.items():
        network.connect(_START, ("group", group), capacity)
    for row, line in enumerate(gains):
        if groups[row]:
            network.connect(("group", groups[row]), ("row", row), 1)
        for column, gain in enumerate(line):
            if gain:
                network.connect(("row", row), ("blank", column), 1, -gain)
    for column in range(len(gains[0]) if gains else 0):
        network.connect(("blank", column), _GOAL, 1)
    while (found := network.cheapest_path()) and found[0] < 0:
        for number in found[1]:
            network.left[number] -= 1
            network.left[number ^ 1] += 1
    return {
        int(tail[1]): int(head[1])
        for number, (tail, head, cost) in enumerate(network.edges)
        if number % 2 == 0 and cost and not network.left[number]
    }
