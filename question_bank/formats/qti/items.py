"""Items from QTI 2.1, 2.2 and 3.0: single items, tests and packages. What we do not hold is named, item by item."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from core.archives import UnreadableFile
from core.exact import excerpt, hundredths, show_exact
from question_bank.formats.points_in_stems import take_points
from question_bank.formats.qti.bodies import Passages, Shown, feedback_texts, said_on_occasions
from question_bank.formats.qti.documents import Element, child, children, descendants, text_of
from question_bank.formats.qti.interactions import HELD, INLINE, NOT_HELD, interactions_of
from question_bank.formats.qti.keys import Answers, accepted_texts, answers_of, full_marks
from question_bank.formats.qti.marks import CASE, NO_POINTS, ORDER_FREE, PART, body_marks, marked_type, marks_of
from question_bank.formats.qti.metadata import fields_of
from question_bank.formats.qti.numbers import is_measured
from question_bank.formats.qti.package import Package, QtiItem, open_package
from question_bank.formats.qti.parts import Context, NotHeld, read_part
from question_bank.formats.qti.points import fraction_of, is_all_or_nothing, outcome, stated_points
from question_bank.formats.qti.processed import part_points, processed_points, takes_off
from question_bank.formats.qti.weights import weighed
from question_bank.formats.report import ImportedItem, ImportedMedia, Problem, Report, Severity, sentence_parts
from question_bank.item_types.fill_blank import weights_of
from question_bank.item_types.registry import item_type

MOST_PARTS = 100
MOST_CHOICES = 500
_CHOICES = ("simpleChoice", "inlineChoice", "simpleAssociableChoice", "gapText", "hottext", "gap")
_BLOCKS = ("p", "div", "li", "td", "th", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt", "caption")


def read_items(source: Path | str | bytes, filename: str) -> Report:
    """Return everything that a QTI file says; `ref` is the identifier of an item. Never raises for what is in the file."""
    try:
        package = open_package(source)
    except UnreadableFile as refusal:
        return Report.unreadable("qti", *sentence_parts(refusal.message))
    report = Report("qti", problems=list(package.problems))
    for item in package.items:
        _Reader(item, package, report).read()
    return report


class _Reader:
    """Reads one item into the report."""

    def __init__(self, source: QtiItem, package: Package, report: Report) -> None:
        self.source, self.package, self.report = source, package, report
        self.item = source.root
        self.passages = Passages(values=_printed(source.root))
        self.marks = body_marks(source.root)
        self.points = None if NO_POINTS in self.marks else stated_points(source.root) or processed_points(source.root)

    def read(self) -> None:
        try:
            item = self._item()
        except NotHeld as problem:
            self._tell(problem.column, "error", problem.reason, problem.mend)
            return
        except RecursionError:
            self._tell("", "error", "试题的标签嵌套太深", "简化试题的版式后重新导出")
            return
        item = self._weighed(self._marked_out(item))
        self._doubts(item)
        media = self._media()
        title = " ".join(self.item.get("title", "").split())
        # In a case of ours, what stands in a part is said of the part.
        notes = feedback_texts(self.item, None if CASE in self.marks else child(self.item, "itemBody"))
        complete = replace(
            item,
            path=self.source.path,
            title=title,
            rationale="\n".join(notes),
            media=media,
            feedback=said_on_occasions(self.item),
            idnumber=self.item.get("label", ""),
            **fields_of(self.source.metadata),
        )
        self.report.items.append(complete)

    def _marked_out(self, item: ImportedItem) -> ImportedItem:
        """The item, and the parts of a case, with points marks of their stems as their points."""
        parts = tuple(map(self._marked_out, item.parts))
        points = [part.points_hundredths for part in parts]
        item = replace(item, parts=parts)
        if parts and item.points_hundredths is None and CASE not in self.marks and None not in points:
            item = replace(item, points_hundredths=sum(filter(None, points)))
        item, doubt = take_points(item, preset=False)
        if doubt:
            self._tell("分值", "warning", doubt, "核对分值，删去题干里的标注")
        return item

    def _weighed(self, item: ImportedItem) -> ImportedItem:
        """The item with the points that the tests of the package make of its own."""
        weights = self.package.weights.get(self.source.path, ())
        item, reason, mend = weighed(item, weights, 100 if is_all_or_nothing(self.item) else None)
        if reason:
            self._tell("weight", "warning", reason, mend)
        return item

    def _item(self) -> ImportedItem:
        interactions = _answered(self.item)
        self._refuse(interactions)
        bodies = [*self.source.stimuli, *children(self.item, "itemBody")]
        if CASE in self.marks:
            return self._own_case(bodies)
        if not interactions:
            self._refuse(interactions_of(self.item))
        context = Context(self.item, self.points, self.passages, self.source.identifier, NO_POINTS in self.marks)
        if len(interactions) <= 1 or all(_is_blank(self.item, each) for each in interactions):
            return self._one(context, interactions, self._stem(bodies), self.marks)
        return self._case(interactions, bodies)

    def _one(
        self, context: Context, interactions: Sequence[Element], stem: Shown, marks: Collection[str]
    ) -> ImportedItem:
        if not interactions:
            points = context.hundredths if context.own else None
            return ImportedItem(
                context.ref, "description", stem.text, points_hundredths=points, scorable=False, html=stem.html
            )
        item = self._blanks(context, interactions, stem) if len(interactions) > 1 else None
        item = item or read_part(context, interactions[0], stem)
        return replace(item, order_free=item.type == "fill_blank" and ORDER_FREE in marks)

    def _stem(self, bodies: Sequence[Element], with_prompts: bool = True) -> Shown:
        return self.passages.show([_body_of(each) for each in bodies], with_prompts)

    def _refuse(self, interactions: Sequence[Element]) -> None:
        for number, each in enumerate(interactions, 1):
            if each.tag in NOT_HELD:
                name = f"{NOT_HELD[str(each.tag)]}（{each.tag}）"
                place = f"{self.source.path} " if self.source.path else ""
                where = f"{place}第 {number} 个交互，第 {each.sourceline} 行"
                raise NotHeld(
                    str(each.tag), f"{name}本系统不收，这道题没有导入（{where}）", "改为选择、填空等题型，或另行组织"
                )
        if len(interactions) > MOST_PARTS:
            raise NotHeld("itemBody", f"有 {len(interactions)} 个交互，超过上限 {MOST_PARTS} 个", "拆成几题")
        choices = sum(1 for each in self.item.iter() if each.tag in _CHOICES)
        if choices > MOST_CHOICES:
            raise NotHeld("选项", f"有 {choices} 个选项，超过上限 {MOST_CHOICES} 个", "减少选项或拆成几题")

    def _blanks(self, context: Context, interactions: Sequence[Element], stem: Shown) -> ImportedItem:
        answers = [answers_of(self.item, each.get("responseIdentifier", "")) for each in interactions]
        key = tuple(accepted_texts(each, None) for each in answers)
        return ImportedItem(
            context.ref,
            "fill_blank",
            stem.text,
            key=key if any(key) else (),
            points_hundredths=context.hundredths,
            scorable=all(key),
            html=stem.html,
            weights=_weights(answers),
        )

    def _own_case(self, bodies: Sequence[Element]) -> ImportedItem:
        """A case of a package of ours: each part stands in a block of its own."""
        parts = []
        blocks = [each for body in bodies for each in children(body, "div") if PART in marks_of(each)]
        for number, block in enumerate(blocks, 1):
            declared = outcome(self.item, f"SCORE_{number}")
            points = None if declared is None else fraction_of(declared.get("normalMaximum"))
            context = Context(self.item, points, self.passages, f"RESPONSE_{number}", own=True)
            interactions = _answered(self.item, block)
            if len(interactions) > 1 and not all(_is_blank(self.item, each) for each in interactions):
                raise NotHeld("itemBody", f"第 {number} 小题里有几个交互", "每个小题只写一个交互")
            part = self._one(context, interactions, self.passages.show([block]), marks_of(block))
            parts.append(replace(part, rationale="\n".join(feedback_texts(block, block))))
        return self._as_case(self._stem(bodies), parts)

    def _case(self, interactions: Sequence[Element], bodies: Sequence[Element]) -> ImportedItem:
        stem = self._stem(bodies, with_prompts=False)
        processed = part_points(self.item)
        parts = []
        for number, each in enumerate(interactions, 1):
            identifier = each.get("responseIdentifier", "") or f"part {number}"
            declared = outcome(self.item, f"SCORE_{identifier}")
            points = processed.get(identifier) if declared is None else fraction_of(declared.get("normalMaximum"))
            context = Context(self.item, points, self.passages, identifier)
            parts.append(read_part(context, each, self._part_stem(each, number)))
        return self._with_shared_points(self._as_case(stem, parts))

    def _with_shared_points(self, case: ImportedItem) -> ImportedItem:
        """The case with its points divided among the parts for which nothing states any."""
        parts = tuple(take_points(part, preset=False)[0] for part in case.parts)
        if case.points_hundredths is None or all(part.points_hundredths is not None for part in parts):
            return case
        points = item_type("case").part_points(replace(case, parts=parts))
        reason = f"各小题的分值没有全部写明，整题 {show_exact(Fraction(case.points_hundredths, 100), 0)} 分平均分给没有写的小题"
        self._tell("分值", "warning", reason, "核对各小题的分值")
        shared = [
            part if known.points_hundredths is not None else replace(part, points_hundredths=own)
            for part, known, own in zip(case.parts, parts, points, strict=True)
        ]
        return replace(case, parts=tuple(shared))

    def _as_case(self, stem: Shown, parts: Sequence[ImportedItem]) -> ImportedItem:
        return ImportedItem(
            self.source.identifier,
            "case",
            stem.text,
            points_hundredths=None if self.points is None else hundredths(self.points),
            scorable=any(part.scorable for part in parts),
            html=stem.html,
            parts=tuple(parts),
        )

    def _part_stem(self, interaction: Element, number: int) -> Shown:
        """A block brings its prompt; what stands in the line is asked by the line it stands in."""
        if interaction.tag in INLINE:
            block = next((each for each in interaction.iterancestors() if each.tag in _BLOCKS), None)
            return self.passages.show([interaction if block is None else block])
        shown = self.passages.show([interaction])
        return shown if shown.text else Shown(f"第 {number} 小题")

    def _doubts(self, item: ImportedItem) -> None:
        if any(each.tag == "endAttemptInteraction" for each in interactions_of(self.item)):
            self._tell("endAttemptInteraction", "warning", "提前结束作答的按钮没有读取", "核对题干里是否提到它")
        if self.item.get("adaptive") == "true":
            self._tell("adaptive", "warning", "多次作答的自适应试题，只按一次作答读取", "核对题目和评分")
        if self.passages.varying or child(self.item, "templateProcessing") is not None:
            self._tell("templateDeclaration", "warning", _varying(self.passages), "导入后核对题干和答案")
        self._lost(item)
        if not item.scorable and item.type not in ("description", "essay", "short_answer"):
            self._tell(
                "correctResponse", "warning", "没有写明正确答案，不能自动评分", "在原来的系统里补上答案，或导入后补上"
            )
        for part in item.parts:
            if not part.scorable and part.type not in ("essay", "short_answer"):
                reason = f"第 {item.parts.index(part) + 1} 小题没有写明正确答案，不能自动评分"
                self._tell("correctResponse", "warning", reason, "导入后补上答案")

    def _lost(self, item: ImportedItem) -> None:
        """Name what decides about points and has no place in our items."""
        for part in item.parts or (item,):
            if part.type == "fill_blank" and any(is_measured(self.item, name) for name in self._responses(part)):
                self._tell(
                    "equal",
                    "warning",
                    "答案按误差范围或舍入后比较，这样写的范围不能保留，只收了写明的答案",
                    "导入后改为数值题，写上下限",
                )
        for name in dict.fromkeys(each.get("responseIdentifier", "") for each in _answered(self.item)):
            if partly := answers_of(self.item, name).partly:
                told = "、".join(map(excerpt, partly[:5]))
                self._tell(
                    "responseProcessing", "warning", f"评分规则对“{told}”也给分，给多少没有读取", "导入后在答案里补上"
                )
        if takes_off(self.item):
            self._tell(
                "SCORE", "warning", "评分规则对答错倒扣分，没有读取，按答错不得分", "需要倒扣分时导入后补上得分比例"
            )
        worths = {} if item.type != "fill_blank" else part_points(self.item)
        if len(set(worths.values())) > 1:
            told = "、".join(show_exact(worth, 0) for worth in worths.values())
            self._tell("SCORE", "warning", f"各空的分值不同（{told}），本系统各空平均计分", "拆成几题，或改为案例题")

    def _responses(self, part: ImportedItem) -> list[str]:
        """The responses of a part of a case, whose reference is its response, or of the whole item."""
        found = [each.get("responseIdentifier", "") for each in _answered(self.item)]
        return [part.ref] if part.ref in found and len(found) > 1 else found

    def _media(self) -> tuple[ImportedMedia, ...]:
        found: dict[str, ImportedMedia] = {}
        for href in dict.fromkeys(self.passages.hrefs):
            if href.startswith(("data:", "#", "mailto:")):
                continue
            data = None if "://" in href else self.package.file(href, self.source.path)
            if data is None:
                outside = "指向别的网站，没有读取" if "://" in href else "不在包里"
                self._tell("media", "warning", f"图片或文件“{excerpt(href)}”{outside}", "把文件放进 QTI 包后重新导入")
            else:
                found.setdefault(href, ImportedMedia(href, data))
        return tuple(found.values())

    def _tell(self, column: str, severity: Severity, reason: str, mend: str) -> None:
        self.report.problems.append(Problem(self.source.identifier, column, severity, reason, mend))


def _varying(passages: Passages) -> str:
    shown = "、".join(f"［{name}］" for name in dict.fromkeys(passages.unknown))
    open_places = f"；{shown} 由程序算出，题干里没有数值，要改成确定的数才能使用" if shown else ""
    return f"题中有因人而异的变量，按声明的初值读取{open_places}"


def _answered(item: Element, inside: Element | None = None) -> list[Element]:
    """The interactions that take an answer, of the whole item or of one block."""
    found = interactions_of(item) if inside is None else list(descendants(inside, *HELD, *NOT_HELD))
    return [each for each in found if each.tag != "endAttemptInteraction"]


def _weights(answers: Sequence[Answers]) -> tuple[int, ...]:
    """How the points divide among blanks: what the mapping of each is worth, in whole numbers."""
    worths = [full_marks(each, None) for each in answers if each.entries]
    whole = len(worths) == len(answers) and all(worth.denominator == 1 and 0 < worth < 10_000 for worth in worths)
    return weights_of([int(worth) for worth in worths]) if whole else ()


def _is_blank(item: Element, interaction: Element) -> bool:
    identifier = interaction.get("responseIdentifier", "")
    marked = marked_type(item, interaction) or is_measured(item, identifier)
    return interaction.tag == "textEntryInteraction" and not marked


def _body_of(document: Element) -> Element:
    if document.tag == "assessmentStimulus":
        body = child(document, "stimulusBody")
        return document if body is None else body
    return document


def _printed(item: Element) -> dict[str, str]:
    """The declared values of variables that the text shows; none of those that the item computes for each person."""
    processing = child(item, "templateProcessing")
    computed = {each.get("identifier") for each in (() if processing is None else processing.iter("setTemplateValue"))}
    values = {}
    for declaration in children(item, "templateDeclaration", "outcomeDeclaration"):
        if declaration.get("identifier") in computed:
            continue
        default = child(declaration, "defaultValue")
        stated = [] if default is None else [text_of(each).strip() for each in children(default, "value")]
        if stated:
            values[declaration.get("identifier", "")] = "、".join(stated)
    return values
