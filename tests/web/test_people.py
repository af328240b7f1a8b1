"""The people behind each figure: sorted by place, unit and number, and taken out as a workbook by organizers."""

from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.database import transaction
from exam.schedule.models import Candidate, Room
from tests.support.invigilation import actions, text_of

UNITS = ("第十支部", "=1+1局", "第二支部", "第二支部")


@pytest.fixture
def people(app, running):
    """Four people of three units; rooms and seats stand in another order than their numbers in the database."""
    with app.app_context(), transaction("write") as session:
        for room, name in zip(session.scalars(select(Room).order_by(Room.id)), ("第三考场", "第二考场"), strict=True):
            room.name = name
        rows = session.scalars(select(Candidate).order_by(Candidate.id)).all()
        for row, unit, seat in zip(rows, UNITS, ("10", "9", "1", "2"), strict=True):
            row.unit, row.seat = unit, seat
        running["numbers"] = [row.admission_number for row in rows]
    running["whole"] = f"/invigilation/sessions/{running['session']}"
    return running


def shown(window, people, url, **query):
    page = text_of(window.get(f"{url}/people", query_string=query))
    found = [
        (page.index(f">{number}<"), index) for index, number in enumerate(people["numbers"]) if f">{number}<" in page
    ]
    return [index for _place, index in sorted(found)]


ORDERS = [
    ("", [2, 3, 1, 0]),
    ("place", [2, 3, 1, 0]),
    ("-place", [0, 1, 3, 2]),
    ("unit", [1, 2, 3, 0]),
    ("-unit", [0, 2, 3, 1]),
    ("number", [0, 1, 2, 3]),
    ("-number", [3, 2, 1, 0]),
    ("__class__", [2, 3, 1, 0]),
]


@pytest.mark.parametrize(("sort", "order"), ORDERS)
def test_people_stand_in_the_order_that_was_asked_for(cast, browser, people, sort, order):
    assert shown(browser("organizer"), people, people["whole"], sort=sort) == order


def test_an_order_holds_within_a_state_and_a_room(cast, browser, people):
    window = browser("invigilator")
    assert shown(window, people, people["url"], sort="number") == [0, 1]
    assert shown(window, people, people["url"], sort="-number") == [1, 0]
    assert shown(window, people, people["url"], sort="number", state="working") == [0]


def test_the_headings_sort_and_keep_what_was_looked_for(cast, browser, people):
    page = text_of(browser("organizer").get(f"{people['whole']}/people?state=missing&sort=unit"))
    for link in ("state=missing&amp;sort=place", "state=missing&amp;sort=number", "state=missing&amp;sort=-unit"):
        assert f"/people?{link}" in page
    assert page.count('aria-sort="ascending"') == 1


@pytest.mark.parametrize("place", ["whole", "url"])
def test_odd_arguments_of_an_address_do_no_harm(cast, browser, people, place):
    window = browser("organizer")
    odd = "session_id=7&room_id=7&_scheme=x&_anchor=y&_external=1&endpoint=z&_method=PUT&page=2"
    for tail in ("/people", "/people.xlsx", ""):
        assert window.get(f"{people[place]}{tail}?{odd}").status_code == 200
    for url in (f"{people['whole']}/turnout", f"/exams/{people['exam']}/roster"):
        assert window.get(f"{url}?exam_id=7&{odd}").status_code == 200


def rows_of(answer):
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    return [list(row) for row in sheet.iter_rows(min_row=3)]


def test_the_workbook_holds_the_list_as_it_is_sorted_and_no_formula(app, cast, browser, people):
    rows = rows_of(browser("organizer").get(f"{people['whole']}/people.xlsx?sort=unit"))
    values = [[cell.value for cell in row] for row in rows]
    assert values[0] == ["考场", "座位", "姓名", "准考证号", "单位", "状态", "开始时间", "最近一次联系", "收卷时间"]
    assert [row[3] for row in values[1:]] == [people["numbers"][index] for index in (1, 2, 3, 0)]
    assert values[1][:3] + values[1][4:6] == ["第三考场", "9", "李秀英", "=1+1局", "未到"]
    assert values[4][0:2] == ["第三考场", "10"]
    assert values[4][5:] == ["作答中", "2026-11-23 12:11:00", "2026-11-23 12:11:00", None]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
    assert rows[1][4].quotePrefix
    with app.app_context(), transaction("read") as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "people_exported")).all()
    assert (entry.object_type, entry.object_id) == ("exam_session", str(people["session"]))
    assert entry.details == {"exam": people["exam"], "room": None, "count": 4}


def test_a_room_and_a_state_are_exported_alone(app, cast, browser, people):
    rows = rows_of(browser("organizer").get(f"{people['url']}/people.xlsx?state=missing"))
    assert [row[3].value for row in rows[1:]] == [people["numbers"][1]]
    with app.app_context(), transaction("read") as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "people_exported")).all()
    assert (entry.details["room"], entry.details["count"]) == (people["rooms"][0], 1)


def test_who_has_been_silent_says_since_when(cast, browser, people, clock):
    clock.advance(minutes=5)
    rows = rows_of(browser("organizer").get(f"{people['url']}/people.xlsx?state=silent"))
    assert [cell.value for cell in rows[1]][5:] == ["失联", "2026-11-23 12:11:00", "2026-11-23 12:11:00", None]


@pytest.mark.parametrize("place", ["whole", "url"])
def test_names_leave_with_organizers_alone(app, cast, browser, people, place):
    url = f"{people[place]}/people.xlsx"
    for name in ("invigilator", "stranger", "author", "examiner"):
        assert browser(name).get(url).status_code == 403
    assert browser().get(url).status_code == 302
    assert "people_exported" not in actions(app)
    assert browser("second_organizer").get(url).status_code == 200
    assert browser("organizer").get("/invigilation/sessions/999/people.xlsx").status_code == 404
    assert "people.xlsx" in text_of(browser("organizer").get(f"{people[place]}/people"))
    assert "people.xlsx" not in text_of(browser("invigilator").get(f"{people['url']}/people"))
