"""``bank score`` and ``interview compute``: marks without a database, in the order of the input, every null with a reason."""

import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from core.spreadsheets import write_sheet
from grading.scoring import bank_score
from question_bank.formats.report import ImportedItem, ImportedOption, Report
from tests.conftest import make_app
from tests.support.qti import item_xml, response

HEADINGS = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "分值"]
ROWS = [
    ["单选题", "公务员的管理原则是（　　）。", "公开", "保密", "随意", "封闭", "A", 2],
    ["多选题", "考核方式包括（　　）。", "平时", "专项", "定期", "抽签", "ABC", 3],
    ["判断题", "公务员可以兼职取酬。", "", "", "", "", "错误", 1],
    ["填空题", "考核分为平时考核、____和____。", "", "", "", "", "专项考核；定期考核", 2],
]


@pytest.fixture
def bank(tmp_path):
    path = tmp_path / "题库.xlsx"
    with path.open("wb") as stream:
        write_sheet(stream, "试题", HEADINGS, ROWS)
    return path


@pytest.fixture
def score(bank, tmp_path):
    """Runs the command on the bank and the given responses: (exit, parsed output, messages)."""

    def run(responses, policy=None, files=None, as_json=True):
        path = tmp_path / "responses.json"
        text = responses if isinstance(responses, str) else json.dumps(responses, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        status = bank_score.main(files or [str(bank)], str(path), policy, as_json, out, err)
        printed = out.getvalue()
        return status, json.loads(printed) if as_json and printed else printed, err.getvalue()

    return run


def test_right_answers_earn_their_points(score):
    status, scored, _ = score(
        [
            {"ref": "row 2", "response": ["A"]},
            {"ref": "row 3", "response": ["A", "B", "C"]},
            {"ref": "row 4", "response": ["false"]},
            {"ref": "row 5", "response": ["专项考核", "定期考核"]},
        ]
    )
    assert status == 0
    assert [(one["ref"], one["score"], one["max"]) for one in scored] == [
        ("row 2", "2.00", "2.00"),
        ("row 3", "3.00", "3.00"),
        ("row 4", "1.00", "1.00"),
        ("row 5", "2.00", "2.00"),
    ]
    assert all(one["arithmetic"] for one in scored)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(None, "0.00"), ("all_or_nothing", "0.00"), ("proportional", "2.00"), ("half_for_incomplete", "1.50")],
)
def test_the_policy_decides_what_an_incomplete_answer_earns(score, policy, expected):
    _status, scored, _ = score([{"ref": "row 3", "response": ["A", "B"]}], policy)
    assert scored[0]["score"] == expected


def test_one_blank_of_two_earns_half(score):
    _status, scored, _ = score([{"ref": "row 5", "response": ["专项考核", ""]}])
    assert (scored[0]["score"], scored[0]["max"]) == ("1.00", "2.00")


def test_the_order_of_the_input_is_kept_and_nothing_answered_is_zero(score):
    _status, scored, _ = score([{"ref": "row 4", "response": []}, {"ref": "row 2", "response": ["B"]}])
    assert [(one["ref"], one["score"]) for one in scored] == [("row 4", "0.00"), ("row 2", "0.00")]


def test_what_cannot_be_scored_is_null_with_a_reason_and_the_rest_is_scored(score):
    status, scored, messages = score(
        [
            {"ref": "row 99", "response": ["A"]},
            {"ref": "row 2", "response": "A"},
            {"ref": "row 2", "response": ["Z"]},
            {"ref": "row 2", "response": ["A"]},
        ]
    )
    assert status == 1
    assert [one["score"] for one in scored] == [None, None, None, "2.00"]
    assert "row 99" in scored[0]["reason"]
    assert "列表" in scored[1]["reason"]
    assert "不是本题的选项" in scored[2]["reason"]
    assert len(messages.splitlines()) == 3


def test_with_several_files_each_entry_names_its_own(score, bank, tmp_path):
    other = tmp_path / "另一份.xlsx"
    with other.open("wb") as stream:
        write_sheet(stream, "试题", HEADINGS, [["单选题", "另一题（　　）。", "甲", "乙", "丙", "丁", "B", 1]])
    files = [str(bank), str(other)]
    status, scored, _ = score(
        [
            {"file": "另一份.xlsx", "ref": "row 2", "response": ["B"]},
            {"file": str(bank), "ref": "row 2", "response": ["B"]},
        ],
        files=files,
    )
    assert (status, [one["score"] for one in scored]) == (0, ["1.00", "0.00"])
    status, _printed, messages = score([{"ref": "row 2", "response": ["B"]}], files=files)
    assert status == 1
    assert '应写明 "file"' in messages


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[{", "不是合法的 JSON"),
        ('{"ref": "row 2"}', "应为一个列表"),
        ("[1]", '应写明 "ref"'),
        ('[{"ref": "row 2"}]', '没有 "response"'),
        ('[{"file": "x.xlsx", "ref": "row 2", "response": []}]', "不在命令所给的文件之中"),
        ("[" * 100_000, "不是"),
    ],
)
def test_a_bad_responses_file_gets_one_sentence(score, content, sentence):
    status, printed, messages = score(content)
    assert (status, printed) == (1, "")
    assert sentence in messages
    assert len(messages.splitlines()) == 1


def test_missing_files_and_unknown_policies_are_wrong_usage(score, tmp_path):
    status, _printed, messages = score([], files=[str(tmp_path / "没有.xlsx")])
    assert (status, "文件不存在" in messages) == (2, True)
    status, _printed, messages = score([], policy="generous")
    assert (status, "没有名为“generous”的计分规则" in messages) == (2, True)


def test_a_file_that_cannot_be_read_gives_its_reason(score, tmp_path):
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"not a workbook")
    status, scored, _ = score([{"ref": "row 2", "response": ["A"]}], files=[str(broken)])
    assert status == 1
    assert scored[0]["score"] is None
    assert "没有读出" in scored[0]["reason"]


def test_people_read_lines_instead_of_json(score):
    _status, printed, _ = score([{"ref": "row 2", "response": ["A"]}], as_json=False)
    assert printed.startswith("row 2\t2.00/2.00\t")


@pytest.fixture
def runner(tmp_path):
    return make_app(f"sqlite:///{tmp_path / 'unused.sqlite3'}", tmp_path).test_cli_runner()


def test_the_commands_are_registered_and_need_no_database(runner, bank, tmp_path):
    responses = tmp_path / "r.json"
    responses.write_text('[{"ref": "row 2", "response": ["A"]}]')
    result = runner.invoke(args=["bank", "score", str(bank), "--responses", str(responses), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["score"] == "2.00"
    panel = tmp_path / "panel.json"
    marks = {f"考官{number}": total for number, total in enumerate(("80", "81.5", "82", "90", "70"), 1)}
    panel.write_text(json.dumps({"rule": {"trim": "totals", "decimals": 2}, "scores": marks}))
    result = runner.invoke(args=["interview", "compute", str(panel), "--json"])
    # (80 + 81.5 + 82) / 3 = 81.1666… -> 81.17
    assert (result.exit_code, json.loads(result.stdout)["result"]) == (0, "81.17")
    assert not (tmp_path / "unused.sqlite3").exists()


def test_every_type_that_a_machine_can_mark_is_scored_from_what_a_file_says():
    options = tuple(ImportedOption(label, text) for label, text in zip("ABC", "甲乙丙", strict=True))
    number = ImportedItem("n", "numeric", "几？", key=({"low": "12", "high": "13", "fraction": "1"},))
    pairs = ImportedItem("m", "matching", "配。", key=(("甲", "木"), ("丙", "火")), distractors=("土",))
    order = ImportedItem("o", "ordering", "排。", options, ("C", "A", "B"), points_hundredths=200)
    weighted = ImportedItem(
        "w", "single_choice", "选。", (replace(options[0], fraction=Decimal("0.5")), *options[1:]), ("B",)
    )
    case = ImportedItem(
        "c", "case", "材料。", points_hundredths=300, parts=(replace(number, ref="1"), replace(pairs, ref="2"))
    )
    essay = ImportedItem("e", "essay", "写。", scorable=False)
    report = Report("gift", [number, pairs, order, weighted, case, essay])
    responses = {
        "n": "12.5",
        "m": [["甲", "木"], ["丙", "土"]],
        "o": ["C", "A", "B"],
        "w": ["A"],
        "c": ["13", [["甲", "木"]]],
        "e": ["文章"],
    }
    entries = [bank_score.Entry("f", ref, response) for ref, response in responses.items()]
    scored = [one.as_json() for one in bank_score.score_entries(entries, {"f": report}, None)]
    assert [(one["score"], one.get("max")) for one in scored] == [
        ("1.00", "1.00"),
        ("0.50", "1.00"),
        ("2.00", "2.00"),
        ("0.50", "1.00"),
        ("2.25", "3.00"),
        (None, None),
    ]
    assert "阅卷员" in str(scored[-1]["reason"])


def test_a_part_of_a_qti_item_is_referred_to_its_item(score, tmp_path):
    file = tmp_path / "题.xml"
    file.write_bytes(item_xml(response(correct=("A",), identifier="R1"), "<p>题</p>", identifier="Q1"))
    status, (one,), _ = score([{"ref": "R1", "response": ["A"]}], files=[str(file)])
    assert (status, one["score"]) == (1, None)
    assert "“R1”是试题“Q1”里一小题的作答" in one["reason"]
