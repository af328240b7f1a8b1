"""Who may call what: default deny.

Every view states its access with one of the decorators below; a view without one is refused, and a test walks the URL
map to find it first. The check runs before the view, for every request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.accounts import statements
from core.accounts.actors import Actor
from core.accounts.models import Account, SignIn
from core.accounts.permissions import Permission, Role
from core.audit.service import record
from core.clock import clock, to_milliseconds
from core.database import db
from core.errors import Forbidden, NotFound, SignedOut
from core.i18n import _, lazy

log = structlog.get_logger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
PUBLIC_ENDPOINTS = frozenset({"static", "bootstrap.static"})
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Access:
    """What a view asks for: everybody, any account, an account with a permission, or a candidate.

    ``by_statement`` (hot path): only the signed cookie is read here; the view's own guarded statement proves that the
    sign-in is still valid. ``shortcut`` (pages that poll): asked first with the cookie's sign-in; what it says yes to
    needs no more checking, and for all else the ordinary check follows.
    """

    public: bool = False
    candidates: bool = False
    permissions: frozenset[Permission] = frozenset()
    by_statement: bool = False
    shortcut: Callable[[str], bool] | None = None


def public(view: View) -> View:
    """Everybody may call it."""
    view.access = Access(public=True)  # type: ignore[attr-defined]
    return view


def accounts_only(view: View) -> View:
    """Any signed-in account may call it, whatever its roles."""
    view.access = Access()  # type: ignore[attr-defined]
    return view


def requires(*permissions: Permission, shortcut: Callable[[str], bool] | None = None) -> Callable[[View], View]:
    """Accounts that hold one of the permissions may call it. ``shortcut``: a cheaper proof, see ``Access``."""

    def state(view: View) -> View:
        view.access = Access(permissions=frozenset(permissions), shortcut=shortcut)  # type: ignore[attr-defined]
        return view

    return state


def candidates_only(view: View) -> View:
    """Signed-in candidates may call it."""
    view.access = Access(candidates=True)  # type: ignore[attr-defined]
    return view


def candidates_by_statement(view: View) -> View:
    """Candidates may call it; no query is made here: the view's statement checks the sign-in itself."""
    view.access = Access(candidates=True, by_statement=True)  # type: ignore[attr-defined]
    return view


def writes(view: View) -> View:
    """Let a view that answers GET write (record that personal data were read, say)."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def takes_files(view: View) -> View:
    """Let a view receive a file as large as any that is read (``core.bounded``), not only what a form may send."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


class Principal(UserMixin):  # type: ignore[misc]
    """Flask-Login's user: a sign-in row with the actor behind it and the name to show."""

    def __init__(self, sign_in: SignIn, actor: Actor, name: str, must_change_password: bool) -> None:
        self.id = sign_in.id
        self.actor = actor
        self.name = name
        self.must_change_password = must_change_password


@dataclass(frozen=True)
class CookieIdentity:
    """What the signed cookie says, unchecked against the database: for guarded statements only."""

    sign_in: str
    candidate_id: int


def current_actor() -> Actor:
    """The signed-in actor of this request. Raises ``SignedOut`` for nobody."""
    if not current_user.is_authenticated:
        raise SignedOut(_("您尚未登录或登录已失效，请重新登录。"))
    actor: Actor = current_user.actor
    return actor


def who_asks() -> str:
    """Whom this request was found to come from, for the log; empty where nobody has asked yet. Never asks the database."""
    known = g.get("_login_user")
    if isinstance(known, Principal):
        return f"{known.actor.kind} {known.actor.id}"
    candidate = session.get("candidate")
    return f"candidate {candidate}, unchecked" if candidate else ""


def cookie_identity() -> CookieIdentity:
    """Who the cookie says the candidate is. Raises ``SignedOut`` when it names none."""
    sign_in, candidate = session.get("_user_id"), session.get("candidate")
    if not isinstance(sign_in, str) or not isinstance(candidate, int):
        raise SignedOut(_("您尚未登录或登录已失效，请重新登录；已作答的内容都已保存。"))
    return CookieIdentity(sign_in, candidate)


def remember(sign_in: SignIn, name: str) -> None:
    """Put a fresh sign-in into the cookie, dropping whatever the cookie held before."""
    session.clear()
    if sign_in.subject_kind == "candidate":
        session["candidate"] = sign_in.subject_id
    login_user(Principal(sign_in, Actor(sign_in.subject_kind, sign_in.subject_id), name, False))  # type: ignore[arg-type]


def candidate_asks() -> bool:
    """Whether the cookie names a candidate, signed in still or not."""
    return "candidate" in session


def candidates_frame() -> dict[str, bool]:
    """For templates of pages that candidates open before they sign in: errors there are theirs too, unless staff ask."""
    return {"for_candidate": candidate_asks() or "_user_id" not in session}


def forget() -> None:
    """Empty the cookie."""
    logout_user()
    session.clear()


def set_up(app: Flask) -> None:
    """Attach Flask-Login and the access check."""
    manager = LoginManager()
    # Templates get a proxy that asks when it is asked: a page that reports that the database is away must not ask it.
    manager.init_app(app, add_context_processor=False)
    # The session row is what binds; Flask-Login's own fingerprint would sign out a candidate whose address changes.
    manager.session_protection = None
    manager.user_loader(_load)
    app.before_request(_check)


def _load(sign_in_id: str) -> Principal | None:
    row = db.session.get(SignIn, sign_in_id)
    if row is None or row.ended_at is not None:
        return None
    if row.subject_kind == "candidate":
        return Principal(row, Actor("candidate", row.subject_id, sign_in=row.id), "", False)
    account = db.session.scalar(select(Account).where(Account.id == row.subject_id))
    if account is None or not account.active or clock.now() - row.last_seen_at > idle_after():
        return None
    note_presence(row.id, row.last_seen_at)
    roles = frozenset(Role(held.role) for held in account.roles)
    return Principal(
        row, Actor("account", account.id, roles, sign_in=row.id), account.name, account.must_change_password
    )


def idle_after() -> timedelta:
    """For how long after its last sign of life a session of the staff goes on."""
    return timedelta(minutes=current_app.extensions["settings"].idle_minutes)


def note_presence(sign_in: str, last_seen_at: datetime) -> None:
    """Let this request be the session's next sign of life, if the last one was a minute ago."""
    if clock.now() - last_seen_at > SEEN_EVERY:
        g.seen = sign_in


def note_last_seen(response: Response) -> Response:
    """Move a staff session's last sign of life, at most once a minute, after the request's own transaction."""
    seen = g.pop("seen", None)
    if seen:
        try:
            statements.seen(sign_in=seen, now=to_milliseconds(clock.now()))
        except Exception:
            # What was asked for is done and answered; the next request tries again.
            log.exception("a sign of life could not be written")
    return response


def _check() -> Response | None:
    if request.endpoint is None or request.endpoint in PUBLIC_ENDPOINTS:
        return None
    view = current_app.view_functions[request.endpoint]
    access: Access | None = getattr(view, "access", None)
    if access is None:
        raise NotFound(_("没有这个页面。请检查网址，或返回首页。"))
    if access.public:
        return None
    if access.by_statement:
        cookie_identity()
        return None
    if access.shortcut and access.shortcut(str(session.get("_user_id", ""))):
        return None
    if not current_user.is_authenticated:
        return _send_to_sign_in(access)
    actor = current_actor()
    if access.candidates != (actor.kind == "candidate"):
        raise _refusal(actor)
    if access.candidates:
        return None
    if access.permissions and not access.permissions & actor.permissions:
        raise _refusal(actor)
    if current_user.must_change_password and not getattr(view, "before_password_change", False):
        return redirect(url_for("accounts.change_password"))
    return None


def _send_to_sign_in(access: Access) -> Response:
    if request.path.startswith("/api/") or request.method not in ("GET", "HEAD"):
        raise SignedOut(_("您尚未登录或登录已失效，本次操作未执行。请重新登录后再试。"))
    if access.candidates:
        return redirect(url_for("admission.sign_in"))
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))


def _refusal(actor: Actor) -> Forbidden:
    endpoint = request.endpoint
    sentence = lazy("您没有进行此项操作的权限，操作未执行并已记录。如确需办理，请联系安全管理员。")
    if actor.kind == "candidate":
        sentence = lazy("这个页面供工作人员使用，没有打开，已记录。请回到自己的考试；作答不受影响。")
    return Forbidden(
        str(sentence),
        afterwards=lambda own: record(own, actor, clock, "access_refused", "endpoint", endpoint),
    )
