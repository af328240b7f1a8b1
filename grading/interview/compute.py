"""``interview compute``: the result of a panel from a JSON document, without the database. Pure but for one file read."""

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, TextIO
from unicodedata import category

from core.exact import NotAMark, excerpt, parse_mark
from grading.interview.rules import (
    TRIMS,
    Element,
    PanelProblem,
    PanelResult,
    PanelRule,
    check_elements,
    check_rule,
    compute,
    compute_totals,
)

_RULE_KEYS = ("name", "version", "trim", "decimals", "minimum")
_LARGEST_FILE = 4 * 1024 * 1024
_LARGEST_NUMBER = 10**12


def compute_panel(document: object) -> dict[str, Any]:
    """Return ``{"result", "kept", "dropped", "arithmetic"}`` for a parsed PANEL document; raises ``PanelProblem``."""
    return _compute(document).as_json()


def main(path: Path, as_json: bool, stdout: TextIO, stderr: TextIO) -> int:
    """Compute the panel in a file: 0 = done, 1 = a problem was written to ``stderr``, 2 = there is no such file."""
    if not path.is_file():
        print(f"没有文件 {path}，请核对文件名。", file=stderr)
        return 2
    try:
        result = _compute(_load(path))
    except PanelProblem as problem:
        print(f"{path.name}：{problem}", file=stderr)
        return 1
    if as_json:
        print(json.dumps(result.as_json(), ensure_ascii=False, indent=2), file=stdout)
    else:
        print(f"面试成绩 {result.result:f}\n{result.arithmetic}", file=stdout)
    return 0


def _load(path: Path) -> object:
    try:
        raw = path.read_bytes() if path.stat().st_size <= _LARGEST_FILE else None
    except OSError:
        raise PanelProblem("文件读不出来，请检查文件的读取权限。") from None
    if raw is None:
        raise PanelProblem("文件超过 4 MB，不像是一个考官组的评分，请核对文件。")
    try:
        return json.loads(_decode(raw), object_pairs_hook=_object)
    except json.JSONDecodeError as problem:
        raise PanelProblem(
            f"第 {problem.lineno} 行第 {problem.colno} 个字符处不是合法的 JSON，请改正后再试。"
        ) from None
    except PanelProblem:
        raise
    except (ValueError, RecursionError):
        raise PanelProblem("不是可以读取的 JSON（数字过长或层次过深），请核对文件。") from None


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PanelProblem("文件不是 UTF-8 或 GB18030 文本，请另存为 UTF-8 文本后再试。")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # A name written twice would silently lose the first examiner's marks.
    found = dict[str, object]()
    for name, value in pairs:
        if name in found:
            raise PanelProblem(f"“{excerpt(name)}”在同一处出现了两次，请给每位考官、每个要素不同的名称。")
        found[name] = value
    return found


def _compute(document: object) -> PanelResult:
    if not isinstance(document, Mapping):
        raise PanelProblem('内容应为一个对象 {"rule": …, "elements": …, "scores": …}，请按此格式填写。')
    rule = _read_rule(document.get("rule"))
    scores = _read_scores(document.get("scores"))
    elements = document.get("elements")
    if elements is None or elements == []:
        totals = {examiner: _read_total(examiner, total) for examiner, total in scores.items()}
        return compute_totals(rule, totals)
    known = _read_elements(elements)
    marks = {examiner: _read_sheet(examiner, sheet) for examiner, sheet in scores.items()}
    return compute(rule, known, marks)


def _read_rule(value: object) -> PanelRule:
    if not isinstance(value, Mapping):
        raise PanelProblem('缺少计分规则，请写明 "rule": {"trim": "totals", "decimals": 2}。')
    unknown = [key for key in value if key not in _RULE_KEYS]
    if unknown:
        raise PanelProblem(f"计分规则里的“{excerpt(str(unknown[0]))}”不认识，只能有 {'、'.join(_RULE_KEYS)}，请改正。")
    written = value.get("trim")
    trim = next((known for known in TRIMS if known == written), None)
    if trim is None:
        shown = "没有写" if written is None else f"是“{excerpt(str(written))}”"
        raise PanelProblem(f"计分规则的 trim {shown}，请写为 totals、elements 或 none。")
    minimum = None if value.get("minimum") is None else _read_count(value["minimum"], "minimum")
    rule = PanelRule(trim, _read_count(value.get("decimals", 2), "decimals"), minimum)
    check_rule(rule)
    return rule


def _read_count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise PanelProblem(f"计分规则的 {name} 应为整数，现在是 {excerpt(repr(value))}，请改正。")
    return value


def _read_elements(value: object) -> list[Element]:
    if not isinstance(value, list):
        raise PanelProblem('elements 应为要素的列表，每项写明 "name"、"weight"、"max"，请改正。')
    elements = list[Element]()
    for number, entry in enumerate(value, 1):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
            raise PanelProblem(f'第 {number} 个测评要素应写明 "name"、"weight"、"max"，请补齐。')
        name = excerpt(_check_name(entry["name"], f"第 {number} 个测评要素"))
        weight = _read_number(entry.get("weight"), f"测评要素“{name}”的权重 weight")
        maximum = _read_number(entry.get("max"), f"测评要素“{name}”的满分 max")
        elements.append(Element(entry["name"], weight, maximum))
    check_elements(elements)
    return elements


def _read_scores(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or not value:
        raise PanelProblem('没有评分，请写明 "scores": {"考官1": …}，每位考官一项。')
    for examiner in value:
        _check_name(examiner, "scores 里有一位考官")
    return value


def _check_name(name: object, who: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise PanelProblem(f"{who}没有名称，请补上。")
    if any(category(char) in ("Cc", "Cs") for char in name):
        raise PanelProblem(f"{who}的名称“{excerpt(name)}”含有不能显示的字符，请改正。")
    return name


def _read_total(examiner: str, total: object) -> Fraction:
    if isinstance(total, Mapping):
        raise PanelProblem(f"{excerpt(examiner)}按要素写了得分，但没有 elements，请补上各要素的权重和满分。")
    return _read_number(total, f"{excerpt(examiner)}的总分")


def _read_sheet(examiner: str, sheet: object) -> dict[str, Fraction]:
    if not isinstance(sheet, Mapping):
        raise PanelProblem(
            f'{excerpt(examiner)}的评分应按要素逐项填写，例如 {{"综合分析": "8.5"}}；只有总分时请去掉 elements。'
        )
    return {
        name: _read_number(mark, f"{excerpt(examiner)}的“{excerpt(str(name))}”得分") for name, mark in sheet.items()
    }


def _read_number(value: object, what: str) -> Fraction:
    if value is None:
        raise PanelProblem(f"{what}没有填写，请补上。")
    if isinstance(value, float):
        raise PanelProblem(f'{what}写成了不带引号的小数 {value}，这样的小数并不精确，请加上引号写成 "{value}"。')
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_NUMBER:
        return Fraction(value)
    try:
        return parse_mark(value, what)
    except NotAMark as problem:
        raise PanelProblem(str(problem)) from None
