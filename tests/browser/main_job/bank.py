"""Act one: from a workbook of items to a frozen paper."""

from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import func, select

from question_bank.items.models import Item, SourceVerification
from question_bank.papers.models import Paper, PaperSlot
from tests.browser.main_job.material import QUESTIONS, UNVERIFIED, bank_file
from tests.browser.main_job.story import PASSWORD, Story, press, told

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def excel(name: str, content: bytes) -> FilePayload:
    """A file as it is chosen in a dialogue."""
    return {"name": name, "mimeType": XLSX, "buffer": content}


def the_organizer_signs_in_for_the_first_time(story: Story) -> None:
    """With the generated password, which must be changed before anything else."""
    page = story.stranger()
    page.goto(story.url("/"))
    story.look(page, "101-door")
    page.goto(story.url("/sign-in"))
    story.look(page, "102-staff-sign-in")
    page.get_by_label("用户名").fill("organizer")
    page.get_by_label("密码").fill("wrong-password")
    press(page, "登录")
    expect(page.get_by_role("alert")).to_be_visible()
    story.look(page, "103-staff-sign-in-refused")
    page.get_by_label("用户名").fill("organizer")
    page.get_by_label("密码").fill(story.first_password)
    press(page, "登录")
    page.goto(story.url("/exams"))
    expect(page).to_have_url(story.url("/account/password"))
    story.look(page, "104-first-password")
    page.get_by_label("当前密码").fill(story.first_password)
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再次输入新密码").fill(PASSWORD)
    press(page, "更改密码")
    told(page, "密码已更改")
    story.look(page, "105-home-of-the-organizer")
    story.remember("organizer", page)


def the_author_downloads_the_template(story: Story) -> None:
    """The workbook to fill in has the columns that the import reads."""
    page = story.staff("author")
    page.get_by_role("link", name="试题", exact=True).click()
    story.look(page, "111-bank-empty")
    page.get_by_role("link", name="从文件导入").first.click()
    story.look(page, "112-bank-import")
    with page.expect_download() as download:
        press(page, "下载 Excel 模板")
    assert download.value.suggested_filename == "试题导入模板.xlsx"
    sheet = load_workbook(BytesIO(download.value.path().read_bytes())).worksheets[0]
    headings = [str(cell.value) for cell in sheet[1]]
    assert headings[:2] == ["题型", "题干"]
    assert {"答案", "分值", "知识点", "法规名称", "条款", "原文摘录"} <= set(headings)
    page.close()


def the_author_imports_the_bank(story: Story) -> None:
    """The review shows the bad row first; it is mended in place, left out after all, and the rest is imported once."""
    page = story.staff("author")
    page.goto(story.url("/bank/import"))
    page.get_by_label("试题文件").set_input_files(excel("题库.xlsx", bank_file(faulty=True)))
    press(page, "上传并核对")
    page.wait_for_url("**/bank/import/*")
    bad = page.get_by_role("region", name="第 5 行")
    expect(page.locator("section.import-card").first).to_have_attribute("id", "item-11")
    expect(bad).to_contain_text("要修改，否则不导入")
    expect(bad).to_contain_text("答案")
    story.look(page, "113-bank-review-with-a-bad-row")
    assert story.server.read(lambda s: s.scalar(select(func.count(Item.id)))) == 0
    bad.get_by_role("link", name="修改").press("Enter")
    page.get_by_label("为正确选项").nth(1).check()
    story.look(page, "114-bank-review-mending")
    press(page, "保存修改")
    page.wait_for_url("**#item-11")
    page.reload()
    expect(bad).to_contain_text("已修改")
    expect(bad).to_contain_text("将导入为草稿")
    bad.get_by_role("button", name="略去这一题").press("Enter")
    expect(bad).to_contain_text("已略去")
    press(page, f"导入 {len(QUESTIONS)} 题")
    expect(page.get_by_role("heading", name="导入结果")).to_be_visible()
    story.look(page, "115-bank-imported")
    assert story.server.read(lambda s: s.scalar(select(func.count(Item.id)).where(Item.state == "draft"))) == 11
    page.close()


def the_author_submits_every_item(story: Story) -> None:
    """Draft by draft, each read once more."""
    page = story.staff("author")
    page.goto(story.url("/bank/items?state=draft"))
    story.look(page, "116-bank-drafts")
    for number in range(len(QUESTIONS)):
        page.goto(story.url("/bank/items?state=draft"))
        page.locator("tbody a.bank-stem").first.click()
        if number == 0:
            story.look(page, "117-bank-item-draft")
            expect(page.get_by_role("link", name="审核")).to_have_count(0)
        press(page, "送审")
        expect(page.get_by_text("待审", exact=True).first).to_be_visible()
    assert story.server.read(lambda s: s.scalar(select(func.count(Item.id)).where(Item.state == "in_review"))) == 11
    page.close()


def the_reviewer_publishes_and_verifies(story: Story) -> None:
    """Another person publishes; a citation is held beside the official text by name."""
    author = story.staff("author")
    item = story.server.read(lambda s: s.scalars(select(Item).order_by(Item.id)).first())
    assert item is not None
    refused = author.goto(story.url(f"/bank/items/{item.id}/review"))
    assert refused is not None
    assert refused.status == 403
    author.close()

    page = story.staff("reviewer")
    told(page, "等待审核的试题")
    story.look(page, "118-home-of-the-reviewer")
    for number in range(len(QUESTIONS)):
        page.goto(story.url("/bank/items?state=in_review"))
        page.locator("tbody a.bank-stem").first.click()
        press(page, "审核")
        if number == 0:
            story.look(page, "119-bank-review")
        press(page, "发布")
        told(page, "已发布，可以进入试卷")
    story.look(page, "120-bank-published-the-last")
    _verify(story, page)
    page.close()


def _verify(story: Story, page: Page) -> None:
    page.goto(story.url("/"))
    page.get_by_role("link", name="已发布而法规依据未核对的试题").click()
    story.look(page, "121-bank-to-verify")
    stems = page.locator("tbody a.bank-stem").all_inner_texts()
    assert len(stems) == 3
    for stem in stems:
        if stem in UNVERIFIED.stem:
            continue
        page.goto(story.url("/bank/items?state=published&source=no"))
        page.get_by_role("link", name=stem).click()
        press(page, "核对法规依据")
        story.look(page, "122-bank-verify")
        page.get_by_label("用来核对的正式文本").fill("《全国人民代表大会常务委员会公报》2019 年第 1 号")
        press(page, "我已逐字核对，一致")
        told(page, "已记录为由您核对")
    assert story.server.read(lambda s: s.scalar(select(func.count(SourceVerification.id)))) == 2


SECTIONS = (
    ("single_choice", "4", "10", "all_or_nothing"),
    ("multiple_choice", "2", "15", "half_for_incomplete"),
    ("true_false", "2", "5", "all_or_nothing"),
    ("fill_blank", "1", "20", "proportional"),
)


def the_organizer_draws_a_paper(story: Story) -> None:
    """First the blueprint asks for too much and is told by how much; then it is drawn, frozen and looked at."""
    page = story.staff("organizer")
    page.get_by_role("link", name="组卷", exact=True).click()
    story.look(page, "131-blueprints-empty")
    page.get_by_role("link", name="新建细目表").first.click()
    page.get_by_label("细目表名称").fill("素质能力测试笔试")
    for number, (kind, count, points, policy) in enumerate(SECTIONS):
        if not page.locator(f"[name=sections-{number}-type]").is_visible():
            press(page, "增加一个部分")
        page.locator(f"[name=sections-{number}-type]").select_option(kind)
        page.locator(f"[name=sections-{number}-rows-0-any_difficulty]").fill("40" if kind == "true_false" else count)
        page.locator(f"[name=sections-{number}-points]").fill(points)
        page.locator(f"[name=sections-{number}-policy]").select_option(f"{kind}:{policy}")
    story.look(page, "132-blueprint-form")
    press(page, "先看题库存量")
    told(page, "题库存量")
    story.look(page, "133-blueprint-checked")
    page.locator("[name=sections-2-rows-0-any_difficulty]").fill("2")
    press(page, "保存")
    told(page, "共 9 题，总分 100.00 分")
    story.look(page, "134-blueprint")
    press(page, "抽题组卷")
    page.get_by_label("试卷标题").fill("素质能力测试")
    page.get_by_label("抽题种子").fill("20261124")
    story.look(page, "135-draw")
    press(page, "抽题并冻结试卷")
    told(page, "抽题可以重放")
    story.look(page, "136-paper")
    press(page, "按考生所见预览")
    expect(page.locator("fieldset.question")).to_have_count(9)
    expect(page.get_by_text(UNVERIFIED.stem)).to_have_count(0)
    story.look(page, "137-paper-preview")
    assert "答案" not in page.locator("main").inner_text().replace("请在每个空里填写答案", "").replace(
        "正确答案", ""
    ).replace("与答案", "")
    paper = story.server.read(lambda s: s.scalars(select(Paper)).one())
    assert (paper.total_hundredths, paper.demonstration, paper.seed) == (10000, False, "20261124")
    assert story.server.read(lambda s: s.scalar(select(func.count()).select_from(PaperSlot))) == 9
    story.paper_id = paper.id
    page.close()
