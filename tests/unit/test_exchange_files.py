"""Real files of other systems give exactly the items and problems that were worked out for them by hand.

`tests/data/bank/expected/` holds the published JSON. After a change that is meant, `python -m tests.unit.test_exchange_files` writes it
anew; read the difference before committing it.
"""

import json
from pathlib import Path

import pytest

from question_bank.formats.importing import as_published, import_report
from question_bank.item_types.registry import ITEM_TYPES

BANK = Path(__file__).parents[1] / "data" / "bank"
EXPECTED = BANK / "expected"
FILES = (
    "every_construct.gift",
    "gb18030.gift.txt",
    "strict_aiken.txt",
    "loose_aiken.txt",
    "every_type.moodle.xml",
    "cloze.moodle.xml",
    "files.moodle.xml",
)


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_gives_exactly_the_items_that_it_holds(name: str) -> None:
    report = import_report(BANK / name, name)
    expected = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    assert json.loads(as_published([report], [name])) == expected


@pytest.mark.parametrize("name", FILES)
def test_every_item_of_the_real_files_can_be_taken_into_the_bank(name: str) -> None:
    for item in import_report(BANK / name, name).items:
        faults = ITEM_TYPES[item.type].validate(item.content_json(), item.key_json())
        assert [str(fault) for fault in faults if fault.severity == "error"] == []


if __name__ == "__main__":
    for name in FILES:
        text = as_published([import_report(BANK / name, name)], [name])
        (EXPECTED / f"{name}.json").write_text(text + "\n", encoding="utf-8")
