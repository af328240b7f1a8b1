"""Importing items in the browser and on the command line: reviewed first, confirmed once, undone while untouched."""

import json
import re
from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy import select

from core.clock import clock as the_clock
from core.database import transaction
from core.errors import Conflict
from question_bank.formats.importing import import_report
from question_bank.items import service
from question_bank.items.importing import import_review, review_of
from question_bank.items.models import Item, ItemImport, ItemVersion, KnowledgePoint, SourceCitation
from question_bank.items.reviewing import Choices
from tests.support.bank import single

HEADER = (
    "题型",
    "题干",
    "选项A",
    "选项B",
    "选项C",
    "答案",
    "分值",
    "解析",
    "难度",
    "知识点",
    "法规名称",
    "版本",
    "条款",
    "原文摘录",
)
ROWS = (
    (
        "单选题",
        "第一题（　）。",
        "甲",
        "乙",
        "丙",
        "A",
        2,
        "解析一",
        "易",
        "考核",
        "公务员法",
        "2018",
        "第一条",
        "为了规范",
    ),
    ("判断题", "第二题的说法。", "", "", "", "错误", 1, "", "中", "录用", "", "", "", ""),
    ("填空题", "第三题分为____和____。", "", "", "", "平时；定期/年度", 1.5, "", "", "", "", "", "", ""),
)
FAULTY = ("单选题", "第四题没有答案（　）。", "甲", "乙", "", "", 1, "", "", "", "", "", "", "")


def workbook(*rows):
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("试题")
        for number, row in enumerate((HEADER, *rows)):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def everybody(cast):
    """The cast exists before anybody signs in."""


@pytest.fixture
def read(app):
    def reading(statement):
        with app.app_context(), transaction("read") as session:
            return session.scalars(statement).all()

    return reading


def upload(person, data, name="试题.xlsx"):
    answer = person.post("/bank/import", {"file": (BytesIO(data), name)}, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer.headers["Location"]


def shown(person, url):
    return person.get(url).get_data(as_text=True)


def confirm(person, url, **data):
    revision = re.search(r'name="revision" value="([^"]+)"', shown(person, url))
    return person.post(url, {"nonce": "n1", "revision": revision[1] if revision else ""} | data)


def choose(person, url, place, act):
    answer = person.post(f"{url}/items/{place}/choice", {"act": act})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer


def test_a_review_shows_problems_first_and_each_item_as_it_will_look_and_writes_nothing(browser, read):
    author = browser("author")
    page = shown(author, upload(author, workbook(*ROWS, FAULTY, ROWS[0])))
    places = re.findall(r'id="item-(\d)"', page)
    assert places == ["4", "3", "0", "1", "2"]
    assert "没有答案" in page
    assert "第四题没有答案" in page
    assert "考核、录用" in page
    assert "与第 2 行内容相同" in page
    assert "解析一" in page
    assert "为了规范" in page
    assert read(select(Item.id)) == []


def test_a_confirmed_import_takes_the_sound_rows_as_drafts_at_once(browser, read):
    author = browser("author")
    url = upload(author, workbook(*ROWS, FAULTY, ROWS[0]))
    answer = confirm(author, url)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert read(select(Item.state)) == ["draft"] * 3
    assert read(select(KnowledgePoint.name).order_by(KnowledgePoint.id)) == ["考核", "录用"]
    assert read(select(SourceCitation.quotation)) == ["为了规范"]
    assert sorted(read(select(ItemVersion.points_hundredths))) == [100, 150, 200]
    (batch,) = read(select(ItemImport))
    assert (batch.items, batch.left_out, batch.filename) == (3, 2, "试题.xlsx")
    done = author.get(answer.headers["Location"]).get_data(as_text=True)
    assert "撤销这次导入" in done


def test_repeated_rows_are_taken_when_the_author_says_so(browser, read):
    author = browser("author")
    url = upload(author, workbook(ROWS[0], ROWS[0]))
    assert choose(author, url, 1, "take").headers["Location"].endswith("#item-1")
    assert confirm(author, url).status_code == 302
    assert len(read(select(Item.id))) == 2


def test_confirming_twice_imports_once(browser, read):
    author = browser("author")
    url = upload(author, workbook(*ROWS))
    first = confirm(author, url)
    second = author.post(url, {"nonce": "n1"})
    assert first.headers["Location"] == second.headers["Location"]
    assert len(read(select(Item.id))) == 3


def test_what_the_bank_holds_already_is_named(app, cast, clock, browser, read):
    with app.app_context(), transaction("write") as session:
        content = {
            "stem": "第一题（ ）",
            "options": [{"label": "A", "text": "乙"}, {"label": "B", "text": "甲"}, {"label": "C", "text": "丙"}],
        }
        number = service.create_item(session, cast.actor("author"), the_clock, single(content=content)).number
    author = browser("author")
    url = upload(author, workbook(ROWS[0]))
    assert f"与题库 {number} 内容相同" in shown(author, url)
    refused = confirm(author, url)
    assert refused.status_code == 422
    assert "没有可以导入的试题" in refused.get_data(as_text=True)
    assert len(read(select(Item.id))) == 1


def test_an_import_is_undone_while_nobody_has_touched_it(browser, read):
    author = browser("author")
    done = confirm(author, upload(author, workbook(*ROWS))).headers["Location"]
    assert author.post(done + "/undo").status_code == 302
    assert read(select(Item.state)) == ["discarded"] * 3
    assert "题库里还没有试题" in author.get("/bank/items").get_data(as_text=True)
    assert author.post(done + "/undo").status_code == 409


def test_an_import_of_which_one_item_went_to_review_is_not_undone(browser, read):
    author = browser("author")
    done = confirm(author, upload(author, workbook(*ROWS))).headers["Location"]
    item, version = read(select(Item.id))[0], read(select(Item.current_version_id))[0]
    author.post(f"/bank/items/{item}/submission", {"version": version})
    refused = author.post(done + "/undo")
    assert refused.status_code == 409
    assert "不能撤销" in refused.get_data(as_text=True)
    assert sorted(read(select(Item.state))) == ["draft", "draft", "in_review"]
    assert "撤销这次导入" not in author.get(done).get_data(as_text=True)


def test_another_persons_upload_and_an_unknown_import_are_out_of_reach(browser, cast, read):
    author = browser("author")
    url = upload(author, workbook(*ROWS))
    assert browser("reviewer").get(url).status_code == 403
    assert browser("stranger").post(url, {"nonce": "x"}).status_code == 403
    assert author.get("/bank/import/" + "0" * 64).status_code == 422
    assert author.get("/bank/imports/999").status_code == 404
    assert browser("reviewer").get("/bank/imports/1").status_code == 403
    assert browser("reviewer").post("/bank/imports/1/undo").status_code == 403
    for address in (url, f"{url}/choices", f"{url}/items/0/choice", f"{url}/items/0", f"{url}/abandonment"):
        assert author.client.post(address, data={"nonce": "x"}).status_code == 400
        assert browser("reviewer").post(address, {"act": "skip"}).status_code == 403
        assert browser("stranger").post(address, {"act": "skip"}).status_code == 403
    assert read(select(Item.id)) == []


@pytest.mark.parametrize(("data", "name"), [(b"", "空.xlsx"), (b"%PDF-1.4", "假的.xlsx"), (b"x", "图.png")])
def test_a_file_that_is_no_table_gets_one_clear_sentence(browser, read, data, name):
    author = browser("author")
    page = shown(author, upload(author, data, name))
    assert "没有可以导入的试题" in page
    assert "需要处理的行" in page
    assert read(select(Item.id)) == []


def test_no_file_is_said_on_the_form(browser):
    answer = browser("author").post("/bank/import", {})
    assert (answer.status_code, "请选择文件" in answer.get_data(as_text=True)) == (422, True)


def test_the_template_reads_back_without_an_error(browser):
    author = browser("author")
    answer = author.get("/bank/import/template.xlsx")
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    page = author.get(upload(author, answer.data, "试题导入模板.xlsx")).get_data(as_text=True)
    assert "要修改，否则不导入" not in page


def test_the_command_line_dry_run_writes_nothing_and_commit_takes_all_or_nothing(app, cast, read, tmp_path):
    sound, faulty = tmp_path / "好.xlsx", tmp_path / "坏.xlsx"
    sound.write_bytes(workbook(*ROWS))
    faulty.write_bytes(workbook(*ROWS, FAULTY))
    run = app.test_cli_runner()
    dry = run.invoke(args=["bank", "import", str(sound), "--json"])
    assert dry.exit_code == 0, dry.output
    assert [item["ref"] for item in json.loads(dry.stdout)["items"]] == ["row 2", "row 3", "row 4"]
    assert read(select(Item.id)) == []
    refused = run.invoke(args=["bank", "import", str(sound), str(faulty), "--commit"])
    assert refused.exit_code == 1
    assert "没有导入任何试题" in refused.stderr
    assert read(select(Item.id)) == []
    done = run.invoke(args=["bank", "import", str(sound), "--commit"])
    assert done.exit_code == 0, done.output
    assert "已导入 3 题" in done.stderr
    assert len(read(select(Item.id))) == 3
    again = run.invoke(args=["bank", "import", str(sound), "--commit"])
    assert again.exit_code == 1
    assert len(read(select(Item.id))) == 3


def test_one_dry_run_confirmed_at_the_same_moment_by_two_requests_is_imported_once(app, cast, clock, read):
    data = workbook(*ROWS)
    report = import_report(data, "试题.xlsx")

    with app.app_context(), transaction("read") as session:
        review = review_of(session, report)

    def take():
        with app.app_context(), transaction("write") as session:
            options = {"token": "1:n", "filename": "试题.xlsx", "sha256": "0" * 64}
            import_review(session, cast.actor("author"), the_clock, review, Choices(), **options)

    take()
    with pytest.raises(Conflict, match="没有重复导入"):
        take()
    assert len(read(select(Item.id))) == 3


def test_a_document_and_the_keys_in_a_second_file_are_taken_together(app, cast, read, tmp_path):
    items, keys = tmp_path / "题库.txt", tmp_path / "题库答案.txt"
    items.write_text("一、单选题（每题2分）\n1. 甲（ ）\nA.一 B.二\n2. 乙（ ）\nA.三 B.四\n", encoding="gb18030")
    keys.write_text("参考答案\n1-2 AB\n", encoding="utf-8")
    done = app.test_cli_runner().invoke(args=["bank", "import", str(items), str(keys), "--commit"])
    assert done.exit_code == 0, done.output
    assert "已用于试题文件" in done.stderr
    assert sorted(read(select(ItemVersion.points_hundredths))) == [200, 200]
