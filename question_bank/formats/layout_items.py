"""A block of lines becomes an item, or at least one problem that says why not. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from question_bank.formats import cells
from question_bank.formats.cells import CellError, Key
from question_bank.formats.layout_answers import enumerated
from question_bank.formats.layout_block_keys import TRUTH_INSIDE, KeyReader, written_in
from question_bank.formats.layout_blocks import MOST_TEXT, Block, RawOption
from question_bank.formats.layout_circled import CIRCLED, CIRCLED_AS_LETTERS, circled_options
from question_bank.formats.layout_fields import COLUMNS
from question_bank.formats.layout_headings import take_tag
from question_bank.formats.layout_lines import flattened
from question_bank.formats.layout_sources import source_of
from question_bank.formats.report import (
    DIFFICULTY_LEVELS,
    ImportedItem,
    ImportedOption,
    sentence_parts,
)
from question_bank.formats.texts import half_width, take_points_mark_above, with_blanks
from question_bank.formats.type_cells import WITH_OPTIONS, read_key
from question_bank.item_types.multiple_choice import ANY_NUMBER, ONE_ANSWER
from question_bank.item_types.registry import ITEM_TYPES

_CHOICE = ("single_choice", "multiple_choice")
_RIGHT_OPTION = re.compile(r"\s*[（(\[【]\s*(?:正确答案|正确|答案|√|✓|✔)\s*[)）\]】]\s*$|\s+[√✓✔]\s*$")
_ORDER_WORDS = re.compile(r"排序|排列|先后(?:顺序|次序)|按.{0,12}(?:顺序|次序)")
_LISTED = re.compile(r"[;；|｜\n]")
_QUESTIONS_LABEL = re.compile(r"\s*[【\[]\s*(?:问题|提问|设问)\s*[】\]]\s*[:：]?\s*$")
_STARS = {"★": "易", "★★": "易", "★★★": "中", "★★★★": "难", "★★★★★": "难"}


class BlockReader(KeyReader):
    """Reads one block; afterwards `problems` holds what was doubtful or wrong."""

    def read(self) -> ImportedItem | None:
        """Return the item, or None after naming at least one error."""
        block = self.block
        for doubt in block.doubts:
            self.note(doubt[0], "error" if doubt[1] == "error" else "warning", doubt[2], doubt[3])
        if block.overlong:
            self.note("题干", "error", f"这一题的文字超过上限 {MOST_TEXT} 个字，没有读取", "核对题号，或缩短文字")
            return None
        if block.repeated:
            self.note("选项", "error", f"有 {block.repeated} 个选项的字母重复", "核对选项的字母，或补上漏掉的题号")
            return None
        block.take_back()
        stem, mark = take_points_mark_above(
            _without_last_label(block.stem.strip()) if block.parts else block.stem.strip()
        )
        self.any_number = any(ANY_NUMBER in text for text in (block.section.heading.title, stem[:20], stem[-20:]))
        if not block.tag:
            stem, block.tag, _points = take_tag(stem, flattened(stem))
        if not stem:
            self.note("题干", "error", "题干是空的", "填写题干，或删去这一题")
            return None
        if block.parts:
            self._take_fields_of_the_whole()
        stem = self._take_circled_options(stem)
        try:
            item = self._item(stem, self._points(mark))
        except CellError as error:
            self.note(_COLUMN.get(error.field, COLUMNS.get(error.field, "")), "error", error.reason, error.mend)
            self.unfinished = self._partly(stem)
            return None
        self._validate(item)
        if any(problem.severity == "error" for problem in self.problems):
            self.unfinished = item
            return None
        return item

    def _partly(self, stem: str) -> ImportedItem:
        """What an item with an error says, as far as it was understood."""
        options = tuple(ImportedOption(option.label, option.text.strip()) for option in self.block.options)
        declared = self.block.tag or self.block.section.type
        guessed = "single_choice" if options else "fill_blank" if with_blanks(stem)[1] else "true_false"
        return ImportedItem(
            ref=self.ref,
            type=declared if declared in ITEM_TYPES and declared != "case" else guessed,
            stem=stem,
            options=options,
            points_hundredths=self.default_points,
            rationale=self.text("rationale"),
            knowledge_points=_listed(self.text("knowledge")),
            difficulty=self.text("difficulty"),
            source=source_of(self.text("source")),
            tags=_listed(self.text("tags")),
        )

    def _item(self, stem: str, points: int | None) -> ImportedItem:
        options = self._options()
        item_type = self._type(stem, options)
        key: Key
        if item_type in (*_CHOICE, "choice"):
            stem, key = self._label_key(stem, options)
            if item_type == "choice" and self._orders(stem, options):
                item_type, key = "ordering", read_key("ordering", self.text("key"), options)
            elif item_type == "choice":
                item_type = "single_choice" if len(key.value) == 1 else "multiple_choice"
        elif item_type == "true_false":
            stem, key = self._truth_key(stem, options)
            options = ()
        elif item_type == "fill_blank":
            stem, key = self._blank_key(stem)
        elif item_type == "ordering":
            key = read_key(item_type, self.text("key"), options)
        else:
            key = Key(())
        for doubt in key.doubts:
            self.note("答案", "warning", *doubt)
        if options and item_type not in WITH_OPTIONS:
            self.note("选项", "error", "这种题型没有选项，却写着选项", "核对题型")
        item = ImportedItem(
            ref=self.ref,
            type=item_type,
            stem=stem,
            options=options if item_type in WITH_OPTIONS else (),
            key=key.value,
            points_hundredths=self._blank_points(points, len(key.value)),
            rationale=self.text("rationale"),
            knowledge_points=_listed(self.text("knowledge")),
            difficulty=self._difficulty(),
            source=source_of(self.text("source")),
            tags=_listed(self.text("tags")),
        )
        return item if item_type in WITH_OPTIONS or item_type in ("true_false", "fill_blank") else self._open(item)

    # Options and type

    def _options(self) -> tuple[ImportedOption, ...]:
        """Return the options in the order of their letters."""
        written = [(option.label, self._unmarked(option)) for option in self.block.options]
        written.sort(key=lambda option: option[0])
        labels = [label for label, _text in written]
        expected = [cells.letter(number) for number in range(len(written))]
        if labels != expected and labels and labels == [chr(ord(labels[0]) + n) for n in range(len(labels))]:
            reason = f"选项从 {labels[0]} 开始，按 A 到 {expected[-1]} 读取"
            self.note("选项", "warning", reason, "核对选项的字母和答案")
            written = [(label, text) for label, (_old, text) in zip(expected, written, strict=True)]
        elif labels != expected:
            missing = next(label for label in expected if label not in labels)
            self.note("选项", "warning", f"缺少选项 {missing}", "补上该选项，或改正选项的字母")
        return tuple(ImportedOption(label, text.strip()) for label, text in written)

    def _take_circled_options(self, stem: str) -> str:
        """Take ①甲 ②乙 ③丙 out of a stem as its options, where nothing else is an option and the key names them so."""
        keys = self.block.fields.get("key", [])
        found = None if self.block.options else circled_options(stem, [written.text for written in keys])
        if found is None or (self.block.tag or self.block.section.type) not in (*_CHOICE, "choice", ""):
            return stem
        before, texts = found
        self.block.options = [RawOption(cells.letter(at), text, self.ref) for at, text in enumerate(texts)]
        for written in keys:
            written.text = written.text.translate(CIRCLED_AS_LETTERS)
        if any(mark in before + self.text("rationale") for mark in CIRCLED):
            reason = f"选项 ①②… 按 A 到 {cells.letter(len(texts) - 1)} 读取，题干或解析里仍写着 ①②…"
            self.note("选项", "warning", reason, "核对题干和解析里的序号")
        return before

    def _unmarked(self, option: RawOption) -> str:
        """Take (正确答案) or √ off an option; it is the key."""
        match = _RIGHT_OPTION.search(option.text)
        if match is None:
            return option.text
        self.right.append(option.label)
        return option.text[: match.start()]

    def _type(self, stem: str, options: Sequence[ImportedOption]) -> str:
        declared = self.block.tag or self.block.section.type
        if declared == "choice":
            declared = "" if options else "single_choice"
        if declared == "matching":
            raise CellError("文本里的匹配题还不能读取", "用 Excel 模板导入", "type")
        if declared == "case" and not self.block.parts:
            self.note("题型", "warning", "案例题没有分小题，按简答题读取", "需要分小题时，在各问题前写上（1）（2）")
            return "short_answer"
        if self.block.is_case and self.block.parts:
            return "case"
        return declared or self._inferred_type(stem, options)

    def _inferred_type(self, stem: str, options: Sequence[ImportedOption]) -> str:
        """Return the type that options, key and blanks speak for; raises CellError where nothing does."""
        key = self.text("key")
        if options:
            return "choice"
        if (key and cells.truth_of(key) is not None) or (not key and TRUTH_INSIDE.search(stem)):
            return "true_false"
        if key and with_blanks(stem)[1]:
            return "fill_blank"
        if not key and not with_blanks(stem)[1] and written_in(stem):
            return "fill_blank"
        if key and re.fullmatch(r"[A-Z]{1,8}", half_width(key)):
            raise CellError("没有选项", "补上选项，例如 A.… B.…", "options")
        if key:
            self.note("题型", "warning", "没有写题型，也没有选项和空，按简答题读取", "核对后在上面写明题型")
            return "short_answer"
        raise CellError("没有答案，也没有写题型", "在题后写“答案：…”，在这一部分上面写明题型", "key")

    def _orders(self, stem: str, options: Sequence[ImportedOption]) -> bool:
        """Whether 请按先后排序 asks for an order: the key names every option once."""
        said = re.sub(r"[^A-Z]", "", half_width(self.text("key")))
        if not _ORDER_WORDS.search(stem) or len(options) < 3 or sorted(said) != sorted(o.label for o in options):
            return False
        self.note("题型", "warning", "没有写题型，题干要求排序，答案含全部选项，按排序题读取", "核对后在上面写明题型")
        return True

    # Open items and cases

    def _open(self, item: ImportedItem) -> ImportedItem:
        answer = self.text("key")
        parts: tuple[ImportedItem, ...] = ()
        if item.type == "case":
            parts = self._parts(answer)
        rubric = self.text("rubric")
        said = "\n".join(filter(None, ("" if self.block.parts else answer, rubric)))
        if not said and item.type != "case":
            self.note("答案", "warning", "没有参考答案", "在题后写“参考答案：”，或阅卷时另附评分标准")
        scorable = item.type == "case" and all(part.scorable for part in parts)
        points = item.points_hundredths
        if points is None and parts and all(part.points_hundredths for part in parts):
            points = sum(part.points_hundredths or 0 for part in parts)
        # What people mark an open item by stands in its rationale.
        rationale = "\n".join(filter(None, (said, item.rationale)))
        return replace(item, key=(), scorable=scorable, parts=parts, rationale=rationale, points_hundredths=points)

    def _take_fields_of_the_whole(self) -> None:
        """What stands behind the last part alone (难度, 知识点, 依据, 标签) is said of the whole case."""
        *others, last = self.block.parts
        for name in ("difficulty", "knowledge", "source", "tags"):
            if name in last.fields and not any(name in part.fields for part in (self.block, *others)):
                self.block.fields[name] = last.fields.pop(name)

    def _parts(self, answer: str) -> tuple[ImportedItem, ...]:
        answers = enumerated(answer) if answer else []
        if answer and len(answers) == len(self.block.parts):
            for part, text in zip(self.block.parts, answers, strict=True):
                if "key" not in part.fields:
                    part.write("key", text, part.ref)
        elif answer:
            self.note("答案", "warning", "答案没有按小题分开，没有导入到各小题", "在答案里写上（1）（2），与小题一致")
        read: list[ImportedItem] = []
        for part in self.block.parts:
            if not part.tag:
                part.stem, part.tag, _points = take_tag(part.stem.strip(), flattened(part.stem.strip()))
            if not (part.tag or part.options):
                part.tag = _tag_of_part(part)
            elif not part.tag and part.section.type == "case":
                part.tag = "choice"
            reader = BlockReader(part, self.default_points)
            item = reader.read()
            self.problems.extend(reader.problems)
            if item is not None:
                read.append(item)
        return tuple(read)

    # The rest

    def _points(self, mark: Fraction | None) -> int | None:
        written = self.text("points")
        try:
            told = cells.points_of(written.split("\n")[0]) if written else None
            in_stem = None if mark is None else cells.hundredths(mark, f"{mark}")
        except CellError as error:
            raise CellError(error.reason, error.mend, "points") from None
        if told is not None and in_stem is not None and told != in_stem:
            self.note("分值", "warning", "题干里的分值与另写的分值不一致，按另写的读取", "核对分值")
        return told if told is not None else in_stem if in_stem is not None else self.default_points

    def _blank_points(self, points: int | None, blanks: int) -> int | None:
        each = self.block.section.heading.each_blank
        return points if points is not None or each is None else int(each * 100 * max(1, blanks))

    def _difficulty(self) -> str:
        written = self.text("difficulty").strip("。 ")
        difficulty = _STARS.get(written.replace("☆", ""), written)
        if difficulty and difficulty not in DIFFICULTY_LEVELS:
            self.note("难度", "warning", f"难度“{difficulty[:20]}”不是易、中、难之一", "改为易、中或难")
        return difficulty

    def _validate(self, item: ImportedItem) -> None:
        if item.type not in ITEM_TYPES:
            return
        for fault in ITEM_TYPES[item.type].validate(item.content_json(), item.key_json()):
            if not (self.any_number and fault.message == ONE_ANSWER):
                self.note(_COLUMN.get(fault.field, ""), fault.severity, *sentence_parts(fault.message))


def _without_last_label(stem: str) -> str:
    """The material of a case without the label of the questions below it: 【问题】."""
    rest = _QUESTIONS_LABEL.sub("", stem)
    return rest or stem


_COLUMN: dict[str, str] = {"key": "答案", "stem": "题干", "options": "选项", "content": ""}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip(" 。") for part in _LISTED.split(text) if part.strip(" 。")))


def _tag_of_part(part: Block) -> str:
    key = "\n".join(written.text for written in part.fields.get("key", ()))
    if key and cells.truth_of(key) is not None:
        return "true_false"
    if part.section.type and part.section.type not in ("case", "choice"):
        return part.section.type
    return "short_answer"
