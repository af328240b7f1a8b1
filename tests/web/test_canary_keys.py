"""Canaries planted in keys, rationales and citations: none of them may sing to a candidate, or in the hall.

The test goes to every address of the URL map with every method, in each state of a sitting: whoever adds a page that
tells a key is found out without having thought of this test.
"""

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from core.accounts.actors import SYSTEM
from core.clock import clock as the_clock
from core.database import transaction
from grading.scoring.jobs import score_waiting
from question_bank.items.extras import Extras
from question_bank.items.models import Item, ItemKey, ItemReview, ItemVersion, SourceCitation
from question_bank.keys import store_key
from question_bank.papers.models import Paper
from question_bank.sources.recording import articles_of
from tests.conftest import Cast
from tests.support.sittings import World, add_slot, make_world

CANARY = "金丝雀"
ALL = frozenset({"GET", "POST", "PUT"})
READING = frozenset({"GET"})
LETTERS = {"single_choice": ["C"], "multiple_choice": ["A", "D"], "true_false": ["true"]}
OTHER_LETTERS = {"single_choice": ["A"], "multiple_choice": ["B", "C"], "true_false": ["false"]}
NUMBER = "31415.92653"  # a canary where nothing but a number may stand
CHOICE: dict[str, Any] = {"stem": "选", "options": [{"label": letter, "text": f"项{letter}"} for letter in "ABC"]}
SIDES: dict[str, Any] = {
    "stem": "配",
    "left": [{"label": number, "text": f"左{number}"} for number in "12"],
    "right": [{"label": letter, "text": f"右{letter}"} for letter in "ABC"],
}
STEM: dict[str, Any] = {"stem": "写"}
# Types with content, key, and another key under which the paper must look the same.
MORE: list[tuple[str, dict[str, Any], list[Any], list[Any]]] = [
    ("numeric", STEM, [{"low": NUMBER, "high": NUMBER}], [{"low": "1", "high": "2"}]),
    ("matching", SIDES, [["1", "C"], ["2", "A"]], [["1", "B"], ["2", "B"]]),
    ("ordering", CHOICE, ["C", "A", "B"], ["A", "B", "C"]),
    ("description", STEM, [], []),
    (
        "case",
        {
            "stem": "材料",
            "parts": [
                {"type": "numeric", "points_hundredths": 50, "content": STEM},
                {"type": "matching", "points_hundredths": 50, "content": SIDES},
                {"type": "fill_blank", "points_hundredths": 50, "content": {"stem": "____", "blanks": 1}},
            ],
        },
        [
            {"key": [{"low": NUMBER, "high": NUMBER}], "rationale": f"{CANARY}小题解析"},
            {"key": [["1", "C"], ["2", "A"]]},
            {"key": [[{"text": f"{CANARY}丙", "fraction": "0.5"}]]},
        ],
        [{"key": [{"low": "1", "high": "2"}]}, {"key": [["1", "B"], ["2", "A"]]}, {"key": [["丁"]]}],
    ),
]
ANSWERS = {"numeric": ["3"], "matching": [["1", "A"]], "ordering": ["B", "A", "C"], "case": [["3"], [], ["错"]]}
# Who may see keys: authors and reviewers by their office; the rest never before an exam is over.
KEYLESS = (
    "organizer", "invigilator", "examiner", "interview_staff", "supervisor", "decision_recorder", "decision_checker",
    "system_admin", "security_admin", "audit_admin", "stranger",
)  # fmt: skip


def _plant(app: Flask) -> None:
    with app.app_context(), transaction("write") as session:
        paper = session.scalars(select(Paper)).one()
        for slot, (kind, content, _key, _other) in enumerate(MORE, 5):
            add_slot(session, paper, slot, kind, content)
        versions = session.scalars(select(ItemVersion).order_by(ItemVersion.id)).all()
        paper.pool = [[one.id for one in versions[:3]], [one.id for one in versions[3:]]]
        keys = LETTERS | {"fill_blank": [[f"{CANARY}甲"], [f"{CANARY}乙"]]} | {kind: key for kind, _c, key, _o in MORE}
        for version in versions:
            session.get_one(Item, version.item_id).current_version_id = version.id
            said = Extras(title=f"{CANARY}标题", feedback=(("correct", f"{CANARY}反馈"),))
            store_key(session, version.id, {"key": keys[version.type]}, f"{CANARY}解析{version.id}", said)
            place = ("公务员法", "2018", "五")
            article = articles_of(session, SYSTEM, the_clock, [place])[place]
            session.add(SourceCitation(version_id=version.id, article_id=article, quotation=f"{CANARY}原文"))
            session.add(
                ItemReview(
                    item_id=version.item_id, version_id=version.id, step="returned", comment=f"{CANARY}审题意见",
                    account_id=None, at=version.created_at,
                )
            )  # fmt: skip


@pytest.fixture
def world(app: Flask, cast: Cast, clock: Any) -> World:
    """A sitting whose keys are canaries; a window long enough to sit in."""
    made = make_world(app)
    _plant(app)
    return made


def _addresses(app: Flask, world: World) -> Iterator[tuple[Rule, str]]:
    ids = {
        "exam_id": world.exam,
        "session_id": world.session,
        "paper_id": world.paper,
        "candidate_id": world.seats[0].candidate,
    }
    ids["sitting_id"] = world.seats[0].sitting
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static") or rule.endpoint.endswith("sign_out"):
            continue
        values: dict[str, Any] = {name: ids.get(name, 1) for name in rule.arguments if name in rule._converters}
        for name, converter in rule._converters.items():
            if type(converter).__name__ == "AnyConverter":
                values[name] = sorted(converter.items)[0]  # type: ignore[attr-defined]
            elif "Id" not in type(converter).__name__:
                values[name] = "1"
        with app.test_request_context():
            yield rule, app.url_for(rule.endpoint, **{**(rule.defaults or {}), **values})


def _text(answer: Any) -> str:
    """Everything that was sent: status line, headers and body, workbooks and packed bodies opened."""
    body = answer.get_data()
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            body = b"\n".join(package.read(name) for name in package.namelist())
    text = body.decode("utf-8", "replace")
    # JSON written with escapes would hide a canary from a plain search.
    text += re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text) if "\\u" in text else ""
    return f"{answer.headers}\n{text}"


def _scan(app: Flask, browser: Any, world: World, moment: str, methods: frozenset[str] = ALL) -> int:
    """Go everywhere with these methods; return how many answers were read."""
    read, headers = 0, {"X-CSRFToken": browser.token()}
    for rule, url in list(_addresses(app, world)):
        for method in sorted((rule.methods or set()) & methods):
            if method == "GET":
                answer = browser.get(url)
            elif rule.endpoint in (
                "sitting_api.submit",
                "accounts.sign_in",
                "admission.sign_in",
                "sitting_api.sign_in",
            ):
                continue  # these change who or where the browser is: the test takes them itself
            else:
                answer = browser.client.open(url, method=method, headers=headers)
            text = _text(answer)
            assert CANARY not in text, f"{moment}: {method} {url} ({rule.endpoint}) tells a key"
            assert NUMBER not in text, f"{moment}: {method} {url} ({rule.endpoint}) tells a number"
            assert "rationale" not in text or rule.endpoint in ("static",), (
                f"{moment}: {method} {url} names a rationale"
            )
            assert answer.status_code < 500, f"{moment}: {method} {url} failed"
            read += 1
    return read


def test_no_answer_to_a_candidate_holds_a_key_at_any_moment(app: Flask, world: World, clock: Any) -> None:
    client = world.sit()
    assert _scan(app, client, world, "admitted") > 100
    assert client.start().status_code == 200
    _scan(app, client, world, "open")
    for seq, (slot, response) in enumerate(
        [("1", ["C"]), ("1", ["Z"]), ("3", ["maybe"]), ("4", [f"{CANARY[:2]}", "错"]), ("9", ["A"]), ("4", {"x": 1})], 1
    ):
        assert CANARY not in _text(client.save((seq, slot, response)))
    given = {str(slot): ANSWERS[kind] for slot, (kind, *_rest) in enumerate(MORE, 5) if kind in ANSWERS}
    for seq, (slot, response) in enumerate(given.items(), 7):
        saved = client.save((seq, slot, response))
        assert saved.get_json()["rejected"] == []
        assert not {CANARY, NUMBER} & set(_text(saved).split('"'))
    digest = client.digest({"1": ["C"], "4": [CANARY[:2], "错"], **given})
    assert CANARY not in _text(client.submit("0" * 64))
    assert CANARY not in _text(client.submit(digest))
    _scan(app, client, world, "handed in")
    clock.stop_at(clock.now() + timedelta(days=1))
    with app.app_context():
        score_waiting(SYSTEM, clock)
    _scan(app, client, world, "scored")


def test_no_choice_of_the_paper_is_marked_as_right(world: World) -> None:
    """Letters cannot be canaries: the paper must look the same whichever option is the key."""

    def look() -> list[str]:
        for cache in ("sitting_pages", "papers"):
            world.app.extensions.pop(cache, None)
        return [_shape(client.get(f"/sittings/{world.seats[0].sitting}")), _shape(client.state())]

    client = world.open()
    before = look()
    with world.app.app_context(), transaction("write") as session:
        for own in session.scalars(select(ItemKey)):
            others = OTHER_LETTERS | {kind: other for kind, _content, _key, other in MORE}
            other = others.get(session.get_one(ItemVersion, own.version_id).type)
            own.key = {"key": other} if other else own.key
    assert look() == before


def _shape(answer: Any) -> str:
    assert answer.status_code == 200
    text = re.sub(r'content="[^"]{40,}"|[\w-]{20,}\.[\w-]{6}\.[\w-]{27}', "", answer.get_data(as_text=True))
    return f"{answer.headers.get('ETag')}\n{text}"


@pytest.mark.parametrize("name", KEYLESS)
def test_no_answer_to_who_does_not_write_items_holds_a_key_while_the_exam_runs(
    app: Flask, world: World, browser: Any, name: str
) -> None:
    assert world.open().save((1, "1", ["A"])).status_code == 200
    assert _scan(app, browser(name), world, name, READING) > 80


def test_the_canaries_are_there_to_be_found(app: Flask, world: World, browser: Any) -> None:
    """The scan would be worth nothing if the canaries could not be seen where they may be."""
    page = browser("reviewer").get("/bank/items/4")
    assert f"{CANARY}甲" in _text(page)
    assert NUMBER in _text(browser("reviewer").get("/bank/items/5"))
    case = _text(browser("reviewer").get("/bank/items/9"))
    assert f"{CANARY}小题解析" in case
    assert f"{CANARY}丙" in case
