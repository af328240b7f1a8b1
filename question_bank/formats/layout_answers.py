"""What people write behind 答案：, taken apart: letters with an explanation, answers of several blanks by number. Pure."""

import re

from question_bank.formats import cells
from question_bank.formats.cells import CellError, Key
from question_bank.formats.layout_lines import flattened, number_of
from question_bank.formats.report import ImportedOption

_LEADING_LETTERS = re.compile(
    r"\s*[(\[【]?([A-Z](?:[\s,、;/]*[A-Z])*)\s*[)\]】]?(?:[。.,;:\s]+|(?=[\u3400-\u9fff(\[【]))(?=\S)"
)
_ENUMERATED = re.compile(
    r"(?:^|(?<=[\s;；,，。、]))(?:[(（]\s?(\d{1,2})\s?[)）]|第\s?([一二三四五六七八九十]|\d{1,2})\s?空\s?[:：]?|问题\s?([一二三四五六七八九十]|\d{1,2})\s?[:：、.]|([①-⑳])|(\d{1,2})\s?[.、．](?!\d))\s*"
)


def letters(text: str, options: tuple[ImportedOption, ...]) -> tuple[Key, str]:
    """Return the key that a text states, and what stands behind its letters as an explanation. Raises CellError."""
    try:
        return cells.label_key(text, options), ""
    except CellError:
        match = _LEADING_LETTERS.match(flattened(text))
        labels = {option.label for option in options}
        found = re.sub(r"[^A-Z]", "", match[1]) if match else ""
        if match is None or not found or not labels.issuperset(found):
            raise
        behind = text[match.end() :].strip()
        # 正确答案：B:乙; repeats the options, it does not explain them.
        repeated = {part.strip() for part in re.split(r"[;；\n]", behind)} <= {"", *(option.text for option in options)}
        return cells.label_key(found, options), "" if repeated else behind


def truth(text: str, options: tuple[ImportedOption, ...]) -> tuple[Key, str]:
    """Return the truth value that a text states, and what stands behind it as an explanation. Raises CellError."""
    try:
        return cells.truth_key(text, options), ""
    except CellError:
        match = re.match(r"\s*[(]?\s*(正确|错误|对|错|[√×✓✗TF])\s*[)]?\s*[。.,;:\s]\s*(?=\S)", flattened(text))
        if match is None:
            raise
        return cells.truth_key(match[1], options), text[match.end() :].strip()


def enumerated(text: str) -> list[str]:
    """Return the answers of `(1)甲 (2)乙`, `①甲②乙` or `第一空：甲` in order, nothing for a text without numbers."""
    flat = text
    marks = list(_ENUMERATED.finditer(flat)) or list(re.finditer(r"(?:[①-⑳])\s*", flat))
    circled = list(re.finditer(r"([①-⑳])\s*", flat))
    if len(circled) > len(marks):
        marks = circled
    if not marks or flat[: marks[0].start()].strip():
        return []
    wanted: list[re.Match[str]] = []
    for match in marks:
        number = number_of(flattened(match[0].strip()) + "x")
        value = number.value if number else _blank_number(match[0])
        if value == len(wanted) + 1:
            wanted.append(match)
    if len(wanted) < 2:
        return []
    ends = [*(match.start() for match in wanted[1:]), len(flat)]
    return [text[match.end() : end].strip(" \n；;，,。、") for match, end in zip(wanted, ends, strict=True)]


def _blank_number(text: str) -> int:
    found = re.search(r"([一二三四五六七八九十])|(\d+)", text)
    if found is None:
        return 0
    return "一二三四五六七八九十".index(found[1]) + 1 if found[1] else int(found[2])
