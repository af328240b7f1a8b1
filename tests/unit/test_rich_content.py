"""The rich form of a whole content, and what of a file's rich text and pictures is kept."""

import hashlib

from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption
from question_bank.items.brought import brought
from question_bank.items.digests import exact_digest
from question_bank.items.rich_content import as_written, cleaned, from_written, pictures_of
from tests.support.pictures import png

DIGEST = "a" * 64


def test_every_part_of_a_content_is_cleaned_and_what_says_no_more_goes():
    content = {
        "stem": "甲",
        "html": "<p><b onclick=x>甲</b></p>",
        "options": [
            {"label": "A", "text": "乙", "html": "<p>乙</p>"},
            {"label": "B", "text": "丙", "html": "<i>丙</i>"},
        ],
        "parts": [{"content": {"stem": "丁", "html": "<script>x</script><u>丁</u>"}}],
    }
    assert cleaned(content) == {
        "stem": "甲",
        "html": "<p><b>甲</b></p>",
        "options": [{"label": "A", "text": "乙"}, {"label": "B", "text": "丙", "html": "<i>丙</i>"}],
        "parts": [{"content": {"stem": "丁", "html": "<u>丁</u>"}}],
    }
    assert cleaned(cleaned(content)) == cleaned(content)


def test_html_whose_blanks_are_not_those_of_the_text_goes():
    assert cleaned({"stem": "____年", "html": "<b>____</b>年", "blanks": 1})["html"] == "<b>____</b>年"
    assert cleaned({"stem": "____年", "html": "<b>（　　）</b>年", "blanks": 1})["html"] == "<b>____</b>年"
    assert "html" not in cleaned({"stem": "____年", "html": "<b>某</b>年", "blanks": 1})


def test_the_pictures_of_stem_options_parts_and_rationale_are_found():
    shown = f'<img src="media:{DIGEST}">'
    assert pictures_of({"stem": "", "options": [{"label": "A", "text": "", "html": shown}]}, "") == {DIGEST}
    assert pictures_of({"stem": "", "parts": [{"content": {"stem": "", "html": shown}}]}, "") == {DIGEST}
    assert pictures_of({"stem": ""}, f"见图 ![图](media:{DIGEST})") == {DIGEST}
    assert pictures_of({"stem": f"media:{DIGEST}"}, f"media:{DIGEST}") == set()


def test_a_change_of_the_rich_form_alone_is_another_content():
    assert exact_digest("true_false", {"stem": "甲"}) != exact_digest("true_false", {"stem": "甲", "html": "<b>甲</b>"})


def test_pictures_of_a_file_are_kept_by_their_digest_and_others_named():
    item = ImportedItem(
        ref="line 1",
        type="single_choice",
        stem="看图",
        html='<p>看图<img src="a.png"><img src="b.svg" alt="乙"></p>',
        options=(ImportedOption("A", "甲", html="<b>甲</b>"), ImportedOption("B", "乙")),
        key=("A",),
        media=(ImportedMedia("a.png", png()), ImportedMedia("b.svg", b"<svg/>"), ImportedMedia("unused.png", png(3))),
    )
    kept = brought(item)
    digest = hashlib.sha256(png()).hexdigest()
    assert kept.content["html"] == f'<p>看图<img src="media:{digest}">乙</p>'
    assert kept.content["options"][0]["html"] == "<b>甲</b>"
    assert kept.pictures == (png(),)
    lost, unused = kept.problems
    assert {(problem.ref, problem.severity) for problem in kept.problems} == {("line 1", "warning")}
    assert "“b.svg”没有导入：不是 PNG、JPEG、GIF 或 WebP 图片" in lost.reason
    assert unused.reason == "图片“unused.png”没有出现在题干或选项里，没有导入"


def test_formatting_that_cannot_be_kept_is_said():
    item = ImportedItem(ref="row 2", type="fill_blank", stem="____", html="<b>某</b>", key=(("甲",),))
    kept = brought(item)
    assert "html" not in kept.content
    assert "格式" in kept.problems[0].reason


def test_what_a_form_shows_comes_back_as_it_was_stored():
    content = {
        "stem": "重点",
        "html": "<p><strong>重点</strong></p>",
        "options": [{"label": "A", "text": "甲"}, {"label": "B", "text": "H₂O", "html": "<p>H<sub>2</sub>O</p>"}],
        "parts": [{"type": "true_false", "content": {"stem": "乙", "html": "<p><u>乙</u></p>"}}],
        "left": [{"label": "1", "text": "**不是格式**"}],
    }
    written = as_written(content)
    assert written["stem"] == "**重点**"
    assert written["options"][1] == {"label": "B", "text": "H<sub>2</sub>O"}
    assert from_written(written) == content
