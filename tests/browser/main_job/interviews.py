"""Act four: scores of the paper appear by themselves; the panel interviews, signs, and is closed."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exam.schedule.models import Candidate
from grading.interview.models import InterviewTurn, Panel, ScoreSheet
from grading.interview.queries import latest_results, turns_of
from grading.scoring.models import PaperScore
from tests.browser.conftest import eventually
from tests.browser.main_job.material import (
    ABSENT,
    EXCUSED,
    INTERVIEW,
    MARKS,
    PAPER,
    SEAT_STEPS,
    Person,
)
from tests.browser.main_job.story import PHONE, TABLET, Story, press, told

EXAMINERS = [f"examiner{seat}" for seat in range(1, 8)]
PLACES = ("计时员", "计分员", "复核员", "监督员")


def scores_appear_by_themselves(story: Story) -> None:
    """Nobody pressed anything: the job worker has scored every closed paper; each sum is as computed by hand."""

    def scored() -> bool:
        return story.server.read(lambda s: s.scalar(select(func.count(PaperScore.sitting_id.distinct())))) == len(PAPER)

    eventually(scored, within=30, what="scoring")
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}/scores"))
    expect(page.get_by_text("已评分", exact=True).first).to_be_visible()
    for person, points in PAPER.items():
        row = page.get_by_role("row").filter(has_text=person.number)
        expect(row.get_by_role("cell").nth(4)).to_have_text(points)
        expect(row.get_by_role("cell").nth(5)).to_have_text("100.00")
    for person in (ABSENT, EXCUSED):
        expect(page.get_by_role("row").filter(has_text=person.number).get_by_role("cell").nth(4)).to_have_text("—")
    story.look(page, "401-scores")
    page.close()


def keys_stay_shut(story: Story, person: Person) -> None:
    """While somebody may still sit this paper, a score is shown without what tells the keys."""
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}/scores"))
    page.get_by_role("link", name=person.number).click()
    told(page, "计分过程暂不显示")
    assert "标准答案" not in page.content()
    story.look(page, "403-keys-shut")
    page.close()


def the_arithmetic_is_shown(story: Story, person: Person, lines: list[tuple[str, str]]) -> None:
    """A candidate's marks item by item, with the named policy and the digest of the receipt."""
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}/scores"))
    page.get_by_role("link", name=person.number).click()
    told(page, "与考生回执的校验码一致")
    expect(page.locator(".tile-value").first).to_contain_text(PAPER[person])
    for slot, (points, words) in enumerate(lines, 1):
        row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=str(slot), exact=True)).first
        expect(row.get_by_role("cell").nth(2)).to_have_text(points)
        expect(row).to_contain_text(words)
    story.look(page, "402-score-of-a-candidate")
    page.close()


def a_panel_is_set_up(story: Story) -> None:
    """Seven examiners, the sheet of 浙江, three of the staff, a supervisor, numbers drawn."""
    page = story.staff("organizer")
    page.get_by_role("link", name="面试", exact=True).click()
    story.look(page, "411-interviews-empty")
    page.get_by_role("link", name="建立考官组").first.click()
    if page.get_by_role("link", name="为它建立").count():
        story.look(page, "412-interview-exam")
        press(page, "为它建立")
    press(page, "浙江")
    page.get_by_label("考官组名称").fill("第一考官组")
    story.look(page, "413-panel-form")
    press(page, "建立考官组")
    expect(page.get_by_role("heading", name="第一考官组")).to_be_visible()
    story.look(page, "414-panel-preparing")
    story.panel_id = story.server.read(lambda s: s.scalars(select(Panel.id)).one())
    page.get_by_role("link", name="安排人员").first.click()
    for seat in range(1, 8):
        page.get_by_label(f"考官 {seat} 号席").select_option(label=f"演示·考官{seat}（演示单位）")
    for label in PLACES:
        page.get_by_label(label, exact=True).select_option(label=f"演示·{label}（演示单位）")
    story.look(page, "415-panel-members")
    press(page, "保存人员")
    page.get_by_role("link", name="抽签").first.click()
    expect(page.get_by_text(EXCUSED.name)).to_have_count(0)
    story.look(page, "416-draw")
    press(page, "由系统抽签（勾选的考生）")
    story.look(page, "417-drawn")
    page.goto(story.url(f"/interviews/panels/{story.panel_id}"))
    story.look(page, "418-panel-ready")
    press(page, "开始面试")
    expect(page.get_by_text("进行中", exact=True).first).to_be_visible()
    story.look(page, "419-panel-running")
    page.close()
    story.draw = _draw(story)


def _draw(story: Story) -> dict[int, str]:
    """Admission numbers by draw number."""
    pairs = select(InterviewTurn.draw_number, Candidate.admission_number).join(
        Candidate, Candidate.blind_number == InterviewTurn.blind_number
    )
    found = story.server.read(lambda s: {row[0]: row[1] for row in s.execute(pairs)})
    assert sorted(found) == list(range(1, len(PAPER) + 2)), "all but the excused one have a number"
    return found


def everybody_is_interviewed(story: Story) -> None:
    """By draw number; the absent one is noted absent; no name comes near an examiner."""
    tablets = {}
    for seat, username in enumerate(EXAMINERS, 1):
        page = story.staff(username, TABLET)
        page.get_by_role("link", name="面试", exact=True).click()
        press(page, "进入评分")
        told(page, "请等候下一位考生")
        tablets[seat] = page
    story.look(tablets[2], "421-examiner-waits")
    room = _room(story, "timekeeper")
    desks = {name: _room(story, name) for name in ("scoreclerk", "checker", "supervisor")}
    screen = story.staff("scoreclerk")
    screen.goto(story.url(f"/interviews/panels/{story.panel_id}/screen"))
    by_number = {person.number: person for person in (*PAPER, ABSENT)}
    first = True
    for number, admission in sorted(story.draw.items()):
        person = by_number[admission]
        if person is ABSENT:
            _note_absence(story, room, number)
            continue
        _call(room, number)
        if first:
            story.look(room, "422-room-called")
            expect(screen.locator("body")).to_contain_text(str(number))
            story.look(screen, "423-big-screen")
        for seat, tablet in tablets.items():
            _score(story, tablet, seat, number, person, first=first)
        _sign(story, room, desks, tablets[1], number, person, first=first)
        first = False
    # Their pages stay open: they go to the next step by themselves, and one that is closed on its way never closes.


def _room(story: Story, username: str) -> Page:
    page = story.staff(username)
    page.get_by_role("link", name="面试", exact=True).click()
    press(page, "进入面试室")
    return page


def _note_absence(story: Story, room: Page, number: int) -> None:
    expect(room.locator(".room-next .next-number")).to_contain_text(str(number))
    room.locator(".room-next").get_by_role("link", name="登记缺考").click()
    room.get_by_label("理由").fill("点名三次未到")
    story.look(room, "424-interview-absence")
    room.locator("main form button[type=submit]").click()
    expect(room.get_by_role("row").filter(has_text="缺考")).to_be_visible()


def _call(room: Page, number: int) -> None:
    press(room, f"叫 {number} 号考生")
    press(room, "请回答，开始计时")
    expect(room.get_by_role("button", name="答题结束")).to_be_visible()


def _score(story: Story, tablet: Page, seat: int, number: int, person: Person, *, first: bool) -> None:
    expect(tablet.get_by_role("heading", name=f"第 {number} 号考生评分表")).to_be_attached()
    assert person.name not in tablet.content()
    assert person.number not in tablet.content()
    fields = tablet.locator("input[name^=mark-]")
    expect(fields).to_have_count(5)
    if first and seat == 1:
        story.look(tablet, "425-examiner-sheet")
        _on_a_telephone(story, tablet)
        _bad_marks_are_refused(story, tablet)
    base, step = MARKS[person], SEAT_STEPS[seat - 1]
    for place in range(5):
        fields.nth(place).fill(f"{(base + (step if place == 0 else 0)) / 10:g}")
    expect(tablet.locator("[data-sheet-total]")).to_have_text(_total(base, step))
    tablet.locator("[data-save]").click()
    expect(tablet.get_by_role("heading", name="评分已保存")).to_be_visible()
    if first and seat == 1:
        story.look(tablet, "428-examiner-saved")


def _on_a_telephone(story: Story, tablet: Page) -> None:
    """The same sheet in a narrow window: nothing is cut off, the keys are large enough for a finger."""
    tablet.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    story.look(tablet, "425-examiner-sheet")
    for key in tablet.locator(".stepper-key").all():
        box = key.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    tablet.set_viewport_size({"width": TABLET[0], "height": TABLET[1]})


def _total(base: int, step: int) -> str:
    """Marks in tenths: base for all five elements (weights 100 in all), a step more for the first (weight 25)."""
    hundredths = base * 100 + step * 25  # 0.1 of 10 is 1 of 100; of a weight of 25 it is 0.25
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _bad_marks_are_refused(story: Story, tablet: Page) -> None:
    """An empty sheet, a mark above the greatest, a mark between two steps: a sentence each, and nothing is stored."""
    tablet.locator("[data-save]").click()
    expect(tablet.locator("[data-sheet-problem]")).to_contain_text("还有 5 项没有打分或需要改正，评分没有保存。")
    fields = tablet.locator("input[name^=mark-]")
    for bad in ("10.5", "8.3"):
        fields.nth(0).fill(bad)
        fields.nth(0).blur()
        expect(tablet.locator("[data-stepper-error]").first).to_contain_text("请在 0 到 10 之间打分，最小单位 0.5 分。")
    story.look(tablet, "426-examiner-bad-mark")
    tablet.get_by_role("button", name=re.compile("^综合分析加")).click()
    story.look(tablet, "427-examiner-stepper")
    assert story.server.read(lambda s: s.scalar(select(func.count(ScoreSheet.id)))) == 0


def _sign(
    story: Story, room: Page, desks: dict[str, Page], chief: Page, number: int, person: Person, *, first: bool
) -> None:
    """Timekeeper, clerk, checker, chief with the announcement, supervisor; only then the result stands."""
    for name, page in (("timekeeper", room), ("scoreclerk", desks["scoreclerk"]), ("checker", desks["checker"])):
        _to_the_result(story, page, number, waiting=first)
        told(page, INTERVIEW[person])
        if first:
            story.look(page, f"431-signing-{name}")
        page.locator("button#sign").click()
        expect(page.locator("button#sign")).to_have_count(0)
        if page is room:
            page.get_by_role("link", name="返回面试室").first.click()
    press(chief, "轮到您审核并宣布")  # the desk has come to it by itself
    told(chief, "去掉一个最高分")
    expect(chief.locator(".announce-score")).to_have_text(INTERVIEW[person])
    if first:
        story.look(chief, "432-announcement")
    chief.locator("main form button[type=submit]").click()
    if number < len(story.draw):
        # Nobody is called before the supervisor has confirmed.
        room.reload()
        expect(room.locator(".room-hindrance")).to_be_visible()
    _to_the_result(story, desks["supervisor"], number, waiting=first)
    if first:
        story.look(desks["supervisor"], "433-signing-supervisor")
    desks["supervisor"].locator("button#sign").click()
    desks["supervisor"].wait_for_url("**/room")
    room.reload()
    row = room.get_by_role("row").filter(has=room.get_by_role("cell", name=str(number), exact=True))
    expect(row).to_contain_text(INTERVIEW[person])
    chief.goto(story.url(f"/interviews/panels/{story.panel_id}/score"))
    if first:
        story.look(room, "434-room-after-the-first")


def _to_the_result(story: Story, page: Page, number: int, *, waiting: bool) -> None:
    """Wait for one's turn as it comes up on the room's page; who is in a hurry goes there at once."""
    if waiting:
        press(page, "轮到您核对签字")
        return
    turn = select(InterviewTurn.id).where(InterviewTurn.draw_number == number)
    page.goto(story.url(f"/interviews/panels/{story.panel_id}/turns/{story.server.read(lambda s: s.scalar(turn))}"))


def the_panel_is_closed(story: Story) -> None:
    """Only now does the organizer see single examiners' scores; the arithmetic unfolds."""
    page = story.staff("organizer")
    early = page.goto(story.url(f"/interviews/panels/{story.panel_id}/scores"))
    assert early is not None
    assert early.status in (403, 409)
    page.goto(story.url(f"/interviews/panels/{story.panel_id}"))
    press(page, "结束考官组")
    expect(page.get_by_text("已结束", exact=True).first).to_be_visible()
    story.look(page, "441-panel-closed")
    press(page, "查看各考官评分")
    for points in INTERVIEW.values():
        expect(page.get_by_role("table")).to_contain_text(points)
    page.locator("details.unfold summary").first.click()
    expect(page.locator("details.unfold").first).to_contain_text("去掉一个最高分")
    story.look(page, "442-panel-scores")

    def results(session: Session) -> dict[str, str]:
        turns = turns_of(session, story.panel_id)
        found = latest_results(session, [turn.id for turn in turns])
        by_turn = {turn.id: story.draw[turn.draw_number] for turn in turns}
        return {by_turn[turn]: f"{one.result_hundredths / 100:.2f}" for turn, one in found.items()}

    assert story.server.read(results) == {person.number: points for person, points in INTERVIEW.items()}
    page.close()
