"""One item of ours as an item of QTI 3, such that our reader finds the same in it and any processor gives our marks."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from question_bank.formats.qti import marks
from question_bank.formats.qti import processing_writing as rules
from question_bank.formats.qti.documents import Element
from question_bank.formats.qti.fitting import fit
from question_bank.formats.qti.markup import lines, plain, qti, shown, stem_blocks
from question_bank.formats.read_back import NotHeld
from question_bank.formats.report import ImportedItem, ImportedOption
from question_bank.item_types.fill_blank import BLANK

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,60}")
SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_TRUTH = {"true": "正确", "false": "错误"}


@dataclass(slots=True)
class Part:
    """What one question needs of an item: declarations, blocks of the body, rules; `template` where one says it all."""

    declarations: list[Element] = field(default_factory=list)
    blocks: list[Element] = field(default_factory=list)
    rules: list[Element] = field(default_factory=list)
    template: str = ""
    human: bool = False
    chosen: str = ""  # the outcome by which the feedback of an option is shown: what was chosen


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a question stands: the names of its response and of its score, and what it is worth."""

    response: str
    score: str
    points: Fraction

    @property
    def chosen(self) -> str:
        """The name of the outcome that says what was chosen."""
        return self.response.replace("RESPONSE", "CHOSEN")


def item_document(item: ImportedItem, identifier: str) -> Element:
    """Return the root element of the item document. Raises NotHeld for what QTI 3 cannot say."""
    points = Fraction(100 if item.points_hundredths is None else item.points_hundredths, 100)
    part = _case(item) if item.type == "case" else _part(item, Slot("RESPONSE", "SCORE", points))
    own = [name for name, there in _body_marks(item).items() if there]
    named = {"class": " ".join(marks.CLASS + name for name in own)} if own else {}
    body = qti("item-body", *(part.blocks or [plain("p")]), **named)
    fit(body)
    feedback = _feedback(item)
    told = [*_declared_choice(part), *feedback.outcomes]
    root = qti(
        "assessment-item",
        *part.declarations,
        rules.outcome("SCORE", points if item.points_hundredths is not None else None, part.human),
        *([rules.maximum(points)] if item.points_hundredths is not None else []),
        *told,
        body,
        *_processing(part, points, feedback),
        *feedback.shown,
        identifier=identifier,
        title=" ".join(item.title.split()),
        **({"label": item.idnumber} if item.idnumber else {}),
        adaptive="false",
        time_dependent="false",
    )
    root.set(f"{{{_XSI}}}schemaLocation", f"http://www.imsglobal.org/xsd/imsqtiasi_v3p0 {SCHEMA}")
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "zh-CN")
    return root


def _body_marks(item: ImportedItem) -> dict[str, bool]:
    return {
        marks.CASE: item.type == "case",
        marks.ORDER_FREE: item.order_free,
        marks.NO_POINTS: item.points_hundredths is None,
    }


@dataclass(slots=True)
class _Feedback:
    outcomes: list[Element] = field(default_factory=list)
    rules: list[Element] = field(default_factory=list)
    shown: list[Element] = field(default_factory=list)


def _feedback(item: ImportedItem) -> _Feedback:
    feedback = _Feedback()
    if item.rationale:
        declared = qti("outcome-declaration", identifier="FEEDBACK", cardinality="single", base_type="identifier")
        feedback.outcomes.append(declared)
        feedback.rules.append(rules.assign("FEEDBACK", qti("base-value", "RATIONALE", base_type="identifier")))
        feedback.shown.append(_modal("FEEDBACK", "RATIONALE", item.rationale))
    if item.feedback:
        declared = qti("outcome-declaration", identifier=marks.SAID, cardinality="multiple", base_type="identifier")
        feedback.outcomes.append(declared)
    for number, (when, text) in enumerate(item.feedback, 1):
        # Which occasion it is for stands in the title; nothing sets the outcome, so no system shows it untimely.
        feedback.shown.append(_modal(marks.SAID, f"F{number}", text, title=when))
    return feedback


def _modal(outcome: str, identifier: str, text: str, **more: str) -> Element:
    content = qti("content-body", plain("p", *lines(text)))
    named = {"outcome_identifier": outcome, "identifier": identifier, "show_hide": "show"}
    return qti("modal-feedback", content, **named, **more)


def _declared_choice(part: Part) -> list[Element]:
    if not part.chosen:
        return []
    return [qti("outcome-declaration", identifier=part.chosen, cardinality="multiple", base_type="identifier")]


def _taken_choice(part: Part, response: str) -> list[Element]:
    return [rules.assign(part.chosen, qti("multiple", rules.variable(response)))] if part.chosen and part.rules else []


def _processing(part: Part, points: Fraction, feedback: _Feedback) -> list[Element]:
    if not part.rules:
        return []
    plain_score = part.template != "match_correct" or points == 1
    if part.template and not feedback.rules and not part.chosen and plain_score:
        return [qti("response-processing", template=f"{rules.TEMPLATES}{part.template}.xml")]
    return [qti("response-processing", *part.rules, *_taken_choice(part, "RESPONSE"), *feedback.rules)]


def _part(item: ImportedItem, slot: Slot) -> Part:
    part = _WRITERS.get(item.type, _unknown)(item, slot)
    part.chosen = slot.chosen if any(option.feedback for option in item.options) else ""
    part.human = part.human or (not part.rules and item.type != "description")
    return part


def _unknown(item: ImportedItem, slot: Slot) -> Part:
    raise NotHeld(f"QTI 写不出题型“{item.type}”")


def _case(item: ImportedItem) -> Part:
    whole = Part(blocks=stem_blocks(item.stem, item.html))
    scores: list[str] = []
    for number, each in enumerate(item.parts, 1):
        if each.type == "case":
            raise NotHeld("案例题里还有案例题")
        stated = each.points_hundredths
        slot = Slot(f"RESPONSE_{number}", f"SCORE_{number}", Fraction(100 if stated is None else stated, 100))
        part = _part(each, slot)
        whole.declarations += part.declarations
        names = [marks.PART, *([marks.ORDER_FREE] if each.order_free else [])]
        classes = " ".join(marks.CLASS + name for name in names)
        whole.blocks.append(plain("div", *part.blocks, class_=classes))
        # A rubric may stand nowhere but in the body itself: it is of the part in front of it.
        whole.blocks += [_note(each.rationale)] if each.rationale else []
        whole.declarations.append(rules.outcome(slot.score, None if stated is None else slot.points, part.human))
        whole.declarations += _declared_choice(part)
        whole.rules += [*part.rules, *_taken_choice(part, slot.response)]
        whole.human = whole.human or part.human
        scores.append(slot.score)
    if whole.rules:
        whole.rules.append(rules.assign("SCORE", qti("sum", *(rules.variable(score) for score in scores))))
    # Outcomes stand behind all responses.
    whole.declarations.sort(key=lambda declared: str(declared.tag).endswith("outcome-declaration"))
    return whole


def _note(rationale: str) -> Element:
    return qti("rubric-block", qti("content-body", plain("p", *lines(rationale))), use="scoring", view="scorer")


def _identifiers(options: Sequence[ImportedOption]) -> dict[str, str]:
    fine = all(IDENTIFIER.fullmatch(option.label) for option in options)
    if len({option.label for option in options}) < len(options):
        raise NotHeld("有两个选项的标签相同")
    return {option.label: option.label if fine else f"C{place}" for place, option in enumerate(options, 1)}


def _choice(option: ImportedOption, identifier: str, chosen: str) -> Element:
    content = shown(option.text, option.html)
    if option.feedback:
        content.append(
            qti(
                "feedback-inline",
                *lines(option.feedback),
                outcome_identifier=chosen,
                identifier=identifier,
                show_hide="show",
            )
        )
    return qti("simple-choice", *content, identifier=identifier)


def _choices(item: ImportedItem, slot: Slot) -> Part:
    single = item.type == "single_choice"
    names = _identifiers(item.options)
    choices = [_choice(option, names[option.label], slot.chosen) for option in item.options]
    most = "1" if single else "0"
    interaction = qti("choice-interaction", *choices, response_identifier=slot.response, max_choices=most)
    correct = [names[label] for label in item.key if label in names]
    stated = any(option.fraction is not None for option in item.options)
    mapping = None
    if stated or (single and len(correct) > 1):
        mapping = rules.mapping_of(_worths(item, names, correct, slot.points), slot.points)
    cardinality = "single" if single else "multiple"
    right = correct[:1] if single else correct
    declared = rules.declaration(slot.response, cardinality, "identifier", right, mapping)
    part = Part([declared], [*stem_blocks(item.stem, item.html), interaction])
    if mapping is not None:
        part.rules = [rules.by_mapping(slot.score, slot.response)]
        part.template = "map_response"
    elif correct:
        part.rules = [rules.all_or_nothing(slot.score, slot.response, slot.points)]
        part.template = "match_correct"
    return part


def _worths(
    item: ImportedItem, names: Mapping[str, str], correct: Sequence[str], points: Fraction
) -> dict[str, Fraction]:
    if all(option.fraction is None for option in item.options):
        return dict.fromkeys(correct, points)
    return {names[option.label]: Fraction(option.fraction or Decimal(0)) * points for option in item.options}


def _true_false(item: ImportedItem, slot: Slot) -> Part:
    choices = [qti("simple-choice", text, identifier=value) for value, text in _TRUTH.items()]
    interaction = qti("choice-interaction", *choices, response_identifier=slot.response, max_choices="1")
    interaction.set("class", marks.CLASS + marks.TRUE_FALSE)
    right = [value for value in item.key if value in _TRUTH]
    part = Part(
        [rules.declaration(slot.response, "single", "identifier", right)],
        [*stem_blocks(item.stem, item.html), interaction],
        template="match_correct",
    )
    if right:
        part.rules = [rules.all_or_nothing(slot.score, slot.response, slot.points)]
    return part


def _blanks(item: ImportedItem, slot: Slot) -> Part:
    count = item.stem.count(BLANK)
    if count == 0 or (item.key and len(item.key) != count):
        raise NotHeld(f"题干里有 {count} 个空，答案却有 {len(item.key)} 个")
    responses = [slot.response] if count == 1 else [f"{slot.response}_{place}" for place in range(1, count + 1)]
    entries = [qti("text-entry-interaction", response_identifier=response) for response in responses]
    weights = item.weights if len(item.weights) == count else (1,) * count
    shares = [slot.points] if count == 1 else [Fraction(weight) for weight in weights]
    keys = [_listed(blank) for blank in item.key] or [[]] * count
    part = Part(
        [_blank(*three) for three in zip(responses, keys, shares, strict=True)],
        stem_blocks(item.stem, item.html, entries),
    )
    if not any(keys):
        return part
    if count == 1:
        part.rules, part.template = [rules.by_mapping(slot.score, slot.response)], "map_response"
    else:
        part.rules = [rules.in_proportion(slot.score, responses, slot.points, sum(weights))]
    return part


def _listed(blank: Any) -> Sequence[Any]:
    return [blank] if isinstance(blank, str | Mapping) else blank


def _blank(response: str, accepted: Sequence[Any], share: Fraction) -> Element:
    worths: dict[str, Fraction] = {}
    loose: list[str] = []
    for each in accepted:
        entry = {"text": each} if isinstance(each, str) else each
        if entry.get("pattern"):
            raise NotHeld("填空题的答案里有 *（任意文字），QTI 写不出")
        text = str(entry["text"])
        worths.setdefault(text, Fraction(str(entry.get("fraction", "1"))) * share)
        loose += [] if entry.get("case_sensitive") else [text]
    full = [text for text, worth in worths.items() if worth == share][:1]
    mapping = rules.mapping_of(worths, share, loose) if worths else None
    return rules.declaration(response, "single", "string", full, mapping)


def _numeric(item: ImportedItem, slot: Slot) -> Part:
    entry = qti("text-entry-interaction", response_identifier=slot.response)
    entry.set("class", marks.CLASS + marks.NUMERIC)
    middle = [_middle(each) for each in item.key if Fraction(str(each.get("fraction", "1"))) == 1][:1]
    part = Part(
        [rules.declaration(slot.response, "single", "float", middle)],
        [*stem_blocks(item.stem, item.html), plain("p", entry, class_=marks.CLASS + marks.ANSWER)],
    )
    if item.key:
        part.rules = [rules.by_ranges(slot.score, slot.response, item.key, slot.points)]
    return part


def _middle(range_: Mapping[str, Any]) -> str:
    low, high = str(range_["low"]), str(range_["high"])
    return low if low == high else rules.written((Fraction(low) + Fraction(high)) / 2)


def _matching(item: ImportedItem, slot: Slot) -> Part:
    rights = list(dict.fromkeys([*(str(right) for _left, right in item.key), *item.distractors]))
    if len(rights) < len({str(right) for _left, right in item.key}) + len(item.distractors):
        raise NotHeld("多余的右边与别的右边相同")
    left = [_associable(f"L{place}", str(text), "1") for place, (text, _right) in enumerate(item.key, 1)]
    right = [_associable(f"R{place}", text, "0") for place, text in enumerate(rights, 1)]
    interaction = qti(
        "match-interaction",
        qti("simple-match-set", *left),
        qti("simple-match-set", *right),
        response_identifier=slot.response,
        max_associations="0",
    )
    pairs = [f"L{place} R{rights.index(str(text)) + 1}" for place, (_left, text) in enumerate(item.key, 1)]
    mapping = rules.mapping_of(dict.fromkeys(pairs, Fraction(1)), Fraction(len(pairs))) if pairs else None
    part = Part(
        [rules.declaration(slot.response, "multiple", "directedPair", pairs, mapping)],
        [*stem_blocks(item.stem, item.html), interaction],
    )
    if pairs:
        part.rules = [rules.in_proportion(slot.score, [slot.response], slot.points, len(pairs))]
    return part


def _associable(identifier: str, text: str, most: str) -> Element:
    return qti("simple-associable-choice", *lines(text), identifier=identifier, match_max=most)


def _ordering(item: ImportedItem, slot: Slot) -> Part:
    names = _identifiers(item.options)
    choices = [_choice(option, names[option.label], slot.chosen) for option in item.options]
    correct = [names[label] for label in item.key if label in names]
    part = Part(
        [rules.declaration(slot.response, "ordered", "identifier", correct)],
        [*stem_blocks(item.stem, item.html), qti("order-interaction", *choices, response_identifier=slot.response)],
        template="match_correct",
    )
    if correct:
        part.rules = [rules.all_or_nothing(slot.score, slot.response, slot.points)]
    return part


def _written(item: ImportedItem, slot: Slot) -> Part:
    name = marks.SHORT_ANSWER if item.type == "short_answer" else marks.ESSAY
    interaction = qti("extended-text-interaction", response_identifier=slot.response)
    interaction.set("class", marks.CLASS + name)
    declared = rules.declaration(slot.response, "single", "string", ())
    return Part([declared], [*stem_blocks(item.stem, item.html), interaction])


def _description(item: ImportedItem, slot: Slot) -> Part:
    return Part(blocks=stem_blocks(item.stem, item.html))


_WRITERS: dict[str, Callable[[ImportedItem, Slot], Part]] = {
    "single_choice": _choices,
    "multiple_choice": _choices,
    "true_false": _true_false,
    "fill_blank": _blanks,
    "numeric": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "short_answer": _written,
    "essay": _written,
    "description": _description,
}
