"""One hierarchy of errors, in the domain's words.

Each maps to one HTTP status and one sentence that tells the person what happened and what to do. Raising one rolls the
request back; what must be kept all the same (a refused access, a failed sign-in) is given as ``afterwards`` and is
written in a transaction of its own after the rollback. It must hold plain values only: what the request had loaded is
detached by then. Where it cannot be written, ``Forbidden`` is told all the same and anything else is a fault of ours.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    # Readers of files run in processes of their own and import this: half a second less for each.
    from sqlalchemy.orm import Session

Afterwards = Callable[["Session"], None]


class DomainError(Exception):
    """An expected refusal.

    ``message`` is one sentence for a person; ``code`` is stable for programs; ``retry`` says whether the same call may
    succeed later; ``details`` is JSON data for the caller.
    """

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "bad_request"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        retry: bool = False,
        details: Mapping[str, Any] | None = None,
        afterwards: Afterwards | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.retry = retry
        self.details = dict(details or {})
        self.afterwards = afterwards

    def as_json(self) -> dict[str, Any]:
        """``{"error": {"code", "message", "retry", ...details}}``, as interfaces state it."""
        return {"error": {"code": self.code, "message": str(self.message), "retry": self.retry, **self.details}}


class BadInput(DomainError):
    """What was sent cannot be understood or is outside its range; nothing was written."""

    status = 422
    default_code = "bad_input"


class SignedOut(DomainError):
    """Nobody is signed in, or the session has ended."""

    status = 401
    default_code = "signed_out"


class Forbidden(DomainError):
    """The person is known and may not do this."""

    status = 403
    default_code = "forbidden"


class NotFound(DomainError):
    """There is no such thing, or none that this person may know of."""

    status = 404
    default_code = "not_found"


class Conflict(DomainError):
    """The state of things does not allow it (any more)."""

    status = 409
    default_code = "conflict"


class TooLarge(DomainError):
    """More was sent than is taken in one call."""

    status = 413
    default_code = "too_large"


class LockedOut(DomainError):
    """Too many failures; somebody must wait or ask."""

    status = 429
    default_code = "locked_out"
