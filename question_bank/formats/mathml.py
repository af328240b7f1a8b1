"""Presentation MathML as LaTeX, as items hold formulas: ``\\(\\frac{1}{2}\\)``. Pure; the time grows with the length."""

import re
from collections.abc import Callable, Sequence

from lxml import etree

from core.archives import UnreadableFile
from core.xml import parse_xml
from question_bank.formats.latex_signs import COMMANDS, FUNCTIONS

_ACCENTS = {
    "¯": "overline", "―": "overline", "‾": "overline", "_": "underline", "^": "hat", "ˆ": "hat", "~": "tilde", "˜": "tilde",
    "→": "vec", "⃗": "vec", "˙": "dot", "¨": "ddot", "⏞": "overbrace", "⏟": "underbrace", "⌢": "overset{\\frown}",
}  # fmt: skip
_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+$")
_TEX = ("application/x-tex", "LaTeX", "latex", "TeX", "application/x-latex")


def latex(element: etree._Element) -> str:
    """Return a formula between ``\\(`` and ``\\)``, empty for one that shows nothing."""
    formula = _of(element).strip()
    return f"\\({formula}\\)" if formula else ""


def latex_of_source(source: str) -> str:
    """Return the formula that the source of a ``<math>`` element shows; its bare text where it is not well-formed."""
    bare = re.sub(r"<(/?)[A-Za-z]+:", r"<\1", source)
    try:
        return latex(parse_xml(bare.encode(), "公式"))
    except UnreadableFile:
        return " ".join(re.sub(r"<[^<>]*>", " ", source).split())


def _of(element: etree._Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element).localname
    if name in _TOKENS:
        return _TOKENS[name]("".join(str(part) for part in element.itertext()))
    if name in _LAYOUTS:
        parts = [_of(each) for each in element if isinstance(each.tag, str)]
        return _LAYOUTS[name](element, parts)
    return _row(element, [_of(each) for each in element if isinstance(each.tag, str)] or [_sign(element.text or "")])


def _joined(parts: Sequence[str]) -> str:
    result = ""
    for part in parts:
        gap = " " if part[:1].isalpha() and _ENDS_IN_COMMAND.search(result) else ""
        result += gap + part
    return result


def _row(element: etree._Element, parts: Sequence[str]) -> str:
    return _joined(parts)


def _sign(text: str) -> str:
    return _joined([COMMANDS.get(character, character) for character in " ".join(text.split())])


def _identifier(text: str) -> str:
    plain = text.strip()
    if plain in FUNCTIONS:
        return f"\\{plain}"
    if any(ord(character) > 0x2E7F for character in plain):
        return _words(plain)
    return f"\\mathrm{{{_sign(plain)}}}" if len(plain) > 1 and plain.isalpha() and plain.isascii() else _sign(plain)


def _words(text: str) -> str:
    plain = " ".join(text.split())
    escaped = "".join(f"\\{each}" if each in "{}%#&$_" else each for each in plain if each not in "\\")
    return f"\\text{{{escaped}}}" if escaped else ""


def _base(part: str) -> str:
    """What bears an index: in braces where it is more than one sign."""
    return part if len(part) <= 1 or re.fullmatch(r"\\[A-Za-z]+", part) else f"{{{part}}}"


def _script(*marks: str) -> Callable[[etree._Element, Sequence[str]], str]:
    def scripted(element: etree._Element, parts: Sequence[str]) -> str:
        if not parts:
            return ""
        return _base(parts[0]) + "".join(f"{mark}{{{part}}}" for mark, part in zip(marks, parts[1:], strict=False))

    return scripted


def _fraction(element: etree._Element, parts: Sequence[str]) -> str:
    above, below = (*parts, "", "")[:2]
    if element.get("linethickness") in ("0", "0px", "0pt"):
        return f"\\genfrac{{}}{{}}{{0pt}}{{}}{{{above}}}{{{below}}}"
    return f"\\frac{{{above}}}{{{below}}}"


def _nth_root(element: etree._Element, parts: Sequence[str]) -> str:
    base, degree = (*parts, "", "")[:2]
    return f"\\sqrt[{degree}]{{{base}}}"


def _beyond(mark: str, command: str) -> Callable[[etree._Element, Sequence[str]], str]:
    def placed(element: etree._Element, parts: Sequence[str]) -> str:
        if len(parts) < 2:
            return _joined(parts)
        sign = "".join(str(part) for part in element[1].itertext()).strip()
        if sign in _ACCENTS:
            accent = _ACCENTS[sign].replace("overline", "underline") if mark == "_" else _ACCENTS[sign]
            return f"\\{accent}{{{parts[0]}}}"
        if _takes_limits(parts[0]):
            return f"{parts[0]}{mark}{{{parts[1]}}}"
        return f"\\{command}{{{parts[1]}}}{{{parts[0]}}}"

    return placed


def _takes_limits(base: str) -> bool:
    return base in ("\\sum", "\\prod", "\\int", "\\lim", "\\max", "\\min", "\\cup", "\\cap", "\\sup", "\\inf")


def _under_and_over(element: etree._Element, parts: Sequence[str]) -> str:
    if len(parts) < 3 or _takes_limits(parts[0]):
        return _script("_", "^")(element, parts)
    return f"\\overset{{{parts[2]}}}{{\\underset{{{parts[1]}}}{{{parts[0]}}}}}"


def _fenced(element: etree._Element, parts: Sequence[str]) -> str:
    marks = element.get("separators", ",").split() or [""]
    inner = "".join(
        part + (marks[min(at, len(marks) - 1)] if at < len(parts) - 1 else "") for at, part in enumerate(parts)
    )
    return f"\\left{_fence(element.get('open', '('))}{inner}\\right{_fence(element.get('close', ')'))}"


def _fence(sign: str) -> str:
    return _sign(sign) or "."


def _table(element: etree._Element, parts: Sequence[str]) -> str:
    return "\\begin{matrix}" + "\\\\".join(parts) + "\\end{matrix}"


def _semantics(element: etree._Element, parts: Sequence[str]) -> str:
    for each in element:
        if isinstance(each.tag, str) and each.get("encoding") in _TEX and (each.text or "").strip():
            return " ".join((each.text or "").split()).strip("$")
    return parts[0] if parts else ""


def _scripts_before(element: etree._Element, parts: Sequence[str]) -> str:
    names = [etree.QName(each).localname for each in element if isinstance(each.tag, str)]
    split = names.index("mprescripts") if "mprescripts" in names else len(parts)
    after, before = parts[1:split], parts[split + 1 :]
    return _scripts(before, "{}") + (_base(parts[0]) if parts else "") + _scripts(after, "")


def _scripts(parts: Sequence[str], base: str) -> str:
    pairs = [(parts[at], parts[at + 1]) for at in range(0, len(parts) - 1, 2)]
    shown = "".join(f"_{{{low}}}" * bool(low) + f"^{{{high}}}" * bool(high) for low, high in pairs)
    return base + shown if shown else ""


_TOKENS: dict[str, Callable[[str], str]] = {
    "mi": _identifier,
    "mn": lambda text: _sign(text) if text.isascii() else _identifier(text),
    "mo": lambda text: f"\\{text.strip()}" if text.strip() in FUNCTIONS else _sign(text),
    "mtext": _words,
    "ms": _words,
    "mspace": lambda text: " ",
    "annotation": lambda text: "",
}
_LAYOUTS: dict[str, Callable[[etree._Element, Sequence[str]], str]] = {
    "mfrac": _fraction,
    "msqrt": lambda element, parts: f"\\sqrt{{{_joined(parts)}}}",
    "mroot": _nth_root,
    "msup": _script("^"),
    "msub": _script("_"),
    "msubsup": _script("_", "^"),
    "munder": _beyond("_", "underset"),
    "mover": _beyond("^", "overset"),
    "munderover": _under_and_over,
    "mfenced": _fenced,
    "mtable": _table,
    "mtr": lambda element, parts: "&".join(parts),
    "mlabeledtr": lambda element, parts: "&".join(parts[1:]),
    "semantics": _semantics,
    "annotation-xml": lambda element, parts: "",
    "mmultiscripts": _scripts_before,
    "none": lambda element, parts: "",
    "mprescripts": lambda element, parts: "",
    "mphantom": lambda element, parts: "",
}
