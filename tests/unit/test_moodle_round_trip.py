"""Items written as GIFT, Moodle XML or Aiken and read back: the same items, or a problem that names what was lost."""

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from question_bank.formats.exporting import WRITERS, UnknownWriter, write_items
from question_bank.formats.importing import import_report
from question_bank.formats.read_back import differences
from question_bank.formats.reading import read_report
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption, ImportedSource

BANK = Path(__file__).parents[1] / "data" / "bank"
NASTY = "公务员法考核，。：“”《》ab \\{}=~#:%<>&\"'*/->[]()$\n.12@!＝～⑴"


def texts(alphabet: str = NASTY, most: int = 24) -> st.SearchStrategy[str]:
    """Texts as readers leave them: no surrounding space, no space around line ends, nothing that means a blank or points."""
    return (
        st.text(alphabet, min_size=1, max_size=most)
        .map(lambda text: "\n".join(filter(None, (line.strip() for line in text.split("\n")))))
        .filter(bool)
        .filter(lambda text: "$$" not in text and "\\[" not in text)
    )


TEXT = texts()
LINE = texts(NASTY.replace("\n", ""))
NAME = st.text("公务员法考核、（）ab1", min_size=1, max_size=8)
SHARE = st.sampled_from(["0.25", "0.3333333", "0.50", "0.75", "-0.50", "0.125"]).map(Decimal)
NUMBER = st.decimals(-1000, 1000, places=3).map(lambda value: f"{value.normalize():f}")


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    said = draw(st.lists(TEXT, min_size=2, max_size=8))
    single = draw(st.booleans())
    labels = "ABCDEFGH"[: len(said)]
    key = draw(st.lists(st.sampled_from(labels), min_size=1, max_size=1 if single else len(said), unique=True))
    stated = draw(st.booleans())
    options = []
    for label, text in zip(labels, said, strict=True):
        share = (
            Decimal("1.00") if label in key else draw(st.just(Decimal("0.00")) | SHARE.filter(lambda value: value < 0))
        )
        feedback = draw(st.just("") | TEXT)
        options.append(ImportedOption(label, text, share if stated else None, feedback=feedback))
    kind = "single_choice" if single else "multiple_choice"
    return {"type": kind, "options": tuple(options), "key": tuple(sorted(key))}


@st.composite
def accepted(draw: st.DrawFn) -> Any:
    text = draw(LINE.filter(lambda text: "*" not in text and "->" not in text))
    share = draw(st.just(Decimal("1.00")) | SHARE)
    # A backslash before the star would make it a star that means itself.
    pattern = draw(st.booleans()) and not text.endswith("\\")
    if share == 1 and not pattern:
        return text
    return {"text": text + "*" * pattern, "fraction": f"{share:f}", "case_sensitive": False, "pattern": pattern}


@st.composite
def blanks(draw: st.DrawFn, most: int) -> dict[str, Any]:
    key = draw(st.lists(st.lists(accepted(), min_size=1, max_size=3).map(tuple), min_size=1, max_size=most))
    free = len(key) > 1 and draw(st.booleans())
    return {"type": "fill_blank", "key": tuple(key), "stem": "____".join(["空"] * (len(key) + 1)), "order_free": free}


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    entries = []
    for _ in range(draw(st.integers(1, 3))):
        low, high = sorted(Decimal(draw(NUMBER)) for _ in range(2))
        share = draw(st.just(Decimal("1.00")) | SHARE)
        entries.append({"low": f"{low:f}", "high": f"{high:f}", "fraction": f"{share:f}"})
    said = draw(st.just(()) | TEXT.map(lambda text: (("answer 1", text),)))
    return {"type": "numeric", "key": tuple(entries), "feedback": said}


@st.composite
def pairs(draw: st.DrawFn) -> dict[str, Any]:
    side = LINE.filter(lambda text: "->" not in text)
    key = draw(st.lists(st.tuples(side, side), min_size=2, max_size=5))
    right = {pair[1] for pair in key}
    surplus = draw(st.lists(side.filter(lambda text: text not in right), max_size=2, unique=True))
    return {"type": "matching", "key": tuple(key), "distractors": tuple(surplus)}


@st.composite
def truths(draw: st.DrawFn) -> dict[str, Any]:
    said = [(word, draw(st.just("") | TEXT)) for word in ("true", "false")]
    feedback = tuple(pair for pair in said if pair[1])
    return {"type": "true_false", "key": (draw(st.sampled_from(["true", "false"])),), "feedback": feedback}


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    said = draw(st.lists(TEXT, min_size=2, max_size=6))
    options = tuple(ImportedOption("ABCDEF"[place], text) for place, text in enumerate(said))
    return {"type": "ordering", "options": options, "key": tuple(option.label for option in options)}


CONSTRUCTED = st.sampled_from(["essay", "short_answer"]).map(lambda name: {"type": name, "scorable": False})


@st.composite
def items(draw: st.DrawFn, most_blanks: int, whole: bool = True) -> ImportedItem:
    kinds = [choices(), blanks(most_blanks), numbers(), pairs(), truths(), orders(), CONSTRUCTED]
    content = draw(st.one_of(kinds))
    content.setdefault("stem", draw(TEXT.filter(lambda text: "分" not in text)))
    if not whole:
        return ImportedItem(ref="", points_hundredths=draw(st.integers(1, 5_000)), **content)
    return ImportedItem(
        ref="",
        points_hundredths=draw(st.none() | st.integers(1, 100_000)),
        rationale=draw(st.just("") | TEXT),
        knowledge_points=tuple(draw(st.lists(NAME, max_size=3, unique=True))),
        difficulty=draw(st.sampled_from(["", "易", "中等", "难"])),
        source=draw(st.none() | st.builds(ImportedSource, NAME, NAME, NAME, st.just("") | NAME)),
        tags=tuple(draw(st.lists(NAME, max_size=2, unique=True))),
        title=draw(st.just("") | LINE.map(lambda text: " ".join(text.split()))),
        idnumber=draw(st.just("") | NAME),
        **content,
    )


@st.composite
def cases(draw: st.DrawFn, most_blanks: int) -> ImportedItem:
    parts = tuple(draw(st.lists(items(most_blanks, whole=False), min_size=1, max_size=3)))
    points = sum(part.points_hundredths or 0 for part in parts)
    scorable = all(part.scorable for part in parts)
    note = ImportedItem(ref="", type="description", stem="说明", scorable=False, points_hundredths=0)
    parts = (*parts[:1], note, *parts[1:]) if draw(st.booleans()) else parts
    topic = tuple(draw(st.lists(NAME, max_size=1)))
    return ImportedItem(
        ref="",
        type="case",
        stem=draw(TEXT),
        parts=parts,
        points_hundredths=points,
        knowledge_points=topic,
        scorable=scorable,
    )


def there_and_back(format_name: str, written: list[ImportedItem]) -> None:
    data, problems = write_items(format_name, written)
    report = read_report(data, f"a{WRITERS[format_name].suffix}", format_name)
    # What Moodle itself would refuse comes back to us all the same.
    assert [problem for problem in problems if problem.column != "Moodle"] == []
    assert report.errors == []
    assert [differences(one, other) for one, other in zip(written, report.items, strict=True)] == [[]] * len(written)


@settings(max_examples=40)
@given(st.lists(items(1) | cases(1), min_size=1, max_size=5))
def test_items_written_as_gift_read_back_the_same(written: list[ImportedItem]) -> None:
    there_and_back("gift", written)


@settings(max_examples=40)
@given(st.lists(items(4) | cases(4), min_size=1, max_size=5))
def test_items_written_as_moodle_xml_read_back_the_same(written: list[ImportedItem]) -> None:
    there_and_back("moodle-xml", written)


ODD_TEXT = st.text(max_size=8)
ODD_OPTIONS = st.lists(
    st.builds(ImportedOption, st.sampled_from("ABX1"), ODD_TEXT, html=st.sampled_from(["", "<i>斜</i>"])), max_size=3
)
ODD = st.one_of(
    st.builds(
        lambda kind, options, key: {"type": kind, "options": tuple(options), "key": key},
        st.sampled_from(["single_choice", "multiple_choice", "ordering"]),
        ODD_OPTIONS,
        st.sampled_from([(), ("A",), ("A", "B"), ("Q",)]),
    ),
    ODD_TEXT.map(lambda text: {"type": "fill_blank", "key": ((text, {"text": "b", "case_sensitive": True}),)}),
    st.tuples(ODD_TEXT, ODD_TEXT).map(lambda pair: {"type": "matching", "key": (pair, ("c", "d"))}),
    st.sampled_from(
        [{"type": "description"}, {"type": "case"}, {"type": "fill_blank"}, {"type": "numeric"}, {"type": "unheard"}]
    ),
)


@settings(max_examples=80)
@given(st.sampled_from(sorted(WRITERS)), st.lists(st.builds(
    lambda content, **rest: ImportedItem(ref="row 2", **content, **rest),
    ODD,
    stem=st.text(max_size=12),
    tags=st.lists(ODD_TEXT, max_size=2).map(tuple),
    rationale=ODD_TEXT,
    html=st.sampled_from(["", "<b>粗</b>", "<p>\x00"]),
), max_size=3))  # fmt: skip
def test_whatever_is_written_what_was_lost_is_named_item_by_item(format_name: str, written: list[ImportedItem]) -> None:
    data, problems = write_items(format_name, written)
    left_out = sum(problem.severity == "error" for problem in problems)
    found = read_report(data, f"a{WRITERS[format_name].suffix}", format_name).items if left_out < len(written) else []
    assert len(found) == len(written) - left_out
    if not problems:
        assert [differences(one, other) for one, other in zip(written, found, strict=True)] == [[]] * len(written)
    assert all(problem.ref == "row 2" and problem.reason for problem in problems)


# What Moodle's importer reads of each type without a preset of its own: paths that must exist, and attributes of theirs.
NEEDED = {
    "multichoice": ("single", "answer[@fraction]/text"),
    "truefalse": ("answer[@fraction]/text",),
    "shortanswer": ("usecase", "answer[@fraction]/text"),
    "numerical": ("answer[@fraction]/text", "answer/tolerance"),
    "matching": ("subquestion[@format]/text", "subquestion/answer/text"),
    "ordering": ("layouttype", "selecttype", "selectcount", "gradingtype", "answer[@fraction]/text"),
    "essay": ("responseformat", "graderinfo[@format]/text", "responsetemplate[@format]/text"),
    "description": (),
    "cloze": (),
}


def test_every_type_has_the_elements_that_the_importer_of_moodle_needs() -> None:
    report = import_report(BANK / "every_type.moodle.xml", "a.xml")
    report.items.extend(import_report(BANK / "cloze.moodle.xml", "a.xml").items)
    quiz = etree.fromstring(write_items("moodle-xml", report.items)[0])
    assert quiz.tag == "quiz"
    questions = [one for one in quiz if one.get("type") != "category"]
    assert {one.get("type") for one in questions} == set(NEEDED)
    for one in questions:
        for path in ("name/text", "questiontext[@format]/text", *NEEDED[one.get("type", "")]):
            assert one.find(path) is not None, (one.get("type"), path)
        assert all(text.getparent().tag != "question" for text in one.iter("text"))
        assert {element.get("format") for element in one.iter() if element.get("format")} <= {
            "html",
            "plain_text",
            "moodle_auto_format",
        }


@pytest.mark.parametrize("name", ["every_type.moodle.xml", "cloze.moodle.xml", "files.moodle.xml", "every_construct.gift", "gb18030.gift.txt", "strict_aiken.txt"])  # fmt: skip
def test_everything_in_the_real_files_goes_through_moodle_xml_unchanged(name: str) -> None:
    there_and_back("moodle-xml", import_report(BANK / name, name).items)


@pytest.mark.parametrize("name", ["every_construct.gift", "gb18030.gift.txt", "strict_aiken.txt"])
def test_everything_in_the_real_text_files_goes_through_gift_unchanged(name: str) -> None:
    there_and_back("gift", import_report(BANK / name, name).items)


def test_what_gift_cannot_hold_is_named_with_the_item() -> None:
    items = (
        import_report(BANK / "files.moodle.xml", "a.xml").items
        + import_report(BANK / "cloze.moodle.xml", "a.xml").items
    )
    data, problems = write_items("gift", items)
    told = {(problem.severity, problem.reason) for problem in problems}
    assert ("error", "没有导出：GIFT 不能保存有几个空的填空题") in told
    assert any(severity == "warning" and "图片" in reason for severity, reason in told)
    assert len(read_report(data, "a.gift", "gift").items) == len(items) - sum(
        one.severity == "error" for one in problems
    )


def test_a_picture_and_a_file_come_back_where_they_were() -> None:
    picture, other = ImportedMedia("图 &1.png", b"\x89PNG1"), ImportedMedia("b/c.png", b"\x89PNG2")
    written = ImportedItem(
        ref="",
        type="single_choice",
        stem="看图\n图",
        html='<p>看图</p><p><img src="图 &amp;1.png" alt="图"></p>',
        options=(ImportedOption("A", "丙", html='<img alt="丙" src="b/c.png">'), ImportedOption("B", "乙")),
        key=("A",),
        media=(picture, other),
    )
    there_and_back("moodle-xml", [written])


def test_a_format_in_which_nothing_is_written_is_refused_in_words() -> None:
    with pytest.raises(UnknownWriter, match="不能导出为“pages”"):
        write_items("pages", [])


@pytest.mark.parametrize("format_name", sorted(WRITERS))
def test_a_thousand_items_are_written_in_time_that_grows_with_their_number(format_name: str) -> None:
    options = (ImportedOption("A", "公开、平等、竞争、择优"), ImportedOption("B", "封闭"))
    items = [ImportedItem(f"row {n}", "single_choice", f"第 {n} 题的题干", options, ("A",)) for n in range(1_000)]
    begun = time.process_time()
    assert len(write_items(format_name, items)[0]) > 10_000
    assert time.process_time() - begun < 10


def test_runs_of_spaces_in_the_answers_of_a_cloze_come_back() -> None:
    written = ImportedItem("", "fill_blank", "甲____乙____丙", key=(("a  b",), ("c   d", "c d")))
    there_and_back("moodle-xml", [written])
