"""QTI files in: each kind of interaction, tests, packages and versions; what is not held is named; hostile files end quickly."""

import io
import json
import zipfile

import pytest

from core.archives import MEGABYTE
from question_bank.formats.importing import import_report
from question_bank.formats.qti.detection import looks_like_qti
from question_bank.formats.qti.items import read_items
from tests.support.qti import SCORE, V22, as_qti_3, item_xml, processing, response, template
from tests.unit.test_qti_scores import FOLDER, content

EXPECTED = json.loads((FOLDER / "reports.json").read_text(encoding="utf-8"))
CHOICE = (
    '<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>问</prompt>'
    '<simpleChoice identifier="A">甲</simpleChoice><simpleChoice identifier="B">乙</simpleChoice></choiceInteraction>'
)


def report(data, name="题.xml"):
    return read_items(data, name).as_json()


def only_item(data):
    told = report(data)
    assert [problem for problem in told["problems"] if problem["severity"] == "error"] == []
    (item,) = told["items"]
    return item


def only_problem(data, severity="error"):
    told = report(data)
    (problem,) = [each for each in told["problems"] if each["severity"] == severity]
    return problem


def archive(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return stream.getvalue()


def manifest(*resources):
    listed = "".join(
        f'<resource identifier="r{n}" type="imsqti_item_xmlv2p1" href="{href}"/>' for n, href in enumerate(resources)
    )
    return f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><resources>{listed}</resources></manifest>'


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_is_read_as_expected(name):
    assert report(content(name), name) == EXPECTED[name]


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.endswith(("2.1.xml", "2.2.xml"))])
def test_the_same_in_the_words_of_qti_3_says_the_same(name):
    told = report(as_qti_3(content(name)))
    assert told["items"] == EXPECTED[name]["items"]
    assert [each["severity"] for each in told["problems"]] == [each["severity"] for each in EXPECTED[name]["problems"]]


@pytest.mark.parametrize("name", ["choice_single_2.1.xml", "case_3.0.xml", "package_3.0"])
def test_the_format_is_known_by_the_content(name, tmp_path):
    path = tmp_path / ("文件.zip" if name == "package_3.0" else "文件.xml")
    path.write_bytes(content(name))
    told = import_report(path, path.name)
    assert told.format == "qti"
    assert told.as_json()["items"] == EXPECTED[name]["items"]


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"<?xml version='1.0'?><!-- <quiz> --><qti-assessment-item>", True),
        (b"\xef\xbb\xbf<!DOCTYPE a [<!ENTITY b 'c'>]><a:assessmentTest>", True),
        ("<?xml version='1.0' encoding='utf-16'?><assessmentItem>".encode("utf-16"), True),
        (b"<quiz><assessmentItem>", False),
        (b"<!--" * 4000, False),
        (b"", False),
    ],
)
def test_qti_is_told_from_other_xml_by_its_first_element(head, found):
    assert looks_like_qti(head) is found


@pytest.mark.parametrize(
    ("declared", "most", "kind"),
    [
        ("single", "1", "single_choice"),
        ("multiple", "0", "multiple_choice"),
        ("multiple", "2", "multiple_choice"),
        ("multiple", "1", "single_choice"),
        ("single", "0", "single_choice"),
    ],
)
def test_one_choice_or_several_by_what_may_be_chosen(declared, most, kind):
    body = CHOICE.replace('maxChoices="1"', f'maxChoices="{most}"')
    assert only_item(item_xml(response("identifier", declared, ("A",)), body))["type"] == kind


def test_choices_without_a_limit_are_single():
    body = CHOICE.replace(' maxChoices="1"', "")
    assert only_item(item_xml(response("identifier", "multiple", ("A",)), body))["type"] == "single_choice"


@pytest.mark.parametrize(
    ("outcomes", "extra", "points"),
    [
        (SCORE, "", None),
        (
            '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float" normalMaximum="2.5"/>',
            "",
            "2.50",
        ),
        (
            SCORE
            + '<outcomeDeclaration identifier="MAXSCORE" cardinality="single" baseType="float"><defaultValue><value>4</value>'
            "</defaultValue></outcomeDeclaration>",
            "",
            "4.00",
        ),
        (SCORE, '<mapping upperBound="3"><mapEntry mapKey="A" mappedValue="3"/></mapping>', "3.00"),
        (SCORE, '<mapping><mapEntry mapKey="A" mappedValue="1.5"/></mapping>', "1.50"),
    ],
)
def test_points_are_those_that_the_item_states(outcomes, extra, points):
    rules = template("map_response" if extra else "match_correct")
    data = item_xml(response(correct=("A",), extra=extra), CHOICE, rules, outcomes=outcomes)
    assert only_item(data)["points"] == points


def test_a_mapping_that_the_item_does_not_score_by_states_no_shares():
    extra = '<mapping><mapEntry mapKey="B" mappedValue="5"/></mapping>'
    item = only_item(item_xml(response(correct=("A",), extra=extra), CHOICE, template("match_correct")))
    assert item["key"] == ["A"]
    assert all("fraction" not in option for option in item["options"])


def test_formulas_pictures_and_feedback_reach_the_item():
    body = (
        '<p>设 <m:math xmlns:m="http://www.w3.org/1998/Math/MathML"><m:mfrac><m:mn>1</m:mn><m:mi>x</m:mi></m:mfrac></m:math>'
        ' <object data="图 1.png" type="image/png">示意图</object></p>'
        '<feedbackBlock outcomeIdentifier="F" identifier="f" showHide="show"><p>再想一想</p></feedbackBlock>'
        '<rubricBlock view="candidate"><p>每题一分</p></rubricBlock><rubricBlock view="author scorer"><p>给分说明</p></rubricBlock>'
        + CHOICE
    )
    data = archive(
        **{"imsmanifest.xml": manifest("a/i.xml"), "a/i.xml": item_xml(response(), body), "a/图 1.png": b"png"}
    )
    told = read_items(data, "包.zip").as_json()
    (item,) = told["items"]
    assert item["stem"] == "设 \\(\\frac{1}{x}\\) 示意图\n每题一分\n问"
    assert item["rationale"] == "再想一想\n给分说明"
    assert item["media"] == [{"name": "图 1.png", "bytes": 3}]
    assert '<img src="图 1.png" alt="示意图"/>' in item["html"]
    assert "<math>" in item["html"]


def test_an_adaptive_item_and_a_missing_picture_are_read_with_a_warning():
    data = item_xml(response(correct=("A",)), '<p><img src="x.png" alt=""/></p>' + CHOICE, adaptive="true")
    told = report(data)
    assert [each["column"] for each in told["problems"]] == ["adaptive", "media"]
    assert told["items"][0]["key"] == ["A"]


@pytest.mark.parametrize(
    "name",
    [
        "hotspot",
        "selectPoint",
        "graphicOrder",
        "graphicAssociate",
        "graphicGapMatch",
        "positionObject",
        "drawing",
        "upload",
        "media",
        "custom",
        "portableCustom",
    ],
)
def test_what_we_do_not_hold_is_named_with_its_place(name):
    data = item_xml(response(), f"<p>一</p>\n<{name}Interaction responseIdentifier='RESPONSE'/>", processing="")
    for document in (data, as_qti_3(data)):
        assert report(document)["items"] == []
        problem = only_problem(document)
        assert problem["ref"] == "item"
        assert problem["column"] == f"{name}Interaction"
        assert "第 2 行" in problem["reason"]
        assert problem["mend"]


def test_one_identifier_on_both_sides_of_a_match_means_two_things():
    sides = "".join(
        f'<simpleMatchSet><simpleAssociableChoice identifier="S" matchMax="1">{one}</simpleAssociableChoice>'
        f'<simpleAssociableChoice identifier="T" matchMax="1">{two}</simpleAssociableChoice></simpleMatchSet>'
        for one, two in (("甲", "乙"), ("丙", "丁"))
    )
    body = f'<matchInteraction responseIdentifier="RESPONSE" maxAssociations="2">{sides}</matchInteraction>'
    mapping = '<mapping><mapEntry mapKey="S S" mappedValue="2"/><mapEntry mapKey="T S" mappedValue="-1"/></mapping>'
    item = only_item(item_xml(response("directedPair", "multiple", (), mapping), body, template("map_response")))
    assert (item["key"], item["distractors"], item["points"]) == ([["甲", "丙"]], ["丁"], "2.00")


def test_a_button_that_ends_the_attempt_is_named_beside_the_question():
    body = CHOICE + '<p><endAttemptInteraction responseIdentifier="END" title="提示"/></p>'
    data = item_xml(response(correct=("A",)) + response("boolean", identifier="END"), body)
    assert only_problem(data, "warning")["column"] == "endAttemptInteraction"
    assert report(data)["items"][0]["type"] == "single_choice"


def test_an_item_without_interaction_is_a_description():
    item = only_item(item_xml(body="<p>请阅读说明。</p>"))
    assert (item["type"], item["stem"], item["scorable"]) == ("description", "请阅读说明。", False)


def test_a_test_alone_names_every_item_that_it_lacks():
    data = (
        b'<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="t" title="t"><testPart identifier="p">'
        b'<assessmentSection identifier="s"><assessmentItemRef identifier="i1" href="../../etc/passwd"/>'
        b'<assessmentItemRef identifier="i2" href="b.xml"/></assessmentSection></testPart></assessmentTest>'
    )
    told = report(data)
    assert told["items"] == []
    assert [each["ref"] for each in told["problems"]] == ["i1", "i2"]


def test_a_package_without_a_manifest_is_read_with_a_warning():
    told = read_items(archive(**{"i.xml": item_xml(response(correct=("A",)), CHOICE)}), "包.zip")
    assert [item.path for item in told.items] == ["i.xml"]
    assert [problem.severity for problem in told.problems] == ["warning"]


def test_one_bad_item_of_a_package_does_not_cost_the_others():
    files = {
        "imsmanifest.xml": manifest("a.xml", "b.xml", "../c.xml"),
        "a.xml": b"<assessmentItem",
        "b.xml": item_xml(body=CHOICE),
    }
    told = read_items(archive(**files), "包.zip")
    assert [item.ref for item in told.items] == ["item"]
    assert [problem.ref for problem in told.errors] == ["a.xml", "r2"]


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (DOCTYPE + item_xml(), "DOCTYPE"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + item_xml(), "DOCTYPE"),
        (item_xml()[:-20], "不是合法的 XML"),
        (b"<quiz/>", "不是 QTI"),
        (b"<questestinterop/>", "QTI 1.x"),
        (item_xml(body="<div>" * 300 + "</div>" * 300), "不是合法的 XML"),
        (b"PK\x03\x04" + b"\0" * 60, "已损坏"),
        (archive(**{"../x.xml": b"<a/>"}), "指向外面"),
        (archive(**{"x.xml": b"<a/>"}), "没有 imsmanifest.xml"),
        (archive(**{"imsmanifest.xml": manifest()}), "没有 QTI 试题"),
        (archive(**{"imsmanifest.xml": DOCTYPE + manifest().encode()}), "DOCTYPE"),
        (archive(**{"x.bin": b"\0" * (60 * MEGABYTE)}), "压缩比异常"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_hostile_file_is_refused_with_a_sentence(data, told):
    found = read_items(data, "题.xml")
    assert found.items == []
    assert told in found.problems[0].reason


def test_ten_thousand_choices_are_refused():
    choices = "".join(f'<simpleChoice identifier="C{n}">{n}</simpleChoice>' for n in range(10_000))
    body = f'<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1">{choices}</choiceInteraction>'
    assert "10000 个选项" in only_problem(item_xml(response(), body))["reason"]


def test_a_stimulus_of_the_package_stands_before_the_question():
    stimulus = (
        b'<qti-assessment-stimulus xmlns="urn:x"><qti-stimulus-body>x</qti-stimulus-body></qti-assessment-stimulus>'
    )
    item = as_qti_3(item_xml(response(correct=("A",)), CHOICE, namespace=V22)).replace(
        b"<qti-item-body>", b'<qti-assessment-stimulus-ref identifier="s" href="none.xml"/><qti-item-body>'
    )
    assert "none.xml" in only_problem(item)["reason"]
    assert only_item(item_xml(response(correct=("A",)), CHOICE, processing("")))["stem"] == "问"
    assert read_items(stimulus, "x.xml").items == []
