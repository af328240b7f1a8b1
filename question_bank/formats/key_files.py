"""Which of several files holds nothing but keys, and which document they belong to. Pure."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from question_bank.formats.report import KEYS_ALONE, Report

_ALIKE = 0.8
_WORDS_OF_KEYS = re.compile(
    r"参考|标准|答案|解析|试题|题目|题库|试卷|及|与|和|key|answers?|questions?|[\s_()（）.【】-]", re.IGNORECASE
)


def holds_keys(report: Report) -> bool:
    """Whether a report says that its file holds keys and no items."""
    return not report.items and any(problem.reason == KEYS_ALONE for problem in report.problems)


def partner_of(number: int, names: Sequence[str], reports: Sequence[Report]) -> int | None:
    """Return the place of the document that a file of keys belongs to, None where there is none."""
    documents = [at for at, report in enumerate(reports) if _may_lack_keys(report)]
    own = _bare(names[number])

    def fitness(at: int) -> tuple[float, bool, int]:
        alike = SequenceMatcher(None, own, _bare(names[at])).ratio()
        return alike if alike >= _ALIKE else 0.0, at < number, -abs(at - number)

    return max(documents, key=fitness, default=None)


def _may_lack_keys(report: Report) -> bool:
    if report.format not in ("word", "text") or holds_keys(report):
        return False
    return bool(report.items) or any(problem.column == "答案" for problem in report.errors)


def _bare(name: str) -> str:
    return _WORDS_OF_KEYS.sub("", name.rpartition(".")[0].lower())
