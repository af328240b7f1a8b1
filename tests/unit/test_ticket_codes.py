"""Ticket codes, receipt codes, the digest of the answers and the candidate's own name."""

import hashlib
import re

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from exam.admission.rules import code_matches, normalised_admission_number, same_name, ticket_code
from exam.sittings.rules import CODE_ALPHABET, answers_digest, canonical_json, normalised_code, receipt_code

SECRET = "a-secret-of-at-least-thirty-two-characters"
numbers = st.integers(1, 2**40)
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(numbers, numbers, st.integers(1, 1000))
def test_a_code_is_three_groups_of_four_letters_that_nobody_confuses(exam, candidate, issue):
    code = ticket_code(SECRET, exam, candidate, issue)
    assert re.fullmatch(f"[{CODE_ALPHABET}]{{4}}(-[{CODE_ALPHABET}]{{4}}){{2}}", code)
    assert not set(code) & set("ILOU")


def test_a_code_can_be_printed_again_and_every_other_ticket_has_another():
    codes = {
        ticket_code(secret, exam, candidate, issue)
        for secret in (SECRET, SECRET + "x")
        for exam in range(1, 6)
        for candidate in range(1, 60)
        for issue in (1, 2)
    }
    assert len(codes) == 2 * 5 * 59 * 2
    assert ticket_code(SECRET, 3, 7, 1) == ticket_code(SECRET, 3, 7, 1)


def test_the_code_is_the_one_that_was_printed_ten_years_ago():
    digest = hashlib.sha256  # an independent computation of HMAC-SHA256, by its definition (RFC 2104)
    key = SECRET.encode().ljust(64, b"\0")
    inner = digest(bytes(byte ^ 0x36 for byte in key) + b"ticket:3:7:1").digest()
    number = int.from_bytes(digest(bytes(byte ^ 0x5C for byte in key) + inner).digest(), "big") >> (256 - 60)
    letters = ""
    for _ in range(12):
        number, index = divmod(number, 32)
        letters = CODE_ALPHABET[index] + letters
    assert ticket_code(SECRET, 3, 7, 1).replace("-", "") == letters


@given(numbers, numbers, st.data())
def test_a_code_typed_carelessly_is_still_the_code(exam, candidate, data):
    code = ticket_code(SECRET, exam, candidate, 1)
    look_alikes = {"0": "0Oo０", "1": "1IiLl１"}
    typed = "".join(
        data.draw(st.sampled_from(look_alikes.get(letter, letter + letter.lower()))) if letter != "-" else
        data.draw(st.sampled_from(["-", "", " ", "－", " - "]))
        for letter in code
    )  # fmt: skip
    assert code_matches(f" {typed}\n", SECRET, exam, candidate, 1)


@pytest.mark.parametrize(
    "typed", ["", "-", "U" * 12, "0" * 11, "0" * 13, "0" * 10_000, "登录码登录码登录码登录码", "\0" * 12]
)
def test_what_is_no_code_matches_nobody(typed):
    assert not code_matches(typed, SECRET, 1, 1, 1)


def test_a_reissue_voids_the_code_before():
    old = ticket_code(SECRET, 1, 1, 1)
    assert code_matches(old, SECRET, 1, 1, 1)
    assert not code_matches(old, SECRET, 1, 1, 2)
    assert not code_matches(old, SECRET, 2, 1, 1)
    assert not code_matches(old, SECRET, 1, 2, 1)


@given(st.integers(0, 2**50 - 1))
def test_a_receipt_code_is_two_groups_of_five_and_survives_being_typed(number):
    code = receipt_code(number)
    assert re.fullmatch(f"[{CODE_ALPHABET}]{{5}}-[{CODE_ALPHABET}]{{5}}", code)
    assert normalised_code(code.lower()) == code.replace("-", "")


responses = st.lists(texts, max_size=4)


@given(st.integers(1, 2**40), texts, texts, st.dictionaries(st.integers(1, 300), responses, max_size=40))
def test_the_digest_is_taken_over_the_rfc_8785_form_of_the_answered_slots_in_numeric_order(
    sitting, paper, nonce, given_
):
    paper, nonce = paper.encode().hex(), nonce.encode().hex()
    answered = [[str(slot), given_[slot]] for slot in sorted(given_) if given_[slot]]
    whole = {"v": 1, "sitting": sitting, "paper": paper, "nonce": nonce, "answers": answered}
    expected = hashlib.sha256(rfc8785.dumps(whole)).hexdigest()
    stored = [(slot, canonical_json(response)) for slot, response in reversed(given_.items())]
    assert answers_digest(sitting, paper, nonce, stored) == expected


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(" 2026 0001 ", "20260001"), ("２０２６ａ", "2026A"), ("", ""), ("考" * 3, ""), ("9" * 33, ""), ("1\0", "")],
)
def test_admission_numbers_are_taken_half_width_and_without_blanks(typed, stored):
    assert normalised_admission_number(typed) == stored


@pytest.mark.parametrize(
    ("typed", "name", "same"),
    [
        ("王 小 明", "王小明", True),
        ("买买提・艾力", "买买提·艾力", True),
        ("王小名", "王小明", False),
        ("", "王小明", False),
        ("  ", "王小明", False),
    ],
)
def test_one_signs_with_the_own_name(typed, name, same):
    assert same_name(typed, name) is same
