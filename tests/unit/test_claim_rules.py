"""The offline hand-in's pure parts: the journal's code, what a file may hold, which steps may be proposed; sealing."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from exam.claims.rules import (
    Bounds,
    ClaimedStep,
    NoJournal,
    instant,
    journal_code,
    judge,
    read_code,
    read_journal,
    show_code,
)
from exam.claims.sealing import KeyPair, NoSealedFile, NotForThisKey, make_key_pair, open_file, read_file
from exam.sittings.rules import CODE_ALPHABET
from tests.support.sealing import journal, sealed_file

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BOUNDS = Bounds(START, START + timedelta(hours=1), 2)
PAIR = make_key_pair()
SECOND = make_key_pair()


def canonical(slot: str, response: object) -> str | None:
    return json.dumps(response) if slot in "123" and isinstance(response, list) else None


def step(seq: int, minutes: float = 5, **changes: Any) -> ClaimedStep:
    at = (START + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return replace(ClaimedStep(1, seq, "1", ["A"], at), **changes)


def judged(one: ClaimedStep, stored: dict[tuple[int, int], tuple[str, str]] | None = None) -> str:
    return judge([one], stored or {}, BOUNDS, canonical)[0].judgement


# ---- the code


def test_the_code_is_eight_letters_without_look_alikes_and_always_the_same() -> None:
    plaintext = journal(12, "p", "9f0c", [[1, 1, "1", ["A"], "2026-11-23T04:05:00.000Z"]])
    code = journal_code(plaintext, "9f0c")
    assert code == journal_code(plaintext, "9f0c")
    assert len(code) == 8
    assert set(code) <= set(CODE_ALPHABET)
    assert not set("ILOU") & set(CODE_ALPHABET)
    assert read_code(show_code(code).lower().replace("0", "o").replace("1", "l")) == code


def test_another_answer_another_time_or_another_sitting_gives_another_code() -> None:
    rows = [[1, 1, "1", ["A"], "2026-11-23T04:05:00.000Z"]]
    others = [
        journal(12, "p", "9f0c", [[1, 1, "1", ["B"], "2026-11-23T04:05:00.000Z"]]),
        journal(12, "p", "9f0c", [[1, 1, "1", ["A"], "2026-11-23T04:05:00.001Z"]]),
        journal(13, "p", "9f0c", rows),
        journal(12, "p", "9f0c", []),
    ]
    codes = {journal_code(plaintext, "9f0c") for plaintext in [journal(12, "p", "9f0c", rows), *others]}
    assert len(codes) == 5


@pytest.mark.parametrize("typed", ["", "7K2Q-9XW", "7K2Q-9XW0-1", "UUUU-UUUU", "抄错了", "7K2Q\x009XW0", "1" * 5000])
def test_what_is_no_code_is_read_as_none(typed: str) -> None:
    assert read_code(typed) == ""


@pytest.mark.parametrize("typed", ["7k2q-9xw0", " 7K2Q 9XWO ", "７Ｋ２Ｑ－９ＸＷ０", "7K2Q—9XW0"])
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert read_code(typed) == "7K2Q9XW0"


# ---- what a journal may hold


def test_a_journal_is_read_as_it_was_written() -> None:
    found = read_journal(journal(12, "abc", "9f", [[1, 2, "3", ["党", "𠮷"], "2026-11-23T04:05:00.000Z"]]))
    assert (found.sitting, found.paper, found.nonce) == (12, "abc", "9f")
    assert found.steps == (ClaimedStep(1, 2, "3", ["党", "𠮷"], "2026-11-23T04:05:00.000Z"),)


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"[" * 100_000,
        b'{"v":2,"sitting":1,"paper":"p","nonce":"n","steps":[]}',
        b'{"v":1,"sitting":"1","paper":"p","nonce":"n","steps":[]}',
        b'{"v":1,"sitting":true,"paper":"p","nonce":"n","steps":[]}',
        b'{"v":1,"sitting":1,"paper":"p","nonce":"\xe5\x85\x9a","steps":[]}',
        b'{"v":1,"sitting":1,"paper":"p","nonce":"n","steps":[[1,1,"1",["A"]]]}',
        b'{"v":1,"sitting":1,"paper":"p","nonce":"n","steps":[[0,1,"1",["A"],"x"]]}',
        b'{"v":1,"sitting":1,"paper":"p","nonce":"n","steps":[[1,1.5,"1",["A"],"x"]]}',
        b'{"v":1,"sitting":1,"paper":"p","nonce":"n","steps":[[1,99999999999,"1",["A"],"x"]]}',
        b'{"v":1,"sitting":1,"paper":"p","nonce":"n","steps":[[1,1,1,["A"],"x"]]}',
        b'{"v":1,"sitting":1,"paper":"p","nonce":"n","steps":[[1,1,"1",["A"],"\\u0000"]]}',
        b'{"v":1,"sitting":1,"paper":"p","nonce":"n","steps":[[1,1,"1",["A"],"x"],[1,1,"2",["A"],"x"]]}',
    ],
    ids=range(15),
)
def test_anything_else_is_no_journal(plaintext: bytes) -> None:
    with pytest.raises(NoJournal):
        read_journal(plaintext)


def test_more_steps_than_anybody_makes_are_no_journal() -> None:
    with pytest.raises(NoJournal):
        read_journal(journal(1, "p", "n", [[1, number, "1", [], "x"] for number in range(1, 20_002)]))


@given(st.binary(max_size=300))
def test_no_plaintext_crashes_the_reading(plaintext: bytes) -> None:
    with pytest.raises(NoJournal):
        read_journal(plaintext)


# ---- judgement


def test_only_steps_stamped_between_start_and_deadline_are_proposed() -> None:
    assert judged(step(1)) == "proposed"
    assert judged(step(1, 59.999)) == "proposed"
    assert judged(step(1, 60)) == "too_late"
    assert judged(step(1, 61)) == "too_late"
    assert judged(step(1, -0.05)) == "proposed"
    assert judged(step(1, -1)) == "too_early"


@pytest.mark.parametrize("at", ["", "x", "2026-11-23", "2026-11-23T04:05:00", "9" * 40, "1970-01-01T00:00:00Z"])
def test_a_stamp_that_is_no_instant_of_the_sitting_is_never_proposed(at: str) -> None:
    assert judged(step(1, at=at)) in ("too_late", "too_early")


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    assert instant("2026-11-23T12:05:00+08:00") == START + timedelta(minutes=5)


def test_what_the_server_has_is_known_and_what_contradicts_it_is_never_proposed() -> None:
    stored = {(1, 1): ("1", '["A"]')}
    assert judged(step(1), stored) == "known"
    assert judged(step(1, response=["B"]), stored) == "conflict"
    assert judged(step(1, slot="2"), stored) == "conflict"
    assert judged(step(2), stored) == "proposed"
    assert judged(step(1, binding=2), stored) == "proposed"
    assert judged(step(1, binding=3), stored) == "conflict"


@pytest.mark.parametrize("change", [{"slot": "9"}, {"slot": "../1"}, {"response": "A"}, {"response": None}])
def test_what_no_slot_could_hold_is_unreadable(change: dict[str, Any]) -> None:
    assert judged(step(1, **change)) == "unreadable"


# ---- sealing


def test_a_file_opens_with_its_key_alone() -> None:
    file = read_file(sealed_file(12, b"journal", PAIR.public))
    assert open_file(file, PAIR.private) == b"journal"
    with pytest.raises(NotForThisKey):
        open_file(file, SECOND.private)


@pytest.mark.parametrize("name", ["ephemeral", "iv", "sealed", "sitting"])
def test_a_file_that_was_altered_anywhere_does_not_open(name: str) -> None:
    document = json.loads(sealed_file(12, b"journal", PAIR.public))
    if name == "sitting":
        document[name] = 13
    else:
        changed = bytearray(base64.b64decode(document[name]))
        changed[-1] ^= 1
        document[name] = base64.b64encode(changed).decode()
    with pytest.raises(NotForThisKey):
        open_file(read_file(json.dumps(document).encode()), PAIR.private)


@pytest.mark.parametrize(
    "change",
    [{"hengjian": "x"}, {"v": 2}, {"sitting": "12"}, {"ephemeral": "!"}, {"iv": ""}, {"sealed": None}, {"iv": "é"}],
)
def test_a_file_of_another_shape_is_no_sealed_file(change: dict[str, Any]) -> None:
    document = {**json.loads(sealed_file(12, b"journal", PAIR.public)), **change}
    with pytest.raises(NoSealedFile):
        read_file(json.dumps(document).encode())


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reading_of_a_file(data: bytes) -> None:
    with pytest.raises(NoSealedFile):
        read_file(data)


def test_every_pair_is_of_its_own_and_fits_together() -> None:
    assert isinstance(PAIR, KeyPair)
    assert PAIR.public != SECOND.public
    assert load_der_public_key(base64.b64decode(PAIR.public)) is not None
