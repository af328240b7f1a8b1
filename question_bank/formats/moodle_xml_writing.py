"""Items as Moodle XML. Each is read back by our own reader before it counts as written; what Moodle has no place for is carried in tags
(see carried.py) or named. Which elements a question has follows Moodle's importer: docs/adr/0015."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from html import escape, unescape
from itertools import count
from urllib.parse import quote

from lxml import etree

from question_bank.formats.carried import pack, taken_apart
from question_bank.formats.cloze_writing import cloze_text, is_cloze
from question_bank.formats.moodle_demands import demands
from question_bank.formats.moodle_items import shares_as_written
from question_bank.formats.moodle_ordering import ALL_OR_NOTHING
from question_bank.formats.moodle_text import percent, written
from question_bank.formats.moodle_xml import COMBINED, read_items
from question_bank.formats.read_back import NotHeld, canonical, written_whole
from question_bank.formats.report import ImportedItem, ImportedMedia, Problem, Report
from question_bank.item_types.texts import UNSTORABLE

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LINK = re.compile(r"""(\b(?:src|href)\s*=\s*)(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_TYPES = {
    "single_choice": "multichoice",
    "multiple_choice": "multichoice",
    "true_false": "truefalse",
    "fill_blank": "shortanswer",
    "numeric": "numerical",
    "matching": "matching",
    "ordering": "ordering",
    "essay": "essay",
    "short_answer": "essay",
    "description": "description",
    "case": "cloze",
}

Piece = tuple[str, etree._Element]  # category, question


def write_items(items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    """Return a Moodle XML file with the items, and what it could not hold, item by item."""
    numbers = count(1)
    chunks, problems = written_whole(items, lambda item: _pieces(item, numbers), _read, "Moodle XML")
    return _file([piece for chunk in chunks for piece in chunk]), [*problems, *demands(items, problems, is_cloze)]


def _read(pieces: Sequence[Piece]) -> Report:
    return read_items(_file(pieces), "")


def _file(pieces: Sequence[Piece]) -> bytes:
    quiz = etree.Element("quiz")
    current = ""
    for category, question in pieces:
        if category != current:
            switch = etree.SubElement(quiz, "question", type="category")
            _text(etree.SubElement(switch, "category"), f"$course$/top/{category}" if category else "$course$/top")
            current = category
        # A copy: an element stands in one tree only, and each is read back by itself first.
        quiz.append(etree.fromstring(etree.tostring(question)))
    etree.indent(quiz)
    return (_DECLARATION + etree.tostring(quiz, encoding="unicode") + "\n").encode()


def _pieces(item: ImportedItem, numbers: "count[int]") -> list[Piece]:
    apart = item.type == "case" and not is_cloze(item)
    parts = taken_apart(item, str(next(numbers))) if apart else [item]
    return [_piece(canonical(part)) for part in parts]


def _piece(plain: ImportedItem) -> Piece:
    if plain.type not in _TYPES:
        raise NotHeld(f"Moodle XML 没有这种题型（{plain.type}）")
    kind = "cloze" if plain.type == "fill_blank" and len(plain.key) != 1 else _TYPES[plain.type]
    item = pack(plain, with_points=kind in ("cloze", "description"), without_points=kind == "cloze")
    question = etree.Element("question", type=kind)
    _text(etree.SubElement(question, "name"), item.title)
    text, text_format = cloze_text(plain) if kind == "cloze" else written(item.stem, item.html)
    stem = etree.SubElement(question, "questiontext", format=text_format)
    elsewhere = {file.name for file in item.media if any(_refers(option.html, file.name) for option in item.options)}
    _text(stem, _with_files(text, text_format, item.media))
    for file in item.media:
        if _refers(item.html, file.name) or file.name not in elsewhere:
            _file_in(stem, file)
    _formatted(question, "generalfeedback", item.rationale)
    if kind == "description":
        _value(question, "defaultgrade", "0")
    elif kind != "cloze" and item.points_hundredths is not None:
        _value(question, "defaultgrade", f"{Decimal(item.points_hundredths).scaleb(-2):f}")
    if item.penalty is not None:
        _value(question, "penalty", f"{item.penalty:f}")
    _value(question, "hidden", "0")
    _value(question, "idnumber", item.idnumber)
    _CONTENTS[kind](question, item)
    _feedback(question, item)
    if item.tags:
        tags = etree.SubElement(question, "tags")
        for tag in item.tags:
            _text(etree.SubElement(tags, "tag"), tag)
    return (item.knowledge_points[0] if item.knowledge_points else ""), question


def _feedback(question: etree._Element, item: ImportedItem) -> None:
    said = dict(item.feedback)
    for when, path in COMBINED:
        if said.get(when):
            _formatted(question, path, said[when])
    place = 1
    while said.get(f"hint {place}"):
        _formatted(question, "hint", said[f"hint {place}"])
        place += 1


def _choice(question: etree._Element, item: ImportedItem) -> None:
    single = item.type == "single_choice"
    _value(question, "single", "true" if single else "false")
    _value(question, "shuffleanswers", "true")
    _value(question, "answernumbering", "ABCD")
    for option, share in zip(item.options, shares_as_written(item), strict=True):
        answer = _answer(question, share, option.feedback)
        text, text_format = written(option.text, option.html)
        answer.set("format", text_format)
        _text(answer, _with_files(text, text_format, item.media))
        for file in item.media:
            if _refers(option.html, file.name):
                _file_in(answer, file)


def _truth(question: etree._Element, item: ImportedItem) -> None:
    if not item.key:
        # Moodle would take "true" for the right answer: it asks of each answer whether its share is 100.
        raise NotHeld("Moodle XML 的判断题要有答案")
    said = dict(item.feedback)
    for word in ("true", "false"):
        answer = _answer(question, Decimal(1 if word in item.key else 0), said.get(word, ""))
        answer.set("format", "moodle_auto_format")
        _text(answer, word)


def _blank(question: etree._Element, item: ImportedItem) -> None:
    said = dict(item.feedback)
    held = [{"text": one, "fraction": "1"} if isinstance(one, str) else one for one in item.key[0]]
    _value(question, "usecase", "1" if any(one.get("case_sensitive") for one in held) else "0")
    for place, one in enumerate(held, 1):
        answer = _answer(question, Decimal(one["fraction"]), said.get(f"answer {place}", ""))
        answer.set("format", "moodle_auto_format")
        _text(answer, one["text"] if one.get("pattern") else one["text"].replace("*", "\\*"))


def _numeric(question: etree._Element, item: ImportedItem) -> None:
    said = dict(item.feedback)
    for place, entry in enumerate(item.key, 1):
        low, high = Decimal(entry["low"]), Decimal(entry["high"])
        answer = _answer(question, Decimal(entry["fraction"]), said.get(f"answer {place}", ""))
        answer.set("format", "moodle_auto_format")
        _text(answer, f"{(low + high) / 2:f}")
        _value(answer, "tolerance", f"{(high - low) / 2:f}")
    if said.get("otherwise"):
        answer = _answer(question, Decimal(0), said["otherwise"])
        answer.set("format", "moodle_auto_format")
        _text(answer, "*")
        _value(answer, "tolerance", "0")


def _matching(question: etree._Element, item: ImportedItem) -> None:
    _value(question, "shuffleanswers", "true")
    for left, right in (*item.key, *(("", right) for right in item.distractors)):
        text, text_format = written(left) if left else ("", "html")
        pair = etree.SubElement(question, "subquestion", format=text_format)
        _text(pair, text)
        _text(etree.SubElement(pair, "answer"), right)


def _ordering(question: etree._Element, item: ImportedItem) -> None:
    for name, value in (
        ("layouttype", "VERTICAL"),
        ("selecttype", "ALL"),
        ("selectcount", "0"),
        ("gradingtype", ALL_OR_NOTHING),
        ("showgrading", "SHOW"),
        ("numberingstyle", "none"),
    ):
        _value(question, name, value)
    for place, option in enumerate(item.options, 1):
        text, text_format = written(option.text, option.html)
        answer = etree.SubElement(question, "answer", fraction=str(place), format=text_format)
        _text(answer, _with_files(text, text_format, item.media))


def _essay(question: etree._Element, item: ImportedItem) -> None:
    said = dict(item.feedback)
    _value(question, "responseformat", "editor")
    _value(question, "responserequired", "1")
    _value(question, "responsefieldlines", "15")
    _value(question, "attachments", "0")
    _value(question, "attachmentsrequired", "0")
    for path in ("graderinfo", "responsetemplate"):
        _formatted(question, path, said.get(path, ""))


def _nothing(question: etree._Element, item: ImportedItem) -> None:
    """Everything is in the text."""


_CONTENTS: Mapping[str, Callable[[etree._Element, ImportedItem], None]] = {
    "multichoice": _choice,
    "truefalse": _truth,
    "shortanswer": _blank,
    "numerical": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "essay": _essay,
    "description": _nothing,
    "cloze": _nothing,
}


def _answer(question: etree._Element, share: Decimal, feedback: str) -> etree._Element:
    answer = etree.SubElement(question, "answer", fraction=percent(share))
    _formatted(answer, "feedback", feedback)
    return answer


def _formatted(parent: etree._Element, name: str, text: str) -> None:
    body, text_format = written(text) if text else ("", "html")
    _text(etree.SubElement(parent, name, format=text_format), body)


def _text(parent: etree._Element, text: str) -> None:
    element = etree.Element("text")
    element.text = UNSTORABLE.sub("", text)
    parent.insert(0, element)


def _value(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, name).text = UNSTORABLE.sub("", value)


def _file_in(parent: etree._Element, file: ImportedMedia) -> None:
    path, _, name = file.name.rpartition("/")
    element = etree.SubElement(parent, "file", name=name, path=f"/{path}/" if path else "/", encoding="base64")
    element.text = base64.b64encode(file.data).decode()


def _refers(html: str, name: str) -> bool:
    return any(unescape(match[2] or match[3] or "") == name for match in _LINK.finditer(html))


def _with_files(text: str, text_format: str, media: Sequence[ImportedMedia]) -> str:
    names = {file.name for file in media}
    if text_format != "html" or not names:
        return text
    return _LINK.sub(lambda match: _linked(match, names), text)


def _linked(match: re.Match[str], names: set[str]) -> str:
    name = unescape(match[2] if match[2] is not None else match[3])
    return f'{match[1]}"@@PLUGINFILE@@/{escape(quote(name))}"' if name in names else match[0]
