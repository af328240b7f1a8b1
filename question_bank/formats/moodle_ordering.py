"""Ordering questions of Moodle: their items, and how Moodle marks them otherwise than we do. Pure.

What the words mean, and what is taken where there are none, stands in Moodle's question/type/ordering/questiontype.php
(set_options_for_import) and question.php (start_attempt, grade_response).
"""

from collections.abc import Sequence
from typing import Any

from question_bank.formats.moodle_items import MOST_OPTIONS, Doubts, NotRead
from question_bank.formats.moodle_text import Rich
from question_bank.formats.report import ImportedOption

ALL_OR_NOTHING = "ALL_OR_NOTHING"
_BY_PLACE = ("ABSOLUTE_POSITION", "ABSOLUTE", "ABS")
_NEXT = "按相邻两项的先后给分"
_RULES = {
    **dict.fromkeys(_BY_PLACE, "按放对位置的项数给分"),
    **dict.fromkeys(("", "RELATIVE", "REL", "RELATIVE_NEXT_EXCLUDE_LAST"), _NEXT),
    "RELATIVE_NEXT_INCLUDE_LAST": f"{_NEXT}（末项也算）",
    "RELATIVE_ONE_PREVIOUS_AND_NEXT": "按每项前后各一项给分",
    "RELATIVE_ALL_PREVIOUS_AND_NEXT": "按每项前后的所有项给分",
    "LONGEST_ORDERED_SUBSET": "按先后正确的最多项数给分",
    "LONGEST_CONTIGUOUS_SUBSET": "按连续正确的最多项数给分",
    "RELATIVE_TO_CORRECT": "按每项离正确位置的远近给分",
}
_ALL = ("ALL", "EXACT", "0")
_CONTIGUOUS = ("CONTIGUOUS", "CONTIG", "2")
_SELECTIONS = (*_ALL[:2], "RANDOM", "REL", *_CONTIGUOUS[:2])
_LAYOUTS = ("HORIZONTAL", "HORI", "H", "1", "VERTICAL", "VERT", "V", "0")
_PRESET_COUNT = 6
_LEAST_COUNT = 2


def ordering(texts: Sequence[Rich]) -> dict[str, Any]:
    """Return type, options and key of items given in their order. Raises NotRead."""
    if not 2 <= len(texts) <= MOST_OPTIONS:
        raise NotRead("选项", f"有 {len(texts)} 个要排序的项目，应为 2 到 {MOST_OPTIONS} 个", "增减项目")
    options = tuple(ImportedOption(chr(65 + place), one.plain, html=one.html) for place, one in enumerate(texts))
    return {"type": "ordering", "options": options, "key": tuple(option.label for option in options)}


def note_gift(head: str, items: int, doubts: Doubts) -> None:
    """Name what the line behind `>` of a GIFT question says of marking and we do not do."""
    words = head.upper().split()
    count = int(words.pop(0)[:9]) if words and words[0].isdecimal() else 0
    select = words.pop(0) if words and words[0] in _SELECTIONS else ""
    if words and words[0] in _LAYOUTS:
        words.pop(0)
    grading = words[0] if words and words[0] in (*_RULES, ALL_OR_NOTHING) else ""
    note_marking(grading, select, count if _LEAST_COUNT <= count <= items else _PRESET_COUNT, items, doubts)


def note_marking(grading: str, select: str, count: int, items: int, doubts: Doubts) -> None:
    """Name where Moodle marks an ordering by another rule than we do, or shows only some of the items."""
    rule = grading.strip().upper()
    if rule != ALL_OR_NOTHING:
        reason = f"排序题在 Moodle 里{_RULES.get(rule, _NEXT)}，本系统不另作规定时顺序全对才得分"
        mend = "组卷时选“按位置正确的比例给分”，与 Moodle 相同" if rule in _BY_PLACE else "组卷时核对排序题的计分规则"
        doubts.add("答案", "warning", reason, mend)
    shown = min(max(count, _LEAST_COUNT), items)
    if select.strip().upper() not in _ALL and shown < items:
        how = "连续的" if select.strip().upper() in _CONTIGUOUS else "随机的"
        reason = f"Moodle 每次只取{how} {shown} 项来排，本系统用全部 {items} 项"
        doubts.add("选项", "warning", reason, "核对要排的项目，不用的删去")
