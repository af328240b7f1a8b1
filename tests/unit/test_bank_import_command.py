"""The dry run on the command line: its JSON, its words for people, its exit codes."""

import io
import json
from pathlib import Path

from question_bank.formats.importing import main

BANK = Path(__file__).parents[1] / "data" / "bank"


def run(*files: str | Path, format_name: str = "auto", as_json: bool = True) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    code = main(files, format_name, as_json, stdout, stderr)
    return code, stdout.getvalue(), stderr.getvalue()


def test_one_file_gives_one_report_and_several_give_a_list_in_order() -> None:
    code, out, err = run(BANK / "gb18030.csv")
    assert (code, err) == (0, "")
    assert set(json.loads(out)) == {"format", "items", "problems", "duplicates"}
    assert "公务员法" in out
    assert "\\u" not in out
    code, out, _ = run(BANK / "gb18030.csv", BANK / "any_order_openpyxl.xlsx")
    assert code == 1
    assert [Path(report["file"]).name for report in json.loads(out)] == ["gb18030.csv", "any_order_openpyxl.xlsx"]


def test_an_item_is_published_exactly_as_the_interface_states() -> None:
    item = json.loads(run(BANK / "any_order_openpyxl.xlsx")[1])["items"][0]
    assert item == {
        "ref": "row 5",
        "type": "single_choice",
        "stem": "公务员法规定，公务员的定期考核结果分为（  ）个等次。",
        "options": [
            {"label": "A", "text": "二"},
            {"label": "B", "text": "三"},
            {"label": "C", "text": "四"},
            {"label": "D", "text": "五"},
        ],
        "key": ["C"],
        "points": "2.00",
        "rationale": "",
        "knowledge_points": ["考核"],
        "difficulty": "容易",
        "source": None,
        "parts": [],
    }


def test_wrong_usage_is_told_apart_from_bad_files(tmp_path: Path) -> None:
    assert run(tmp_path / "none.xlsx")[0] == 2
    assert run(BANK / "gb18030.csv", format_name="pages")[0] == 2
    assert run()[0] == 2
    code, out, _ = run(BANK / "gb18030.csv", format_name="qti")
    assert code == 1
    assert "不是合法的 XML" in json.loads(out)["problems"][0]["reason"]


def test_the_report_for_people_names_rows_in_chinese() -> None:
    code, out, _ = run(BANK / "any_order_openpyxl.xlsx", as_json=False)
    assert code == 1
    assert "读出 9 题" in out
    assert "错误 第 10 行“标准答案”" in out
    assert "重复 第 13 行与第 5 行相同" in out


def test_a_table_with_other_columns_is_one_error_that_names_the_columns_to_write(tmp_path: Path) -> None:
    table = tmp_path / "名单.csv"
    table.write_text("姓名,单位\n张三,某局\n", encoding="utf-8")
    code, out, _ = run(table)
    report = json.loads(out)
    assert (code, report["items"], len(report["problems"])) == (1, [], 1)
    assert report["problems"][0]["ref"] == "row 1"
    assert report["problems"][0]["severity"] == "error"
    assert "没有找到表头行（第 1 行是：姓名、单位）" in report["problems"][0]["reason"]
    assert "题型、题干" in report["problems"][0]["mend"]
