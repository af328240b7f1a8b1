"""Calls that no page of ours makes: refused with one sentence, recorded once in a while, nothing changed."""

import json

import pytest

from core.audit.models import AuditEntry
from exam.answers.models import AnswerStep, LateStep
from exam.leaving.models import PageEvent
from exam.sittings import misuse
from tests.support.sittings import Client, make_world

MEGABYTE = 1024 * 1024


@pytest.fixture
def world(app, clock):
    return make_world(app)


def put(client, body, sitting=None):
    headers = {"X-CSRFToken": client.token(), "Content-Type": "application/json"}
    return client.client.put(f"/api/v1/sittings/{sitting or client.seat.sitting}/answers", data=body, headers=headers)


def body_of(*steps):
    return json.dumps(
        {"binding": 1, "steps": [dict(zip(("seq", "slot", "response"), step, strict=True)) for step in steps]}
    )


def recorded(world):
    return [
        (one.actor_kind, one.actor_id, int(one.object_id), one.details["code"])
        for one in world.all(AuditEntry)
        if one.action == "call_refused"
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 422, "bad_response"),
        (b'{"binding": 1, "steps": [{"seq": "1"}]}', 422, "bad_response"),
        (body_of(*((seq, "1", ["A"]) for seq in range(1, 10_001))), 413, "too_large"),
        (b" " * (50 * MEGABYTE), 413, "too_large"),
    ],
    ids=["no JSON", "a step without its number", "10,000 steps", "50 MB"],
)
def test_a_call_that_cannot_be_taken_is_refused_and_recorded(world, body, status, code):
    client = world.open()
    answer = put(client, body)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)
    assert answer.get_json()["error"]["message"].endswith("。")
    assert recorded(world) == [("candidate", client.seat.candidate, client.seat.sitting, code)]
    assert world.count(AnswerStep) == 0


def test_steps_that_cannot_be_taken_are_recorded_and_the_others_are_stored(world):
    client = world.open()
    answer = put(client, body_of((1, "1", ["A"]), (2, "99", ["A"]), (3, "1", "A"), (4, "2", ["B"])))
    assert [one["code"] for one in answer.get_json()["rejected"]] == ["unknown_slot", "bad_response"]
    assert [code for *_whose, code in recorded(world)] == ["bad_response", "unknown_slot"]
    assert [step.seq for step in world.all(AnswerStep)] == [1, 4]


def test_steps_for_anothers_sitting_are_recorded_with_whose_it_is_and_who_tried(world):
    world.open(1)
    client = world.open()
    assert put(client, body_of((1, "1", ["A"])), world.seats[1].sitting).status_code == 404
    assert recorded(world) == [("candidate", client.seat.candidate, world.seats[1].sitting, "not_found")]
    assert world.count(AnswerStep) == 0


@pytest.mark.parametrize("path", ["/answers", "/submission", "/events", "/start"])
def test_the_replay_of_a_session_that_has_ended_is_recorded(world, path):
    client = world.open()
    replay = Client(world.app, world, client.seat)
    replay.client._cookies = dict(client.client._cookies)
    assert client.post("/candidate/sign-out").status_code == 302
    bodies = {
        "/answers": {"binding": 1, "steps": [{"seq": 1, "slot": "1", "response": ["A"]}]},
        "/submission": {"digest": "0" * 64},
        "/events": {"page": "abcdefgh12", "events": []},
        "/start": {},
    }
    answer = replay.send("PUT" if path == "/answers" else "POST", f"{client.base}{path}", bodies[path])
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "signed_out")
    assert recorded(world) == [("candidate", client.seat.candidate, client.seat.sitting, "signed_out")]
    assert (world.count(AnswerStep), world.count(LateStep), world.count(PageEvent)) == (0, 0, 0)
    assert world.row().state == "open"


def test_a_flood_is_recorded_once_in_ten_minutes(world, clock):
    client = world.open()
    for _attempt in range(20):
        put(client, b"{")
    assert len(recorded(world)) == 1
    clock.advance(minutes=10)
    put(client, b"{")
    put(client, b"{")
    assert len(recorded(world)) == 2


def test_nobody_is_recorded_for_nothing(world):
    stranger = Client(world.app, world, world.seats[0])
    assert put(stranger, b"{").status_code == 401
    client = world.open()
    client.save((1, "1", ["A"]))
    client.save((1, "1", ["A"]))
    client.submit("0" * 64)
    client.submit(client.digest({"1": ["A"]}))
    client.save((2, "1", ["B"]))
    assert recorded(world) == []


def test_where_misuse_cannot_be_recorded_the_refusal_stands_and_a_stored_step_is_acknowledged(world, monkeypatch):
    def fail(*_arguments, **_details):
        raise OSError

    monkeypatch.setattr(misuse, "record", fail)
    client = world.open()
    answer = put(client, body_of((1, "1", ["A"]), (2, "99", ["A"])))
    assert (answer.status_code, answer.json["acknowledged"]) == (200, 1)
    assert [one["code"] for one in answer.json["rejected"]] == ["unknown_slot"]
    assert put(client, body_of((2, "1", ["B"])), sitting=world.seats[1].sitting).status_code == 404
    assert (world.count(AnswerStep), recorded(world)) == (1, [])
