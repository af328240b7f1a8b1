"""What waits for invigilators and organizers on the first page."""

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.accounts.permissions import Permission
from core.clock import clock
from core.home.views import Task
from core.i18n import _
from exam.invigilation import queries
from exam.schedule.models import Exam


def find_tasks(session: Session, actor: Actor) -> list[Task]:
    """Rooms to watch, incidents to sign, exams to prepare."""
    tasks = []
    if actor.may(Permission.MANAGE_EXAMS):
        planned = session.scalar(select(func.count()).select_from(Exam).where(Exam.state == "planned")) or 0
        if planned:
            tasks.append(Task(_("场考试正在筹备，尚未发布"), planned, url_for("exams.index", state="planned")))
    if actor.may(Permission.INVIGILATE):
        rooms = queries.posts_for(session, actor, clock.now())
        if rooms:
            tasks.append(Task(_("个考场近日由您监考"), len(rooms), url_for("invigilation.index")))
    if actor.may(Permission.INVIGILATE) or actor.may(Permission.MANAGE_EXAMS):
        tasks += [
            Task(_("条考场情况等待第二人签字"), count, url_for("invigilation.room", room_id=room_id))
            for room_id, count in queries.unsigned_for(session, actor, clock.now())
        ]
    return tasks
