"""The blueprint of an organizer's exam pages, and what they share."""

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for

from core.accounts.permissions import Permission
from core.database import db, rollback
from core.errors import DomainError
from core.i18n import _
from core.web.access import current_actor
from exam.schedule.timeline import exam_links

blueprint = Blueprint("exams", __name__, url_prefix="/exams")
Page = str | tuple[str, int]


def refused(problem: DomainError) -> DomainError:
    """Take back what a refused act had begun, so that the page can be shown again; objects must be read anew."""
    rollback(db.session)
    return problem


def form_page(template: str, form: Any, problem: DomainError | None = None, **values: Any) -> Page:
    """A page with a form: 200 when opened, 422 when the form has errors, the refusal's own status otherwise."""
    status = problem.status if problem else 422 if form.is_submitted() else 200
    return render_template(template, form=form, problem=problem, **values), status


@blueprint.app_template_global()
def exam_tabs(exam_id: int) -> list[dict[str, Any]]:
    """The parts of one exam as tabs; each package contributes its own."""
    actor = current_actor()
    entries: list[tuple[str, str]] = []
    if actor.may(Permission.MANAGE_EXAMS):
        entries += [
            (_("进程"), url_for("exams.show", exam_id=exam_id)),
            (_("场次与考场"), url_for("exams.sessions", exam_id=exam_id)),
            (_("考生名单"), url_for("exams.roster", exam_id=exam_id)),
            (_("准考证"), url_for("exams.tickets", exam_id=exam_id)),
        ]
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    entries += [entry for contribute in exam_links(app) for entry in contribute(exam_id, actor)]
    here = max((url for _label, url in entries if _within(request.path, url)), key=len, default="")
    return [{"label": label, "url": url, "active": url == here} for label, url in entries]


def _within(path: str, url: str) -> bool:
    return path == url or path.startswith(url + "/")
