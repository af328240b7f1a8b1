"""Items written as a QTI 3 package and read back: the same items; right answers earn the points; what is lost is named."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.scoring.qti.marking import mark_entries
from question_bank.formats.exporting import write_items
from question_bank.formats.qti.items import read_items
from question_bank.formats.read_back import differences
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption, ImportedSource

NASTY = "公务员法，。“《ab \\{}=~#:%<>&\"'*/[]()$\n.12＝～⑴]]>"


def texts(alphabet: str = NASTY, most: int = 24) -> st.SearchStrategy[str]:
    """Texts as readers leave them: no surrounding space, one space between words, nothing that means a blank."""
    return (
        st.text(alphabet, min_size=1, max_size=most)
        .map(lambda text: "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n")))))
        .filter(lambda text: text and "$$" not in text and "\\[" not in text)
    )


TEXT = texts()
LINE = texts(NASTY.replace("\n", ""))
NAME = st.text("公务员法考核、（）ab1", min_size=1, max_size=8)
SHARE = st.sampled_from(["0.25", "0.3333333", "0.50", "0.125"]).map(Decimal)
NUMBER = st.decimals(-1000, 1000, places=3).map(lambda value: f"{value.normalize():f}")


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    said = draw(st.lists(TEXT, min_size=2, max_size=6))
    single = draw(st.booleans())
    labels = "ABCDEF"[: len(said)]
    key = draw(st.lists(st.sampled_from(labels), min_size=1, max_size=1 if single else len(said), unique=True))
    stated = draw(st.booleans())
    options = []
    for label, text in zip(labels, said, strict=True):
        share = Decimal(1) if label in key else draw(st.sampled_from([Decimal(0), Decimal("-0.5")]))
        share = share if single or label not in key else draw(SHARE)
        options.append(ImportedOption(label, text, share if stated else None, feedback=draw(st.just("") | TEXT)))
    kind = "single_choice" if single else "multiple_choice"
    return {"type": kind, "options": tuple(options), "key": tuple(sorted(key))}


@st.composite
def accepted(draw: st.DrawFn) -> Any:
    text, share, strict = draw(LINE), draw(st.just(Decimal(1)) | SHARE), draw(st.booleans())
    if share == 1 and not strict:
        return text
    return {"text": text, "fraction": f"{share:f}", "case_sensitive": strict, "pattern": False}


def spelling(entry: Any) -> str:
    return (entry if isinstance(entry, str) else entry["text"]).casefold()


@st.composite
def blanks(draw: st.DrawFn) -> dict[str, Any]:
    blank = st.lists(accepted(), min_size=1, max_size=3, unique_by=spelling).map(tuple)
    key = draw(st.lists(blank, min_size=1, max_size=3))
    free = len(key) > 1 and draw(st.booleans())
    return {"type": "fill_blank", "key": tuple(key), "stem": "____".join(["空"] * (len(key) + 1)), "order_free": free}


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    entries = []
    for _ in range(draw(st.integers(1, 3))):
        low, high = sorted(Decimal(draw(NUMBER)) for _ in range(2))
        entries.append({"low": f"{low:f}", "high": f"{high:f}", "fraction": f"{draw(st.just(Decimal(1)) | SHARE):f}"})
    return {"type": "numeric", "key": tuple(entries)}


@st.composite
def pairs(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
    right = {pair[1] for pair in key}
    surplus = draw(st.lists(TEXT.filter(lambda text: text not in right), max_size=2, unique=True))
    return {"type": "matching", "key": tuple(key), "distractors": tuple(surplus)}


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    said = draw(st.lists(TEXT, min_size=2, max_size=6))
    options = tuple(ImportedOption("ABCDEF"[place], text) for place, text in enumerate(said))
    return {"type": "ordering", "options": options, "key": tuple(draw(st.permutations("ABCDEF"[: len(said)])))}


TRUTHS = st.sampled_from(["true", "false"]).map(lambda value: {"type": "true_false", "key": (value,)})
UNSCORED = st.sampled_from(["essay", "short_answer", "description"]).map(lambda name: {"type": name, "scorable": False})


@st.composite
def items(draw: st.DrawFn, whole: bool = True) -> ImportedItem:
    content = draw(st.one_of(choices(), blanks(), numbers(), pairs(), orders(), TRUTHS, UNSCORED))
    content.setdefault("stem", draw(TEXT))
    points = draw(st.none() | st.integers(1, 10_000))
    rationale = draw(st.just("") | TEXT)
    if not whole:
        plain_options = tuple(replace(option, feedback="") for option in content.pop("options", ()))
        return ImportedItem(ref="", points_hundredths=points, rationale=rationale, options=plain_options, **content)
    return ImportedItem(
        ref="",
        points_hundredths=None if content["type"] == "description" else points,
        rationale=rationale,
        knowledge_points=tuple(draw(st.lists(NAME, max_size=3, unique=True))),
        difficulty=draw(st.sampled_from(["", "易", "中等", "难"])),
        source=draw(st.none() | st.builds(ImportedSource, NAME, NAME, NAME, st.just("") | NAME)),
        tags=tuple(draw(st.lists(NAME, max_size=2, unique=True))),
        title=draw(st.just("") | LINE),
        idnumber=draw(st.just("") | NAME),
        feedback=draw(st.just(()) | TEXT.map(lambda text: (("correct", text), ("hint 1", text)))),
        **content,
    )


@st.composite
def cases(draw: st.DrawFn) -> ImportedItem:
    parts = tuple(draw(st.lists(items(whole=False), min_size=1, max_size=3)))
    points = draw(st.none() | st.integers(1, 10_000))
    scorable = any(part.scorable for part in parts)
    return ImportedItem("", "case", draw(TEXT), parts=parts, points_hundredths=points, scorable=scorable)


def right_answer(item: ImportedItem) -> Any:
    """A response by which an item earns all its points, None where none does."""
    if item.type in ("single_choice", "true_false"):
        return {"RESPONSE": [item.key[0]]}
    if item.type == "multiple_choice" and all(option.fraction is None for option in item.options):
        return {"RESPONSE": list(item.key)}
    if item.type == "ordering":
        return {"RESPONSE": list(item.key)}
    if item.type == "matching":
        rights = list(dict.fromkeys([right for _left, right in item.key]))
        return {"RESPONSE": [f"L{n} R{rights.index(right) + 1}" for n, (_left, right) in enumerate(item.key, 1)]}
    if item.type == "fill_blank":
        full = [[entry for entry in blank if isinstance(entry, str)] for blank in item.key]
        names = ["RESPONSE"] if len(full) == 1 else [f"RESPONSE_{n}" for n in range(1, len(full) + 1)]
        return {name: [blank[0]] for name, blank in zip(names, full, strict=True)} if all(full) else None
    if item.type == "numeric" and Decimal(item.key[0]["fraction"]) == 1:
        return {"RESPONSE": item.key[0]["low"]}
    return None


def written(item: ImportedItem) -> bytes:
    data, problems = write_items("qti", [replace(item, ref="item")])
    told = [problem for problem in problems if problem.column != "不分顺序"]
    assert told == []
    return data


@settings(max_examples=60)
@given(items() | cases())
def test_every_item_comes_back_as_it_went(item: ImportedItem) -> None:
    again = read_items(written(item), "x.zip")
    assert [problem for problem in again.problems if problem.severity == "error"] == []
    assert differences(item, again.items[0]) == []


@settings(max_examples=60)
@given(items())
def test_the_right_answer_earns_the_points_and_nothing_answered_earns_none(item: ImportedItem) -> None:
    response = right_answer(item)
    if response is None:
        return
    points = f"{Decimal(100 if item.points_hundredths is None else item.points_hundredths).scaleb(-2):.2f}"
    full, nothing = mark_entries(written(item), [("item", response), ("item", {})])
    assert (full["score"], full["max"]) == (points, points)
    assert nothing["score"] == "0.00"


def test_pictures_and_rich_text_come_back_and_repeated_names_stay_apart() -> None:
    html = '<p>看<b>图</b> <img src="图 1.png" alt="图"/></p><p><u>下划线</u> 1 &lt; 2</p><table><tbody><tr><td>甲</td></tr></tbody></table>'
    one = ImportedItem(
        "row 3", "single_choice", "看图 图\n下划线 1 < 2\n甲", html=html, media=(ImportedMedia("图 1.png", b"one"),), key=("A",),
        options=(ImportedOption("A", "甲", html="<i>甲</i>"), ImportedOption("B", "乙")),
    )  # fmt: skip
    two = replace(one, media=(ImportedMedia("图 1.png", b"two"),))
    data, problems = write_items("qti", [one, two])
    assert problems == []
    again = read_items(data, "x.zip")
    assert [item.media[0].data for item in again.items] == [b"one", b"two"]
    assert [differences(item, read) for item, read in zip((one, two), again.items, strict=True)] == [[], []]
    assert len({item.ref for item in again.items}) == 2


def test_what_qti_cannot_say_is_named() -> None:
    wild = ImportedItem("row 1", "fill_blank", "空____", key=(({"text": "甲*", "pattern": True},),))
    odd = ImportedItem("row 2", "fill_blank", "空____", key=(("甲",), ("乙",)))
    penalty = ImportedItem("row 3", "true_false", "题", key=("true",), penalty=Decimal("0.3"))
    unknown = ImportedItem("row 4", "drawing", "题")
    loose = ImportedItem("row 5", "essay", "题", scorable=False, html='<p onclick="x()">题<script>1</script></p>')
    data, problems = write_items("qti", [wild, odd, penalty, unknown, loose])
    assert [(problem.ref, problem.severity) for problem in problems] == [
        ("row 1", "error"),
        ("row 2", "error"),
        ("row 3", "warning"),
        ("row 4", "error"),
        ("row 5", "warning"),
    ]
    assert all(problem.reason and problem.mend for problem in problems)
    assert [item.type for item in read_items(data, "x.zip").items] == ["true_false", "essay"]


@pytest.mark.parametrize("points", [None, 150])
def test_an_empty_case_and_choices_without_a_key_are_written(points: int | None) -> None:
    options = (ImportedOption("A", "甲"), ImportedOption("B", "乙"))
    unkeyed = ImportedItem("x", "single_choice", "题", options, points_hundredths=points, scorable=False)
    assert differences(unkeyed, read_items(written(unkeyed), "x.zip").items[0]) == []
    assert mark_entries(written(unkeyed), [("item", {"RESPONSE": ["A"]})])[0]["score"] is None
