"""Whatever happens while a file is read, the caller gets an answer or one sentence, soon."""

import json
import time
from pathlib import Path

import pytest
import structlog.testing

from core.archives import MEGABYTE, UnreadableFile
from core.bounded import LARGEST_FILE, Bounds, opened, run_bounded

TIGHT = Bounds(memory=300 * MEGABYTE, output=5 * MEGABYTE, seconds=1, patience=3)


def run(way: str, data: bytes = b"x", bounds: Bounds = TIGHT) -> bytes:
    with opened(data) as stream, run_bounded("tests.support.misbehaving", stream, [way], bounds) as told:
        return told.read()


def test_the_answer_comes_back_whole() -> None:
    data = bytes(range(256)) * 1000
    assert run("echo", data) == data


def test_the_child_sees_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HENGJIAN_SECRET_KEY", "x" * 40)
    assert b"HENGJIAN" not in run("environment")


@pytest.mark.parametrize("way", ["loop", "sleep", "memory", "depth", "output", "crash"])
def test_a_reader_that_runs_away_is_ended_with_one_sentence(way: str) -> None:
    started = time.monotonic()
    with pytest.raises(UnreadableFile, match=r"文件过于复杂或已损坏.*请拆成几个文件"):
        run(way)
    assert time.monotonic() - started < 30


def test_what_a_reader_started_ends_with_it() -> None:
    started = time.monotonic()
    assert run("orphan") == b""
    assert time.monotonic() - started < 30


def test_a_fault_of_ours_is_logged_by_its_place_without_a_word_of_the_file() -> None:
    with structlog.testing.capture_logs() as logs, pytest.raises(UnreadableFile, match="交给管理员"):
        run("fault", "秘密的答案".encode())
    (entry,) = logs
    assert "KeyError" in entry["fault"]
    assert "misbehaving.py" in entry["fault"]
    assert "秘密" not in json.dumps(entry, ensure_ascii=False)


def test_an_empty_file_and_one_that_is_too_large_are_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="0 字节"):
        run("echo", b"")
    large = tmp_path / "large.txt"
    with large.open("wb") as stream:
        stream.truncate(LARGEST_FILE + 1)
    with opened(large) as stream, pytest.raises(UnreadableFile, match="超过上限 100 MB；请拆成几个文件"):
        run_bounded("tests.support.misbehaving", stream, ["echo"], TIGHT)
    with pytest.raises(UnreadableFile, match="打不开"):
        opened(tmp_path / "none")


def test_a_child_of_a_bounded_child_has_no_more_than_its_parent() -> None:
    assert run("nested") == b"refused"
