"""Numbers that no database holds, NUL, and values that no form offers: a refusal in words, never a fault of ours."""

import json
import re
from typing import Any

import pytest
from flask import Flask

from core.web.numbers import LARGEST_ID, id_of
from tests.conftest import Cast
from tests.support.bank import published, single
from tests.support.results import database, make_world
from tests.support.sittings import make_world as make_sittings

HUGE = "99999999999999999999"


@pytest.mark.parametrize("text", [None, "", "0", "-1", "1.5", "²", "１", " 1", HUGE, "9" * 5000, str(LARGEST_ID + 1)])
def test_what_is_no_number_of_a_thing_names_nothing(text: str | None) -> None:
    assert id_of(text) == 0


def test_the_largest_number_of_a_thing_is_read() -> None:
    assert (id_of("7"), id_of(str(LARGEST_ID))) == (7, LARGEST_ID)


@pytest.mark.parametrize("name", ["organizer", "author", "system_admin"])
def test_an_address_with_a_number_beyond_the_database_is_not_found(
    app: Flask, cast: Cast, browser: Any, name: str
) -> None:
    own = browser(name)
    for rule in app.url_map.iter_rules():
        if "<int:" in rule.rule and "GET" in (rule.methods or ()):
            url = re.sub(r"<any\((\w+)[^>]*>", r"\1", re.sub(r"<int:\w+>", HUGE, rule.rule))
            assert own.get(re.sub(r"<\w+>", "x", url)).status_code == 404, rule.rule


def test_a_number_beyond_the_database_in_a_query_or_a_form_is_no_fault(
    app: Flask, cast: Cast, browser: Any, clock: Any
) -> None:
    with database(app) as session:
        world = make_world(session, cast, clock)
        item = published(session, cast, clock, single("另一道题（　　）。")).id
        exam = world.exam_id
    organizer, reviewer = browser("organizer"), browser("reviewer")
    for number in (HUGE, "²"):
        assert organizer.get(f"/interviews/panels/new?exam={number}").status_code == 200
        assert organizer.get(f"/exams/{exam}/roster?room={number}&session={number}").status_code == 200
        assert reviewer.get(f"/bank/items/{item}/history?from={number}&to={number}").status_code == 200
        for act in ("review", "retirement"):
            sent = {"version": number, "comment": "看过", "reason": "停用", "decision": "publish"}
            assert 400 <= reviewer.post(f"/bank/items/{item}/{act}", sent).status_code < 500


def test_a_type_that_no_blueprint_offers_is_refused_in_words(app: Flask, cast: Cast, browser: Any) -> None:
    sent = {
        "name": "细目表",
        "sections-0-type": "essay-of-mine",
        "sections-0-rows-0-any_difficulty": "1",
        "sections-0-points": "1",
    }
    sent["sections-0-policy"] = "all_or_nothing"
    assert browser("organizer").post("/bank/blueprints/new", sent).status_code == 422


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("/sign-in", "username"),
        ("/sign-in", "password"),
        ("/candidate", "admission_number"),
        ("/candidate", "ticket_code"),
    ],
)
def test_nul_at_the_doors_is_refused_in_words(app: Flask, cast: Cast, browser: Any, url: str, field: str) -> None:
    sent = {"username": "organizer", "password": "x", "admission_number": "1", "ticket_code": "x", field: "a\x00b"}
    answer = browser().post(url, sent)
    assert answer.status_code == 422
    assert "NUL" in answer.get_data(as_text=True)


@pytest.mark.parametrize("url", ["/accounts?q=%00", "/accounts?%00=1", "/receipts/%00", "/sign-in?next=/%00"])
def test_nul_in_an_address_is_refused_in_words(app: Flask, cast: Cast, browser: Any, url: str) -> None:
    answer = browser("system_admin").get(url)
    assert answer.status_code == 422
    assert "NUL" in answer.get_data(as_text=True)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\U0010ffff", "9" * 4000])
def test_text_that_no_database_holds_is_refused_by_the_api(app: Flask, cast: Cast, clock: Any, text: str) -> None:
    world = make_sittings(app)
    client = world.sit()
    headers = {"X-CSRFToken": client.token(), "Content-Type": "application/json"}
    for method, url, body in (
        ("POST", "/api/v1/sign-in", {"admission_number": text, "ticket_code": text}),
        ("POST", f"{client.base}/start", {"commitment": text}),
        ("POST", f"{client.base}/submission", {"digest": text}),
        ("PUT", f"{client.base}/answers", {"binding": 1, "steps": [{"seq": 1, "slot": text, "response": [text]}]}),
    ):
        answer = client.client.open(url, method=method, data=json.dumps(body), headers=headers)
        assert 400 <= answer.status_code < 500, (url, answer.status_code)
