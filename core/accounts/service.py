"""Accounts: created, changed and closed by administrators; their passwords changed by their owners."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import sign_in
from core.accounts.actors import Actor
from core.accounts.models import Account, AccountRole
from core.accounts.passwords import generate_password, hash_password, password_matches, weaknesses
from core.accounts.permissions import ROLE_NAMES, Role, conflicting_roles
from core.audit.service import record
from core.clock import Clock
from core.errors import BadInput, Conflict
from core.i18n import _


def create_account(
    session: Session, actor: Actor, clock: Clock, *, username: str, name: str, unit: str, roles: Iterable[Role] = ()
) -> tuple[Account, str]:
    """Create an account with a generated password, which is returned once and stored nowhere.

    Raises ``Conflict`` for a username that is taken and for roles that one person must not hold together.
    """
    username = username.strip().lower()
    if not username or not name.strip():
        raise BadInput(_("用户名和姓名都不能为空，账号未创建。请补填后重试。"))
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise Conflict(_("用户名“%(username)s”已被使用，账号未创建。请换一个用户名。", username=username))
    password = generate_password()
    account = Account(
        username=username,
        name=name.strip(),
        unit=unit.strip(),
        password_hash=hash_password(password),
        must_change_password=True,
        active=True,
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    record(session, actor, clock, "account_created", "account", account.id)
    assign_roles(session, actor, clock, account, roles)
    return account, password


def assign_roles(session: Session, actor: Actor, clock: Clock, account: Account, roles: Iterable[Role]) -> None:
    """Give the account exactly these roles; its open sessions notice at their next request."""
    chosen = frozenset(roles)
    conflict = conflicting_roles(chosen)
    if conflict:
        names = "、".join(sorted(str(ROLE_NAMES[role]) for role in conflict))
        raise Conflict(
            _("%(names)s不能由同一人担任（三员分设，且不得兼任考试岗位），角色未更改。请去掉其中一部分。", names=names)
        )
    before = sorted(held.role for held in account.roles)
    if before == sorted(chosen):
        return
    account.roles = [held for held in account.roles if Role(held.role) in chosen]
    have = {held.role for held in account.roles}
    account.roles.extend(AccountRole(role=role.value) for role in sorted(chosen) if role.value not in have)
    session.flush()
    record(
        session,
        actor,
        clock,
        "roles_assigned",
        "account",
        account.id,
        before=before,
        after=sorted(r.value for r in chosen),
    )


def change_password(session: Session, actor: Actor, clock: Clock, account: Account, *, current: str, new: str) -> None:
    """Change one's own password and end one's other sessions. Raises ``BadInput`` saying what is missing."""
    if not password_matches(account.password_hash, current):
        raise BadInput(_("当前密码不正确，密码未更改。请重新输入当前密码。"))
    if new == current:
        raise BadInput(_("新密码与当前密码相同，密码未更改。请换一个新密码。"))
    weak = weaknesses(new, username=account.username)
    if weak:
        raise BadInput(_("新密码不符合要求，密码未更改：%(weak)s。", weak="；".join(weak)))
    account.password_hash = hash_password(new)
    account.must_change_password = False
    sign_in.end_all(session, clock, "account", account.id, "password_changed", but=actor.sign_in)
    record(session, actor, clock, "password_changed", "account", account.id)


def reset_password(session: Session, actor: Actor, clock: Clock, account: Account) -> str:
    """Give the account a new generated password, returned once; end its sessions and lift its lock."""
    password = generate_password()
    account.password_hash = hash_password(password)
    account.must_change_password = True
    sign_in.end_all(session, clock, "account", account.id, "password_reset")
    sign_in.clear_failures(session, f"account:{account.username}")
    record(session, actor, clock, "password_reset", "account", account.id)
    return password


def set_active(session: Session, actor: Actor, clock: Clock, account: Account, *, active: bool) -> None:
    """Close an account or open it again; closing ends its sessions."""
    if actor.kind == "account" and actor.id == account.id:
        raise Conflict(_("不能停用自己的账号，未作更改。请由另一位系统管理员办理。"))
    if account.active == active:
        return
    account.active = active
    if not active:
        sign_in.end_all(session, clock, "account", account.id, "account_closed")
    record(session, actor, clock, "account_opened" if active else "account_closed", "account", account.id)
