"""Marks for GIFT, Moodle XML and Aiken as Moodle gives them: shares added up between none and all, stars, letter case."""

import json
from pathlib import Path

import pytest

from grading.scoring import bank_score
from question_bank.formats.importing import import_report

BANK = Path(__file__).parents[1] / "data" / "bank"
CASES = {
    "every_construct.gift": [
        ("line 6", ["A"], "1.00"),
        ("line 6", ["B"], "0.00"),
        ("line 13", ["A", "B", "C"], "2.00"),
        ("line 13", ["A"], "0.67"),
        ("line 13", ["A", "B", "D"], "0.00"),
        ("line 20", ["A"], "0.50"),
        ("line 20", ["C"], "0.00"),
        ("line 22", ["true"], "1.00"),
        ("line 24", ["true"], "0.00"),
        ("line 26", ["2006"], "1.00"),
        ("line 26", ["二〇〇六"], "0.75"),
        ("line 26", ["2009"], "0.25"),
        ("line 26", ["1993"], "0.00"),
        ("line 28", ["Department"], "1.00"),
        ("line 30", [["组织部", "干部工作"], ["纪委", "招生录取"]], "0.50"),
        ("line 36", "3.141", "1.00"),
        ("line 36", "3.1409", "0.00"),
        ("line 40", "100", "1.00"),
        ("line 40", "98", "0.50"),
        ("line 46", ["论述"], None),
        ("line 62", ["A", "B", "C", "D"], "1.00"),
    ],
    "every_type.moodle.xml": [
        ("question 2", ["B"], "1.00"),
        ("question 3", ["A", "C"], "0.67"),
        ("question 5", ["2006"], "1.50"),
        ("question 5", ["2003年"], "1.13"),
        ("question 5", ["公元前"], "0.00"),
        ("question 6", ["UNIT"], "1.00"),
        ("question 6", ["c*"], "1.00"),
        ("question 6", ["cat"], "0.00"),
        ("question 7", "3.145", "1.00"),
        ("question 7", "3.5", "0.50"),
        ("question 8", [["组织部", "干部工作"], ["纪委", "监督执纪"]], "3.00"),
        ("question 13", [["第 1 空", "平时"], ["第 2 空", "随机"]], "1.00"),
        ("question 18", ["false"], "0.33"),
    ],
    "cloze.moodle.xml": [
        ("question 1", ["平时考核", "专项考核", "Regular"], "3.00"),
        ("question 1", ["平时", "专项考核", "regular"], "1.50"),
        ("question 1", ["", "", "AT&T"], "1.00"),
        ("question 2", [["C"], "16000", ["A", "C"], ["jing}~#€"]], "1.50"),
        ("question 2 part 1", ["B"], "2.00"),
        ("question 2 part 2", "16000", "0.50"),
        ("question 2 part 3", ["A"], "0.50"),
    ],
    "loose_aiken.txt": [("line 1", ["A"], "2.00"), ("line 11", ["A"], "0.00")],
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_response_earns_what_moodle_gives_for_it(name: str) -> None:
    report = import_report(BANK / name, name)
    entries = [bank_score.Entry(name, ref, response) for ref, response, _mark in CASES[name]]
    scored = [one.as_json() for one in bank_score.score_entries(entries, {name: report}, None)]
    assert [one["score"] for one in scored] == [mark for _ref, _response, mark in CASES[name]], json.dumps(
        scored, ensure_ascii=False
    )
