"""The organizer's page of Safe Exam Browser, its configuration file, and what a refused candidate is shown."""

import hmac
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WebResponse

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError, Forbidden, NotFound
from core.i18n import _
from core.web.access import current_actor, public, requires
from core.web.application import answer_domain_error, public_origin
from exam.safe_browser import gate, queries, service
from exam.safe_browser.forms import SafeBrowserForm
from exam.safe_browser.models import SafeBrowser
from exam.safe_browser.service import Wish
from exam.schedule import queries as schedule
from exam.schedule.blueprint import Page, form_page, refused
from exam.schedule.service import refuse_archived

blueprint = Blueprint("safe_browser", __name__)
MIME = "application/seb"
NAME_LENGTH = 16  # digits of the key that make the file's address hard to guess


@blueprint.route("/exams/<int:exam_id>/sessions/<int:session_id>/safe-browser", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
def settings(exam_id: int, session_id: int) -> WebResponse | Page:
    """Ask for Safe Exam Browser in a session, and take its configuration file."""
    exam = schedule.exam_of(db.session, exam_id)
    row = schedule.session_of(db.session, exam_id, session_id)
    form = SafeBrowserForm.of(queries.safe_browser_of(db.session, session_id), public_origin())
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            refuse_archived(exam)
            service.change_demand(db.session, current_actor(), clock, row, _wish(form))
        except (BadInput, Conflict) as found:
            problem = form.show_fault(refused(found))
        else:
            flash(_("安全考试浏览器的要求已保存。改过配置的，请把新的配置文件重新装到考场电脑上。"))
            return redirect(url_for("safe_browser.settings", exam_id=exam_id, session_id=session_id))
    held = queries.safe_browser_of(db.session, session_id)
    return form_page(
        "exam/safe_browser/settings.html",
        form,
        problem,
        exam=schedule.exam_of(db.session, exam_id),
        row=schedule.session_of(db.session, exam_id, session_id),
        held=held,
        file_url=file_url(held) if held else "",
        admitting=clock.now() >= row.admission_opens_at if not problem else False,
        here=public_origin(),
    )


def _wish(form: SafeBrowserForm) -> Wish:
    return Wish(
        bool(form.required.data),
        (form.origin.data or "").rstrip("/"),
        form.password.data or "",
        form.keys.data or "",
        url_for("admission.sign_in"),
        url_for("safe_browser.leave"),
    )


def file_url(row: SafeBrowser) -> str:
    """Where the configuration file is: an address that nobody guesses, for who holds a ticket code of the session."""
    return url_for("safe_browser.file", session_id=row.session_id, name=row.config_key[:NAME_LENGTH])


@blueprint.get("/safe-browser/<int:session_id>/<name>.seb")
@public
def file(session_id: int, name: str) -> Response:
    """The .seb file of a session."""
    row = queries.safe_browser_of(db.session, session_id)
    if row is None or not row.required or not hmac.compare_digest(name.encode(), row.config_key[:NAME_LENGTH].encode()):
        raise NotFound(_("没有这个配置文件。它可能已更新，请从登录页或考务人员处重新取得。"))
    headers = {"Content-Disposition": f'attachment; filename="hengjian-{session_id}.seb"', "Cache-Control": "no-store"}
    return Response(row.configuration, mimetype=MIME, headers=headers)


@blueprint.get("/safe-browser/leave")
@public
def leave() -> str:
    """Safe Exam Browser quits when it is led here; any other browser is told so."""
    return render_template("exam/safe_browser/leave.html")


def show_refusal(problem: Forbidden) -> tuple[Any, int]:
    """For candidates' pages: why they were refused and where the configuration is. Other refusals as everywhere."""
    if problem.code != gate.CODE:
        return answer_domain_error(problem)
    row = queries.safe_browser_of(db.session, problem.details["exam_session"])
    url = file_url(row) if row else ""
    scheme = "sebs" if request.is_secure else "seb"
    page = render_template(
        "exam/safe_browser/refused.html",
        message=str(problem.message),
        file_url=url,
        open_url=f"{scheme}://{(row.origin if row else '').partition('://')[2]}{url}",
    )
    return page, problem.status
