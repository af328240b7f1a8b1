"""What we write in QTI 3.0 keeps to the schema of 1EdTech, held in our own words in tests/data/qti/, whatever an item says."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.html import fromstring

from question_bank.formats.exporting import write_items
from question_bank.formats.importing import import_report
from question_bank.formats.qti.item_writing import item_document
from question_bank.formats.qti.items import read_items
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption
from question_bank.item_types.registry import ITEM_TYPES
from tests.support.imported import imported_items
from tests.support.qti import V30
from tests.support.qti_schema import faults, faults_of_item
from tests.unit.test_qti_round_trip import cases, items

BANK = Path(__file__).parents[1] / "data" / "bank"
ONE_OF_EACH = st.tuples(*(imported_items(name) for name in ITEM_TYPES))


def package_of(*written: ImportedItem) -> bytes:
    return write_items("qti", [replace(item, ref=f"Q{place}") for place, item in enumerate(written)])[0]


@settings(max_examples=40)
@given(st.lists(items() | cases(), max_size=4))
def test_whatever_items_are_written_the_package_is_what_the_schemas_say(written: list[ImportedItem]) -> None:
    assert faults(package_of(*written)) == []


@settings(max_examples=15)
@given(ONE_OF_EACH)
def test_an_item_of_each_type_is_what_the_schemas_say(written: tuple[ImportedItem, ...]) -> None:
    assert faults(package_of(*written)) == []


@pytest.mark.parametrize(
    "name",
    ["every_type.moodle.xml", "cloze.moodle.xml", "files.moodle.xml", "every_construct.gift", "qti/case_3.0.xml"],
)
def test_everything_in_the_real_files_is_written_as_the_schemas_say(name: str) -> None:
    # One picture of the file with pictures is named in it and not there.
    found = faults(package_of(*import_report(BANK / name, name).items))
    assert [fault for fault in found if "@@PLUGINFILE@@/none.png" not in fault] == []


# HTML as people and programs bring it: every element that may go out, those that may not, in any order and depth.
WORDS = "a abbr b bdo cite code dfn em i kbd q ruby samp small span strong sub sup var u s del ins font"
BLOCKS = "p div h2 ul ol dl pre blockquote table figure section center"
PARTS = "li dt dd tr td th thead tbody tfoot caption colgroup figcaption rt rp"
FORMULA = "<math><mi>x</mi></math>"
LEAVES = st.sampled_from([
    "文", " ", "____", "<br>", "<hr>", '<img src="图.png">', '<img src="http://x/1.png" width="3em" height="20">', FORMULA, "<col>", "&lt;",
])  # fmt: skip
ATTRIBUTES = st.sampled_from(
    ["", ' id="RESPONSE"', ' class="甲 乙"', ' dir="RTL"', ' href="#1"', ' colspan="two"', ' lang="zh"']
)
HTML = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda name, attribute, inside: f"<{name}{attribute}>{''.join(inside)}</{name}>",
        st.sampled_from(f"{WORDS} {BLOCKS} {PARTS}".split()),
        ATTRIBUTES,
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)
PICTURE = (ImportedMedia("图.png", b"1"),)


@settings(max_examples=150)
@given(HTML, st.booleans())
@example("<b>重<p>点</p></b>", False)
@example("<table><tbody><tr><td>1</td></tr></tbody><tfoot><tr><td>2</td></tr></tfoot></table>", False)
@example(f"<blockquote>引{FORMULA}____</blockquote>", True)
@example("<ul>甲<li>乙</li></ul>", False)
@example("<ruby>汉<rp>(</rp><rt>____</rt></ruby>", True)
def test_whatever_html_an_item_has_the_document_is_what_the_schema_says(html: str, asking: bool) -> None:
    html = html.replace("文", "词____") if asking else html
    blanks = html.count("____") if asking else 0
    item = ImportedItem(
        "", "single_choice", "题", (ImportedOption("A", "甲", html=html),), ("A",), html=html, media=PICTURE
    )
    if blanks:
        item = replace(item, type="fill_blank", stem="题" + "____" * blanks, options=(), key=(("甲",),) * blanks)
    root = etree.fromstring(etree.tostring(item_document(item, "Q")))
    assert faults_of_item(root, {"items/Q/图.png"}) == []
    body = root.find(f"{{{V30}}}qti-item-body")
    for word in ("词", "文", "x", "<"):
        text = "".join(fromstring(f"<div>{html}</div>").itertext())
        assert "".join(body.itertext()).count(word) == text.count(word) * (1 if blanks else 2)
    assert len(list(body.iter(f"{{{V30}}}qti-text-entry-interaction"))) == blanks


def test_what_the_schema_has_no_place_for_goes_and_what_it_says_stays() -> None:
    html = "<p><del>旧</del><ins>新</ins> <a name='x'>处</a></p><b>重<p>点</p></b>"
    item = ImportedItem("", "description", "旧新 处\n重\n点", html=html, scorable=False)
    data, problems = write_items("qti", [replace(item, ref="Q")])
    assert [problem.reason for problem in problems] == ["QTI 3.0 不能完整保存：题干的格式"]
    again = read_items(data, "x.zip").items[0]
    assert again.stem == item.stem
    assert faults(data) == []


def test_a_note_on_a_part_stands_behind_it_because_a_rubric_may_stand_nowhere_but_in_the_body() -> None:
    parts = (
        ImportedItem("", "true_false", "甲", key=("true",), rationale="甲的解析"),
        ImportedItem("", "true_false", "乙", key=("true",)),
        ImportedItem("", "true_false", "丙", key=("true",), rationale="丙的\n解析"),
    )
    data = package_of(ImportedItem("", "case", "材料", parts=parts, rationale="总说明"))
    assert faults(data) == []
    case = read_items(data, "x.zip").items[0]
    assert [part.rationale for part in case.parts] == ["甲的解析", "", "丙的\n解析"]
    assert case.rationale == "总说明"


def test_an_item_that_says_nothing_has_a_body_all_the_same() -> None:
    assert faults(package_of(ImportedItem("", "description", "", scorable=False))) == []


def document(body: str = "<p>题</p>", before: str = "", behind: str = "", **attributes: str) -> etree._Element:
    """A written item with another body, and with more in front of it and behind it."""
    with zipfile.ZipFile(io.BytesIO(package_of(ImportedItem("", "description", "题", scorable=False)))) as archive:
        written = archive.read("items/Q0/item.xml").decode()
    changed = re.sub(r"(<qti-item-body[^>]*>).*(</qti-item-body>)", rf"{before}\1{body}\2{behind}", written)
    root = etree.fromstring(changed.encode())
    for name, value in attributes.items():
        root.set(name, value)
    return root


RESPONSE = '<qti-response-declaration identifier="R" cardinality="single" base-type="string"/>'
ENTRY = '<qti-text-entry-interaction response-identifier="R"/>'
CHOICES = '<qti-choice-interaction response-identifier="R" max-choices="0"><qti-simple-choice identifier="A">甲</qti-simple-choice></qti-choice-interaction>'


def test_the_facts_take_what_is_right() -> None:
    assert faults_of_item(document(), set()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        document("文"),
        document(""),
        document("<p><del>旧</del></p>"),
        document("<p><a>处</a></p>"),
        document("<p>甲<p>乙</p></p>"),
        document("<b>重</b>"),
        document('<p><img src="x"/></p>'),
        document('<p><img src="x" alt="" width="3em"/></p>'),
        document("<ul>甲<li>乙</li></ul>"),
        document("<table><tbody><tr><td/></tr></tbody><tfoot><tr><td/></tr></tfoot></table>"),
        document("<table><tbody/></table>"),
        document('<blockquote><math xmlns="http://www.w3.org/1998/Math/MathML"/></blockquote>'),
        document('<div><qti-rubric-block use="scoring" view="scorer"><qti-content-body/></qti-rubric-block></div>'),
        document('<qti-rubric-block use="rationale" view="scorer"><qti-content-body/></qti-rubric-block>'),
        document('<p id="SCORE">题</p>'),
        document(f"<p>{ENTRY}</p>"),
        document(CHOICES, before=RESPONSE),
        document(behind=RESPONSE),
        document(behind='<qti-response-processing template="https://example.org/match_correct.xml"/>'),
        document(behind='<qti-modal-feedback outcome-identifier="NONE" show-hide="show" identifier="A"/>'),
        document(**{"time-dependent": "perhaps"}),
        document(identifier="1 2"),
    ],
    ids=range(22),
)
def test_the_facts_refuse_what_is_wrong(wrong: etree._Element) -> None:
    assert faults_of_item(wrong, {"items/Q/x"}) != []
