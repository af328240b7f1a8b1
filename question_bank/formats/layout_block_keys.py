"""The keys of a block: behind its marks, in its stem, at its options, in how they look. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from question_bank.formats import cells
from question_bank.formats.cells import CellError, Key
from question_bank.formats.layout_answers import enumerated, letters, truth
from question_bank.formats.layout_blocks import Block, Written
from question_bank.formats.layout_lines import joined
from question_bank.formats.report import ImportedItem, ImportedOption, Problem, Severity
from question_bank.formats.texts import half_width, with_blanks
from question_bank.item_types.fill_blank import BLANK

_BLANK_BRACKET = "（　）"
_KEY_INSIDE = re.compile(
    r"[（(\[【]\s*([A-ZＡ-Ｚ](?:[\s,，、]*[A-ZＡ-Ｚ])*)\s*[)）\]】]|[_＿]+\s*([A-HＡ-Ｈ](?:[\s,，、]*[A-HＡ-Ｈ])*)\s*[_＿]+"
)
TRUTH_INSIDE = re.compile(r"[（(\[【]\s*([√✓✔☑×✗✘✕╳xXTFVtfYNＴＦ]|对|错|正确|错误)\s*[)）\]】]")
# …应当保密。错误: a verdict that a space or the end of the sentence divides from the statement.
_TRUTH_BEHIND = re.compile(
    r"(?:(?:(?<=[。！？!?.])|\s)\s*(?=[√✓✔☑×✗✘✕╳对错正])|(?<=[。！？])\s*(?=[TF]))([√✓✔☑×✗✘✕╳对错TF]|正确|错误)\s*[。.]?\s*$"
)
_FILLED = re.compile(r"[_＿]{1,}\s*([^_＿\s][^_＿\n]{0,60}?)\s*[_＿]{1,}|[（(【]\s*([^（()）【】]{1,40})\s*[)）】]")
# （ 2019年6月1日 ）: room on both sides of a text shows that it was written into a blank.
_ROOMY = re.compile(r"[（(【]\s+([^（()）【】_＿\s](?:[^（()）【】_＿]{0,38}?[^（()）【】_＿\s])?)\s+[)）】]")
_BEHIND = re.compile(r"(?<=[。！？!?.])\s*[（(【]\s*([^（()）【】]{1,40}?)\s*[)）】]\s*$")
_BRACKETED = re.compile(r"[（(]\s*([^（()）]{1,60}?)\s*[)）]")
_VARIANTS = re.compile(r"(?<!\\)[|｜]")


class KeyReader:
    """A block, what is wrong or doubtful about it, and how its keys are read."""

    def __init__(self, block: Block, default_points: int | None = None) -> None:
        self.block = block
        self.ref = block.ref
        self.default_points = default_points
        self.problems: list[Problem] = []
        self.unfinished: ImportedItem | None = None  # what an item with errors says, for a person to complete
        self.right: list[str] = []  # options that are marked as right
        self.any_number = False  # 不定项: one right option is as good as several

    def note(self, column: str, severity: Severity, reason: str, mend: str) -> None:
        """Name a problem of this item."""
        self.problems.append(Problem(self.ref, column, severity, reason, mend))

    def text(self, field: str) -> str:
        """Return what is written in a field, repeated ones on lines of their own."""
        return "\n".join(dict.fromkeys(w.text for w in self.block.fields.get(field, ()) if w.text))

    def _keys(self) -> list[Written]:
        return [written for written in self.block.fields.get("key", ()) if written.text.strip()]

    def _label_key(self, stem: str, options: tuple[ImportedOption, ...]) -> tuple[str, Key]:
        stem, inside = self._labels_inside(stem, options)
        keys: list[Key] = []
        for written in self._keys():
            key, behind = letters(written.text, options)
            keys.append(key)
            if behind:
                self.block.fields.setdefault("rationale", []).append(Written(written.ref, behind))
        if self.right:
            keys.append(Key(tuple(sorted(self.right))))
        if not keys and not inside:
            stem, shown = self._said_inside(stem, options)
            keys.append(shown or self._shown_key(options))
        every = [tuple(key.value) for key in keys] + ([inside] if inside else [])
        if len(set(every)) > 1:
            said = "、".join(dict.fromkeys("".join(str(part) for part in value) for value in every))
            self.note("答案", "warning", f"有几处不同的答案：{said}，按第一处读取", "核对答案，只留一处")
        return stem, keys[0] if keys else Key(inside)

    def _said_inside(self, stem: str, options: tuple[ImportedOption, ...]) -> tuple[str, Key | None]:
        """Take a key out of the stem that is written as the text of an option: （18）周岁."""
        by_text = {half_width(option.text): option.label for option in options}
        found = [match for match in _BRACKETED.finditer(stem) if half_width(match[1]) in by_text]
        if len(found) != 1:
            return stem, None
        label = by_text[half_width(found[0][1])]
        doubt = (f"题干括号里写着选项 {label} 的内容，按答案 {label} 读取", "核对后写明“答案：”")
        return f"{stem[: found[0].start()]}{_BLANK_BRACKET}{stem[found[0].end() :]}", Key((label,), (doubt,))

    def _shown_key(self, options: tuple[ImportedOption, ...]) -> Key:
        """Return the key that bold, colour or underline shows, where they tell some options from the others."""
        shown = {text.strip() for text in (*self.block.coloured, *self.block.underlined) if text.strip()}
        labels = tuple(
            option.label
            for option in options
            if option.text in shown
            or any(text.endswith(option.text) and text[:1].upper() == option.label for text in shown)
        )
        if not labels or len(labels) == len(options):
            raise CellError("没有答案", "在题后写“答案：”和正确选项的字母，例如 答案：A")
        doubt = (f"没有写答案，按加粗、加了颜色或下划线的选项 {''.join(labels)} 读取", "核对后写明“答案：”")
        return Key(labels, (doubt,))

    def _labels_inside(self, stem: str, options: tuple[ImportedOption, ...]) -> tuple[str, tuple[str, ...]]:
        """Take a key such as （ AB ） out of the stem, where exactly one bracket holds letters of options."""
        labels = {option.label for option in options}
        found = []
        for match in _KEY_INSIDE.finditer(stem):
            said = re.sub(r"[\s,、]", "", half_width(match[1] or match[2]))
            if labels.issuperset(said) and len(set(said)) == len(said):
                found.append((match, tuple(sorted(said))))
        if len(found) > 1:
            last = found[-1]
            behind = stem[last[0].end() :].strip(" 。.?？，,：:")
            found = [last] if not behind and not self._keys() else []
        if len(found) != 1:
            return stem, ()
        match, letters_found = found[0]
        keep = _keeps_bracket(stem, match)
        return f"{stem[: match.start()]}{_BLANK_BRACKET if keep else ''}{stem[match.end() :]}".strip(), letters_found

    def _truth_key(self, stem: str, options: tuple[ImportedOption, ...]) -> tuple[str, Key]:
        found = list(TRUTH_INSIDE.finditer(stem))
        inside = ""
        if found and (len(found) == 1 or not stem[found[-1].end() :].strip(" 。.")):
            match = found[-1]
            inside = cells.truth_of(match[1]) or ""
            stem = f"{stem[: match.start()]}{_BLANK_BRACKET}{stem[match.end() :]}".strip()
        values: list[str] = []
        doubts: tuple[tuple[str, str], ...] = ()
        for written in self._keys():
            key, behind = truth(written.text, options)
            doubts = doubts or key.doubts
            values.append(str(key.value[0]))
            if behind:
                self.block.fields.setdefault("rationale", []).append(Written(written.ref, behind))
        values.extend([inside] if inside else [])
        values.extend(str(truth(option.text, ())[0].value[0]) for option in options if option.label in self.right)
        verdict = _TRUTH_BEHIND.search(stem)
        if not values and verdict:
            values, stem = [str(cells.truth_of(verdict[1]))], stem[: verdict.start()].strip()
            doubts = ((f"没有写“答案：”，按句末的“{verdict[1]}”读取", "核对后写明“答案：”"),)
        if not values:
            raise CellError("没有答案", "在题后写“答案：正确”或“答案：错误”")
        if len(set(values)) > 1:
            self.note("答案", "warning", "有几处不同的答案，按第一处读取", "核对答案，只留一处")
        return stem, Key((values[0],), doubts)

    def _blank_key(self, stem: str) -> tuple[str, Key]:
        written = self._keys()
        if not written:
            return self._filled(stem)
        text = written[0].text if len({w.text for w in written}) == 1 else written[-1].text
        if len({w.text for w in written}) > 1:
            if written[-1].from_list:
                text = written[0].text
                self.note("答案", "warning", "有几处不同的答案，按第一处读取", "核对答案，只留一处")
            else:
                text = "；".join(w.text for w in written)
        lines = text.split("\n")
        if len(lines) > 1 and len(lines) == with_blanks(stem)[1]:
            # 六|6 and 开除 below it: a line for each blank.
            one_each = (cells.blank_key(_VARIANTS.sub("/", line), 1) for line in lines)
            return with_blanks(stem)[0], Key(tuple(accepted for key in one_each for accepted in key.value))
        text = reduce(joined, lines)
        numbered = enumerated(text)
        if numbered:
            stem, blanks = with_blanks(stem, len(numbered))
            if blanks == len(numbered):
                answers = tuple(tuple(str(text) for text in cells.blank_key(part, 1).value[0]) for part in numbered)
                return stem, Key(answers)
        stem, blanks = with_blanks(stem, cells.answers_in(text))
        if blanks == 0:
            raise CellError("题干里没有空", "空写作 ____（四个下划线）或空括号（　）", "stem")
        key = cells.blank_key(text, blanks)
        # 一、二 for two blanks is what people write; nothing was guessed where the numbers agree.
        return stem, replace(key, doubts=()) if len(key.value) == blanks else key

    def _filled(self, stem: str) -> tuple[str, Key]:
        """Take answers that stand in the blanks themselves: ____平时考核____, （平时考核）."""
        underlined = [text for text in self.block.underlined if text.strip() and text.strip() in stem]
        if underlined and not with_blanks(stem)[1]:
            for text in underlined:
                stem = stem.replace(text.strip(), "____", 1)
            self.note("答案", "warning", "没有写答案，按带下划线的文字读取", "核对答案")
            return stem, Key(tuple((text.strip(),) for text in underlined))
        matches = written_in(stem) or list(_FILLED.finditer(stem))
        behind = _BEHIND.search(stem)
        if behind and with_blanks(stem)[1] == 1:
            self.note("答案", "warning", f"没有写“答案：”，按句末括号里的“{behind[1]}”读取", "核对后写明“答案：”")
            return with_blanks(stem[: behind.start()].strip())[0], Key(((behind[1],),))
        if not matches or with_blanks(stem)[1]:
            raise CellError("没有答案", "在题后写“答案：”，各空之间用分号（；）分隔")
        key = tuple((next(filter(None, match.groups())).strip(),) for match in matches)
        self.note("答案", "warning", f"没有写答案，按题干里填着的“{'；'.join(k[0] for k in key)[:40]}”读取", "核对答案")
        return _blanked(stem, matches), Key(key)


def written_in(stem: str) -> list[re.Match[str]]:
    """Return the blanks into which an answer is written beyond doubt: between low lines, or in brackets with room around it."""
    found = [match for match in _FILLED.finditer(stem) if match[1]]
    found += [match for match in _ROOMY.finditer(stem) if not re.fullmatch(r"[A-Z]{1,8}", half_width(match[1]))]
    return sorted(found, key=re.Match.start)


def _blanked(stem: str, matches: Sequence[re.Match[str]]) -> str:
    for match in reversed(matches):
        stem = f"{stem[: match.start()]}{BLANK}{stem[match.end() :]}"
    return stem


def _keeps_bracket(stem: str, match: re.Match[str]) -> bool:
    """Whether a blank bracket takes the place of the key: not where one stands in the stem already."""
    rest = stem[: match.start()] + stem[match.end() :]
    return not (re.search(r"[（(]\s*[)）]", rest) and not stem[match.end() :].strip(" 。"))
