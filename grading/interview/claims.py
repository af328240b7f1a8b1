"""Acts of one panel follow one another: each begins by taking the panel under a condition on its state."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.database import affected
from core.errors import Conflict
from core.i18n import _
from grading.interview.models import InterviewTurn, Panel
from grading.interview.queries import panel_of
from grading.interview.words import PANEL_STATES


def claim(session: Session, panel_id: int, *states: str) -> Panel:
    """Raise the panel's revision if it is in one of the states, and return it as it stands now.

    The row stays locked until the commit, so whoever comes second sees what the first did. Raises ``NotFound``,
    ``Conflict``.
    """
    taken = affected(
        session,
        update(Panel)
        .where(Panel.id == panel_id, Panel.state.in_(states))
        .values(revision=Panel.revision + 1)
        .execution_options(synchronize_session=False),
    )
    panel = panel_of(session, panel_id)
    if not taken:
        raise Conflict(
            _(
                "考官组“%(name)s”现在是“%(state)s”，不能办理这一项，未作更改。请刷新页面查看最新状态。",
                name=panel.name,
                state=str(PANEL_STATES[panel.state][0]),
            )
        )
    return panel


def move(session: Session, turn_id: int, before: tuple[str, ...], after: str, **values: object) -> bool:
    """Move a turn's state if it is still in one of the expected ones; whether it was."""
    statement = (
        update(InterviewTurn)
        .where(InterviewTurn.id == turn_id, InterviewTurn.state.in_(before))
        .values(state=after, **values)
        .execution_options(synchronize_session=False)
    )
    return affected(session, statement) == 1
