"""The invigilator changes somebody's time: more of it, a pause and its end, and the submission that ends it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.database import transaction
from exam.invigilation.board import cards
from exam.invigilation.models import Incident, TimeChange
from exam.sittings.models import Receipt, Sitting
from tests.support.invigilation import act, actions, seen_in, sitting, text_of


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
