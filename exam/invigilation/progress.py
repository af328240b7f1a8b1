"""How many slots of each sitting hold an answer: each step is read once by a process, never the whole history again."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import NamedTuple

from flask import current_app

from exam.invigilation.statements import steps_after

MOST_SITTINGS = 50_000


class Reached(NamedTuple):
    """A sitting's steps up to the end of their gap-free run: where it ends, and the answered slots as bits."""

    binding: int = 0
    seq: int = 0
    slots: int = 0


class Progress:
    """What this process knows of the progress of sittings.

    Steps are only ever appended, and no step joins a binding once a later binding has one: what lies before a gap-free
    end never changes. What lies beyond a gap is read again until the gap is closed.
    """

    def __init__(self) -> None:
        self._reached: OrderedDict[int, Reached] = OrderedDict()
        self._lock = Lock()

    def answered(self, sitting_ids: Sequence[int]) -> dict[int, int]:
        """The number of answered slots of each sitting."""
        if not sitting_ids:
            return {}
        with self._lock:
            known = {one: self._reached.get(one, Reached()) for one in sitting_ids}
        fresh: dict[int, list[tuple[int, int, int, bool]]] = {}
        for sitting_id, *step in steps_after([(one, at.binding, at.seq) for one, at in known.items()]):
            fresh.setdefault(sitting_id, []).append((step[0], step[1], step[2], bool(step[3])))
        counts = {one: at.slots.bit_count() for one, at in known.items()}
        for sitting_id, steps in fresh.items():
            reached, slots = follow(known[sitting_id], steps)
            counts[sitting_id] = slots.bit_count()
            self._keep(sitting_id, reached)
        return counts

    def _keep(self, sitting_id: int, reached: Reached) -> None:
        with self._lock:
            self._reached[sitting_id] = max(reached, self._reached.pop(sitting_id, reached))
            while len(self._reached) > MOST_SITTINGS:
                self._reached.popitem(last=False)


def follow(reached: Reached, steps: Iterable[tuple[int, int, int, bool]]) -> tuple[Reached, int]:
    """Go on from ``reached`` with steps (binding, seq, slot, whether it holds an answer) in their order.

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
