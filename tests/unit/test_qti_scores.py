"""Scores of QTI items: by the item's own processing, with all decimals; what cannot be scored says why."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from grading.scoring import bank_score
from grading.scoring.qti.marking import mark_entries
from tests.support.qti import SCORE, V22, as_qti_3, item_xml, processing, response, template

FOLDER = Path(__file__).parent.parent / "data" / "bank" / "qti"
EXPECTED = json.loads((FOLDER / "scores.json").read_text(encoding="utf-8"))


def zipped(folder):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return stream.getvalue()


def content(name):
    path = FOLDER / name
    return zipped(path) if path.is_dir() else path.read_bytes()


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: f"{case['ref']} {case['response']}")
def test_a_response_earns_what_the_item_says(case):
    (told,) = mark_entries(content(case["file"]), [(case["ref"], case["response"])])
    assert told["ref"] == case["ref"]
    assert told["score"] == case["score"]
    if case["score"] is None:
        assert told["reason"].endswith("。")
    else:
        assert told["max"] == case["max"]
        assert told["outcomes"] == case["outcomes"]
        assert case["score"] in told["arithmetic"]


def score(data, given, identifier="item"):
    return mark_entries(data, [(identifier, given)])[0]


def test_both_words_of_qti_give_the_same_marks():
    for case in EXPECTED:
        if case["file"].endswith(("2.1.xml", "2.2.xml")):
            data = content(case["file"])
            entries = [(case["ref"], case["response"])]
            assert mark_entries(as_qti_3(data), entries) == mark_entries(data, entries), case


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"RESPONSE": ["Z"]}, "“Z”不是本题的选项"),
        ({"ANSWER": ["A"]}, "没有作答变量“ANSWER”"),
        ({"RESPONSE": ["A", "B"]}, "只能有一个值"),
        ({"RESPONSE": [{"x": 1}]}, "应写成文本"),
        ("A", "应按作答变量写明"),
    ],
)
def test_a_response_that_does_not_fit_is_refused_in_words(given, reason):
    told = score(content("choice_single_2.1.xml"), given, "choice-1")
    assert told["score"] is None
    assert reason in told["reason"]


@pytest.mark.parametrize(
    ("rules", "outcomes", "reason"),
    [
        ("", None, "没有写明评分方法"),
        (processing('<setOutcomeValue identifier="SCORE"><customOperator/></setOutcomeValue>'), None, "customOperator"),
        (processing("<unknownRule/>"), None, "unknownRule"),
        ('<responseProcessing template="http://example.org/own"/>', None, "不是标准模板"),
        (processing('<setOutcomeValue identifier="SCORE"><null/></setOutcomeValue>'), None, "SCORE 是 NULL"),
        (template("match_correct"), "", "没有名为 SCORE"),
    ],
)
def test_an_item_without_a_mark_says_why(rules, outcomes, reason):
    more = {} if outcomes is None else {"outcomes": outcomes}
    told = score(item_xml(response("string"), processing=rules, **more), {"RESPONSE": ["x"]})
    assert told["score"] is None
    assert reason in told["reason"]


def test_an_outcome_that_nothing_set_is_zero_and_a_default_stands():
    outcomes = (
        '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
        '<outcomeDeclaration identifier="N" cardinality="single" baseType="integer"/>'
        '<outcomeDeclaration identifier="WORD" cardinality="single" baseType="identifier"/>'
        '<outcomeDeclaration identifier="D" cardinality="single" baseType="float"><defaultValue><value>0.5</value>'
        "</defaultValue></outcomeDeclaration>"
        '<outcomeDeclaration identifier="LIST" cardinality="multiple" baseType="integer"/>'
    )
    told = score(item_xml(response("string"), processing=processing("<exitResponse/>"), outcomes=outcomes), {})
    assert told["score"] == "0.00"
    assert told["outcomes"] == {"N": "0", "WORD": None, "D": "0.50", "LIST": None}


def test_the_button_that_nobody_pressed_is_false():
    rules = processing(
        '<responseCondition><responseIf><not><variable identifier="END"/></not><setOutcomeValue identifier="SCORE">'
        '<baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf></responseCondition>'
    )
    body = '<p><endAttemptInteraction responseIdentifier="END" title="提示"/></p>'
    data = item_xml(response("boolean", identifier="END"), body, rules)
    assert score(data, {})["score"] == "1.00"
    assert score(data, {"END": True})["score"] == "0.00"


def test_a_table_of_whole_numbers_is_looked_up():
    outcomes = (
        '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
        '<outcomeDeclaration identifier="GRADE" cardinality="single" baseType="identifier">'
        '<matchTable defaultValue="none"><matchTableEntry sourceValue="1" targetValue="low"/>'
        '<matchTableEntry sourceValue="2" targetValue="high"/></matchTable></outcomeDeclaration>'
    )
    rules = processing('<lookupOutcomeValue identifier="GRADE"><variable identifier="RESPONSE"/></lookupOutcomeValue>')
    data = item_xml(response("integer"), processing=rules, outcomes=outcomes, namespace=V22)
    grades = [score(data, {"RESPONSE": [given]})["outcomes"]["GRADE"] for given in ("1", "2", "3")]
    assert grades == ["low", "high", "none"]
    assert score(data, {})["outcomes"]["GRADE"] == "none"


def test_a_number_typed_into_a_record_tells_how_it_was_written():
    rules = processing(
        '<setOutcomeValue identifier="SCORE"><fieldValue fieldIdentifier="ndp"><variable identifier="RESPONSE"/></fieldValue>'
        "</setOutcomeValue>"
    )
    data = item_xml('<responseDeclaration identifier="RESPONSE" cardinality="record"/>', processing=rules)
    assert score(data, {"RESPONSE": "3.140"})["score"] == "3.00"
    assert score(data, {"RESPONSE": {"ndp": 2}})["score"] == "2.00"


def test_the_arithmetic_of_a_mapping_can_be_checked():
    told = score(content("choice_multiple_2.2.xml"), {"RESPONSE": ["DE", "CAI"]}, "choice-2")
    assert "DE（1.00） + CAI（-1.50） = -0.50，按界限取 0.00" in told["arithmetic"]
    assert "RESPONSE 未作答" in score(content("choice_multiple_2.2.xml"), {}, "choice-2")["arithmetic"]


def test_what_is_no_number_counts_as_not_answered():
    told = score(
        item_xml(response("float", correct=("1",)), processing=template("match_correct")), {"RESPONSE": ["一"]}
    )
    assert told["score"] == "0.00"
    assert "按未作答处理" in told["arithmetic"]
    assert (
        score(item_xml(response("float", correct=("1",)), processing=template("match_correct")), {"RESPONSE": "１.0"})[
            "score"
        ]
        == "1.00"
    )


@pytest.mark.parametrize(
    "rules",
    [
        processing(
            '<setOutcomeValue identifier="SCORE">' + "<repeat numberRepeats='1000'>" * 4 + '<baseValue baseType="float">1'
            "</baseValue>" + "</repeat>" * 4 + "</setOutcomeValue>"
        ),
        processing(
            '<setOutcomeValue identifier="SCORE">' + "<power>" * 100 + '<baseValue baseType="float">9</baseValue>'
            + '<baseValue baseType="float">64</baseValue></power>' * 100 + "</setOutcomeValue>"
        ),
        processing(
            '<setOutcomeValue identifier="SCORE"><patternMatch pattern="((a*)*)*((a|aa)*b){20}"><variable identifier="RESPONSE"/>'
            "</patternMatch></setOutcomeValue>"
        ),
        processing("<responseProcessingFragment>" * 200 + "</responseProcessingFragment>" * 200),
    ],
)  # fmt: skip
def test_processing_that_would_never_end_ends_with_a_sentence(rules):
    told = score(item_xml(response("string"), processing=rules), {"RESPONSE": ["a" * 5000]})
    assert told.get("reason", "。").endswith("。")


@pytest.fixture
def command(tmp_path):
    def run(files, responses):
        given = tmp_path / "responses.json"
        given.write_text(json.dumps(responses), encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        status = bank_score.main([str(file) for file in files], str(given), None, True, out, err)
        return status, json.loads(out.getvalue()), err.getvalue()

    return run


def test_the_command_scores_files_of_several_formats_in_the_order_of_the_input(command, tmp_path):
    package = tmp_path / "包.zip"
    package.write_bytes(content("package_3.0"))
    single = FOLDER / "choice_single_2.1.xml"
    status, told, messages = command(
        [single, package],
        [
            {"file": str(package), "ref": "reading", "response": {"RESPONSE": ["N"]}},
            {"file": str(single), "ref": "choice-1", "response": {"RESPONSE": ["FIVE"]}},
            {"file": str(package), "ref": "nobody", "response": {}},
        ],
    )
    assert status == 1
    assert [one["score"] for one in told] == ["1.50", "1.00", None]
    assert "nobody" in messages


def test_a_declaration_with_an_empty_value_states_none_and_nothing_is_said_of_it():
    empty = """<templateDeclaration identifier="LEAST" cardinality="single" baseType="float"><defaultValue><value/></defaultValue>
        </templateDeclaration>"""
    body = '<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1"><simpleChoice identifier="A">甲</simpleChoice></choiceInteraction>'
    item = item_xml(response(correct=("A",)), body, template("match_correct"), outcomes=SCORE + empty)
    (told,) = mark_entries(item, [("item", {"RESPONSE": ["A"]})])
    assert told["score"] == "1.00"
    assert "不是数字" not in told["arithmetic"]
