"""Drawing a paper: which items, in which order, with which order of options. Pure, and the same in ten years.

Every order is the ascending order of the SHA-256 digests of ``"<seed>/<version id>"`` for items and of
``"<seed>/<version id>/<label>"`` for the options of an item, as UTF-8 text. No language's own shuffle takes part.
Papers of derivation 1 were ordered by HMAC-SHA256 (RFC 2104) of what follows the first stroke, under the seed.
"""

import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

_NUMERALS = "〇一二三四五六七八九"
Digests = Callable[[Iterable[bytes]], list[bytes]]
BY_HMAC, BY_TEXT = 1, 2  # derivations; every paper keeps the one that it was drawn by


@dataclass(frozen=True, slots=True)
class PoolItem:
    """One item version that may be drawn: its id and its author's option labels, none where there is no order."""

    version_id: int
    labels: tuple[str, ...] = ()
    keeps_order: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """So many items for one section, and the frozen pool that meets the conditions."""

    title: str
    count: int
    pool: tuple[PoolItem, ...]
    section: int = 0
    # The pool by version id and each one's message: made once, for families draw from the same pools all the time.
    items: dict[int, PoolItem] = field(init=False, repr=False, compare=False)
    messages: dict[int, bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", {item.version_id: item for item in self.pool})
        object.__setattr__(self, "messages", {version_id: b"%d" % version_id for version_id in self.items})


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn place: the version, and its author's labels in displayed order."""

    version_id: int
    option_order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Demands that ask for more items than the bank holds for them, together where they share items."""

    sections: tuple[str, ...]
    asked: int
    held: int
    apart: int = 0  # items that are held besides, each an enemy of one that was counted

    @property
    def missing(self) -> int:
        """How many items are lacking."""
        return self.asked - self.held

    def __str__(self) -> str:
        names = "、".join(f"“{title}”" for title in self.sections)
        together = "合计" if len(self.sections) > 1 else ""
        apart = f"（另有 {self.apart} 题与其中的题互斥，不能同卷）" if self.apart else ""
        return f"{names}{together}要 {self.asked} 题，题库中符合条件的只有 {self.held} 题{apart}，缺 {self.missing} 题"


class InfeasibleBlueprint(ValueError):
    """The bank cannot meet the blueprint; ``shortfalls`` tell by section what is asked and what is there."""

    def __init__(self, shortfalls: Sequence[Shortfall]) -> None:
        self.shortfalls = tuple(shortfalls)
        told = "；".join(str(shortfall) for shortfall in self.shortfalls)
        super().__init__(f"抽不出试卷：{told}。请补充并发布试题，或放宽条件、减少题数。")


def draw(
    seed: str, demands: Sequence[Demand], apart: Sequence[Sequence[int]] = (), derivation: int = BY_TEXT
) -> list[list[Drawn]]:
    """Draw every section's items, none twice, in displayed order. Raises InfeasibleBlueprint.

    ``apart``: groups of version ids of which the paper holds at most one; no version stands in two groups. Demands
    without a section of their own (0) are sections each. A demand takes the first free items of its pool by digest.
    Where demands share items (or enemies) and a later one runs short, an earlier one gives up an item for the next of
    its own pool, so that a paper is found whenever one exists.
    """
    group_of = {version_id: group[0] for group in apart for version_id in group}
    digests = _digests(seed, derivation)
    rank: dict[int, bytes] = {}
    orders = [_first_of_each(group_of, _by_rank(digests, demand, rank)) for demand in demands]
    holder = _assign(demands, orders)
    places = [demand.section or -number - 1 for number, demand in enumerate(demands)]
    sections: dict[int, dict[int, PoolItem]] = {place: {} for place in places}
    for unit, number in holder.items():
        item = orders[number][unit]
        sections[places[number]][item.version_id] = item
    return [
        [
            Drawn(version_id, _option_order(digests, held[version_id]))
            for version_id in sorted(held, key=rank.__getitem__)
        ]
        for held in sections.values()
    ]


def arrange(seed: str, sections: Sequence[Sequence[PoolItem]], derivation: int = BY_TEXT) -> list[list[Drawn]]:
    """Place the items of every section in the order given, as a person chose them; only their options follow the seed."""
    digests = _digests(seed, derivation)
    return [[Drawn(item.version_id, _option_order(digests, item)) for item in section] for section in sections]


def _by_rank(digests: Digests, demand: Demand, rank: dict[int, bytes]) -> dict[int, PoolItem]:
    """A pool's items by version id in the order of their digests, which are noted in ``rank``."""
    items, messages = demand.items, demand.messages
    if not rank.keys().isdisjoint(messages):
        messages = {version_id: message for version_id, message in messages.items() if version_id not in rank}
    rank.update(zip(messages, digests(messages.values()), strict=True))
    return {version_id: items[version_id] for version_id in sorted(items, key=rank.__getitem__)}


def _first_of_each(group_of: Mapping[int, int], order: dict[int, PoolItem]) -> dict[int, PoolItem]:
    """The first item of each unit (a group of enemies, or an item alone) by the unit's number, in their order."""
    if group_of.keys().isdisjoint(order):
        return order
    first: dict[int, PoolItem] = {}
    for version_id, item in order.items():
        first.setdefault(group_of.get(version_id, version_id), item)
    return first


def shortfalls(demands: Sequence[tuple[str, int, Sequence[Hashable]]], sizes: Mapping[Any, int]) -> list[Shortfall]:
    """What is lacking for demands of ``(title, count, cells)`` where a cell holds ``sizes`` equal items; [] when nothing.

    Each finding is a set of demands for which Hall's condition fails. What a single demand lacks by itself is told of
    it alone; the others are then looked at with as much as there is.
    """
    held = [sum(sizes[cell] for cell in cells) for _title, _count, cells in demands]
    found = [
        Shortfall((title,), count, there)
        for (title, count, _cells), there in zip(demands, held, strict=True)
        if count > there
    ]
    flow = _Flow([cells for _title, _count, cells in demands], sizes)
    wanted = [min(count, there) for (_title, count, _cells), there in zip(demands, held, strict=True)]
    for number, count in enumerate(wanted):
        for _unit in range(count):
            reached = flow.place(number)
            if reached:
                cells = {cell for one in reached for cell in demands[one][2]}
                asked = sum(demands[one][1] for one in reached)
                found.append(
                    Shortfall(tuple(demands[one][0] for one in reached), asked, sum(sizes[cell] for cell in cells))
                )
                break
    return _largest(found)


def personal_seed(seed: str, number: int) -> str:
    """The seed of one sitting's own paper: HMAC-SHA256 (hex) of its number under the seed of the family."""
    return hmac.digest(seed.encode(), b"%d" % number, "sha256").hex()


def option_order(seed: str, item: PoolItem, derivation: int = BY_TEXT) -> tuple[str, ...]:
    """Return the author's labels of an item in displayed order."""
    return _option_order(_digests(seed, derivation), item)


def _option_order(digests: Digests, item: PoolItem) -> tuple[str, ...]:
    if item.keeps_order:
        return item.labels
    start = b"%d/" % item.version_id
    rank = dict(zip(item.labels, digests([start + label.encode() for label in item.labels]), strict=True))
    return tuple(sorted(item.labels, key=rank.__getitem__))


def chinese_numeral(number: int) -> str:
    """一, 二 … 九十九: the numeral of a section."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")


def points_text(points_hundredths: Sequence[int]) -> str:
    """共 20 题，每题 2 分，共 40 分: what stands behind a section's title."""
    count, total = len(points_hundredths), plain_points(sum(points_hundredths))
    if count == 1:
        return f"共 1 题，{total} 分"
    if len(set(points_hundredths)) == 1:
        return f"共 {count} 题，每题 {plain_points(points_hundredths[0])} 分，共 {total} 分"
    return f"共 {count} 题，共 {total} 分"


def plain_points(hundredths: int) -> str:
    """Points without needless decimals: 250 is 2.5."""
    whole, rest = divmod(hundredths, 100)
    return str(whole) if not rest else f"{whole}.{rest:02d}".rstrip("0")


def _digests(seed: str, derivation: int) -> Digests:
    """Digests of many messages under one seed."""
    if derivation == BY_HMAC:
        return _hmac_digests(seed)
    # What is common to all is hashed once: thousands of papers are drawn in seconds.
    begun = hashlib.sha256(f"{seed}/".encode())

    def digests(messages: Iterable[bytes]) -> list[bytes]:
        found, begin = [], begun.copy
        for message in messages:
            whole = begin()
            whole.update(message)
            found.append(whole.digest())
        return found

    return digests


def _hmac_digests(seed: str) -> Digests:
    key = seed.encode()
    return lambda messages: [hmac.digest(key, message, "sha256") for message in messages]


def _assign(demands: Sequence[Demand], orders: Sequence[Mapping[int, PoolItem]]) -> dict[int, int]:
    holder: dict[int, int] = {}  # unit -> demand
    for number, demand in enumerate(demands):
        free = list(islice((unit for unit in orders[number] if unit not in holder), demand.count))
        holder.update(dict.fromkeys(free, number))
        for _place in range(demand.count - len(free)):
            if not _take_one(number, orders, holder):
                raise InfeasibleBlueprint(_lacking(demands, orders))
    return holder


def _lacking(demands: Sequence[Demand], orders: Sequence[Mapping[int, PoolItem]]) -> list[Shortfall]:
    asked = [(demand.title, demand.count, list(order)) for demand, order in zip(demands, orders, strict=True)]
    found = shortfalls(asked, {unit: 1 for order in orders for unit in order})
    pools = {demand.title: {item.version_id for item in demand.pool} for demand in demands}
    return [
        replace(short, apart=len(set().union(*(pools[title] for title in short.sections))) - short.held)
        for short in found
    ]


def _take_one(number: int, orders: Sequence[Mapping[int, PoolItem]], holder: dict[int, int]) -> bool:
    # An augmenting path over demands (Kuhn 1955): demand -> a unit it may use, held by another -> that demand …
    came: dict[int, tuple[int, int]] = {}
    seen, queue = {number}, deque([number])
    while queue:
        section = queue.popleft()
        free = next((unit for unit in orders[section] if unit not in holder), None)
        if free is not None:
            while section != number:
                holder[free] = section
                section, free = came[section]
            holder[free] = number
            return True
        for unit in orders[section]:
            other = holder[unit]
            if other not in seen:
                seen.add(other)
                came[other] = (section, unit)
                queue.append(other)
    return False


class _Flow:
    """Units of demands placed in cells, moved along augmenting paths when a cell is full."""

    def __init__(self, cells: Sequence[Sequence[Hashable]], sizes: Mapping[Any, int]) -> None:
        self.cells = cells
        self.free = dict(sizes)
        self.placed: dict[Hashable, dict[int, int]] = {cell: {} for cell in sizes}

    def place(self, number: int) -> list[int]:
        """Place one unit of a demand; the demands that stand in each other's way when it cannot be placed."""
        came: dict[int, tuple[int, Hashable]] = {}
        seen, queue = {number}, deque([number])
        while queue:
            demand = queue.popleft()
            free = next((cell for cell in self.cells[demand] if self.free[cell]), None)
            if free is not None:
                self.free[free] -= 1
                self._move(demand, free, 1)
                while demand != number:
                    earlier, cell = came[demand]
                    self._move(demand, cell, -1)
                    self._move(earlier, cell, 1)
                    demand = earlier
                return []
            for cell in self.cells[demand]:
                for other in self.placed[cell]:
                    if other not in seen:
                        seen.add(other)
                        came[other] = (demand, cell)
                        queue.append(other)
        return sorted(seen)

    def _move(self, demand: int, cell: Hashable, by: int) -> None:
        units = self.placed[cell].get(demand, 0) + by
        if units:
            self.placed[cell][demand] = units
        else:
            del self.placed[cell][demand]


def _largest(found: Sequence[Shortfall]) -> list[Shortfall]:
    # A later search reaches the demands of an earlier one again, with more asked for: the last word is told.
    kept = {shortfall.sections: shortfall for shortfall in found}
    return [
        shortfall
        for sections, shortfall in kept.items()
        if not any(set(sections) < set(others) and len(sections) > 1 for others in kept)
    ]
