"""What is written as a Word document reads back as the same items, or is said not to."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.read_back import canonical, differences
from question_bank.formats.report import ImportedItem, ImportedOption, ImportedSource
from question_bank.formats.word import read_items
from question_bank.formats.word_writing import write_items
from tests.support import layouts

LAW = ImportedSource(
    "中华人民共和国公务员法", "2018年修订", "第三十六条", "公务员的考核分为平时考核、专项考核和定期考核等方式。"
)
PLAIN = (
    ImportedItem("Q1", "single_choice", "公务员法自（　）起施行。", tuple(ImportedOption(label, text) for label, text in zip("ABC", ("2018年", "2019年", "2020年"), strict=True)),
                 ("B",), 200, "见附则。", ("公务员法",), "易", LAW),
    ImportedItem("Q2", "multiple_choice", "考核方式包括（　）。", tuple(ImportedOption(label, text) for label, text in zip("ABCD", ("平时考核", "专项考核", "定期考核", "抽签"), strict=True)),
                 ("A", "B", "C"), 150),
    ImportedItem("Q3", "true_false", "公务员可以兼职并领取报酬。", key=("false",), points_hundredths=100),
    ImportedItem("Q4", "fill_blank", "考核分为____和____。", key=(("平时考核", "日常考核"), ("定期考核",)), points_hundredths=200),
)  # fmt: skip


def test_a_plain_bank_comes_back_whole() -> None:
    data, problems = write_items(PLAIN)
    assert problems == []
    back = read_items(data, "试题.docx").items
    assert [canonical(item) for item in back] == [canonical(item) for item in PLAIN]


def test_what_has_no_place_in_running_text_is_named_and_the_rest_is_written() -> None:
    matching = ImportedItem("Q9", "matching", "配对。", key=(("甲", "乙"),))
    data, problems = write_items([*PLAIN, matching])
    assert [(p.ref, p.severity) for p in problems] == [("Q9", "error")]
    assert len(read_items(data, "试题.docx").items) == 4


def test_an_item_that_would_be_read_as_something_else_is_not_written() -> None:
    trap = replace(PLAIN[2], ref="Q5", stem="题目如下。\n2. 另一道题\n答案：A")
    data, problems = write_items([PLAIN[0], trap, PLAIN[3]])
    assert [(p.ref, p.severity) for p in problems] == [("Q5", "error")]
    assert [item.stem for item in read_items(data, "试题.docx").items] == [PLAIN[0].stem, PLAIN[3].stem]


@st.composite
def banks(draw: st.DrawFn) -> list[ImportedItem]:
    kinds = ["single_choice", "multiple_choice", "true_false", "fill_blank"]
    found = []
    for number in range(draw(st.integers(1, 6))):
        made = draw(layouts.items(draw(st.sampled_from(kinds))))
        blank = "____" if made.type == "fill_blank" else "（　）"
        found.append(
            ImportedItem(
                f"Q{number}", made.type, made.stem.replace("@", blank),
                tuple(ImportedOption("ABCDEFGH"[place], text) for place, text in enumerate(made.options)),
                tuple(tuple(part) if isinstance(part, list) else part for part in made.key),
                draw(st.sampled_from([100, 150, 200])), made.rationale, (made.knowledge,) if made.knowledge else (),
                made.difficulty,
            )
        )  # fmt: skip
    return found


@settings(max_examples=25)
@given(banks())
def test_whatever_is_not_named_comes_back_as_it_was(bank: list[ImportedItem]) -> None:
    data, problems = write_items(bank)
    named = {problem.ref for problem in problems}
    refused = {problem.ref for problem in problems if problem.severity == "error"}
    written = [item for kind in ("single_choice", "multiple_choice", "true_false", "fill_blank") for item in bank if item.type == kind and item.ref not in refused]  # fmt: skip
    back = read_items(data, "试题.docx").items if written else []
    assert len(back) == len(written)
    for item, again in zip(written, back, strict=True):
        assert item.ref in named or differences(item, again) == []
    assert len(refused) * 4 <= len(bank), problems
