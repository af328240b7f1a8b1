"""The life of an exam as its page shows it: every step with what is missing there and the button that mends it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import Flask, current_app, url_for
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import clock
from core.i18n import _
from core.web.application import local_time
from exam.schedule import queries
from exam.schedule.models import Exam, ExamSession
from exam.schedule.queries import Gap
from exam.schedule.rules import Phase, phase
from exam.schedule.words import gap_sentence

State = Literal["done", "current", "todo", "missing"]
ORDER = (
    "planned",
    "published",
    "admitting",
    "running",
    "closed",
    "scored",
    "interviewed",
    "decided",
    "archived",
)


@dataclass(frozen=True)
class Step:
    """One step of an exam's life. ``missing`` names one gap with the button that mends it; several may share a key."""

    key: str
    label: str
    state: State
    detail: str = ""
    action_label: str = ""
    action_url: str = ""


Contributor = Callable[[Session, int], list[Step]]
LinkContributor = Callable[[int, Actor], list[tuple[str, str]]]


def timeline_contributors(app: Flask) -> list[Contributor]:
    """What each package says about an exam's life; filled by the composition root."""
    contributors: list[Contributor] = app.extensions.setdefault("timeline_contributors", [])
    return contributors


def exam_links(app: Flask) -> list[LinkContributor]:
    """The sub-pages of an exam that other packages have, as (label, url); filled by the composition root."""
    contributors: list[LinkContributor] = app.extensions.setdefault("exam_links", [])
    return contributors


def steps_of(session: Session, exam_id: int) -> list[Step]:
    """Every step of the exam's life, in order; keys that nobody knows stand before the last."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    steps = [step for contribute in timeline_contributors(app) for step in contribute(session, exam_id)]
    places = {key: place for place, key in enumerate(ORDER)}
    return sorted(steps, key=lambda step: places.get(step.key, len(ORDER) - 2))


def for_page(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps as the timeline macro takes them: one entry a key, its gaps inside."""
    entries: dict[str, dict[str, Any]] = {}
    for step in steps:
        entry = entries.setdefault(step.key, {"label": step.label, "state": "ahead", "detail": "", "gaps": []})
        button = {"label": step.action_label, "url": step.action_url} if step.action_url else None
        if step.state == "missing":
            entry["gaps"].append({"text": step.detail, "action": button})
            continue
        entry["state"] = "ahead" if step.state == "todo" else step.state
        entry["detail"] = step.detail
        entry["actions"] = [button] if button else []
    for entry in entries.values():
        if entry["gaps"] and entry["state"] != "done":
            entry["state"] = "missing"
        if entry["gaps"] and entry["state"] == "done":
            entry["state"] = "current"
    return list(entries.values())


def schedule_steps(session: Session, exam_id: int) -> list[Step]:
    """From planning to the last hand-in, and the archive."""
    exam = queries.exam_of(session, exam_id)
    now = clock.now()
    found = queries.gaps(session, exam, now) if exam.state == "planned" else []
    sessions = queries.sessions_of(session, exam_id)
    planned = exam.state == "planned"
    steps = [_planned(session, exam, sessions, ready=not any(gap.blocking for gap in found))]
    steps += [_missing("planned", _("筹备"), exam, gap) for gap in found if gap.blocking]
    steps.append(_published(exam, ready=planned and not any(gap.blocking for gap in found)))
    if exam.state == "published":
        found = [gap for gap in queries.gaps(session, exam, now) if gap.code == "no_invigilator"]
    steps += _sat(session, exam, sessions, now)
    steps += [_missing("admitting", _("入场"), exam, gap) for gap in found if not gap.blocking]
    steps.append(_archived(exam, steps))
    return steps


def _planned(session: Session, exam: Exam, sessions: Sequence[ExamSession], *, ready: bool) -> Step:
    count = queries.candidate_counts(session, [exam.id]).get(exam.id, 0)
    detail = _("%(sessions)s 个场次，%(count)s 名考生", sessions=len(sessions), count=count)
    return Step("planned", _("筹备"), "done" if exam.state != "planned" or ready else "current", detail)


def _published(exam: Exam, *, ready: bool) -> Step:
    label = _("发布")
    if exam.state == "planned":
        url = url_for("exams.publish", exam_id=exam.id) if ready else ""
        detail = _("都已齐备，可以发布。") if ready else _("筹备齐全后发布；发布后考生才能入场。")
        return Step("published", label, "current" if ready else "todo", detail, _("发布考试") if url else "", url)
    detail = _("应试资格已生成，可以印发准考证。")
    return Step("published", label, "done", detail, _("印准考证"), url_for("exams.tickets", exam_id=exam.id))


def _sat(session: Session, exam: Exam, sessions: Sequence[ExamSession], now: datetime) -> list[Step]:
    phases = [phase(row.admission_opens_at, row.starts_at, row.ends_at, now) for row in sessions]
    counts = queries.sitting_states(session, exam.id)
    live = exam.state != "planned" and bool(sessions)
    opens = min((row.admission_opens_at for row in sessions), default=None)
    starts = min((row.starts_at for row in sessions), default=None)
    ends = max((row.ends_at for row in sessions), default=None)
    running = counts["open"] + counts["paused"]
    watch = (_("进入监考"), url_for("invigilation.index"))
    admitting = _state(
        live, any(p is Phase.ADMITTING for p in phases), all(p in (Phase.RUNNING, Phase.OVER) for p in phases)
    )
    in_course = _state(live, any(p is Phase.RUNNING for p in phases) or running > 0, _all_over(phases))
    over = live and _all_over(phases) and not running
    begun = running + counts["closed"]
    return [
        Step(
            "admitting",
            _("入场"),
            admitting,
            _("%(time)s 起；已登录 %(count)s 人", time=local_time(opens), count=counts["admitted"] + begun) if opens else "",
            *(watch if admitting == "current" else ("", "")),
        ),
        Step(
            "running",
            _("考试"),
            in_course,
            _("%(time)s 起；作答中 %(open)s 人，已交卷 %(closed)s 人", time=local_time(starts), open=running,
              closed=counts["closed"]) if starts else "",
            *(watch if in_course == "current" else ("", "")),
        ),
        Step("closed", _("收卷"), _state(live, live and _all_over(phases) and running > 0, over), _turnout(session, exam, begun, ends)),
    ]  # fmt: skip


def _turnout(session: Session, exam: Exam, begun: int, ends: datetime | None) -> str:
    if ends is None:
        return ""
    expected = queries.candidate_counts(session, [exam.id]).get(exam.id, 0)
    excused = queries.leave_count(session, exam.id)
    if clock.now() < ends or exam.state == "planned":
        return str(_("最晚 %(time)s 收卷", time=local_time(ends)))
    return str(
        _(
            "应到 %(expected)s 人，实考 %(begun)s 人，缺考 %(absent)s 人，另有请假缓考 %(excused)s 人",
            expected=expected - excused,
            begun=begun,
            excused=excused,
            absent=max(0, expected - begun - excused),
        )
    )


def _all_over(phases: Sequence[Phase]) -> bool:
    return bool(phases) and all(one is Phase.OVER for one in phases)


def _state(live: bool, current: bool, done: bool) -> State:
    if live and done:
        return "done"
    return "current" if live and current else "todo"


def _archived(exam: Exam, steps: Sequence[Step]) -> Step:
    if exam.state == "archived":
        return Step("archived", _("归档"), "done", _("内容已封存，不能再改。"))
    closed = any(step.key == "closed" and step.state == "done" for step in steps)
    url = url_for("exams.archive", exam_id=exam.id) if closed else ""
    return Step("archived", _("归档"), "todo", _("全部办结后归档，归档后不能再改。"), _("归档") if url else "", url)


def _missing(key: str, label: str, exam: Exam, gap: Gap) -> Step:
    button, url = mend(exam.id, gap)
    return Step(key, label, "missing", gap_sentence(gap.code, gap.values), button, url)


def mend(exam_id: int, gap: Gap) -> tuple[str, str]:
    """The button that mends a gap: its label and address."""
    match gap.code:
        case "no_session":
            return _("安排场次"), url_for("exams.new_session", exam_id=exam_id)
        case "no_notice" | "unfilled_notice" | "no_commitment" | "unfilled_commitment":
            return _("填写告知书和承诺书"), url_for("exams.texts", exam_id=exam_id)
        case "no_candidates":
            return _("导入名单"), url_for("exams.import_roster", exam_id=exam_id)
        case "no_paper":
            return _("选择试卷"), url_for("exams.edit_session", exam_id=exam_id, session_id=gap.session_id)
        case "started":
            return _("修改时间"), url_for("exams.edit_session", exam_id=exam_id, session_id=gap.session_id)
        case "empty_session":
            return _("补充名单或删除场次"), url_for("exams.sessions", exam_id=exam_id)
        case "no_room":
            return _("安排考场"), url_for("exams.roster", exam_id=exam_id, session=gap.session_id, room="none")
    return _("指定监考员"), url_for("exams.sessions", exam_id=exam_id)
