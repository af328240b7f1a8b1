"""Delivered papers kept in the process: they are immutable, and no save or page may cost a reading of them.

Kept by id and digest, so that a database that was set up anew under a running process never meets an old paper.
"""

import json
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from flask import current_app

from core.database import transaction
from core.web.application import marks
from question_bank.delivery import DeliveredPaper, DeliveredSlot, deliver

MOST_PAPERS = 200


@dataclass(frozen=True, slots=True)
class PaperAtHand:
    """A delivered paper with what every request needs of it, prepared."""

    paper: DeliveredPaper
    slots: dict[str, DeliveredSlot]
    slots_json: str  # what GET tells of the slots: number, type, points, labels, blanks, parts


class PaperShelf:
    """The papers that this process has delivered lately."""

    def __init__(self) -> None:
        self._papers: OrderedDict[tuple[int, str], PaperAtHand] = OrderedDict()
        self._lock = Lock()

    def take(self, paper_id: int, digest: str) -> PaperAtHand:
        """The paper with this digest; read in a transaction of its own when it is not at hand."""
        key = (paper_id, digest)
        with self._lock:
            if key in self._papers:
                self._papers.move_to_end(key)
                return self._papers[key]
        with transaction("read") as session:
            prepared = prepare(deliver(session, paper_id))
        with self._lock:
            self._papers[(paper_id, prepared.paper.digest)] = prepared
            while len(self._papers) > MOST_PAPERS:
                self._papers.popitem(last=False)
        return prepared


def shelf() -> PaperShelf:
    """This application's shelf."""
    kept: PaperShelf = current_app.extensions.setdefault("papers", PaperShelf())
    return kept


def prepare(paper: DeliveredPaper) -> PaperAtHand:
    """Prepare a delivered paper for saves and pages."""
    slots = {slot.slot: slot for section in paper.sections for slot in section.slots}
    described = [_described(slot) for slot in slots.values()]
    return PaperAtHand(paper, slots, json.dumps(described, ensure_ascii=False, separators=(",", ":")))


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
