"""Formulas: LaTeX as MathML for browsers. Pure; whatever the LaTeX, an answer or None."""

from functools import lru_cache
from xml.etree import ElementTree

import latex2mathml.converter

MOST_LATEX = 1000
# Presentation MathML as the converter writes it; nothing that links, loads or styles.
_MATHML = (
    "math mrow mi mn mo mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd mstyle"
    " mpadded mphantom menclose mmultiscripts mprescripts none"
)
_HARMLESS = (
    "display displaystyle mathvariant stretchy fence form separator accent accentunder linethickness columnalign"
    " rowspacing columnspacing columnlines rowlines lspace rspace width height depth minsize maxsize scriptlevel"
    " largeop movablelimits notation"
)
_ELEMENTS, _ATTRIBUTES = frozenset(_MATHML.split()), frozenset(_HARMLESS.split())


@lru_cache(maxsize=2048)
def mathml(latex: str) -> str | None:
    """Return LaTeX as a ``<math>`` element, None where it cannot be read."""
    if len(latex) > MOST_LATEX:
        return None
    try:
        # The converter raises whatever its parser comes upon.
        math = latex2mathml.converter.convert_to_element(latex)
    except Exception:
        return None
    for element in math.iter():
        if element.tag not in _ELEMENTS:
            return None
        for name in set(element.attrib) - _ATTRIBUTES:
            del element.attrib[name]
    text = ElementTree.tostring(math, encoding="unicode", short_empty_elements=False)
    # The converter writes signs as references (&#x003B1;), which are text to the tree.
    return text.replace("&amp;#", "&#")
