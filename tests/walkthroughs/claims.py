"""Offline hand-ins of any sitting, and a model of what they make count: nothing before a person has confirmed them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.accounts.actors import Actor
from core.clock import iso
from core.database import transaction
from exam.claims import queries, service
from exam.claims.models import HandInKey, OfflineCode
from exam.claims.rules import journal_code
from exam.invigilation.models import Incident
from exam.invigilation.queries import post_at
from exam.invigilation.service import sign_incidents
from exam.sittings.models import Sitting
from tests.support.sealing import journal, sealed_file
from tests.support.sittings import World

ALLOWED = timedelta(minutes=30)
Step = tuple[str, Any]
Steps = dict[tuple[int, int], Step]


@dataclass
class Ended:
    """What a claim is judged by: when and by whom the sitting ended, and the steps that the server has."""

    started_at: datetime
    deadline: datetime
    closed_at: datetime
    closed_by: str
    binding: int
    stored: Steps

    @property
    def until(self) -> datetime:
        """From this instant on no answer may be proposed."""
        return min(self.deadline, self.closed_at) if self.closed_by == "invigilator" else self.deadline


@dataclass
class Claims:
    """The claims of one sitting; ``people``: who notes and uploads, who signs, who decides."""

    world: World
    clock: Any
    people: tuple[Actor, Actor, Actor]
    taken: int = 0
    confirmed: Steps = field(default_factory=dict)
    is_confirmed: bool = False

    def claim(self, ended: Ended, new: list[Step], late: list[Step], other: Step, verdict: str) -> bool:
        """Hand in a journal offline: what the server has, new steps in time, steps after the end, a used number with
        other content, and a step of a device that never held the sitting. True when it was taken and confirmed."""
        sealed = self._sealed(ended, new, late, other)
        claimable = ended.closed_by != "candidate" and self.clock.now() < ended.deadline + ALLOWED
        proposed = self._proposed(ended, new)
        assert self._does(lambda session, post, sitting: self._note(session, post, sitting, sealed[0])) == claimable
        taken = self._does(lambda session, post, sitting: self._take(session, post, sitting, sealed[1]))
        assert taken == (claimable and bool(proposed) and not self.is_confirmed)
        if not taken:
            return False
        self.taken += 1
        assert not self._does(lambda session, _post, sitting: self._decide(session, sitting, verdict, self.people[0]))
        assert not self._does(lambda session, _post, sitting: self._decide(session, sitting, "confirmed"))
        assert self._does(self._sign)
        assert self._does(lambda session, _post, sitting: self._decide(session, sitting, verdict))
        if verdict == "confirmed":
            self.confirmed, self.is_confirmed = proposed, True
        return verdict == "confirmed"

    def laid_over(self, stored: Steps) -> Steps:
        """The steps that count: the server's own, and what was confirmed."""
        return self.confirmed | stored

    @staticmethod
    def _proposed(ended: Ended, new: list[Step]) -> Steps:
        if ended.started_at >= ended.until:
            return {}
        return {(ended.binding, seq): step for seq, step in enumerate(new, _free(ended))}

    def _sealed(self, ended: Ended, new: list[Step], late: list[Step], other: Step) -> tuple[str, bytes]:
        in_time, too_late = iso(ended.started_at), iso(ended.until)
        steps: dict[tuple[int, int], tuple[Step, str]] = {key: (step, in_time) for key, step in ended.stored.items()}
        first = _free(ended)
        steps |= {(ended.binding, seq): (step, in_time) for seq, step in enumerate(new, first)}
        steps |= {(ended.binding, seq): (step, too_late) for seq, step in enumerate(late, first + len(new))}
        steps[(ended.binding + 1, 1)] = (other, in_time)
        if ended.stored:
            steps[min(ended.stored)] = (other, in_time)
        rows = [[*key, *step, at] for key, (step, at) in sorted(steps.items())]
        seat = self.world.seats[0]
        nonce = self.world.row().nonce
        plaintext = journal(seat.sitting, self.world.paper_digest, nonce, rows)
        (key,) = self.world.all(HandInKey)
        return journal_code(plaintext, nonce), sealed_file(seat.sitting, plaintext, key.public_key)

    def _does(self, act: Callable[[Any, Any, Sitting], object]) -> bool:
        with self.world.app.app_context():
            try:
                with transaction("write") as session:
                    post = post_at(session, None, self.world.session)
                    act(session, post, session.get_one(Sitting, self.world.seats[0].sitting))
            except (service.BadInput, service.Conflict):
                return False
        return True

    def _note(self, session: Any, post: Any, sitting: Sitting, code: str) -> None:
        service.note_code(session, self.people[0], self.clock, post, sitting, code)

    def _take(self, session: Any, post: Any, sitting: Sitting, data: bytes) -> None:
        service.take_file(session, self.people[0], self.clock, post, sitting, data)

    def _sign(self, session: Any, _post: Any, _sitting: Sitting) -> None:
        code = self.world.all(OfflineCode)[-1]
        sign_incidents(session, self.people[1], self.clock, [session.get_one(Incident, code.incident_id)])

    def _decide(self, session: Any, sitting: Sitting, verdict: str, who: Actor | None = None) -> None:
        claim = queries.claims_of_sittings(session, [sitting.id])[0]
        service.decide(session, who or self.people[2], self.clock, claim, verdict=verdict, reason="断网属实。")


def _free(ended: Ended) -> int:
    """The first number after every stored one of the last device."""
    return max((seq for binding, seq in ended.stored if binding == ended.binding), default=0) + 1
