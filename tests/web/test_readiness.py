"""Before the exam: the device check and the mock sitting are everybody's, and leave nothing behind."""

import json
from typing import Any

from exam.answers.models import AnswerStep, LateStep
from exam.readiness.mock_paper import PAPER
from exam.sittings.models import Receipt, Sitting
from question_bank.item_types.registry import ITEM_TYPES
from tests.support.sealing import sealed_file
from tests.support.sittings import make_world

API = "/api/v1/mock"


def state_of(page: Any) -> dict[str, Any]:
    text = page.get_data(as_text=True)
    return dict(json.loads(text.split('id="sitting-state">')[1].split("</script>")[0]))


def begin(browser: Any) -> tuple[Any, dict[str, Any]]:
    client = browser()
    return client, state_of(client.get("/sittings/mock"))


def save(client: Any, number: int, *steps: dict[str, Any]) -> Any:
    return client.send("PUT", f"{API}/sittings/{number}/answers", {"binding": 1, "steps": list(steps)})


def test_the_device_check_is_open_to_everybody_and_tells_the_time(app, clock, browser):
    page = browser().get("/device-check")
    assert page.status_code == 200
    assert page.get_data(as_text=True).count("data-check=") == 9
    answer = browser().get("/device-check/time")
    assert answer.get_json() == {"server_time": "2026-11-23T04:00:00.000Z"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_mock_sitting_is_marked_and_holds_an_item_of_every_type_that_can_be_sat(app, clock, browser):
    client = browser()
    text = client.get("/sittings/mock").get_data(as_text=True)
    assert "模拟作答（不计成绩，不留记录）" in text
    # An essay is a longer short answer, a case is made of parts of these; a description asks nothing.
    assert {slot.type for slot in PAPER.slots.values()} == set(ITEM_TYPES) - {"essay", "case", "description"}
    assert state_of(client.get("/sittings/mock"))["sitting"] < 0


def test_steps_are_checked_as_in_a_sitting_and_forgotten(app, clock, browser):
    client, told = begin(browser)
    good = {"seq": 1, "slot": "1", "response": ["C"], "at": ""}
    bad = [{"seq": 2, "slot": "99", "response": ["A"]}, {"seq": 3, "slot": "1", "response": ["Z"]}]
    answer = save(client, told["sitting"], good, *bad).get_json()
    assert answer["acknowledged"] == 1
    assert answer["rejected"] == [{"seq": 2, "code": "unknown_slot"}, {"seq": 3, "code": "bad_response"}]
    again = client.get(f"{API}/sittings/{told['sitting']}").get_json()
    assert (again["state"], again["answers"]) == ("open", {})
    assert state_of(client.get("/sittings/mock"))["sitting"] == told["sitting"]


def test_nothing_of_it_reaches_the_database(app, clock, browser):
    world = make_world(app)
    before = {table: world.count(table) for table in (AnswerStep, LateStep, Receipt, Sitting)}
    client, told = begin(browser)
    save(client, told["sitting"], {"seq": 1, "slot": "1", "response": ["C"], "at": ""})
    assert client.send("POST", f"{API}/sittings/{told['sitting']}/submission", {"digest": "0" * 64}).status_code == 200
    assert client.get("/mock-sitting/done").status_code == 200
    assert {table: world.count(table) for table in before} == before


def test_handed_in_it_is_over_and_the_next_one_begins_anew(app, clock, browser):
    client, told = begin(browser)
    client.send("POST", f"{API}/sittings/{told['sitting']}/submission", {"digest": "0" * 64})
    late = save(client, told["sitting"], {"seq": 1, "slot": "1", "response": ["C"], "at": ""})
    assert (late.status_code, late.get_json()["error"]["code"]) == (409, "closed")
    assert client.get(f"{API}/sittings/{told['sitting']}").get_json()["state"] == "closed"
    assert state_of(client.get("/sittings/mock"))["sitting"] != told["sitting"]


def test_its_time_ends_by_the_servers_clock(app, clock, browser):
    client, told = begin(browser)
    clock.advance(minutes=10, seconds=9)
    step = {"seq": 1, "slot": "1", "response": ["C"], "at": ""}
    assert save(client, told["sitting"], step).status_code == 200
    clock.advance(seconds=1)
    assert save(client, told["sitting"], step).get_json()["error"]["code"] == "late"


def test_bad_calls_are_refused_in_one_sentence(app, clock, browser):
    client, told = begin(browser)
    assert save(client, -5).status_code == 404
    assert browser().get(f"{API}/sittings/{told['sitting']}").status_code == 404
    number = told["sitting"]
    assert (
        client.send("PUT", f"{API}/sittings/{number}/answers", {"steps": "x"}).get_json()["error"]["code"]
        == "bad_response"
    )
    large = client.client.put(
        f"{API}/sittings/{number}/answers", data=b"x" * (1024 * 1024 + 1), headers={"X-CSRFToken": client.token()}
    )
    assert large.status_code == 413
    assert client.client.put(f"{API}/sittings/{number}/answers", data=b"{}").status_code == 400


def test_a_candidate_may_try_without_losing_the_own_sitting(app, clock):
    world = make_world(app)
    candidate = world.open()
    told = state_of(candidate.get("/sittings/mock"))
    assert told["sitting"] < 0
    assert candidate.save((1, "1", ["B"])).status_code == 200
    assert candidate.state().get_json()["answers"]["1"]["response"] == ["B"]


def test_handing_in_offline_can_be_practised_in_a_minute(app, clock, browser):
    client, usual = begin(browser)
    page = client.get("/sittings/mock?minutes=1")
    short = state_of(page)
    assert (usual["deadline"], short["deadline"]) == ("2026-11-23T04:10:00.000Z", "2026-11-23T04:01:00.000Z")
    assert short["sitting"] != usual["sitting"]
    key = page.get_data(as_text=True).split('data-hand-in-key="')[1].split('"')[0]
    assert sealed_file(short["sitting"], b"{}", key)
    clock.advance(seconds=71)
    late = save(client, short["sitting"], {"seq": 1, "slot": "1", "response": ["C"], "at": ""})
    assert late.get_json()["error"]["code"] == "late"
    assert state_of(client.get("/sittings/mock?minutes=600"))["deadline"] == "2026-11-23T04:11:11.000Z"
    assert "minutes=1" in client.get("/device-check").get_data(as_text=True)
