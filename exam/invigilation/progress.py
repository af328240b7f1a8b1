"""How seats stand and how many slots of each hold an answer: a process reads each step once, never the whole history again."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import NamedTuple

from flask import current_app

from exam.invigilation import statements
from exam.invigilation.statements import SeatRow, Step, Watch

MOST_SITTINGS = 50_000


class Reached(NamedTuple):
    """A sitting's steps up to the end of their gap-free run: where it ends, and the answered slots as bits."""

    binding: int = 0
    seq: int = 0
    slots: int = 0


NOWHERE = Reached()


class Progress:
    """What this process knows of the progress of sittings.

    Steps are only ever appended, and no step joins a binding once a later binding has one: what lies before a gap-free
    end never changes. What lies beyond a gap is read again until the gap is closed.
    """

    def __init__(self) -> None:
        self._reached: OrderedDict[int, Reached] = OrderedDict()
        self._lock = Lock()

    def seats(self, watch: Watch, sitting_ids: Sequence[int], now: int) -> dict[int, tuple[SeatRow, int]]:
        """How these sittings of the session stand at ``now`` (ms), each with the number of its answered slots."""
        with self._lock:
            known = {one: self._reached.get(one, NOWHERE) for one in sitting_ids}
        found = {}
        for row, steps in statements.seats(watch, [(one, at.binding, at.seq) for one, at in known.items()], now):
            reached, slots = known[row.sitting_id], known[row.sitting_id].slots
            if steps:
                reached, slots = follow(reached, steps)
                self._keep(row.sitting_id, reached)
            found[row.sitting_id] = row, slots.bit_count()
        return found

    def _keep(self, sitting_id: int, reached: Reached) -> None:
        with self._lock:
            self._reached[sitting_id] = max(reached, self._reached.pop(sitting_id, reached))
            while len(self._reached) > MOST_SITTINGS:
                self._reached.popitem(last=False)


def follow(reached: Reached, steps: Iterable[Step]) -> tuple[Reached, int]:
    """Go on from ``reached`` with steps in their order.

    Gives the new end of the gap-free run, and the answered slots after all the steps.
    """
    slots, whole = reached.slots, True
    for binding, seq, slot, holds in steps:
        slots = slots | 1 << slot if holds else slots & ~(1 << slot)
        next_one = (binding == reached.binding and seq == reached.seq + 1) or (binding > reached.binding and seq == 1)
        whole = whole and next_one
        if whole:
            reached = Reached(binding, seq, slots)
    return reached, slots


def progress() -> Progress:
    """This application's knowledge."""
    kept: Progress = current_app.extensions.setdefault("answer_progress", Progress())
    return kept
