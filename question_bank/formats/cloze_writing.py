"""Blanks as Moodle's cloze: every `____` of a stem becomes `{1:SHORTANSWER:=…}`.

Moodle takes back `\\}` and `\\#` and the entities of HTML, and no other escape (question/type/multianswer/questiontype.php,
qtype_multianswer_extract_question): in HTML whatever else could be taken for a mark is written as an entity.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import Any

from question_bank.formats.moodle_items import shares_as_written
from question_bank.formats.moodle_text import percent, written
from question_bank.formats.read_back import NotHeld
from question_bank.formats.report import ImportedItem
from question_bank.item_types.fill_blank import BLANK

_RESERVED = re.compile(r"[\\~#}]")
_ESCAPED = re.compile(r"\\([\\~=%])")
_IN_PART = re.compile(r"第 [0-9]+ 空(?:：____)?")
_KINDS = {"single_choice": "MULTICHOICE", "multiple_choice": "MULTIRESPONSE", "numeric": "NUMERICAL"}


def is_cloze(case: ImportedItem) -> bool:
    """Whether a case says nothing that a cloze does not hold: its parts are the blanks of its stem."""
    return case.stem.count(BLANK) == len(case.parts) > 0 and all(_fits(part) for part in case.parts)


def _fits(part: ImportedItem) -> bool:
    if not _IN_PART.fullmatch(part.stem) or part.html or part.rationale or part.tags or part.media:
        return False
    if part.type == "fill_blank":
        return len(part.key) == 1
    return part.type in _KINDS


def cloze_text(item: ImportedItem) -> tuple[str, str]:
    """Return the text of a cloze question and its format. Raises NotHeld where the blanks do not fit the stem."""
    body, text_format = written(item.stem, item.html)
    weights, codes = _weights(item), []
    if item.type == "case":
        for part in item.parts:
            own = part.points_hundredths or 100
            if own % 100:
                raise NotHeld("完形填空各空的分值要是整数")
            codes.append(_code_of(part, own // 100))
    else:
        said = dict(item.feedback)
        for number, accepted in enumerate(item.key, 1):
            codes.append(
                _text_code(
                    accepted,
                    weights[number - 1],
                    [said.get(f"blank {number} answer {n}", "") for n in range(1, len(accepted) + 1)],
                )
            )
    pieces = body.split(BLANK)
    if len(pieces) != len(codes) + 1:
        raise NotHeld(f"题干里有 {len(pieces) - 1} 个空，答案却有 {len(codes)} 组")
    if text_format == "html":
        codes = [_in_html(code) for code in codes]
    return pieces[0] + "".join(code + piece for code, piece in zip(codes, pieces[1:], strict=True)), text_format


def _in_html(code: str) -> str:
    # An answer may not end in &amp; either: Moodle would not see the mark behind it.
    marked = escape(code, quote=False).replace("&amp;", "&#38;")
    return _ESCAPED.sub(lambda match: f"&#{ord(match[1])};", marked)


def _weights(item: ImportedItem) -> list[int]:
    """Return the whole points that each blank is worth; where they are not whole, how the points divide."""
    weights = item.weights or (1,) * len(item.key)
    whole, rest = divmod(item.points_hundredths or 0, 100 * max(1, sum(weights)))
    each = whole if not rest and whole >= 1 and whole * max(weights, default=1) < 1000 else 1
    return [each * weight for weight in weights]


def _code_of(part: ImportedItem, weight: int) -> str:
    said = dict(part.feedback)
    if part.type == "fill_blank":
        accepted = part.key[0]
        return _text_code(accepted, weight, [said.get(f"answer {n}", "") for n in range(1, len(accepted) + 1)])
    if part.type == "numeric":
        answers = [
            _answer(_number(entry), Decimal(entry["fraction"]), said.get(f"answer {place}", ""))
            for place, entry in enumerate(part.key, 1)
        ]
        answers += [_answer("*", Decimal(0), said["otherwise"])] if said.get("otherwise") else []
    else:
        stated = any(option.fraction is not None for option in part.options)
        answers = [
            _answer(_escaped(option.text), share, option.feedback, stated)
            for option, share in zip(part.options, shares_as_written(part), strict=True)
        ]
    return f"{{{weight}:{_KINDS[part.type]}:{'~'.join(answers)}}}"


def _text_code(accepted: Sequence[Any], weight: int, said: Sequence[str]) -> str:
    sensitive = any(not isinstance(entry, str) and entry.get("case_sensitive") for entry in accepted)
    answers = []
    for entry, feedback in zip(accepted, said, strict=True):
        held: dict[str, Any] = {"text": entry, "fraction": "1"} if isinstance(entry, str) else entry
        text = _escaped(held["text"]) if held.get("pattern") else _escaped(held["text"].replace("*", "\\*"))
        answers.append(_answer(text, Decimal(held["fraction"]), feedback))
    return f"{{{weight}:SHORTANSWER{'_C' if sensitive else ''}:{'~'.join(answers)}}}"


def _answer(text: str, share: Decimal, feedback: str, exact: bool = False) -> str:
    percentage = f"%{percent(share)}%" if share or exact else ""
    mark = "=" if share == 1 and not exact else percentage
    told = f"\\{text}" if not mark and text.startswith(("=", "%")) else text
    return f"{mark}{told}" + (f"#{_escaped(feedback)}" if feedback else "")


def _number(entry: dict[str, str]) -> str:
    low, high = Decimal(entry["low"]), Decimal(entry["high"])
    return f"{(low + high) / 2:f}:{(high - low) / 2:f}"


def _escaped(text: str) -> str:
    return _RESERVED.sub(lambda match: f"\\{match[0]}", text)
