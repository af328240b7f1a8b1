"""What Moodle refuses of a question that its formats can state, and where its import stops: told before somebody meets it. Pure.

Moodle takes only the shares of its own menus (question_bank::fraction_options_full, compared by match_grade_options in
question/format.php, importprocess), and stops its import behind a question whose shares do not add up (save_question_options of
question/type/multichoice and shortanswer, qtype_multianswer_validate_question).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from question_bank.formats.moodle_items import shares_as_written
from question_bank.formats.moodle_text import percent
from question_bank.formats.report import ImportedItem, Problem

_MENU = "1 0.9 0.8333333 0.8 0.75 0.7 0.6666667 0.6 0.5 0.4 0.3333333 0.3 0.25 0.2 0.1666667 0.1428571 0.125 0.1111111 0.1 0.05 0"
_KNOWN = tuple(Decimal(share) for share in _MENU.split())
_NEAR = Decimal("0.00001")
# What two decimals round to 1.
_WHOLE = (Decimal("0.995"), Decimal("1.005"))


def _never(_case: ImportedItem) -> bool:
    return False


def demands(
    items: Iterable[ImportedItem], told: Sequence[Problem], is_cloze: Callable[[ImportedItem], bool] = _never
) -> list[Problem]:
    """Return what Moodle will not take of the items that were written, one warning for each at most.

    ``told``: the problems so far, by which an item was not written; ``is_cloze``: whether a case is written as one question.
    """
    left_out = {problem.ref for problem in told if problem.severity == "error"}
    found = []
    for item in items:
        in_cloze = item.type == "case" and is_cloze(item)
        reasons = [reason for part in (item, *item.parts) for reason in _reasons(part, in_cloze)]
        if reasons and item.ref not in left_out:
            mend = "改正比例；或在 Moodle 导入时选“成绩不匹配时取最接近的”，并逐题核对"
            found.append(Problem(item.ref, "Moodle", "warning", f"Moodle 不会照样收下：{'；'.join(reasons[:3])}", mend))
    return found


def _reasons(item: ImportedItem, in_cloze: bool) -> Iterator[str]:
    groups = _shares(item)
    # In a cloze any share may stand, and those of several choices are made to add up.
    unknown = [] if in_cloze or len(groups) != 1 else [share for share in groups[0] if not _is_known(share)]
    if unknown:
        told = "、".join(f"{percent(share)}%" for share in dict.fromkeys(unknown))
        yield f"它没有 {told} 这样的比例，这道题会被跳过"
    if item.type == "multiple_choice" and not in_cloze:
        right = sum((share for share in groups[0] if share > 0), Decimal(0))
        if not _WHOLE[0] <= right < _WHOLE[1]:
            yield f"各正确选项的比例相加是 {percent(right)}%，不是 100%，导入会在这道题停下"
    elif item.type in ("single_choice", "fill_blank") and any(group and max(group) != 1 for group in groups):
        yield "没有得满分的答案，导入会在这道题停下"


def _is_known(share: Decimal) -> bool:
    return any(abs(abs(share) - known) < _NEAR for known in _KNOWN)


def _shares(item: ImportedItem) -> list[Sequence[Decimal]]:
    """The shares of a choice, of each blank, of a number."""
    if item.type in ("single_choice", "multiple_choice"):
        return [shares_as_written(item)]
    if item.type == "fill_blank":
        return [
            [_share(entry) for entry in ([blank] if isinstance(blank, str | Mapping) else blank)] for blank in item.key
        ]
    if item.type == "numeric":
        return [[_share(entry) for entry in item.key]]
    return []


def _share(entry: Any) -> Decimal:
    return Decimal(str(entry.get("fraction", "1"))) if isinstance(entry, Mapping) else Decimal(1)
