"""Numbers, pairs, orders and cases are marked exactly, each by its named policy, with arithmetic that can be checked."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.scoring.blanks import KeyProblem
from grading.scoring.rules import SCORERS, BadResponse, Marked, Question, default_policy, score
from question_bank.item_types.numbers import NotANumber, read_number
from question_bank.item_types.registry import ITEM_TYPES

RANGES = [{"low": "12", "high": "13"}, {"low": "10", "high": "15", "fraction": "0.5"}]
PAIRS = [["监察", "处分"], ["审计", "监督"], ["法院", "审判"]]
ORDER = ["B", "A", "C", "D"]
CASE = (
    Question("description", "all_or_nothing", Fraction(0)),
    Question("multiple_choice", "proportional", Fraction(1), ["A", "B", "C"], ["A", "B", "C", "D"]),
    Question("numeric", "all_or_nothing", Fraction(2), RANGES),
)


def mark(kind: str, response: Any, policy: str = "", points: str = "2", **more: Any) -> Marked:
    keys = {"numeric": RANGES, "matching": PAIRS, "ordering": ORDER}
    parts = CASE if kind == "case" else ()
    question = Question(kind, policy or default_policy(kind), Fraction(points), keys.get(kind, []), parts=parts, **more)
    return score(question, response)


@pytest.mark.parametrize(
    ("written", "hundredths"),
    [("12.5", 200), ("12", 200), ("13.0", 200), ("１２．５", 200), ("1.25e1", 200), ("+12.50", 200), ("10", 100), ("15", 100),
     ("15.000001", 0), ("-12.5", 0), ("1,250", 0)],
)  # fmt: skip
def test_a_number_earns_what_the_first_range_that_holds_it_says(written: str, hundredths: int) -> None:
    assert mark("numeric", [written]).score_hundredths == hundredths


def test_a_number_may_be_given_as_text_alone_and_its_arithmetic_names_the_range() -> None:
    assert mark("numeric", ["14"]).arithmetic == (
        "数值题，标准答案 12 ～ 13、10 ～ 15（得 0.50），作答 14：符合 10 ～ 15（得 0.50）；0.50 × 2.00 = 1.00"
    )
    assert mark("numeric", []).verdict == "unanswered"


@pytest.mark.parametrize(
    ("response", "policy", "hundredths", "verdict"),
    [
        (PAIRS, "proportional", 200, "correct"),
        (PAIRS[:2], "proportional", 133, "partial"),
        ([["审计", "监督"], ["监察", "审判"]], "proportional", 67, "partial"),
        (PAIRS[:2], "all_or_nothing", 0, "wrong"),
        (PAIRS[::-1], "all_or_nothing", 200, "correct"),
        ([], "proportional", 0, "unanswered"),
    ],
)
def test_pairs_are_marked_by_their_policy(response: Any, policy: str, hundredths: int, verdict: str) -> None:
    marked = mark("matching", response, policy)
    assert (marked.score_hundredths, marked.verdict) == (hundredths, verdict)


@pytest.mark.parametrize(
    ("response", "policy", "hundredths"),
    [
        (ORDER, "all_or_nothing", 200),
        (["A", "B", "C", "D"], "all_or_nothing", 0),
        (["A", "B", "C", "D"], "proportional", 100),
        (["B", "A", "D", "C"], "proportional", 100),
        (["D", "B", "A", "C"], "proportional", 0),
        (ORDER[:3], "proportional", 150),
    ],
)
def test_an_order_is_marked_by_the_places_that_are_right(response: list[str], policy: str, hundredths: int) -> None:
    assert mark("ordering", response, policy).score_hundredths == hundredths


def test_a_case_adds_up_its_parts_each_rounded() -> None:
    marked = mark("case", [[], ["A", "B"], "11"], points="3")
    assert (marked.score_hundredths, marked.max_hundredths, marked.verdict) == (167, 300, "partial")
    assert marked.arithmetic.startswith("案例题，共 2 小题：(1) 说明文字")
    assert marked.arithmetic.endswith("各小题得分相加 0.67 + 1.00 = 1.67")
    assert mark("case", [], points="3").verdict == "unanswered"
    assert mark("case", [[], ["A", "B", "C"], ["12"]], points="3").verdict == "correct"


@pytest.mark.parametrize(
    ("kind", "response", "sentence"),
    [
        ("numeric", ["许多"], "不是数字"),
        ("numeric", ["1", "2"], "一个数"),
        ("numeric", [12.5], "文本形式"),
        ("matching", [["监察", "处分"], ["监察", "审判"]], "配了两次"),
        ("matching", [["公安", "处分"]], "不是本题左边的项"),
        ("matching", ["监察"], "配对的列表"),
        ("ordering", ["A", "A"], "重复的项"),
        ("ordering", ["Z"], "不是本题的项"),
        ("case", [["A"]], "3 道小题各一项"),
        ("case", [[], {"A": 1}, []], "第 2 小题的作答应为列表"),
        ("case", [[], ["Z"], []], "第 2 小题：作答中的“Z”"),
        ("description", ["x"], "不作答"),
    ],
)
def test_a_response_of_another_shape_is_refused_in_a_sentence(kind: str, response: Any, sentence: str) -> None:
    with pytest.raises(BadResponse, match=sentence):
        mark(kind, response)


@pytest.mark.parametrize("kind", ["short_answer", "essay"])
def test_what_people_must_mark_never_earns_a_silent_zero(kind: str) -> None:
    with pytest.raises(KeyProblem, match="阅卷员"):
        mark(kind, ["写了很多"])
    part = Question(kind, "marked", Fraction(2))
    with pytest.raises(KeyProblem, match="第 2 小题"):
        score(Question("case", "by_parts", Fraction(3), parts=(CASE[1], part)), [])


def test_the_share_of_an_option_decides_where_the_source_states_shares() -> None:
    weighted = {"fractions": {"A": "1", "B": "0.3333333", "C": "-0.5"}, "options": ["A", "B", "C"]}
    assert mark("single_choice", ["B"], points="3", **weighted).score_hundredths == 100
    assert mark("single_choice", ["C"], points="3", **weighted).score_hundredths == 0
    assert mark("multiple_choice", ["B", "C"], points="3", **weighted).score_hundredths == 0


def test_every_type_that_a_machine_can_mark_has_a_scorer_with_a_policy_that_the_type_knows() -> None:
    assert set(ITEM_TYPES) - set(SCORERS) == {"short_answer", "essay"}
    for name in SCORERS:
        assert default_policy(name) == next(iter(ITEM_TYPES[name].policies)), name


@given(st.permutations(ORDER), st.sampled_from(["all_or_nothing", "proportional"]), st.integers(0, 1000))
def test_an_order_never_earns_more_than_its_points_nor_less_than_nothing(
    given_: list[str], policy: str, worth: int
) -> None:
    marked = score(Question("ordering", policy, Fraction(worth, 100), ORDER), given_)
    assert 0 <= marked.score_hundredths <= worth == marked.max_hundredths


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_number_is_read_exactly_however_it_is_grouped(number: Any) -> None:
    assert read_number(f"{number:,f}") == Fraction(number) == read_number(f" {number:f} ")
    assert read_number(f"{number:e}") == Fraction(number)


@pytest.mark.parametrize(
    "text", ["", " ", ".", "1,23", "1e", "1e100", "0x10", "½", "一", "1 2", "12.5米", "inf", "--1", None, 3]
)
def test_what_is_no_number_is_refused(text: Any) -> None:
    with pytest.raises(NotANumber):
        read_number(text)
