"""Exempting one candidate from Safe Exam Browser at the invigilator's desk."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.web.access import current_actor
from exam.invigilation.blueprint import Page, form_page, post_here, refuse_archived, refused, watchers
from exam.invigilation.forms import ExemptionForm
from exam.invigilation.queries import sitting_at
from exam.safe_browser import queries, service

blueprint = Blueprint("safe_browser_room", __name__, url_prefix="/invigilation")
TAIL = "/sittings/<int:sitting_id>/safe-browser"


@blueprint.route(f"/rooms/<int:room_id>{TAIL}", methods=["GET", "POST"])
@blueprint.route(f"/sessions/<int:session_id>{TAIL}", methods=["GET", "POST"])
@watchers
def exempt(sitting_id: int, room_id: int | None = None, session_id: int | None = None) -> Response | Page:
    """Let one candidate go on in any browser, with a reason, or no more."""
    post = post_here(room_id, session_id)
    row, candidate = sitting_at(db.session, post, sitting_id)
    form = ExemptionForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        # What the page offered, not the other way round of what a colleague did meanwhile.
        grant = bool(request.form.get("granted"))
        try:
            refuse_archived(post)
            service.exempt(
                db.session,
                current_actor(),
                clock,
                row.id,
                form.reason.data,
                granted=grant,
                once=form.once.data,
            )
        except (BadInput, Conflict) as found:
            problem = refused(found)
            form.begin_anew()
        else:
            flash(
                _("已豁免，考生现在可以用其他浏览器登录并继续。")
                if grant
                else _("已取消豁免，考生须用安全考试浏览器继续。")
            )
            return redirect(url_for("invigilation.sitting", sitting_id=sitting_id, **post.place))
    post = post_here(room_id, session_id)
    row, candidate = sitting_at(db.session, post, sitting_id)
    told = {"post": post, "sitting": row, "candidate": candidate, "exempted": _exempted(sitting_id)}
    return form_page("safe_browser.html", form, problem, **told)


def _exempted(sitting_id: int) -> bool:
    entries = queries.exemptions_of(db.session, sitting_id)
    return bool(entries and entries[0].granted)
