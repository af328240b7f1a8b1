"""A model of one sitting beside the real one: what each call must answer, whatever came before."""

import hashlib
import json
from datetime import timedelta
from typing import Any
from unittest import mock

import rfc8785

from core.accounts.actors import Actor
from core.accounts.models import Account
from core.accounts.permissions import Role
from core.database import db, transaction
from core.ticker import tick_once
from exam import handover
from exam.answers import service as answers
from exam.answers.models import AnswerStep, LateStep
from exam.claims.keys import make_key
from exam.sittings import closing, service
from exam.sittings.models import Receipt, Sitting
from tests.conftest import NOON, empty_tables
from tests.support.sittings import Client, make_world
from tests.walkthroughs.claims import Claims, Ended, Steps

DEVICES = 3
GRACE = timedelta(seconds=10)
ENDS = NOON + timedelta(minutes=59)
DURATION = timedelta(minutes=30)


class AnySitting:
    """One sitting, three computers, and what the model knows of them."""

    def __init__(self, app: Any, clock: Any, mode: str) -> None:
        self.app, self.clock, self.mode = app, clock, mode
        self.clock.stop_at(NOON)
        people = _empty_installation(self.app, self.clock)
        self.invigilator = people[0]
        self.world = make_world(self.app, candidates=1, mode=mode, invigilated=mode == "fixed")
        with self.app.app_context(), transaction("write") as session:
            make_key(session, self.clock, self.world.exam)
        self.claims = Claims(self.world, self.clock, people)
        self.devices: list[Client | None] = [None] * DEVICES
        self.state, self.holder, self.binding = "registered", None, 0
        self.deadline, self.extra = None, timedelta()
        self.paused_at = None
        self.sent: dict[tuple[int, int], tuple[str, Any]] = {}  # what may be stored
        self.acknowledged: dict[tuple[int, int], tuple[str, Any]] = {}  # what must be
        self.next_seq: dict[int, int] = {}
        self.receipt: dict[str, str] | None = None
        self.started_at, self.closed_at, self.closed_by = NOON, NOON, ""

    # What the model knows.

    @property
    def now(self):
        return self.clock.now()

    @property
    def in_time(self) -> bool:
        return self.deadline is not None and self.now < self.deadline + GRACE

    def why_not(self, device: int, binding: int | None = None) -> str | None:
        """The code with which a call of this device must be refused now."""
        if self.state == "closed":
            return "closed" if self.in_time else "late"
        if self.state == "open" and not self.in_time:
            return "late"
        if self.state not in ("open", "paused"):
            return "not_open"
        if self.holder != device or binding not in (None, self.binding):
            return "other_device"
        return "paused" if self.state == "paused" else None

    def end(self, by: str, receipt: dict[str, str] | None = None) -> None:
        self.state, self.closed_by, self.closed_at = "closed", by, self.now
        self.receipt = receipt

    def takes_over(self, device: int) -> bool:
        """Whether this device becomes the holder by asking: after a release, or at once where nobody invigilates."""
        if self.holder is not None and (self.mode == "fixed" or self.holder == device):
            return False
        self.holder, self.binding = device, self.binding + 1
        return True

    # What may happen.

    def device(self, number: int | None) -> int:
        """The computer that acts: None means the one that holds the sitting, or the first that is signed in."""
        if not any(self.devices):
            self.signs_in(0)
        present = [at for at, client in enumerate(self.devices) if client]
        wanted = self.holder if number is None else number
        return wanted if wanted in present else present[0]

    def comes_in(self, device: int) -> None:
        self.signs_in(device)
        self.starts(device)

    def signs_in(self, device: int) -> None:
        known = self.devices[device]
        client = known or Client(self.app, self.world, self.world.seats[0])
        assert client.sign_in().status_code == 200
        self.devices[device] = client
        if self.state == "registered":
            self.state = "admitted"
        running = self.state == "paused" or (self.state == "open" and self.in_time)
        if known is None and running and self.holder is not None:
            self.takes_over(device)

    def goes_on(self, device: int | None) -> None:
        self.starts(self.device(device))

    def starts(self, device: int) -> None:
        client = self.devices[device]
        assert client
        answer = client.start()
        told = answer.get_json()
        if self.state == "admitted":
            if self.now >= ENDS + self.extra:
                assert told["error"]["code"] == "closed"
                return
            self.state, self.holder, self.binding = "open", device, 1
            self.started_at = self.now
            end = ENDS if self.mode == "fixed" else min(self.now + DURATION, ENDS)
            self.deadline = end + self.extra
        elif self.state in ("open", "paused"):
            self.takes_over(device)
            if self.holder != device and (self.state == "paused" or self.in_time):
                assert told["error"]["code"] == "other_device"
                return
        if answer.status_code != 200:
            assert told["error"]["code"] == "other_device"
            assert self.holder != device
            return
        assert told["state"] == ("closed" if self.state == "open" and not self.in_time else self.state)

    def saves(self, device: int | None, batch: list[tuple[str, Any]], skipped: int, stale: int) -> None:
        device = self.device(device)
        binding = max(1, self.binding - stale)
        first = self.next_seq.get(binding, 1) + skipped
        steps = [(seq, slot, response) for seq, (slot, response) in enumerate(batch, first)]
        if self._send(device, binding, steps):
            self.next_seq[binding] = first + len(steps)

    def sends_again_in_any_order(self, device: int | None, pick: int) -> None:
        device = self.device(device)
        if not self.sent:
            return
        binding = sorted({key[0] for key in self.sent})[pick % len({key[0] for key in self.sent})]
        earlier = [(seq, *content) for (of, seq), content in self.sent.items() if of == binding]
        mixed = sorted(earlier, key=lambda step: (step[0] * 7919 + pick) % 101)
        self._send(device, binding, mixed[:5])

    def says_something_else_under_a_used_number(self, device: int | None, answer: tuple[str, Any], pick: int) -> None:
        device = self.device(device)
        used = sorted(key for key in self.acknowledged if key[0] == self.binding)
        client = self.devices[device]
        if not used:
            return
        assert client
        key = used[pick % len(used)]
        if self.acknowledged[key] == answer:
            return
        told = client.save((key[1], *answer), binding=key[0]).get_json()
        code = self.why_not(device, key[0])
        if code:
            assert told["error"]["code"] == code
        else:
            assert told["rejected"] == [{"seq": key[1], "code": "conflict"}]

    def dies_before_it_could_answer(self, device: int | None, answer: tuple[str, Any]) -> None:
        device = self.device(device)
        client = self.devices[device]
        assert client
        seq = self.next_seq.get(max(1, self.binding), 1)
        if self.why_not(device, max(1, self.binding)) is None:
            self.sent[(self.binding, seq)] = answer
            self.next_seq[self.binding] = seq + 1
        with mock.patch.object(answers, "_end_of_run", side_effect=MemoryError):
            assert client.save((seq, *answer), binding=max(1, self.binding)).status_code in (409, 401, 500)
        self._forget_everything()

    def the_process_is_killed_and_comes_back(self) -> None:
        self._forget_everything()

    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    def the_deadline_comes(self, milliseconds: int) -> None:
        if self.deadline is None:
            return
        instant = self.deadline + timedelta(milliseconds=milliseconds)
        if instant > self.now:
            self.clock.stop_at(instant)

    def saves_around_the_deadline(self, milliseconds: int, answer: tuple[str, Any]) -> None:
        self.the_deadline_comes(milliseconds)
        self.saves(None, [answer], 0, 0)

    def is_paused_for_a_while(self, seconds: int) -> None:
        self.is_paused()
        self.clock.advance(seconds=seconds)
        self.goes_on_after_the_pause()

    def the_ticker_ticks(self) -> None:
        tick_once(self.app, self.clock)
        if self.state == "open" and not self.in_time:
            self.end("clock")

    def gets_extra_time(self, seconds: int) -> None:
        done = self._by_invigilator(service.extend, seconds, "更换设备")
        going_on = self.state != "closed" and (self.state != "open" or self.in_time)
        assert done == going_on
        if done:
            self.extra += timedelta(seconds=seconds)
            if self.deadline is not None:
                self.deadline += timedelta(seconds=seconds)

    def is_paused(self) -> None:
        done = self._by_invigilator(service.pause, "停电")
        assert done == (self.state == "open" and self.in_time)
        if done:
            self.state, self.paused_at = "paused", self.now

    def goes_on_after_the_pause(self) -> None:
        done = self._by_invigilator(service.resume, "恢复")
        assert done == (self.state == "paused")
        if done:
            self.state, self.deadline = "open", self.deadline + (self.now - self.paused_at)

    def the_device_is_released(self) -> None:
        if self._by_invigilator(service.release_device, one=True):
            assert self.state in ("open", "paused")
            assert self.holder is not None
            self.holder = None

    def is_closed_by_force(self) -> None:
        done = self._by_invigilator(closing.force_submission, "身体不适", one=True)
        assert done == (self.state in ("open", "paused"))
        if done:
            self.end("invigilator")

    def claims_offline(self, new: list[Any], late: list[Any], other: tuple[str, Any], verdict: str) -> None:
        if self.state != "closed":
            return
        began, until, closed = self.started_at, self.deadline, self.closed_at
        ended = Ended(began, until, closed, self.closed_by, self.binding, self._stored())
        if self.claims.claim(ended, new, late, other, verdict):
            self.receipt = None  # another one counts from here on

    def hands_in(self, device: int | None) -> None:
        device = self.device(device)
        client = self.devices[device]
        assert client
        code = self.why_not(device)
        answer = client.submit(self._digest(), final=True)
        told = answer.get_json()
        if code in ("closed", "late"):
            if self.state == "open":
                self.end("clock")
            assert self.receipt in (None, told["receipt"])
            self.receipt = told["receipt"]
        elif code:
            assert told["error"]["code"] == code
        else:
            assert told["receipt"]["closed_by"] == "candidate"
            self.end("candidate", told["receipt"])

    # What must be true whatever happened.

    def everything_acknowledged_is_stored_and_nothing_that_was_refused(self) -> None:
        stored = self._stored()
        for key, content in self.acknowledged.items():
            assert stored.get(key) == content, f"{key} was acknowledged and is not there"
        for key, content in stored.items():
            assert self.sent.get(key) == content, f"{key} is there and was never accepted"

    def the_deadline_is_right_and_a_close_has_one_receipt_over_what_counts(self) -> None:
        row = self.world.row()
        assert row.deadline == self.deadline
        held = self.world.all(Receipt)
        assert len(held) == (row.state == "closed") + self.claims.taken
        if held:
            assert held[0].digest == self._digest(self._stored())
            assert self.receipt is None or self.receipt["digest"] == self._digest()

    def ends(self, *claim: Any) -> None:
        """Whatever is still going on comes to its end by the clock; grading gets exactly what counts, once claimed too."""
        if self.state == "paused":
            self.goes_on_after_the_pause()
        if self.state == "open":
            self.clock.stop_at(max(self.now, self.deadline + GRACE))
            self.the_ticker_ticks()
        self.everything_acknowledged_is_stored_and_nothing_that_was_refused()
        self.claims_offline(*claim)
        self.everything_acknowledged_is_stored_and_nothing_that_was_refused()
        if self.state == "closed":
            self.the_deadline_is_right_and_a_close_has_one_receipt_over_what_counts()
            with self.app.app_context(), transaction("read") as session:
                (closed,) = handover.closed_sittings(session, [self.world.seats[0].sitting])
            assert closed.answers == self._final()

    # How it is done.

    def _send(self, device: int, binding: int, steps: list[tuple[int, str, Any]]) -> bool:
        client = self.devices[device]
        assert client
        late_before = self.world.count(LateStep)
        answer = client.save(*steps, binding=binding)
        code = self.why_not(device, binding)
        if code:
            assert answer.get_json()["error"]["code"] == code
            assert code in ("late", "closed") or self.world.count(LateStep) == late_before
            return False
        told = answer.get_json()
        assert told["rejected"] == []
        for seq, slot, response in steps:
            self.sent[(binding, seq)] = (slot, response)
            self.acknowledged[(binding, seq)] = (slot, response)
        run = 0
        while (binding, run + 1) in self._stored():
            run += 1
        assert told["acknowledged"] == run
        assert told["deadline"] == self.deadline.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return True

    def _by_invigilator(self, act: Any, *arguments: Any, one: bool = False) -> bool:
        with self.app.app_context():
            try:
                with transaction("write") as session:
                    sitting = session.get_one(Sitting, self.world.seats[0].sitting)
                    act(session, self.invigilator, self.clock, sitting if one else [sitting], *arguments)
            except service.Conflict:
                return False
        return True

    def _forget_everything(self) -> None:
        """What a process knew is gone; the database and the browsers remain."""
        for kept in ("answer_runs", "papers"):
            self.app.extensions.pop(kept, None)
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose()

    def _stored(self) -> dict[tuple[int, int], tuple[str, Any]]:
        return {(s.binding, s.seq): (str(s.slot), json.loads(s.response)) for s in self.world.all(AnswerStep)}

    def _final(self, stored: Steps | None = None) -> dict[str, Any]:
        counts = self.claims.laid_over(self._stored()) if stored is None else stored
        final = {slot: response for _key, (slot, response) in sorted(counts.items())}
        return {slot: response for slot, response in final.items() if response}

    def _digest(self, stored: Steps | None = None) -> str:
        final = self._final(stored)
        whole = {"v": 1, "sitting": self.world.seats[0].sitting, "paper": self.world.paper_digest}
        whole |= {"nonce": f"{0:032x}", "answers": [[slot, final[slot]] for slot in sorted(final, key=int)]}
        return hashlib.sha256(rfc8785.dumps(whole)).hexdigest()


def _empty_installation(app: Any, clock: Any) -> tuple[Actor, Actor, Actor]:
    """Nothing but two invigilators and an organizer, who are returned."""
    roles = (Role.INVIGILATOR, Role.INVIGILATOR, Role.ORGANIZER)
    with app.app_context():
        empty_tables(db.engine)
        with transaction("write") as session:
            made = [
                Account(username=f"yh{number}", name="某人", password_hash="-", created_at=clock.now())
                for number in range(len(roles))
            ]
            session.add_all(made)
            session.flush()
            first, second, third = (
                Actor("account", one.id, frozenset({role})) for one, role in zip(made, roles, strict=True)
            )
            return first, second, third
