"""Rich text on paper: pictures as data, formulas drawn, because the PDF renderer knows no MathML. Pure."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from xml.etree import ElementTree

from ziamath.zmath import Latex

from question_bank.formulas import MOST_LATEX
from question_bank.rich_text import FORMULA, PICTURE, body

PRINT_SIZE = 14  # pixels for 10.5 points
_POINTS_PER_PIXEL = 0.75


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn formula: a ``data:`` address of SVG, and how far it reaches below the line, in points (negative)."""

    address: str
    below: float


def for_print(text: str, html: str, picture: Callable[[str], str]) -> str:
    """Return safe HTML for a PDF: ``picture`` gives the data: address of a digest, formulas are drawn."""
    shown = PICTURE.sub(lambda found: f'{found[1]}{escape(picture(found[2]))}"', body(text, html))
    return FORMULA.sub(lambda found: _formula_for_print(unescape(found[1] or found[2]).strip()), shown)


def _formula_for_print(latex: str) -> str:
    drawn = svg_picture(latex)
    words = escape(latex)
    if drawn is None:
        return f"<code>{words}</code>"
    return f'<img class="formula" src="{drawn.address}" alt="{words}" style="vertical-align: {drawn.below:.2f}pt">'


@lru_cache(maxsize=2048)
def svg_picture(latex: str) -> Drawing | None:
    """Return LaTeX as a drawing in the size of printed text, None where it cannot be drawn."""
    if len(latex) > MOST_LATEX or not latex.isprintable() or any("\u2e80" <= sign <= "\uffff" for sign in latex):
        return None  # its font has no Chinese characters
    try:
        drawn = Latex(latex, size=PRINT_SIZE, inline=True)
        svg = drawn.svg()
        below = -max(0.0, _depth(svg)) * _POINTS_PER_PIXEL
    except Exception:
        return None
    return Drawing("data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(), below)


def _depth(svg: str) -> float:
    """How far a drawing reaches below its base line, which is at 0, in pixels."""
    root = ElementTree.fromstring(svg)  # noqa: S314 (drawn a line above)
    _left, top, _width, height = map(float, root.get("viewBox", "0 0 0 0").split())
    return top + height
