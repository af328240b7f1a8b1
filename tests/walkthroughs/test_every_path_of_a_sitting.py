"""Every path of the state machine by name, on both databases: from each state what moves it, and what is refused there.

registered -> admitted (signs in) -> open (starts) -> closed (hands in, the clock, an invigilator); open <-> paused;
paused -> closed (an invigilator). Whatever is not named as a move leaves the sitting exactly as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from core.accounts.actors import Actor
from core.database import transaction
from core.errors import Conflict
from core.ticker import tick_once
from exam.answers.models import AnswerStep, LateStep
from exam.sittings import closing, service
from exam.sittings.models import Receipt, Sitting
from tests.support.sittings import Client, World, make_world

ANSWERS = {"1": ["A"]}


@dataclass
class Path:
    """One sitting with the candidate's computer, another one, and the invigilator."""

    app: Flask
    clock: Any
    actor: Actor
    world: World
    here: Client = field(init=False)
    elsewhere: Client = field(init=False)

    def __post_init__(self) -> None:
        self.here, self.elsewhere = (Client(self.app, self.world, self.world.seats[0]) for _computer in range(2))

    @property
    def row(self) -> Sitting:
        return self.world.row()

    def facts(self) -> dict[str, Any]:
        """Everything about the sitting that a move may change, but for signs of life."""
        row = self.row
        left_out = {"last_seen_at", "refused_digest"}
        return {one.name: getattr(row, one.name) for one in Sitting.__table__.columns if one.name not in left_out}

    # What may happen.

    def signs_in(self) -> Any:
        return self.here.sign_in()

    def starts(self) -> Any:
        return self.here.start()

    def saves(self) -> Any:
        return self.here.save((1, "1", ["A"]))

    def hands_in(self) -> Any:
        state = self.here.state().get_json()
        digest = self.here.digest(ANSWERS) if state.get("nonce") else "0" * 64
        return self.here.submit(digest)

    def _acts(self, act: Callable[..., Any], *arguments: Any) -> Any:
        with self.app.app_context(), transaction("write") as session:
            return act(session, self.actor, self.clock, *self._about(act, session), *arguments)

    def _about(self, act: Callable[..., Any], session: Any) -> list[Any]:
        own = session.get_one(Sitting, self.world.seats[0].sitting)
        return [own] if act in (service.release_device, closing.force_submission) else [[own]]

    def pauses(self) -> Any:
        return self._acts(service.pause, "断电")

    def resumes(self) -> Any:
        return self._acts(service.resume, "来电")

    def extends(self) -> Any:
        return self._acts(service.extend, 300, "补时")

    def releases(self) -> Any:
        return self._acts(service.release_device)

    def forces(self) -> Any:
        return self._acts(closing.force_submission, "突发疾病")

    def time_is_up(self) -> None:
        self.clock.advance(hours=3)
        tick_once(self.app, self.clock)

    # Ways to a state.

    def to_admitted(self) -> None:
        assert self.signs_in().status_code == 200

    def to_open(self) -> None:
        self.to_admitted()
        assert self.starts().status_code == 200
        assert self.saves().status_code == 200

    def to_paused(self) -> None:
        self.to_open()
        self.pauses()

    def to_closed(self) -> None:
        self.to_open()
        assert self.hands_in().status_code == 200

    def refused(self, act: str) -> str:
        """The code with which this is refused; fails when it is not, or when it leaves a trace in the sitting."""
        before, steps, receipts = self.facts(), self.world.count(AnswerStep), self.world.count(Receipt)
        try:
            answer = getattr(self, act)()
        except Conflict as problem:
            code = problem.code
        else:
            assert answer.status_code >= 400, (act, answer.get_data(as_text=True))
            code = answer.get_json()["error"]["code"]
        assert self.facts() == before, act
        assert (self.world.count(AnswerStep), self.world.count(Receipt)) == (steps, receipts), act
        return code


@pytest.fixture
def path(app: Flask, cast: Any, clock: Any) -> Path:
    """A registered candidate of an invigilated session that began a minute ago."""
    return Path(app, clock, cast.actor("invigilator"), make_world(app, candidates=1))


def test_registered_to_admitted_by_signing_in(path: Path) -> None:
    assert path.row.state == "registered"
    path.to_admitted()
    assert (path.row.state, path.row.holder, path.row.binding) == ("admitted", None, 0)


def test_registered_whatever_needs_a_sign_in_or_a_running_sitting_is_refused(path: Path) -> None:
    for act in ("starts", "saves", "hands_in"):
        assert path.refused(act) == "signed_out"
    for act in ("pauses", "resumes", "releases", "forces"):
        assert path.refused(act) == "conflict"


def test_registered_extra_time_is_kept_for_the_start(path: Path) -> None:
    path.extends()
    path.to_open()
    assert path.row.extra_seconds == 300
    assert path.row.deadline is not None
    assert path.row.deadline.isoformat().startswith("2026-11-23T05:04")


def test_registered_stays_registered_when_the_time_is_up(path: Path) -> None:
    before = path.facts()
    path.time_is_up()
    assert path.facts() == before
    assert path.world.count(Receipt) == 0


def test_admitted_signing_in_again_changes_nothing(path: Path) -> None:
    path.to_admitted()
    before = path.facts()
    path.to_admitted()
    assert path.elsewhere.sign_in().status_code == 200
    assert path.facts() == before


def test_admitted_to_open_by_starting(path: Path) -> None:
    path.to_admitted()
    assert path.starts().get_json()["state"] == "open"
    assert (path.row.state, path.row.binding) == ("open", 1)


def test_admitted_whatever_needs_a_running_sitting_is_refused(path: Path) -> None:
    path.to_admitted()
    for act in ("saves", "hands_in"):
        assert path.refused(act) == "not_open"
    for act in ("pauses", "resumes", "releases", "forces"):
        assert path.refused(act) == "conflict"


def test_admitted_starting_before_the_time_is_refused(path: Path, app: Flask) -> None:
    path.world.change()
    path.clock.advance(minutes=-10)
    path.to_admitted()
    assert path.refused("starts") == "not_open"


def test_admitted_starting_after_the_end_is_refused_and_the_clock_closes_nothing(path: Path) -> None:
    path.to_admitted()
    path.time_is_up()
    assert path.refused("starts") == "closed"
    assert path.row.state == "admitted"


def test_admitted_starting_after_the_latest_moment_is_refused(app: Flask, cast: Any, clock: Any) -> None:
    path = Path(app, clock, cast.actor("invigilator"), make_world(app, candidates=1, latest_start_seconds=600))
    path.to_admitted()
    clock.advance(minutes=9)
    assert path.refused("starts") == "late"


def test_open_starting_or_signing_in_again_is_the_same_sitting(path: Path) -> None:
    path.to_open()
    before = path.facts()
    path.to_admitted()
    assert path.starts().get_json()["state"] == "open"
    assert path.facts() == before


def test_open_another_device_is_refused_until_the_release_and_then_goes_on(path: Path) -> None:
    path.to_open()
    assert path.elsewhere.sign_in().status_code == 200
    path.here, path.elsewhere = path.elsewhere, path.here
    for act in ("starts", "saves", "hands_in"):
        assert path.refused(act) == "other_device"
    path.releases()
    assert (path.row.state, path.row.holder) == ("open", None)
    assert path.refused("releases") == "conflict"
    assert path.starts().get_json()["binding"] == 2
    assert path.here.save((1, "1", ["B"]), binding=2).status_code == 200
    path.here, path.elsewhere = path.elsewhere, path.here
    assert path.refused("saves") == "other_device"


def test_open_without_an_invigilator_another_device_takes_over_by_signing_in(app: Flask, cast: Any, clock: Any) -> None:
    path = Path(app, clock, cast.actor("invigilator"), make_world(app, candidates=1, invigilated=False))
    path.to_open()
    assert path.elsewhere.sign_in().status_code == 200
    assert (path.row.state, path.row.binding) == ("open", 2)
    assert path.refused("saves") == "other_device"


def test_open_to_closed_by_handing_in(path: Path) -> None:
    path.to_closed()
    assert (path.row.state, path.row.closed_by) == ("closed", "candidate")
    assert path.world.count(Receipt) == 1


def test_open_handing_in_too_early_is_refused(app: Flask, cast: Any, clock: Any) -> None:
    world = make_world(app, candidates=1, earliest_submission_seconds=1800)
    path = Path(app, clock, cast.actor("invigilator"), world)
    path.to_open()
    assert path.refused("hands_in") == "not_open"
    clock.advance(minutes=29)
    assert path.hands_in().status_code == 200


def test_open_to_closed_by_the_clock_after_the_grace(path: Path) -> None:
    path.to_open()
    deadline = path.row.deadline
    assert deadline is not None
    path.clock.stop_at(deadline + timedelta(seconds=9))
    tick_once(path.app, path.clock)
    assert path.row.state == "open"
    assert path.here.save((2, "1", ["B"])).status_code == 200
    path.clock.advance(seconds=1)
    tick_once(path.app, path.clock)
    assert (path.row.state, path.row.closed_by) == ("closed", "clock")
    assert path.world.count(Receipt) == 1


def test_open_past_its_time_is_refused_as_late_before_the_clock_has_closed_it(path: Path) -> None:
    path.to_open()
    path.clock.advance(hours=2)
    assert path.refused("saves") == "late"
    for act in ("pauses", "extends"):
        assert path.refused(act) == "conflict"
    assert path.row.state == "open"


def test_open_to_closed_by_the_invigilator(path: Path) -> None:
    path.to_open()
    path.forces()
    assert (path.row.state, path.row.closed_by, path.row.close_reason) == ("closed", "invigilator", "突发疾病")
    assert path.world.count(Receipt) == 1


def test_open_extra_time_moves_the_deadline_at_once(path: Path) -> None:
    path.to_open()
    before = path.row.deadline
    path.extends()
    assert before is not None
    assert (path.row.state, path.row.deadline) == ("open", before + timedelta(minutes=5))


def test_open_going_on_without_a_pause_is_refused(path: Path) -> None:
    path.to_open()
    assert path.refused("resumes") == "conflict"


def test_open_to_paused_and_back_with_the_deadline_as_much_later(path: Path) -> None:
    path.to_paused()
    before = path.row.deadline
    assert path.row.state == "paused"
    path.clock.advance(minutes=7)
    path.resumes()
    assert before is not None
    assert (path.row.state, path.row.deadline, path.row.paused_at) == ("open", before + timedelta(minutes=7), None)
    assert path.here.save((2, "1", ["B"])).status_code == 200


def test_paused_answering_handing_in_and_another_pause_are_refused(path: Path) -> None:
    path.to_paused()
    assert path.here.save((2, "1", ["B"])).get_json()["error"]["code"] == "paused"
    assert path.refused("hands_in") == "paused"
    assert path.refused("pauses") == "conflict"
    assert path.starts().get_json()["state"] == "paused"


def test_paused_extra_time_moves_the_deadline(path: Path) -> None:
    path.to_paused()
    before = path.row.deadline
    path.extends()
    assert before is not None
    assert (path.row.state, path.row.deadline) == ("paused", before + timedelta(minutes=5))


def test_paused_stays_paused_when_the_time_is_up(path: Path) -> None:
    path.to_paused()
    before = path.facts()
    path.time_is_up()
    assert path.facts() == before
    path.resumes()
    assert path.here.save((2, "1", ["B"])).status_code == 200


def test_paused_another_device_waits_for_the_release_and_stays_paused(path: Path) -> None:
    path.to_paused()
    assert path.elsewhere.sign_in().status_code == 200
    path.here = path.elsewhere
    assert path.refused("starts") == "other_device"
    path.releases()
    assert path.starts().get_json()["state"] == "paused"
    assert (path.row.state, path.row.binding) == ("paused", 2)


def test_paused_to_closed_by_the_invigilator(path: Path) -> None:
    path.to_paused()
    path.forces()
    assert (path.row.state, path.row.closed_by, path.row.paused_at) == ("closed", "invigilator", None)
    assert path.world.count(Receipt) == 1


def test_closed_nothing_moves_it_any_more(path: Path) -> None:
    path.to_closed()
    for act in ("pauses", "resumes", "extends", "releases", "forces"):
        assert path.refused(act) == "conflict"
    before = path.facts()
    path.time_is_up()
    assert path.facts() == before


def test_closed_an_answer_in_time_is_refused_as_closed_and_a_later_one_as_late_and_both_are_kept_apart(
    path: Path,
) -> None:
    path.to_closed()
    answer = path.here.save((2, "1", ["B"]))
    assert answer.get_json()["error"]["code"] == "closed"
    path.clock.advance(hours=2)
    answer = path.here.save((3, "1", ["C"]))
    assert answer.get_json()["error"]["code"] == "late"
    assert [(one.seq, one.code) for one in path.world.all(LateStep)] == [(2, "closed"), (3, "late")]
    assert path.world.count(AnswerStep) == 1


def test_closed_starting_and_handing_in_again_tell_the_same_receipt(path: Path) -> None:
    path.to_closed()
    before = path.facts()
    (receipt,) = path.world.all(Receipt)
    assert path.starts().get_json()["state"] == "closed"
    again = path.here.submit("0" * 64).get_json()["receipt"]
    assert (again["code"], again["digest"]) == (receipt.code, receipt.digest)
    path.to_admitted()
    assert path.facts() == before
    assert path.world.count(Receipt) == 1
