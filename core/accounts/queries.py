"""Reading accounts."""

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from core.accounts.models import Account, AccountRole
from core.accounts.permissions import Role
from core.errors import NotFound
from core.i18n import _


def accounts_matching(words: str, role: str, state: str) -> Select[Account]:
    """Accounts whose username, name or unit holds the words, filtered by role (``none``: without one) and state."""
    statement = select(Account).order_by(Account.username)
    if words:
        pattern = f"%{words.strip()}%"
        statement = statement.where(
            or_(Account.username.ilike(pattern), Account.name.ilike(pattern), Account.unit.ilike(pattern))
        )
    held = exists().where(AccountRole.account_id == Account.id)
    if role == "none":
        statement = statement.where(~held)
    elif role in set(Role):
        statement = statement.where(held.where(AccountRole.role == role))
    if state in ("active", "closed"):
        statement = statement.where(Account.active.is_(state == "active"))
    return statement


def account(session: Session, account_id: int) -> Account:
    """The account; ``NotFound`` otherwise."""
    found = session.get(Account, account_id)
    if found is None:
        raise NotFound(_("没有这个账号。请返回账号列表重新选择。"))
    return found


def accounts_with_role(session: Session, role: Role) -> list[Account]:
    """Active accounts that hold a role, by name: for choosing examiners, invigilators and the like."""
    statement = select(Account).join(AccountRole).where(AccountRole.role == role.value, Account.active.is_(True))
    return list(session.scalars(statement.order_by(Account.name, Account.username)))


def usernames(session: Session) -> frozenset[str]:
    """Every username in use."""
    return frozenset(session.scalars(select(Account.username)))


def names_of(session: Session, account_ids: set[int]) -> dict[int, str]:
    """Names by account id, for pages that show who did something."""
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(account_ids)))
    return {row.id: row.name for row in rows}
