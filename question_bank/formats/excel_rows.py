"""One row of a spreadsheet becomes one item, or at least one problem that says why not."""

import re
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from core.spreadsheet_headers import Header
from core.spreadsheets import Row
from question_bank.formats import cells, type_cells
from question_bank.formats.cells import CellError, Key
from question_bank.formats.layout_sources import source_of
from question_bank.formats.report import (
    DIFFICULTY_LEVELS,
    ImportedItem,
    ImportedOption,
    ImportedSource,
    Problem,
    Severity,
    sentence_parts,
)
from question_bank.formats.texts import half_width, ordinary, take_points_mark, with_blanks
from question_bank.item_types.multiple_choice import ANY_NUMBER, ONE_ANSWER
from question_bank.item_types.registry import ITEM_TYPES

COLUMN_NAMES = {
    "type": "题型",
    "stem": "题干",
    "options": "选项",
    "key": "答案",
    "points": "分值",
    "rationale": "解析",
    "difficulty": "难度",
    "knowledge": "知识点",
    "chapter": "章节",
    "regulation": "法规名称",
    "edition": "版本",
    "article": "条款",
    "quotation": "原文摘录",
    "tags": "标签",
    "order_free": "不分顺序",
    "part": "小题",
}
UNSCORABLE = frozenset(["short_answer", "essay", "description"])
_LISTED = re.compile(r"[;；|｜\n]")
_BETWEEN_BLANKS = re.compile(r"(?<!\\)[;；|｜\n]")
_KEY_IN_STEM = re.compile(r"[（(]\s*([A-ZＡ-Ｚ](?:[\s、,，]*[A-ZＡ-Ｚ])*)\s*[)）]")
_TRUTH_IN_STEM = re.compile(r"\s*[（(【]\s*([^（()）【】\s]{1,3})\s*[)）】]([。．.]?)\s*$")


@dataclass(frozen=True, slots=True)
class Section:
    """What a heading, or the sheet's name, says for the rows below it."""

    item_type: str | None = None
    points_hundredths: int | None = None
    not_held: str = ""


class RowReader:
    """Reads one row; afterwards `problems` holds what was doubtful or wrong."""

    def __init__(self, row: Row, ref: str, header: Header, section: Section, typed: int = 0) -> None:
        self.row = row
        self.typed = typed  # how many of the first characters of the stem are the number that was typed before it
        self.ref = ref
        self.header = header
        self.section = section
        self.problems: list[Problem] = []
        self.unfinished: ImportedItem | None = None  # what a row with errors says, as far as it was understood

    def read(self) -> ImportedItem | None:
        """Return the item, or None after naming at least one problem."""
        written = self.text("stem")[self.typed :]
        if not written:
            self._without_stem()
            return None
        stem, mark = take_points_mark(written)
        try:
            options = self._options()
            if not options:
                stem, options = self._options_in_stem(stem)
            item_type = self._type(stem, options)
            stem, key = self._key(item_type, stem, options)
            points = self._points(mark)
        except CellError as error:
            self.note(error.field, "error", error.reason, error.mend)
            self.unfinished = self._partly(stem)
            return None
        for doubt in key.doubts:
            self.note("key", "warning", *doubt)
        item = ImportedItem(
            ref=self.ref,
            type=item_type,
            stem=stem,
            options=key.options or self._kept_options(item_type, options),
            key=key.value,
            points_hundredths=0 if item_type == "description" else points,
            rationale="\n".join(filter(None, (key.answer, self.text("rationale")))),
            knowledge_points=self._list("knowledge", "chapter"),
            difficulty=self._difficulty(),
            source=self._source(),
            tags=self._list("tags"),
            order_free=item_type == "fill_blank" and self._order_free(),
            distractors=key.distractors,
            scorable=item_type not in UNSCORABLE,
        )
        if item_type != "case":  # its parts follow
            self.validate(item)
        if any(problem.severity == "error" for problem in self.problems):
            self.unfinished = item
            return None
        return item

    def _partly(self, stem: str) -> ImportedItem:
        options: tuple[ImportedOption, ...] = ()
        noted = list(self.problems)
        with suppress(CellError):
            options = self._options()
        self.problems = noted  # whatever is doubtful about the options has been named once
        item_type = "single_choice" if options else "fill_blank" if with_blanks(stem)[1] else "true_false"
        with suppress(CellError):
            item_type = cells.item_type_of(self.text("type")) or item_type
        return ImportedItem(
            ref=self.ref,
            type=item_type,
            stem=stem,
            options=options,
            rationale=self.text("rationale"),
            knowledge_points=self._list("knowledge", "chapter"),
            difficulty=self.text("difficulty"),
            source=ImportedSource(*sources) if any(sources := self._sources()) else None,
            tags=self._list("tags"),
        )

    def text(self, field: str) -> str:
        """Return what the row says in a field, empty where the file has no such column."""
        return ordinary(self.row.cell(self.header.columns.get(field)))

    def note(self, field: str, severity: Severity, reason: str, mend: str) -> None:
        """Name a problem, under the heading that the file itself uses."""
        column = self.header.names.get(field) or COLUMN_NAMES.get(field, "")
        self.problems.append(Problem(self.ref, column, severity, reason, mend))

    def _without_stem(self) -> None:
        said = [field for field in self.header.columns if field != "number" and self.text(field)]
        if any(field not in ("type", "points", "difficulty", "knowledge", "chapter") for field in said):
            self.note("stem", "error", "题干是空的", "填写题干，或删去这一行")
        elif said or any(self.row.cells[column] for column in self._unnamed()):
            self.note("stem", "warning", "没有题干，这一行没有导入", "补写题干；若不是试题，删去这一行")

    def _unnamed(self) -> list[int]:
        named = set(self.header.columns.values())
        return [column for column in range(len(self.row.cells)) if column not in named]

    def _options(self) -> tuple[ImportedOption, ...]:
        letters = [field for field in self.header.columns if field.startswith("option_")]
        separate = tuple(
            ImportedOption(field.removeprefix("option_"), text)
            for field in sorted(letters)
            if (text := self.text(field))
        )
        together = self.text("options")
        if separate and together:
            self.note("options", "warning", "选项既写在一格里又分列填写，只用了分列的选项", "只保留一种写法")
        options = cells.without_own_labels(separate) if separate else cells.options_in_one_cell(together)
        labels = [option.label for option in options]
        expected = [cells.letter(number) for number in range(len(options))]
        if separate and labels != expected:
            missing = next(label for label in expected if label not in labels)
            self.note(
                f"option_{missing}",
                "warning",
                f"选项 {missing} 是空的，后面的选项却有内容",
                "补上该选项，或把后面的选项前移",
            )
        return options

    def _options_in_stem(self, stem: str) -> tuple[str, tuple[ImportedOption, ...]]:
        """Take the options of a choice out of its stem, where the row has them nowhere else."""
        try:
            declared = cells.item_type_of(self.text("type")) or self.section.item_type
        except CellError:
            return stem, ()
        if declared not in (None, *type_cells.WITH_OPTIONS) or not self._written_key():
            return stem, ()
        rest, options = cells.options_in_stem(stem)
        if options:
            self.note("stem", "warning", f"选项写在题干里，已分成 {len(options)} 个选项", "核对题干和选项")
        return rest, options

    def _type(self, stem: str, options: tuple[ImportedOption, ...]) -> str:
        written = self.text("type")
        try:
            declared = cells.item_type_of(written) if written else self.section.item_type
        except CellError as error:
            raise CellError(error.reason, error.mend, "type") from None
        if declared:
            return declared
        if self.section.not_held and not written:
            raise CellError(f"此题型尚未支持：{self.section.not_held}", "留待以后导入，或改为已支持的题型", "type")
        inferred = self._inferred_type(stem, options)
        why = f"不认识题型“{written}”" if written else "没有写题型"
        choices = "、".join(item_type.chinese for item_type in ITEM_TYPES.values())
        if inferred is None and not self._written_key():
            raise CellError(f"{why}，也没有答案", f"填写答案，题型填写{choices}之一")
        if inferred is None:
            raise CellError(f"{why}，也无法从答案推断", f"题型填写{choices}之一", "type")
        self.note(
            "type", "warning", f"{why}，按答案推断为{ITEM_TYPES[inferred].chinese}", f"核对后题型填写{choices}之一"
        )
        return inferred

    def _inferred_type(self, stem: str, options: tuple[ImportedOption, ...]) -> str | None:
        key = self._written_key()
        if options:
            try:
                labels = cells.label_key(key, options).value if key else self._labels_in_stem(stem, options)
            except CellError:
                return None
            known = {option.label for option in options}
            if not labels or not known.issuperset(str(label) for label in labels):
                return None
            return "single_choice" if len(labels) == 1 else "multiple_choice"
        if key and cells.truth_of(key) is not None:
            return "true_false"
        return "fill_blank" if key and with_blanks(stem)[1] else None

    def _written_key(self) -> str:
        """Return the key column, or what columns of their own (答案1, 答案2) say for the blanks, as one text."""
        columns = sorted(field for field in self.header.columns if field.startswith("blank_"))
        texts = [self.text(field) for field in columns]
        while texts and not texts[-1]:
            texts.pop()
        return self.text("key") or "；".join(_BETWEEN_BLANKS.sub(r"\\\g<0>", text) for text in texts)

    def _key(self, item_type: str, stem: str, options: tuple[ImportedOption, ...]) -> tuple[str, Key]:
        written = self._written_key()
        if item_type in type_cells.READERS:
            return stem, type_cells.read_key(item_type, written, options)
        if item_type == "true_false":
            return self._truth_key(stem, written, options)
        if item_type in ("single_choice", "multiple_choice"):
            weighted = type_cells.weighted_key(written, options, item_type == "single_choice")
            return (stem, weighted) if weighted else self._label_key(stem, written, options)
        if not written and options and with_blanks(stem)[1] == len(options):
            written = "；".join(cells.escaped(option.text) for option in options)
            self.note(
                "key",
                "warning",
                "答案写在选项列里，依次按各空的答案读取",
                "核对后把答案写在答案列，各空之间用分号（；）分隔",
            )
        elif not written:
            raise CellError("没有答案", "为每个空填写答案，各空之间用分号（；）分隔")
        elif options:
            self._refuse_options(item_type)
        stem, blanks = with_blanks(stem, cells.answers_in(written))
        if not blanks:
            raise CellError("题干里有 0 个空", "在题干中用 ____（四个下划线）表示每个空", "stem")
        return stem, cells.one_blank_key(written) if blanks == 1 else cells.blank_key(written, blanks)

    def _truth_key(self, stem: str, written: str, options: tuple[ImportedOption, ...]) -> tuple[str, Key]:
        inside = _TRUTH_IN_STEM.search(stem)
        truth = cells.truth_of(inside[1]) if inside else None
        if inside and truth:
            stem = stem[: inside.start()] + inside[2]
            self.note("stem", "warning", f"题干里写着答案“{inside[1]}”，已去掉", "核对题干；答案只写在答案列")
        if not written and truth:
            return stem, Key((truth,))
        if not written:
            raise CellError("没有答案", "填写“正确”或“错误”")
        key = cells.truth_key(written, options)
        if truth and key.value != (truth,):
            self.note("key", "warning", "题干里的答案与答案列不一致，按答案列读取", "核对答案")
        return stem, key

    def _label_key(self, stem: str, written: str, options: tuple[ImportedOption, ...]) -> tuple[str, Key]:
        inside = self._labels_in_stem(stem, options)
        if not written and not inside:
            raise CellError("没有答案", "填写正确选项的字母，例如 A 或 ABC")
        key = cells.label_key(written, options) if written else Key(inside)
        if inside and inside == key.value:
            stem = _KEY_IN_STEM.sub("（　）", stem, count=1)
            self.note("stem", "warning", f"题干里写着答案 {''.join(inside)}，已去掉", "核对题干；答案只写在答案列")
        elif inside:
            self.note(
                "stem", "warning", f"题干括号里写着 {''.join(inside)}，与答案列不一致", "核对答案，并从题干里删去答案"
            )
        return stem, key

    def _labels_in_stem(self, stem: str, options: tuple[ImportedOption, ...]) -> tuple[str, ...]:
        found = _KEY_IN_STEM.findall(stem)
        if len(found) != 1:
            return ()
        labels = tuple(sorted(set(re.sub(r"[\s、,，]", "", half_width(found[0])))))
        return labels if {option.label for option in options}.issuperset(labels) else ()

    def _kept_options(self, item_type: str, options: tuple[ImportedOption, ...]) -> tuple[ImportedOption, ...]:
        if item_type in type_cells.WITH_OPTIONS:
            return options
        truths = item_type == "true_false" and all(cells.truth_of(option.text) for option in options)
        if options and not truths and item_type != "fill_blank":
            self._refuse_options(item_type)
        return ()

    def _refuse_options(self, item_type: str) -> None:
        chinese = ITEM_TYPES[item_type].chinese
        self.note("options", "warning", f"{chinese}没有选项，选项列的内容没有导入", "核对题型，或清空选项列")

    def _points(self, mark: Fraction | None) -> int | None:
        written = self.text("points")
        try:
            in_cell = cells.points_of(written) if written else None
            in_stem = None if mark is None else cells.hundredths(mark, f"{mark}")
        except CellError as error:
            raise CellError(error.reason, error.mend, "points") from None
        if in_cell is not None and in_stem is not None and in_cell != in_stem:
            self.note("points", "warning", "题干里的分值与分值列不一致，按分值列读取", "核对分值")
        if in_cell is not None:
            return in_cell
        return self.section.points_hundredths if in_stem is None else in_stem

    def _difficulty(self) -> str:
        difficulty = self.text("difficulty")
        if difficulty and difficulty not in DIFFICULTY_LEVELS:
            self.note("difficulty", "warning", f"难度“{difficulty[:20]}”不是易、中、难之一", "改为易、中或难")
        return difficulty

    def _source(self) -> ImportedSource | None:
        parts = self._sources()
        if not any(parts):
            return None
        if not parts[0]:
            self.note("regulation", "warning", "写了版本、条款或原文，却没有法规名称", "补写法规名称")
        whole = parts[0].startswith("《") and not any(parts[1:])  # 《行政处罚法》第三条 in one cell
        return source_of(parts[0]) if whole else ImportedSource(*parts)

    def _sources(self) -> list[str]:
        return [self.text(field) for field in ("regulation", "edition", "article", "quotation")]

    def _order_free(self) -> bool:
        written = self.text("order_free")
        if written and cells.truth_of(written) is None:
            self.note("order_free", "warning", f"看不懂“{written[:20]}”，按分顺序处理", "填写“是”或留空")
        return cells.truth_of(written) == "true"

    def _list(self, *fields: str) -> tuple[str, ...]:
        parts = (part.strip() for field in fields for part in _LISTED.split(self.text(field)))
        return tuple(dict.fromkeys(filter(None, parts)))

    def validate(self, item: ImportedItem) -> None:
        """Name what is wrong with the item."""
        for fault in ITEM_TYPES[item.type].validate(item.content_json(), item.key_json()):
            if not (fault.message == ONE_ANSWER and ANY_NUMBER in self.text("type")):
                self.note(fault.field, fault.severity, *sentence_parts(fault.message))
