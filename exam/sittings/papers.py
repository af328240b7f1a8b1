"""Delivered papers kept in the process: they are immutable, and no save or page may cost a reading of them.

Kept by id and digest, so that a database that was set up anew under a running process never meets an old paper.
"""

import json
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from flask import current_app

from core.database import transaction
from core.web.application import marks
from question_bank.delivery import DeliveredPaper, DeliveredSlot, PaperSource, paper_source

MOST_PAPERS = 200
MOST_OWN = 3000  # papers drawn for one sitting each; some ten kilobytes a piece


class Source(Protocol):
    """Where a sitting's paper comes from: the bank, or the fixed paper of the mock sitting."""

    @property
    def key(self) -> tuple[int, str]:
        """Id and digest of the paper, or of the family."""

    @property
    def per_candidate(self) -> bool:
        """Whether each sitting has a paper of its own."""

    def paper(self, number: int = 0) -> DeliveredPaper:
        """The paper of the sitting with this number."""

    def answerable(self, number: int) -> dict[str, DeliveredSlot]:
        """Its slots by number, for checking responses."""


@dataclass(frozen=True, slots=True)
class PaperAtHand:
    """A sitting's paper with what every request needs of it, prepared."""

    source: Source
    number: int
    slots: dict[str, DeliveredSlot]
    slots_json: str  # what GET tells of the slots: number, type, points, labels, blanks, parts

    @property
    def key(self) -> tuple[int, str]:
        """Id and digest of the paper, or of the family that it was drawn from. Two papers may say the same."""
        return self.source.key

    @property
    def paper(self) -> DeliveredPaper:
        """The whole paper as its candidate sees it, for the page."""
        return self.source.paper(self.number)


class PaperShelf:
    """The papers that this process has delivered lately."""

    def __init__(self) -> None:
        self._sources: OrderedDict[tuple[int, str], PaperSource] = OrderedDict()
        self._papers: OrderedDict[tuple[int, str, int], PaperAtHand] = OrderedDict()
        self._lock = Lock()

    def take(self, paper_id: int, digest: str, sitting_id: int) -> PaperAtHand:
        """The paper of a sitting; read in a transaction of its own when it is not at hand."""
        source = self._source(paper_id, digest)
        number = sitting_id if source.per_candidate else 0
        key = (paper_id, digest, number)
        with self._lock:
            if key in self._papers:
                self._papers.move_to_end(key)
                return self._papers[key]
        prepared = prepare(source, number)
        _keep(self._lock, self._papers, key, prepared, MOST_OWN)
        return prepared

    def _source(self, paper_id: int, digest: str) -> PaperSource:
        key = (paper_id, digest)
        with self._lock:
            if key in self._sources:
                self._sources.move_to_end(key)
                return self._sources[key]
        with transaction("read") as session:
            source = paper_source(session, paper_id)
        _keep(self._lock, self._sources, key, source, MOST_PAPERS)
        return source


def _keep(lock: Lock, shelf: OrderedDict[Any, Any], key: Any, thing: Any, most: int) -> None:
    with lock:
        shelf[key] = thing
        while len(shelf) > most:
            shelf.popitem(last=False)


def shelf() -> PaperShelf:
    """This application's shelf."""
    kept: PaperShelf = current_app.extensions.setdefault("papers", PaperShelf())
    return kept


def prepare(source: Source, number: int = 0) -> PaperAtHand:
    """Prepare a sitting's paper for saves and pages."""
    slots = source.answerable(number)
    described = [_described(slot) for slot in slots.values()]
    return PaperAtHand(source, number, slots, json.dumps(described, ensure_ascii=False, separators=(",", ":")))


def _described(slot: DeliveredSlot) -> dict[str, Any]:
    return {"slot": slot.slot, **_answerable(slot.type, slot.points_hundredths, slot.content)}


def _answerable(type_name: str, points_hundredths: int, content: dict[str, Any]) -> dict[str, Any]:
    """What a client must know to answer: the type, the points, the labels that there are; of a case, its parts."""
    told: dict[str, Any] = {"type": type_name, "points": marks(points_hundredths)}
    told |= {name: [one["label"] for one in content[name]] for name in ("options", "left", "right") if name in content}
    told |= {name: content[name] for name in ("blanks", "most") if name in content}
    if "parts" in content:
        told["parts"] = [_answerable(p["type"], p["points_hundredths"], p["content"]) for p in content["parts"]]
    return told
