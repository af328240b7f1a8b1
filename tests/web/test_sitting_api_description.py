"""The published description of the sitting's endpoints tells the truth: every answer of a plain client's day fits it."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from exam.sittings.openapi import ERROR_CODES
from exam.sittings.refusals import refusal
from tests.support.sittings import Client, make_world

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "http.md"

CODES = {
    "late",
    "closed",
    "paused",
    "not_open",
    "other_device",
    "signed_out",
    "csrf",
    "conflict",
    "unknown_slot",
    "bad_response",
    "too_large",
}
KINDS = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


class Described:
    """Calls the endpoints and holds every answer, and every JSON body, against the description."""

    def __init__(self, client):
        self.client = client
        self.whole = client.get("/api/v1/openapi.json").get_json()

    def call(self, method, path, body=None, *, raw=None, token=True, fits=True):
        """Return (status, JSON) after checking it; ``fits``: the body sent is of the described shape."""
        name = re.sub(r"/sittings/[0-9]+", "/sittings/{id}", path)
        described = self.whole["paths"][name][method.lower()]
        if body is not None and fits:
            content = described["requestBody"]["content"]["application/json"]
            self.check(content["schema"], body, f"{method} {name} body")
        headers = {"Content-Type": "application/json"} | ({"X-CSRFToken": self.client.token()} if token else {})
        data = raw if raw is not None else None if body is None else json.dumps(body)
        answer = self.client.client.open(path, method=method, data=data, headers=headers)
        where = f"{method} {name} {answer.status_code}"
        assert str(answer.status_code) in described["responses"], where
        said = described["responses"][str(answer.status_code)]
        self.check(said["content"]["application/json"]["schema"], answer.get_json(), where)
        assert "\\u" not in answer.get_data(as_text=True)
        return answer.status_code, answer.get_json()

    def check(self, schema, value, where):
        """Raise AssertionError unless the value fits; objects may hold nothing that is not described."""
        if "$ref" in schema:
            schema = self.whole["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in schema:
            assert any(self.fits(one, value) for one in schema["anyOf"]), (where, value)
            return
        if "enum" in schema:
            assert value in schema["enum"], (where, value)
            return
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert any(type(value) is KINDS[kind] for kind in kinds), (where, value)
        if isinstance(value, dict):
            known, others = schema.get("properties", {}), schema.get("additionalProperties")
            assert set(schema.get("required", ())) <= set(value), (where, sorted(value))
            for name, one in value.items():
                assert name in known or others, (where, name)
                self.check(known.get(name) or others, one, f"{where} {name}")
        if isinstance(value, list):
            for one in value:
                self.check(schema["items"], one, where)
        if "pattern" in schema:
            assert re.search(schema["pattern"], value), (where, value)

    def fits(self, schema, value):
        """Whether the value fits."""
        try:
            self.check(schema, value, "")
        except AssertionError:
            return False
        return True


@pytest.fixture
def world(app, clock):
    return make_world(app)


def client_of(world, index=0):
    return Described(Client(world.app, world, world.seats[index]))


def entered(world, index=0):
    """A plain client that has signed in and begun, from nothing but what the endpoints tell it."""
    api = client_of(world, index)
    seat = world.seats[index]
    body = {"admission_number": seat.number, "ticket_code": seat.code}
    exam = api.call("POST", "/api/v1/sign-in", body)[1]["exams"][0]
    commitment = hashlib.sha256(exam["commitment"].encode()).hexdigest()
    path = f"/api/v1/sittings/{exam['sitting']}"
    status, begun = api.call("POST", f"{path}/start", {"commitment": commitment})
    assert (status, begun["state"]) == (200, "open")
    return api, path


def step(seq, slot="1", response=("A",)):
    return {"seq": seq, "slot": slot, "response": list(response), "at": "2026-11-23T04:00:00Z"}


def test_a_day_of_a_plain_client_fits_the_description(world):
    api, path = entered(world)
    assert api.call("GET", "/api/v1/csrf")[0] == 200
    assert api.call("GET", path)[0] == 200
    answers = f"{path}/answers"
    saved = api.call("PUT", answers, {"binding": 1, "steps": [step(3, "3", ["true"]), step(1), step(9, "77")]})[1]
    assert (saved["acknowledged"], saved["rejected"]) == (1, [{"seq": 9, "code": "unknown_slot"}])
    again = api.call("PUT", answers, {"binding": 1, "steps": [step(1), step(2, "2", ["C", "A"]), step(3, "1")]})[1]
    assert (again["acknowledged"], again["rejected"]) == (3, [{"seq": 3, "code": "conflict"}])
    refused = api.call("POST", f"{path}/submission", {"digest": "0" * 64})
    assert (refused[0], refused[1]["error"]["code"]) == (409, "conflict")
    receipt = api.call("POST", f"{path}/submission", {"digest": refused[1]["error"]["digest"]})[1]
    assert api.call("POST", f"{path}/submission", {"digest": "1" * 64})[1] == receipt
    assert api.call("GET", path)[1]["state"] == "closed"


def test_every_refusal_has_the_described_shape_and_one_of_the_codes(world, clock):
    api, path = entered(world)
    answers, good = f"{path}/answers", {"binding": 1, "steps": [step(1)]}
    told = [
        api.call("PUT", answers, good, token=False),
        api.call("PUT", answers, raw="{"),
        api.call("PUT", answers, {"binding": 2, "steps": []}),
        api.call("PUT", answers, {"binding": 1, "steps": [step(n) for n in range(1, 202)]}),
        api.call("PUT", answers, raw="x" * (1024 * 1024 + 1)),
        api.call("POST", f"{path}/submission", {"digest": "0" * 64}),
    ]
    world.change(state="paused")
    told.append(api.call("PUT", answers, good))
    world.change(state="open")
    clock.advance(minutes=70)
    told.append(api.call("PUT", answers, good))
    assert api.call("POST", f"{path}/submission", {"digest": "0" * 64})[1]["receipt"]["closed_by"] == "clock"
    told.append(client_of(world, 1).call("GET", path))
    codes = [answer["error"]["code"] for _status, answer in told]
    assert codes == [
        "csrf",
        "bad_response",
        "other_device",
        "too_large",
        "too_large",
        "conflict",
        "paused",
        "late",
        "signed_out",
    ]
    assert set(codes) <= CODES
    assert all(answer["error"]["message"].endswith("。") for _status, answer in told)


def test_a_call_before_the_start_and_after_the_end_is_told_so(world):
    api = client_of(world)
    seat = world.seats[0]
    api.call("POST", "/api/v1/sign-in", {"admission_number": seat.number, "ticket_code": seat.code})
    path = f"/api/v1/sittings/{seat.sitting}"
    early = api.call("PUT", f"{path}/answers", {"binding": 1, "steps": [step(1)]})
    assert (early[0], early[1]["error"]["code"]) == (409, "not_open")
    api, path = entered(world)
    api.call("POST", f"{path}/submission", {"digest": "0" * 64, "final": True})
    closed = api.call("PUT", f"{path}/answers", {"binding": 1, "steps": [step(1)]})
    assert (closed[0], closed[1]["error"]["code"], closed[1]["error"]["retry"]) == (409, "closed", False)


def test_a_wrong_sign_in_and_a_locked_number_are_described(world):
    api = client_of(world)
    wrong = {"admission_number": world.seats[0].number, "ticket_code": "0000-0000-0000"}
    statuses = [api.call("POST", "/api/v1/sign-in", wrong)[0] for _ in range(7)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
    assert api.call("POST", "/api/v1/sign-in", {}, fits=False)[0] in (422, 429)
    assert api.call("GET", "/api/v1/sittings/999999")[0] == 401


ADDRESSES = (
    "/health",
    "/device-check/time",
    "/api/v1/mock/",
    "/bells/{name}",
    "/papers/{id}/pictures/{digest}",
    "/receipts/{code}",
    "/safe-browser/{session}/{name}.seb",
    "/safe-browser/leave",
    "/invigilation/rooms/{id}/state",
    "/invigilation/sessions/{id}/state",
)


def test_the_guide_names_every_call_every_code_and_what_else_is_relied_on(sqlite_app):
    guide = GUIDE.read_text(encoding="utf-8")
    described = sqlite_app.test_client().get("/api/v1/openapi.json").get_json()
    calls = {
        f"`{method.upper()} {path}`"
        for path, told in described["paths"].items()
        for method in told.keys() - {"parameters"}
    }
    ours = [rule for rule in sqlite_app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    routed = {
        f"`{method} {rule.rule.replace('<int:sitting_id>', '{id}')}`"
        for rule in ours
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if not rule.endpoint.startswith("mock.")
    }
    assert routed - {"`GET /api/v1/openapi.json`"} == calls
    assert [call for call in sorted(routed) if call not in guide] == []
    assert [code for code in ERROR_CODES if f"| `{code}` |" not in guide] == []
    assert "`X-Safe-Browser-Page: " in guide
    assert [address for address in ADDRESSES if address not in guide] == []


@pytest.mark.parametrize(
    ("code", "status", "retry"),
    [
        (code, int(status), retry == "是")
        for code, status, retry in re.findall(r"^\| `(\w+)` \| (\d+) \| (是|否) \|", GUIDE.read_text("utf-8"), re.M)
        if code in {"late", "closed", "paused", "not_open", "other_device", "signed_out"}
    ],
)
def test_a_refusal_of_the_sitting_has_the_status_that_the_guide_says(app, code, status, retry):
    with app.test_request_context():
        told = refusal(code)
    assert (told.status, told.retry) == (status, retry)
