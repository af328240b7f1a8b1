"""What a type is stands in its module, its scorer and its templates; nobody else tells types apart (ADR 0011)."""

import ast
from pathlib import Path

import pytest

from question_bank.item_types.registry import ITEM_TYPES
from tests.architecture.checks import Source, read_sources

ROOT = Path(__file__).resolve().parents[2]
# Formats name types in words of their own; demonstration and mock paper are data; the rest is where a type is stated.
STATED_IN = (
    "question_bank.item_types",
    "question_bank.formats",
    "question_bank.demonstration",
    "exam.readiness.mock_paper",
    "grading.scoring.scorers",
    "grading.scoring.rules",
)
TEMPLATES = ("exam/candidate/_item_{}.html", "question_bank/item_types/{}.html", "print/items/{}.html")


def faults(source: Source) -> list[str]:
    """The lines of a module that name a type."""
    if source.name.startswith(STATED_IN):
        return []
    return [
        f"{source.name}:{node.lineno} tells {node.value} apart"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and node.value in ITEM_TYPES and node.value not in ("case", "description")
    ]


def test_no_module_outside_the_types_tells_them_apart() -> None:
    assert [fault for source in read_sources() for fault in faults(source)] == []


def test_a_module_that_tells_types_apart_is_found() -> None:
    assert faults(Source("question_bank.items.words", 'WORDS = {"true_false": "判断题"}'))


@pytest.mark.parametrize("name", ITEM_TYPES)
def test_every_type_has_its_templates(name: str) -> None:
    for pattern in TEMPLATES:
        assert (ROOT / "templates" / pattern.format(name)).is_file(), pattern


def test_no_shared_template_tells_types_apart() -> None:
    shared = [
        path for path in (ROOT / "templates").rglob("*.html") if path.stem.removeprefix("_item_") not in ITEM_TYPES
    ]
    for path in shared:
        for name in set(ITEM_TYPES) - {"case", "description"}:
            assert f"== '{name}'" not in path.read_text(encoding="utf-8"), f"{path} tells {name} apart"
