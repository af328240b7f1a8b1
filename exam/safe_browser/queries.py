"""What a session demands of the browser, and who is exempted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts.models import Account
from exam.safe_browser.models import SafeBrowser, SafeBrowserExemption
from exam.safe_browser.rules import Demand
from exam.schedule.models import ExamSession
from exam.sittings.models import Sitting


@dataclass(frozen=True)
class Exempted:
    """One entry of a sitting's exemptions: granted or withdrawn, why, by whom, when."""

    granted: bool
    reason: str
    by: str
    at: datetime


def safe_browser_of(session: Session, session_id: int) -> SafeBrowser | None:
    """What was set for the session; None when it never was."""
    return session.get(SafeBrowser, session_id)


def sessions_with(session: Session, exam_id: int) -> set[int]:
    """The sessions of an exam that ask for Safe Exam Browser."""
    asked = select(SafeBrowser.session_id).join(ExamSession, ExamSession.id == SafeBrowser.session_id)
    return set(session.scalars(asked.where(ExamSession.exam_id == exam_id, SafeBrowser.required)))


def demand_of(session: Session, session_id: int) -> Demand | None:
    """What the session asks of every request; None when it asks for nothing."""
    row = session.get(SafeBrowser, session_id)
    if row is None or not row.required:
        return None
    return Demand(row.origin, row.config_key, tuple(row.exam_keys.split()))


def exempted_at(session: Session, session_id: int) -> frozenset[int]:
    """The sittings of the session whose last entry grants an exemption."""
    last = (
        select(func.max(SafeBrowserExemption.id))
        .join(Sitting, Sitting.id == SafeBrowserExemption.sitting_id)
        .where(Sitting.session_id == session_id)
        .group_by(SafeBrowserExemption.sitting_id)
    )
    granted = select(SafeBrowserExemption.sitting_id).where(
        SafeBrowserExemption.id.in_(last), SafeBrowserExemption.granted
    )
    return frozenset(session.scalars(granted))


def exemptions_of(session: Session, sitting_id: int) -> list[Exempted]:
    """Every entry of a sitting, the latest first."""
    rows = session.execute(
        select(SafeBrowserExemption, Account.name)
        .join(Account, Account.id == SafeBrowserExemption.by)
        .where(SafeBrowserExemption.sitting_id == sitting_id)
        .order_by(SafeBrowserExemption.id.desc())
    )
    return [Exempted(row.granted, row.reason, name, row.at) for row, name in rows]
