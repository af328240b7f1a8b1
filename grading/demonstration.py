"""The panel and the rules of the worked demonstration."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock
from core.exact import show_exact
from exam.handover import interviewees
from grading.interview.drafts import ElementDraft, PanelDraft
from grading.interview.presets import PRESETS, REMINDERS_SECONDS
from grading.interview.rules import PanelRule
from grading.interview.service import Assignment, assign_members, create_panel, draw_by_seed
from grading.outcomes import presets as outcome_presets
from grading.outcomes.service import set_rules


def load_panel(
    session: Session, actor: Actor, clock: Clock, exam_id: int, examiners: Sequence[int], staff: Mapping[str, int]
) -> int:
    """A panel of these examiners, the first of them chief, with its staff by position and its order drawn; its id."""
    elements = tuple(
        ElementDraft(one.name, show_exact(one.weight, 0), show_exact(one.maximum, 0), bands=one.bands)
        for one in PRESETS["cadre"].elements
    )
    draft = PanelDraft("第一面试室", elements, PanelRule("totals", 2), 15, REMINDERS_SECONDS, len(examiners))
    panel = create_panel(session, actor, clock, exam_id, draft)
    places = [
        Assignment("chief" if seat == 1 else "examiner", seat, account)
        for seat, account in enumerate(examiners, start=1)
    ]
    places += [Assignment(position, 0, account) for position, account in staff.items()]
    assign_members(session, actor, clock, panel.id, places)
    draw_by_seed(session, actor, clock, panel.id, [one.blind_number for one in interviewees(session, exam_id)])
    return panel.id


def load_rules(session: Session, actor: Actor, clock: Clock, exam_id: int, preset: str) -> None:
    """The rules of an exam from a preset."""
    set_rules(session, actor, clock, exam_id, outcome_presets.PRESETS[preset], "演示：采用预设规则", 0)
