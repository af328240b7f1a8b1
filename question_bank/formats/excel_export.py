"""Items as a workbook in the layout of the template. Each is read back by our own import before it counts as written."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

from core.spreadsheet_writing import MAX_CELL
from question_bank.formats.excel import read_items
from question_bank.formats.excel_writing import write_items as write_workbook
from question_bank.formats.read_back import canonical, differences, otherwise
from question_bank.formats.report import ImportedItem, Problem, Report
from question_bank.item_types.registry import ITEM_TYPES

_OTHERWISE = otherwise("Excel")
_HEADER_ROWS = 1


def write_items(items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    """Return a workbook with the items, and what it could not hold, item by item."""
    problems: list[Problem] = []
    held: list[ImportedItem] = []
    for item in items:
        reason = _refusal(item)
        if reason:
            problems.append(_not_written(item, reason))
        else:
            held.append(item)
    data, again = _tried(held)
    found = {item.ref: item for item in again.items}
    kept: list[ImportedItem] = []
    row = _HEADER_ROWS
    for item in held:
        back = found.get(f"row {row + 1}")
        row += 1 + len(item.parts)
        if back is None or back.type != item.type:
            problems.append(_not_written(item, "Excel 写不出这道题而不改变它的意思"))
            continue
        kept.append(item)
        lost = differences(_plain(item), back)
        if lost:
            reason = f"Excel 不能完整保存：{'、'.join(lost)}"
            problems.append(Problem(item.ref, lost[0], "warning", reason, f"需要完整保存时{_OTHERWISE}"))
    return (data if len(kept) == len(held) else _workbook(kept)), problems


def _refusal(item: ImportedItem) -> str:
    if item.type not in ITEM_TYPES:
        return "Excel 模板没有这种题型"
    everything = (item, *item.parts)
    texts = [text for one in everything for text in (one.stem, one.rationale, *(o.text for o in one.options))]
    if max(map(len, texts)) > MAX_CELL:
        return f"有一处文字超过单元格的上限 {MAX_CELL} 个字"
    return ""


def _tried(items: Sequence[ImportedItem]) -> tuple[bytes, Report]:
    if not items:
        return _workbook(items), Report("excel")
    data = _workbook(items)
    return data, read_items(data, "题.xlsx")


def _workbook(items: Sequence[ImportedItem]) -> bytes:
    stream = BytesIO()
    write_workbook(stream, [_relabelled(item) for item in items])
    return stream.getvalue()


def _relabelled(item: ImportedItem) -> ImportedItem:
    # The columns are named A, B, C …; another format's labels (choice_1) have none.
    return canonical(item) if item.options else item


def _plain(item: ImportedItem) -> ImportedItem:
    return replace(item, tags=tuple(dict.fromkeys(item.tags)))


def _not_written(item: ImportedItem, reason: str) -> Problem:
    return Problem(item.ref, "", "error", f"没有导出：{reason}", _OTHERWISE)
