"""Act two: an exam is planned, its roster comes in, it is published, tickets and seat lists are printed."""

import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import segno
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.clock import clock
from exam.admission.rules import ticket_code
from exam.schedule.models import Candidate, Exam, ExamSession, Room
from tests.browser.main_job.bank import excel
from tests.browser.main_job.material import EXCUSED, PEOPLE, ROOM, roster_file
from tests.browser.main_job.story import Story, local, press, told

CODE = "KS-2026-01"


def the_organizer_plans_an_exam(story: Story) -> None:
    """Facts, texts, a session of everybody at once, a room and who watches there."""
    page = story.staff("organizer")
    page.get_by_role("link", name="考试", exact=True).click()
    story.look(page, "201-exams-empty")
    page.get_by_role("link", name="新建考试").first.click()
    page.get_by_label("考试名称").fill("2026 年第四季度拟提拔人选素质能力测试")
    page.get_by_label("考试编号").fill(CODE)
    expect(page.get_by_label("对外名称")).to_have_value("素质能力测试")
    story.look(page, "202-exam-new")
    press(page, "建立考试")
    told(page, "下面列出发布前还要做的事")
    story.look(page, "203-exam-planned")
    story.exam_id = story.server.read(lambda s: s.scalars(select(Exam.id)).one())
    _texts(story, page)
    _session(story, page)
    page.close()


def _texts(story: Story, page: Page) -> None:
    page.goto(story.url(f"/exams/{story.exam_id}"))
    page.get_by_role("link", name="告知书和承诺书").first.click()
    notice = page.get_by_label("个人信息处理告知")
    text = notice.input_value()
    assert "【请填写" in text
    for place, words in (("联系人和办公电话", "办公室，0571-8700 0000"), ("年限", "五年"), ("工作日数", "十五")):
        text = text.replace(f"【请填写{place}】", words)
    notice.fill(text)
    story.look(page, "204-exam-texts")
    press(page, "保存")
    told(page, "告知书和承诺书已保存")


def _session(story: Story, page: Page) -> None:
    press(page, "场次与考场")
    story.look(page, "205-sessions-empty")
    page.get_by_role("link", name="安排固定场次").first.click()
    page.get_by_label("场次名称").fill("上午场")
    page.get_by_label("试卷").select_option(str(story.paper_id))
    page.get_by_label("开始时间").fill(typed(clock.now() + timedelta(days=1)))
    page.get_by_label("作答时长").fill("30")
    page.get_by_label("迟到入场期限").fill("15")
    page.get_by_label("收卷宽限").fill("5")
    story.look(page, "206-session-form")
    press(page, "保存")
    told(page, "场次已安排")
    press(page, "添加考场")
    page.get_by_label("考场名称").fill(ROOM)
    for name in ("监考员甲", "监考员乙"):
        page.get_by_label(name).check()
    story.look(page, "207-room-form")
    press(page, "保存")
    told(page, "考场已添加")
    story.look(page, "208-sessions")
    row = story.server.read(lambda s: s.scalars(select(ExamSession)).one())
    assert (row.paper_id, row.duration_seconds, row.grace_seconds) == (story.paper_id, 1800, 5)
    story.session_id = row.id
    story.room_id = story.server.read(lambda s: s.scalars(select(Room.id)).one())


def typed(instant: datetime) -> str:
    """An instant as it is put into a field for date and time."""
    return local(instant).strftime("%Y-%m-%dT%H:%M:%S")


def the_roster_comes_in(story: Story) -> None:
    """A number that stands there twice keeps everybody out; the mended file brings all."""
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}/publish"))
    story.look(page, "211-publish-blocked")
    expect(page.get_by_role("button", name="发布考试")).to_have_count(0)
    page.goto(story.url(f"/exams/{story.exam_id}/roster"))
    story.look(page, "212-roster-empty")
    page.get_by_role("link", name="导入名单").first.click()
    story.look(page, "213-roster-import")
    page.get_by_label("名单文件").set_input_files(excel("名单.xlsx", roster_file(faulty=True)))
    press(page, "检查名单")
    told(page, "名单有 1 处错误，不能导入")
    row = page.get_by_role("row").filter(has_text="不能导入")
    expect(row.get_by_role("cell").first).to_have_text("4")
    expect(row).to_contain_text("准考证号与第 3 行重复")
    story.look(page, "214-roster-with-a-duplicate")
    assert story.server.read(lambda s: s.scalars(select(Candidate)).all()) == []
    press(page, "重新上传")
    page.get_by_label("名单文件").set_input_files(excel("名单（改）.xlsx", roster_file(faulty=False)))
    press(page, "检查名单")
    story.look(page, "215-roster-mended")
    press(page, f"导入 {len(PEOPLE)} 名考生")
    told(page, f"已导入 {len(PEOPLE)} 名考生")
    story.look(page, "216-roster")
    found = story.server.read(lambda s: s.scalars(select(Candidate).order_by(Candidate.admission_number)).all())
    assert [(one.admission_number, one.name, one.seat) for one in found] == [(p.number, p.name, p.seat) for p in PEOPLE]
    page.close()


def the_exam_is_published(story: Story) -> None:
    """What it means is said first; afterwards nobody can be taken off the roster, only be excused."""
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}/publish"))
    told(page, f"{len(PEOPLE)} 名考生将在")
    story.look(page, "221-publish")
    press(page, "发布考试")
    told(page, "考试已发布")
    story.look(page, "222-exam-published")
    page.goto(story.url(f"/exams/{story.exam_id}/roster"))
    page.get_by_role("link", name=EXCUSED.name).click()
    story.look(page, "223-candidate")
    press(page, "登记请假缓考")
    page.get_by_label("依据").fill("因公出差，附本单位出差通知")
    page.get_by_label("批准人").fill("市教育局局长 王某")
    page.get_by_label("批准日期").fill(local(clock.now()).strftime("%Y-%m-%d"))
    story.look(page, "224-leave")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_text("请假缓考", exact=True).first).to_be_visible()
    story.look(page, "225-candidate-excused")
    page.close()


def tickets_and_seat_lists_are_printed(story: Story) -> None:
    """The codes are read from the paper, and the square beside each says the same as the text."""
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}/tickets"))
    story.look(page, "231-tickets")
    tickets = page.request.get(story.url(f"/exams/{story.exam_id}/tickets.pdf"))
    assert tickets.headers["content-type"] == "application/pdf"
    path = story.keep(tickets.body(), "tickets.pdf")
    text = pdf_text(path)
    assert "提拔" not in text
    numbers = re.findall(r"\b2026\d{4}\b", text)
    story.codes = dict(zip(numbers, re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", text), strict=True))
    assert story.codes == _expected_codes(story)
    squares_say_the_same(story, path)
    seats = page.request.get(story.url(f"/exams/{story.exam_id}/seats.pdf"))
    path = story.keep(seats.body(), "seats.pdf")
    posted = pdf_text(path)
    assert all(person.number in posted for person in PEOPLE if person is not EXCUSED)
    assert not any(person.name in posted for person in PEOPLE), "what is posted names nobody"
    pictures_of(path)
    assert story.audited("tickets_printed") == 1
    page.close()


def _expected_codes(story: Story) -> dict[str, str]:
    secret = story.server.environment["HENGJIAN_TICKET_SECRET"]
    rows = story.server.read(lambda s: s.scalars(select(Candidate)).all())
    return {one.admission_number: ticket_code(secret, one.exam_id, one.id, one.ticket_issue) for one in rows}


def pdf_text(path: Path) -> str:
    """The words of a document, as they stand on the page."""
    command = ["pdftotext", "-layout", str(path), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def pictures_of(path: Path, dots: int = 80) -> list[Path]:
    """The pages of a document as pictures beside it, none of them empty."""
    subprocess.run(["pdftoppm", "-png", "-r", str(dots), str(path), str(path.with_suffix(""))], check=True)
    found = sorted(path.parent.glob(f"{path.stem}-*.png"))
    assert found
    for one in found:
        with Image.open(one) as picture:
            shades = picture.convert("L").histogram()
            assert sum(shades[:64]), f"{one} shows nothing"
    return found


def squares_say_the_same(story: Story, path: Path) -> None:
    """Compare every printed QR code, dot by dot, with the one of the address that it must open.

    Printed at 300 dpi; two tickets on a page. No scanner is needed to tell whether a scanner would read it.
    """
    pages = pictures_of(path, 300)
    for place, (number, code) in enumerate(story.codes.items()):
        address = f"{story.url('/candidate')}#n={number}&c={code.replace('-', '')}"
        wanted = [[bool(cell) for cell in row] for row in segno.make(address, error="m").matrix]
        with Image.open(pages[place // 2]) as picture:
            half = picture.height // 2
            ticket = picture.convert("L").crop((0, half * (place % 2), picture.width, half * (place % 2 + 1)))
            assert _dots(ticket, len(wanted)) == wanted, f"the square of {number} says something else"


def _dots(ticket: Image.Image, side: int) -> list[list[bool]]:
    """Read a QR code at the right edge of a ticket: the box of its dark dots, cut into ``side`` by ``side``."""
    # 38 mm wide (white border included), 17 mm from the right edge of the sheet of 210 mm.
    millimetre = ticket.width / 210
    left, right = int((210 - 17 - 38) * millimetre), int((210 - 17) * millimetre)
    band = ticket.crop((left, 0, right, ticket.height)).point(lambda level: 255 if level < 128 else 0)
    top = next(y for y in range(band.height) if band.crop((0, y, band.width, y + 1)).histogram()[255] > band.width // 4)
    square = band.crop((0, top, band.width, top + band.width))
    box = square.getbbox()
    assert box is not None
    dot = (box[2] - box[0]) / side
    return [
        [square.getpixel((int(box[0] + (x + 0.5) * dot), int(box[1] + (y + 0.5) * dot))) == 255 for x in range(side)]
        for y in range(side)
    ]
