"""A cookie and a token that were found good are known by the process; nothing else becomes good by that."""

import time

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from itsdangerous import BadSignature, SignatureExpired

from core.kept import Kept
from core.web import cookies
from core.web.cookies import CookieSessions, KnownCookies, KnownTokens, token_of_session

HOUR = 3600


@pytest.fixture
def app() -> Flask:
    """Sessions and tokens as ours, and nothing else."""
    app = Flask("cookies")
    app.config.update(SECRET_KEY="s" * 40, WTF_CSRF_TIME_LIMIT=None)
    app.session_interface = CookieSessions(app)
    KnownTokens(app)
    app.add_url_rule("/token", "token", token_of_session)

    @app.post("/act")
    def act() -> dict[str, object]:
        session["acts"] = [*session.get("acts", []), len(session.get("acts", []))]
        return {"acts": session["acts"]}

    return app


def signer() -> KnownCookies:
    return KnownCookies("secret", salt="cookie")


def token_of(browser: FlaskClient) -> dict[str, str]:
    return {"X-CSRFToken": browser.get("/token").get_data(as_text=True)}


def test_a_cookie_says_the_same_however_often_it_is_read():
    mine = signer()
    written = mine.dumps({"name": "甲", "paper": [1, "a", None]})
    assert (
        mine.loads(written, max_age=HOUR) == signer().loads(written, max_age=HOUR) == mine.loads(written, max_age=HOUR)
    )


def test_what_a_request_does_to_its_session_is_not_seen_by_the_next():
    mine, data = signer(), {"paper": [1, 2]}
    written = mine.dumps(data)
    data["paper"].append(3)
    mine.loads(written, max_age=HOUR)["paper"].append(4)
    mine.loads(written, max_age=HOUR)["more"] = 5
    assert mine.loads(written, max_age=HOUR) == {"paper": [1, 2]}


def test_values_that_could_change_within_are_unpacked_each_time():
    mine = signer()
    written = mine.dumps({"deep": [{"a": 1}], "wide": {"b": [2]}})
    mine.loads(written, max_age=HOUR)["deep"][0]["a"] = 9
    assert mine.loads(written, max_age=HOUR) == {"deep": [{"a": 1}], "wide": {"b": [2]}}


def test_a_known_cookie_grows_too_old_like_any_other(monkeypatch):
    mine = signer()
    written = mine.dumps({"a": 1})
    assert mine.loads(written, max_age=HOUR) == {"a": 1}
    later = time.time() + HOUR + 2
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(SignatureExpired):
        mine.loads(written, max_age=HOUR)


def test_a_forged_cookie_is_refused_beside_the_good_one():
    mine = signer()
    written = mine.dumps({"candidate": 1})
    assert mine.loads(written, max_age=HOUR)
    other = KnownCookies("another secret", salt="cookie").dumps({"candidate": 2})
    # The first sign of the signature: not every bit of the last one counts.
    head, _dot, signature = written.rpartition(".")
    tampered = f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    for forged in (other, tampered, ""):
        for _twice in range(2):
            with pytest.raises(BadSignature):
                mine.loads(forged, max_age=HOUR)


def test_a_session_goes_on_from_request_to_request(app):
    browser = app.test_client()
    token = token_of(browser)
    assert [browser.post("/act", headers=token).json["acts"] for _ in range(3)] == [[0], [0, 1], [0, 1, 2]]


def test_a_token_is_good_for_its_own_session_alone(app):
    mine, others = app.test_client(), app.test_client()
    token, theirs = token_of(mine), token_of(others)
    for _twice in range(2):
        assert mine.post("/act", headers=token).status_code == 200
        assert mine.post("/act", headers=theirs).status_code == 400
        assert mine.post("/act", headers={"X-CSRFToken": "é"}).status_code == 400
        assert mine.post("/act").status_code == 400
        assert app.test_client().post("/act", headers=token).status_code == 400


def test_a_session_keeps_its_token(app):
    browser = app.test_client()
    assert token_of(browser) == token_of(browser)


@pytest.mark.parametrize(
    ("referrer", "status"),
    [("https://exam.test/page", 200), ("https://evil.test/page", 400), ("http://exam.test/page", 400), (None, 400)],
)
def test_a_known_token_does_not_let_in_another_origin(app, referrer, status):
    browser = app.test_client()
    at_home = {"base_url": "https://exam.test"}
    token = {"X-CSRFToken": browser.get("/token", **at_home).get_data(as_text=True)}
    assert browser.post("/act", headers=token | {"Referer": "https://exam.test/"}, **at_home).status_code == 200
    headers = token | ({"Referer": referrer} if referrer else {})
    assert browser.post("/act", headers=headers, **at_home).status_code == status


def test_what_was_asked_for_longest_ago_is_forgotten_first():
    kept: Kept[str, int] = Kept(2)
    kept.keep("a", 1)
    kept.keep("b", 2)
    assert kept.get("a") == 1
    kept.keep("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


def test_more_cookies_than_are_known_are_read_all_the_same(monkeypatch):
    monkeypatch.setattr(cookies, "MOST", 2)
    mine = signer()
    written = [mine.dumps({"n": number}) for number in range(5)]
    assert [mine.loads(one, max_age=HOUR)["n"] for one in written] == list(range(5))
