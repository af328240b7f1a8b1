"""Accounts from a spreadsheet: 用户名, 姓名, 单位. Reads and judges; writes nothing."""

import re
from dataclasses import dataclass
from pathlib import Path

from core.spreadsheet_headers import find_header
from core.spreadsheets import read_sheet

COLUMNS = {
    "username": ("用户名", "登录名", "账号", "帐号"),
    "name": ("姓名", "名字"),
    "unit": ("单位", "工作单位", "部门"),
}
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


@dataclass(frozen=True)
class AccountRow:
    """One account that can be created."""

    row: int
    username: str
    name: str
    unit: str


@dataclass(frozen=True)
class RowProblem:
    """Why a row was not taken: where, what, how to mend it."""

    row: int | None
    column: str
    reason: str
    mend: str


def read_accounts(data: bytes, filename: str, taken: frozenset[str]) -> tuple[list[AccountRow], list[RowProblem]]:
    """The accounts of a file, and the problems row by row. Raises ``UnreadableFile`` for a file that is none.

    ``taken`` are the usernames in use.
    """
    header = find_header(read_sheet(data, Path(filename).name), COLUMNS)
    if header is None or not {"username", "name"} <= set(header.columns):
        missing = RowProblem(
            None, "用户名、姓名", "没有找到“用户名”和“姓名”两列", "请下载模板，按模板的列名填写后重新上传"
        )
        return [], [missing]
    rows: list[AccountRow] = []
    problems: list[RowProblem] = []
    seen: dict[str, int] = {}
    for row in header.body:
        username = row.cell(header.columns["username"]).strip().lower()
        name = row.cell(header.columns["name"]).strip()
        unit = row.cell(header.columns.get("unit")).strip()
        problem = _problem_of(row.number, username, name, taken, seen)
        if problem:
            problems.append(problem)
        else:
            seen[username] = row.number
            rows.append(AccountRow(row.number, username, name, unit[:200]))
    return rows, problems


def _problem_of(row: int, username: str, name: str, taken: frozenset[str], seen: dict[str, int]) -> RowProblem | None:
    if not name or len(name) > 64:
        return RowProblem(row, "姓名", "姓名为空或超过 64 个字", "请填写真实姓名")
    if not _USERNAME.fullmatch(username):
        return RowProblem(
            row,
            "用户名",
            f"用户名“{username}”不合规则",
            "用 2 至 64 个小写字母、数字、点、横线或下划线，以字母或数字开头",
        )
    if username in seen:
        return RowProblem(row, "用户名", f"与第 {seen[username]} 行的用户名“{username}”重复", "请改成不同的用户名")
    if username in taken:
        return RowProblem(row, "用户名", f"用户名“{username}”已被使用", "请换一个用户名；原有账号不会被改动")
    return None
