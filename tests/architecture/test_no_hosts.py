"""What is committed works anywhere: it names no package registry and no folder of anybody's machine."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
THIS_FILE = Path(__file__).resolve()
GENERATED = {".git", ".venv", "instance", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}

REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|registry\.yarnpkg|npmmirror|deb\.debian\.org|security\.debian\.org"
    r"|tuna\.tsinghua|mirrors\.aliyun|mirrors\.cloud\.tencent|conda\.anaconda\.org|proxy\.golang\.org"
    r"|--(?:extra-)?index-url|--find-links|index-strategy|trusted-host",
    re.IGNORECASE,
)
LOCK_ADDRESSES = re.compile(r"\w+://|^\s*-(?:i|f)\b|@ file|(?:^|\s)\.{0,2}/\w", re.MULTILINE)
WORK = "work"  # not written as a path: this file holds none either
MACHINE_PATHS = re.compile(
    r"(?<![\w.\-/])(?:/(?:root/|home/\w|Users/\w|work/[\w.]|opt/(?:wheels|pypi)|tmp/\w+/\w)|[A-Z]:\\Users)"
)


def committed_files() -> Iterator[Path]:
    """Every file that git knows; without git (an unpacked archive), every file that no tool generated."""
    if shutil.which("git") and (REPOSITORY / ".git").exists():
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={REPOSITORY}", "ls-files", "-z"],
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
        ).stdout
        candidates = [REPOSITORY / name for name in listed.decode().split("\0") if name]
    else:
        candidates = [path for path in REPOSITORY.rglob("*") if not GENERATED & set(path.relative_to(REPOSITORY).parts)]
    return (path for path in candidates if path.is_file() and path.resolve() != THIS_FILE)


def texts() -> Iterator[tuple[str, str]]:
    """Name and content of each committed text file."""
    for path in committed_files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield str(path.relative_to(REPOSITORY)), content.decode(errors="replace")


def findings(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_committed_file_names_a_package_registry() -> None:
    assert findings(REGISTRIES) == []


def test_no_committed_file_names_a_folder_of_somebodys_machine() -> None:
    assert findings(MACHINE_PATHS) == []


def test_the_lock_files_hold_versions_and_hashes_and_no_address() -> None:
    locks = [(name, text) for name, text in texts() if name.startswith("requirements/") and name.endswith(".txt")]
    assert {name for name, _ in locks} >= {"requirements/runtime.txt", "requirements/dev.txt"}
    for name, text in locks:
        assert not LOCK_ADDRESSES.search(text), f"{name} holds an address or a path"
        pinned = re.findall(r"^[a-z0-9][\w.\-]*(?:\[[\w,\-]+\])?==[^\s;]+", text, re.MULTILINE)
        starts = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert len(pinned) == len(starts), f"{name} holds something that is not pinned to a version"
        assert all(
            "--hash=sha256:" in block for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if block.strip()
        )


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        (REGISTRIES, "source = { registry = 'https://pypi.org/simple' }"),
        (REGISTRIES, "pip install --extra-index-url somewhere"),
        (REGISTRIES, '"resolved": "https://registry.npmjs.org/left-pad.tgz"'),
        (MACHINE_PATHS, "open('/root/notes.txt')"),
        (MACHINE_PATHS, "see /home/alice/hengjian"),
        (MACHINE_PATHS, f"path = /{WORK}/there/core"),
        (LOCK_ADDRESSES, "hengjian @ file:somewhere"),
        (LOCK_ADDRESSES, "-f wheels"),
        (LOCK_ADDRESSES, "flask==3.1.3 # from https://somewhere"),
    ],
)
def test_a_planted_address_is_found(pattern: re.Pattern[str], fault: str) -> None:
    assert pattern.search(fault)
