"""Reviewing a file before it is imported: mended in place, skipped, merged with what the bank has, committed once."""

import re
from io import BytesIO

import pytest
from sqlalchemy import select

from core.clock import clock as the_clock
from core.database import transaction
from question_bank.formats import importing as formats
from question_bank.items import service
from question_bank.items.importing import review_of
from question_bank.items.models import Item, ItemImport, ItemKey, ItemVersion, KnowledgePoint, SourceCitation
from tests.support.bank import single
from tests.web.test_item_import import FAULTY, ROWS, choose, confirm, shown, upload, workbook

SAME = {
    "stem": "第一题（ ）",
    "options": [{"label": "A", "text": "乙"}, {"label": "B", "text": "甲"}, {"label": "C", "text": "丙"}],
}


@pytest.fixture(autouse=True)
def everybody(cast):
    """The cast exists before anybody signs in."""


@pytest.fixture
def read(app):
    def reading(statement):
        with app.app_context(), transaction("read") as session:
            return session.scalars(statement).all()

    return reading


@pytest.fixture
def banked(app, cast, clock):
    """Put an item into the bank; returns its number and id."""

    def putting(**options):
        with app.app_context(), transaction("write") as session:
            draft = single(**({"content": SAME} | options))
            item = service.create_item(session, cast.actor("author"), the_clock, draft)
            return item.number, item.id

    return putting


def mended(page):
    """What the form of an item holds, as a browser would send it."""
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if (
            name
            and ('type="radio"' not in tag or "checked" in tag)
            and ('type="checkbox"' not in tag or "checked" in tag)
        ):
            fields[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\r?\n?(.*?)</textarea>', page, re.DOTALL):
        fields[name] = text
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"|<option value="([^"]*)"[^>]*selected', options)
        fields[name] = (chosen[1] or chosen[2] or "") if chosen else ""
    return fields


def mend(person, url, place, **changes):
    page = shown(person, f"{url}/items/{place}")
    return person.post(f"{url}/items/{place}", mended(page) | changes)


def test_a_faulty_row_is_mended_in_place_and_imported(browser, read):
    author = browser("author")
    url = upload(author, workbook(ROWS[1], FAULTY))
    assert "要修改，否则不导入" in shown(author, url)
    answer = mend(author, url, 1, correct="B", points="3")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert answer.headers["Location"].endswith("#item-1")
    assert "已修改" in shown(author, url)
    assert "要修改，否则不导入" not in shown(author, url)
    assert confirm(author, url).status_code == 302
    assert read(select(ItemVersion.points_hundredths).order_by(ItemVersion.id)) == [100, 300]
    assert read(select(ItemKey.key).order_by(ItemKey.version_id))[1]["key"] == ["B"]


def test_what_was_typed_is_there_again_when_the_form_is_refused(browser):
    author = browser("author")
    url = upload(author, workbook(FAULTY))
    refused = mend(author, url, 0, correct="C", rationale="我写的解析")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "我写的解析" in page
    assert "不在选项" in page
    assert "要修改，否则不导入" in shown(author, url)


def preview_of(page):
    return page.partition('id="preview"')[2].partition("<form")[0]


def test_the_page_of_a_mend_shows_the_item_as_it_is_and_as_it_would_be_before_anything_is_kept(browser):
    author = browser("author")
    url = upload(author, workbook(ROWS[1], FAULTY))
    opened = preview_of(shown(author, f"{url}/items/0"))
    assert "现在的样子" in opened
    assert "option-keyed" in opened
    answer = mend(author, url, 0, stem="改过的**题干**（　　）。", preview="1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "预览（尚未保存）" in preview_of(page)
    assert "改过的<strong>题干</strong>" in preview_of(page)
    assert "改过的**题干**" in page
    assert "改过的" not in shown(author, url)


def test_the_preview_of_an_item_that_is_still_faulty_shows_it_and_says_what_is_wrong(browser):
    author = browser("author")
    url = upload(author, workbook(FAULTY))
    answer = mend(author, url, 0, stem="还没有答案的题（　　）。", correct="", preview="1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "还没有答案的题" in preview_of(page)
    assert "答案" in page.partition("没有保存")[2].partition('id="preview"')[0]


def test_an_item_becomes_another_type_and_keeps_its_stem(browser, read):
    author = browser("author")
    url = upload(author, workbook(ROWS[0]))
    page = shown(author, f"{url}/items/0?as=multiple_choice")
    answer = author.post(f"{url}/items/0?as=multiple_choice", mended(page) | {"correct": ["A", "C"]})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    confirm(author, url)
    assert read(select(Item.type)) == ["multiple_choice"]
    assert read(select(ItemKey.key))[0]["key"] == ["A", "C"]
    assert read(select(KnowledgePoint.name)) == ["考核"]
    assert read(select(SourceCitation.quotation)) == ["为了规范"]


def test_a_mend_is_taken_back_to_what_the_file_says(browser, read):
    author = browser("author")
    url = upload(author, workbook(ROWS[0]))
    mend(author, url, 0, stem="改过的题干（　）。")
    assert "改过的题干" in shown(author, url)
    choose(author, url, 0, "restored")
    assert "改过的题干" not in shown(author, url)
    assert confirm(author, url).status_code == 302
    assert read(select(ItemVersion.content))[0]["stem"].startswith("第一题")


def test_a_skipped_item_is_left_out_and_can_be_restored(browser, read):
    author = browser("author")
    url = upload(author, workbook(*ROWS))
    choose(author, url, 1, "skip")
    choose(author, url, 2, "skip")
    choose(author, url, 2, "")
    confirm(author, url)
    assert sorted(read(select(Item.type))) == ["fill_blank", "single_choice"]
    assert read(select(ItemImport.left_out)) == [1]


def test_a_repeated_item_becomes_a_new_version_of_the_banks_and_keeps_what_the_file_does_not_state(
    browser, read, banked
):
    number, item_id = banked(tags=("旧标签",))
    author = browser("author")
    url = upload(author, workbook(ROWS[0]))
    page = shown(author, url)
    assert f"作为 {number} 的新版本" in page
    assert "<del>" in page
    choose(author, url, 0, "version")
    done = confirm(author, url)
    assert done.status_code == 302, done.get_data(as_text=True)
    assert read(select(Item.id)) == [item_id]
    assert read(select(ItemVersion.version).order_by(ItemVersion.id)) == [1, 2]
    assert read(select(ItemVersion.tags).order_by(ItemVersion.id))[1] == ["旧标签"]
    (batch,) = read(select(ItemImport))
    assert (batch.items, batch.merged, batch.left_out) == (0, 1, 0)
    assert "并入已有试题" in shown(author, done.headers["Location"])
    assert "撤销这次导入" not in shown(author, done.headers["Location"])


def test_a_new_version_of_another_type_is_refused(browser, read, banked):
    banked()
    author = browser("author")
    url = upload(author, workbook(("多选题", *ROWS[0][1:])))
    refused = author.post(f"{url}/items/0/choice", {"act": "version"})
    assert refused.status_code == 422
    assert "同一题型" in refused.get_data(as_text=True)
    assert author.post(f"{url}/items/0/choice", {"act": "burn"}).status_code == 422
    assert author.post(f"{url}/items/9/choice", {"act": "skip"}).status_code == 404
    assert author.get(f"{url}/items/9").status_code == 404


def test_all_that_repeat_are_decided_at_once(browser, read):
    author = browser("author")
    long = (*ROWS[0][:1], "公务员应当依照法定的权限和程序履行职责，努力提高工作效率（　）。", *ROWS[0][2:])
    near = (*long[:1], long[1].replace("努力", "尽力"), *long[2:])
    url = upload(author, workbook(ROWS[0], ROWS[0], ROWS[0], long, near))
    answer = author.post(f"{url}/choices", {"act": "take", "which": "same", "show": "duplicate"})
    assert answer.headers["Location"].endswith("?show=duplicate")
    assert "已对 2 题作出选择" in shown(author, url)
    assert "相近（相似度 0.9" in shown(author, url)
    confirm(author, url)
    assert len(read(select(Item.id))) == 4


def test_an_item_that_came_into_the_bank_meanwhile_is_noticed_before_anything_is_written(browser, read, banked):
    author = browser("author")
    url = upload(author, workbook(*ROWS))
    mend(author, url, 1, rationale="改过的解析")
    number, _item = banked()
    stale = confirm(author, url)
    page = stale.get_data(as_text=True)
    assert stale.status_code == 409
    assert "1 题与新增的试题重复" in page
    assert f"与题库 {number} 内容相同" in page
    assert "改过的解析" in page
    assert len(read(select(Item.id))) == 1
    assert confirm(author, url).status_code == 302
    assert len(read(select(Item.id))) == 3


def test_an_item_is_not_left_out_for_one_that_has_gone(browser, read, banked, app, cast):
    _number, item_id = banked()
    author = browser("author")
    url = upload(author, workbook(ROWS[0], ROWS[1]))
    with app.app_context(), transaction("write") as session:
        item = session.get(Item, item_id)
        service.retire(session, cast.actor("author"), the_clock, item, item.current_version_id, "过时")
    stale = confirm(author, url)
    assert stale.status_code == 409
    assert "1 题所重复的试题已停用" in stale.get_data(as_text=True)
    assert confirm(author, url).status_code == 302
    assert len(read(select(Item.id))) == 3


def test_an_item_that_got_another_version_meanwhile_is_not_overwritten(browser, read, banked, app, cast):
    _number, item_id = banked()
    author = browser("author")
    url = upload(author, workbook(*ROWS))
    choose(author, url, 0, "version")
    with app.app_context(), transaction("write") as session:
        item = session.get(Item, item_id)
        draft = single(content=SAME, rationale="别人改的")
        service.new_version(session, cast.actor("author"), the_clock, item, draft, based_on=item.current_version_id)
    refused = confirm(author, url)
    assert refused.status_code == 409
    assert "刚刚被修改过" in refused.get_data(as_text=True)
    assert len(read(select(Item.id))) == 1
    assert read(select(ItemImport.id)) == []


def test_a_file_that_is_read_differently_than_it_was_reviewed_is_shown_again(browser, read, monkeypatch):
    author = browser("author")
    url = upload(author, workbook(*ROWS))
    choose(author, url, 2, "skip")
    honest = formats.import_report

    def newer(*arguments):
        report = honest(*arguments)
        del report.items[0]
        return report

    monkeypatch.setattr("question_bank.items.import_views.import_report", newer)
    stale = confirm(author, url)
    assert stale.status_code == 409
    assert "读出的内容与您核对的不同" in stale.get_data(as_text=True)
    assert read(select(Item.id)) == []
    assert confirm(author, url).status_code == 302
    assert len(read(select(Item.id))) == 2


def test_a_confirmation_of_what_another_window_has_changed_is_refused(browser, read):
    author = browser("author")
    url = upload(author, workbook(*ROWS))
    old = re.search(r'name="revision" value="([^"]+)"', shown(author, url))[1]
    choose(author, url, 0, "skip")
    refused = author.post(url, {"nonce": "n1", "revision": old})
    assert refused.status_code == 409
    assert "另一个窗口" in refused.get_data(as_text=True)
    assert read(select(Item.id)) == []


def test_a_review_survives_a_new_upload_of_the_same_file_and_is_forgotten_on_request(browser, clock):
    author, data = browser("author"), workbook(*ROWS)
    url = upload(author, data)
    mend(author, url, 0, rationale="先写到这里")
    clock.advance(hours=23)
    author = browser("author")
    assert "先写到这里" in shown(author, url)
    choose(author, url, 1, "skip")
    clock.advance(hours=23)
    author = browser("author")
    assert upload(author, data) == url
    page = shown(author, url)
    assert "接着上次" in page
    assert "先写到这里" in page
    author.post(f"{url}/abandonment")
    assert author.get(url).status_code == 422
    assert upload(author, data) == url
    assert "先写到这里" not in shown(author, url)


def test_a_thousand_items_are_paged_searched_and_filtered(browser):
    author = browser("author")
    words = "考核任免升降奖惩培训交流回避工资福利"
    rows = [("判断题", f"第{n}题{words[n % 17]}{words[n % 13]}的说法{n * n}。", *ROWS[1][2:]) for n in range(1000)]
    url = upload(author, workbook(*rows, FAULTY))
    page = shown(author, url)
    assert page.count("<section") - page.count('aria-label="消息"') >= 20
    assert "第四题没有答案" in page
    assert "第 1 页，共 51 页" in page
    assert "第777题" in shown(author, f"{url}?q=第777题")
    assert "第777题" not in shown(author, f"{url}?q=第778题")
    only = shown(author, f"{url}?show=error")
    assert re.findall(r'id="item-(\d+)"', only) == ["1000"]
    assert re.findall(r'id="item-(\d+)"', shown(author, f"{url}?type=single_choice")) == ["1000"]
    assert "没有符合条件的试题" in shown(author, f"{url}?q=没有这样的词")
    answer = author.post(f"{url}/items/777/choice", {"act": "skip", "q": "第777题", "page": "2"})
    assert answer.headers["Location"].endswith("?q=第777题&page=2#item-777") or "%E7" in answer.headers["Location"]


def test_a_review_is_made_without_writing(app, cast, clock):
    report = formats.import_report(workbook(*ROWS), "试题.xlsx")
    with app.app_context(), transaction("read") as session:
        review = review_of(session, report)
    assert [entry.rank for entry in review.entries] == ["sound"] * 3


def test_a_file_as_large_as_the_limit_comes_in_and_a_larger_request_is_told_the_limit(browser, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    author = browser("author")
    assert upload(author, workbook(*ROWS)).startswith("/bank/import/")
    monkeypatch.setattr("core.web.application.LARGEST_REQUEST", 2000)
    refused = author.client.post("/bank/import", data={"file": (BytesIO(b"x" * 3000), "a.csv")})
    assert refused.status_code == 413
    nobody = app.test_client().post("/bank/import", data={"file": (BytesIO(b"x" * 1500), "a.csv")})
    assert nobody.status_code == 413
