"""Who acts: the small value that every service takes."""

from dataclasses import dataclass, field
from typing import Literal

from core.accounts.permissions import Permission, Role, permissions_of

Kind = Literal["account", "candidate", "system"]


@dataclass(frozen=True)
class Actor:
    """An account with its roles, a candidate, or the system itself (ticker, jobs, command line).

    ``id`` is the account's or candidate's id, None for the system; ``sign_in`` the id of the session row it came with.
    """

    kind: Kind
    id: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    sign_in: str | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow."""
        return permissions_of(self.roles)

    def may(self, permission: Permission) -> bool:
        """Whether a role of the actor allows it."""
        return permission in self.permissions

    @property
    def account_id(self) -> int:
        """The account's id; a programming error for anybody else."""
        if self.kind != "account" or self.id is None:
            raise TypeError(f"an account was needed, not {self.kind}")
        return self.id


SYSTEM = Actor("system")
