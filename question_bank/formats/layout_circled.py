"""Options that are marked ①②③ and no letters, where the key names them the same way: 答案：①③. Pure."""

import re
from collections.abc import Sequence

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
CIRCLED_AS_LETTERS = str.maketrans(CIRCLED, "ABCDEFGHIJ")
_KEY = re.compile(rf"[{CIRCLED}](?:[\s,，、]*[{CIRCLED}])*")
# At the beginning of a line or behind a space or a semicolon: within a sentence they are statements or references.
_MARK = re.compile(rf"(?:^|(?<=[\s；;]))[{CIRCLED}][\s.．、]*", re.MULTILINE)


def circled_options(stem: str, keys: Sequence[str]) -> tuple[str, list[str]] | None:
    """Return what stands before the options and their texts; None where the marks are no options, or no key names them."""
    if not keys or not all(_KEY.fullmatch(key.strip(" 。.")) for key in keys):
        return None
    marks = list(_MARK.finditer(stem))
    if len(marks) < 2 or "".join(mark[0][0] for mark in marks) != CIRCLED[: len(marks)]:
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(stem)]
    texts = [stem[mark.end() : end].strip(" \t\n\u3000；;") for mark, end in zip(marks, ends, strict=True)]
    before = stem[: marks[0].start()].strip()
    named = {char for key in keys for char in key if char in CIRCLED}
    if not before or not all(texts) or not named <= set(CIRCLED[: len(marks)]):
        return None
    return before, texts
