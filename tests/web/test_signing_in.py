"""The door for accounts: signing in, the lock-out, the forced change of password."""

from sqlalchemy import select

from core.audit.models import AuditEntry
from core.database import db, transaction
from tests.conftest import PASSWORD


def test_a_right_password_opens_the_first_page(cast, browser):
    page = browser("organizer").get("/")
    assert page.status_code == 200
    assert "organizer 姓名" in page.get_data(as_text=True)


def test_a_wrong_password_is_refused_with_one_sentence_and_recorded(app, cast, browser):
    answer = browser().sign_in("organizer", "Wrong-Horse-7")
    assert answer.status_code == 422
    assert "用户名或密码不正确" in answer.get_data(as_text=True)
    with app.app_context(), transaction("read") as session:
        assert session.scalars(select(AuditEntry.action)).all().count("sign_in_failed") == 1


def test_an_unknown_name_gets_the_same_sentence(cast, browser):
    assert "用户名或密码不正确" in browser().sign_in("nobody").get_data(as_text=True)


def test_five_failures_lock_even_the_right_password_out_until_time_has_passed(cast, browser, clock):
    for _ in range(5):
        browser().sign_in("organizer", "Wrong-Horse-7")
    assert browser().sign_in("organizer").status_code == 429
    clock.advance(minutes=16)
    assert browser().sign_in("organizer").status_code == 302


def test_signing_out_ends_the_session_on_the_server(cast, browser):
    window = browser("organizer")
    stolen = window.client.get_cookie("hengjian").value
    window.post("/sign-out")
    window.client.set_cookie("hengjian", stolen)
    assert window.get("/account/password").status_code == 302


def test_an_idle_session_ends(cast, browser, clock):
    window = browser("organizer")
    clock.advance(minutes=29)
    assert window.get("/account/password").status_code == 200
    clock.advance(minutes=29)
    assert window.get("/account/password").status_code == 200
    clock.advance(minutes=31)
    assert window.get("/account/password").status_code == 302


def test_the_first_sign_in_leads_to_a_new_password_and_nowhere_else(app, cast, browser):
    with app.app_context(), transaction("write") as session:
        session.get_one(type(cast.accounts["author"]), cast.accounts["author"].id).must_change_password = True
    window = browser("author")
    assert window.get("/").location == "/account/password"
    weak = window.post("/account/password", {"current": PASSWORD, "new": "short", "again": "short"})
    assert "至少 10 个字符" in weak.get_data(as_text=True)
    done = window.post(
        "/account/password", {"current": PASSWORD, "new": "Brand-New-Horse-8", "again": "Brand-New-Horse-8"}
    )
    assert done.status_code == 302
    assert window.get("/").status_code == 200


def test_a_post_without_the_token_changes_nothing(app, cast, browser):
    window = browser("organizer")
    assert window.client.post("/sign-out").status_code == 400
    assert window.get("/account/password").status_code == 200


def test_a_foreign_address_is_never_a_target_after_signing_in(cast, browser):
    window = browser()
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        answer = window.post(f"/sign-in?next={target}", {"username": "organizer", "password": PASSWORD})
        assert answer.location == "/"


def test_every_answer_carries_the_strict_headers(cast, browser):
    headers = browser().get("/sign-in").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_no_session_is_left_open_by_the_database(app, cast):
    with app.app_context():
        assert db.session.scalar(select(AuditEntry.id).limit(1))
