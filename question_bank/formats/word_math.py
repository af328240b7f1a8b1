"""Formulas of Word (OMML, ECMA-376 part 1, 22.1) as LaTeX. What is unknown gives its content, never nothing."""

from collections.abc import Callable

from lxml import etree

from question_bank.formats.latex_signs import COMMANDS, FUNCTIONS

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MOST_DEEP = 60
# A degree in Word stands behind its number; a command needs a space before the letter that may follow it.
_SYMBOLS = {
    sign: f"{command} " if command[1:].isalpha() and command.startswith("\\") else command
    for sign, command in COMMANDS.items()
} | {"√": r"\sqrt{}", "°": r"^{\circ}"}
_NARY = {
    "∑": r"\sum",
    "∏": r"\prod",
    "∫": r"\int",
    "∬": r"\iint",
    "∭": r"\iiint",
    "∮": r"\oint",
    "⋃": r"\bigcup",
    "⋂": r"\bigcap",
}
_ACCENTS = {
    "̂": r"\hat",
    "̃": r"\tilde",
    "̅": r"\overline",
    "̄": r"\bar",
    "⃗": r"\vec",
    "̇": r"\dot",
    "̈": r"\ddot",
    "¯": r"\bar",
}


def latex(element: etree._Element, depth: int = 0) -> str:
    """Return the LaTeX of an element of a formula and of what is inside it."""
    if depth > _MOST_DEEP:
        return ""
    name = etree.QName(element).localname
    made = _MAKERS.get(name)
    if made is not None and element.tag.startswith(M):
        return made(element, depth + 1)
    if name == "t":
        return "".join(_SYMBOLS.get(char, char) for char in element.text or "")
    if name.endswith("Pr"):
        return ""
    return "".join(latex(child, depth + 1) for child in element.iterchildren(etree.Element))


def _inside(element: etree._Element, name: str, depth: int) -> str:
    found = element.find(f"{M}{name}")
    return "" if found is None else latex(found, depth).strip()


def _property(element: etree._Element, name: str, default: str = "") -> str:
    found = element.find(f"{M}{etree.QName(element).localname}Pr/{M}{name}")
    return default if found is None else found.get(f"{M}val", "")


def _fraction(element: etree._Element, depth: int) -> str:
    top, bottom = _inside(element, "num", depth), _inside(element, "den", depth)
    if _property(element, "type") == "noBar":
        return rf"\binom{{{top}}}{{{bottom}}}"
    return rf"\frac{{{top}}}{{{bottom}}}"


def _root(element: etree._Element, depth: int) -> str:
    degree = _inside(element, "deg", depth)
    return rf"\sqrt{f'[{degree}]' if degree else ''}{{{_inside(element, 'e', depth)}}}"


def _scripts(element: etree._Element, depth: int) -> str:
    base, low, high = (_inside(element, name, depth) for name in ("e", "sub", "sup"))
    base = base if len(base) <= 1 or (base.startswith("\\") and base[1:].isalpha()) else f"{{{base}}}"
    return base + (f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "")


def _before(element: etree._Element, depth: int) -> str:
    return (
        f"{{}}_{{{_inside(element, 'sub', depth)}}}^{{{_inside(element, 'sup', depth)}}}{_inside(element, 'e', depth)}"
    )


def _nary(element: etree._Element, depth: int) -> str:
    sign = _property(element, "chr", "∫")
    low, high = _inside(element, "sub", depth), _inside(element, "sup", depth)
    limits = (f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "")
    return f"{_NARY.get(sign, sign)}{limits}{{{_inside(element, 'e', depth)}}}"


def _delimited(element: etree._Element, depth: int) -> str:
    begin, end = _property(element, "begChr", "("), _property(element, "endChr", ")")
    divider = _property(element, "sepChr", "|")
    inner = divider.join(latex(child, depth).strip() for child in element.iterchildren(f"{M}e"))
    return rf"\left{_fence(begin)}{inner}\right{_fence(end)}"


def _fence(sign: str) -> str:
    return {"": ".", "{": r"\{", "}": r"\}", "⟨": r"\langle ", "⟩": r"\rangle ", "‖": r"\|"}.get(sign, sign)


def _function(element: etree._Element, depth: int) -> str:
    name = _inside(element, "fName", depth)
    plain = name.split("_")[0].strip("{}")
    shown = "\\" + name if plain in FUNCTIONS else name
    return f"{shown}{{{_inside(element, 'e', depth)}}}"


def _accent(element: etree._Element, depth: int) -> str:
    return f"{_ACCENTS.get(_property(element, 'chr', '̂'), chr(92) + 'hat')}{{{_inside(element, 'e', depth)}}}"


def _bar(element: etree._Element, depth: int) -> str:
    command = r"\overline" if _property(element, "pos") == "top" else r"\underline"
    return f"{command}{{{_inside(element, 'e', depth)}}}"


def _limit_below(element: etree._Element, depth: int) -> str:
    return f"{_inside(element, 'e', depth)}_{{{_inside(element, 'lim', depth)}}}"


def _limit_above(element: etree._Element, depth: int) -> str:
    return f"{_inside(element, 'e', depth)}^{{{_inside(element, 'lim', depth)}}}"


def _matrix(element: etree._Element, depth: int) -> str:
    rows = [
        " & ".join(latex(cell, depth).strip() for cell in row.iterchildren(f"{M}e"))
        for row in element.iterchildren(f"{M}mr")
    ]
    return r"\begin{matrix}" + r" \\ ".join(rows) + r"\end{matrix}"


def _equations(element: etree._Element, depth: int) -> str:
    rows = [latex(row, depth).strip() for row in element.iterchildren(f"{M}e")]
    return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"


_MAKERS: dict[str, Callable[[etree._Element, int], str]] = {
    "f": _fraction,
    "rad": _root,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "sPre": _before,
    "nary": _nary,
    "d": _delimited,
    "func": _function,
    "acc": _accent,
    "bar": _bar,
    "limLow": _limit_below,
    "limUpp": _limit_above,
    "m": _matrix,
    "eqArr": _equations,
}
