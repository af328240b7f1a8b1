"""What interviews add to other packages' pages: the exam's timeline and sub-pages, and everybody's first page."""

from dataclasses import dataclass
from typing import Literal

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.accounts.permissions import Permission
from core.home.views import Task
from core.i18n import _
from grading.interview import readiness
from grading.interview.chain import EXAMINERS, OVER
from grading.interview.models import InterviewTurn, Panel, PanelMember
from grading.interview.queries import panels_of_exam, turns_of


@dataclass(frozen=True)
class Step:
    """One step of an exam's life, in the shape of the exam page's timeline."""

    key: str
    label: str
    state: Literal["done", "current", "todo", "missing"]
    detail: str = ""
    action_label: str = ""
    action_url: str = ""


def exam_steps(session: Session, exam_id: int) -> list[Step]:
    """How many of how many are interviewed, and what is missing with the button that mends it; nothing without a panel."""
    panels = panels_of_exam(session, exam_id)
    if not panels:
        return []
    label = _("面试")
    turns = [turn for panel in panels for turn in turns_of(session, panel.id) if turn.state != "stopped"]
    over = sum(turn.state in OVER for turn in turns)
    absent = sum(turn.state == "absent" for turn in turns)
    loose = len(readiness.unassigned(session, exam_id))
    finished = bool(turns) and not loose and all(panel.state == "closed" for panel in panels)
    begun = any(panel.state != "preparing" for panel in panels)
    detail = _("已面试 %(over)s / %(total)s 人", over=over - absent, total=len(turns) + loose)
    if absent:
        detail += _("，缺考 %(absent)s 人", absent=absent)
    state: Literal["done", "current", "todo"] = "done" if finished else "current" if begun else "todo"
    url = url_for("interviews.index", exam=exam_id)
    steps = [Step("interviewed", label, state, detail, _("查看面试"), url)]
    for panel in panels:
        steps += _panel_steps(session, label, panel)
    if loose and all(panel.state != "preparing" for panel in panels):
        text = _("%(count)s 名考生还没有分到考官组", count=loose)
        steps.append(
            Step("interviewed", label, "missing", text, _("建立考官组"), url_for("interviews.create", exam=exam_id))
        )
    return steps


def _panel_steps(session: Session, label: str, panel: Panel) -> list[Step]:
    url = url_for("interviews.panel_page", panel_id=panel.id)
    if panel.state == "preparing":
        gaps = readiness.missing(session, panel)
        points = "；".join(gap.text for gap in gaps)
        text = f"{panel.name}：{points}" if gaps else _("%(name)s 已齐备，可以开始", name=panel.name)
        return [Step("interviewed", label, "missing", text, _("去办理"), url)]
    if panel.state == "running" and all(turn.state in OVER for turn in turns_of(session, panel.id)):
        text = _("%(name)s 的考生都已面试，考官组还没有结束", name=panel.name)
        return [Step("interviewed", label, "missing", text, _("去结束"), url)]
    return []


def exam_pages(exam_id: int, actor: Actor) -> list[tuple[str, str]]:
    """面试, for who organises exams."""
    if not actor.may(Permission.MANAGE_EXAMS):
        return []
    return [(_("面试"), url_for("interviews.index", exam=exam_id))]


def find_tasks(session: Session, actor: Actor) -> list[Task]:
    """The panels in which one sits and which are running, with the candidates still to come."""
    statement = (
        select(Panel, PanelMember.position)
        .join(PanelMember, PanelMember.panel_id == Panel.id)
        .where(PanelMember.account_id == actor.id, Panel.state == "running")
        .order_by(Panel.id)
    )
    tasks = []
    for panel, position in session.execute(statement):
        left = session.scalar(
            select(func.count())
            .select_from(InterviewTurn)
            .where(InterviewTurn.panel_id == panel.id, InterviewTurn.state.not_in(OVER))
        )
        endpoint = "interviews.score" if position in EXAMINERS else "interviews.room_page"
        label = _("面试进行中：%(name)s，尚未完成的考生", name=panel.name)
        tasks.append(Task(label, left or 0, url_for(endpoint, panel_id=panel.id)))
    return tasks
