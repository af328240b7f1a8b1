"""The invigilator's desk: one's own rooms, the seating plan, time, devices, forced submission, incidents."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from core.accounts.models import Account, AccountRole, FailureCount, SignIn
from core.audit.models import AuditEntry
from core.database import transaction
from exam.answers.models import AnswerStep
from exam.candidates.queries import seat_list
from exam.invigilation.board import cards
from exam.invigilation.live import FRESH
from exam.invigilation.models import Incident, TimeChange
from exam.schedule import service
from exam.schedule.models import Exam, Room, RoomInvigilator
from exam.sittings.models import Receipt, Sitting
from tests.conftest import NOON
from tests.support.exams import make_candidates, make_exam, make_paper, make_session


@pytest.fixture
def hall(app, cast, clock):
    """A published exam with two rooms of two; the first is the invigilators', the session has been running for 10 minutes."""
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("organizer")
        paper = make_paper(session, clock=clock)
        exam = make_exam(session, actor, clock)
        row = make_session(session, actor, clock, exam, paper_id=paper.id, starts_in=timedelta(minutes=1))
        people = make_candidates(session, clock, exam, row, count=4)
        rooms = [session.scalars(select(Room)).one(), service.add_room(session, actor, clock, row, "第二考场")]
        watchers = [cast.accounts[name].id for name in ("invigilator", "second_invigilator")]
        service.change_room(session, actor, clock, rooms[0], name="第一考场", invigilators=watchers)
        for person in people[2:]:
            person.room_id = rooms[1].id
        service.publish(session, actor, clock, exam)
        sittings = session.scalars(select(Sitting.id).order_by(Sitting.candidate_id)).all()
        made = {"exam": exam.id, "session": row.id, "rooms": [room.id for room in rooms], "sittings": list(sittings)}
    clock.advance(minutes=11)
    made["url"] = f"/invigilation/rooms/{made['rooms'][0]}"
    return made


@pytest.fixture
def running(app, hall, clock):
    """The first sitting is open with two answers and one withdrawn; the second one is still expected."""
    now = clock.now()
    with app.app_context(), transaction("write") as session:
        session.execute(
            update(Sitting)
            .where(Sitting.id == hall["sittings"][0])
            .values(
                state="open",
                admitted_at=now,
                started_at=now,
                deadline=now + timedelta(minutes=50),
                holder="device",
                binding=1,
                last_seen_at=now,
            )
        )
        for seq, (slot, response) in enumerate([(1, '["A"]'), (2, '["B"]'), (3, '["C"]'), (3, "[]"), (1, '["D"]')], 1):
            session.add(
                AnswerStep(
                    sitting_id=hall["sittings"][0], binding=1, seq=seq, slot=slot, response=response, received_at=now
                )
            )
    return hall


def text_of(answer):
    return answer.get_data(as_text=True)


def sitting(app, sitting_id):
    with app.app_context(), transaction("read") as session:
        return session.get_one(Sitting, sitting_id)


def actions(app):
    with app.app_context(), transaction("read") as session:
        return list(session.scalars(select(AuditEntry.action)))


def test_my_rooms_are_listed_and_no_others(cast, browser, hall):
    mine = text_of(browser("invigilator").get("/invigilation"))
    assert "第一考场" in mine
    assert "第二考场" not in mine
    everything = text_of(browser("organizer").get("/invigilation"))
    assert "第一考场" in everything
    assert "第二考场" in everything


def test_rooms_are_listed_as_people_count_them(app, cast, browser, hall):
    with app.app_context(), transaction("write") as session:
        for room, name in zip(session.scalars(select(Room).order_by(Room.id)), ("第10考场", "第9考场"), strict=True):
            room.name = name
    for url in ("/invigilation", f"/exams/{hall['exam']}/sessions"):
        page = text_of(browser("organizer").get(url))
        assert page.index("第9考场") < page.index("第10考场")
    with app.app_context(), transaction("read") as session:
        posted = [room.name for _candidate, _session, room in seat_list(session, hall["exam"], None, None)]
    assert posted == ["第9考场"] * 2 + ["第10考场"] * 2


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


def act(window, running, change, **fields):
    return window.post(f"{running['url']}/time/{change}", fields)


def test_extra_time_for_one_moves_the_deadline_and_is_recorded(app, cast, browser, running):
    before = sitting(app, running["sittings"][0]).deadline
    window = browser("invigilator")
    assert "加时" in text_of(window.get(f"{running['url']}/time/extra?sitting={running['sittings'][0]}"))
    answer = act(window, running, "extra", sitting=running["sittings"][0], minutes="10", reason="断电")
    assert answer.status_code == 302
    assert sitting(app, running["sittings"][0]).deadline - before == timedelta(minutes=10)
    assert "time_extra" in actions(app)
    with app.app_context(), transaction("read") as session:
        change = session.scalars(select(TimeChange)).one()
    assert (change.seconds, change.reason, change.by) == (600, "断电", cast.accounts["invigilator"].id)


def test_extra_time_for_all_reaches_everybody_of_the_room_and_nobody_else(app, cast, browser, running):
    act(browser("invigilator"), running, "extra", scope="all", minutes="5", reason="断电")
    assert [sitting(app, one).extra_seconds for one in running["sittings"]] == [300, 300, 0, 0]


def seen_in(answer):
    return re.search('name="seen" value="([0-9a-f]{64})"', text_of(answer))[1]


def test_a_form_for_extra_time_sent_twice_or_by_two_at_once_gives_it_once(app, cast, browser, running):
    first, second = browser("invigilator"), browser("second_invigilator")
    url = f"{running['url']}/time/extra?scope=all"
    fields = [
        {"scope": "all", "minutes": "5", "reason": "停电", "seen": seen_in(one.get(url))} for one in (first, second)
    ]
    assert first.post(url, fields[0]).status_code == 302
    for window, own in ((first, fields[0]), (second, fields[1])):
        answer = window.post(url, own)
        assert answer.status_code == 409
        assert "没有再加时" in text_of(answer)
        assert "加时 5 分" in text_of(answer)
    assert [sitting(app, one).extra_seconds for one in running["sittings"]] == [300, 300, 0, 0]
    again = {**fields[1], "seen": seen_in(second.get(url))}
    assert second.post(url, again).status_code == 302
    assert sitting(app, running["sittings"][0]).extra_seconds == 600


@pytest.mark.parametrize("query", ["scope=all", "sitting={0}&sitting={1}"])
def test_extra_time_is_given_to_the_others_when_somebody_hands_in_meanwhile(app, cast, browser, running, clock, query):
    first, second = running["sittings"][:2]
    window = browser("invigilator")
    url = f"{running['url']}/time/extra?{query.format(first, second)}"  # to which the page sends its form

    def sent():
        hidden = re.findall('type="hidden" name="(scope|sitting|seen)" value="([^"]+)"', text_of(window.get(url)))
        fields = {name: [value for other, value in hidden if other == name] for name, _value in hidden}
        return {**fields, "minutes": "5", "reason": "停电"}

    before = sent()
    with app.app_context(), transaction("write") as session:
        session.get_one(Sitting, first).state = "closed"
    assert window.post(url, before).status_code == 302
    assert [sitting(app, one).extra_seconds for one in (first, second)] == [0, 300]
    # One who has handed in may be among those chosen from the beginning.
    assert window.post(url, sent()).status_code == 302
    assert [sitting(app, one).extra_seconds for one in (first, second)] == [0, 600]


def test_extra_time_wants_minutes_and_a_reason(app, cast, browser, running):
    window = browser("invigilator")
    for fields in (
        {"minutes": "0", "reason": "断电"},
        {"minutes": "5", "reason": " "},
        {"minutes": "x", "reason": "断电"},
    ):
        answer = act(window, running, "extra", sitting=running["sittings"][0], **fields)
        assert answer.status_code == 422
    nobody = act(window, running, "extra", minutes="5", reason="断电")
    assert "还没有选中考生" in text_of(nobody)
    assert sitting(app, running["sittings"][0]).extra_seconds == 0


def test_a_pause_stops_the_clock_and_the_end_of_it_gives_the_time_back(app, cast, browser, running, clock):
    before = sitting(app, running["sittings"][0]).deadline
    act(browser("invigilator"), running, "pause", scope="all", reason="火警演习")
    assert sitting(app, running["sittings"][0]).state == "paused"
    clock.advance(minutes=7)
    window = browser("invigilator")
    card = window.get(f"{running['url']}/state").get_json()["cards"][0]
    assert (card["key"], card["frozen_seconds"]) == ("paused", 3000)
    act(window, running, "resume", scope="all", reason="结束")
    after = sitting(app, running["sittings"][0])
    assert (after.state, after.deadline - before) == ("open", timedelta(minutes=7))


def test_nothing_to_resume_is_said_and_changes_nothing(app, cast, browser, running):
    answer = act(browser("invigilator"), running, "resume", scope="all", reason="x")
    assert answer.status_code == 409
    assert "未作任何更改" in text_of(answer)


def test_the_page_says_beforehand_whom_a_change_concerns_and_whom_not(app, cast, browser, running):
    window = browser("invigilator")
    page = text_of(window.get(f"{running['url']}/time/pause?scope=all"))
    assert "暂停：1 名考生" in page
    assert "所选另有 1 名考生" in page
    assert "李秀英" not in page  # has not come yet
    assert "加时：2 名考生" in text_of(window.get(f"{running['url']}/time/extra?scope=all"))
    nobody = text_of(window.get(f"{running['url']}/time/resume?scope=all"))
    assert "所选的 2 名考生都不能恢复" in nobody
    assert 'name="reason"' not in nobody


def test_a_list_that_nobody_reads_is_cut_and_says_so(app, cast, browser, running, monkeypatch):
    monkeypatch.setattr("exam.invigilation.act_views.cards", lambda *given: cards(*given)[:1] * 121)
    page = text_of(browser("organizer").get(f"/invigilation/sessions/{running['session']}/time/extra?scope=all"))
    assert page.count("王建国") == 120
    assert "办理的是全部 121 名" in page


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


def test_forcing_wants_reason_and_number_typed_and_leaves_an_incident(app, cast, browser, running):
    window = browser("invigilator")
    url = f"{running['url']}/sittings/{running['sittings'][0]}/force"
    page = text_of(window.get(url))
    assert "现已答 2 / 0 题" in page
    assert "不作任何认定" in page
    assert window.post(url, {"reason": "违抗指令", "confirmation": "2611"}).status_code == 422
    assert window.post(url, {"reason": "", "confirmation": "26110001"}).status_code == 422
    assert sitting(app, running["sittings"][0]).state == "open"
    assert window.post(url, {"reason": "违抗指令", "confirmation": "26110001"}).status_code == 302
    closed = sitting(app, running["sittings"][0])
    assert (closed.state, closed.closed_by, closed.close_reason) == ("closed", "invigilator", "违抗指令")
    with app.app_context(), transaction("read") as session:
        assert session.scalars(select(Receipt.sitting_id)).all() == [closed.id]
        assert session.scalars(select(Incident)).one().kind == "forced_submission"
    assert window.post(url, {"reason": "再来", "confirmation": "26110001"}).status_code == 409


def force_many(window, running, **fields):
    return window.post(f"{running['url']}/force", {"reason": "停电，考试中止", **fields})


def test_a_selection_and_all_are_handed_in_once_their_number_is_typed(app, cast, browser, running, clock):
    first, second, foreign = running["sittings"][0], running["sittings"][1], running["sittings"][2]
    with app.app_context(), transaction("write") as session:
        now = clock.now()
        begun = {"state": "paused", "paused_at": now, "started_at": now, "deadline": now + timedelta(minutes=50)}
        session.execute(update(Sitting).where(Sitting.id.in_([second, foreign])).values(**begun))
    window = browser("invigilator")
    page = text_of(window.get(f"{running['url']}/force?scope=all"))
    assert "替 2 名正在作答的考生交卷" in page
    assert "不作任何认定" in page
    for fields in (
        {"scope": "all", "confirmation": "3"},
        {"scope": "all"},
        {"scope": "all", "confirmation": "2", "reason": " "},
        {"confirmation": "2"},
        {"sitting": foreign, "confirmation": "1"},
    ):
        assert force_many(window, running, **fields).status_code in (409, 422)
    assert sitting(app, first).state == "open"
    assert force_many(window, running, sitting=second, confirmation="1").status_code == 302
    assert [sitting(app, one).state for one in (first, second, foreign)] == ["open", "closed", "paused"]
    assert force_many(window, running, scope="all", confirmation="1").status_code == 302
    closed = sitting(app, first)
    assert (closed.state, closed.closed_by, closed.close_reason) == ("closed", "invigilator", "停电，考试中止")
    assert sitting(app, foreign).state == "paused"
    assert force_many(window, running, scope="all", confirmation="0").status_code == 409
    with app.app_context(), transaction("read") as session:
        assert sorted(session.scalars(select(Receipt.sitting_id))) == [first, second]
        told = session.execute(select(Incident.kind, Incident.sitting_id).order_by(Incident.id)).all()
    assert [tuple(row) for row in told] == [("forced_submission", second), ("forced_submission", first)]


def test_many_forced_at_once_are_one_entry_with_their_number_and_digest(app, cast, browser, running, clock):
    with app.app_context(), transaction("write") as session:
        now = clock.now()
        begun = {"state": "open", "started_at": now, "deadline": now + timedelta(minutes=50)}
        session.execute(update(Sitting).values(**begun))
    assert force_many(browser("invigilator"), running, scope="all", confirmation="2").status_code == 302
    with app.app_context(), transaction("read") as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "submission_forced"))
    assert (entry.object_type, entry.details["count"], len(entry.details["digest"])) == ("sittings", 2, 64)


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


def record_one(window, running, **fields):
    values = {"kind": "device_fault", "facts": "2 号机蓝屏，9:20 换到备用机。", **fields}
    return window.post(f"{running['url']}/incidents/new", values)


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
