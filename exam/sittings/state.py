"""What a candidate's device is told about its sitting: GET of interfaces, as cheap as it can be asked for."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import from_milliseconds, iso, to_milliseconds
from exam.answers import statements
from exam.answers.service import Device
from exam.answers.statements import Facts, Whose
from exam.sittings.papers import PaperAtHand, shelf
from exam.sittings.refusals import no_such_sitting, refusal
from exam.sittings.rules import RUNNING, effective_state

SEEN_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SittingState:
    """A sitting as one device may see it at one instant."""

    facts: Facts
    state: str  # as it must be read: overdue is closed
    now: datetime

    @property
    def etag(self) -> str:
        """Changes with everything that the answer tells, except the server's time."""
        facts = self.facts
        return f"{self.state}.{facts.binding}.{facts.deadline}.{facts.grace_seconds}.{facts.steps}.{facts.last_seq}"

    @property
    def paper(self) -> PaperAtHand | None:
        """The paper, once the sitting has begun."""
        return (
            None
            if self.facts.started_at is None
            else shelf().take(self.facts.paper_id, self.facts.paper, self.facts.sitting_id)
        )

    def as_json(self) -> str:
        """The answer of GET, written out. Slots, paper and nonce are told from the start on."""
        paper = self.paper
        return f'{self.own_json(paper)[:-1]}, "slots": {paper.slots_json if paper else "[]"}}}'

    def own_json(self, paper: PaperAtHand | None) -> str:
        """The same without the slots, which everybody with this paper is told alike."""
        facts = self.facts
        steps = statements.steps_of(facts.sitting_id) if paper and facts.steps else []
        final = {slot: (response, binding, seq) for slot, response, binding, seq in steps}
        acknowledged = 0
        for _slot, _response, binding, seq in steps:
            acknowledged += binding == facts.binding and seq == acknowledged + 1
        # Responses are stored as JSON; they are put in as they stand.
        answers = ",".join(
            f'"{slot}":{{"response":{response},"binding":{binding},"seq":{seq}}}'
            for slot, (response, binding, seq) in sorted(final.items())
        )
        head = json.dumps(
            {
                "state": self.state,
                "server_time": iso(self.now),
                "deadline": None if facts.deadline is None else iso(from_milliseconds(facts.deadline)),
                "grace_seconds": facts.grace_seconds,
                "binding": facts.binding,
                "acknowledged": acknowledged,
                "sitting": facts.sitting_id,
                "paper": facts.paper if paper else None,
                "nonce": facts.nonce if paper else None,
            }
        )
        return f'{head[:-1]}, "answers": {{{answers}}}}}'


def look(device: Device, sitting_id: int, now: datetime) -> SittingState:
    """The sitting for this device. Raises NotFound, ``signed_out``, and ``other_device`` while another one holds it."""
    facts = statements.facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
    if facts is None:
        raise no_such_sitting()
    return seen_as(device, facts, now)


def look_at_sheet(device: Device, sitting_id: int, now: datetime) -> tuple[SittingState, Whose]:
    """The sitting for this device, with what its page tells of the candidate, in one statement. Raises as ``look``."""
    found = statements.sheet_facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
    if found is None:
        raise no_such_sitting()
    return seen_as(device, found[0], now), found[1]


def seen_as(device: Device, facts: Facts, now: datetime) -> SittingState:
    """The state that these facts mean for this device. Raises as ``look``."""
    if not facts.signed_in:
        raise refusal("signed_out")
    state = _state_at(facts, now)
    if state in RUNNING and facts.holder != device.sign_in:
        raise refusal("other_device")
    return SittingState(facts, state, now)


def is_closed(device: Device, sitting_id: int, now: datetime) -> bool:
    """Whether this candidate's sitting is over, by whichever hand; nothing else is asked of the device."""
    facts = statements.facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
    return facts is not None and _state_at(facts, now) == "closed"


def _state_at(facts: Facts, now: datetime) -> str:
    until = None if facts.deadline is None else from_milliseconds(facts.deadline)
    return effective_state(facts.state, until, facts.grace_seconds, now)


def note_presence(device: Device, state: SittingState) -> None:
    """Tell the invigilator's page that this device is there, at most twice a minute."""
    last, now = state.facts.last_seen_at, to_milliseconds(state.now)
    before = now - SEEN_EVERY // timedelta(milliseconds=1)
    if state.state in RUNNING and last is not None and last < before:
        statements.seen(sitting=state.facts.sitting_id, holder=device.sign_in, now=now, before=before)
