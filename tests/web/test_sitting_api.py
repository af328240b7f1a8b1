"""The JSON endpoints of the sitting, as any client meets them."""

import json

import pytest
from sqlalchemy import event

from core.audit.models import AuditEntry
from core.database import db, transaction
from exam.answers.models import AnswerStep, LateStep
from exam.invigilation.models import Incident
from exam.schedule.models import Exam
from exam.sittings import service
from exam.sittings.models import Receipt, Sitting
from tests.conftest import NOON
from tests.support.sittings import COMMITMENT_DIGEST, Client, make_world

ANSWERS = {"1": ["B"], "2": ["A", "C"], "3": ["true"], "4": ["坚持", ""]}


@pytest.fixture
def world(app, clock):
    return make_world(app)


def code_of(answer):
    return answer.get_json()["error"]["code"]


def test_a_plain_client_signs_in_starts_saves_and_hands_in(world, clock):
    client = Client(world.app, world, world.seats[0])
    signed_in = client.sign_in().get_json()
    exam = signed_in["exams"][0]
    assert signed_in["candidate"] == world.seats[0].candidate
    assert (exam["exam"], exam["sitting"], exam["state"]) == (world.exam, world.seats[0].sitting, "admitted")
    assert (exam["opens_at"], exam["closes_at"]) == ("2026-11-23T03:59:00.000Z", "2026-11-23T04:59:00.000Z")
    begun = client.start().get_json()
    assert begun["state"] == "open"
    assert (begun["binding"], begun["acknowledged"], begun["answers"]) == (1, 0, {})
    assert begun["server_time"] == "2026-11-23T04:00:00.000Z"
    assert begun["deadline"] == "2026-11-23T04:59:00.000Z"
    assert [slot["slot"] for slot in begun["slots"]] == ["1", "2", "3", "4"]
    assert begun["slots"][0] == {"slot": "1", "type": "single_choice", "points": "1.00", "options": list("ABCD")}
    saved = client.save(*((seq, slot, response) for seq, (slot, response) in enumerate(ANSWERS.items(), 1)))
    assert saved.get_json() == {
        "acknowledged": 4,
        "rejected": [],
        "server_time": "2026-11-23T04:00:00.000Z",
        "deadline": "2026-11-23T04:59:00.000Z",
        "state": "open",
    }
    state = client.state().get_json()
    assert {slot: answer["response"] for slot, answer in state["answers"].items()} == ANSWERS
    assert state["answers"]["4"] == {"response": ["坚持", ""], "binding": 1, "seq": 4}
    handed_in = client.submit(client.digest(ANSWERS)).get_json()["receipt"]
    assert handed_in["digest"] == client.digest(ANSWERS)
    assert handed_in["closed_by"] == "candidate"
    assert handed_in["received_at"] == "2026-11-23T04:00:00.000Z"
    assert set(handed_in) == {"code", "digest", "nonce", "received_at", "closed_by"}
    assert client.state().get_json()["state"] == "closed"


def test_a_second_submission_returns_the_same_receipt(world):
    client = world.open()
    first = client.submit(client.digest({}))
    second = client.submit("0" * 64)
    assert first.status_code == second.status_code == 200
    assert first.get_json() == second.get_json()
    assert world.count(Receipt) == 1


def test_starting_again_tells_the_same(world):
    client = world.open()
    client.save((1, "1", ["A"]))
    again = client.start().get_json()
    assert (again["binding"], again["acknowledged"], again["state"]) == (1, 1, "open")
    assert again["answers"]["1"]["response"] == ["A"]
    assert again == client.state().get_json()


def test_a_wrong_commitment_does_not_start(world):
    client = world.sit()
    for commitment in ("0" * 64, None):
        answer = client.start(commitment)
        assert answer.status_code == 409
        assert code_of(answer) == "conflict"
    assert world.row().state == "admitted"


def test_the_commitment_may_have_been_signed_before(world):
    client = world.sit()
    world.change(commitment_digest=COMMITMENT_DIGEST, commitment_signed_at=NOON)
    assert client.start(None).status_code == 200


def test_nobody_starts_before_the_time_or_after_the_latest_start(app, clock):
    world = make_world(app, latest_start_seconds=1800)
    clock.advance(minutes=-2)
    client = world.sit()
    early = client.start()
    assert (early.status_code, code_of(early)) == (409, "not_open")
    assert code_of(client.save((1, "1", ["A"]))) == "not_open"
    clock.advance(minutes=31)
    assert code_of(client.start()) == "late"
    clock.advance(minutes=60)
    assert code_of(client.start()) == "closed"
    assert world.row().state == "admitted"


def test_in_a_window_the_deadline_is_ones_own(app, clock):
    world = make_world(app, mode="window", duration_seconds=600)
    assert world.open().state().get_json()["deadline"] == "2026-11-23T04:10:00.000Z"
    clock.advance(minutes=55)
    assert world.open(1).state().get_json()["deadline"] == "2026-11-23T04:59:00.000Z"


def test_the_state_is_answered_with_304_until_something_changes(world):
    client = world.open()
    first = client.state()
    again = client.state(**{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    client.save((1, "1", ["A"]))
    assert client.state(**{"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ((2, "5", ["A"]), "unknown_slot"),
        ((2, "01", ["A"]), "unknown_slot"),
        ((2, 1, ["A"]), "unknown_slot"),
        ((2, "1", ["E"]), "bad_response"),
        ((2, "1", ["A", "B"]), "bad_response"),
        ((2, "1", "A"), "bad_response"),
        ((2, "1", None), "bad_response"),
        ((2, "4", ["一"]), "bad_response"),
        ((2, "4", ["\ud800", ""]), "bad_response"),
        ((2, "4", ["\x00", ""]), "bad_response"),
        ((2, "3", [True]), "bad_response"),
    ],
)
def test_a_bad_step_is_rejected_and_the_others_are_stored(world, step, code):
    client = world.open()
    answer = client.save((1, "1", ["A"]), step, (3, "3", ["true"])).get_json()
    assert answer["rejected"] == [{"seq": 2, "code": code}]
    assert answer["acknowledged"] == 1
    assert world.count(AnswerStep) == 2


def test_a_resend_changes_nothing_and_other_content_under_the_same_number_is_a_conflict(world):
    client = world.open()
    client.save((1, "1", ["A"]))
    assert client.save((1, "1", ["A"])).get_json()["rejected"] == []
    other = client.save((1, "1", ["B"]), (2, "2", ["C", "A"])).get_json()
    assert other["rejected"] == [{"seq": 1, "code": "conflict"}]
    assert other["acknowledged"] == 2
    answers = client.state().get_json()["answers"]
    assert answers["1"]["response"] == ["A"]
    assert answers["2"]["response"] == ["A", "C"]


def test_steps_may_arrive_in_any_order_and_the_highest_number_wins(world):
    client = world.open()
    assert client.save((3, "1", ["C"])).get_json()["acknowledged"] == 0
    assert client.save((1, "1", ["A"])).get_json()["acknowledged"] == 1
    assert client.save((2, "1", ["B"])).get_json()["acknowledged"] == 3
    assert client.state().get_json()["answers"]["1"] == {"response": ["C"], "binding": 1, "seq": 3}
    assert client.state().get_json()["acknowledged"] == 3


def test_a_withdrawn_answer_is_stored_and_counts_as_unanswered(world):
    client = world.open()
    client.save((1, "1", ["A"]), (2, "1", []))
    assert client.state().get_json()["answers"]["1"]["response"] == []
    assert client.submit(client.digest({})).status_code == 200
    assert world.all(Receipt)[0].answered == 0


@pytest.mark.parametrize("milliseconds", [-1, 0])
def test_a_save_counts_before_deadline_plus_grace_and_is_kept_uncounted_afterwards(world, clock, milliseconds):
    client = world.open()
    clock.stop_at(world.row().deadline)
    clock.advance(seconds=10, milliseconds=milliseconds)
    answer = client.save((1, "1", ["A"]))
    if milliseconds < 0:
        assert answer.get_json()["acknowledged"] == 1
        return
    assert (answer.status_code, code_of(answer)) == (409, "late")
    client.save((1, "1", ["A"]))
    assert world.count(AnswerStep) == 0
    assert [(step.slot, step.response, step.code) for step in world.all(LateStep)] == [("1", '["A"]', "late")]


def test_after_handing_in_steps_are_kept_uncounted(world):
    client = world.open()
    client.save((1, "1", ["A"]))
    client.submit(client.digest({"1": ["A"]}))
    assert code_of(client.save((1, "1", ["A"]), (2, "1", ["B"]))) == "closed"
    assert [step.seq for step in world.all(LateStep)] == [2]
    assert world.count(AnswerStep) == 1


def test_an_overdue_sitting_reads_as_closed_even_without_the_ticker(world, clock):
    client = world.open()
    client.save((1, "1", ["A"]))
    clock.advance(hours=2)
    assert client.state().get_json()["state"] == "closed"
    assert world.row().state == "open"
    receipt = client.submit("0" * 64).get_json()["receipt"]
    assert receipt["closed_by"] == "clock"
    assert receipt["digest"] == client.digest({"1": ["A"]})


def test_a_second_device_needs_the_release_of_the_invigilator(world, cast, clock):
    first, second = world.open(), world.sit()
    first.save((1, "1", ["A"]))
    for call in (second.start, second.state, lambda: second.save((1, "1", ["B"])), lambda: second.submit("0" * 64)):
        assert code_of(call()) == "other_device"
    with world.app.app_context(), transaction("write") as session:
        sitting = session.get_one(Sitting, world.seats[0].sitting)
        service.release_device(session, cast.actor("invigilator"), clock, sitting)
    begun = second.start().get_json()
    assert (begun["binding"], begun["acknowledged"], begun["answers"]["1"]["response"]) == (2, 0, ["A"])
    assert begun == second.state().get_json()
    assert second.save((1, "1", ["B"]), binding=2).get_json()["acknowledged"] == 1
    assert code_of(first.save((2, "1", ["C"]))) == "other_device"
    assert code_of(first.state()) == "other_device"
    assert second.state().get_json()["answers"]["1"] == {"response": ["B"], "binding": 2, "seq": 1}
    assert [incident.kind for incident in world.all(Incident)] == ["device_change"]


def test_without_an_invigilator_signing_in_again_takes_over_and_is_recorded(app, clock):
    world = make_world(app, mode="window", invigilated=False)
    first = world.open()
    first.save((1, "1", ["A"]))
    second = world.sit()
    assert code_of(first.save((2, "1", ["B"]))) == "other_device"
    state = second.start().get_json()
    assert (state["binding"], state["answers"]["1"]["response"]) == (2, ["A"])
    assert [incident.kind for incident in world.all(Incident)] == ["device_change"]
    assert first.start().get_json()["binding"] == 3


def test_signing_in_again_in_the_same_browser_keeps_the_sitting(world):
    client = world.open()
    assert client.sign_in().status_code == 200
    assert client.save((1, "1", ["A"])).get_json()["acknowledged"] == 1


def test_an_ended_sign_in_can_neither_read_nor_save(world):
    client = world.open()
    stolen = client.client.get_cookie("hengjian").value
    client.post("/candidate/sign-out")
    client.client.set_cookie("hengjian", stolen)
    for call in (client.state, client.start, lambda: client.save((1, "1", ["A"])), lambda: client.submit("0" * 64)):
        answer = call()
        assert (answer.status_code, code_of(answer)) == (401, "signed_out")
    assert world.count(AnswerStep) == 0


def test_a_paused_sitting_takes_nothing_and_goes_on_later(world, cast, clock):
    client = world.open()
    invigilator = cast.actor("invigilator")
    with world.app.app_context(), transaction("write") as session:
        service.pause(session, invigilator, clock, [session.get_one(Sitting, world.seats[0].sitting)], "停电")
    assert client.state().get_json()["state"] == "paused"
    assert code_of(client.save((1, "1", ["A"]))) == "paused"
    assert code_of(client.submit("0" * 64)) == "paused"
    clock.advance(hours=3)
    with world.app.app_context(), transaction("write") as session:
        service.resume(session, invigilator, clock, [session.get_one(Sitting, world.seats[0].sitting)], "来电")
    assert client.state().get_json()["deadline"] == "2026-11-23T07:59:00.000Z"
    assert client.save((1, "1", ["A"])).get_json()["acknowledged"] == 1


def test_a_differing_digest_is_told_what_the_server_holds(world):
    client = world.open()
    client.save((1, "1", ["A"]))
    wished = client.digest({"1": ["A"], "3": ["true"]})
    refused = client.submit(wished)
    assert (refused.status_code, code_of(refused)) == (409, "conflict")
    assert refused.get_json()["error"]["held"] == {"1": {"binding": 1, "seq": 1}}
    assert world.row().state == "open"
    client.save((2, "3", ["true"]))
    assert client.submit(wished).get_json()["receipt"]["digest"] == wished
    assert world.count(Incident) == 0


@pytest.mark.parametrize("final", [True, False])
def test_a_client_that_can_supply_nothing_more_is_closed_by_the_servers_digest(world, final):
    client = world.open()
    client.save((1, "1", ["A"]))
    wished = client.digest({"3": ["true"]})
    if not final:
        assert client.submit(wished).status_code == 409
    closed = client.submit(wished, **({"final": True} if final else {}))
    assert closed.get_json()["receipt"]["digest"] == client.digest({"1": ["A"]})
    assert [incident.kind for incident in world.all(Incident)] == ["digest_mismatch"]


def test_a_step_supplied_in_between_gives_the_client_another_chance(world):
    client = world.open()
    wished = client.digest({"1": ["A"], "3": ["true"]})
    assert client.submit(wished).status_code == 409
    client.save((1, "1", ["A"]))
    assert client.submit(wished).status_code == 409
    assert world.row().state == "open"


def test_nobody_hands_in_before_the_earliest_time(app, clock):
    world = make_world(app, earliest_submission_seconds=1800)
    client = world.open()
    early = client.submit(client.digest({}))
    assert (early.status_code, code_of(early)) == (409, "not_open")
    assert "约 29 分钟后可以交卷" in early.get_json()["error"]["message"]
    clock.advance(minutes=29)
    assert client.submit(client.digest({})).status_code == 200


def test_long_texts_are_stored_at_once_as_a_case_of_many_essays_sends_them(world):
    client = world.open()
    long = client.save(*((seq, "4", ["长" * 200, "文" * 200]) for seq in range(1, 180)))
    assert int(long.request.headers["Content-Length"]) > 200_000
    assert long.get_json()["acknowledged"] == 179


def test_too_much_at_once_is_refused_whole(world):
    client = world.open()
    many = client.save(*((seq, "1", ["A"]) for seq in range(1, 202)))
    assert (many.status_code, code_of(many)) == (413, "too_large")
    large = client.save(*((seq, "4", ["长" * 1000, "长" * 1000]) for seq in range(1, 200)))
    assert (large.status_code, code_of(large)) == (413, "too_large")
    assert client.save(*((seq, "1", ["A"]) for seq in range(1, 201))).get_json()["acknowledged"] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"binding": 1}',
        b'{"binding": true, "steps": []}',
        b'{"binding": "1", "steps": []}',
        b'{"binding": 1, "steps": [1]}',
        b'{"binding": 1, "steps": [{"seq": 0}]}',
        b'{"binding": 1, "steps": [{"seq": 1.5}]}',
        b'{"binding": 1, "steps": [{"seq": 99999999999}]}',
        b'{"binding": 1, "steps": ' + b"[" * 20000 + b"]" * 20000 + b"}",
    ],
)
def test_what_is_not_of_the_agreed_shape_is_refused_with_one_sentence(world, body):
    client = world.open()
    answer = client.client.put(
        f"{client.base}/answers",
        data=body,
        content_type="application/json",
        headers={"X-CSRFToken": client.token()},
    )
    assert (answer.status_code, code_of(answer)) == (422, "bad_response")
    assert world.count(AnswerStep) == 0


def test_a_call_without_the_token_is_refused_as_csrf(world):
    client = world.open()
    answer = client.client.put(f"{client.base}/answers", json={"binding": 1, "steps": []})
    assert (answer.status_code, code_of(answer)) == (400, "csrf")


def test_a_save_without_steps_tells_where_it_stands(world):
    client = world.open()
    client.save((1, "1", ["A"]))
    assert client.save().get_json()["acknowledged"] == 1
    assert code_of(client.save(binding=2)) == "other_device"


def test_a_strangers_sitting_does_not_exist(world, browser, cast):
    mine, other = world.open(), world.seats[1].sitting
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/start", {"commitment": COMMITMENT_DIGEST}),
        ("PUT", "/answers", {"binding": 1, "steps": [{"seq": 1, "slot": "1", "response": ["A"]}]}),
        ("POST", "/submission", {"digest": "0" * 64}),
    ):
        for number in (other, 999_999):
            answer = mine.send(method, f"/api/v1/sittings/{number}{path}", body)
            assert (answer.status_code, code_of(answer)) == (404, "not_found")
        colleague = browser("organizer").send(method, f"{mine.base}{path}", body)
        assert (colleague.status_code, code_of(colleague)) == (401, "signed_out")
    assert world.count(AnswerStep) == 0


def test_wrong_codes_lock_the_number_and_not_the_address(world, clock):
    client = Client(world.app, world, world.seats[0])
    for _ in range(5):
        wrong = client.sign_in(ticket_code="0000-0000-0000")
        assert (wrong.status_code, code_of(wrong)) == (422, "wrong_credentials")
    locked = client.sign_in()
    assert (locked.status_code, code_of(locked)) == (429, "locked_out")
    assert world.sit(1)
    clock.advance(minutes=16)
    assert client.sign_in().status_code == 200


@pytest.mark.parametrize("number", ["20269999", "", "9" * 500, "'; DROP TABLE", "考生", "\x00"])
def test_an_unknown_number_gets_the_same_sentence_as_a_wrong_code(world, number):
    client = Client(world.app, world, world.seats[0])
    wrong = client.sign_in(ticket_code="0000-0000-0000").get_json()
    assert client.sign_in(admission_number=number).get_json() == wrong


def test_nobody_signs_in_before_admission_opens_or_to_an_unpublished_exam(world, clock):
    client = Client(world.app, world, world.seats[0])
    clock.advance(minutes=-40)
    assert code_of(client.sign_in()) == "not_open"
    clock.advance(minutes=40)
    with world.app.app_context(), transaction("write") as session:
        session.get_one(Exam, world.exam).state = "planned"
    assert code_of(client.sign_in()) == "wrong_credentials"


def test_no_save_asks_who_the_user_is(world):
    client = world.open()
    client.save((1, "1", ["A"]))
    token, asked = client.token(), []

    def note(_connection, _cursor, statement, *_others):
        asked.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        body = {"binding": 1, "steps": [{"seq": 2, "slot": "1", "response": ["B"]}]}
        answer = client.client.put(f"{client.base}/answers", json=body, headers={"X-CSRFToken": token})
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.get_json()["acknowledged"] == 2
    assert asked == []


def test_acts_are_audited_by_id_and_never_by_name(world):
    client = world.open()
    client.submit(client.digest({}))
    entries = world.all(AuditEntry)
    assert [entry.action for entry in entries] == ["sign_in", "submitted"]
    assert {entry.actor_kind for entry in entries} == {"candidate"}
    for entry in entries:
        told = json.dumps(entry.details, ensure_ascii=False)
        assert world.seats[0].name not in told
        assert world.seats[0].number not in told


def test_the_description_names_every_endpoint(world):
    client = Client(world.app, world, world.seats[0])
    description = client.get("/api/v1/openapi.json").get_json()
    rules = {
        (method, str(rule).replace("<int:sitting_id>", "{id}"))
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith(("sitting_api.", "api.csrf"))
        for method in rule.methods - {"HEAD", "OPTIONS"}
    } - {("GET", "/api/v1/openapi.json")}
    described = {
        (method.upper(), path)
        for path, calls in description["paths"].items()
        for method in calls
        if method != "parameters"
    }
    assert described == rules
