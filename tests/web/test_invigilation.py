"""The invigilator's desk: one's own rooms, the seating plan, time, devices, forced submission, incidents."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from core.accounts.models import Account, AccountRole, FailureCount, SignIn
from core.database import transaction
from exam.answers.models import AnswerStep
from exam.candidates.queries import seat_list
from exam.invigilation.live import FRESH
from exam.invigilation.models import Incident
from exam.schedule import service
from exam.schedule.models import Exam, Room, RoomInvigilator
from exam.sittings.models import Sitting
from tests.conftest import NOON
from tests.support.exams import make_exam, make_session
from tests.support.invigilation import act, actions, record_one, sitting, text_of


def test_my_rooms_are_listed_and_no_others(cast, browser, hall):
    mine = text_of(browser("invigilator").get("/invigilation"))
    assert "第一考场" in mine
    assert "第二考场" not in mine
    everything = text_of(browser("organizer").get("/invigilation"))
    assert "第一考场" in everything
    assert "第二考场" in everything


@pytest.mark.parametrize("names", [("第9考场", "第10考场"), ("第二考场", "第三考场"), ("第十一考场", "第二十考场")])
def test_rooms_are_listed_as_people_count_them(app, cast, browser, hall, names):
    with app.app_context(), transaction("write") as session:
        for room, name in zip(session.scalars(select(Room).order_by(Room.id.desc())), names, strict=True):
            room.name = name
    first, second = names
    window = browser("organizer")
    for url in ("/invigilation", f"/exams/{hall['exam']}/sessions", f"/exams/{hall['exam']}/roster"):
        page = text_of(window.get(url))
        assert 0 < page.index(first) < page.index(second)
    place = f"/invigilation/sessions/{hall['session']}"
    people = [*hall["sittings"][2:], *hall["sittings"][:2]]
    assert [card["id"] for card in window.get(f"{place}/state").get_json()["cards"]] == people
    with app.app_context(), transaction("read") as session:
        posted = [room.name for _candidate, _session, room in seat_list(session, hall["exam"], None, None)]
    assert posted == [first] * 2 + [second] * 2
    seated = text_of(window.get(f"/exams/{hall['exam']}/roster?sort=seat"))
    assert seated.index("张伟") < seated.index("王建国")


def test_the_home_page_tells_of_rooms_to_watch(cast, browser, hall):
    assert "个考场近日由您监考" in text_of(browser("invigilator").get("/"))


def test_a_room_shows_each_seat_with_state_and_progress(cast, browser, running):
    page = text_of(browser("invigilator").get(running["url"]))
    assert "作答中" in page
    assert "未到" in page
    assert "王建国" in page
    assert "张伟" not in page  # the other room
    assert page.index("情况") < page.index("座位")


def test_the_state_is_polled_with_an_etag_and_counts_answers_as_they_stand(cast, browser, running, clock):
    window = browser("invigilator")
    answer = window.get(f"{running['url']}/state")
    document = answer.get_json()
    first, second = document["cards"]
    assert (first["key"], first["answered"]) == ("open", 2)
    assert first["deadline"].startswith("2026-11-23T05:01")
    assert second["key"] == "expected"
    assert document["figures"] == {
        "expected": 2,
        "came": 1,
        "percent": "50.0",
        "missing": 1,
        "working": 1,
        "silent": 0,
        "closed": 0,
    }
    again = window.get(f"{running['url']}/state", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    clock.advance(minutes=3)
    later = window.get(f"{running['url']}/state", headers={"If-None-Match": answer.headers["ETag"]})
    assert later.get_json()["cards"][0]["word"] == "失联 3 分钟"


def test_the_page_and_its_polling_tell_the_same(cast, browser, running):
    window = browser("invigilator")
    page = text_of(window.get(running["url"]))
    etag = window.get(f"{running['url']}/state").headers["ETag"].strip('"')
    assert f'data-etag="{etag}"' in page


def test_a_device_is_released_once(app, cast, browser, running):
    window = browser("invigilator")
    url = f"{running['url']}/sittings/{running['sittings'][0]}"
    assert "放行换设备" in text_of(window.get(url))
    assert window.post(f"{url}/release").status_code == 302
    assert sitting(app, running["sittings"][0]).holder is None
    assert window.post(f"{url}/release").status_code == 409
    assert "device_released" in actions(app)


def test_a_lock_out_is_seen_and_lifted(app, cast, browser, running, clock):
    with app.app_context(), transaction("write") as session:
        session.add(FailureCount(subject="admission:26110002", locked_until=clock.now() + timedelta(minutes=10)))
    window = browser("invigilator")
    assert "登录已锁定" in text_of(window.get(running["url"]))
    url = f"{running['url']}/sittings/{running['sittings'][1]}"
    assert "解除锁定" in text_of(window.get(url))
    assert window.post(f"{url}/unlock").status_code == 302
    assert "登录已锁定" not in text_of(window.get(running["url"]))
    assert "lockout_lifted" in actions(app)


def test_nothing_is_built_for_whoever_has_it_already(cast, browser, running, monkeypatch, clock):
    window = browser("invigilator")
    etag = window.get(f"{running['url']}/state").headers["ETag"]
    monkeypatch.setattr("exam.invigilation.live.card", None)
    monkeypatch.setattr("exam.invigilation.room_views.render_template", None)
    monkeypatch.setattr("exam.invigilation.blueprint.post_of", None)
    monkeypatch.setattr("core.web.access.current_user", None)
    clock.advance(seconds=9)
    answer = window.get(f"{running['url']}/state", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.headers["ETag"], answer.data) == (304, etag, b"")


def test_polling_is_a_sign_of_life_and_needs_no_longer_way_for_it(app, cast, browser, running, monkeypatch, clock):
    window = browser("invigilator")
    window.get(f"{running['url']}/state")
    monkeypatch.setattr("core.web.access.current_user", None)
    for _minute in range(3):
        clock.advance(seconds=61)
        assert window.get(f"{running['url']}/state").status_code == 200
        with app.app_context(), transaction("read") as session:
            assert session.scalars(select(SignIn.last_seen_at)).one() == clock.now()


def test_whatever_the_page_tells_changes_its_etag(app, cast, browser, running, clock):
    window, other = browser("invigilator"), browser("second_invigilator")
    one, two = running["sittings"][:2]

    def tag():
        return window.get(f"{running['url']}/state").headers["ETag"]

    def store(statement):
        with app.app_context(), transaction("write") as session:
            session.execute(statement)

    def answer():
        with app.app_context(), transaction("write") as session:
            session.add(AnswerStep(sitting_id=one, binding=1, seq=9, slot=9, response='["A"]', received_at=clock.now()))

    def lock():
        with app.app_context(), transaction("write") as session:
            session.add(FailureCount(subject="admission:26110002", locked_until=clock.now() + timedelta(minutes=10)))

    deeds = [
        answer,
        lock,
        lambda: act(window, running, "extra", sitting=one, minutes="5", reason="断电"),
        lambda: act(window, running, "pause", sitting=one, reason="断电"),
        # A pause that lasted no time would leave everything as it was before it.
        lambda: (clock.advance(seconds=1), act(window, running, "resume", sitting=one, reason="断电")),
        lambda: window.post(f"{running['url']}/sittings/{one}/release"),
        lambda: record_one(window, running),
        lambda: other.post(f"{running['url']}/incidents/1/sign"),
        lambda: store(update(Sitting).where(Sitting.id == two).values(state="admitted")),
        lambda: clock.advance(minutes=2),
        lambda: clock.advance(minutes=1),
        lambda: window.client.set_cookie("language", "en"),
    ]
    seen = [tag()]
    assert tag() == seen[0]
    for deed in deeds:
        deed()
        clock.advance(seconds=FRESH.seconds)
        seen.append(tag())
    assert [seen.index(one) for one in seen] == list(range(len(deeds) + 1))
    assert other.get(f"{running['url']}/state").headers["ETag"] not in seen  # who may sign differs


WITHDRAWALS = {
    "the sign-in is ended": update(SignIn).values(ended_at=NOON),
    "the account is closed": update(Account).values(active=False),
    "the role is taken": delete(AccountRole),
    "the room is another's": delete(RoomInvigilator),
    "the exam is planned anew": update(Exam).values(state="planned"),
    "the session is idle": update(SignIn).values(last_seen_at=NOON - timedelta(days=1)),
}


@pytest.mark.parametrize("deed", WITHDRAWALS)
def test_polling_ends_with_the_next_question_once_the_right_to_watch_is_withdrawn(app, cast, browser, running, deed):
    window = browser("invigilator")
    etag = window.get(f"{running['url']}/state").headers["ETag"]
    kept = {"If-None-Match": etag, "Accept": "application/json"}
    assert window.get(f"{running['url']}/state", headers=kept).status_code == 304
    with app.app_context(), transaction("write") as session:
        session.execute(WITHDRAWALS[deed])
    refused = window.get(f"{running['url']}/state", headers=kept)
    assert refused.status_code in (302, 403, 404)
    assert "王建国" not in text_of(refused)


def test_answers_that_come_later_are_counted_without_reading_the_earlier_again(app, cast, browser, running, clock):
    window = browser("invigilator")

    def answered():
        clock.advance(seconds=FRESH.seconds)
        return window.get(f"{running['url']}/state").get_json()["cards"][0]["answered"]

    def step(binding, seq, slot, response):
        with app.app_context(), transaction("write") as session:
            own = running["sittings"][0]
            session.add(
                AnswerStep(
                    sitting_id=own, binding=binding, seq=seq, slot=slot, response=response, received_at=clock.now()
                )
            )

    assert answered() == 2
    step(1, 7, 4, '["A"]')  # step 6 is still on its way
    assert answered() == 3
    step(1, 6, 4, "[]")
    assert answered() == 3
    step(2, 1, 4, "[]")
    step(2, 2, 1, "[]")
    assert answered() == 1


def test_a_page_of_cards_is_searched_like_the_page_itself(cast, browser, running):
    window = browser("organizer")
    path = f"/invigilation/sessions/{running['session']}"
    number = window.get(f"{path}/state").get_json()["cards"][0]["number"]
    for query in (f"?q={number.lower()}", f"?q={number}&page=9"):
        assert [card["number"] for card in window.get(f"{path}/state{query}").get_json()["cards"]] == [number]
        assert number in text_of(window.get(f"{path}{query}"))


def test_the_figures_tell_of_the_whole_room_whatever_cards_are_shown(cast, browser, running):
    document = browser("organizer").get(f"/invigilation/sessions/{running['session']}/state?q=王建国").get_json()
    assert [card["name"] for card in document["cards"]] == ["王建国"]
    assert (document["figures"]["expected"], document["figures"]["came"]) == (4, 1)


def test_an_incident_is_signed_by_a_second_person_and_not_by_its_recorder(app, cast, browser, running):
    first, second = browser("invigilator"), browser("second_invigilator")
    assert record_one(first, running, sitting=running["sittings"][0]).status_code == 302
    with app.app_context(), transaction("read") as session:
        made = session.scalars(select(Incident)).one()
    assert (made.sitting_id, made.room_id) == (running["sittings"][0], running["rooms"][0])
    url = f"{running['url']}/incidents/{made.id}/sign"
    own = first.post(url)
    assert own.status_code == 409
    assert "由您本人记录" in text_of(own)
    assert url not in text_of(first.get(running["url"]))
    assert url in text_of(second.get(running["url"]))
    assert "条考场情况等待第二人签字" in text_of(second.get("/"))
    assert second.post(url).status_code == 302
    assert browser("organizer").post(url).status_code == 409
    with app.app_context(), transaction("read") as session:
        assert session.scalars(select(Incident.second_signer)).one() == cast.accounts["second_invigilator"].id
    assert {"incident_recorded", "incident_signed"} <= set(actions(app))


def test_an_organizer_may_be_the_second_person(app, cast, browser, running):
    record_one(browser("invigilator"), running)
    with app.app_context(), transaction("read") as session:
        made = session.scalars(select(Incident.id)).one()
    assert browser("organizer").post(f"{running['url']}/incidents/{made}/sign").status_code == 302


def test_an_incident_wants_a_kind_and_facts(cast, browser, running):
    window = browser("invigilator")
    assert record_one(window, running, facts=" ").status_code == 422
    assert record_one(window, running, kind="verdict").status_code == 422
    assert "网络断开" in text_of(record_one(window, running, kind="verdict", facts="网络断开"))


def test_a_whole_session_is_open_to_organizers_alone(cast, browser, running):
    url = f"/invigilation/sessions/{running['session']}"
    page = text_of(browser("organizer").get(url))
    assert "王建国" in page
    assert "张伟" in page
    assert browser("invigilator").get(url).status_code == 404


GETS = (
    "",
    "/state",
    "/time/extra",
    "/force",
    "/incidents",
    "/incidents/new",
    "/people",
    "/sittings/{one}",
    "/sittings/{one}/force",
)
POSTS = (
    "/time/extra",
    "/time/pause",
    "/force",
    "/incidents/new",
    "/sittings/{one}/release",
    "/sittings/{one}/unlock",
    "/sittings/{one}/force",
)


@pytest.mark.parametrize("path", GETS)
def test_a_room_is_open_to_its_invigilators_and_organizers(cast, browser, running, path):
    tail = path.format(one=running["sittings"][0])
    expected = 422 if path == "/time/extra" else 200
    for name in ("invigilator", "second_invigilator", "organizer"):
        assert browser(name).get(running["url"] + tail).status_code == expected
    for name in ("stranger", "author", "examiner"):
        assert browser(name).get(running["url"] + tail).status_code == 403
    assert browser().get(running["url"] + tail).status_code == 302


@pytest.mark.parametrize("path", GETS)
def test_another_room_does_not_exist_for_an_invigilator(cast, browser, running, path):
    other = f"/invigilation/rooms/{running['rooms'][1]}"
    assert browser("invigilator").get(other + path.format(one=running["sittings"][2])).status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_acts_need_the_token_and_the_room(app, cast, browser, running, path):
    tail = path.format(one=running["sittings"][0])
    assert browser("invigilator").client.post(running["url"] + tail).status_code == 400
    assert browser("examiner").post(running["url"] + tail).status_code == 403
    other = f"/invigilation/rooms/{running['rooms'][1]}"
    assert browser("invigilator").post(other + tail, {"scope": "all"}).status_code == 404
    assert sitting(app, running["sittings"][0]).state == "open"


def test_a_sitting_of_another_room_is_not_found_in_this_one(app, cast, browser, running):
    window = browser("organizer")
    foreign = running["sittings"][2]
    assert window.get(f"{running['url']}/sittings/{foreign}").status_code == 404
    assert window.post(f"{running['url']}/sittings/{foreign}/force").status_code == 404
    act(window, running, "extra", sitting=foreign, minutes="5", reason="x")
    assert sitting(app, foreign).extra_seconds == 0
    assert window.get(f"{running['url']}/time/void").status_code == 404


def test_rooms_of_a_planned_exam_are_nobodys_yet(app, cast, browser, hall, clock):
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("organizer")
        exam = make_exam(session, actor, clock, code="KS-2")
        room = service.add_room(session, actor, clock, make_session(session, actor, clock, exam), "101")
    assert browser("organizer").get(f"/invigilation/rooms/{room.id}").status_code == 404
