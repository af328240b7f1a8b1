"""Taking what a candidate's page noted, and noting an incident where a threshold is crossed. Nobody is punished here.

Away from the path of saves: nothing here locks a sitting's row or waits for one.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock, from_milliseconds
from core.errors import BadInput, TooLarge
from core.i18n import _
from exam.answers import statements as answers
from exam.answers.service import Device
from exam.leaving.models import LeavingNote
from exam.leaving.queries import absences_of, thresholds_of
from exam.leaving.rules import MOST_EVENTS, MOST_KEPT, PAGE_NAME, Absence, Crossing, Noted, check_event, crossings
from exam.leaving.statements import append_events, append_notes
from exam.sittings import incidents
from exam.sittings.refusals import no_such_sitting, refusal

TOLD_TIMES = 20  # absences that an incident names one by one


@dataclass(frozen=True, slots=True)
class Sent:
    """The events of one call: those of the agreed shape, and why the others (by number, 0 without one) are not taken."""

    page: str
    events: list[Noted]
    rejected: list[dict[str, Any]] = field(default_factory=list)


def read_events(body: dict[str, Any]) -> Sent:
    """Read ``{"page", "events"}``. Raises ``BadInput`` and ``TooLarge`` where not even that is there."""
    page, events = body.get("page"), body.get("events")
    if not isinstance(page, str) or not PAGE_NAME.fullmatch(page) or not isinstance(events, list):
        raise BadInput(_("提交的内容不是约定的格式，没有记录；作答不受影响。请刷新页面。"), code="bad_input")
    if len(events) > MOST_EVENTS:
        raise TooLarge(_("一次提交的记录超过 %(most)s 条，没有记录；作答不受影响。请分批提交。", most=MOST_EVENTS))
    sent = Sent(page, [])
    for one in events:
        noted = check_event(one)
        if noted:
            sent.events.append(noted)
        else:
            number = one.get("number") if isinstance(one, dict) else 0
            sent.rejected.append({"number": number if type(number) is int else 0, "code": "bad_input"})
    return sent


def take_events(
    session: Session, clock: Clock, device: Device, sitting_id: int, sent: Sent, received_at: datetime
) -> list[dict[str, Any]]:
    """Store the events of a sitting that this device holds or held last; return what was not taken, as ``Sent.rejected``.

    Raises NotFound, ``signed_out``, ``not_open`` before the start and ``other_device``. A resend changes nothing.
    """
    facts = answers.facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
    if facts is None:
        raise no_such_sitting()
    if not facts.signed_in:
        raise refusal("signed_out")
    if facts.started_at is None:
        raise refusal("not_open")
    if facts.holder != device.sign_in:
        raise refusal("other_device")
    full = append_events(session, sitting_id, sent.page, sent.events, received_at, MOST_KEPT)
    actor = Actor("candidate", device.candidate_id, sign_in=device.sign_in)
    _note_crossings(session, actor, clock, sitting_id, from_milliseconds(facts.started_at))
    return sent.rejected + [{"number": number, "code": "too_large"} for number in full]


def _note_crossings(session: Session, actor: Actor, clock: Clock, sitting_id: int, started_at: datetime) -> None:
    noted = session.scalars(select(LeavingNote.threshold).where(LeavingNote.sitting_id == sitting_id))
    limits = thresholds_of(session, sitting_id)
    for crossing in crossings(absences_of(session, sitting_id, started_at), noted.all(), limits):
        if append_notes(session, sitting_id, crossing.names, clock.now()):
            incidents.note(session, clock, sitting_id, incidents.LEFT_PAGE, _facts(crossing))
            names = ",".join(crossing.names)
            record(session, actor, clock, "leaving_noted", "sitting", sitting_id, thresholds=names)


def _facts(crossing: Crossing) -> str:
    told = [_told(one) for one in crossing.absences[-TOLD_TIMES:]]
    if crossing.names[0].startswith("longer"):
        return f"作答页面一次离开超过 {crossing.limit} 秒：{told[0]}。只记事实，原因请监考员核实。"
    before = "（只列最近的）" if len(crossing.absences) > len(told) else ""
    listed = "；".join(told)
    return f"作答页面已离开 {len(crossing.absences)} 次{before}：{listed}。只记事实，原因请监考员核实。"


def _told(one: Absence) -> str:
    zone = ZoneInfo(current_app.extensions["settings"].time_zone)
    return f"{one.at.astimezone(zone):%H:%M:%S} 起 {one.seconds} 秒"
