"""Many who watch: one look at a session serves all its rooms, and each room is told its own."""

import pytest
from sqlalchemy import update

from core.database import db, transaction
from exam.invigilation import statements
from exam.invigilation.live import FRESH, LISTED
from exam.schedule.models import Candidate, Room, RoomInvigilator
from exam.sittings.models import Sitting
from tests.conftest import Browser, make_app
from tests.support.sittings import make_world


@pytest.fixture
def world(app, cast, clock):
    """Six candidates: three in the invigilator's room, two in another one, one without a room."""
    made = make_world(app, candidates=6)
    with app.app_context(), transaction("write") as session:
        session.add(RoomInvigilator(room_id=1, account_id=cast.accounts["invigilator"].id))
        session.add(Room(id=2, session_id=made.session, name="第二考场"))
        session.flush()
        for seat, room in ((3, 2), (4, 2), (5, None)):
            session.execute(update(Candidate).where(Candidate.id == made.seats[seat].candidate).values(room_id=room))
    return made


ROOM, OTHER = "/invigilation/rooms/1", "/invigilation/rooms/2"


def hall(world):
    return f"/invigilation/sessions/{world.session}"


def told(window, url, **query):
    return window.get(f"{url}/state", query_string=query).get_json()


def sittings(world, *seats):
    return [world.seats[seat].sitting for seat in seats]


def shown(answer):
    return [card["id"] for card in answer["cards"]]


def test_each_room_is_told_its_own_and_the_hall_everything(world, browser, clock):
    world.open(0)
    world.change(3, state="admitted")
    clock.advance(seconds=FRESH.seconds)
    window = browser("organizer")
    answers = [told(window, url) for url in (ROOM, OTHER, hall(world))]
    assert [shown(one) for one in answers] == [
        sittings(world, 0, 1, 2),
        sittings(world, 3, 4),
        sittings(world, 5, 0, 1, 2, 3, 4),
    ]
    assert [(one["figures"]["expected"], one["figures"]["came"]) for one in answers] == [(3, 1), (2, 1), (6, 2)]


def test_the_hall_is_shown_room_by_room_and_says_which(world, browser):
    window = browser("organizer")
    move(world, 1, room_id=2)
    answer = told(window, hall(world))
    assert shown(answer) == sittings(world, 5, 0, 2, 1, 3, 4)
    assert [card["room"] for card in answer["cards"]] == ["", *["第一考场"] * 2, *["第二考场"] * 3]
    assert window.get(hall(world)).get_data(as_text=True).count('"room">第二考场<') == 3
    assert '"room">' not in window.get(OTHER).get_data(as_text=True)


def test_one_look_at_a_page_serves_all_who_ask_within_it(world, browser, clock, monkeypatch):
    windows = {ROOM: browser("invigilator"), OTHER: browser("organizer"), hall(world): browser("organizer")}
    for url, window in windows.items():
        told(window, url)
    looks = []
    seats = statements.seats

    def look(watch, known, now):
        looks.append([one for one, _binding, _seq in known])
        return seats(watch, known, now)

    monkeypatch.setattr(statements, "seats", look)
    clock.advance(seconds=FRESH.seconds)
    for _again in range(3):
        for url, window in windows.items():
            told(window, url)
    assert looks == [sittings(world, 0, 1, 2), sittings(world, 3, 4), sittings(world, 5, 0, 1, 2, 3, 4)]


def test_only_pages_that_ask_are_looked_at(world, browser, clock, monkeypatch):
    window = browser("organizer")
    told(window, ROOM)
    told(window, OTHER)
    looks = []
    monkeypatch.setattr(statements, "seats", lambda _watch, known, _now: looks.append([one[0] for one in known]) or [])
    for _poll in range(3):
        clock.advance(seconds=FRESH.seconds)
        told(window, OTHER)
    assert looks == [sittings(world, 3, 4)] * 3


def test_silence_is_told_to_the_room_and_to_the_hall_within_a_look(world, browser, clock):
    world.open(0)
    window = browser("organizer")
    for url in (ROOM, hall(world)):
        assert told(window, url)["figures"]["silent"] == 0
    clock.advance(seconds=88)
    assert [told(window, url)["figures"]["silent"] for url in (ROOM, hall(world))] == [0, 0]
    clock.advance(seconds=FRESH.seconds)
    answers = [told(window, url) for url in (ROOM, hall(world))]
    assert [one["figures"]["silent"] for one in answers] == [1, 1]
    for answer in answers:
        words = {card["id"]: card["word"] for card in answer["cards"]}
        assert words[world.seats[0].sitting] == "失联 1 分钟"


def move(world, index, **values):
    with world.app.app_context(), transaction("write") as session:
        session.execute(update(Candidate).where(Candidate.id == world.seats[index].candidate).values(**values))


def test_whoever_is_moved_is_shown_in_the_new_room_and_no_longer_in_the_old(world, browser, clock):
    window = browser("organizer")
    assert [len(shown(told(window, url))) for url in (ROOM, OTHER)] == [3, 2]
    move(world, 2, room_id=2)
    clock.advance(seconds=FRESH.seconds)
    found = [sorted(shown(told(window, url))) for url in (ROOM, OTHER)]
    assert found == [sittings(world, 0, 1), sittings(world, 2, 3, 4)]


def test_two_who_change_rooms_are_gone_at_once_and_found_in_the_new_ones_at_the_next_look(world, browser, clock):
    window = browser("organizer")
    told(window, ROOM)
    told(window, OTHER)
    move(world, 0, room_id=2)
    move(world, 3, room_id=1)
    clock.advance(seconds=FRESH.seconds)
    assert shown(told(window, ROOM)) == sittings(world, 1, 2)
    clock.advance(seconds=FRESH.seconds)
    found = [sorted(shown(told(window, url))) for url in (ROOM, OTHER)]
    assert found == [sittings(world, 1, 2, 3), sittings(world, 0, 4)]


def test_the_order_of_seats_is_listed_anew_after_a_while(world, browser, clock):
    window = browser("organizer")
    assert shown(told(window, ROOM)) == sittings(world, 0, 1, 2)
    move(world, 0, seat="99")
    clock.advance(seconds=LISTED.seconds)
    assert shown(told(window, ROOM)) == sittings(world, 1, 2, 0)


def test_another_process_and_one_that_was_started_anew_tell_the_same(world, cast, browser, clock, tmp_path):
    client = world.open(0)
    client.save((1, "1", ["A"]), (2, "3", ["true"]))
    first = browser("organizer")
    clock.advance(seconds=FRESH.seconds)
    here = first.get(f"{ROOM}/state")
    other = make_app(world.app.extensions["settings"].database_url, tmp_path)
    second = Browser(other)
    assert second.sign_in("organizer").status_code == 302
    there = second.get(f"{ROOM}/state")
    with other.app_context():
        for engine in db.engines.values():
            engine.dispose()
    assert there.get_json() == here.get_json()
    assert there.headers["ETag"] == here.headers["ETag"]
    assert here.get_json()["cards"][0]["answered"] == 2


def test_a_clock_that_is_set_back_holds_nothing_up(world, browser, clock):
    window = browser("organizer")
    told(window, ROOM)
    clock.advance(hours=-1)
    with world.app.app_context(), transaction("write") as session:
        session.execute(update(Sitting).where(Sitting.id == world.seats[1].sitting).values(state="admitted"))
    assert told(window, ROOM)["cards"][1]["key"] == "admitted"


def test_people_are_found_by_how_they_stand_among_however_many(world, browser, clock):
    world.open(0)
    world.open(3)
    world.change(1, state="admitted")
    clock.advance(seconds=91)
    world.open(4)
    window = browser("organizer")

    def found(place, **query):
        page = window.get(f"{place}/people", query_string=query).get_data(as_text=True)
        return [index for index, seat in enumerate(world.seats) if f">{seat.number}<" in page]

    assert found(hall(world)) == [0, 1, 2, 3, 4, 5]
    assert found(hall(world), state="silent") == [0, 3]
    assert found(hall(world), state="working") == [0, 3, 4]
    assert found(hall(world), state="missing") == [2, 5]
    assert found(hall(world), state="admitted") == [1]
    assert found(hall(world), state="closed") == []
    assert found(hall(world), state="silent", q=world.seats[3].number) == [3]
    assert found(OTHER, state="silent") == [3]
    assert f'href="{OTHER}/people?state=silent"' in window.get(OTHER).get_data(as_text=True)
