"""The invigilator's desk under test: a hall of two rooms, its first sitting under way, and what is done at a post."""

import re
from datetime import timedelta

from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.database import transaction
from exam.answers.models import AnswerStep
from exam.schedule import service
from exam.schedule.models import Room
from exam.sittings.models import Sitting
from tests.support.exams import make_candidates, make_exam, make_paper, make_session


def make_hall(app, cast, clock):
    """A published exam with two rooms of two; the first is the invigilators', the session has been running for 10 minutes."""
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("organizer")
        paper = make_paper(session, clock=clock)
        exam = make_exam(session, actor, clock)
        row = make_session(session, actor, clock, exam, paper_id=paper.id, starts_in=timedelta(minutes=1))
        people = make_candidates(session, clock, exam, row, count=4)
        rooms = [session.scalars(select(Room)).one(), service.add_room(session, actor, clock, row, "第二考场")]
        watchers = [cast.accounts[name].id for name in ("invigilator", "second_invigilator")]
        service.change_room(session, actor, clock, rooms[0], name="第一考场", invigilators=watchers)
        for person in people[2:]:
            person.room_id = rooms[1].id
        service.publish(session, actor, clock, exam)
        sittings = session.scalars(select(Sitting.id).order_by(Sitting.candidate_id)).all()
        made = {"exam": exam.id, "session": row.id, "rooms": [room.id for room in rooms], "sittings": list(sittings)}
    clock.advance(minutes=11)
    made["url"] = f"/invigilation/rooms/{made['rooms'][0]}"
    return made


def begin_first(app, hall, clock):
    """The first sitting is open with two answers and one withdrawn; the second one is still expected."""
    now = clock.now()
    with app.app_context(), transaction("write") as session:
        session.execute(
            update(Sitting)
            .where(Sitting.id == hall["sittings"][0])
            .values(
                state="open",
                admitted_at=now,
                started_at=now,
                deadline=now + timedelta(minutes=50),
                holder="device",
                binding=1,
                last_seen_at=now,
            )
        )
        for seq, (slot, response) in enumerate([(1, '["A"]'), (2, '["B"]'), (3, '["C"]'), (3, "[]"), (1, '["D"]')], 1):
            session.add(
                AnswerStep(
                    sitting_id=hall["sittings"][0], binding=1, seq=seq, slot=slot, response=response, received_at=now
                )
            )


def text_of(answer):
    return answer.get_data(as_text=True)


def sitting(app, sitting_id):
    with app.app_context(), transaction("read") as session:
        return session.get_one(Sitting, sitting_id)


def actions(app):
    with app.app_context(), transaction("read") as session:
        return list(session.scalars(select(AuditEntry.action)))


def act(window, running, change, **fields):
    return window.post(f"{running['url']}/time/{change}", fields)


def seen_in(answer):
    return re.search('name="seen" value="([0-9a-f]{64})"', text_of(answer))[1]


def record_one(window, running, **fields):
    values = {"kind": "device_fault", "facts": "2 号机蓝屏，9:20 换到备用机。", **fields}
    return window.post(f"{running['url']}/incidents/new", values)
