"""Our GIFT and Moodle XML as Moodle's own importers read them; what they refuse is told with the item.

Read for this: question/format/xml/format.php, question/format/gift/format.php, question/format.php (importprocess,
match_grade_options, split_category_path) and question/type/*/questiontype.php (save_question_options) of moodle/moodle.
"""

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from lxml import etree

from question_bank.formats.exporting import write_items
from question_bank.formats.read_back import differences
from question_bank.formats.reading import read_report
from question_bank.formats.report import ImportedItem, ImportedOption

BOTH = pytest.mark.parametrize("format_name", ["gift", "moodle-xml"])
_ESCAPED = dict(zip(":#={}~n", ("&&058;", "&&035;", "&&061;", "&&123;", "&&125;", "&&126;", "&&010"), strict=True))


def choice(kind: str, *shares: str | None, key: str = "A") -> ImportedItem:
    options = tuple(
        ImportedOption("ABCDEFGHIJKLM"[place], f"选项{place}", None if share is None else Decimal(share))
        for place, share in enumerate(shares)
    )
    return ImportedItem("row 2", kind, "题", options, tuple(key))


def blank(*shares: str, blanks: int = 1) -> ImportedItem:
    accepted = tuple({"text": f"答{place}", "fraction": share} for place, share in enumerate(shares))
    return ImportedItem("row 2", "fill_blank", "____".join(["空"] * (blanks + 1)), key=(accepted,) * blanks)


@BOTH
@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (choice("single_choice", "1", "0.35"), "35%"),
        (choice("multiple_choice", "0.35", "0.65", "0", key="AB"), "35%、65%"),
        (choice("multiple_choice", "0.5", "0.25", "-1", key="AB"), "相加是 75%"),
        (choice("multiple_choice", *[None] * 12, key="ABCDEFGHIJK"), "9.09091%"),
        (blank("0.5"), "没有得满分的答案"),
        (blank("1", "0.35"), "35%"),
    ],
)
def test_shares_that_moodle_does_not_take_are_told_with_the_item(
    format_name: str, item: ImportedItem, reason: str
) -> None:
    _data, problems = write_items(format_name, [item])
    assert [(problem.ref, problem.column, problem.severity) for problem in problems] == [("row 2", "Moodle", "warning")]
    assert reason in problems[0].reason


@BOTH
@pytest.mark.parametrize(
    "item",
    [
        choice("single_choice", "1", "0.3333333", "-0.1428571"),
        choice("single_choice", None, None),
        choice("multiple_choice", None, None, None, key="ABC"),
        choice("multiple_choice", "0.5", "0.5", "-1", key="AB"),
        blank("1", "0.9", "0.8333333"),
    ],
)
def test_shares_of_the_menus_of_moodle_are_not_told(format_name: str, item: ImportedItem) -> None:
    assert write_items(format_name, [item])[1] == []


def test_in_a_cloze_any_share_may_stand_beside_a_full_one() -> None:
    assert write_items("moodle-xml", [blank("1", "0.35", blanks=2)])[1] == []
    problems = write_items("moodle-xml", [blank("0.35", blanks=2)])[1]
    assert ["没有得满分的答案" in problem.reason for problem in problems] == [True]


@BOTH
def test_a_true_false_item_without_a_key_is_not_written_because_moodle_would_make_true_the_answer(
    format_name: str,
) -> None:
    problems = write_items(format_name, [ImportedItem("row 2", "true_false", "题", scorable=False)])[1]
    assert [(problem.severity, "判断题要有答案" in problem.reason) for problem in problems] == [("error", True)]


def as_moodle(gift: str) -> list[str]:
    """The questions of a GIFT file with their escaped signs put away, as the importer has them when it looks for its marks."""
    questions = re.split(r"\n\s*\n", gift.strip())
    return ["".join(_put_away(question)) for question in questions]


def _put_away(text: str) -> list[str]:
    pieces = re.split(r"(\\[\\:#={}~n])", text)
    return [
        ("\\" if piece[1] == "\\" else _ESCAPED[piece[1]]) if re.fullmatch(r"\\[\\:#={}~n]", piece) else piece
        for piece in pieces
    ]


def test_a_category_reaches_moodle_without_escapes_because_it_takes_none_back_there() -> None:
    item = ImportedItem("", "essay", "题", scorable=False, knowledge_points=("C1: 总则 #2 = ~",))
    data, problems = write_items("gift", [item])
    assert problems == []
    assert as_moodle(data.decode())[0] == "$CATEGORY: $course$/top/C1: 总则 #2 = ~"
    assert read_report(data, "a.gift", "gift").items[0].knowledge_points == item.knowledge_points
    odd = replace(item, knowledge_points=("a{b}\\c",))
    assert read_report(write_items("gift", [odd])[0], "a.gift", "gift").items[0].knowledge_points == ("a{b}\\c",)


@pytest.mark.parametrize("stem", [{"html": "<p>看<b>图</b></p>"}, {"stem": "看  图"}, {}])
def test_texts_of_a_gift_question_name_their_format_where_it_is_not_that_of_the_stem(stem: dict[str, Any]) -> None:
    options = (ImportedOption("A", "1 < 2\n甲", feedback="好\n对"), ImportedOption("B", "<b>", feedback="a  b"))
    item = replace(ImportedItem("", "single_choice", "看图", options, ("A",), rationale="因为\n所以"), **stem)
    data, problems = write_items("gift", [item])
    assert problems == []
    assert differences(item, read_report(data, "a.gift", "gift").items[0]) == []


def test_a_text_that_begins_like_a_share_is_no_share_to_moodle() -> None:
    options = (ImportedOption("A", "%50%的人"), ImportedOption("B", "%25%的人"))
    single = ImportedItem("", "single_choice", "多少", options, ("A",))
    short = ImportedItem("", "fill_blank", "多少____", key=(("%5%", "五"),))
    data, problems = write_items("gift", [single, short])
    assert problems == []
    weight = re.compile(r"[=~]\s*%-*[0-9]{1,2}\.?[0-9]*%")
    assert not any(weight.search(question) for question in as_moodle(data.decode()))
    again = read_report(data, "a.gift", "gift").items
    assert [differences(one, other) for one, other in zip((single, short), again, strict=True)] == [[], []]


# What stands in the file of one gap, and what Moodle makes of each answer: the marks it looks for, the entities and two escapes.
_ALTERNATIVE = re.compile(
    r"~?(=|%(-?[0-9]+(?:[.,][0-9]*)?)%)?(.+?(?<!\\)(?<!&)(?<!&amp;)(?=[~#}]|$))(#(.*?(?<!\\)(?=[~}]|$)))?", re.DOTALL
)


def answers_in_moodle(gap: str) -> list[tuple[str, str, str]]:
    found = []
    while match := _ALTERNATIVE.match(gap):
        said = [unescape(text or "").replace("\\}", "}").replace("\\#", "#") for text in (match[3], match[5])]
        found.append((match[1] or "", *said))
        gap = gap[match.end() :]
    return found


@pytest.mark.parametrize("text", ["a~b", "a#b}c", "c:\\d", "R&D&", "=5", "%50%", "1 < 2", "&lt;", "五*六", "\\~"])
def test_the_answers_of_a_cloze_are_to_moodle_what_they_are_to_us(text: str) -> None:
    wrong = {"text": text, "fraction": "0.00", "case_sensitive": False, "pattern": False}
    item = ImportedItem(
        "", "fill_blank", "甲____乙____丙", key=(("对", wrong), (text,)), feedback=(("blank 1 answer 1", "说~#}"),)
    )
    data, problems = write_items("moodle-xml", [item])
    assert problems == []
    assert differences(item, read_report(data, "a.xml", "moodle-xml").items[0]) == []
    stem = etree.fromstring(data).findtext("question/questiontext/text") or ""
    first, second = re.findall(r"\{1:SHORTANSWER:(.*?)\}(?=[乙丙])", stem)
    starred = text.replace("*", "\\*")
    assert answers_in_moodle(first) == [("=", "对", "说~#}"), ("", starred, "")]
    assert answers_in_moodle(second) == [("=", starred, "")]
