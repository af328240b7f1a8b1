"""Whatever is recorded in the audit log can be read there in words."""

import ast
from collections.abc import Iterator
from pathlib import Path

from core.audit.words import ACTIONS, OBJECTS

ROOT = Path(__file__).resolve().parents[2]
# Codes put together from a part: every value that the part takes.
PARTS = {
    "item_": ("submitted", "withdrawn", "returned", "published", "retired", "discarded"),
    "time_": ("extra", "pause", "resume"),
}


def recorded(place: int) -> Iterator[str]:
    """Every text that is given to ``record`` at this place: written out, in both branches of a choice, put together."""
    for package in ("core", "question_bank", "exam", "grading"):
        for path in (ROOT / package).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "record" and len(call.args) > place:
                    yield from texts(call.args[place])


def texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        first = next(texts(node.values[0]))
        yield from (first + part for part in PARTS[first])


def test_every_recorded_action_has_a_word() -> None:
    found = set(recorded(3))
    assert len(found) > 80
    assert found <= set(ACTIONS)


def test_every_kind_of_object_has_a_word() -> None:
    found = set(recorded(4))
    assert len(found) > 12
    assert found <= set(OBJECTS)


def test_no_word_stands_for_two_actions() -> None:
    assert len({str(word) for word in ACTIONS.values()}) == len(ACTIONS)
