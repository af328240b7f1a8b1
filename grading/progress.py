"""What grading says about an exam on the exam's own page and on people's first page: how far it is, what is missing."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.accounts.actors import Actor
from core.accounts.permissions import Permission
from core.clock import clock
from core.home.views import Task
from core.i18n import _
from exam.handover import ExamFacts, exam_facts
from grading.outcomes.models import Decision, Proposal
from grading.outcomes.queries import current_decisions, current_proposals, rules_in_force
from grading.scoring.models import ScoringProblem
from grading.scoring.queries import problems_of_exam, scored_count

CONCERNED = ("deferral", "cancellation")


@dataclass(frozen=True)
class Stage:
    """One step of an exam's life as grading knows it; the composition root turns it into the timeline's own."""

    key: str
    label: str
    state: Literal["done", "current", "todo", "missing"]
    detail: str = ""
    action_label: str = ""
    action_url: str = ""


def stages(session: Session, exam_id: int) -> list[Stage]:
    """Scored and decided, with what is missing and the button that mends it."""
    exam = exam_facts(session, exam_id)
    scored = _scored(session, exam)
    return [*scored, *_decided(session, exam, ready=scored[0].state == "done")]


def links(exam_id: int, actor: Actor) -> list[tuple[str, str]]:
    """The sub-pages of an exam's results, for those who may read them."""
    if not actor.may(Permission.READ_RESULTS):
        return []
    return [
        (_("笔试成绩"), url_for("results.scores", exam_id=exam_id)),
        (_("处理建议"), url_for("outcomes.index", exam_id=exam_id)),
        (_("会议决定"), url_for("decisions.index", exam_id=exam_id)),
        (_("成绩表"), url_for("sheets.index", exam_id=exam_id)),
    ]


def find_tasks(session: Session, actor: Actor) -> list[Task]:
    """Scores that are stuck; decisions to record, to check that somebody else recorded, own records that came back."""
    tasks = []
    if actor.may(Permission.MANAGE_EXAMS):
        stuck = select(ScoringProblem.exam_id, func.count()).group_by(ScoringProblem.exam_id)
        tasks += [
            Task(_("不能评分的答卷"), count, url_for("results.scores", exam_id=exam_id, state="problem"))
            for exam_id, count in session.execute(stuck)
        ]
    if actor.may(Permission.CHECK_DECISIONS):
        tasks += [
            Task(_("等待核对的会议决定"), count, url_for("decisions.checks", exam_id=exam_id))
            for exam_id, count in _standing(session, "recorded", Decision.recorded_by != actor.account_id)
        ]
    if actor.may(Permission.RECORD_DECISIONS):
        tasks += [
            Task(
                _("有暂缓或取消建议、等待录入会议决定的考生"),
                count,
                url_for("decisions.index", exam_id=exam_id, state="none"),
            )
            for exam_id, count in _undecided(session)
        ]
        tasks += [
            Task(_("被退回、等待更正的会议决定"), count, url_for("decisions.index", exam_id=exam_id, state="returned"))
            for exam_id, count in _standing(session, "returned", Decision.recorded_by == actor.account_id)
        ]
    return tasks


def _scored(session: Session, exam: ExamFacts) -> list[Stage]:
    closed, scored = sum(one.closed for one in exam.sessions), scored_count(session, exam.exam_id)
    stuck = len(problems_of_exam(session, exam.exam_id))
    url = url_for("results.scores", exam_id=exam.exam_id)
    label = _("评分")
    detail = _("已评分 %(scored)s / %(closed)s 份", scored=scored, closed=closed)
    over = bool(exam.sessions) and all(one.ends_at <= clock.now() for one in exam.sessions)
    if not closed:
        return [Stage("scored", label, "todo", _("交卷后自动评分。"))]
    state: Literal["done", "current"] = "done" if over and scored == closed else "current"
    found = [Stage("scored", label, state, detail, _("看成绩"), url)]
    if stuck:
        found.append(Stage("scored", label, "missing", _("%(count)s 份答卷不能评分。", count=stuck), _("看原因"), url))
    return found


def _decided(session: Session, exam: ExamFacts, *, ready: bool) -> list[Stage]:
    label = _("处理建议与会议决定")
    if exam.kind == "practice":
        return []
    if rules_in_force(session, exam.exam_id) is None:
        url = url_for("outcomes.rules", exam_id=exam.exam_id)
        todo = Stage("decided", label, "todo", _("成绩齐全后按规则计算处理建议，由会议决定。"))
        missing = Stage("decided", label, "missing", _("还没有设定结果规则。"), _("设定规则"), url)
        return [todo, missing] if ready else [todo]
    proposals = current_proposals(session, exam.exam_id)
    url = url_for("outcomes.index", exam_id=exam.exam_id)
    if not proposals:
        todo = Stage("decided", label, "todo", _("成绩齐全后按规则计算处理建议，由会议决定。"))
        missing = Stage("decided", label, "missing", _("还没有计算处理建议。"), _("计算处理建议"), url)
        return [todo, missing] if ready else [todo]
    kinds = Counter(row.kind for row in proposals.values())
    decisions = current_decisions(session, exam.exam_id)
    concerned = [one for one, row in proposals.items() if row.kind in CONCERNED]
    checked = sum(one in decisions and decisions[one].state == "checked" for one in concerned)
    detail = _(
        "合格 %(qualified)s 人，建议暂缓 %(deferral)s 人，建议取消 %(cancellation)s 人；其中决定已核对 %(checked)s / %(all)s 人",
        qualified=kinds["qualified"],
        deferral=kinds["deferral"],
        cancellation=kinds["cancellation"],
        checked=checked,
        all=len(concerned),
    )
    done = not kinds["pending"] and checked == len(concerned)
    return [Stage("decided", label, "done" if done else "current", detail, _("看处理建议"), url)]


def _undecided(session: Session) -> list[tuple[int, int]]:
    """How many candidates of each exam the system proposes to defer or cancel, without a record of a decision."""
    latest = select(func.max(Proposal.id)).group_by(Proposal.candidate_id)
    decided = select(Decision.id).where(Decision.candidate_id == Proposal.candidate_id).exists()
    statement = (
        select(Proposal.exam_id, func.count())
        .where(Proposal.id.in_(latest), Proposal.kind.in_(CONCERNED), ~decided)
        .group_by(Proposal.exam_id)
    )
    return [(exam_id, count) for exam_id, count in session.execute(statement)]


def _standing(session: Session, state: str, condition: object) -> list[tuple[int, int]]:
    later = aliased(Decision)
    superseded = (
        select(later.id).where(later.candidate_id == Decision.candidate_id, later.revision > Decision.revision).exists()
    )
    statement = (
        select(Decision.exam_id, func.count())
        .where(Decision.state == state, condition, ~superseded)  # type: ignore[arg-type]
        .group_by(Decision.exam_id)
    )
    return [(exam_id, count) for exam_id, count in session.execute(statement)]
