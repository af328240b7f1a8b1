"""Rich text: nothing harmful is kept, nothing written is lost, formulas are shown by browser and on paper."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from question_bank.formulas import mathml
from question_bank.rich_print import for_print, svg_picture
from question_bank.rich_text import Rich, clean, for_browser, from_markup, pictures_in, rich, to_markup

PICTURE = "a" * 64
PIECES = [
    "<p>", "</p>", "<b>", "</b>", "<img src=x onerror=alert(1)>", f'<img alt="图" src="media:{PICTURE}">', "<script>alert(1)</script>",
    "<svg onload=alert(1)>", "<math><mtext></table><img src=x></mtext></math>", '<a href="javascript:alert(1)">', "<td colspan=9999999>",
    "<table><tr><td>", "</table>", "<style>@import 'x'</style>", "<noscript><p title='</noscript><img src=x onerror=1>'>", "<h1 style=x>",
    "</h1>", "<iframe src=x>", "甲", "a < b & c", "____", "<u>   </u>", "<!--", "-->", "<![CDATA[x]]>", "\\(x<y\\)", "<ol start=2><li>", "</xmp>",
]  # fmt: skip
ALLOWED = re.compile(
    r"</?(?:p|div|br|strong|b|em|i|u|s|sub|sup|ul|ol|li|table|caption|thead|tbody|tr|th|td|img|blockquote|pre|code)"
    r'(?: (?:colspan|rowspan|width|height|start)="\d{1,4}"| alt="[^"<>]*"| src="media:[0-9a-f]{64}")*>'
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join))
def test_whatever_comes_in_only_the_short_list_is_kept_and_cleaning_again_changes_nothing(html):
    kept = clean(html)
    assert "<" not in ALLOWED.sub("", kept)
    assert clean(kept) == kept


def test_pictures_are_kept_by_their_digest_and_others_become_their_description():
    html = (
        '<img src="pic%201.png" alt="甲"><img src="http://example.org/x.png" alt="乙"><img src="data:image/svg+xml,x">'
    )
    assert clean(html, {"pic 1.png": PICTURE}) == f'<img src="media:{PICTURE}" alt="甲">乙'
    assert pictures_in(clean(html, {"pic 1.png": PICTURE})) == {PICTURE}


def test_html_that_says_no_more_than_its_text_is_not_kept():
    assert rich("<p>甲<br>乙</p>") == Rich("甲\n乙")
    assert rich("<p>甲<b>乙</b></p>", "甲乙") == Rich("甲乙", "<p>甲<b>乙</b></p>")


def test_a_formula_in_mathml_leaves_the_text_with_its_latex_alone():
    assert rich("<p><b>求</b><math><mi>x</mi></math></p>", r"求\(x\)") == Rich(r"求\(x\)")


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("**粗**体", "<p><strong>粗</strong>体</p>"),
        ("H<sub>2</sub>O、<u>重点</u>", "<p>H<sub>2</sub>O、<u>重点</u></p>"),
        ("- 甲\n- 乙", "<ul><li>甲</li><li>乙</li></ul>"),
        (
            "看表：\n| 年 | 数 |\n| 1 | 2 |",
            "<p>看表：</p><table><thead><tr><th>年</th><th>数</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        (f"![图](media:{PICTURE})", f'<p><img src="media:{PICTURE}" alt="图"></p>'),
        ("第 **一** 空 ____，\n第二空 ____", "<p>第 <strong>一</strong> 空 ____，<br>第二空 ____</p>"),
        (r"**求** \(x_1 * y_2 < 3\)", r"<p><strong>求</strong> \(x_1 * y_2 &lt; 3\)</p>"),
    ],
)
def test_the_markup_becomes_html_and_the_html_the_markup_again(written, html):
    found = from_markup(written)
    assert found.html == html
    assert from_markup(to_markup(found.text, found.html)) == found


@pytest.mark.parametrize(
    "plain",
    ["2*3*4=24", "____年____月", "1. 甲\n2. 乙", "1) 甲\n2) 乙", "+ 5 度", "# 号", "a_b_c", "若 a<b>c", "x < y 且 y > z",
     "**没有合上", "<script>alert(1)</script>", "![图](http://example.org/x.png)", "[链接](javascript:alert(1))", r"\(a_1*b\)",
     "~~删~~", "`码`", "&lt;", "    缩进", "甲\n\n乙", "---", "***"],
)  # fmt: skip
def test_what_looks_like_markup_elsewhere_stays_the_plain_text_that_was_typed(plain):
    assert from_markup(plain) == Rich(plain.strip())


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=10).map("".join))
def test_stored_text_of_any_origin_can_be_edited_and_saved_without_a_change(html):
    found = rich(html)
    again = from_markup(to_markup(found.text, found.html))
    if found.html:
        # What stood outside of any block comes back as a block.
        assert again.html in (found.html, rich(f"<p>{found.html}</p>").html)


@given(st.text(alphabet="*_-|+.1) \n<>u/sb!()[]\\甲&", max_size=40))
def test_nothing_written_raises_or_loses_its_words(written):
    found = from_markup(written)
    assert found.text.count("甲") == written.count("甲")
    assert from_markup(to_markup(found.text, found.html)).html == found.html


def test_a_browser_gets_formulas_as_mathml_beside_their_latex_and_pictures_by_our_own_address():
    shown = for_browser(
        "", rf'<p><b>求</b>\(\frac&#123;x&#125;2 &lt; 1\)<img src="media:{PICTURE}" alt="图"></p>', "/p/"
    )
    assert f'<img src="/p/{PICTURE}" alt="图">' in shown
    assert "<mfrac>" in shown
    assert r'<code class="formula-words">\frac{x}2 &lt; 1</code>' in shown
    assert for_browser("1 < 2 & 3", "", "/p/") == '<span class="keep-lines">1 &lt; 2 &amp; 3</span>'


@pytest.mark.parametrize(
    "latex",
    [r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\class{x}{y}", r"\text{<script>}", r"\color{red}x"],
)
def test_no_formula_brings_a_link_a_style_or_a_script(latex):
    shown = for_browser(rf"\({latex}\)", "", "/p/")
    drawn = re.sub(r"<code.*?</code>", "", shown)
    assert "href" not in drawn
    assert "style" not in drawn.replace("<mstyle", "").replace("</mstyle", "")
    assert "<script" not in shown


@given(st.text(alphabet=r"\{}^_&#%$frac sqrtleftbegin()[]xy甲", max_size=40))
def test_no_latex_is_too_broken_to_be_shown(latex):
    drawn = mathml(latex)
    if drawn is not None:
        assert etree.fromstring(drawn).tag == "math"
    svg_picture(latex)


def test_what_cannot_be_read_as_a_formula_is_shown_as_it_was_typed():
    assert (
        for_browser(r"\(\frac{\)", "", "/p/") == '<span class="keep-lines"><code class="formula">\\frac{</code></span>'
    )
    assert mathml("x" * 2000) is None


def test_paper_gets_pictures_as_data_and_formulas_as_drawings():
    shown = for_print(
        "", rf'<p><b>求</b>\(\frac&#123;x&#125;2\)<img src="media:{PICTURE}"></p>', lambda digest: f"data:{digest}"
    )
    assert f'<img src="data:{PICTURE}">' in shown
    assert 'src="data:image/svg+xml;base64,' in shown
    assert "vertical-align: -" in shown
    letter, fraction = svg_picture("x"), svg_picture(r"\frac{x}{2}")
    assert letter
    assert fraction
    assert -2 < letter.below < 0  # points: a letter stands on the line, half a fraction below it
    assert -9 < fraction.below < -3
    assert for_print(r"\(甲\)", "", str) == '<span class="keep-lines"><code>甲</code></span>'
