"""A form that is sent twice (a double click, a resend) records what happened once; the table itself holds it once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.accounts.models import FailureCount
from core.audit.models import AuditEntry
from core.database import transaction
from exam.invigilation.models import Incident
from exam.safe_browser.models import SafeBrowserExemption
from tests.support.invigilation import act, actions, record_one, sitting, text_of
from tests.support.safe_browser import page_of


def number_in(answer):
    return re.search('name="once"[^>]* value="([0-9a-f]{32})"', text_of(answer))[1]


def incidents(app):
    with app.app_context(), transaction("read") as session:
        return list(session.scalars(select(Incident).order_by(Incident.id)))


def form_of(window, running):
    return number_in(window.get(f"{running['url']}/incidents/new"))


def test_a_form_sent_twice_records_one_incident_and_says_the_same_both_times(app, cast, browser, running):
    window = browser("invigilator")
    number = form_of(window, running)
    answers = [record_one(window, running, once=number) for _click in range(2)]
    assert [(one.status_code, one.location) for one in answers] == [(302, running["url"])] * 2
    (told,) = incidents(app)
    assert told.once == number
    assert actions(app).count("incident_recorded") == 1


def test_two_forms_may_record_the_same_words(app, cast, browser, running):
    window = browser("invigilator")
    for _time in range(2):
        assert record_one(window, running, once=form_of(window, running)).status_code == 302
    assert len(incidents(app)) == 2


@pytest.mark.parametrize("changes", [{"facts": "3 号机蓝屏。"}, {"kind": "other"}, {"sitting": True}])
def test_other_content_under_the_same_number_is_refused_and_may_be_sent_as_another(
    app, cast, browser, running, changes
):
    if "sitting" in changes:
        changes = {"sitting": running["sittings"][0]}
    window = browser("invigilator")
    number = form_of(window, running)
    record_one(window, running, once=number)
    refused = record_one(window, running, once=number, **changes)
    assert refused.status_code == 409
    assert "没有记录" in text_of(refused)
    assert str(changes.get("facts", "2 号机蓝屏")) in text_of(refused)
    assert len(incidents(app)) == 1
    assert record_one(window, running, once=number_in(refused), **changes).status_code == 302
    assert len(incidents(app)) == 2


def test_a_number_belongs_to_whoever_recorded_by_it(app, cast, browser, running):
    first, second = browser("invigilator"), browser("second_invigilator")
    number = form_of(first, running)
    record_one(first, running, once=number)
    assert record_one(second, running, once=number).status_code == 409
    assert len(incidents(app)) == 1


@pytest.mark.parametrize("number", ["", "x", "A" * 32, "0" * 33, "〇" * 32, "0" * 31 + "\n"])
def test_what_is_no_number_of_ours_records_nothing_and_the_page_has_a_good_one(app, cast, browser, running, number):
    window = browser("invigilator")
    answer = record_one(window, running, once=number)
    assert answer.status_code == 422
    assert "没有记录" in text_of(answer)
    assert not incidents(app)
    assert record_one(window, running, once=number_in(answer)).status_code == 302


def test_a_number_survives_a_form_that_had_errors(cast, browser, running):
    window = browser("invigilator")
    number = form_of(window, running)
    assert number_in(record_one(window, running, once=number, kind="verdict")) == number


def test_a_lock_is_lifted_once(app, cast, browser, running, clock):
    with app.app_context(), transaction("write") as session:
        session.add(FailureCount(subject="admission:26110002", locked_until=clock.now() + timedelta(minutes=10)))
    window = browser("invigilator")
    for _click in range(2):
        assert window.post(f"{running['url']}/sittings/{running['sittings'][1]}/unlock").status_code == 302
    assert actions(app).count("lockout_lifted") == 1


# Each act with the form that its page sends, and what the log calls it; the second sending is refused in words.
ACTS = {
    "release": ("/sittings/{one}/release", {}, "device_released"),
    "pause": ("/time/pause", {"sitting": "{one}", "reason": "停电"}, "time_pause"),
    "force": ("/sittings/{one}/force", {"reason": "违抗指令", "confirmation": "26110001"}, "submission_forced"),
    "force many": ("/force", {"scope": "all", "reason": "停电", "confirmation": "1"}, "submission_forced"),
    "sign": ("/incidents/1/sign", {}, "incident_signed"),
}


@pytest.mark.parametrize("deed", ACTS)
def test_every_other_act_that_is_sent_twice_is_done_once(app, cast, browser, running, deed):
    record_one(browser("second_invigilator"), running)
    tail, fields, action = ACTS[deed]
    form = {name: value.format(one=running["sittings"][0]) for name, value in fields.items()}
    window, url = browser("invigilator"), running["url"] + tail.format(one=running["sittings"][0])
    before = len(incidents(app))
    assert window.post(url, form).status_code == 302
    after = len(incidents(app))
    assert window.post(url, form).status_code in (409, 422)
    assert actions(app).count(action) == 1
    assert len(incidents(app)) == after == before + (action == "submission_forced")


def test_a_pause_is_ended_once(app, cast, browser, running, clock):
    window, one = browser("invigilator"), running["sittings"][0]
    before = sitting(app, one).deadline
    act(window, running, "pause", sitting=one, reason="停电")
    clock.advance(minutes=3)
    answers = [act(window, running, "resume", sitting=one, reason="来电").status_code for _click in range(2)]
    assert answers == [302, 409]
    assert sitting(app, one).deadline - before == timedelta(minutes=3)
    assert actions(app).count("time_resume") == 1


ROOM = "/invigilation/rooms/1"


def test_an_exemption_sent_twice_is_granted_once(watched, browser):
    fields = {"required": "y", "origin": "https://exam.example.cn", "password": "quit-quit", "keys": ""}
    assert browser("organizer").post(page_of(watched), fields).status_code == 302
    window, url = browser("invigilator"), f"{ROOM}/sittings/{watched.seats[0].sitting}/safe-browser"
    form = {"reason": "本机装不上", "granted": "y", "once": number_in(window.get(url))}
    assert window.post(url, form).status_code == 302
    again = window.post(url, form)
    assert again.status_code == 409
    assert "已是如此" in text_of(again)
    assert (watched.count(SafeBrowserExemption), watched.count(Incident)) == (1, 1)


def test_two_at_the_same_moment_exempt_once(watched, browser, monkeypatch):
    """As if the second request had read before the first one wrote: the table decides."""
    window, url = browser("invigilator"), f"{ROOM}/sittings/{watched.seats[0].sitting}/safe-browser"
    form = {"reason": "本机装不上", "granted": "y", "once": number_in(window.get(url))}
    assert window.post(url, form).status_code == 302
    monkeypatch.setattr("exam.safe_browser.queries.exemptions_of", lambda _session, _sitting: [])
    assert window.post(url, form).status_code == 409
    assert (watched.count(SafeBrowserExemption), watched.count(Incident)) == (1, 1)
    assert [one.action for one in watched.all(AuditEntry)].count("safe_browser_exempted") == 1
