"""Act three: the sitting. Each candidate has a browser, one of them a telephone; the clock is the machine's."""

import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select, update

from core.clock import clock
from exam.answers.models import AnswerStep
from exam.schedule.models import Candidate, Exam, ExamSession
from exam.sittings.models import Receipt, Sitting
from exam.sittings.rules import text_digest
from tests.browser.conftest import eventually
from tests.browser.main_job.exam import typed
from tests.browser.main_job.material import BEST, FORCED, MOVER, PHONE_USER, SLEEPER, Person, question_of
from tests.browser.main_job.story import DESK, PHONE, Story, press, told

SEATED = (BEST, PHONE_USER, MOVER, SLEEPER, FORCED)
# Everybody is at the door well before; on a slow machine those who come later find the paper open already.
UNTIL_THE_START = timedelta(seconds=20)


def the_start_is_moved_to_now(story: Story) -> None:
    """The organizer brings the start forward on the page, as is allowed until the session begins."""
    page = story.staff("organizer")
    page.goto(story.url(f"/exams/{story.exam_id}/sessions"))
    press(page, "修改场次")
    page.get_by_label("开始时间").fill(typed(clock.now() + UNTIL_THE_START))
    press(page, "保存")
    told(page, "如果改了时间，请重新印发准考证或另行通知考生")
    page.close()


def candidates_come_in(story: Story) -> None:
    """Number and code, notice, commitment under one's own name, waiting room."""
    for person in SEATED:
        page = story.stranger(PHONE if person is PHONE_USER else DESK)
        story.pages[person.number] = page
        _sign_in(story, page, person, pictures=person in (BEST, PHONE_USER))
        _to_the_waiting_room(story, page, person, pictures=person in (BEST, PHONE_USER))


def _sign_in(story: Story, page: Page, person: Person, *, pictures: bool = False) -> None:
    code = story.codes[person.number]
    if person is BEST:
        # As the square on the ticket opens it.
        page.goto(story.url(f"/candidate#n={person.number}&c={code.replace('-', '')}"))
        expect(page.get_by_label("准考证号")).to_have_value(person.number)
        assert "#" not in page.url, "the code does not stay in the address"
    else:
        page.goto(story.url("/candidate"))
        page.get_by_label("准考证号").fill(person.number)
        if person is PHONE_USER and pictures:
            page.get_by_label("登录码").fill("AAAA-BBBB-CCCC")
            press(page, "登录")
            expect(page.get_by_role("alert")).to_be_visible()
            story.look(page, "302-candidate-refused")
            expect(page.get_by_label("准考证号")).to_have_value(person.number)
        page.get_by_label("登录码").fill(code.lower().replace("-", " "))
    if pictures:
        story.look(page, "301-candidate-sign-in")
    press(page, "登录")
    expect(page.get_by_role("heading", name="我的考试")).to_be_visible()


def _to_the_waiting_room(story: Story, page: Page, person: Person, *, pictures: bool) -> None:
    def look(name: str) -> None:
        if pictures:
            story.look(page, name)

    look("303-candidate-exams")
    press(page, "进入考试")
    expect(page.get_by_role("heading", name="个人信息处理告知")).to_be_visible()
    assert "提拔" not in page.content()
    look("304-candidate-notice")
    if person is BEST:
        press(page, "下一步")
        told(page, "请阅读以上告知，勾选后再继续。")
    page.get_by_label("我已阅读并知悉以上内容").check()
    press(page, "下一步")
    expect(page.get_by_role("heading", name="承诺书", exact=True)).to_be_visible()
    if person is PHONE_USER:
        page.get_by_label("签名").fill("别的人")
        press(page, "签署承诺书")
        expect(page.get_by_role("alert")).to_be_visible()
        look("305-candidate-commitment-wrong-name")
    page.get_by_label("签名").fill(person.name)
    look("306-candidate-commitment")
    press(page, "签署承诺书")
    page.wait_for_url("**/waiting")
    if person is BEST:
        expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"^(00:)?00:\d\d$"))
        expect(page.locator("[data-start]")).to_be_disabled()
    look("307-candidate-waiting")


def the_papers_open_by_themselves(story: Story) -> None:
    """Nobody presses anything; everybody starts with the whole time, at the time that was set."""
    for person in SEATED:
        page = story.pages[person.number]
        expect(page.locator("#slot-1 fieldset:not([disabled])")).to_be_visible(timeout=60_000)
        expect(page.locator("#clock")).to_contain_text("剩余时间")
    row = story.server.read(lambda s: s.get_one(ExamSession, story.session_id))
    signed = story.server.read(lambda s: s.get_one(Exam, story.exam_id).commitment)
    for person in SEATED:
        sitting = sitting_of(story, person)
        assert sitting.started_at is not None
        assert sitting.deadline == row.ends_at
        assert sitting.commitment_digest == text_digest(signed), "the very text, hashed"
    first = sitting_of(story, BEST).started_at
    assert first is not None
    assert timedelta(0) <= first - row.starts_at < timedelta(seconds=8)


def sitting_of(story: Story, person: Person) -> Sitting:
    """The sitting as it stands in the database."""
    statement = select(Sitting).join(Candidate, Candidate.id == Sitting.candidate_id)
    return story.server.read(lambda s: s.scalars(statement.where(Candidate.admission_number == person.number)).one())


def slot(page: Page, number: int) -> Locator:
    """An item on the sheet."""
    return page.locator(f"#slot-{number}")


def answer(page: Page, number: int, *, wrong: bool = False, first_only: bool = False, extra: bool = False) -> None:
    """Answer an item as its author would; or wrongly, or with the first right one alone, or with a wrong one besides."""
    item = slot(page, number)
    question = question_of(item.locator("legend").inner_text())
    wanted = list(question.right[:1] if first_only else question.right)
    others = [text for text in question.options or ("正确", "错误") if text not in question.right]
    if question.kind == "填空题":
        for place, text in enumerate(question.right, 1):
            item.locator(f"#slot-{number}-blank-{place}").fill("不详" if first_only and place > 1 else text)
        return
    if wrong:
        wanted = others[:1]
    elif extra:
        wanted = [question.right[0], others[0]]
    for text in wanted:
        item.locator("label.option").filter(has=page.locator(".option-text").filter(has_text=text)).click()


def saved(page: Page, *numbers: int) -> None:
    """The page says of these items, and of all, that they are saved."""
    for number in numbers:
        expect(page.locator(f"#slot-{number}-state")).to_have_text("已保存")
    expect(page.locator("#save-state")).to_have_text("已全部保存")


def steps_of(story: Story, person: Person) -> int:
    """How many steps the server holds."""
    number = sitting_of(story, person).id
    found = select(func.count()).select_from(AnswerStep).where(AnswerStep.sitting_id == number)
    return story.server.read(lambda s: s.scalar(found)) or 0


def one_answers_everything(story: Story) -> None:
    """All types, a flag, a reload that keeps everything, keyboard only for one; then the paper is handed in."""
    page = story.pages[BEST.number]
    story.look(page, "311-sitting-fresh")
    for number in range(1, 9):
        answer(page, number)
    slot(page, 9).locator("#slot-9-blank-1").fill("选任")
    saved(page, *range(1, 10))
    page.locator("#slot-3 [data-flag]").click()
    expect(page.locator("#slot-3 [data-flag]")).to_have_text("已标记")
    page.reload()
    expect(slot(page, 9).locator("#slot-9-blank-1")).to_have_value("选任")
    expect(page.locator("#slot-3 [data-flag]")).to_have_text("已标记")
    expect(page.locator("#slot-1 input:checked")).to_have_count(1)
    slot(page, 9).locator("#slot-9-blank-2").press_sequentially("委任制")
    page.keyboard.press("Tab")
    saved(page, 9)
    expect(page.locator("#panel [data-count=answered]").first).to_have_text("9")
    story.look(page, "312-sitting-answered", whole=False)


def one_loses_the_network(story: Story) -> None:
    """A telephone in a lift: the page goes on, says so, and catches up by itself."""
    page = story.pages[PHONE_USER.number]
    story.look(page, "313-sitting-phone", whole=False)
    for number in (1, 2, 3):
        answer(page, number)
    saved(page, 1, 2, 3)
    before = steps_of(story, PHONE_USER)
    page.context.set_offline(True)
    answer(page, 4, wrong=True)
    answer(page, 5, first_only=True)
    expect(page.locator("#save-state")).to_have_text("离线，已存于本机")
    expect(page.locator("#slot-4-state")).to_have_text("离线，已存于本机")
    told(page, "网络已断开，请继续作答")
    story.look(page, "314-sitting-phone-offline", whole=False)
    assert steps_of(story, PHONE_USER) == before
    page.context.set_offline(False)
    answer(page, 6, extra=True)
    answer(page, 7)
    answer(page, 8)
    answer(page, 9, first_only=True)
    expect(page.locator("#save-state")).to_have_text("已全部保存", timeout=30_000)
    saved(page, *range(1, 10))
    expect(page.get_by_text("网络已断开，请继续作答")).to_be_hidden()


def one_works_a_little(story: Story) -> None:
    """Two who will not finish."""
    page = story.pages[SLEEPER.number]
    answer(page, 1)
    answer(page, 2)
    saved(page, 1, 2)
    page = story.pages[FORCED.number]
    answer(page, 1)
    answer(page, 5)
    saved(page, 1, 5)


def hand_in(story: Story, person: Person, *, unanswered: int = 0, name: str = "") -> None:
    """The dialogue says what is open; the receipt is what the database holds."""
    page = story.pages[person.number]
    page.locator("#panel [data-hand-in]").first.click()
    dialog = page.locator("#hand-in-dialog")
    if unanswered:
        expect(dialog).to_contain_text(f"还有 {unanswered} 题未作答")
    else:
        expect(dialog).to_contain_text("全部题目都已作答。")
    if name:
        story.look(page, f"{name}-hand-in", whole=False)
    dialog.get_by_role("button", name="确认交卷").click()
    receipt_shown(story, person, "本人交卷")
    if name:
        story.look(page, f"{name}-receipt")


def receipt_shown(story: Story, person: Person, way: str) -> str:
    """The page came to the receipt by itself; what it says is what the database holds. Returns the code."""
    page = story.pages[person.number]
    page.wait_for_url("**/receipt", timeout=30_000)
    told(page, way)
    row = sitting_of(story, person)
    receipt = story.server.read(lambda s: s.scalars(select(Receipt).where(Receipt.sitting_id == row.id)).one())
    told(page, receipt.code)
    told(page, receipt.digest)
    assert row.state == "closed"
    return receipt.code


def anybody_checks_a_receipt(story: Story) -> None:
    """With the code alone, without a name."""
    code = story.pages[BEST.number].locator(".code-large").inner_text()
    page = story.stranger()
    page.goto(story.url("/receipts"))
    page.get_by_label("回执码").fill(code.lower())
    press(page, "核对")
    told(page, "回执有效")
    assert BEST.name not in page.content()
    story.look(page, "317-receipt-check")
    page.context.close()


def one_leaves_the_machine(story: Story) -> None:
    """The machine dies in the middle; at another one the sitting is held until the invigilator lets it go."""
    page = story.pages[MOVER.number]
    for number in (1, 2, 3):
        answer(page, number)
    saved(page, 1, 2, 3)
    page.context.close()
    spare = story.stranger()
    story.pages[MOVER.number] = spare
    _sign_in(story, spare, MOVER)
    press(spare, "继续作答")
    told(spare, "本场考试已在另一台设备或另一次登录中打开")
    story.look(spare, "315-candidate-held-elsewhere")
    press(spare, "在这里继续作答")
    told(spare, "没有打开试卷")
    assert sitting_of(story, MOVER).binding == 1


def one_goes_on_at_another_machine(story: Story) -> None:
    """Nothing is lost, and the rest is answered there."""
    page = story.pages[MOVER.number]
    press(page, "在这里继续作答")
    expect(page.locator("#slot-1 fieldset:not([disabled])")).to_be_visible()
    for number in (1, 2, 3):
        expect(page.locator(f"#slot-{number} input:checked")).to_have_count(1)
    answer(page, 4)
    answer(page, 5, first_only=True)
    answer(page, 6, first_only=True)
    answer(page, 7)
    answer(page, 8, wrong=True)
    answer(page, 9)
    saved(page, *range(1, 10))
    assert sitting_of(story, MOVER).binding == 2


def the_clock_closes_what_is_left_open(story: Story) -> None:
    """The last candidate's browser is gone. Only the end of the time is brought near; closing it is the server's own act."""
    page = story.pages[SLEEPER.number]
    page.context.close()
    row = sitting_of(story, SLEEPER)
    assert row.state == "open"
    end = clock.now() + timedelta(seconds=1)
    story.server.write(lambda s: s.execute(update(Sitting).where(Sitting.id == row.id).values(deadline=end)))
    eventually(lambda: sitting_of(story, SLEEPER).state == "closed", within=20, what="closing by the clock")
    closed = sitting_of(story, SLEEPER)
    assert closed.closed_at is not None
    assert closed.closed_by == "clock"
    late = closed.closed_at - (end + timedelta(seconds=closed.grace_seconds))
    assert timedelta(0) <= late < timedelta(seconds=2), f"closed {late} after the end"
    again = story.stranger()
    story.pages[SLEEPER.number] = again
    _sign_in(story, again, SLEEPER)
    press(again, "查看回执")
    receipt_shown(story, SLEEPER, "到时间自动收卷")
    story.look(again, "318-receipt-by-the-clock")


def everybody_leaves(story: Story) -> None:
    """The hall is empty."""
    for page in story.pages.values():
        page.context.close()
    story.pages.clear()


def the_session_ends(story: Story) -> None:
    """The session is put an hour back: who did not come is absent now, and the keys may be seen."""
    now = clock.now()
    ago = {"admission_opens_at": 120, "starts_at": 90, "ends_at": 60}
    values = {name: now - timedelta(minutes=minutes) for name, minutes in ago.items()}
    statement = update(ExamSession).where(ExamSession.id == story.session_id).values(**values)
    story.server.write(lambda s: s.execute(statement))
