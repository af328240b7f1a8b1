"""What the candidate's page notes beside the answers, on both databases: kept, bounded, shown, never acted upon."""

import pytest

from core.audit.models import AuditEntry
from exam.invigilation.models import Incident
from exam.leaving.models import LeavingNote, PageEvent
from tests.support.sittings import Client, make_world

PAGE = "abcdefgh12"


@pytest.fixture
def world(app, clock):
    return make_world(app)


def event(number, kind="hidden", seconds=5, at="2026-11-23T04:00:30.000Z"):
    return {"number": number, "kind": kind, "at": at, "seconds": seconds}


def tell(client, *events, page=PAGE):
    return client.send("POST", f"{client.base}/events", {"page": page, "events": list(events)})


def code_of(answer):
    return answer.get_json()["error"]["code"]


def test_events_are_kept_with_both_times_and_a_resend_changes_nothing(world, clock):
    client = world.open()
    clock.advance(minutes=1)
    sent = [event(1), event(2, "paste", None)]
    first = tell(client, *sent)
    assert (first.status_code, first.get_json()["rejected"]) == (200, [])
    clock.advance(minutes=1)
    assert tell(client, *sent, event(1, seconds=600), event(3, "print", None)).get_json()["rejected"] == []
    kept = [(one.number, one.kind, one.seconds, one.received_at.minute) for one in world.all(PageEvent)]
    assert kept == [(1, "hidden", 5, 1), (2, "paste", None, 1), (3, "print", None, 2)]
    assert {one.client_at.second for one in world.all(PageEvent)} == {30}
    assert world.count(Incident) == 0


def test_the_same_number_of_another_page_is_another_event(world):
    client = world.open()
    tell(client, event(1))
    tell(client, event(1), page="another0page")
    assert world.count(PageEvent) == 2


def test_a_bad_event_is_named_and_the_others_are_kept(world):
    client = world.open()
    answer = tell(client, event(1), event(2, "spy"), event(0), "x", event(3))
    assert answer.get_json()["rejected"] == [{"number": n, "code": "bad_input"} for n in (2, 0, 0)]
    assert [one.number for one in world.all(PageEvent)] == [1, 3]


def test_a_long_absence_and_many_absences_are_noted_once_each(world, clock):
    client = world.open()
    clock.advance(minutes=20)
    tell(client, event(1, seconds=45))
    tell(client, event(2, seconds=50), event(1, seconds=45))
    (long,) = world.all(Incident)
    assert (long.kind, long.recorded_by, long.sitting_id) == ("left_page", None, world.seats[0].sitting)
    assert "超过 30 秒：12:00:30 起 45 秒" in long.facts
    tell(client, *(event(number, "blur", 2) for number in range(3, 9)))
    assert [one.kind for one in world.all(Incident)] == ["left_page"] * 2
    assert "已离开 8 次" in world.all(Incident)[1].facts
    tell(client, event(9, seconds=900))
    assert "超过 600 秒" in world.all(Incident)[2].facts
    assert {one.threshold for one in world.all(LeavingNote)} == {"longer-30", "longer-120", "longer-600", "times-5"}
    assert [one.action for one in world.all(AuditEntry)].count("leaving_noted") == 3
    assert world.row().state == "open"


def test_a_session_notes_from_its_own_thresholds_on_and_asks_for_full_screen(app, cast, clock):
    world = make_world(app, leaving_seconds=0, leaving_times=2, full_screen=True)
    client = world.open()
    assert 'id="full-screen"' in client.get(f"/sittings/{world.seats[0].sitting}").get_data(as_text=True)
    clock.advance(minutes=20)
    tell(client, event(1, seconds=900))
    assert world.count(Incident) == 0
    tell(client, event(2, "blur", 2))
    assert [one.threshold for one in world.all(LeavingNote)] == ["times-2"]
    assert world.row().state == "open"


def test_full_screen_is_not_asked_for_unless_the_session_says_so(world):
    assert "full-screen" not in world.open().get(f"/sittings/{world.seats[0].sitting}").get_data(as_text=True)


def test_an_absence_is_never_longer_than_the_sitting_has_run(world, clock):
    client = world.open()
    clock.advance(seconds=20)
    tell(client, event(1, seconds=86_400, at="1999-01-01T00:00:00Z"))
    assert world.count(Incident) == 0


def test_a_sitting_keeps_five_hundred_events_and_no_more(world):
    client = world.open()
    for start in range(1, 500, 50):
        assert tell(client, *(event(n, "copy", None) for n in range(start, start + 50))).get_json()["rejected"] == []
    assert tell(client, event(500, "copy", None), event(501)).get_json()["rejected"] == [
        {"number": 501, "code": "too_large"}
    ]
    assert world.count(PageEvent) == 500


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"page": PAGE}, 422, "bad_input"),
        ({"page": "A/b", "events": []}, 422, "bad_input"),
        ({"page": PAGE, "events": {}}, 422, "bad_input"),
        ({"page": PAGE, "events": [event(n) for n in range(1, 52)]}, 413, "too_large"),
        ({"page": PAGE, "events": ["x" * 70_000]}, 413, "too_large"),
    ],
)
def test_another_shape_and_too_much_at_once_are_refused_whole(world, body, status, code):
    client = world.open()
    answer = client.send("POST", f"{client.base}/events", body)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert world.count(PageEvent) == 0


def test_only_the_device_that_holds_the_sitting_tells_of_it(world, browser, cast):
    waiting = world.sit(1)
    assert code_of(tell(waiting, event(1))) == "not_open"
    client = world.open()
    waiting.base = client.base
    assert tell(waiting, event(1)).status_code == 404
    assert code_of(tell(world.sit(), event(1))) == "other_device"
    assert code_of(tell(Client(world.app, world, world.seats[0]), event(1))) == "signed_out"
    refused = client.client.post(f"{client.base}/events", json={"page": PAGE, "events": [event(1)]})
    assert code_of(refused) == "csrf"
    assert browser("organizer").send("POST", f"{client.base}/events", {"page": PAGE, "events": []}).status_code == 401
    assert world.count(PageEvent) == 0


def test_the_last_is_taken_after_the_paper_is_in(world):
    client = world.open()
    client.submit(client.digest({}))
    assert tell(client, event(1)).status_code == 200
    assert world.count(PageEvent) == 1


def test_the_invigilator_sees_count_length_and_latest_on_the_candidates_page(world, browser, cast, clock):
    client = world.open()
    clock.advance(minutes=5)
    tell(client, event(1, seconds=80), event(2, "blur", 5, "2026-11-23T04:02:00Z"), event(3, "paste", None))
    page = browser("organizer").get(f"/invigilation/sessions/{world.session}/sittings/{world.seats[0].sitting}")
    text = page.get_data(as_text=True)
    assert "2 次，共 1 分 25 秒，最近 12:02:00" in text
    assert "粘贴 1 次" in text
    assert "离开作答页面" in text
