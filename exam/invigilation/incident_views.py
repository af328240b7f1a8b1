"""The incidents of a post: recorded by one person, signed by another, read together where they were recorded together."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.web.access import current_actor
from core.web.paging import PER_PAGE, paginate, requested_page
from exam.invigilation import queries, service
from exam.invigilation.blueprint import Page, at_post, form_page, post_here, refuse_archived, refused, watchers
from exam.invigilation.forms import IncidentForm
from exam.invigilation.queries import Post
from exam.invigilation.words import ALL_KINDS


@at_post("/incidents")
@watchers
def incidents(room_id: int | None, session_id: int | None) -> str:
    """Every incident of the post, or those that await a signature; what was recorded together is one line."""
    return _incidents_page(post_here(room_id, session_id))


def _incidents_page(post: Post, problem: DomainError | None = None) -> str:
    waiting = request.args.get("show") == "waiting"
    page = queries.recorded_together(db.session, post, requested_page(), PER_PAGE, waiting=waiting)
    other = queries.count_together(db.session, post, waiting=not waiting)
    return render_template(
        "exam/invigilation/incidents.html",
        post=post,
        page=page,
        counts={waiting: page.total, not waiting: other},
        incidents=page.rows,
        kinds=ALL_KINDS,
        me=current_actor().account_id,
        problem=problem,
    )


@at_post("/incidents/new", methods=["GET", "POST"])
@watchers
def new_incident(room_id: int | None, session_id: int | None) -> Response | Page:
    """Record what happened in the room, or to one candidate."""
    post = post_here(room_id, session_id)
    about = request.values.get("sitting", "")
    pair = None
    if about.isascii() and about.isdigit() and len(about) < 16:
        pair = queries.sitting_at(db.session, post, int(about))
    form = IncidentForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            refuse_archived(post)
            service.record_incident(
                db.session,
                current_actor(),
                clock,
                post,
                kind=form.kind.data,
                facts=form.facts.data,
                sitting=pair[0] if pair else None,
                once=form.once.data,
            )
        except (BadInput, Conflict) as found:
            problem = refused(found)
            form.begin_anew()
        else:
            flash(_("已记录。请另一名监考员或考务管理员用本人账号登录后签字。"))
            return redirect(url_for("invigilation.room", **post.place))
    post = post_here(room_id, session_id)
    pair = queries.sitting_at(db.session, post, pair[0].id) if pair and not problem else pair
    return form_page("incident.html", form, problem, post=post, pair=pair)


@at_post("/incidents/<int:incident_id>")
@watchers
def incident(room_id: int | None, session_id: int | None, incident_id: int) -> str:
    """One incident with everybody for whom it was recorded at the same moment in the same words."""
    post = post_here(room_id, session_id)
    row = queries.incident_at(db.session, post, incident_id)
    page = paginate(db.session, queries.together_with(post, row), requested_page())
    told = queries.told_of(db.session, page.rows)
    return render_template(
        "exam/invigilation/incident_shown.html",
        post=post,
        page=page,
        told=told,
        kinds=ALL_KINDS,
        me=current_actor().account_id,
    )


@at_post("/incidents/<int:incident_id>/sign", methods=["POST"])
@watchers
def sign(room_id: int | None, session_id: int | None, incident_id: int) -> Response | Page:
    """Sign an incident as the second person, or (``together``) all of the post that were recorded together with it."""
    post = post_here(room_id, session_id)
    row = queries.incident_at(db.session, post, incident_id)
    try:
        refuse_archived(post)
        own = [row] if "together" not in request.args else queries.all_together_with(db.session, post, row)
        count = service.sign_incidents(db.session, current_actor(), clock, own)
    except Conflict as found:
        problem = refused(found)
        return _incidents_page(post_here(room_id, session_id), problem), problem.status
    flash(_("已签字。") if count == 1 else _("已为 %(count)s 条情况签字。", count=count))
    return redirect(url_for("invigilation.room", **post.place))
