"""A review shows the pictures that the file brings, to its bringer alone; a second file gives the keys."""

import base64
import hashlib
import re
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import transaction
from question_bank.images.models import Image
from tests.support.pictures import png

DOCUMENTS = Path(__file__).parents[1] / "data" / "bank" / "documents"
DIGEST = hashlib.sha256(png()).hexdigest()
QUIZ = f"""<quiz><question type="truefalse"><name><text>图</text></name>
<questiontext format="html"><text><![CDATA[<p>看图<img src="@@PLUGINFILE@@/a.png" alt="图"></p>]]></text>
<file name="a.png" path="/" encoding="base64">{base64.b64encode(png()).decode()}</file></questiontext>
<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question></quiz>"""


@pytest.fixture(autouse=True)
def everybody(cast):
    """The cast exists before anybody signs in."""


def choose(person, data, name, keys=None):
    fields = {"file": (BytesIO(data), name)} | ({"keys": (BytesIO(keys[0]), keys[1])} if keys else {})
    return person.post("/bank/import", fields, content_type="multipart/form-data")


def test_the_review_shows_a_picture_before_it_is_anywhere_in_the_bank(app, browser):
    author = browser("author")
    url = choose(author, QUIZ.encode(), "a.xml").headers["Location"]
    page = author.get(url).get_data(as_text=True)
    (address,) = re.findall(r'<img[^>]*src="([^"]*)"', page.partition('class="question-text"')[2])
    assert address == f"{url}/pictures/{DIGEST}"
    answer = author.get(address)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", png())
    assert "private" in answer.headers["Cache-Control"]
    with app.app_context(), transaction("read") as session:
        assert session.scalars(select(Image)).all() == []


def test_the_page_of_a_mend_shows_the_picture_of_the_file(browser):
    author = browser("author")
    url = choose(author, QUIZ.encode(), "a.xml").headers["Location"]
    page = author.get(f"{url}/items/0").get_data(as_text=True)
    assert f'src="{url}/pictures/{DIGEST}"' in page.partition('id="preview"')[2].partition("<form")[0]


def test_nobody_else_sees_the_picture_of_somebodys_upload(browser):
    address = f"{choose(browser('author'), QUIZ.encode(), 'a.xml').headers['Location']}/pictures/{DIGEST}"
    assert browser("reviewer").get(address).status_code in (403, 404, 422)
    assert browser("stranger").get(address).status_code in (403, 404)
    assert browser("invigilator").get(address).status_code == 403


@pytest.mark.parametrize("digest", ["0" * 64, "x", "A" * 64, "..%2f..%2fsecret"])
def test_a_picture_that_the_file_does_not_hold_is_not_found(browser, digest):
    author = browser("author")
    url = choose(author, QUIZ.encode(), "a.xml").headers["Location"]
    assert author.get(f"{url}/pictures/{digest}").status_code == 404


def test_a_second_file_gives_the_keys_and_goes_into_the_import(app, browser):
    author = browser("author")
    questions, keys = ((DOCUMENTS / name).read_bytes() for name in ("second_file_questions.txt", "second_file_answers.docx"))  # fmt: skip
    alone = author.get(choose(author, questions, "试题.txt").headers["Location"]).get_data(as_text=True)
    assert "没有答案" in alone
    url = choose(author, questions, "试题.txt", (keys, "答案.docx")).headers["Location"]
    page = author.get(url).get_data(as_text=True)
    assert "没有答案" not in page
    fields = dict(re.findall(r'name="(nonce|revision)" value="([^"]*)"', page))
    done = author.post(url, fields)
    assert "/bank/imports/" in done.headers["Location"], done.get_data(as_text=True)


def test_the_items_alone_are_read_again_where_the_wrong_second_file_was_chosen(browser):
    author = browser("author")
    questions = (DOCUMENTS / "chapters.txt").read_bytes()
    url = choose(author, questions, "试题.txt", ("没有答案的文字".encode(), "说明.txt")).headers["Location"]
    page = author.get(url).get_data(as_text=True)
    assert "“说明.txt”里没有按题号写的答案" in page
    assert "请选择只有题号和答案的文件" in page
    assert "里没有按题号写的答案" not in author.get(choose(author, questions, "试题.txt").headers["Location"]).get_data(as_text=True)  # fmt: skip


def test_a_second_file_beside_anything_but_a_document_is_refused_in_words(browser):
    author = browser("author")
    keys = (DOCUMENTS / "second_file_answers.docx").read_bytes()
    url = choose(author, QUIZ.encode(), "a.xml", (keys, "答案.docx")).headers["Location"]
    assert "答案文件只能与 Word 或文本格式的试题文件一起使用" in author.get(url).get_data(as_text=True)


TITLED = QUIZ.replace("<name><text>图</text>", "<name><text>带标题的题</text>").replace(
    "<answer fraction", "<correctfeedback format='html'><text>说得对</text></correctfeedback><answer fraction", 1
)


def test_what_came_with_an_item_stands_on_its_page_survives_an_edit_and_can_be_dropped(browser):
    author = browser("author")
    url = choose(author, TITLED.encode(), "a.xml").headers["Location"]
    review = author.get(url).get_data(as_text=True)
    assert "带标题的题" in review
    author.post(url, dict(re.findall(r'name="(nonce|revision)" value="([^"]*)"', review)))
    page = author.get("/bank/items/1").get_data(as_text=True)
    assert "随题带来的内容" in page
    assert "说得对" in page
    form = author.get("/bank/items/1/edit").get_data(as_text=True)
    assert 'name="drop_extras"' in form
    sent = {"stem": "改过的题干。", "truth": "true", "correct": "true", "points": "1", "key": "true"}
    sent["based_on"] = re.search(r'name="based_on"[^>]*value="(\d+)"', form)[1]
    sent |= dict(re.findall(r'<input[^>]*type="radio"[^>]*name="([^"]+)"[^>]*value="([^"]+)"[^>]*checked', form))
    answer = author.post("/bank/items/1/edit", sent)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert "带标题的题" in author.get("/bank/items/1").get_data(as_text=True)
    sent["based_on"] = re.search(r'name="based_on"[^>]*value="(\d+)"', author.get("/bank/items/1/edit").get_data(as_text=True))[1]  # fmt: skip
    assert author.post("/bank/items/1/edit", sent | {"drop_extras": "y"}).status_code == 302
    page = author.get("/bank/items/1").get_data(as_text=True)
    assert "随题带来的内容" not in page
