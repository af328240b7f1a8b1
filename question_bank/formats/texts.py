"""What every format does to text: ordinary characters instead of look-alikes, blanks as `____`, marks out of the stem."""

import re
import unicodedata
from fractions import Fraction

from question_bank.item_types.fill_blank import BLANK

# Radicals that PDF readers and input methods put where the ordinary character was meant. Unicode decomposes the Kangxi
# radicals; most of the supplement it leaves alone. Only those with one plain reading stand here.
_RADICALS = dict(
    zip(
        "⺒⺝⺟⺠⺨⺩⺫⺬⺰⻁⻂⻄⻅⻆⻉⻊⻋⻌⻏⻐⻑⻓⻔⻘⻙⻚⻛⻜⻝⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
        "巳月母民犬王目示纟虎衣西见角贝足车辶邑钅長长门青韦页风飞食饣首马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)
_LOOK_ALIKE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")

_SPACE = r"[\s\u3000]"
_UNDERLINED = re.compile(
    rf"[（(]{_SPACE}*[_＿]{{2,}}{_SPACE}*[)）]|[_＿]{{2,}}(?:{_SPACE}+[_＿]{{2,}})*|＿|\{{[_＿]+\}}"
)
_ROUND = re.compile(rf"[（(]{_SPACE}*[)）]")
_SQUARE = re.compile(rf"[【\[]{_SPACE}*[】\]]")
_CURLY = re.compile(rf"[{{｛]{_SPACE}*[}}｝]")
POINTS_MARK = rf"[（(【\[]{_SPACE}*(?:本题|本小题|每题|每小题|共|满分)?{_SPACE}*([0-9０-９]+(?:[.．][0-9０-９]+)?){_SPACE}*分{_SPACE}*[)）】\]]"
_MARK_AT_END = re.compile(rf"{_SPACE}*{POINTS_MARK}{_SPACE}*([。．.]?){_SPACE}*$")
_MARK_AT_START = re.compile(rf"^{_SPACE}*{POINTS_MARK}{_SPACE}*()")


def ordinary(text: str) -> str:
    """Return a text with radicals (⻛) and compatibility ideographs as the characters they look like (风)."""
    return _LOOK_ALIKE.sub(lambda match: _ordinary_character(match[0]), text)


def _ordinary_character(character: str) -> str:
    return _RADICALS.get(character) or unicodedata.normalize("NFKC", character)


def half_width(text: str) -> str:
    """Return a text with full-width letters, digits and marks as half-width ones, without surrounding space."""
    return unicodedata.normalize("NFKC", text).strip()


def with_blanks(stem: str, expected: int | None = None) -> tuple[str, int]:
    """Return the stem with its blanks as `____`, and their number.

    Blanks are low lines, empty round brackets or empty square ones. Where a stem has several kinds, the kind whose
    number is `expected` is taken (brackets for the number of a document often stand empty); otherwise all of them. Empty
    curly brackets are blanks where exactly as many are expected and no formula may hold them.
    """
    curly = () if "\\(" in stem else ((_CURLY,),)
    for kinds in ((_UNDERLINED, _ROUND, _SQUARE), (_UNDERLINED,), (_ROUND,), (_SQUARE,), *curly):
        pattern = re.compile("|".join(f"(?:{kind.pattern})" for kind in kinds))
        changed, count = pattern.subn(BLANK, stem)
        if count and count == expected:
            return changed, count
    pattern = re.compile("|".join(f"(?:{kind.pattern})" for kind in (_UNDERLINED, _ROUND, _SQUARE)))
    return pattern.subn(BLANK, stem)


def take_points_mark(stem: str) -> tuple[str, Fraction | None]:
    """Move a mark such as （2分） at either end out of the stem. Returns the stem without it, and the points."""
    for pattern in (_MARK_AT_END, _MARK_AT_START):
        match = pattern.search(stem)
        if match:
            rest = (stem[: match.start()] + match[2] + stem[match.end() :]).strip()
            return rest, Fraction(half_width(match[1]))
    return stem, None


def take_points_mark_above(stem: str) -> tuple[str, Fraction | None]:
    """The same, and where no end bears the mark: from the end of the prompt above a text, or of the line above a table or picture."""
    rest, mark = take_points_mark(stem)
    lines = stem.split("\n")
    if mark is not None or len(lines) == 1:
        return rest, mark
    marked = [at for at, line in enumerate(lines) if re.search(POINTS_MARK, line)]
    places = [at for at in marked if at == 0 or "".join(lines[at + 1 : at + 2]).startswith("\ufdd0")]
    match = _MARK_AT_END.search(lines[places[0]]) if len(marked) == len(places) == 1 else None
    if match is None or not match.string[: match.start()].strip():
        return stem, None
    at = places[0]
    lines[at] = lines[at][: match.start()] + match[2]
    return "\n".join(lines), Fraction(half_width(match[1]))
