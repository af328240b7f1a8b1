"""Points that only the rules of response processing tell, and numbers that they compare with a tolerance."""

import io
import zipfile
from pathlib import Path

import pytest

from grading.scoring.qti.scoring import best
from question_bank.formats.qti.items import read_items
from question_bank.formats.qti.package import open_package
from question_bank.formats.qti.processed import processed_points
from tests.support.qti import SCORE, as_qti_3, item_xml, processing, response, template

DATA = Path(__file__).parents[1] / "data" / "bank" / "qti"
CHOICES = "".join(f'<simpleChoice identifier="{letter}">{letter}</simpleChoice>' for letter in "ABCD")
ONE = f'<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1">{CHOICES}</choiceInteraction>'
SEVERAL = ONE.replace('maxChoices="1"', 'maxChoices="0"')
RIGHT = '<match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>'
TWO_BLANKS = '<p><textEntryInteraction responseIdentifier="R1"/>和<textEntryInteraction responseIdentifier="R2"/></p>'


def base(value, kind="float"):
    return f'<baseValue baseType="{kind}">{value}</baseValue>'


def sets(value, outcome="SCORE"):
    return f'<setOutcomeValue identifier="{outcome}">{value if "<" in str(value) else base(value)}</setOutcomeValue>'


def adds(value, outcome="SCORE"):
    return sets(f'<sum><variable identifier="{outcome}"/>{base(value)}</sum>', outcome)


def when(test, then, otherwise=""):
    last = f"<responseElse>{otherwise}</responseElse>" if otherwise else ""
    return f"<responseCondition><responseIf>{test}{then}</responseIf>{last}</responseCondition>"


def chosen(letter):
    return f'<member>{base(letter, "identifier")}<variable identifier="RESPONSE"/></member>'


def compared(name, value, outcome="SCORE"):
    return f'<{name}><variable identifier="{outcome}"/>{base(value)}</{name}>'


def told(data):
    report = read_items(data, "题.xml").as_json()
    return report["items"][0], [problem["reason"] for problem in report["problems"]]


def points(rules, cardinality="single", body=ONE, outcomes=SCORE):
    data = item_xml(response("identifier", cardinality, ("A",)), body, processing(rules), outcomes=outcomes)
    first = told(data)[0]["points"]
    assert told(as_qti_3(data))[0]["points"] == first
    return first


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (when(RIGHT, sets(3), sets(0)), "3.00"),
        (when(RIGHT, sets(2)), "2.00"),
        (
            f"<responseCondition><responseIf>{RIGHT}{sets(2)}</responseIf>"
            f"<responseElseIf>{chosen('B')}{sets(1)}</responseElseIf></responseCondition>",
            "2.00",
        ),
        (sets(0) + when(RIGHT, adds("1.5"), sets("-0.5")), "1.50"),
        (when(RIGHT, sets(1)) + when(compared("gte", 1), sets(5), sets(0)), "5.00"),
        (when(RIGHT, sets(1)) + when(compared("gt", "0.5"), sets("0.5")), "0.50"),
        (when(RIGHT, sets(4)) + when(compared("lt", 0), sets(0)), "4.00"),
        (when(RIGHT, sets(2, "RAW")) + sets('<product><variable identifier="RAW"/>' + base(3) + "</product>"), "6.00"),
        (when(RIGHT, sets(0), sets(0)), None),
        (when(chosen("A"), adds(1)) + when(chosen("B"), adds(1)), None),  # one answer cannot be both
        (when(RIGHT, sets('<randomInteger max="3"/>')), None),
        (when(RIGHT, sets(2)) + when("<customOperator/>", adds(1)), None),
    ],
)
def test_the_best_of_the_rules_is_what_an_item_is_worth_where_that_is_beyond_doubt(rules, expected):
    raw = SCORE + SCORE.replace("SCORE", "RAW")
    assert points(rules, outcomes=raw) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (when(chosen("A"), adds(1)) + when(chosen("C"), adds("0.5")) + when(chosen("B"), adds("-1")), "1.50"),
        (when(chosen("A"), adds(1)) + when(f"<not>{chosen('D')}</not>", adds(1)), "2.00"),
        (when(chosen("A"), adds(1)) + when(chosen("A"), adds(1)), None),
        (when(RIGHT, adds(2)) + when(chosen("B"), adds(1)), None),
        (when(RIGHT, sets(2), sets(0)), "2.00"),
    ],
)
def test_several_members_of_one_answer_add_up(rules, expected):
    assert points(rules, "multiple", SEVERAL) == expected


def test_a_stated_maximum_counts_before_what_the_rules_give():
    stated = SCORE.replace("/>", ' normalMaximum="7"/>')
    assert points(when(RIGHT, sets(2)), outcomes=stated) == "7.00"


def test_a_template_says_nothing_of_points():
    assert told(item_xml(response(correct=("A",)), ONE, template("match_correct")))[0]["points"] is None


def _case(rules):
    return _told_case(rules)[0]


def _told_case(rules):
    second = ONE.replace("RESPONSE", "R2").replace("maxChoices", "shuffle='false' maxChoices")
    declared = response("identifier", "single", ("A",), identifier="R1") + response(
        "identifier", "single", ("B",), identifier="R2"
    )
    return told(item_xml(declared, ONE.replace("RESPONSE", "R1") + second, processing(rules)))


def test_each_part_of_several_questions_is_worth_what_its_own_condition_adds():
    ones = [when(RIGHT.replace("RESPONSE", name), adds(worth)) for name, worth in (("R1", 1), ("R2", "2.5"))]
    item = _case("".join(ones))
    assert (item["points"], [part["points"] for part in item["parts"]]) == ("3.50", ["1.00", "2.50"])


def test_parts_that_earn_only_together_share_the_points_which_is_told():
    both = "".join(RIGHT.replace("RESPONSE", name) for name in ("R1", "R2"))
    item, problems = _told_case(when(f"<and>{both}</and>", sets(3)))
    assert (item["points"], [part["points"] for part in item["parts"]]) == ("3.00", ["1.50", "1.50"])
    assert problems == ["各小题的分值没有全部写明，整题 3 分平均分给没有写的小题"]


def test_mappings_added_up_give_the_points_of_the_whole_and_of_its_parts():
    mapping = '<mapping><mapEntry mapKey="A" mappedValue="2"/><mapEntry mapKey="B" mappedValue="1"/></mapping>'
    declared = "".join(response("identifier", identifier=name, extra=mapping) for name in ("R1", "R2"))
    body = ONE.replace("RESPONSE", "R1") + ONE.replace("RESPONSE", "R2")
    rules = sets('<sum><mapResponse identifier="R1"/><mapResponse identifier="R2"/></sum>')
    item = told(item_xml(declared, body, processing(rules)))[0]
    assert (item["points"], [part["points"] for part in item["parts"]]) == ("4.00", ["2.00", "2.00"])


def test_blanks_of_unequal_worth_are_named():
    declared = "".join(response("string", correct=("甲",), identifier=name) for name in ("R1", "R2"))
    rules = "".join(when(RIGHT.replace("RESPONSE", name), adds(worth)) for name, worth in (("R1", 1), ("R2", 3)))
    item, reasons = told(item_xml(declared, TWO_BLANKS, processing(rules)))
    assert (item["type"], item["points"]) == ("fill_blank", "4.00")
    assert reasons == ["各空的分值不同（1、3），本系统各空平均计分"]


BLANK = '<p>约<textEntryInteraction responseIdentifier="RESPONSE"/></p>'


def _measured(test, kind="float", correct="3.14"):
    rules = when(test, sets(2), sets(0))
    return told(item_xml(response(kind, correct=(correct,)), BLANK, processing(rules)))


def _equal(attributes, right='<correct identifier="RESPONSE"/>'):
    return f'<equal {attributes}><variable identifier="RESPONSE"/>{right}</equal>'


@pytest.mark.parametrize(
    ("test", "low", "high"),
    [
        (_equal('toleranceMode="absolute" tolerance="0.01"'), "3.13", "3.15"),
        (_equal('toleranceMode="absolute" tolerance="0.1 0.2"'), "3.04", "3.34"),
        (_equal('toleranceMode="relative" tolerance="10"'), "2.826", "3.454"),
        (_equal('toleranceMode="absolute" tolerance="1"', base(10)), "9", "11"),
        (
            '<and><gte><variable identifier="RESPONSE"/><baseValue baseType="float">3</baseValue></gte>'
            '<lte><variable identifier="RESPONSE"/><baseValue baseType="float">4</baseValue></lte></and>',
            "3",
            "4",
        ),
    ],
)
def test_a_number_with_a_tolerance_is_a_range(test, low, high):
    item, reasons = _measured(test)
    assert (item["type"], item["points"]) == ("numeric", "2.00")
    assert item["key"] == [{"low": low, "high": high, "fraction": "1.00"}]
    assert reasons == []


@pytest.mark.parametrize(
    "test",
    [
        _equal('toleranceMode="absolute" tolerance="0.1" includeUpperBound="false"'),
        _equal('toleranceMode="absolute" tolerance="?"'),
        '<equalRounded roundingMode="decimalPlaces" figures="2"><variable identifier="RESPONSE"/>'
        '<correct identifier="RESPONSE"/></equalRounded>',
    ],
)
def test_a_tolerance_that_no_range_holds_is_named(test):
    item, reasons = _measured(test)
    assert (item["type"], item["key"]) == ("fill_blank", [["3.14"]])
    assert reasons == ["答案按误差范围或舍入后比较，这样写的范围不能保留，只收了写明的答案"]


def test_a_number_that_is_matched_exactly_stays_a_blank():
    for test in (_equal('toleranceMode="exact"'), RIGHT):
        item, reasons = _measured(test)
        assert (item["type"], item["key"], reasons) == ("fill_blank", [["3.14"]], [])


@pytest.mark.parametrize("path", sorted(DATA.glob("*.xml")), ids=lambda path: path.name)
def test_the_points_that_rules_tell_are_those_that_the_right_answer_earns(path):
    (item,) = open_package(path).items
    worth = processed_points(item.root)
    assert worth is None or worth == best(item)


ANSWERED = '<not><isNull><variable identifier="R1"/></isNull></not>'


def test_a_mapping_that_is_asked_only_where_something_was_answered_says_the_points():
    mapped = '<sum><variable identifier="SCORE"/><mapResponse identifier="R1"/></sum>'
    declared = """<responseDeclaration identifier="R1" cardinality="single" baseType="string"><mapping>
        <mapEntry mapKey="宪法" mappedValue="2"/><mapEntry mapKey="法律" mappedValue="1"/></mapping></responseDeclaration>"""
    body = '<p>忠于<textEntryInteraction responseIdentifier="R1"/></p>'
    item, _reasons = told(item_xml(declared, body, processing(when(ANSWERED, sets(mapped)))))
    assert item["points"] == "2.00"
    assert item["key"][0][0] == "宪法"


def constant(name, value):
    stated = f"<value>{value}</value>" if value else "<value/>"
    return (
        f'<templateDeclaration identifier="{name}" cardinality="single" baseType="float">'
        f"<defaultValue>{stated}</defaultValue></templateDeclaration>"
    )


def adds_constant(name):
    return sets(f'<sum><variable identifier="SCORE"/><variable identifier="{name}"/></sum>')


CONSTANTS = constant("EACH_RIGHT", "2") + constant("EACH_WRONG", "-1") + constant("AT_LEAST", "")


def same_text(value):
    return f'<stringMatch caseSensitive="false">{base(value, "string")}<variable identifier="R1"/></stringMatch>'


def test_points_that_an_item_keeps_in_variables_beside_it_are_read_and_those_it_takes_off_are_named():
    rules = when(RIGHT, adds_constant("EACH_RIGHT"), adds_constant("EACH_WRONG"))
    declared = response("identifier", "single", ("A",))
    item, reasons = told(item_xml(declared, ONE, processing(rules), outcomes=SCORE + CONSTANTS))
    assert (item["points"], item["key"]) == ("2.00", ["A"])
    assert reasons == ["评分规则对答错倒扣分，没有读取，按答错不得分"]


def test_texts_that_the_rules_take_for_right_are_answers_and_those_they_give_less_for_are_named():
    right = f"<or>{same_text('一')}{same_text('1')}</or>"
    rules = (
        f"<responseCondition><responseIf>{right}{adds_constant('EACH_RIGHT')}</responseIf>"
        f"<responseElseIf>{same_text('半')}{sets(1)}</responseElseIf>"
        f"<responseElseIf>{same_text('两')}{sets(0)}</responseElseIf></responseCondition>"
    )
    declared = response("string", "single", ("一",), identifier="R1")
    body = '<p>试用期<textEntryInteraction responseIdentifier="R1"/>年</p>'
    item, reasons = told(item_xml(declared, body, processing(rules), outcomes=SCORE + CONSTANTS))
    assert (item["points"], item["key"]) == ("2.00", [["一", "1"]])
    assert reasons == ["评分规则对“半”也给分，给多少没有读取"]


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"'])
def test_an_item_of_the_first_version_is_refused_by_its_name(namespace):
    report = read_items(f"<questestinterop{namespace}><assessment/></questestinterop>".encode(), "卷.xml").as_json()
    assert report["items"] == []
    assert "QTI 1.x" in report["problems"][0]["reason"]


def weighted(items, references, rules):
    """A package of items by name, a test that refers to them, and the rules that the test scores by."""
    test = (
        '<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="t" title="卷"><testPart identifier="p" '
        'navigationMode="linear" submissionMode="individual"><assessmentSection identifier="s" title="一" visible="true">'
        f"{references}</assessmentSection></testPart>{rules and f'<outcomeProcessing>{rules}</outcomeProcessing>'}</assessmentTest>"
    ).encode()
    listed = "".join(f'<resource identifier="{name}" type="imsqti_item_xmlv2p1" href="{name}.xml"/>' for name in items)
    manifest = (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><resources>'
        f'{listed}<resource identifier="t" type="imsqti_test_xmlv2p1" href="t.xml"/></resources></manifest>'
    ).encode()
    parts = {f"{name}.xml": data for name, data in items.items()} | {"t.xml": test, "imsmanifest.xml": manifest}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name, data in parts.items():
            opened.writestr(name, data)
    return stream.getvalue()


def worth(points=None, identifier="a"):
    """An item with a standard template; `points` are what it says it is worth."""
    stated = SCORE.replace("/>", f' normalMaximum="{points}"/>') if points else SCORE
    return item_xml(response(correct=("A",)), ONE, template("match_correct"), identifier, outcomes=stated)


def reference(*weights, href="a.xml", category="", name="i1"):
    inside = "".join(f'<weight identifier="{identifier}" value="{value}"/>' for identifier, value in weights)
    return f'<assessmentItemRef identifier="{name}" href="{href}" category="{category}">{inside}</assessmentItemRef>'


def summed(weight="W", **more):
    narrowed = "".join(f' {name}="{value}"' for name, value in more.items())
    named = f' weightIdentifier="{weight}"' if weight else ""
    variables = f'<testVariables variableIdentifier="SCORE"{named}{narrowed}/>'
    return f'<setOutcomeValue identifier="SCORE"><sum>{variables}</sum></setOutcomeValue>'


@pytest.mark.parametrize(
    ("item", "references", "rules", "expected"),
    [
        (worth(1), reference(("W", 3)), summed(), "3.00"),
        (worth(2), reference(("W", "1.5")), summed(), "3.00"),
        (worth(), reference(("W", 5)), summed(), "5.00"),  # the template gives one point
        (worth(2), reference(("W", 3), ("OTHER", 9)), summed(), "6.00"),
        (worth(2), reference(("W", 3), category="hard"), summed(includeCategory="easy hard"), "6.00"),
        (worth(2), reference(("W", 3)), summed(sectionIdentifier="s"), "6.00"),
        (worth(2), reference(("W", 3)), '<sum><variable identifier="i1.SCORE" weightIdentifier="W"/></sum>', "6.00"),
        (worth(2), reference(("W", 3)) + reference(("W", 3), name="i2"), summed(), "6.00"),
    ],
)
def test_the_weights_that_a_test_multiplies_by_are_points(item, references, rules, expected):
    report = read_items(weighted({"a": item}, references, rules), "包.zip").as_json()
    (read,) = report["items"]
    (problem,) = report["problems"]
    assert read["points"] == expected
    assert (problem["ref"], problem["column"], problem["severity"]) == ("a", "weight", "warning")
    assert f"= {expected[0]} 分" in problem["reason"]


@pytest.mark.parametrize(
    ("item", "references", "rules", "words"),
    [
        (worth(2), reference(("W", 3)), "", "权重 3，试卷的计分规则没有用到它"),
        (worth(2), reference(("W", 3)), summed(""), "没有用到它"),
        (worth(2), reference(("W", 3)), summed(excludeCategory="x").replace("SCORE", "OTHER"), "没有用到它"),
        (worth(2), reference(("W", 3), category="easy"), summed(excludeCategory="easy"), "没有用到它"),
        (worth(2), reference(("W", -1)), summed(), "权重 -1，怎样计分不能确定"),
        (worth(2), reference(("W", "三")), summed(), "权重 三，怎样计分不能确定"),
        (worth(2), reference(("W", 3), ("V", 4)), summed() + summed("V"), "权重 3、4，怎样计分不能确定"),
        (worth(2), reference(("W", 3)) + reference(name="i2"), summed(), "权重不一（3、1）"),
        (item_xml(response(correct=("A",)), ONE, processing(when("<customOperator/>", sets(1)))), reference(("W", 3)), summed(), "没有写分值"),
    ],
)  # fmt: skip
def test_a_weight_that_changes_no_points_is_named(item, references, rules, words):
    report = read_items(weighted({"a": item}, references, rules), "包.zip").as_json()
    told = [problem["reason"] for problem in report["problems"] if problem["column"] == "weight"]
    assert len(told) == 1
    assert words in told[0]
    assert report["items"][0]["points"] == read_items(item, "题.xml").as_json()["items"][0]["points"]


def test_a_reference_without_weight_or_of_weight_one_changes_and_says_nothing():
    for references in (reference(), reference(("W", "1.0")), reference(("V", 1), ("W", 1))):
        report = read_items(weighted({"a": worth(2)}, references, summed()), "包.zip").as_json()
        assert report["problems"] == []
        assert report["items"][0]["points"] == "2.00"


def test_the_parts_of_a_case_are_weighed_as_the_whole_is():
    blanks = TWO_BLANKS.replace("textEntryInteraction", "extendedTextInteraction")
    declared = SCORE.replace("/>", ' normalMaximum="4"/>')
    case = item_xml(
        response("string", identifier="R1") + response("string", identifier="R2"), blanks, outcomes=declared
    )
    report = read_items(weighted({"a": case}, reference(("W", "2.5")), summed()), "包.zip").as_json()
    assert report["items"][0]["points"] == "10.00"
    assert [part["points"] for part in report["items"][0]["parts"]] == ["5.00", "5.00"]
