"""参考率 by unit: who came from where, for organizers alone, sorted, exported without formulas."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.database import transaction
from exam.candidates.service import grant_leave
from exam.invigilation.rules import Seat, turnout_by_unit
from exam.schedule import service
from exam.sittings.models import Sitting
from tests.support.exams import make_candidates, make_exam, make_paper, make_session


@pytest.fixture
def hall(app, cast, clock):
    """A session of seven in three units: 甲 2 of 3 came, 乙 1 of 2, one beginning with = nobody of 1 and one on leave."""
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("organizer")
        paper = make_paper(session, clock=clock)
        exam = make_exam(session, actor, clock)
        row = make_session(session, actor, clock, exam, paper_id=paper.id, starts_in=timedelta(minutes=1))
        people = make_candidates(session, clock, exam, row, count=7)
        for person, unit in zip(people, ("甲局", "甲局", "甲局", "乙局", "乙局", "=1+1局", "=1+1局"), strict=True):
            person.unit = unit
        service.publish(session, actor, clock, exam)
        grant_leave(session, actor, clock, exam, people[6], basis="住院", approved_by="部务会", approved_on=clock.now().date())  # fmt: skip
        now = clock.now()
        begun = {"state": "open", "started_at": now, "deadline": now + timedelta(minutes=70), "last_seen_at": now}
        ids = session.scalars(select(Sitting.id).order_by(Sitting.candidate_id)).all()
        session.execute(update(Sitting).where(Sitting.id.in_([ids[0], ids[1], ids[3]])).values(**begun))
        made = {"url": f"/invigilation/sessions/{row.id}", "session": row.id, "exam": exam.id}
    clock.advance(minutes=2)
    return made


def text_of(answer):
    return answer.get_data(as_text=True)


def rows_of(answer):
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    return [list(row) for row in sheet.iter_rows(min_row=3)]


def test_each_unit_stands_with_its_turnout_and_the_names_of_the_absent(cast, browser, hall):
    page = text_of(browser("organizer").get(f"{hall['url']}/turnout"))
    for words in ("甲局", "66.7", "张伟", "50.0", "陈静", "0.0", "杨帆", "=1+1局"):
        assert words in page, words
    assert "赵磊" not in page  # on leave is not absent
    assert "王建国" not in page


@pytest.mark.parametrize(
    ("sort", "first"),
    [("unit", "=1+1局"), ("-unit", "甲局"), ("percent", "=1+1局"), ("-percent", "甲局"), ("-came", "甲局")],
)
def test_the_table_is_sorted_by_any_figure(cast, browser, hall, sort, first):
    page = text_of(browser("organizer").get(f"{hall['url']}/turnout?sort={sort}"))
    units = sorted(("甲局", "乙局", "=1+1局"), key=lambda unit: page.index(f"<td>{unit}</td>"))
    assert units[0] == first


def test_an_unknown_order_is_the_order_of_names(cast, browser, hall):
    assert browser("organizer").get(f"{hall['url']}/turnout?sort=__class__").status_code == 200


def test_the_workbook_holds_the_same_and_no_formula(app, cast, browser, hall):
    rows = rows_of(browser("organizer").get(f"{hall['url']}/turnout.xlsx?sort=-percent"))
    values = [[cell.value for cell in row] for row in rows]
    assert values[0] == ["单位", "应到", "实到", "参考率（%）", "请假缓考", "未到人数", "未到人员"]
    assert values[1] == ["甲局", 3, 2, 66.7, 0, 1, "张伟"]
    assert values[2] == ["乙局", 2, 1, 50, 0, 1, "陈静"]
    assert values[3] == ["=1+1局", 1, 0, 0, 1, 1, "杨帆"]
    assert values[4][:6] == ["合计", 6, 3, 50, 1, 3]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
    assert rows[3][0].quotePrefix
    with app.app_context(), transaction("read") as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "turnout_exported")).all()
    assert (entry.object_id, entry.details) == (str(hall["session"]), {"exam": hall["exam"], "count": 3})


@pytest.mark.parametrize("tail", ["/turnout", "/turnout.xlsx"])
def test_names_of_the_absent_are_for_organizers_alone(cast, browser, hall, tail):
    for name in ("invigilator", "stranger", "author", "examiner"):
        assert browser(name).get(hall["url"] + tail).status_code == 403
    assert browser().get(hall["url"] + tail).status_code == 302
    assert browser("second_organizer").get(hall["url"] + tail).status_code == 200
    assert browser("organizer").get(f"/invigilation/sessions/999{tail}").status_code == 404


def test_organizers_find_the_way_from_their_rooms_over_the_session(cast, browser, hall):
    window = browser("organizer")
    assert f'href="{hall["url"]}"' in text_of(window.get("/invigilation"))
    assert f"{hall['url']}/turnout" in text_of(window.get(hall["url"]))


def test_a_unit_without_anybody_expected_has_a_dash_and_stands_last():
    units = turnout_by_unit([("甲", "a", Seat.LEAVE), ("乙", "b", Seat.MISSED), ("乙", "c", Seat.CLOSED)])
    assert [(one.unit, one.turnout.percent, one.absent) for one in units] == [("乙", "50.0", ("b",)), ("甲", "—", ())]
    assert min(units, key=lambda one: one.share).unit == "甲"


def test_units_stand_as_people_count_them():
    names = ["一中队", "二中队", "甲局", "第２支部", "第十支部", "第二十支部"]
    units = turnout_by_unit((name, "", Seat.CLOSED) for name in reversed(names))
    assert [one.unit for one in units] == names
