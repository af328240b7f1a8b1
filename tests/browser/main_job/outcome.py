"""Act five: proposals by the rules, the meeting's decision by two people, the sheets, the audit log."""

import io
import json
import subprocess
import zipfile
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import clock
from exam.schedule.models import Candidate
from grading.outcomes.models import Decision, Proposal
from tests.browser.main_job.exam import CODE, pdf_text, pictures_of
from tests.browser.main_job.material import (
    ABSENT,
    COMPOSITE,
    EXCUSED,
    FORCED,
    INTERVIEW,
    PAPER,
    PEOPLE,
    PROPOSED,
    SLEEPER,
    Person,
)
from tests.browser.main_job.story import Story, local, press, told

SHEETS = ("成绩册", "面试成绩汇总表", "暂缓建议表", "综合成绩排名表")
MEETING, MINUTES = "市委组织部部务会议", "滨组会〔2026〕12 号"


def rules_are_set_and_proposals_computed(story: Story) -> None:
    """Half paper, half interview, sixty to pass; each proposal unfolds into its arithmetic."""
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}"))
    story.look(page, "501-exam-scored")
    page.goto(story.url(f"/exams/{story.exam_id}/outcomes"))
    story.look(page, "502-outcomes-without-rules")
    page.get_by_role("link", name="设定规则").first.click()
    page.get_by_role("link", name="素质能力测试（笔试 50%、面试 50%）").click()
    story.look(page, "503-rules")
    press(page, "保存规则")
    press(page, "计算处理建议")
    for person, kind in PROPOSED.items():
        row = page.get_by_role("row").filter(has_text=person.number)
        expect(row.locator(".badge-state").first).to_have_text(kind)
        for place, points in ((3, PAPER.get(person)), (4, INTERVIEW.get(person)), (5, COMPOSITE.get(person))):
            if points:
                expect(row.get_by_role("cell").nth(place)).to_have_text(points)
    row = page.get_by_role("row").filter(has_text=SLEEPER.number)
    row.locator("details summary").click()
    expect(row).to_contain_text("47.63")
    story.look(page, "504-proposals")
    page.get_by_role("link", name=FORCED.number).click()
    story.look(page, "505-outcome-of-a-candidate")
    found = story.server.read(_proposals)
    assert found[ABSENT.number] == ("deferral", None)
    assert found[EXCUSED.number][0] == "approved_leave"
    for person, points in COMPOSITE.items():
        assert found[person.number][1] == points
    page.close()


def _proposals(session: Session) -> dict[str, tuple[str, str | None]]:
    pairs = select(Candidate.admission_number, Proposal).join(Proposal, Proposal.candidate_id == Candidate.id)
    rows = session.execute(pairs.order_by(Proposal.id)).all()
    return {
        number: (one.kind, None if one.composite_hundredths is None else f"{one.composite_hundredths / 100:.2f}")
        for number, one in rows
    }


def the_decision_is_recorded(story: Story) -> None:
    """One decision departs from the proposal and needs a reason; whoever recorded cannot check."""
    page = story.staff("recorder")
    story.look(page, "511-home-of-the-recorder")
    page.get_by_role("link", name="等待录入会议决定的考生").click()
    for person in (SLEEPER, FORCED, ABSENT):
        page.get_by_role("row").filter(has_text=person.number).get_by_role("checkbox").check()
    story.look(page, "512-decisions")
    press(page, "为所选考生录入决定")
    page.get_by_label("会议", exact=True).fill(MEETING)
    page.get_by_label("会议日期").fill(local(clock.now()).strftime("%Y-%m-%d"))
    page.get_by_label("会议纪要（记录）编号").fill(MINUTES)
    page.get_by_label("依据").fill("按本次测试规则和成绩册，经会议研究。")
    for person, kind in ((SLEEPER, "暂缓提拔"), (FORCED, "合格"), (ABSENT, "暂缓提拔")):
        _line(page, person).get_by_label("会议决定").select_option(label=kind)
    press(page, "录入，交核对员核对")
    told(page, "决定与处理建议不同，请写明会议的理由。")
    expect(page.get_by_label("会议纪要（记录）编号")).to_have_value(MINUTES)
    story.look(page, "513-decision-without-a-reason")
    _line(page, FORCED).get_by_label("与处理建议不同的理由").fill("考生突发疾病离场，会议决定以补测成绩认定。")
    story.look(page, "514-decision-form")
    press(page, "录入，交核对员核对")
    expect(page.get_by_text("待核对", exact=True).first).to_be_visible()
    story.look(page, "515-decisions-recorded")
    refused = page.goto(story.url(f"/exams/{story.exam_id}/decisions/checks"))
    assert refused is not None
    assert refused.status == 403
    page.close()


def _line(page: Page, person: Person) -> Locator:
    return page.locator("section.panel").filter(has_text=person.number)


def the_decision_is_checked(story: Story) -> None:
    """The checker sees proposal and decision side by side, and confirms."""
    page = story.staff("decisionchecker")
    story.look(page, "521-home-of-the-checker")
    page.get_by_role("link", name="等待核对的会议决定").click()
    story.look(page, "522-checks")
    for box in page.get_by_role("checkbox").all():
        box.check()
    press(page, "核对无误")
    told(page, "已核对 3 条")
    press(page, "看全部决定")
    expect(page.get_by_text("已核对", exact=True).first).to_be_visible()
    story.look(page, "523-decisions-checked")
    rows = story.server.read(lambda s: s.scalars(select(Decision)).all())
    assert {row.state for row in rows} == {"checked"}
    assert all(row.checked_by not in (None, row.recorded_by) for row in rows)
    assert sorted(row.kind for row in rows) == ["deferral", "deferral", "qualified"]
    page.close()


def the_sheets_are_made(story: Story) -> None:
    """All of them by the job from the page, as the archive that one downloads."""
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}/sheets"))
    story.look(page, "531-sheets")
    press(page, "全部生成（ZIP）")
    with page.expect_download(timeout=90_000) as download:
        page.get_by_role("link", name="下载文件").click(timeout=90_000)
    story.look(page, "532-job-done")
    content = download.value.path().read_bytes()
    folder = story.keep(content, "sheets.zip").parent
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        archive.extractall(folder)
    for name in SHEETS:
        for kind in ("xlsx", "pdf"):
            assert any(one.endswith(f"{name}.{kind}") for one in names), names
    files = {Path(one).name: folder / one for one in names}
    check_workbooks(files)
    check_documents(files)
    page.close()


def rows_of(path: Path) -> list[dict[str, object]]:
    """The lines of a sheet under its headings."""
    sheet = load_workbook(path).worksheets[0]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(number for number, line in enumerate(lines) if "准考证号" in line)
    titles = [str(title) for title in lines[start]]
    width = len(titles)
    return [
        dict(zip(titles, line[:width], strict=True))
        for line in lines[start + 1 :]
        if line[titles.index("准考证号")] is not None
    ]


def check_workbooks(files: dict[str, Path]) -> None:
    """Reopened, every number is the one computed by hand, and is a number."""

    def by_number(name: str) -> dict[object, dict[str, object]]:
        path = next(path for file, path in files.items() if file.endswith(f"{name}.xlsx"))
        return {row["准考证号"]: row for row in rows_of(path)}

    papers = by_number("成绩册")
    assert list(papers) == [person.number for person in PEOPLE]
    for person in PEOPLE:
        row = papers[person.number]
        assert row["姓名"] == person.name
        assert row["笔试得分"] == (float(PAPER[person]) if person in PAPER else None)
    assert papers[ABSENT.number]["备注"] == "缺考"
    assert papers[EXCUSED.number]["备注"] == "请假缓考"
    interviews = by_number("面试成绩汇总表")
    for person, points in INTERVIEW.items():
        assert interviews[person.number]["面试成绩"] == float(points)
        assert "去掉一个最高分" in str(interviews[person.number]["计算过程"])
    handling = by_number("暂缓建议表")
    assert set(handling) == {SLEEPER.number, FORCED.number, ABSENT.number}
    assert handling[FORCED.number]["综合"] == float(COMPOSITE[FORCED])
    assert handling[FORCED.number]["会议决定"] == "合格"
    assert MINUTES in str(handling[SLEEPER.number]["会议、日期、纪要编号"])
    ranking = by_number("综合成绩排名表")
    order = sorted(COMPOSITE, key=lambda person: -float(COMPOSITE[person]))
    assert [ranking[person.number]["名次"] for person in order] == [1, 2, 3, 4, 5]


def check_documents(files: dict[str, Path]) -> None:
    """On paper: heading, page x of y, signature lines, the numbers, type that is embedded."""
    for name in SHEETS:
        path = next(path for file, path in files.items() if file.endswith(f"{name}.pdf"))
        text = pdf_text(path)
        assert "签字" in text
        assert "第 1 页" in text.replace("第1页", "第 1 页"), text
        assert "校验码" in text
        wanted = {"成绩册": PAPER, "面试成绩汇总表": INTERVIEW}.get(name, {})
        for points in wanted.values():
            assert points in text, f"{points} is not in {name}"
        fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
        lines = fonts.splitlines()[2:]
        assert lines
        assert all(line.split()[-5] == "yes" for line in lines), f"type that is not embedded in {name}:\n{fonts}"
        pictures_of(path)


def the_command_makes_the_same_sheets(story: Story) -> None:
    """``exam sheets`` without a page; ``exam grade`` finds nothing left to do."""
    graded = story.server.manage("exam", "grade", CODE)
    assert graded.returncode == 0, graded.stderr
    assert f"共已评分 {len(PAPER)} 份" in graded.stderr
    folder = story.keep(b"", "by-command").with_name("by-command.d")
    made = story.server.manage("exam", "sheets", CODE, "--output", str(folder))
    assert made.returncode == 0, made.stderr
    files = {Path(line).name: Path(line) for line in made.stdout.splitlines()}
    assert set(files) == {f"{name}.{kind}" for name in SHEETS for kind in ("xlsx", "pdf")}
    check_workbooks(files)


def the_audit_log_is_whole(story: Story) -> None:
    """The chain holds, on the page and by the command."""
    page = story.staff("auditadmin")
    page.get_by_role("link", name="审计日志", exact=True).click()
    story.look(page, "541-audit")
    page.goto(story.url("/audit/verification"))
    story.look(page, "542-audit-verification")
    page.close()
    for action in ("exam_published", "tickets_printed", "submission_forced", "sign_in"):
        assert story.audited(action), action
    done = story.server.manage("audit", "verify", "--json")
    assert done.returncode == 0, done.stderr
    proof = json.loads(done.stdout)
    assert proof["whole"]
    assert proof["sealed"] > 100
    assert proof["problems"] == []
