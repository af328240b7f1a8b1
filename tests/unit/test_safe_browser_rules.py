"""Safe Exam Browser's Config Key and request hashes, as its documentation states them."""

import hashlib
import plistlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam.safe_browser.configuration import Asked, as_file, settings_in, settings_of
from exam.safe_browser.rules import (
    Demand,
    Fault,
    KeyFault,
    Shown,
    browser_origin,
    config_key,
    fault_of,
    password_digest,
    read_keys,
    request_hash,
    seb_json,
)

ASKED = Asked(
    "https://exam.example.cn", "/candidate", "/safe-browser/leave", password_digest("quit-quit"), b"\x01" * 32
)
KEY, OTHER = "a" * 64, "b" * 64
URL = "https://exam.example.cn/sittings/7"


def test_seb_json_has_no_white_space_no_escapes_and_sorted_names():
    settings = {
        "showTime": True,
        "URLFilterRules": [{"expression": "a\\.b/*", "action": 1}],
        "urlFilterRegex": False,
        "allowWLAN": 0,
        "allowedDisplays": 1,
        "examKeySalt": b"\x00\xff",
        "启动": '汉"字',
    }
    assert seb_json(settings) == (
        '{"allowedDisplays":1,"allowWLAN":0,"examKeySalt":"AP8=","showTime":true,"urlFilterRegex":false,'
        '"URLFilterRules":[{"action":1,"expression":"a\\.b/*"}],"启动":"汉"字"}'
    )


def test_the_originator_and_empty_dictionaries_are_left_out_and_empty_lists_and_texts_stay():
    assert seb_json({"originatorVersion": "SEB_Win_3.9", "b": {}, "a": [], "c": "", "d": {"e": {}}}) == (
        '{"a":[],"c":"","d":{}}'
    )


def test_the_key_is_the_sha_256_of_the_settings_worked_out_by_hand():
    # printf '{"sendBrowserExamKey":true,"startURL":"https://exam.example.cn/candidate"}' | sha256sum
    settings = {"startURL": "https://exam.example.cn/candidate", "originatorVersion": "x", "sendBrowserExamKey": True}
    assert config_key(settings) == "ce43950effdca779b2c292e86931664ada5a04eca44bdd3017d8feb8d2fd68aa"
    # printf 'https://exam.example.cn/sittings/7%s' KEY | sha256sum, KEY being the line above
    assert (
        request_hash("https://exam.example.cn/sittings/7#q3", config_key(settings))
        == "af4765c61d5033f374a61e7f8ac1497eea37c493a4b2f059923999209ae1cb71"
    )


def test_the_key_of_nothing_is_that_of_an_empty_object():
    # printf '{}' | sha256sum
    assert config_key({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


NAMES = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 2**31) | st.text("ab\\/é中", max_size=5) | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=9,
)


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.randoms())
def test_the_key_survives_the_file_whatever_the_order_of_its_settings(settings: dict[str, Any], chance):
    entries = list(settings.items())
    chance.shuffle(entries)
    written = plistlib.dumps(dict(entries), sort_keys=False)
    assert config_key(plistlib.loads(written)) == config_key(settings)


def test_a_file_holds_what_the_session_asks_for_and_gives_its_key_again():
    settings = settings_of(ASKED)
    held = settings_in(as_file(settings))
    assert held == settings
    assert config_key(held) == config_key(settings)
    assert held["startURL"] == "https://exam.example.cn/candidate"
    assert held["quitURL"] == "https://exam.example.cn/safe-browser/leave"
    assert held["hashedQuitPassword"] == hashlib.sha256(b"quit-quit").hexdigest()
    assert held["sendBrowserExamKey"] is True
    assert [rule["expression"] for rule in held["URLFilterRules"]] == ["exam.example.cn/*"]
    assert as_file(settings).startswith('<?xml version="1.0" encoding="UTF-8"?>')


def test_a_port_stands_in_the_filter_and_another_password_makes_another_key():
    other = Asked("http://10.0.0.8:8000", "/candidate", "/leave", password_digest("quit-quit"), b"\x01" * 32)
    assert settings_of(other)["URLFilterRules"][0]["expression"] == "10.0.0.8:8000/*"
    changed = Asked(other.origin, other.start_path, other.quit_path, password_digest("other-quit"), other.salt)
    assert config_key(settings_of(other)) != config_key(settings_of(changed))


def shown(config=KEY, exam="", path="/sittings/7"):
    return Shown(path, request_hash(URL, config), request_hash(URL, exam) if exam else "")


@pytest.mark.parametrize(
    ("sent", "keys", "fault"),
    [
        ([shown()], (), None),
        ([Shown("/sittings/7")], (), Fault.ABSENT),
        ([], (), Fault.ABSENT),
        ([shown(OTHER)], (), Fault.CONFIGURATION),
        ([Shown("/sittings/7", KEY)], (), Fault.CONFIGURATION),  # the bare key, not hashed over the address
        ([shown(path="/sittings/8")], (), Fault.CONFIGURATION),  # the hash of another address
        ([shown()], (OTHER,), Fault.BROWSER),
        ([shown(exam=KEY)], (OTHER,), Fault.BROWSER),
        ([shown(exam=OTHER)], (KEY, OTHER), None),
        ([shown(OTHER, OTHER)], (OTHER,), Fault.CONFIGURATION),
        ([shown(OTHER), shown()], (), None),  # the request's own headers, then what its page has read
        ([Shown("/sittings/7", "ü" * 64)], (), Fault.CONFIGURATION),
        ([Shown("/sittings/7", request_hash(URL, KEY).upper())], (), None),
    ],
)
def test_a_demand_is_met_by_the_right_hashes_alone(sent, keys, fault):
    assert fault_of(Demand("https://exam.example.cn", KEY, keys), sent) == fault


def test_keys_are_read_one_a_line_in_any_case_and_without_repeats():
    assert read_keys(f" {'AB' * 32}\n\n{'ab' * 32}，{OTHER}\r\n") == ("ab" * 32, OTHER)
    assert read_keys("") == ()


@pytest.mark.parametrize("typed", ["a" * 63, "a" * 65, "g" * 64, "密钥"])
def test_what_is_no_key_is_named(typed):
    with pytest.raises(KeyFault) as found:
        read_keys(f"{KEY}\n{typed}")
    assert found.value.typed == typed


def test_too_many_keys_are_refused():
    with pytest.raises(KeyFault) as found:
        read_keys("\n".join(f"{number:064x}" for number in range(21)))
    assert found.value.typed == ""


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://KaoShi.Example.cn:443", "https://kaoshi.example.cn"),
        ("HTTP://10.0.0.5:80", "http://10.0.0.5"),
        ("https://kaoshi.example.cn:80", "https://kaoshi.example.cn:80"),
        ("http://10.0.0.5:8443", "http://10.0.0.5:8443"),
        ("kaoshi.example.cn:443", "kaoshi.example.cn:443"),
    ],
)
def test_an_origin_is_compared_as_browsers_write_it(typed, origin):
    assert browser_origin(typed) == origin
