"""What every command does when its arguments or its database are not there: one sentence, the right exit code, no trace."""

import subprocess
from pathlib import Path

import pytest

from core.spreadsheets import write_sheet
from tests.conftest import make_app

ROOT = Path(__file__).parents[2]
NEEDS_DATABASE = [
    ("db", "upgrade"),
    ("audit", "verify"),
    ("audit", "verify", "--json"),
    ("exam", "grade", "E1"),
    ("exam", "sheets", "E1", "--output", "out"),
    ("roster", "import", "E1", "bank.xlsx"),
    ("roster", "import", "E1", "bank.xlsx", "--commit", "--json"),
    ("bank", "import", "bank.xlsx", "--commit", "--json"),
]
# Of later versions, or of nobody.
UNKNOWN = [
    ("bank", "export", "--format", "gift", "--output", "x"),
    ("exam", "archive", "E1", "--output", "x"),
    ("stats", "items", "x.csv"),
    ("no-such", "command"),
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a sound bank in it, as the present one."""
    monkeypatch.chdir(tmp_path)
    with Path("bank.xlsx").open("wb") as stream:
        write_sheet(stream, "试题", ["题型", "题干", "答案"], [["判断题", "公务员可以兼职取酬。", "错误"]])
    return tmp_path


def run(url, folder, *arguments):
    result = make_app(url, folder).test_cli_runner().invoke(args=list(arguments))
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


@pytest.mark.parametrize("arguments", NEEDS_DATABASE, ids=" ".join)
def test_a_database_that_does_not_answer_is_one_sentence(here, arguments):
    result = run("postgresql+psycopg://nobody@127.0.0.1:1/none", here, *arguments)
    assert result.exit_code == 2
    assert "数据库不可用或尚未建立" in result.stderr
    assert "请检查 DATABASE_URL" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", NEEDS_DATABASE[1:], ids=" ".join)
def test_a_database_without_tables_is_one_sentence(here, arguments):
    result = run(f"sqlite:///{here / 'empty.sqlite3'}", here, *arguments)
    assert result.exit_code == 2
    assert "script/manage db upgrade" in result.stderr


@pytest.mark.parametrize("arguments", UNKNOWN, ids=" ".join)
def test_a_command_that_is_not_there_is_wrong_usage(here, arguments):
    result = run(f"sqlite:///{here / 'unused.sqlite3'}", here, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")


def test_an_unknown_exam_is_wrong_usage_with_one_sentence_for_every_command(here):
    url = f"sqlite:///{here / 'made.sqlite3'}"
    assert run(url, here, "db", "upgrade").exit_code == 0
    for arguments in (
        ("exam", "grade", "NONE"),
        ("exam", "sheets", "NONE", "--output", "out"),
        ("roster", "import", "NONE", "bank.xlsx"),
    ):
        result = run(url, here, *arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert "没有代码或编号为“NONE”的考试" in result.stderr
    assert not Path("out").exists()


def test_the_script_keeps_json_alone_on_standard_output_from_any_folder(here):
    told = subprocess.run(
        [ROOT / "script" / "manage", "bank", "import", "bank.xlsx", "--json"],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("{")
    assert "兼职取酬" in told.stdout
