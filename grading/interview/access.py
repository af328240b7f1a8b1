"""Membership of a panel is the permission on it: a stranger finds nothing, a member in another position is refused."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.accounts.permissions import Permission
from core.audit.service import record
from core.clock import clock
from core.errors import Forbidden, NotFound
from core.i18n import _
from grading.interview.chain import Position
from grading.interview.models import Panel, PanelMember
from grading.interview.queries import panel_of
from grading.interview.words import POSITION_PERMISSIONS


def membership(session: Session, actor: Actor, panel_id: int) -> PanelMember | None:
    """The actor's place on the panel, None for none."""
    return session.scalar(
        select(PanelMember).where(PanelMember.panel_id == panel_id, PanelMember.account_id == actor.account_id)
    )


def panel_as(session: Session, actor: Actor, panel_id: int, *positions: Position) -> tuple[Panel, PanelMember]:
    """The panel and the actor's place on it, which must be one of the positions. Raises ``NotFound``, ``Forbidden``."""
    panel = panel_of(session, panel_id)
    member = membership(session, actor, panel_id)
    if member is None:
        if actor.may(Permission.MANAGE_EXAMS):
            raise _refusal(actor, panel_id)
        raise NotFound(_("没有这个考官组，或您不在其中。请从面试列表重新选择。"))
    if member.position not in positions or not actor.may(POSITION_PERMISSIONS[member.position]):
        raise _refusal(actor, panel_id)
    return panel, member


def panel_for_organizer(session: Session, actor: Actor, panel_id: int) -> Panel:
    """The panel for who organises exams. Raises ``NotFound``, and ``Forbidden`` for the panel's members."""
    panel = panel_of(session, panel_id)
    if actor.may(Permission.MANAGE_EXAMS):
        return panel
    if membership(session, actor, panel_id) is None:
        raise NotFound(_("没有这个考官组，或您不在其中。请从面试列表重新选择。"))
    raise _refusal(actor, panel_id)


def panel_to_watch(
    session: Session, actor: Actor, panel_id: int, *positions: Position
) -> tuple[Panel, PanelMember | None]:
    """The panel for an organizer (no place) or a member in one of the positions."""
    if actor.may(Permission.MANAGE_EXAMS) and membership(session, actor, panel_id) is None:
        return panel_of(session, panel_id), None
    return panel_as(session, actor, panel_id, *positions)


def _refusal(actor: Actor, panel_id: int) -> Forbidden:
    return Forbidden(
        _("您在这个考官组中的岗位不办理这一项，操作未执行并已记录。请由相应岗位的人员办理。"),
        afterwards=lambda own: record(own, actor, clock, "access_refused", "panel", panel_id),
    )
