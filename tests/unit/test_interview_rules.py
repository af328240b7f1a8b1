import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exact import hundredths, round_half_up
from grading.interview.compute import compute_panel, main
from grading.interview.presets import PRESETS
from grading.interview.rules import (
    Element,
    PanelProblem,
    PanelRule,
    compute,
    compute_totals,
    examiner_total,
    read_mark,
)

ELEMENTS = [Element("分析", Fraction(60), Fraction(10)), Element("表达", Fraction(40), Fraction(20))]

totals_of_a_panel = st.lists(st.integers(0, 10000).map(lambda units: Fraction(units, 100)), min_size=5, max_size=11)
sheets = st.fixed_dictionaries(
    {
        "分析": st.integers(0, 1000).map(lambda units: Fraction(units, 100)),
        "表达": st.integers(0, 2000).map(lambda units: Fraction(units, 100)),
    }
)
panels = st.lists(sheets, min_size=5, max_size=9)


def named(values: list[Any]) -> dict[str, Any]:
    return {f"考官{number}": value for number, value in enumerate(values, 1)}


def totals(*texts: str) -> dict[str, Fraction]:
    return named([Fraction(text) for text in texts])


def test_one_highest_and_one_lowest_go_and_the_rest_are_averaged() -> None:
    result = compute_totals(PanelRule(), totals("80", "82", "92", "84", "71.5", "81", "83"))
    assert str(result.result) == "82.00"
    assert result.announcement == result.arithmetic
    assert result.announcement == (
        "去掉一个最高分 92.00（考官3），去掉一个最低分 71.50（考官5），平均 (80.00+82.00+84.00+81.00+83.00)÷5 = 82.00"
    )
    assert [counted.as_json() for counted in result.dropped] == [
        {"examiner": "考官3", "value": "92.00"},
        {"examiner": "考官5", "value": "71.50"},
    ]


def test_of_tied_extremes_only_one_goes() -> None:
    result = compute_totals(PanelRule(), totals("90", "90", "80", "70", "70"))
    assert [counted.value for counted in result.kept] == [90, 80, 70]
    assert [counted.examiner for counted in result.dropped] == ["考官1", "考官4"]


def test_when_all_are_equal_two_different_examiners_go() -> None:
    result = compute_totals(PanelRule(), totals("80", "80", "80", "80", "80"))
    assert [counted.examiner for counted in result.dropped] == ["考官1", "考官2"]
    assert str(result.result) == "80.00"


@pytest.mark.parametrize(
    ("scores", "decimals", "result"),
    [
        (("82", "82.01", "82.005"), 2, "82.01"),
        (("82.004", "82.004", "82.0069"), 2, "82.00"),
        (("82", "82", "83"), 2, "82.33"),
        (("82", "83", "82.5"), 0, "83"),
        (("0", "0", "0.375"), 2, "0.13"),
    ],
)
def test_only_the_mean_is_rounded_and_a_tie_goes_up(scores: tuple[str, ...], decimals: int, result: str) -> None:
    assert str(compute_totals(PanelRule("none", decimals), totals(*scores)).result) == result


def test_a_rounding_is_said_with_the_number_before_it() -> None:
    assert compute_totals(PanelRule("none"), totals("82", "82.01", "82.005")).arithmetic == (
        "平均 (82.00+82.01+82.005)÷3 = 82.005，四舍五入为 82.01"
    )
    assert compute_totals(PanelRule("none"), totals("82", "82", "83")).arithmetic.endswith(
        "= 247/3（约 82.33333333），四舍五入为 82.33"
    )


def test_an_examiners_total_is_weighted_and_not_rounded() -> None:
    elements = [Element("分析", Fraction(50), Fraction(7)), Element("表达", Fraction(50), Fraction(10))]
    assert examiner_total(elements, {"分析": Fraction(5), "表达": Fraction("8.5")}) == Fraction(250, 7) + Fraction(
        "42.5"
    )
    result = compute(PanelRule("none"), elements, named([{"分析": Fraction(5), "表达": Fraction("8.5")}] * 3))
    assert result.totals[0].value == Fraction(1095, 14)
    assert result.kept[0].as_json()["value"] == "78.2142857143"
    assert "(1095/14+1095/14+1095/14)÷3 = 1095/14" in result.arithmetic


def test_trimming_by_element_drops_per_element_and_rounds_once_at_the_end() -> None:
    marks = named(
        [
            {"分析": Fraction(mark), "表达": Fraction(other)}
            for mark, other in [("9", "10"), ("8", "20"), ("7", "12"), ("8.01", "13"), ("8.5", "14")]
        ]
    )
    result = compute(PanelRule("elements"), ELEMENTS, marks)
    exact = Fraction("24.51") / 3 * 6 + Fraction(39, 3) * 2
    assert Fraction(result.result) == Fraction(round_half_up(exact))
    assert [(gone.examiner, gone.element) for gone in result.dropped] == [
        ("考官1", "分析"),
        ("考官3", "分析"),
        ("考官2", "表达"),
        ("考官1", "表达"),
    ]
    assert result.arithmetic == (
        "分析：去掉一个最高分 9.00（考官1），去掉一个最低分 7.00（考官3），平均 (8.00+8.01+8.50)÷3 = 8.17，"
        "计 8.17÷10×60 = 49.02；"
        "表达：去掉一个最高分 20.00（考官2），去掉一个最低分 10.00（考官1），平均 (12.00+13.00+14.00)÷3 = 13.00，"
        "计 13.00÷20×40 = 26.00；各要素合计 49.02+26.00 = 75.02"
    )


def trimmed(values: list[Fraction]) -> Fraction:
    middle = sorted(values)[1:-1]
    return sum(middle, Fraction(0)) / len(middle)


@given(totals_of_a_panel)
def test_trimming_totals_agrees_with_sorting_and_cutting_both_ends(values: list[Fraction]) -> None:
    result = compute_totals(PanelRule(), named(values))
    assert result.result == round_half_up(trimmed(values))
    assert sorted(counted.value for counted in (*result.kept, *result.dropped)) == sorted(values)
    assert len({counted.examiner for counted in (*result.kept, *result.dropped)}) == len(values)


@given(panels)
def test_trimming_totals_of_marks_agrees_with_the_oracle(values: list[dict[str, Fraction]]) -> None:
    expected = trimmed([sheet["分析"] * 6 + sheet["表达"] * 2 for sheet in values])
    assert compute(PanelRule(), ELEMENTS, named(values)).result == round_half_up(expected)


@given(panels)
def test_trimming_elements_agrees_with_the_oracle(values: list[dict[str, Fraction]]) -> None:
    expected = trimmed([sheet["分析"] for sheet in values]) * 6 + trimmed([sheet["表达"] for sheet in values]) * 2
    result = compute(PanelRule("elements"), ELEMENTS, named(values))
    assert result.result == round_half_up(expected)
    assert len(result.kept) == 2 * (len(values) - 2)
    assert len(result.dropped) == 4


@given(panels, st.randoms(), st.sampled_from(["totals", "elements", "none"]))
def test_the_order_of_examiners_does_not_change_the_result(
    values: list[dict[str, Fraction]], random: Any, trim: Any
) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    rule = PanelRule(trim)
    assert compute(rule, ELEMENTS, named(values)).result == compute(rule, ELEMENTS, named(shuffled)).result


@given(panels, st.sampled_from(["totals", "elements", "none"]))
def test_a_result_lies_between_nothing_and_the_sum_of_weights(values: list[dict[str, Fraction]], trim: Any) -> None:
    assert 0 <= compute(PanelRule(trim), ELEMENTS, named(values)).result <= 100


@given(totals_of_a_panel, st.data())
def test_a_higher_mark_never_lowers_the_result(values: list[Fraction], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    higher = [*values]
    higher[place] += data.draw(st.integers(0, 5000)) * Fraction(1, 100)
    before = compute_totals(PanelRule(), named(values)).result
    assert compute_totals(PanelRule(), named(higher)).result >= before


@pytest.mark.parametrize(
    ("rule", "size", "enough"),
    [
        (PanelRule("totals"), 4, False),
        (PanelRule("totals"), 5, True),
        (PanelRule("totals", minimum=3), 3, True),
        (PanelRule("totals", minimum=7), 5, False),
        (PanelRule("none"), 3, True),
        (PanelRule("none"), 2, False),
        (PanelRule("none", minimum=1), 1, True),
    ],
)
def test_a_panel_must_be_as_large_as_the_rule_needs(rule: PanelRule, size: int, enough: bool) -> None:
    scores = totals(*["80"] * size)
    if enough:
        assert str(compute_totals(rule, scores).result) == "80.00"
    else:
        with pytest.raises(PanelProblem, match=f"至少需要 {rule.needed} 名考官的评分，现在只有 {size} 名，请补齐"):
            compute_totals(rule, scores)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("10.01", "应在 0 至 10 之间"),
        ("-0.5", "超出范围"),
        ("8.505", r"0\.01 的整数倍"),
        ("", "是空的"),
        ("八", "不是数字"),
    ],
)
def test_a_mark_outside_its_range_or_step_is_refused(text: str, says: str) -> None:
    with pytest.raises(PanelProblem, match=f"^考官1的“分析”得分.*{says}"):
        read_mark(text, ELEMENTS[0], "考官1", step=Fraction(1, 100))


def test_a_mark_is_read_from_full_width_digits() -> None:
    assert read_mark("８．５０", ELEMENTS[0], "考官1", step=Fraction(1, 100)) == Fraction("8.5")


@pytest.mark.parametrize("code", sorted(PRESETS))
def test_the_weights_of_a_preset_add_up_to_a_hundred(code: str) -> None:
    preset = PRESETS[code]
    full = {element.name: element.maximum for element in preset.elements}
    assert examiner_total(preset.elements, full) == 100
    assert len(full) == len(preset.elements)


def test_the_presets_weigh_as_the_formulas_of_zhejiang_and_hebei_do() -> None:
    factors = {code: [str(float(e.factor)) for e in PRESETS[code].elements] for code in ("zhejiang", "hebei")}
    assert factors["zhejiang"] == ["2.5", "2.5", "2.0", "1.5", "1.5"]
    assert factors["hebei"] == ["1.7", "2.0", "1.4", "1.0", "1.4", "1.0", "0.7", "0.8"]


def document(**changes: Any) -> dict[str, Any]:
    sheet = {"分析": "8.5", "表达": "16"}
    base: dict[str, Any] = {
        "rule": {"trim": "totals", "decimals": 2},
        "elements": [{"name": "分析", "weight": "60", "max": "10"}, {"name": "表达", "weight": 40, "max": 20}],
        "scores": {f"考官{number}": dict(sheet) for number in range(1, 6)},
    }
    return base | changes


def test_a_document_is_computed_with_marks() -> None:
    answer = compute_panel(document())
    assert list(answer) == ["result", "kept", "dropped", "arithmetic"]
    assert answer["result"] == "83.00"
    assert answer["kept"][0] == {"examiner": "考官3", "value": "83.00"}
    assert "考官总分 = 6 × 分析 + 2 × 表达；去掉一个最高分 83.00（考官1）" in answer["arithmetic"]


def test_a_document_is_computed_with_totals_alone() -> None:
    scores = {f"考官{number}": total for number, total in enumerate(["82.5", "82", 90, "70", "81"], 1)}
    answer = compute_panel({"rule": {"trim": "totals"}, "scores": scores})
    assert answer["result"] == "81.83"
    assert [gone["examiner"] for gone in answer["dropped"]] == ["考官3", "考官4"]


def test_trimming_by_element_names_the_element() -> None:
    answer = compute_panel(document(rule={"trim": "elements", "decimals": 1}))
    assert answer["result"] == "83.0"
    assert answer["dropped"][0] == {"examiner": "考官1", "element": "分析", "value": "8.50"}


def with_mark(mark: Any, element: str = "分析") -> dict[str, Any]:
    changed = document()
    changed["scores"]["考官2"][element] = mark
    return changed


def with_element(**changes: Any) -> dict[str, Any]:
    changed = document()
    changed["elements"][0] |= changes
    return changed


def without_mark() -> dict[str, Any]:
    changed = document()
    del changed["scores"]["考官2"]["表达"]
    return changed


BAD = [
    ([], "内容应为一个对象"),
    (document(rule=None), "缺少计分规则"),
    (document(rule={"decimals": 2}), "trim 没有写"),
    (document(rule={"trim": "best"}), "trim 是“best”"),
    (document(rule={"trim": ["totals"]}), "trim 是"),
    (document(rule={"trim": "totals", "decimals": "2"}), "decimals 应为整数"),
    (document(rule={"trim": "totals", "decimals": True}), "decimals 应为整数"),
    (document(rule={"trim": "totals", "decimals": 9}), "decimals 是 9"),
    (document(rule={"trim": "totals", "minimum": 2}), "minimum 是 2"),
    (document(rule={"trim": "totals", "minimun": 3}), "“minimun”不认识"),
    (document(scores={}), "没有评分"),
    (document(scores=None), "没有评分"),
    (document(scores={" ": {}}), "没有名称"),
    (document(scores={"考\n官": {}}), "不能显示的字符"),
    (document(scores={"考官1": "82.5"}), "应按要素逐项填写"),
    (document(elements=None), "没有 elements"),
    (document(elements={}), "elements 应为要素的列表"),
    (document(elements=["分析"]), "第 1 个测评要素"),
    (document(elements=[]), "没有 elements"),
    (with_element(name="表达"), "出现了两次"),
    (with_element(name=""), "没有名称"),
    (with_element(weight="0"), "权重是 0.00，应大于 0"),
    (with_element(weight="-5"), "应大于 0"),
    (with_element(weight=None), "没有填写"),
    (with_element(max="0"), "满分是 0.00"),
    (with_mark("10.01"), "考官2的“分析”得分 10.01 超出范围，应在 0 至 10 之间"),
    (with_mark("-1"), "超出范围"),
    (with_mark(8.5), "不带引号的小数 8.5"),
    (with_mark(float("nan")), "不带引号的小数 nan"),
    (with_mark("NaN"), "不是数字"),
    (with_mark("1e1"), "不是数字"),
    (with_mark(""), "是空的"),
    (with_mark(True), "应为文本"),
    (with_mark(10**5000), "应为文本"),
    (with_mark(["8"]), "应为文本"),
    (with_mark("8", element="气质"), "未设置的要素“气质”"),
    (without_mark(), "考官2缺少“表达”的得分"),
    ({"rule": {"trim": "totals"}, "scores": {"考官1": "-1"}}, "小于 0"),
    ({"rule": {"trim": "elements"}, "scores": {"考官1": "80"}}, "只有考官总分"),
]


@pytest.mark.parametrize(("bad", "says"), BAD, ids=[says for _, says in BAD])
def test_a_bad_document_is_refused_with_one_sentence(bad: Any, says: str) -> None:
    with pytest.raises(PanelProblem) as caught:
        compute_panel(bad)
    sentence = str(caught.value)
    assert says in sentence
    assert sentence.endswith("。")
    assert "\n" not in sentence


def run(path: Path, as_json: bool = True) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return main(path, as_json, out, err), out.getvalue(), err.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_computed_whatever_its_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "panel.json"
    file.write_text(json.dumps(document(), ensure_ascii=False), encoding=encoding)
    code, out, err = run(file)
    assert (code, err) == (0, "")
    assert json.loads(out) == compute_panel(document())
    assert "考官1" in out
    code, out, _ = run(file, as_json=False)
    assert (code, out.splitlines()[0]) == (0, "面试成绩 83.00")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (json.dumps(document(scores={"考官1": {"分析": "8", "表达": "9"}})), "至少需要 5 名考官"),
        ('{"rule": ', "第 1 行第 10 个字符处不是合法的 JSON"),
        ('{"scores": {"a": "1", "a": "2"}}', "“a”在同一处出现了两次"),
        ('{"rule": ' + "9" * 5000 + "}", "数字过长"),
        ("[" * 200000, "层次过深"),
        ('{"rule": {"trim": "none"}, "scores": {"\\ud800": "1"}}', "不能显示的字符"),
    ],
)
def test_a_file_with_a_problem_leaves_standard_output_empty(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "panel.json"
    file.write_text(text, encoding="utf-8")
    code, out, err = run(file)
    assert (code, out) == (1, "")
    assert says in err
    assert err.startswith("panel.json：")


def test_a_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "panel.json"
    file.write_bytes(b"PK\x03\x04\xff\xfe\x00\x81")
    assert run(file)[0] == 1


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    code, out, err = run(tmp_path / "none.json")
    assert (code, out) == (2, "")
    assert "没有文件" in err


def test_hundredths_of_a_result_are_what_is_shown() -> None:
    result = compute_totals(PanelRule("none"), totals("82", "82.01", "82.005"))
    assert hundredths(result.result) == 8201
