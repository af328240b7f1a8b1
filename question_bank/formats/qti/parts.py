"""One interaction of QTI as one item of ours, or one part of a case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from core.exact import hundredths
from question_bank.formats.qti.bodies import Passages, Shown, option_feedback
from question_bank.formats.qti.documents import Element, children, descendants
from question_bank.formats.qti.keys import (
    Answers,
    accepted_texts,
    answers_of,
    full_marks,
    right_labels,
    share,
)
from question_bank.formats.qti.marks import marked_type
from question_bank.formats.qti.numbers import is_measured, ranges_of
from question_bank.formats.qti.points import by_mapping_alone
from question_bank.formats.report import ImportedItem, ImportedOption


@dataclass(frozen=True, slots=True)
class Context:
    """The item that an interaction stands in, what it is worth, and the passages made so far."""

    item: Element
    points: Fraction | None
    passages: Passages
    ref: str
    own: bool = False  # of a package of ours, which states all the points that there are

    @property
    def hundredths(self) -> int | None:
        """The points as items hold them."""
        return None if self.points is None else hundredths(self.points)


class NotHeld(ValueError):
    """An interaction that cannot become an item; column, reason and mend are Chinese phrases."""

    def __init__(self, column: str, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.mend = column, reason, mend


def read_part(context: Context, interaction: Element, stem: Shown) -> ImportedItem:
    """Return the item that one interaction makes, with this stem. Raises NotHeld."""
    answers = answers_of(context.item, interaction.get("responseIdentifier", ""))
    fields = _READERS[str(interaction.tag)](context, interaction, answers)
    return ImportedItem(
        ref=context.ref, stem=stem.text, html=stem.html, points_hundredths=points_of(context, answers), **fields
    )


def points_of(context: Context, answers: Answers) -> int | None:
    """Return the points that are stated, or that the mapping of the answers gives."""
    if context.points is not None or context.own:
        return context.hundredths
    return hundredths(answers.best) if answers.best > 0 and by_mapping_alone(context.item) else None


def _choice(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    return _choices(context, interaction, answers, children(interaction, "simpleChoice"))


def _inline_choice(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    return _choices(context, interaction, answers, children(interaction, "inlineChoice"))


def _hottext(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    return _choices(context, interaction, answers, list(descendants(interaction, "hottext")))


def _choices(context: Context, interaction: Element, answers: Answers, choices: Sequence[Element]) -> dict[str, Any]:
    if not choices:
        raise NotHeld("选项", "没有选项", "补上选项")
    labels = [each.get("identifier", "") for each in choices]
    single = answers.cardinality == "single" or interaction.get("maxChoices", "1").strip() == "1"
    full = full_marks(answers, context.points)
    options = tuple(
        _option(context, each, label, share(answers.worth(label), full) if answers.entries else None)
        for label, each in zip(labels, choices, strict=True)
    )
    key = right_labels(answers, labels, single, context.points)
    if marked_type(context.item, interaction) == "true_false" and set(labels) == {"true", "false"}:
        return {"type": "true_false", "key": key, "scorable": bool(key)}
    return {
        "type": "single_choice" if single else "multiple_choice",
        "options": options,
        "key": key,
        "scorable": bool(key),
    }


def _option(context: Context, element: Element, label: str, fraction: Any) -> ImportedOption:
    shown = context.passages.show([element])
    return ImportedOption(label, shown.text, fraction, shown.html, option_feedback(element))


def _order(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    choices = children(interaction, "simpleChoice")
    options = tuple(_option(context, each, each.get("identifier", ""), None) for each in choices)
    if not options:
        raise NotHeld("选项", "没有要排序的项目", "补上项目")
    known = {option.label for option in options}
    key = tuple(value for value in answers.correct if value in known)
    return {"type": "ordering", "options": options, "key": key, "scorable": bool(key)}


def _associate(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    texts = _texts(context, descendants(interaction, "simpleAssociableChoice"))
    return _matching(texts, texts, _pairs(answers))


def _match(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    sets = children(interaction, "simpleMatchSet")
    if len(sets) != 2:
        raise NotHeld("选项", "匹配题没有左右两组", "补上两组 simpleMatchSet")
    left = _texts(context, children(sets[0], "simpleAssociableChoice"))
    right = _texts(context, children(sets[1], "simpleAssociableChoice"))
    return _matching(left, right, _pairs(answers))


def _gap_match(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    if children(interaction, "gapImg"):
        raise NotHeld("gapImg", "选词填空里用图片作词，本系统不收", "改为文字，或拆成选择题")
    words = _texts(context, children(interaction, "gapText"))
    gaps = {each.get("identifier", ""): each.get("identifier", "") for each in descendants(interaction, "gap")}
    pairs = []
    for first, second in _pairs(answers):
        # The word comes first, but not every exporter keeps to that.
        pairs.append((second, first) if second in gaps else (first, second))
    order = list(gaps)
    pairs.sort(key=lambda pair: order.index(pair[0]) if pair[0] in gaps else len(order))
    return _matching(gaps, words, pairs)


def _texts(context: Context, choices: Any) -> dict[str, str]:
    return {each.get("identifier", ""): context.passages.show([each]).text for each in choices}


def _pairs(answers: Answers) -> list[tuple[str, str]]:
    stated = answers.correct or tuple(entry.key for entry in answers.entries if entry.worth > 0)
    found = []
    for value in stated:
        sides = value.split()
        if len(sides) == 2:
            found.append((sides[0], sides[1]))
    return found


def _matching(left: dict[str, str], right: dict[str, str], pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The same identifier may stand on both sides; where both sides are one set, neither side of a pair is left over."""
    if not left or not right:
        raise NotHeld("选项", "没有可以匹配的项目", "补上项目")
    key = tuple((left[first], right[second]) for first, second in pairs if first in left and second in right)
    used = {second for _first, second in pairs} | ({first for first, _second in pairs} if left is right else set())
    distractors = tuple(text for identifier, text in right.items() if identifier not in used)
    return {"type": "matching", "key": key, "distractors": distractors, "scorable": bool(key)}


def _text_entry(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    own = marked_type(context.item, interaction) == "numeric"
    if own or is_measured(context.item, answers.identifier):
        ranges = ranges_of(context.item, answers, full_marks(answers, context.points) if own else None)
        if ranges:
            return {"type": "numeric", "key": ranges}
    accepted = accepted_texts(answers, context.points)
    return {"type": "fill_blank", "key": (accepted,) if accepted else (), "scorable": bool(accepted)}


def _extended_text(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    marked = marked_type(context.item, interaction)
    return {"type": marked if marked in ("short_answer", "essay") else "essay", "scorable": False}


def _slider(context: Context, interaction: Element, answers: Answers) -> dict[str, Any]:
    full = full_marks(answers, context.points)
    worths = [(entry.key, share(entry.worth, full)) for entry in answers.entries if entry.worth > 0]
    stated = worths or [(value, share(full, full)) for value in answers.correct]
    key = tuple({"low": value, "high": value, "fraction": f"{earned:f}"} for value, earned in stated)
    return {"type": "numeric", "key": key, "scorable": bool(key)}


_READERS: dict[str, Callable[[Context, Element, Answers], dict[str, Any]]] = {
    "choiceInteraction": _choice,
    "inlineChoiceInteraction": _inline_choice,
    "hottextInteraction": _hottext,
    "orderInteraction": _order,
    "associateInteraction": _associate,
    "matchInteraction": _match,
    "gapMatchInteraction": _gap_match,
    "textEntryInteraction": _text_entry,
    "extendedTextInteraction": _extended_text,
    "sliderInteraction": _slider,
}
