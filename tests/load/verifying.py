"""After the run the database is asked: is every acknowledged step there, has everybody a receipt and a score."""

import time
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select

from core.database import transaction
from exam.answers.models import AnswerStep
from exam.sittings.models import Receipt, Sitting
from grading.scoring.models import PaperScore
from tests.load.installation import Installation
from tests.load.people import Person, stored_form

PATIENCE = 60.0  # seconds for the job worker to score everybody
PORTION = 500


@dataclass(frozen=True)
class Findings:
    """What the database holds afterwards. ``scored_after``: seconds from the last hand-in until everybody was scored."""

    acknowledged: int
    lost: int
    without_receipt: int
    without_score: int
    scored_after: float

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not (self.lost or self.without_receipt or self.without_score)


def verify(
    installation: Installation, people: list[Person], patience: float = PATIENCE, closed_by: str = "candidate"
) -> Findings:
    """Compare what was acknowledged with what is stored, and wait for the job worker's scores."""
    began = time.monotonic()
    with installation.app.app_context():
        without_score = _wait_for_scores(people, began + patience)
        scored_after = time.monotonic() - began
        portions = [people[start : start + PORTION] for start in range(0, len(people), PORTION)]
        lost = sum(_lost(portion) for portion in portions)
        receipts = sum(_receipts(portion, closed_by) for portion in portions)
    acknowledged = sum(len(person.held) for person in people)
    return Findings(acknowledged, lost, len(people) - receipts, without_score, scored_after)


def _lost(people: list[Person]) -> int:
    """How many acknowledged steps are not stored just as they were sent."""
    stored: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    steps = select(AnswerStep.sitting_id, AnswerStep.seq, AnswerStep.slot, AnswerStep.response)
    with transaction("read") as session:
        for sitting, seq, slot, response in session.execute(
            steps.where(AnswerStep.sitting_id.in_([person.seat.sitting for person in people]))
        ):
            stored[sitting][seq] = (str(slot), response)
    return sum(
        stored[person.seat.sitting].get(seq) != (slot, stored_form(response))
        for person in people
        for seq, (slot, response) in person.held.items()
    )


def _receipts(people: list[Person], closed_by: str) -> int:
    """How many sittings were closed so and have the receipt that was given, over their own digest."""
    rows = select(Sitting.id, Receipt.code, Receipt.digest).join(Receipt, Receipt.sitting_id == Sitting.id)
    closed = rows.where(Sitting.state == "closed", Sitting.closed_by == closed_by)
    with transaction("read") as session:
        found = session.execute(closed.where(Sitting.id.in_([person.seat.sitting for person in people])))
        held = {sitting: (code, digest) for sitting, code, digest in found}
    return sum(
        held.get(person.seat.sitting) == (person.receipt.get("code"), person.receipt.get("digest"))
        and person.receipt.get("digest") == person.digest()
        for person in people
    )


def _wait_for_scores(people: list[Person], deadline: float) -> int:
    """How many have no score when everybody has one, or at the deadline."""
    sittings = [person.seat.sitting for person in people]
    scored = select(func.count(PaperScore.sitting_id.distinct())).where(
        PaperScore.sitting_id.between(min(sittings), max(sittings))
    )
    while True:
        with transaction("read") as session:
            missing = len(sittings) - (session.scalar(scored) or 0)
        if missing <= 0 or time.monotonic() > deadline:
            return max(missing, 0)
        time.sleep(0.2)
