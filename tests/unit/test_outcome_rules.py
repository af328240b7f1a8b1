import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exact import round_half_up
from grading.outcomes.presets import DEFAULT, PRESETS
from grading.outcomes.rule_sets import Part, RuleProblem, RuleSet, check, read_rule_set
from grading.outcomes.rules import ABSENT, MISSING, Achieved, Facts, FactsProblem, Standing, propose, rank

LEAVE = Achieved("leave", basis="病假，张某批准")
scores = st.integers(0, 10000)


def facts(
    paper: Any = None, interview: Any = None, failures: int = 0, sections: dict[str, Achieved] | None = None
) -> Facts:
    def read(value: Any) -> Achieved:
        return value if isinstance(value, Achieved) else Achieved.scored(Fraction(value))

    parts: dict[Any, Achieved] = {}
    if paper is not None:
        parts["paper"] = read(paper)
    if interview is not None:
        parts["interview"] = read(interview)
    return Facts(parts, sections or {}, failures)


@pytest.mark.parametrize(
    ("paper", "interview", "failures", "kind", "composite"),
    [
        ("72.50", "82.00", 0, "qualified", "77.25"),
        ("60", "60", 0, "qualified", "60.00"),
        ("60", "59.99", 0, "qualified", "60.00"),
        ("60", "59.98", 0, "deferral", "59.99"),
        ("60", "59.98", 1, "cancellation", "59.99"),
        ("60", "60", 2, "qualified", "60.00"),
        ("0", "0", 0, "deferral", "0.00"),
        ("0", "0", 3, "cancellation", "0.00"),
    ],
)
def test_the_composite_decides_what_is_proposed(
    paper: str, interview: str, failures: int, kind: str, composite: str
) -> None:
    proposal = propose(DEFAULT, facts(paper, interview, failures))
    assert (proposal.kind, str(proposal.composite)) == (kind, composite)
    assert proposal.margin == Decimal(composite) - 60


def test_the_cut_is_compared_with_the_rounded_number() -> None:
    just_short = propose(DEFAULT, facts("60", "59.98999"))
    published = propose(DEFAULT, facts("60", "59.99"))
    assert (just_short.kind, published.kind) == ("deferral", "qualified")
    assert "59.995，四舍五入为 60.00" in published.arithmetic


def test_the_arithmetic_and_the_reasons_can_be_read_aloud() -> None:
    proposal = propose(DEFAULT, Facts({"paper": Achieved.hundredths(4400, 8000), "interview": Achieved.scored(62)}))
    assert proposal.label == "暂缓"
    assert proposal.arithmetic == (
        "笔试 44.00（满分 80.00）折合 44.00÷80.00×100 = 55.00；面试 62.00；"
        "综合成绩 = 55.00×50% + 62.00×50% = 58.50；合格线 60.00，低于合格线 1.50 分"
    )
    assert proposal.reasons == (
        "综合成绩 58.50，低于合格线 1.50 分",
        "本次不合格，按规则“素质能力测试（笔试 50%、面试 50%）”（第 1 版）建议暂缓提拔",
        "建议在 6 个月内补测一次",
        "以上是处理建议，须由会议研究决定",
    )


def test_a_scale_that_does_not_end_is_shown_as_a_fraction_and_rounded_once() -> None:
    proposal = propose(
        DEFAULT, Facts({"paper": Achieved.hundredths(5000, 7500), "interview": Achieved.scored(Decimal("61.55"))})
    )
    exact = (Fraction(200, 3) + Fraction("61.55")) / 2
    assert proposal.composite == round_half_up(exact)
    assert "折合 50.00÷75.00×100 = 200/3（约 66.6667）" in proposal.arithmetic
    assert "(200/3)×50% + 61.55×50% = 7693/120（约 64.1083），四舍五入为 64.11" in proposal.arithmetic


@pytest.mark.parametrize(
    ("paper", "interview", "kind", "label", "says"),
    [
        (ABSENT, "80", "deferral", "暂缓", "笔试缺考"),
        ("80", ABSENT, "deferral", "暂缓", "面试缺考"),
        (ABSENT, None, "deferral", "暂缓", "笔试缺考"),
        (ABSENT, LEAVE, "deferral", "暂缓", "笔试缺考"),
        (LEAVE, "80", "approved_leave", "请假缓考", "经批准请假缓考（病假，张某批准），不作缺考，也不作不合格"),
        ("0", LEAVE, "approved_leave", "请假缓考", "不作缺考"),
        (LEAVE, None, "approved_leave", "请假缓考", "不作缺考"),
        ("80", None, "pending", "待定", "面试尚无成绩"),
        (None, "80", "pending", "待定", "笔试尚无成绩"),
        ("0", MISSING, "pending", "待定", "面试尚无成绩"),
        (None, None, "pending", "待定", "笔试、面试尚无成绩"),
        (Achieved("void"), "80", "pending", "待定", "没有处理决定"),
        (Achieved("void", basis=" "), ABSENT, "pending", "待定", "没有处理决定"),
        (Achieved("void", basis="处决〔2024〕1号"), "80", "deferral", "暂缓", "已由决定认定无效（处决〔2024〕1号）"),
    ],
)
def test_without_every_score_nothing_is_computed_or_guessed(
    paper: Any, interview: Any, kind: str, label: str, says: str
) -> None:
    proposal = propose(DEFAULT, facts(paper, interview))
    assert (proposal.kind, proposal.label, proposal.composite, proposal.margin) == (kind, label, None, None)
    assert any(says in reason for reason in proposal.reasons)
    assert "不计算综合成绩" in proposal.arithmetic


def test_absence_after_a_failure_stays_a_deferral_and_tells_the_meeting() -> None:
    proposal = propose(DEFAULT, facts(ABSENT, "80", failures=1))
    assert proposal.kind == "deferral"
    assert "此前已有 1 次不合格" in proposal.reasons[0]


@pytest.mark.parametrize("kind_of_case", [facts("1", "1"), facts("1", "1", 1), facts(ABSENT, "80")])
def test_whatever_is_proposed_against_a_person_is_left_to_a_meeting(kind_of_case: Facts) -> None:
    assert propose(DEFAULT, kind_of_case).reasons[-1] == "以上是处理建议，须由会议研究决定"


def test_a_part_below_its_floor_is_not_made_good_by_the_other() -> None:
    rules = replace(DEFAULT, parts=(Part("paper", Decimal(50), Decimal(55)), Part("interview", Decimal(50))))
    assert propose(rules, facts("55", "90")).kind == "qualified"
    proposal = propose(rules, facts("54.99", "90"))
    assert (proposal.kind, str(proposal.composite)) == ("deferral", "72.50")
    assert "笔试 54.99，低于最低线 55.00 共 0.01 分" in proposal.reasons


@pytest.mark.parametrize(
    ("theory", "integrity", "kind"),
    [
        ("40", "20", "qualified"),
        ("50", "19.99", "deferral"),
        ("39.99", "30", "deferral"),
        ("40", "19", "deferral"),
        ("70", "30", "qualified"),
    ],
)
def test_a_double_pass_needs_the_total_and_both_sections(theory: str, integrity: str, kind: str) -> None:
    sections = {
        "理论": Achieved.scored(Fraction(theory), 70),
        "廉政": Achieved.scored(Fraction(integrity), 30),
    }
    paper = Fraction(theory) + Fraction(integrity)
    assert propose(PRESETS["double_pass"], facts(paper, sections=sections)).kind == kind


def test_a_section_on_another_scale_is_converted_and_a_missing_one_waits() -> None:
    sections = {"理论": Achieved.scored(80, 140), "廉政": Achieved.scored(25, 30)}
    proposal = propose(PRESETS["double_pass"], facts("70", sections=sections))
    assert proposal.kind == "qualified"
    assert "理论 80.00÷140.00×70 = 40.00（满分 70，最低线 40.00）" in proposal.arithmetic
    waiting = propose(PRESETS["double_pass"], facts("70", sections={"理论": Achieved.scored(60, 70)}))
    assert (waiting.kind, waiting.reasons[0][:10]) == ("pending", "笔试分项廉政尚无成绩")


@pytest.mark.parametrize(("score", "kind"), [("80", "qualified"), ("79.99", "deferral")])
def test_the_integrity_test_is_passed_at_eighty(score: str, kind: str) -> None:
    proposal = propose(PRESETS["delian"], facts(score))
    assert proposal.kind == kind
    assert ("合格成绩有效期 24 个月" if kind == "qualified" else "建议在 2 至 3 个月内补测一次") in proposal.reasons


def test_a_third_part_counts_with_its_weight() -> None:
    parts: dict[Any, Achieved] = {"paper": Achieved.scored(70), "interview": Achieved.scored(80)}
    rules = PRESETS["three_parts"]
    assert propose(rules, Facts(parts)).kind == "pending"
    proposal = propose(rules, Facts(parts | {"extra": Achieved.scored(50)}))
    assert str(proposal.composite) == "71.00"
    assert "适岗评价 50.00" in proposal.arithmetic


@pytest.mark.parametrize(
    "impossible",
    [
        facts(Achieved.scored(101), "80"),
        facts(Achieved.scored(-1), "80"),
        facts(Achieved.scored(0, 0), "80"),
        facts("80", "80", failures=-1),
    ],
)
def test_impossible_facts_are_refused(impossible: Facts) -> None:
    with pytest.raises(FactsProblem, match=r"请核对。$"):
        propose(DEFAULT, impossible)


@given(scores, scores, st.integers(1, 99), st.integers(0, 100), st.integers(0, 2))
def test_a_proposal_agrees_with_the_plain_sum(paper: int, interview: int, weight: int, cut: int, failures: int) -> None:
    parts = (Part("paper", Decimal(weight)), Part("interview", Decimal(100 - weight)))
    rules = check(replace(DEFAULT, parts=parts, cut=Decimal(cut)))
    case = Facts({"paper": Achieved.hundredths(paper), "interview": Achieved.hundredths(interview)}, {}, failures)
    proposal = propose(rules, case)
    expected = round_half_up(Fraction(paper * weight + interview * (100 - weight), 10000))
    assert proposal.composite == expected
    failed = "cancellation" if failures else "deferral"
    assert proposal.kind == ("qualified" if expected >= cut else failed)
    assert 0 <= expected <= 100


@given(scores, scores, st.integers(0, 500))
def test_a_higher_score_never_turns_a_pass_into_a_failure(paper: int, interview: int, more: int) -> None:
    before = propose(DEFAULT, Facts({"paper": Achieved.hundredths(paper), "interview": Achieved.hundredths(interview)}))
    higher = min(10000, paper + more)
    after = propose(DEFAULT, Facts({"paper": Achieved.hundredths(higher), "interview": Achieved.hundredths(interview)}))
    assert after.composite is not None
    assert before.composite is not None
    assert after.composite >= before.composite
    assert not (before.kind == "qualified" and after.kind != "qualified")


@pytest.mark.parametrize("code", sorted(PRESETS))
def test_a_rule_set_goes_through_json_unchanged(code: str) -> None:
    rules = PRESETS[code]
    assert read_rule_set(json.loads(json.dumps(rules.as_json()))) == rules


def test_facts_go_into_json_as_text() -> None:
    assert facts("62.5", LEAVE, 1, {"理论": Achieved.scored(40, 70)}).as_json() == {
        "parts": {
            "paper": {"status": "scored", "score": "62.50", "max": "100.00"},
            "interview": {"status": "leave", "basis": "病假，张某批准"},
        },
        "sections": {"理论": {"status": "scored", "score": "40.00", "max": "70.00"}},
        "previous_failures": 1,
    }


PAPER = {"code": "paper", "weight": "100"}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "没有名称"),
    ({"version": 0}, "版本号是 0"),
    ({"version": "1"}, "应为整数"),
    ({"parts": []}, "组成部分"),
    ({"parts": {}}, "应为一个列表"),
    ({"parts": [PAPER, PAPER]}, "各写一次"),
    ({"parts": [{"code": "oral", "weight": "100"}]}, "“oral”不认识"),
    ({"parts": [{"code": "paper", "weight": "60"}, {"code": "interview", "weight": "50"}]}, "权重之和是 110%"),
    ({"parts": [PAPER, {"code": "interview", "weight": "0"}]}, "应大于 0"),
    ({"parts": [{"code": "paper", "weight": 100.0}]}, "应为文本"),
    ({"parts": [{"code": "paper", "weight": "100", "floor": "101"}]}, "应在 0 至 100 分之间"),
    ({"cut": "101"}, "合格线是 101 分"),
    ({"cut": 60.0}, "应为文本"),
    ({"cut": None}, "应为文本"),
    ({"cut": "60.005"}, "小数位数多于"),
    ({"decimals": 3}, "应为 0 至 2 位"),
    ({"ties": "lot"}, "同分规则 ties“lot”不认识"),
    ({"consequences": {"below": "expel"}}, "“expel”不认识"),
    ({"consequences": []}, "应为一个对象"),
    ({"make_up_months": [6, 2]}, "先小后大"),
    ({"make_up_months": [6]}, "两个月数"),
    ({"valid_months": 0}, "有效期 0 个月"),
    ({"section_floors": [{"name": "理论", "max": "70", "floor": "71"}]}, "应在 0 至 70 分之间"),
    ({"section_floors": [{"name": "理论", "max": "0", "floor": "0"}]}, "满分应大于 0"),
    ({"section_floors": [{"name": "理论", "max": "70", "floor": "40"}] * 2}, "不同的名称"),
    (
        {"parts": [{"code": "interview", "weight": 100}], "section_floors": [{"name": "甲", "max": 1, "floor": 1}]},
        "没有笔试",
    ),
]


@pytest.mark.parametrize(("change", "says"), BAD, ids=[says for _, says in BAD])
def test_a_rule_set_that_cannot_be_applied_is_refused(change: dict[str, Any], says: str) -> None:
    base: dict[str, Any] = {"name": "规则", "parts": [PAPER], "cut": "60"}
    assert isinstance(read_rule_set(base), RuleSet)
    with pytest.raises(RuleProblem) as caught:
        read_rule_set(base | change)
    assert says in str(caught.value)
    assert str(caught.value).endswith("。")


def standings(*rows: tuple[str, str | None, str, str]) -> list[Standing[str]]:
    return [
        Standing(key, None if composite is None else Decimal(composite), Fraction(paper), Fraction(interview))
        for key, composite, paper, interview in rows
    ]


ROWS = standings(
    ("甲", "70.00", "60", "80"),
    ("乙", "80.00", "80", "80"),
    ("丙", "70.00", "80", "60"),
    ("丁", None, "0", "0"),
    ("戊", "60.00", "60", "60"),
    ("己", "70.00", "80", "60"),
)


@pytest.mark.parametrize(
    ("ties", "places"),
    [
        ("none", {"乙": 1, "甲": 2, "丙": 2, "己": 2, "戊": 5, "丁": None}),
        ("written_first", {"乙": 1, "丙": 2, "己": 2, "甲": 4, "戊": 5, "丁": None}),
        ("interview_first", {"乙": 1, "甲": 2, "丙": 3, "己": 3, "戊": 5, "丁": None}),
    ],
)
def test_ties_are_settled_by_the_named_part_or_shared(ties: Any, places: dict[str, int | None]) -> None:
    ranked = rank(ROWS, ties)
    assert {place.key: place.rank for place in ranked} == places
    assert [place.key for place in ranked] == list(places)


def test_how_a_tie_was_settled_is_said() -> None:
    words = {place.key: place.tie for place in rank(ROWS, "written_first")}
    assert words == {"乙": "", "丙": "同分并列", "己": "同分并列", "甲": "同分，笔试高者在前", "戊": "", "丁": ""}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 3)), max_size=12), st.randoms())
def test_a_place_is_one_more_than_the_number_of_people_ahead(rows: list[tuple[int, int, int]], random: Any) -> None:
    people = [
        Standing(number, Decimal(total), Fraction(paper), Fraction(interview))
        for number, (total, paper, interview) in enumerate(rows)
    ]
    random.shuffle(people)
    got = {place.key: place.rank for place in rank(people, "written_first")}
    assert got == {number: 1 + sum(other[:2] > row[:2] for other in rows) for number, row in enumerate(rows)}
