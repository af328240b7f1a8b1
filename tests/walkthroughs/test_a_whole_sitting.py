"""One candidate's whole sitting, with what happens in real halls: a lost answer, a pause, another computer, the clock."""

from core.audit.models import AuditEntry
from core.database import transaction
from core.ticker import tick_once
from exam import handover, identities
from exam.answers.models import AnswerStep, LateStep
from exam.invigilation.models import Incident, TimeChange
from exam.sittings import receipts, service
from exam.sittings.models import Sitting
from tests.support.sittings import make_world


def test_a_sitting_from_the_door_to_the_receipt(app, cast, clock):
    world = make_world(app)
    invigilator = cast.actor("invigilator")
    seat = world.seats[0]

    def by_invigilator(function, *arguments):
        with app.app_context(), transaction("write") as session:
            sitting = session.get_one(Sitting, seat.sitting)
            several = function is not service.release_device
            function(session, invigilator, clock, [sitting] if several else sitting, *arguments)

    # Before the time: admitted, and nothing may be started.
    clock.advance(minutes=-10)
    desk = world.sit()
    assert desk.start().get_json()["error"]["code"] == "not_open"
    clock.advance(minutes=10)
    assert desk.start().get_json()["state"] == "open"

    # An answer is saved, its acknowledgement is lost on the way, the page sends it again.
    desk.save((1, "1", ["A"]), (2, "2", ["A"]))
    again = desk.save((1, "1", ["A"]), (2, "2", ["A"]), (3, "2", ["D", "A"]))
    assert (again.get_json()["acknowledged"], again.get_json()["rejected"]) == (3, [])

    # The power fails: a pause, and the time comes back.
    by_invigilator(service.pause, "停电")
    assert desk.save((4, "3", ["true"])).get_json()["error"]["code"] == "paused"
    clock.advance(minutes=20)
    by_invigilator(service.resume, "恢复供电")
    assert desk.state().get_json()["deadline"] == "2026-11-23T05:19:00.000Z"

    # The computer stays dark: another one, released by the invigilator; what it knew is there.
    spare = world.sit()
    assert spare.start().get_json()["error"]["code"] == "other_device"
    by_invigilator(service.release_device)
    begun = spare.start().get_json()
    assert (begun["binding"], begun["acknowledged"]) == (2, 0)
    assert begun["answers"]["2"]["response"] == ["A", "D"]
    spare.save((1, "3", ["true"]), (2, "4", ["为人民服务", "实事求是"]), binding=2)

    # The first computer wakes up and sends what it still has: nothing is overwritten.
    assert desk.save((4, "3", ["false"])).get_json()["error"]["code"] == "other_device"

    # Extra time is on the candidate's clock at once.
    etag = spare.state().headers["ETag"]
    by_invigilator(service.extend, 120, "更换计算机")
    told = spare.state(**{"If-None-Match": etag})
    assert (told.status_code, told.get_json()["deadline"]) == (200, "2026-11-23T05:21:00.000Z")

    # An answer is withdrawn within the grace; one comes too late; the clock closes without the browser.
    clock.stop_at(world.row().deadline)
    clock.advance(seconds=9)
    assert spare.save((3, "1", []), binding=2).get_json()["acknowledged"] == 3
    clock.advance(seconds=1)
    tick_once(app, clock)
    assert spare.save((4, "1", ["B"]), binding=2).get_json()["error"]["code"] == "late"

    # The receipt is there all the same, over exactly what counts.
    final = {"2": ["A", "D"], "3": ["true"], "4": ["为人民服务", "实事求是"]}
    receipt = spare.submit("0" * 64).get_json()["receipt"]
    assert receipt["closed_by"] == "clock"
    assert receipt["digest"] == spare.digest(final)
    with app.app_context(), transaction("write") as session:
        assert receipts.check(session, receipt["code"]).answered == 3
        (closed,) = handover.closed_sittings(session, [seat.sitting])
        people = identities.identities_of_exam(session, cast.actor("organizer"), clock, world.exam, "核对")
    assert closed.answers == final
    assert closed.receipt_digest == receipt["digest"]
    assert [(one.name, one.attendance, one.receipt_code) for one in people] == [
        ("王小明", "present", receipt["code"]),
        ("李爱华", "absent", ""),
    ]

    # What happened is on record: every step, the late one apart, the device, the changes of time.
    assert [(step.binding, step.seq) for step in world.all(AnswerStep)] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 2),
        (2, 3),
    ]
    assert [(step.binding, step.seq, step.response) for step in world.all(LateStep)] == [(2, 4, '["B"]')]
    assert [incident.kind for incident in world.all(Incident)] == ["device_change"]
    assert [change.kind for change in world.all(TimeChange)] == ["pause", "resume", "extra"]
    assert [entry.action for entry in world.all(AuditEntry) if entry.actor_kind != "system"][-7:] == [
        "time_pause",
        "time_resume",
        "sign_in",
        "device_released",
        "device_changed",
        "time_extra",
        "identities_read",
    ]


def test_a_quiz_at_the_desk_goes_on_at_home(app, clock):
    world = make_world(app, mode="window", invigilated=False, minutes=3 * 24 * 60, duration_seconds=1800)
    office = world.open()
    office.save((1, "1", ["A"]), (2, "3", ["false"]))
    clock.advance(minutes=10)
    home = world.sit()
    state = home.start().get_json()
    assert (state["binding"], state["deadline"]) == (2, "2026-11-23T04:30:00.000Z")
    home.save((1, "1", ["B"]), binding=2)
    assert office.state().get_json()["error"]["code"] == "other_device"
    receipt = home.submit(home.digest({"1": ["B"], "3": ["false"]})).get_json()["receipt"]
    assert receipt["closed_by"] == "candidate"
    assert home.submit("f" * 64).get_json()["receipt"] == receipt
