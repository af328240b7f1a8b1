"""The invigilators' desk during act three."""

import re

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from exam.invigilation.models import Incident, TimeChange
from tests.browser.main_job.hall import receipt_shown, sitting_of
from tests.browser.main_job.material import ABSENT, BEST, EXCUSED, FORCED, MOVER, ROOM, SLEEPER, Person
from tests.browser.main_job.story import Story, press, told


def enter_the_room(story: Story, username: str = "invigilator1") -> Page:
    """From home to the room's page."""
    page = story.staff(username)
    page.get_by_role("link", name="监考", exact=True).click()
    page.get_by_role("link", name=ROOM).click()
    expect(page.get_by_role("heading", name=ROOM)).to_be_visible()
    return page


def card(page: Page, person: Person) -> Locator:
    """A candidate's seat on the plan."""
    return page.locator("#seats > li").filter(has_text=person.number)


def the_room_is_seen_at_work(story: Story) -> None:
    """Each seat says where its candidate is; the figures stand above."""
    page = enter_the_room(story)
    for person in (BEST, SLEEPER, FORCED):
        expect(card(page, person)).to_contain_text("作答中")
    expect(card(page, ABSENT)).to_contain_text("未到")
    expect(card(page, EXCUSED)).to_contain_text("请假缓考")
    expect(card(page, SLEEPER)).to_contain_text("2 / 9")
    expect(page.locator("[data-figure=expected]")).to_have_text("6")
    expect(page.locator("[data-figure=came]")).to_have_text("5")
    expect(page.locator("[data-figure=percent]")).to_have_text("83.3")
    story.look(page, "321-room")
    page.close()


def extra_time_is_given(story: Story) -> None:
    """Two minutes for one; its clock shows it within seconds."""
    before = sitting_of(story, SLEEPER).deadline
    assert before is not None
    page = enter_the_room(story)
    card(page, SLEEPER).get_by_role("checkbox").check()
    page.locator("#act").get_by_role("button", name="加时", exact=True).click()
    page.get_by_label("加时").fill("2")
    page.get_by_label("理由").fill("键盘故障，更换用时约 2 分钟")
    story.look(page, "322-extra-time")
    press(page, "为 1 名考生加时")
    told(page, "已为 1 名考生办理")
    expect(card(page, SLEEPER)).to_contain_text("加时 2 分")
    after = sitting_of(story, SLEEPER).deadline
    assert after is not None
    assert (after - before).total_seconds() == 120
    candidate = story.pages[SLEEPER.number]
    expect(candidate.locator("#clock [data-time]")).to_have_text(re.compile(r"^(00:)?3[01]:\d\d$"), timeout=20_000)
    expect(candidate.locator("#clock [data-time]")).not_to_have_text(re.compile(r"^(00:)?30:00$"))
    story.look(candidate, "323-sitting-with-extra-time")
    assert [change.kind for change in story.server.read(lambda s: s.scalars(select(TimeChange)).all())] == ["extra"]
    page.close()


def a_device_is_released(story: Story) -> None:
    """The candidate stands at another machine; the invigilator has looked at the ticket."""
    page = enter_the_room(story)
    card(page, MOVER).get_by_role("link", name=MOVER.name).click()
    story.look(page, "324-invigilated-candidate")
    press(page, "放行换设备")
    told(page, "已放行")
    page.close()


def an_incident_is_recorded_and_signed(story: Story) -> None:
    """One writes down what was seen; another signs."""
    page = enter_the_room(story)
    press(page, "记录情况")
    page.get_by_label("设备故障").check()
    page.get_by_label("情况", exact=True).fill("3 号机位蓝屏，考生换到备用机继续作答，监考员甲、乙在场。")
    story.look(page, "325-incident-form")
    press(page, "记录")
    told(page, "请另一名监考员或考务管理员")
    expect(page.get_by_role("button", name="核实并签字")).to_have_count(_of_the_system(story))
    page.close()
    page = enter_the_room(story, "invigilator2")
    page.locator("#incidents li").filter(has_text="蓝屏").get_by_role("button", name="核实并签字").click()
    told(page, "已签字。")
    story.look(page, "326-room-with-incidents")
    row = story.server.read(lambda s: s.scalars(select(Incident).where(Incident.kind == "device_fault")).one())
    assert row.second_signer is not None
    assert row.second_signer != row.recorded_by
    page.close()


def _of_the_system(story: Story) -> int:
    found = select(Incident).where(Incident.recorded_by.is_(None), Incident.second_signer.is_(None))
    return len(story.server.read(lambda s: s.scalars(found).all()))


def one_is_handed_in_by_force(story: Story) -> None:
    """With a reason and the admission number typed; the candidate's page shows the receipt by itself."""
    page = enter_the_room(story)
    card(page, FORCED).get_by_role("link", name=FORCED.name).click()
    press(page, "强制交卷")
    page.get_by_label("理由").fill("考生身体不适离场，本人书面要求交卷")
    confirm = page.get_by_role("button", name="强制交卷")
    expect(confirm).to_be_disabled()
    page.get_by_label("请输入").fill(FORCED.number)
    expect(confirm).to_be_enabled()
    story.look(page, "327-force")
    confirm.click()
    told(page, "已强制交卷")
    row = sitting_of(story, FORCED)
    assert (row.closed_by, row.close_reason) == ("invigilator", "考生身体不适离场，本人书面要求交卷")
    receipt_shown(story, FORCED, "监考员收卷")
    story.look(story.pages[FORCED.number], "328-receipt-by-force")
    page.close()
