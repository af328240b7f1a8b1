"""The first page after signing in, and the page that tells a monitor the server is well."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import database
from core.accounts.actors import Actor
from core.accounts.permissions import ROLE_NAMES
from core.database import db
from core.web.access import current_actor, public

blueprint = Blueprint("home", __name__)


@dataclass(frozen=True)
class Task:
    """Something that waits for this person: what, how many, where to do it."""

    label: str
    count: int
    url: str


TaskFinder = Callable[[Session, Actor], list[Task]]


def task_finders() -> list[TaskFinder]:
    """What each package contributes to the first page; filled by the composition root."""
    finders: list[TaskFinder] = current_app.extensions.setdefault("task_finders", [])
    return finders


@blueprint.get("/")
@public
def index() -> Response | str:
    """What waits for the signed-in person; everybody else chooses a door."""
    if not current_user.is_authenticated:
        return render_template("core/doors.html")
    actor = current_actor()
    if actor.kind == "candidate":
        return redirect(url_for("admission.my_exams"))
    if current_user.must_change_password:
        return redirect(url_for("accounts.change_password"))
    tasks = [task for find in task_finders() for task in find(db.session, actor)]
    roles = [ROLE_NAMES[role] for role in sorted(actor.roles)]
    return render_template("core/home.html", tasks=tasks, roles=roles)


@blueprint.get("/health")
@public
def health() -> dict[str, Any]:
    """200 when web server and database answer."""
    return {"database": database.is_reachable()}
