"""Formulas in MathML become the LaTeX that says the same, whatever the prefix, however broken."""

import time

import pytest

from question_bank.formats.mathml import latex_of_source


@pytest.mark.parametrize(
    ("inside", "formula"),
    [
        ("<mfrac><mn>1</mn><mi>x</mi></mfrac>", r"\frac{1}{x}"),
        ("<msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mi>π</mi><mi>r</mi>", r"x^{2}+\pi r"),
        ("<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>", r"{a+b}^{2}"),
        ("<msqrt><mi>a</mi><mo>−</mo><mi>b</mi></msqrt><mo>≤</mo><mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt{a-b}\le\sqrt[3]{x}"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><msub><mi>x</mi><mi>i</mi></msub>",
            r"\sum_{i=1}^{n}x_{i}",
        ),
        ("<munder><mi>lim</mi><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder>", r"\lim_{x\to0}"),
        ("<munder><mi>A</mi><mn>1</mn></munder>", r"\underset{1}{A}"),
        ("<mover><mi>v</mi><mo>→</mo></mover><mover><mi>x</mi><mo>¯</mo></mover>", r"\vec{v}\overline{x}"),
        ("<munder><mi>x</mi><mo>_</mo></munder>", r"\underline{x}"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", r"\left(a,b\right)"),
        ("<mfenced open='{' close=''><mi>a</mi></mfenced>", r"\left\{a\right."),
        ("<mi>sin</mi><mi>x</mi><mtext>当 100%</mtext>", r"\sin x\text{当 100\%}"),
        ("<mi>速度</mi><mo>=</mo><mi>km</mi>", r"\text{速度}=\mathrm{km}"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mi>a</mi></mtd></mtr></mtable>",
         r"\begin{matrix}1&2\\a\end{matrix}"),
        ("<mmultiscripts><mi>C</mi><mn>6</mn><none/><mprescripts/><mn>1</mn><mn>2</mn></mmultiscripts>", "{}_{1}^{2}C_{6}"),
        ("<semantics><mi>x</mi><annotation encoding='application/x-tex'>x_1</annotation></semantics>", "x_1"),
        ("<mi>a</mi><mo>&#x2062;</mo><mi>b</mi>", "ab"),
        ("<mphantom><mi>x</mi></mphantom><mn>1</mn>", "1"),
        ("<mo>{</mo><mo>&amp;</mo><mo>\\</mo>", r"\{\&\backslash"),
    ],
)  # fmt: skip
def test_a_formula_says_the_same_in_latex(inside, formula):
    assert latex_of_source(f"<math>{inside}</math>") == f"\\({formula}\\)"
    prefixed = inside.replace("</", "\0").replace("<", "<m:").replace("\0", "</m:")
    assert latex_of_source(f"<m:math>{prefixed}</m:math>") == f"\\({formula}\\)"


def test_what_is_empty_or_broken_gives_its_bare_text():
    assert latex_of_source("<math></math>") == ""
    assert latex_of_source("<math><mi>x</mi><mn>2</math>") == "x 2"


def test_a_formula_of_any_depth_ends_quickly():
    begun = time.monotonic()
    assert (
        latex_of_source("<math>" + "<msqrt>" * 200 + "<mi>x</mi>" + "</msqrt>" * 200 + "</math>").count("sqrt") == 200
    )
    latex_of_source("<math>" + "<mrow>" * 5000 + "</mrow>" * 5000 + "</math>")
    assert time.monotonic() - begun < 5
