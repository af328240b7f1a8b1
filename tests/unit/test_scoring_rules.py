import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.scoring.blanks import KeyProblem, normalise, read_accepted
from grading.scoring.rules import POLICIES, BadResponse, Marked, default_policy, score_response, total

OPTIONS = ["A", "B", "C", "D", "E"]
policies = st.sampled_from(sorted(POLICIES))
label_sets = st.sets(st.sampled_from(OPTIONS))
points = st.integers(0, 1000)


def mark(item_type: str, policy: str, key: list[Any], response: Any, points: int = 200, **more: Any) -> Marked:
    options = OPTIONS if item_type in ("single_choice", "multiple_choice") else None
    return score_response(
        item_type=item_type,
        policy=policy,
        points_hundredths=points,
        key=key,
        response=response,
        options=options,
        **more,
    )


@pytest.mark.parametrize(
    ("policy", "response", "score", "verdict"),
    [
        ("all_or_nothing", "ABD", 200, "correct"),
        ("all_or_nothing", "AB", 0, "wrong"),
        ("all_or_nothing", "ABCD", 0, "wrong"),
        ("proportional", "ABD", 200, "correct"),
        ("proportional", "AB", 133, "partial"),
        ("proportional", "A", 67, "partial"),
        ("proportional", "ABC", 0, "wrong"),
        ("half_for_incomplete", "ABD", 200, "correct"),
        ("half_for_incomplete", "A", 100, "partial"),
        ("half_for_incomplete", "AC", 0, "wrong"),
        ("fixed_per_correct", "ABD", 200, "correct"),
        ("fixed_per_correct", "AB", 100, "partial"),
        ("fixed_per_correct", "ABE", 0, "wrong"),
        ("correct_minus_wrong", "ABD", 200, "correct"),
        ("correct_minus_wrong", "ABC", 67, "partial"),
        ("correct_minus_wrong", "ACE", 0, "wrong"),
        ("correct_minus_wrong", "CE", 0, "wrong"),
    ],
)
def test_a_multiple_choice_is_marked_by_its_named_policy(policy: str, response: str, score: int, verdict: str) -> None:
    marked = mark("multiple_choice", policy, ["A", "B", "D"], list(response))
    assert (marked.score_hundredths, marked.max_hundredths, marked.verdict) == (score, 200, verdict)


def test_the_arithmetic_can_be_checked_by_a_person() -> None:
    marked = mark("multiple_choice", "proportional", ["A", "B", "D"], ["A", "B"])
    assert marked.arithmetic == (
        "多选题，标准答案 ABD，作答 AB：选对 2 项、漏选 1 项、错选 0 项；"
        "按比例给分（有错选不得分） 2/3 × 2.00 = 1.33（四舍五入）"
    )
    marked = mark("multiple_choice", "correct_minus_wrong", ["A", "B", "D"], ["C", "E", "A"])
    assert marked.arithmetic == (
        "多选题，标准答案 ABD，作答 ACE：选对 1 项、漏选 2 项、错选 2 项；"
        "选对一项计一份、选错一项扣一份，不足 0 计 0 (1-2)/3 × 2.00 = 0.00"
    )


@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize(
    ("item_type", "key", "right", "wrong"),
    [("single_choice", ["B"], ["B"], ["C"]), ("true_false", ["false"], ["false"], ["true"])],
)
def test_a_single_answer_earns_all_or_nothing_under_every_policy(
    policy: str, item_type: str, key: list[str], right: list[str], wrong: list[str]
) -> None:
    assert mark(item_type, policy, key, right).score_hundredths == 200
    assert mark(item_type, policy, key, wrong).score_hundredths == 0


def test_a_single_choice_with_several_accepted_keys_takes_any_one_of_them() -> None:
    assert mark("single_choice", "all_or_nothing", ["A", "C"], ["C"]).verdict == "correct"
    both = mark("single_choice", "all_or_nothing", ["A", "C"], ["A", "C"])
    assert (both.score_hundredths, both.verdict) == (0, "wrong")
    assert "只能选一项" in both.arithmetic


def test_a_true_false_item_is_shown_in_words() -> None:
    marked = mark("true_false", "all_or_nothing", ["true"], ["false"])
    assert marked.arithmetic == "判断题，标准答案 正确，作答 错误：答错，得 0.00 分"


@pytest.mark.parametrize("response", [[], None])
@pytest.mark.parametrize(
    ("item_type", "key"), [("multiple_choice", ["A"]), ("true_false", ["true"]), ("fill_blank", [["甲"], ["乙"]])]
)
def test_what_was_not_answered_earns_nothing_and_says_so(item_type: str, key: list[Any], response: Any) -> None:
    marked = mark(item_type, "proportional", key, response)
    assert (marked.score_hundredths, marked.verdict) == (0, "unanswered")
    assert "未作答" in marked.arithmetic


def test_blanks_left_empty_are_not_answered() -> None:
    assert mark("fill_blank", "proportional", [["甲"], ["乙"]], ["", " 　"]).verdict == "unanswered"


@pytest.mark.parametrize(
    ("policy", "response", "score"),
    [
        ("proportional", ["甲", "乙", "丙"], 200),
        ("proportional", ["甲", "错", "丙"], 133),
        ("proportional", ["甲"], 67),
        ("all_or_nothing", ["甲", "乙", "丙"], 200),
        ("all_or_nothing", ["甲", "乙", ""], 0),
        ("half_for_incomplete", ["甲", "乙", ""], 100),
        ("half_for_incomplete", ["甲", "乙", "错"], 0),
        ("fixed_per_correct", ["甲", "", ""], 50),
        ("correct_minus_wrong", ["甲", "乙", "错"], 67),
    ],
)
def test_blanks_are_marked_by_their_named_policy(policy: str, response: list[str], score: int) -> None:
    assert mark("fill_blank", policy, [["甲"], ["乙"], ["丙"]], response).score_hundredths == score


@pytest.mark.parametrize(
    ("accepted", "answer"),
    [
        ("2018年", "２０１８年"),
        ("公务员法", " 公务 员法 "),
        ("WTO", "ｗｔｏ"),
        ("New York", "new   york"),
        ("甲，乙", "甲, 乙"),
        ("百分之五", "百分\u200b之五"),
        ({"text": "第*条", "pattern": True}, "第 三十 条"),
        ({"text": "a\\*b*", "pattern": True}, "A*Bcd"),
        ({"text": "*", "pattern": True}, "什么都行"),
        ({"text": "Abc", "case_sensitive": True}, "Ａbc"),
        ({"text": "说明", "pattern": "*处分"}, "政务处分"),
    ],
)
def test_an_answer_matches_whatever_its_width_case_and_spacing(accepted: object, answer: str) -> None:
    assert mark("fill_blank", "proportional", [[accepted]], [answer]).score_hundredths == 200


@pytest.mark.parametrize(
    ("accepted", "answer"),
    [
        ("New York", "NewYork"),
        ("甲", "乙"),
        ({"text": "Abc", "case_sensitive": True}, "abc"),
        ({"text": "a*ba", "pattern": True}, "ab"),
        ({"text": "ab*ba", "pattern": True}, "aba"),
        ({"text": "a\\*b", "pattern": True}, "axb"),
        ("a*b", "axb"),
        ("a.c", "abc"),
    ],
)
def test_an_answer_that_differs_is_wrong(accepted: object, answer: str) -> None:
    assert mark("fill_blank", "proportional", [[accepted]], [answer]).verdict == "wrong"


def test_the_first_accepted_answer_that_fits_decides_the_share() -> None:
    key = [[{"text": "政务处分", "fraction": "1"}, {"text": "*处分", "fraction": "0.5", "pattern": True}]]
    assert mark("fill_blank", "proportional", key, ["政务处分"]).score_hundredths == 200
    partly = mark("fill_blank", "proportional", key, ["党纪处分"])
    assert (partly.score_hundredths, partly.verdict) == (100, "partial")


def test_a_hostile_pattern_takes_no_time_to_speak_of() -> None:
    key = [[{"text": "a*" * 2000 + "b", "pattern": True}]]
    assert mark("fill_blank", "proportional", key, ["a" * 20000]).verdict == "wrong"


@given(st.text("ab*", max_size=6), st.text("ab", max_size=6))
def test_wildcards_agree_with_an_oracle(pattern: str, answer: str) -> None:
    def fits(rest: str, text: str) -> bool:
        if not rest:
            return not text
        if rest[0] == "*":
            return any(fits(rest[1:], text[cut:]) for cut in range(len(text) + 1))
        return bool(text) and text[0] == rest[0] and fits(rest[1:], text[1:])

    if pattern:
        assert read_accepted({"text": pattern, "pattern": True}).accepts(answer) == fits(pattern, answer)


def test_blanks_in_any_order_do_not_count_one_answer_twice() -> None:
    key = [["甲", "乙"], ["甲", "乙"]]
    assert mark("fill_blank", "proportional", key, ["乙", "甲"], order_free=True).score_hundredths == 200
    assert mark("fill_blank", "proportional", key, ["甲", "甲"], order_free=True).score_hundredths == 100
    assert (
        mark("fill_blank", "proportional", [["北京", "京"], ["沪"]], ["北京", "京"], order_free=True).verdict
        == "partial"
    )


def test_two_blanks_that_accept_one_and_the_same_text_only_may_both_hold_it() -> None:
    assert mark("fill_blank", "proportional", [["2"], ["2"]], ["2", "２"], order_free=True).score_hundredths == 200


def test_the_assignment_gives_way_where_that_earns_more() -> None:
    key = [["甲", "乙"], ["甲"], ["丙"]]
    assert mark("fill_blank", "all_or_nothing", key, ["丙", "甲", "乙"], order_free=True).verdict == "correct"


texts = st.sampled_from(["甲", "乙", "丙", ""])
shares = st.sampled_from(["1", "0.5", "0.3"])
accepted_sets = st.lists(
    st.fixed_dictionaries({"text": st.sampled_from(["甲", "乙", "丙"]), "fraction": shares}),
    min_size=1,
    max_size=3,
    unique_by=lambda entry: str(entry["text"]),
)


@given(
    st.lists(accepted_sets, min_size=1, max_size=4).flatmap(
        lambda key: st.tuples(st.just(key), st.lists(texts, min_size=len(key), max_size=len(key)))
    )
)
def test_the_assignment_in_any_order_agrees_with_trying_them_all(case: tuple[list[Any], list[str]]) -> None:
    key, answers = case
    worth = [{entry["text"]: Fraction(entry["fraction"]) for entry in blank} for blank in key]
    room = {text: max(1, sum(set(blank) == {text} for blank in worth)) for text in answers}
    best = Fraction(0)
    for order in itertools.permutations(range(len(key))):
        for used in itertools.product((False, True), repeat=len(key)):
            taken = [answer for answer, use in zip(answers, used, strict=True) if use]
            if all(taken.count(text) <= room[text] for text in taken):
                pairs = zip(answers, order, used, strict=True)
                best = max(
                    best,
                    sum((worth[blank].get(answer, Fraction(0)) for answer, blank, use in pairs if use), Fraction(0)),
                )
    marked = mark("fill_blank", "proportional", key, answers, points=6000 * len(key), order_free=True)
    assert marked.score_hundredths == best * 6000


@given(st.permutations(["甲", "乙", "丙", "错"]), st.permutations(["甲", "乙", "丙", "丁"]))
def test_in_any_order_neither_the_order_of_answers_nor_of_blanks_matters(answers: list[str], key: list[str]) -> None:
    marked = mark("fill_blank", "proportional", [[text] for text in key], answers, order_free=True)
    assert marked.score_hundredths == 150


@given(policies, label_sets.filter(bool), label_sets, points)
def test_a_score_stays_between_nothing_and_the_points(policy: str, key: set[str], chosen: set[str], worth: int) -> None:
    marked = mark("multiple_choice", policy, sorted(key), sorted(chosen), worth)
    assert 0 <= marked.score_hundredths <= marked.max_hundredths == worth


@given(policies, label_sets.filter(bool), label_sets, points)
def test_the_key_itself_earns_everything(policy: str, key: set[str], chosen: set[str], worth: int) -> None:
    best = mark("multiple_choice", policy, sorted(key), sorted(key), worth)
    assert (best.score_hundredths, best.verdict) == (worth, "correct")
    assert mark("multiple_choice", policy, sorted(key), sorted(chosen), worth).score_hundredths <= worth


@given(policies, label_sets.filter(bool), label_sets, st.sampled_from(OPTIONS), points)
def test_one_more_right_option_never_costs_and_one_more_wrong_option_never_earns(
    policy: str, key: set[str], chosen: set[str], extra: str, worth: int
) -> None:
    before = mark("multiple_choice", policy, sorted(key), sorted(chosen), worth).score_hundredths
    after = mark("multiple_choice", policy, sorted(key), sorted(chosen | {extra}), worth).score_hundredths
    assert after >= before if extra in key else after <= before


@given(policies, st.permutations(OPTIONS), st.integers(1, 5), st.permutations(OPTIONS), st.integers(0, 5))
def test_the_order_of_labels_does_not_matter(policy: str, key: list[str], k: int, chosen: list[str], n: int) -> None:
    one = mark("multiple_choice", policy, key[:k], chosen[:n])
    assert one == mark("multiple_choice", policy, sorted(key[:k]), sorted(chosen[:n]) * 2)


@given(policies, st.lists(texts, min_size=3, max_size=3), points, st.booleans())
def test_a_score_for_blanks_stays_between_nothing_and_the_points(
    policy: str, answers: list[str], worth: int, free: bool
) -> None:
    marked = mark("fill_blank", policy, [["甲"], ["乙", "丁"], ["丙"]], answers, worth, order_free=free)
    assert 0 <= marked.score_hundredths <= worth


@pytest.mark.parametrize(
    ("chosen", "score"),
    [("A", 100), ("AB", 200), ("AC", 50), ("C", 0), ("ABC", 150), ("ABD", 200)],
)
def test_stated_shares_decide_where_a_format_states_them(chosen: str, score: int) -> None:
    shares = {"A": "0.5", "B": "0.50", "C": "-0.25", "D": "0.4"}
    marked = mark("multiple_choice", "all_or_nothing", ["A", "B"], list(chosen), fractions=shares)
    assert marked.score_hundredths == score


def test_three_thirds_with_seven_decimals_earn_the_full_points() -> None:
    third = dict.fromkeys("ABC", "0.3333333")
    marked = mark("multiple_choice", "proportional", ["A", "B", "C"], ["A", "B", "C"], 100, fractions=third)
    assert (marked.score_hundredths, marked.verdict) == (100, "correct")


@pytest.mark.parametrize(
    ("item_type", "response", "says"),
    [
        ("multiple_choice", ["F"], "不是本题的选项"),
        ("multiple_choice", "AB", "列表"),
        ("multiple_choice", [1], "列表"),
        ("true_false", ["yes"], "不是本题的选项"),
        ("fill_blank", ["甲", "乙", "丙"], "本题只有 1 空"),
        ("fill_blank", [3], "应为文本"),
        ("fill_blank", "甲", "列表"),
    ],
)
def test_a_response_of_the_wrong_shape_is_refused(item_type: str, response: Any, says: str) -> None:
    keys: dict[str, list[Any]] = {"multiple_choice": ["A"], "true_false": ["true"], "fill_blank": [["甲"]]}
    with pytest.raises(BadResponse, match=says):
        mark(item_type, "all_or_nothing", keys[item_type], response)


@pytest.mark.parametrize(
    ("item_type", "key", "more"),
    [
        ("single_choice", [], {}),
        ("single_choice", ["Z"], {}),
        ("fill_blank", [[]], {}),
        ("fill_blank", [[""]], {}),
        ("fill_blank", [[{"text": "甲", "fraction": 0.5}]], {}),
        ("multiple_choice", ["A"], {"fractions": {"A": 0.5}}),
        ("essay", ["A"], {}),
        ("single_choice", ["A"], {"points": -1}),
        ("single_choice", ["A"], {"policy": "generous"}),
    ],
)
def test_a_key_that_cannot_be_scored_with_is_refused(item_type: str, key: list[Any], more: dict[str, Any]) -> None:
    with pytest.raises(KeyProblem, match=r"。$"):
        mark(item_type, more.pop("policy", "all_or_nothing"), key, ["A"], **more)


def test_the_total_sums_the_rounded_items() -> None:
    third = mark("multiple_choice", "proportional", ["A", "B", "C"], ["A"], 100)
    summed = total([third] * 3)
    assert (third.score_hundredths, summed.score_hundredths, summed.max_hundredths) == (33, 99, 300)
    assert summed.arithmetic == "共 3 题，各题得分相加：0.99 分（满分 3.00 分）"
    assert total([]).score_hundredths == 0


def test_half_of_an_odd_hundredth_is_rounded_up() -> None:
    marked = mark("multiple_choice", "half_for_incomplete", ["A", "B"], ["A"], 25)
    assert marked.score_hundredths == 13
    assert marked.arithmetic.endswith("1/2 × 0.25 = 0.13（四舍五入）")


def test_blanks_share_by_default_and_other_types_need_everything() -> None:
    defaults = [default_policy(name) for name in ("fill_blank", "multiple_choice", "single_choice", "true_false")]
    assert defaults == ["proportional", "all_or_nothing", "all_or_nothing", "all_or_nothing"]


@settings(max_examples=200)
@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_a_response_with_control_characters_stays_on_one_line() -> None:
    marked = mark("fill_blank", "proportional", [["甲"]], ["乙\n\u202e丙" + "长" * 200])
    assert "\n" not in marked.arithmetic
    assert "\u202e" not in marked.arithmetic
    assert len(marked.arithmetic) < 150
