"""A whole interview in the browser: twelve candidates, seven examiners, a correction, late recusals, the end.

The numbers were computed by hand: 浙江's sheet, T = 2.5A + 2.5B + 2C + 1.5D + 1.5E.
"""

from typing import Any

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.database import transaction
from grading.interview.chain import CHAIN
from grading.interview.drawing import draw_order
from grading.interview.models import InterviewTurn, PanelDraw, PanelMember
from grading.interview.queries import confirmed_results, panel_sheets
from tests.support.interview import EXAMINERS, STAFF, add_staff, blind_numbers, make_exam

CANDIDATES = 12
SEATS: dict[int, tuple[tuple[str, ...], str]] = {
    1: (("8", "8", "8", "8", "8"), "80.00"),
    2: (("8.5", "8", "7.5", "8", "9"), "81.75"),
    3: (("9", "9", "8.5", "8.5", "9"), "88.25"),
    4: (("7", "7.5", "7", "7", "7"), "71.25"),
    5: (("8", "8.5", "8", "7.5", "8"), "80.50"),
    6: (("8.5", "8.5", "8", "8", "8"), "82.50"),
    7: (("7.5", "8", "8.5", "8", "7.5"), "79.00"),
}


class House:
    """Everybody with a browser of their own, and the addresses of the panel."""

    def __init__(self, app: Any, cast: Any, browser: Any) -> None:
        self.app, self.cast, self.open, self.windows = app, cast, browser, {}
        self.panel_id = 0

    def __call__(self, name: str) -> Any:
        if name not in self.windows:
            self.windows[name] = self.open(name)
        return self.windows[name]

    def turn(self, number: int) -> str:
        with self.app.app_context(), transaction("read") as own:
            found = own.scalar(
                select(InterviewTurn.id).where(
                    InterviewTurn.panel_id == self.panel_id, InterviewTurn.draw_number == number
                )
            )
        return f"/interviews/panels/{self.panel_id}/turns/{found}"

    def post(self, who: str, url: str, /, **data: Any) -> Any:
        answer = self(who).post(url, data)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return answer

    def save(self, seat: int, number: int, marks: tuple[str, ...] | None = None) -> Any:
        sent = {f"mark-{place}": mark for place, mark in enumerate(marks or SEATS[seat][0], 1)}
        return self.post(EXAMINERS[seat - 1], f"{self.turn(number)}/sheet", **sent)

    def sign(self, number: int, version: int) -> None:
        names = (*STAFF, EXAMINERS[0], "supervisor")
        for name in names:
            self.post(name, f"{self.turn(number)}/signature", version=version)

    def text(self, name: str, url: str) -> str:
        answer = self(name).get(url)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_data(as_text=True))


@pytest.fixture
def house(app, cast, clock, browser):
    return House(app, cast, browser)


def test_an_interview_from_its_sheet_to_its_end(app, cast, clock, house):
    exam_id = set_up(app, cast, clock, house)
    a_candidate_is_heard_and_scored(app, house, exam_id)
    a_correction_makes_a_new_sheet_and_a_new_result(house)
    late_recusals_recompute(app, house, exam_id)
    the_rest_stay_away_and_the_panel_ends(app, house, exam_id)
    the_record_holds_no_names(app)


def set_up(app, cast, clock, house) -> int:
    with app.app_context(), transaction("write") as own:
        add_staff(own, clock, cast)
        exam_id = make_exam(own, clock, CANDIDATES).id
    made = house.post(
        "organizer",
        f"/interviews/panels/new?exam={exam_id}",
        name="第一考官组",
        seats="7",
        minutes="15",
        reminders="3，1，0",
        trim="totals",
        **{
            f"elements-{place}-{field}": value
            for place, (name, weight) in enumerate(
                [("综合分析", "25"), ("解决问题", "25"), ("人际沟通", "20"), ("求职匹配", "15"), ("举止言语", "15")]
            )
            for field, value in (("name", name), ("weight", weight), ("greatest", "10"), ("step", "0.5"))
        },
    )
    house.panel_id = int(made.location.rsplit("/", 1)[1])
    panel = made.location
    assert house("organizer").post(f"{panel}/start").status_code == 409
    places = {f"seat-{seat}": cast.accounts[EXAMINERS[seat - 1]].id for seat in range(1, 8)}
    staff = dict(zip(("timekeeper", "score_clerk", "checker"), (cast.accounts[n].id for n in STAFF), strict=True))
    house.post("organizer", f"{panel}/members", **places, **staff, chief="1", supervisor=cast.accounts["supervisor"].id)
    house.post("organizer", f"{panel}/draw", method="seed", drawn=blind_numbers(CANDIDATES))
    with app.app_context(), transaction("read") as own:
        draw = own.scalar(select(PanelDraw))
        drawn = list(own.scalars(select(InterviewTurn.blind_number).order_by(InterviewTurn.draw_number)))
    assert drawn == draw_order(draw.seed, blind_numbers(CANDIDATES))
    house.post("organizer", f"{panel}/start")
    return exam_id


def a_candidate_is_heard_and_scored(app, house, exam_id) -> None:
    timekeeper = STAFF[0]
    house.post(timekeeper, f"{house.turn(1)}/call")
    house.post(timekeeper, f"{house.turn(1)}/answering")
    for seat in (1, 2, 3, 4, 5, 6):
        house.save(seat, 1)
    early = house(timekeeper).post(f"{house.turn(2)}/call")
    assert early.status_code == 409
    assert "还有 1 名考官没有保存评分（考官7）" in early.get_data(as_text=True)
    house.save(7, 1)
    house.save(7, 1)
    checked = house.text(STAFF[0], house.turn(1))
    for _marks, total in SEATS.values():
        assert total in checked
    assert confirmed(app, exam_id) == {}
    for name in STAFF:
        house.post(name, f"{house.turn(1)}/signature", version=1)
    announced = house.text(EXAMINERS[0], f"{house.turn(1)}/announcement")
    assert "7 位考官，去掉一个最高分 88.25 分，去掉一个最低分 71.25 分，平均分 80.75 分。" in announced
    house.post(EXAMINERS[0], f"{house.turn(1)}/signature", version=1)
    assert confirmed(app, exam_id) == {}
    house.post("supervisor", f"{house.turn(1)}/signature", version=1)
    assert confirmed(app, exam_id) == {1: 8075}


def a_correction_makes_a_new_sheet_and_a_new_result(house) -> None:
    house.post(STAFF[1], f"{house.turn(2)}/call")
    for seat in SEATS:
        house.save(seat, 2, ("2", *SEATS[4][0][1:]) if seat == 4 else None)
    house.post(STAFF[0], f"{house.turn(2)}/signature", version=1)
    marks = {f"mark-{place}": "9.5" for place in range(1, 6)}
    house.post(EXAMINERS[3], f"{house.turn(2)}/correction", **marks, reason="把 9.5 误填为 2")
    # 95 and 79 go: (80 + 81.75 + 88.25 + 80.50 + 82.50) / 5
    page = house.text(STAFF[2], house.turn(2))
    assert "82.60" in page
    assert "把 9.5 误填为 2" in page
    stale = house(STAFF[1]).post(f"{house.turn(2)}/signature", {"version": 1})
    assert stale.status_code == 409
    house.sign(2, version=2)


def late_recusals_recompute(app, house, exam_id) -> None:
    house.post(STAFF[0], f"{house.turn(3)}/call")
    for seat in SEATS:
        house.save(seat, 3)
    house.sign(3, version=1)
    assert confirmed(app, exam_id) == {1: 8075, 2: 8260, 3: 8075}
    recuse(app, house, 3, 3)
    assert confirmed(app, exam_id) == {1: 8075, 2: 8260}
    # without 88.25: 82.50 and 71.25 go, (80 + 81.75 + 80.50 + 79) / 4 = 80.3125
    assert "80.3125，四舍五入为 80.31" in house.text(STAFF[0], house.turn(3))
    recuse(app, house, 2, 3)
    # without 81.75 too: (80 + 80.50 + 79) / 3 = 479/6
    assert "479/6（约 79.83333333），四舍五入为 79.83" in house.text(STAFF[0], house.turn(3))
    house.sign(3, version=3)
    assert confirmed(app, exam_id) == {1: 8075, 2: 8260, 3: 7983}


def recuse(app, house, seat: int, number: int) -> None:
    with app.app_context(), transaction("read") as own:
        member = own.scalar(
            select(PanelMember.id).where(PanelMember.panel_id == house.panel_id, PanelMember.seat == seat)
        )
    house.post(
        "organizer",
        f"/interviews/panels/{house.panel_id}/recusals",
        member=member,
        turns=[house.turn(number).rsplit("/", 1)[1]],
        reason="近亲属",
    )


def the_rest_stay_away_and_the_panel_ends(app, house, exam_id) -> None:
    panel = f"/interviews/panels/{house.panel_id}"
    assert house("organizer").post(f"{panel}/close").status_code == 409
    for number in range(4, CANDIDATES + 1):
        house.post(STAFF[1], f"{house.turn(number)}/absence", reason="点名三次未到")
    assert house("organizer").get(f"{panel}/scores").status_code == 409
    house.post("organizer", f"{panel}/close")
    with app.app_context(), transaction("read") as own:
        sheets = panel_sheets(own, house.panel_id)
    first, second, third = sheets.turns[:3]
    assert first.totals == {seat: total for seat, (_marks, total) in SEATS.items()}
    assert (first.mean, first.result_hundredths) == ("80.75", 8075)
    assert [one["examiner"] for one in first.dropped] == ["考官3", "考官4"]
    assert (second.totals[4], second.mean) == ("95.00", "82.60")
    assert (third.totals[2], third.totals[3], third.mean) == (None, None, "479/6")
    assert [one.position for one in third.signatures] == list(CHAIN)
    assert {turn.state for turn in sheets.turns[3:]} == {"absent"}
    assert "79.83" in house.text("organizer", f"{panel}/scores")


def confirmed(app, exam_id: int) -> dict[int, int]:
    with app.app_context(), transaction("read") as own:
        found = confirmed_results(own, exam_id).values()
        return {one.draw_number: one.result_hundredths for one in found}


def the_record_holds_no_names(app) -> None:
    with app.app_context(), transaction("read") as own:
        entries = list(own.scalars(select(AuditEntry)))
    acts = {entry.action for entry in entries}
    assert {
        "panel_created",
        "panel_drawn",
        "panel_started",
        "candidate_called",
        "answering_started",
        "sheet_saved",
        "sheet_corrected",
        "interview_scored",
        "result_signed",
        "recusal_recorded",
        "interview_absent",
        "panel_closed",
    } <= acts
    for entry in entries:
        assert "姓名" not in str(entry.details)
