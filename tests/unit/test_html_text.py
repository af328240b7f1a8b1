"""HTML and XML as plain text: what a person would read, however broken the markup, in time that grows with its length."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from question_bank.formats.html_text import element_text, plain_text, says_more, tidy


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>公务员的<b>考核</b></p>", "公务员的考核"),
        ("<p>甲</p>\n<p>乙</p>", "甲\n乙"),
        ("甲<br>乙<br/>丙", "甲\n乙\n丙"),
        ("<div><div>甲</div></div><p>乙<br></p>丙", "甲\n乙\n丙"),
        ("<p>甲</p><p><br></p><p>乙</p>", "甲\n\n乙"),
        ("  甲 \n\t 乙&nbsp;&nbsp;丙 ", "甲 乙 丙"),
        ("<ul><li>甲</li><li>乙</li></ul>丙", "甲\n乙\n丙"),
        (
            "<table><tr><th>年</th><th>人</th></tr><tr><td><p>2019</p></td><td>3<br>人</td></tr></table>",
            "年\t人\n2019\t3 人",
        ),
        ("a &lt; b &amp;&#38; c &#x4e2d;", "a < b && c 中"),
        ("若 a < b 且 b > c，则", "若 a < b 且 b > c，则"),
        ('<img src="a.png" alt="图一：&quot;流程&quot;">所示', '图一："流程"所示'),
        ('<p><img src="a.png"></p>', "[图]"),
        ('<p>看图<img src="a.png" alt=""></p>', "看图"),
        ("甲<script>alert('<p>')</script><style>p{}</style><!-- 注 <b> -->乙", "甲乙"),
        ("<script>alert(1)", "alert(1)"),
        ("甲<!-- 没有结束", "甲"),
        ("甲<?xml?><!DOCTYPE html>乙", "甲乙"),
        ("10<sup>8</sup>、H<sub>2</sub>O、x<sup>a</sup>", "10⁸、H₂O、xa"),
        ("<pre>一  二\n  三</pre>", "一  二\n  三"),
        ("考核分为<u>&nbsp;&nbsp;&nbsp;&nbsp;</u>种", "考核分为____种"),
        ("<u>重点</u>", "重点"),
        ("当 $$x^2$$ 且 \\[y\\] 且 \\(z\\)", "当 \\(x^2\\) 且 \\(y\\) 且 \\(z\\)"),
        ("价 $$ 5", "价 $$ 5"),
        ("⻛险&#0;\x07", "风险\ufffd"),
        ("<a title='a>b'>链接</a>", "链接"),
        ('<a title="没有结束>文字', '<a title="没有结束>文字'),
        ("半径 <math><msup><mi>r</mi><mn>2</mn></msup></math> 米", "半径 \\(r^{2}\\) 米"),
        ("</p></td></u></sub>甲", "甲"),
    ],
)
def test_html_reads_as_a_person_would_read_it(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_a_formula_in_mathml_goes_to_whoever_can_read_it() -> None:
    assert plain_text("设<MATH><mi>x</mi></MATH>为", lambda source: f"[{source}]") == "设[<MATH><mi>x</mi></MATH>]为"


@pytest.mark.parametrize(
    ("html", "more"),
    [
        ("甲", False),
        ("<p>甲</p><p>乙<br/></p>", False),
        ("<p dir='ltr'>甲</p>", True),
        ("<b>甲</b>", True),
        ("<math>x</math>", True),
        ("a &lt; b", False),
    ],
)
def test_bare_paragraphs_say_no_more_than_the_plain_text(html: str, more: bool) -> None:
    assert says_more(html) is more


def test_parsed_xml_reads_the_same_whatever_its_namespace() -> None:
    source = (
        '<q:itemBody xmlns:q="urn:q" xmlns="urn:h">前<!-- 注 --><p>甲<b>乙</b>丙</p><?pi x?>'
        '<p>选<q:gap id="1">空<b>空</b></q:gap>后<style>p</style>尾</p><math><mi>x</mi></math><img alt="图"/></q:itemBody>'
    )

    def special(element: etree._Element) -> str | None:
        return "____" if etree.QName(element).localname == "gap" else None

    assert element_text(etree.fromstring(source), special) == "前\n甲乙丙\n选____后尾\nx图"


def test_text_that_is_plain_already_keeps_its_lines() -> None:
    assert tidy(" 甲\r\n  乙\r丙\x00 ") == "甲\n  乙\n丙"


@given(st.text(alphabet="<>/!-&;\"'=pbu aé中\n", max_size=80))
def test_any_text_is_read(html: str) -> None:
    text = plain_text(html)
    says_more(html)
    assert text == text.strip()
    if "<" not in html and "&" not in html:
        assert re.sub(r"\s+", "", text) == re.sub(r"\s+", "", html)


@pytest.mark.parametrize(
    "unit",
    [
        "<p>",
        "<a ",
        '<a "',
        "<!--",
        "<svg>",
        "<script>",
        "<",
        "&#",
        "&amp",
        "<u> ",
        "</",
        "$$ ",
        "\\[",
        "<td>",
        "<sup>1",
        "<?",
    ],
)
def test_a_megabyte_of_broken_markup_ends_quickly(unit: str) -> None:
    begun = time.process_time()
    plain_text(unit * (1_000_000 // len(unit)))
    assert time.process_time() - begun < 10
