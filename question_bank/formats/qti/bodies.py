"""What stands in the body of a QTI item, as people read it: plain text, rich form, the files it shows."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from question_bank.formats.html_text import element_text, says_more
from question_bank.formats.mathml import latex
from question_bank.formats.qti.documents import MATHML, Element, child, children, descendants, text_of
from question_bank.formats.qti.interactions import HELD, NOT_HELD
from question_bank.formats.qti.marks import ANSWER, PART, SAID, STEM, marks_of
from question_bank.formats.qti.markup import UNDERLINE, VOID
from question_bank.item_types.fill_blank import BLANK

_FEEDBACK = ("feedbackInline", "feedbackBlock", "modalFeedback")
_LEFT_OUT = ("stylesheet", "endAttemptInteraction", "templateProcessing", "catalogInfo", "companionMaterialsInfo")
_TRANSPARENT = {
    "infoControl": "div",
    "rubricBlock": "div",
    "templateBlock": "div",
    "templateInline": "span",
    "hottext": "span",
    "contentBody": "div",
    "stimulusBody": "div",
    "prompt": "div",
    "itemBody": "div",
    "simpleChoice": "div",
    "simpleAssociableChoice": "div",
    "gapText": "span",
    "inlineChoice": "span",
    "label": "span",
}
_SOURCES = ("img", "audio", "video", "source", "object", "a", "track", "embed")


@dataclass(slots=True)
class Shown:
    """One passage: its plain text and the rich form, empty where the plain text says it all."""

    text: str
    html: str = ""


@dataclass(slots=True)
class Passages:
    """Makes passages of one item and remembers which files they refer to and what of them varies."""

    values: dict[str, str] = field(default_factory=dict)  # of template variables, by identifier
    hrefs: list[str] = field(default_factory=list)
    varying: bool = False
    unknown: list[str] = field(default_factory=list)  # variables shown as ［X］: nothing states their value

    def show(self, elements: Iterable[Element], with_prompts: bool = True) -> Shown:
        """Return what elements show, interactions as blanks (in the line) or as their prompts (blocks)."""
        whole = etree.Element("div")
        for element in elements:
            copy = deepcopy(element)
            copy.tail = None
            whole.append(copy)
        self._simplify(whole, with_prompts)
        text = element_text(whole, _formula)
        for formula in whole.iter(f"{{{MATHML}}}*"):
            formula.tag = etree.QName(formula).localname
        etree.cleanup_namespaces(whole)
        html = _inner(whole)
        return Shown(text, html if says_more(html) else "")

    def _simplify(self, whole: Element, with_prompts: bool) -> None:
        for element in list(whole.iter()):
            name = str(element.tag)
            if element.getparent() is None or name.startswith("{"):
                continue
            marks = marks_of(element) if element.get("class") else set()
            if (
                name in _FEEDBACK
                or name in _LEFT_OUT
                or (name == "rubricBlock" and not for_candidates(element))
                or (marks & {PART, ANSWER} and element.getparent() is not whole)
            ):
                drop(element)
            elif PART in marks:
                element.attrib.clear()
            elif STEM in marks:
                unwrap(element)
            elif name in ("textEntryInteraction", "inlineChoiceInteraction", "gap"):
                _replace(element, BLANK)
            elif name in HELD or name in NOT_HELD:
                _open_interaction(element, with_prompts)
            elif name == "printedVariable":
                self.varying = True
                identifier = element.get("identifier", "")
                if identifier not in self.values:
                    self.unknown.append(identifier)
                _replace(element, self.values.get(identifier, f"［{identifier}］"))
            else:
                self._plain_markup(element, name)

    def _plain_markup(self, element: Element, name: str) -> None:
        if name == "object" and (element.get("type") or "image").startswith("image"):
            _as_picture(element)
        if name in _SOURCES:
            for attribute in ("src", "data", "href"):
                href = element.get(attribute)
                if href and not (name == "a" and "://" in href):
                    self.hrefs.append(href)
        if name == "span" and element.get("class") == UNDERLINE:
            element.tag = "u"
            del element.attrib["class"]
        if name in _TRANSPARENT:
            element.tag = _TRANSPARENT[name]
            element.attrib.clear()
        for attribute in ("templateIdentifier", "showHide", "identifier", "matchGroup", "fixed"):
            if attribute in element.attrib:
                del element.attrib[attribute]


def for_candidates(rubric: Element) -> bool:
    """Whether a rubric is meant for those who answer."""
    view = (rubric.get("view") or "candidate").split()
    return "candidate" in view and rubric.get("use") not in ("scoring", "rationale")


def feedback_texts(item: Element, inside: Element | None) -> list[str]:
    """Return what is said after the answer and to those who mark: feedback of the item, feedback and rubrics inside."""
    found: list[str] = []
    sources = [each for each in children(item, "modalFeedback") if each.get("outcomeIdentifier") != SAID]
    if inside is not None:
        sources.extend(descendants(inside, "feedbackBlock", "feedbackInline"))
        rubrics = [*descendants(inside, "rubricBlock"), *_behind(inside)]
        sources.extend(each for each in rubrics if not for_candidates(each))
    for source in sources:
        if any(ancestor.tag in _OPTIONS for ancestor in source.iterancestors()):
            continue
        text = Passages().show([_renamed(source)]).text
        if text and text not in found:
            found.append(text)
    return found


def _behind(block: Element) -> Iterator[Element]:
    """The rubrics right behind the block of a part of a case: the schema has no place for them in it."""
    following = block.getnext() if PART in marks_of(block) else None
    while following is not None and following.tag == "rubricBlock":
        yield following
        following = following.getnext()


def said_on_occasions(item: Element) -> tuple[tuple[str, str], ...]:
    """Return the feedback of a package of ours that belongs to an occasion (`answer 2`), with that occasion."""
    own = [each for each in children(item, "modalFeedback") if each.get("outcomeIdentifier") == SAID]
    return tuple((each.get("title", ""), Passages().show([_renamed(each)]).text) for each in own)


_OPTIONS = ("simpleChoice", "inlineChoice", "hottext", "simpleAssociableChoice")


def option_feedback(option: Element) -> str:
    """Return what an option says to who chose it."""
    texts = [Passages().show([_renamed(each)]).text for each in descendants(option, "feedbackInline", "feedbackBlock")]
    return "\n".join(text for text in texts if text)


def _renamed(feedback: Element) -> Element:
    copy = deepcopy(feedback)
    copy.tail = None
    copy.tag = "div"
    return copy


def _formula(element: Element) -> str | None:
    return latex(element) if element.tag in ("math", f"{{{MATHML}}}math") else None


def _replace(element: Element, text: str) -> None:
    element.tail = text + (element.tail or "")
    drop(element)


def drop(element: Element) -> None:
    """Take an element out and leave the text behind it."""
    tail = element.tail
    parent = element.getparent()
    if parent is None:
        return
    previous = element.getprevious()
    if tail and previous is not None:
        previous.tail = (previous.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def unwrap(element: Element) -> None:
    """Put what an element holds in its place."""
    previous, parent = element.getprevious(), element.getparent()
    if element.text and previous is not None:
        previous.tail = (previous.tail or "") + element.text
    elif element.text and parent is not None:
        parent.text = (parent.text or "") + element.text
    for each in list(element):
        element.addprevious(each)
    drop(element)


def _open_interaction(element: Element, with_prompts: bool) -> None:
    """A block with a text of its own keeps it; any other interaction leaves its prompt."""
    prompt = child(element, "prompt") if with_prompts else None
    if element.tag in ("hottextInteraction", "gapMatchInteraction"):
        for each in children(element, "gapText", "gapImg", *(() if with_prompts else ("prompt",))):
            drop(each)
    elif prompt is None:
        drop(element)
        return
    else:
        tail = element.tail
        for each in list(element):
            if each is not prompt:
                element.remove(each)
        element.text, element.tail = prompt.text, tail
        for each in list(prompt):
            element.append(each)
        element.remove(prompt)
    element.tag = "div"
    element.attrib.clear()


def _as_picture(element: Element) -> None:
    data, alt, tail = element.get("data", ""), " ".join(text_of(element).split()), element.tail
    element.clear()
    element.tag, element.tail = "img", tail
    element.set("src", data)
    element.set("alt", alt)


def _inner(whole: Element) -> str:
    """The markup of what the copied elements hold, without the elements themselves."""
    pieces: list[str] = []
    for element in whole.iter():
        if not len(element) and not element.text and element.tag not in VOID:
            element.text = ""  # written with an end tag
    for copy in whole:
        if copy.tag == "div" and not copy.attrib:
            pieces.append(escape(copy.text or "", quote=False))
            pieces.extend(etree.tostring(each, encoding="unicode") for each in copy)
        else:
            pieces.append(etree.tostring(copy, encoding="unicode"))
    return "".join(pieces).strip()
