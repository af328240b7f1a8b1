"""The accounts of the worked demonstration: one person for each place, with generated passwords."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.accounts.models import Account
from core.accounts.permissions import ROLE_NAMES, Role
from core.accounts.service import create_account
from core.clock import Clock

_UNIT = "演示单位"
_PEOPLE: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("author", "演示·命题员", (Role.AUTHOR,)),
    ("reviewer", "演示·审题员", (Role.REVIEWER,)),
    ("organizer", "演示·考务管理员", (Role.ORGANIZER,)),
    ("invigilator1", "演示·监考员甲", (Role.INVIGILATOR,)),
    ("invigilator2", "演示·监考员乙", (Role.INVIGILATOR,)),
    *((f"examiner{number}", f"演示·考官{number}", (Role.EXAMINER,)) for number in range(1, 8)),
    ("timekeeper", "演示·计时员", (Role.INTERVIEW_STAFF,)),
    ("scoreclerk", "演示·计分员", (Role.INTERVIEW_STAFF,)),
    ("checker", "演示·复核员", (Role.INTERVIEW_STAFF,)),
    ("supervisor", "演示·监督员", (Role.SUPERVISOR,)),
    ("recorder", "演示·决定录入员", (Role.DECISION_RECORDER,)),
    ("decisionchecker", "演示·决定核对员", (Role.DECISION_CHECKER,)),
    ("sysadmin", "演示·系统管理员", (Role.SYSTEM_ADMIN,)),
    ("secadmin", "演示·安全管理员", (Role.SECURITY_ADMIN,)),
    ("auditadmin", "演示·审计管理员", (Role.AUDIT_ADMIN,)),
)


@dataclass(frozen=True)
class DemonstrationAccount:
    """An account with the password that is printed once."""

    account: Account
    password: str
    roles: str


def create_demonstration_accounts(session: Session, actor: Actor, clock: Clock) -> dict[str, DemonstrationAccount]:
    """Create the accounts and return them by username. Each must change its password at the first sign-in."""
    created = {}
    for username, name, roles in _PEOPLE:
        account, password = create_account(session, actor, clock, username=username, name=name, unit=_UNIT, roles=roles)
        created[username] = DemonstrationAccount(account, password, "、".join(str(ROLE_NAMES[role]) for role in roles))
    return created
