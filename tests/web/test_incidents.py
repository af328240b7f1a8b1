"""Incidents that were recorded together are read and signed together: nobody signs four thousand times."""

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.database import transaction
from exam.invigilation.models import Incident
from exam.schedule.models import Candidate, Room, RoomInvigilator
from tests.support.sittings import make_world

ROOM = "/invigilation/rooms/1"


@pytest.fixture
def hall(app, cast, clock):
    """Four open sittings, three in the first room and one in another; the organizer forced all four a moment ago."""
    made = make_world(app, candidates=4)
    with app.app_context(), transaction("write") as session:
        for name in ("invigilator", "second_invigilator"):
            session.add(RoomInvigilator(room_id=1, account_id=cast.accounts[name].id))
        session.add(Room(id=2, session_id=made.session, name="第二考场"))
        session.flush()
        session.get_one(Candidate, made.seats[3].candidate).room_id = 2
    for index in range(4):
        made.open(index)
    return made


@pytest.fixture
def forced(hall, browser):
    fields = {"scope": "all", "reason": "火警，全场疏散", "confirmation": "4"}
    assert browser("organizer").post(f"/invigilation/sessions/{hall.session}/force", fields).status_code == 302
    return hall


def text_of(answer):
    return answer.get_data(as_text=True)


def sign_together(window, place, incident):
    return window.post(f"{place}/incidents/{incident}/sign?together=1")


def test_an_act_on_many_is_one_line_with_their_number(forced, browser):
    hall_page = text_of(browser("organizer").get(f"/invigilation/sessions/{forced.session}"))
    assert hall_page.count("incident-facts") == 1
    assert "4 名考生" in hall_page
    assert "sign?together" not in hall_page  # whoever recorded them
    room_page = text_of(browser("invigilator").get(ROOM))
    assert room_page.count("incident-facts") == 1
    assert "3 名考生" in room_page
    assert "（3 条）" in room_page


def test_one_signature_signs_all_of_the_post_and_no_others(app, forced, cast, browser):
    first = forced.all(Incident)[0]
    assert sign_together(browser("invigilator"), ROOM, first.id).status_code == 302
    by = cast.accounts["invigilator"].id
    assert [one.second_signer for one in forced.all(Incident)] == [by, by, by, None]
    with app.app_context(), transaction("read") as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "incident_signed"))
    assert (entry.object_type, entry.details["count"], len(entry.details["digest"])) == ("incidents", 3, 64)
    again = sign_together(browser("second_invigilator"), ROOM, first.id)
    assert again.status_code == 409
    assert "已有人签字" in text_of(again)


def test_whoever_recorded_them_signs_none_of_them(forced, browser):
    answer = sign_together(browser("organizer"), f"/invigilation/sessions/{forced.session}", forced.all(Incident)[0].id)
    assert answer.status_code == 409
    assert "由您本人记录" in text_of(answer)
    assert {one.second_signer for one in forced.all(Incident)} == {None}


def test_one_of_them_may_be_signed_alone_and_the_others_remain_together(forced, browser):
    first = forced.all(Incident)[0]
    window = browser("invigilator")
    assert window.post(f"{ROOM}/incidents/{first.id}/sign").status_code == 302
    page = text_of(window.get(f"{ROOM}/incidents"))
    assert page.count("incident-facts") == 2
    assert "2 名考生" in page
    waiting = text_of(window.get(f"{ROOM}/incidents?show=waiting"))
    assert waiting.count("incident-facts") == 1


def test_their_page_names_everybody_of_the_post(forced, browser):
    first = forced.all(Incident)[0]
    page = text_of(browser("invigilator").get(f"{ROOM}/incidents/{first.id}"))
    assert [seat.name in page for seat in forced.seats] == [True, True, True, False]
    everybody = text_of(browser("organizer").get(f"/invigilation/sessions/{forced.session}/incidents/{first.id}"))
    assert all(seat.name in everybody for seat in forced.seats)
    assert "第二考场" in everybody
    other = forced.all(Incident)[3].id
    assert browser("invigilator").get(f"{ROOM}/incidents/{other}").status_code == 404
    assert browser("stranger").get(f"{ROOM}/incidents/{first.id}").status_code == 403


def test_in_the_hall_an_incident_says_in_which_room(hall, browser):
    fields = {"kind": "illness", "facts": "4 号考生中暑", "sitting": hall.seats[3].sitting}
    assert browser("organizer").post(f"/invigilation/sessions/{hall.session}/incidents/new", fields).status_code == 302
    page = text_of(browser("organizer").get(f"/invigilation/sessions/{hall.session}/incidents"))
    assert "<span>第二考场</span>" in page
    assert [one.room_id for one in hall.all(Incident)] == [2]  # and so in that room's own list and record
