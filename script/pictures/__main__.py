"""The pictures of the guides, scene by scene. Time is moved in the instance's database, never on the machine."""

import argparse
import contextlib
import io
import os
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

from core.clock import clock
from script.pictures import day
from script.pictures.day import Demonstration, Sitter
from script.pictures.instance import ROOT, Failed, serving
from script.pictures.studio import DESK, PHONE, Studio, first_page, scroll_to
from tests.support.chromium import launch_options

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def before_the_exam(studio: Studio, demo: Demonstration) -> None:
    """The bank, the papers, the plan and the roster."""
    with studio.scene("doors"):
        page = studio.stranger(DESK, 1)
        page.goto(studio.instance.base)
        studio.shoot(page, "doors")
    studio.visit("home", "reviewer", "home.index")
    studio.visit("bank-items", "author", "items.index")
    studio.visit("bank-item", "reviewer", "items.show", item_id=demo.item_id)
    studio.visit("bank-edit", "author", "items.new", type="multiple_choice")
    with studio.scene("bank-dry-run"):
        page = studio.staff("author")
        page.goto(studio.instance.url("items.import_items"))
        page.set_input_files("input[type=file]", ROOT / "tests" / "data" / "bank" / "any_order_openpyxl.xlsx")
        page.click("main form button[type=submit]")
        page.wait_for_url("**/bank/import/*")
        studio.shoot(page, "bank-dry-run")
    studio.visit("blueprint", "organizer", "papers.show_blueprint", blueprint_id=demo.blueprint_id)
    studio.visit("paper", "organizer", "papers.preview", paper_id=demo.paper_id)
    studio.visit("exams", "organizer", "exams.index")
    studio.visit("exam", "organizer", "exams.show", at="nav.tabs, .tabs", exam_id=demo.exam_id)
    studio.visit("sessions", "organizer", "exams.sessions", exam_id=demo.exam_id)
    roster(studio, demo)


def roster(studio: Studio, demo: Demonstration) -> None:
    """The roster, the dry run of a file, the tickets."""
    studio.visit("roster", "organizer", "exams.roster", at="nav.tabs, .tabs", exam_id=demo.exam_id)
    with studio.scene("roster-dry-run"):
        page = studio.staff("organizer")
        page.goto(studio.instance.url("exams.import_roster", exam_id=demo.exam_id))
        file = {"name": "名单.xlsx", "mimeType": XLSX, "buffer": a_roster_with_problems()}
        page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
        page.click("main form button[type=submit]")
        page.wait_for_url("**/roster/import/*")
        studio.shoot(page, "roster-dry-run")
    with studio.scene("tickets"):
        page = studio.staff("organizer")
        pdf = page.request.get(f"{studio.instance.base}/exams/{demo.exam_id}/tickets.pdf")
        if not pdf.ok:
            raise Failed(f"tickets.pdf answers {pdf.status}")
        studio.keep(first_page(pdf.body()), "tickets")


def a_roster_with_problems() -> bytes:
    """A file as units send it: good rows, a number that stands there twice, a name that is missing."""
    rows = [
        ("姓名", "单位", "职务", "准考证号", "考场", "座位号"),
        ("沈十三", "演示县财政局", "副局长", "YS010013", "第一考场", "13"),
        ("韩十四", "演示县审计局", "科长", "YS010014", "第一考场", "14"),
        ("杨十五", "演示县司法局", "科长", "YS010014", "第一考场", "15"),
        ("", "演示县民政局", "副科长", "YS010016", "第一考场", "16"),
    ]
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def to_the_waiting_room(studio: Studio, page: Page, sitter: Sitter, *, pictures: bool) -> None:
    """From the door to the waiting room (or straight on), as one does it by hand."""

    def shoot(name: str) -> None:
        if pictures:
            studio.shoot(page, name)

    page.goto(studio.instance.url("admission.sign_in"))
    page.fill("[name=admission_number]", sitter.number)
    page.fill("[name=ticket_code]", sitter.code)
    shoot("candidate-sign-in")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/candidate/exams")
    shoot("candidate-exams")
    page.click("main a.btn-primary")
    page.wait_for_url("**/notice")
    shoot("candidate-notice")
    page.check("[name=agreed]")
    page.click("main form button.btn-primary")
    page.wait_for_url("**/commitment")
    page.fill("[name=name]", sitter.name)
    page.locator("main form button.btn-primary").scroll_into_view_if_needed()
    shoot("candidate-commitment")
    page.click("main form button.btn-primary")
    page.wait_for_url("**/waiting")


def to_the_sheet(page: Page) -> None:
    """From the waiting room of a session that has begun to the paper, ready to be answered."""
    page.reload()
    start, ready = page.locator("[data-start]"), page.locator("#slot-1 fieldset:not([disabled])")
    # A fixed session opens the paper by itself; after the start the button does.
    expect(page.locator("[data-start]:not([disabled])").or_(ready)).to_be_visible()
    if start.count():
        with contextlib.suppress(Error):
            start.click(timeout=1000)
    expect(ready).to_be_visible()


def answer_some(page: Page, last: int) -> None:
    """Choose an option of the items up to this one, and wait until all is saved."""
    for slot in range(1, last + 1):
        page.locator(f"#slot-{slot} .option").nth(slot % 3).click()
    expect(page.locator("#save-state")).to_contain_text("已全部保存")


def at_the_sheet(studio: Studio, demo: Demonstration) -> Page:
    """One candidate on a small screen from the door to the paper, another at a desk; the page of the first."""
    small, desk = studio.stranger(PHONE, 2), studio.stranger(DESK, 1)
    day.move_session(studio.instance, demo, clock.now() + timedelta(minutes=12))
    with studio.scene("candidate-waiting"):
        to_the_waiting_room(studio, small, demo.sitters[0], pictures=True)
        studio.shoot(small, "candidate-waiting")
    with studio.scene("a second candidate signs in"):
        to_the_waiting_room(studio, desk, demo.sitters[1], pictures=False)
    day.move_session(studio.instance, demo, clock.now() - timedelta(minutes=15))
    for page, name, last in ((desk, "sitting-desk", 14), (small, "candidate-sitting", 18)):
        with studio.scene(name):
            to_the_sheet(page)
            answer_some(page, last)
            page.locator("#slot-3 [data-flag]").click()
            scroll_to(page, "#slot-2")
            studio.shoot(page, name)
    return small


def handing_in(studio: Studio, page: Page) -> None:
    """The dialogue that tells what is unanswered, and the receipt, for the candidate on the small screen."""
    with studio.scene("candidate-hand-in"):
        page.locator("#panel [data-hand-in]").first.click()
        page.wait_for_selector("#hand-in-dialog[open]")
        studio.shoot(page, "candidate-hand-in")
        page.click("#hand-in-dialog [data-confirm]")
        page.wait_for_url("**/receipt")
        studio.shoot(page, "candidate-receipt")


def the_hall(studio: Studio, demo: Demonstration) -> None:
    """Most work, some hand in; one does not come, one is excused. The invigilator watches."""
    with studio.scene("the hall"):
        hall = day.Hall(studio.instance, demo)
        for place, skill in enumerate((0.93, 0.8, 0.86, 0.72, 0.5, 0.9, 0.97, 0.83), 2):
            hand_in = place % 3 == 0
            hall.sit(demo.sitters[place], skill, 50 if hand_in else 50 - place, hand_in=hand_in)
    with studio.scene("approved leave"):
        day.excuse(studio.instance, demo, demo.sitters[11])
    studio.visit("invigilation", "invigilator1", "invigilation.index")
    with studio.scene("invigilation-incident"):
        page = studio.staff("invigilator1")
        page.goto(studio.instance.url("invigilation.new_incident", room_id=demo.room_id))
        page.check("[name=kind][value=network_fault]")
        page.fill("[name=facts]", "09:42 第一考场断网约 3 分钟，考生继续作答；09:45 恢复，各机均显示已全部保存。")
        studio.shoot(page, "invigilation-incident")
        page.click("main form button[type=submit].btn-primary")
        page.wait_for_url(f"**/rooms/{demo.room_id}")
    studio.visit("invigilation-room", "invigilator1", "invigilation.room", room_id=demo.room_id)


def interviews(studio: Studio, demo: Demonstration) -> None:
    """The panel works through everybody; pictures of the second candidate in the room."""
    studio.visit("interviews", "organizer", "interviews.index")
    studio.visit("panel", "organizer", "interviews.panel_page", panel_id=demo.panel_id)
    with studio.scene("interviews"):
        turns = day.start_interviews(studio.instance, demo)
        for place, turn_id in enumerate(turns):
            if place == len(turns) - 1:
                day.miss(studio.instance, demo, turn_id)
                continue
            day.call_in(studio.instance, demo, turn_id)
            if place == 1:
                a_sheet_being_filled(studio, demo)
                studio.visit("interview-room", "timekeeper", "interviews.room_page", panel_id=demo.panel_id)
            day.score(studio.instance, demo, turn_id)
            if place == 1:
                day.sign_all(studio.instance, demo, turn_id, day.CHAIN[:3])
                announced: dict[str, Any] = {"panel_id": demo.panel_id, "turn_id": turn_id}
                studio.visit("interview-announcement", "examiner1", "interviews.announcement", **announced)
                day.sign_all(studio.instance, demo, turn_id, day.CHAIN[3:])
            else:
                day.sign_all(studio.instance, demo, turn_id)
        day.end_interviews(studio.instance, demo)


def a_sheet_being_filled(studio: Studio, demo: Demonstration) -> None:
    """An examiner's desk with some marks given."""
    with studio.scene("interview-score"):
        page = studio.staff("examiner3")
        page.goto(studio.instance.url("interviews.score", panel_id=demo.panel_id))
        for place, mark in enumerate(("8.5", "8", "7.5", "9")):
            field = page.locator("input[name^=mark-]").nth(place)
            field.fill(mark)
            field.blur()
        studio.shoot(page, "interview-score")
        page.close()


def results(studio: Studio, demo: Demonstration) -> None:
    """Scores, proposals, decisions and sheets; what the administrators see."""
    exam: dict[str, Any] = {"exam_id": demo.exam_id}
    candidate: dict[str, Any] = {"candidate_id": demo.sitters[6].candidate_id}
    studio.visit("scores", "organizer", "results.scores", **exam)
    studio.visit("rules", "organizer", "outcomes.rules", at="form", **exam)
    with studio.scene("proposals"):
        day.propose(studio.instance, demo)
    studio.visit("outcomes", "organizer", "outcomes.index", **exam)
    decisions(studio, demo)
    studio.visit("outcome", "recorder", "outcomes.candidate", at=".tiles", **exam, **candidate)
    studio.visit("sheets", "organizer", "sheets.index", **exam)
    studio.visit("accounts", "sysadmin", "account_admin.index")
    studio.visit("audit", "auditadmin", "audit_log.index")
    studio.visit("audit-verification", "auditadmin", "audit_log.verification")


def chinese(playwright: Playwright) -> Browser:
    """Chromium with its own parts (the fields for dates) in Chinese."""
    options = launch_options()
    options["args"].append("--lang=zh-CN")
    return playwright.chromium.launch(**options, env={**os.environ, "LANGUAGE": "zh_CN"})


def not_made(output: Path) -> list[str]:
    """The pictures that the documents show and that are not there."""
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = {name for one in documents for name in re.findall(r"images/([a-z-]+\.png)", one.read_text())}
    return sorted(name for name in shown if not (output / name).is_file())


def decisions(studio: Studio, demo: Demonstration) -> None:
    """One person records what the meeting decided, another finds it waiting."""
    with studio.scene("decision-record"):
        page = studio.staff("recorder")
        page.goto(studio.instance.url("decisions.index", exam_id=demo.exam_id))
        for sitter in demo.sitters[5:8]:
            page.check(f"[name=candidate][value='{sitter.candidate_id}']")
        page.click("main form button.btn-primary")
        page.fill("[name=meeting]", "演示单位第 12 次会议")
        page.fill("[name=meeting_date]", f"{clock.now().date() - timedelta(days=1)}")
        page.fill("[name=minutes_number]", "演示〔2026〕12 号")
        page.fill("[name=basis]", "会议审议本次测试成绩和处理建议后决定。")
        scroll_to(page, "[name=basis]")
        studio.shoot(page, "decision-record")
        page.click("main form button[type=submit].btn-primary")
        page.wait_for_url("**/decisions")
    studio.visit("decisions", "recorder", "decisions.index", at=".list-tools, form, table", exam_id=demo.exam_id)
    studio.visit("decision-check", "decisionchecker", "decisions.checks", exam_id=demo.exam_id)


def main() -> int:
    """Make all pictures; 1 when some could not be made."""
    parser = argparse.ArgumentParser(prog="script/screenshots", description=__doc__)
    parser.add_argument("--port", type=int, default=8113)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    with serving(options.port) as instance, sync_playwright() as playwright:
        browser = chinese(playwright)
        studio = Studio(instance, browser, options.output)
        demo = day.prepare(instance)
        before_the_exam(studio, demo)
        small = at_the_sheet(studio, demo)
        the_hall(studio, demo)
        handing_in(studio, small)
        with studio.scene("the time is up"):
            day.end_the_session(instance, demo)
        interviews(studio, demo)
        results(studio, demo)
        browser.close()
    studio.missing += [f"{name} is shown by a guide and was not made" for name in not_made(options.output)]
    print("\n".join(studio.made))
    for line in studio.missing:
        print(f"没有做成 / not made: {line}", file=sys.stderr)
    return 1 if studio.missing else 0


if __name__ == "__main__":
    sys.exit(main())
