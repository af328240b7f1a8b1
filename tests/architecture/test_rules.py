"""The eight rules of the architecture hold, and each check is seen to fail on a planted fault."""

import pytest
from flask import Flask
from sqlalchemy import Column, Float, MetaData, Table

from core.database import Model
from tests.architecture import checks
from tests.architecture.checks import Source, read_sources
from tests.conftest import make_app

# Everything that needs no sign-in. Adding to it is a decision about security.
PUBLIC = {
    "home.index",
    "home.health",
    "accounts.sign_in",
    "api.csrf",
    "admission.sign_in",
    "sitting_api.openapi",
    "sitting_api.sign_in",
    "sittings.bell",
    "sittings.check_receipt",
    "sittings.worker",
    "safe_browser.file",
    "safe_browser.leave",
    "readiness.device_check",
    "readiness.time",
    "mock.sheet",
    "mock.done",
    "mock.csrf",
    "mock.read",
    "mock.save",
    "mock.submit",
}
SOURCES = read_sources()


def test_packages_import_only_to_their_left():
    assert checks.layer_faults(SOURCES) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("core.clock", "import exam.timing"),
        ("question_bank.keys", "from grading.scoring import rules"),
        ("exam.timing", "from wsgi import create_app"),
        ("core.clock", "def now():\n    import datetime"),
    ],
)
def test_an_import_to_the_right_or_hidden_is_found(name, text):
    assert checks.layer_faults([Source(name, text)])


def test_keys_and_names_are_reached_by_their_doors_only():
    assert checks.door_faults(SOURCES) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exam.answers.service", "from question_bank.keys import keys_of_paper"),
        ("exam.answers.service", "from question_bank.items.models import ItemVersion"),
        ("exam.answers.queries", "SQL = 'SELECT key FROM item_keys'"),
        ("question_bank.delivery", "from question_bank.items.models import ItemKey"),
        ("exam.answers.queries", "SQL = 'SELECT extras FROM item_extras'"),
        ("question_bank.delivery", "from question_bank.items.models import ItemExtras"),
        ("grading.scoring.service", "from exam.identities import identities_of_exam"),
        ("grading.outcomes.service", "from exam.sittings.models import Sitting"),
    ],
)
def test_a_way_around_the_doors_is_found(name, text):
    assert checks.door_faults([Source(name, text)])


def test_pure_modules_reach_no_web_no_database_and_no_clock():
    assert checks.purity_faults(SOURCES) == []


@pytest.mark.parametrize(
    "text", ["import sqlalchemy", "from flask import g", "from core.clock import clock", "from core.helper import x"]
)
def test_an_impure_import_is_found_even_behind_another_module(text):
    helper = Source("core.helper", "from sqlalchemy import select\nx = select")
    assert checks.purity_faults([Source("grading.scoring.rules", text), helper])


@pytest.fixture(scope="module")
def bare_app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bare")
    return make_app(f"sqlite:///{folder / 'unused.sqlite3'}", folder)


def test_every_endpoint_states_its_access(bare_app):
    assert checks.access_faults(bare_app, PUBLIC) == []


def test_the_public_list_names_only_endpoints_that_are_public(bare_app):
    assert {name for name in PUBLIC if not bare_app.view_functions[name].access.public} == set()


def test_an_endpoint_without_access_is_found():
    app = Flask(__name__)
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert checks.access_faults(app, PUBLIC)


def test_a_view_that_forgot_its_access_is_refused_to_everybody(bare_app):
    app = make_app(
        "sqlite:///" + str(bare_app.extensions["settings"].instance / "unused.sqlite3"),
        bare_app.extensions["settings"].instance,
    )
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert app.test_client().get("/forgotten").status_code == 404


def test_transactions_end_in_one_place_and_services_know_no_request():
    assert checks.commit_faults(SOURCES) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exam.sittings.service", "def close(session):\n    session.commit()"),
        ("exam.sittings.service", "from flask import request"),
        ("exam.sittings.service", "from flask_login import current_user"),
        ("exam.sittings.views", "from core.direct import rows"),
    ],
)
def test_a_commit_or_a_request_in_the_wrong_place_is_found(name, text):
    assert checks.commit_faults([Source(name, text)])


def test_every_service_that_writes_for_an_actor_records_it():
    assert checks.audit_faults(SOURCES) == []


def test_a_service_that_writes_without_a_record_is_found():
    planted = "def extend(session, actor, clock):\n    session.add(TimeChange())"
    assert checks.audit_faults([Source("exam.invigilation.service", planted)])


def test_state_moves_by_conditional_update():
    assert checks.concurrency_faults(SOURCES) == []


@pytest.mark.parametrize(
    "text", ["sitting.state = 'closed'", "select(Sitting).with_for_update()", "SQL = 'SELECT 1 FOR UPDATE'"]
)
def test_an_assigned_state_or_a_lock_is_found(text):
    assert checks.concurrency_faults([Source("exam.sittings.service", text)])


def test_history_is_only_appended():
    assert checks.history_faults(SOURCES) == []


@pytest.mark.parametrize("text", ["update(AnswerStep).values(response='')", "session.execute(delete(PaperScore))"])
def test_rewritten_history_is_found(text):
    assert checks.history_faults([Source("grading.scoring.service", text)])


def test_no_float_decides():
    assert checks.exactness_faults(SOURCES, Model.metadata) == []


def test_a_float_is_found_in_code_and_in_a_column():
    planted = MetaData()
    Table("scores", planted, Column("total", Float))
    assert checks.exactness_faults([], planted)
    for text in ("cut = 59.5", "x = float('1')", "x = round(y, 2)"):
        assert checks.exactness_faults([Source("grading.outcomes.rules", text)], MetaData())
