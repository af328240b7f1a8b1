"""Administration of accounts: three administrators, none of whom may do the others' work."""

import io

import pytest
from sqlalchemy import select

from core.accounts.models import Account
from core.database import transaction
from core.spreadsheets import write_sheet
from tests.conftest import Browser


def a_file(rows, columns=("用户名", "姓名", "单位")):
    stream = io.BytesIO()
    write_sheet(stream, "账号", list(columns), rows)
    return io.BytesIO(stream.getvalue()), "账号.xlsx"


def text(answer):
    return answer.get_data(as_text=True)


def test_the_system_administrator_opens_an_account_and_sees_its_password_once(app, cast, browser):
    window = browser("system_admin")
    page = window.post("/accounts/new", {"username": "Zhang.San", "name": "张三", "unit": "市委组织部"})
    password = text(page).split("<code>")[1].split("</code>")[0]
    assert Browser(app).sign_in("zhang.san", password).status_code == 302
    with app.app_context(), transaction("read") as session:
        assert session.scalar(select(Account.must_change_password).where(Account.username == "zhang.san"))


def test_a_taken_username_is_refused_beside_its_field_and_what_was_typed_stays(cast, browser):
    page = browser("system_admin").post("/accounts/new", {"username": "organizer", "name": "张三", "unit": ""})
    assert page.status_code == 409
    assert "已被使用" in text(page)
    assert "张三" in text(page)


def test_only_the_security_administrator_gives_roles(cast, browser):
    stranger = cast.accounts["stranger"].id
    assert browser("system_admin").post(f"/accounts/{stranger}/roles", {"roles": ["examiner"]}).status_code == 403
    window = browser("security_admin")
    assert window.post(f"/accounts/{stranger}/roles", {"roles": ["examiner"]}).status_code == 302
    assert "考官" in text(window.get(f"/accounts/{stranger}"))


def test_two_administrators_in_one_person_are_refused(cast, browser):
    stranger = cast.accounts["stranger"].id
    window = browser("security_admin")
    page = window.post(f"/accounts/{stranger}/roles", {"roles": ["system_admin", "audit_admin"]})
    assert page.status_code == 409
    assert "三员分设" in text(page)
    mixed = window.post(f"/accounts/{stranger}/roles", {"roles": ["system_admin", "organizer"]})
    assert mixed.status_code == 409


def test_nobody_changes_their_own_roles_or_closes_their_own_account(cast, browser):
    own = cast.accounts["security_admin"].id
    page = browser("security_admin").post(f"/accounts/{own}/roles", {"roles": ["security_admin"]})
    assert page.status_code == 409
    system = cast.accounts["system_admin"].id
    assert browser("system_admin").post(f"/accounts/{system}/close").status_code == 409


def test_closing_an_account_ends_its_sessions(cast, browser):
    theirs = browser("organizer")
    browser("system_admin").post(f"/accounts/{cast.accounts['organizer'].id}/close")
    assert theirs.get("/account/password").status_code == 302
    assert theirs.sign_in("organizer").status_code == 422


def test_a_spreadsheet_is_checked_first_and_then_opened_whole(app, cast, browser):
    window = browser("system_admin")
    page = window.post("/accounts/import", {"file": a_file([["li.si", "李四", "市纪委"], ["wang.wu", "王五", ""]])})
    assert "导入 2 个账号" in text(page)
    with app.app_context(), transaction("read") as session:
        assert session.scalar(select(Account.id).where(Account.username == "li.si")) is None
    token = text(page).split("/accounts/import/")[1].split('"')[0]
    done = window.post(f"/accounts/import/{token}")
    assert text(done).count("<code>") == 2
    again = window.post(f"/accounts/import/{token}")
    assert again.status_code == 422


def test_one_bad_row_keeps_the_whole_spreadsheet_out_and_is_named(cast, browser):
    rows = [
        ["li.si", "李四", ""],
        ["li.si", "李四二", ""],
        ["organizer", "重名", ""],
        ["坏 名", "某某", ""],
        ["ok", "", ""],
    ]
    page = browser("system_admin").post("/accounts/import", {"file": a_file(rows)})
    assert page.status_code == 422
    for words in ("与第 2 行的用户名", "已被使用", "不合规则", "姓名为空"):
        assert words in text(page)
    assert "/accounts/import/" not in text(page).replace('action="/accounts/import"', "")


def test_a_file_that_is_no_spreadsheet_gets_one_sentence(cast, browser):
    page = browser("system_admin").post("/accounts/import", {"file": (io.BytesIO(b"%PDF-1.7"), "账号.xlsx")})
    assert page.status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/accounts",
        "/accounts/new",
        "/accounts/import",
        "/accounts/template.xlsx",
        "/audit",
        "/audit/verification",
        "/audit/export.xlsx",
    ],
)
def test_colleagues_are_refused_and_strangers_sent_to_the_door(cast, browser, path):
    assert browser("organizer").get(path).status_code == 403
    assert browser("stranger").get(path).status_code == 403
    assert browser().get(path).status_code == 302


def test_the_audit_administrator_reads_exports_and_verifies_the_log(cast, browser):
    window = browser("audit_admin")
    assert "account_created" in text(window.get("/audit"))
    assert "account_created" not in text(window.get("/audit?action=sign_in")).split("<tbody>")[1]
    assert window.get("/audit/export.xlsx").data[:2] == b"PK"
    assert "audit_exported" in text(window.get("/audit"))
    assert "审计链完整" in text(window.get("/audit/verification"))


def test_the_list_finds_by_words_role_and_state(cast, browser):
    window = browser("system_admin")
    assert "second_organizer" in text(window.get("/accounts?q=second_org"))
    listed = text(window.get("/accounts?role=none")).split("<tbody>")[1]
    assert "stranger" in listed
    assert "examiner" not in listed
