"""The blueprint of the invigilator's desk, and what its pages share."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, g, render_template, request

from core.accounts.permissions import Permission
from core.clock import clock, from_milliseconds, to_milliseconds
from core.database import db, rollback
from core.errors import Conflict, DomainError
from core.i18n import _
from core.web.access import current_actor, idle_after, note_presence, requires
from exam.invigilation import statements
from exam.invigilation.queries import Post, post_of
from exam.invigilation.statements import Watch

blueprint = Blueprint("invigilation", __name__, url_prefix="/invigilation")
Page = str | tuple[str, int]
View = TypeVar("View", bound=Callable[..., Any])


def _at_a_glance(sign_in: str) -> bool:
    """One statement proves that this sign-in may watch the post of the address now; it stays in ``g`` for the view."""
    place = request.view_args or {}
    seen_after = to_milliseconds(clock.now() - idle_after())
    watch = statements.may_watch(
        sign_in=sign_in, room=place["room_id"], session=place["session_id"], seen_after=seen_after
    )
    if watch is None:
        return False
    g.watch = watch
    note_presence(sign_in, from_milliseconds(watch.seen_at))
    return True


watchers = requires(Permission.INVIGILATE, Permission.MANAGE_EXAMS)
watchers_at_a_glance = requires(Permission.INVIGILATE, Permission.MANAGE_EXAMS, shortcut=_at_a_glance)


def at_post(tail: str, **options: Any) -> Callable[[View], View]:
    """Route a view under a room and under a whole session alike; the latter is open to organizers alone."""

    def route(view: View) -> View:
        for kind, name in (("rooms", "room_id"), ("sessions", "session_id")):
            other = "session_id" if name == "room_id" else "room_id"
            blueprint.add_url_rule(
                f"/{kind}/<int:{name}>{tail}", view_func=view, endpoint=view.__name__, defaults={other: None}, **options
            )
        return view

    return route


def post_here(room_id: int | None, session_id: int | None) -> Post:
    """The post of this address, if it is the actor's."""
    return post_of(db.session, current_actor(), room_id, session_id)


def watch_here(room_id: int | None, session_id: int | None) -> Watch:
    """The post of this address, proven at a glance or, failing that, by the whole way."""
    proven: Watch | None = g.pop("watch", None)
    return proven or post_here(room_id, session_id).watch(current_actor().account_id)


def refuse_archived(post: Post) -> None:
    """Raise ``Conflict`` where nothing may be changed any more."""
    if post.exam.state == "archived":
        raise Conflict(_("这场考试已归档，不能再作任何处理，未作更改。"))


def refused(problem: DomainError) -> DomainError:
    """Take back what a refused act had begun; objects must be read anew."""
    rollback(db.session)
    return problem


def form_page(template: str, form: Any, problem: DomainError | None = None, **values: Any) -> Page:
    """A page with a form: 200 when opened, 422 when the form has errors, the refusal's own status otherwise."""
    status = problem.status if problem else 422 if form.is_submitted() else 200
    return render_template(f"exam/invigilation/{template}", form=form, problem=problem, **values), status
