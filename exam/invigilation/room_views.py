"""My rooms, and a room as a seating plan that keeps itself up to date."""

import json
from datetime import datetime

from flask import Response, render_template, request

from core.clock import clock, iso
from core.database import db
from core.web.access import current_actor
from core.web.paging import paginate, requested_page
from exam.invigilation import queries
from exam.invigilation.blueprint import at_post, blueprint, post_here, watch_here, watchers, watchers_at_a_glance
from exam.invigilation.live import CARDS, Live, Shown, halls
from exam.invigilation.queries import Post
from exam.invigilation.statements import Watch
from exam.invigilation.words import ALL_KINDS
from exam.schedule.rules import phase
from exam.schedule.words import PHASES

INCIDENTS = 20  # shown above the cards


@blueprint.get("")
@watchers
def index() -> str:
    """The rooms to watch today; organizers see all."""
    actor = current_actor()
    all_days = request.args.get("days") == "all"
    now = clock.now()
    rows = queries.posts_for(db.session, actor, now, all_days=all_days)
    unsigned = dict(queries.unsigned_for(db.session, actor, now))
    return render_template(
        "exam/invigilation/index.html",
        rows=rows,
        unsigned=unsigned,
        all_days=all_days,
        sees_all=queries.may_watch_all(actor),
        phase_of=lambda one: PHASES[phase(one.admission_opens_at, one.starts_at, one.ends_at, now).value],
    )


@at_post("")
@watchers
def room(room_id: int | None, session_id: int | None) -> str:
    """Incidents first, then the seating plan."""
    post = post_here(room_id, session_id)
    now = clock.now()
    page = paginate(db.session, queries.seated_statement(post, _search()), requested_page(), CARDS)
    live = _live(post.watch(current_actor().account_id), now, page.page, anew=True)
    own = post.session
    return render_template(
        "exam/invigilation/room.html",
        post=post,
        page=page,
        board=json.loads(live.json + b"}"),
        etag=live.etag,
        server_time=iso(now),
        phase=PHASES[phase(own.admission_opens_at, own.starts_at, own.ends_at, now).value],
        search=_search(),
    )


@at_post("/state")
@watchers_at_a_glance
def state(room_id: int | None, session_id: int | None) -> Response:
    """What the page polls: cards, figures and incidents, 304 while nothing has changed."""
    now = clock.now()
    live = _live(watch_here(room_id, session_id), now, requested_page())
    if request.if_none_match.contains_weak(live.etag):
        response = Response(status=304)
    else:
        whole = live.json + f', "server_time": "{iso(now)}"}}\n'.encode()
        response = Response(whole, mimetype="application/json")
    response.set_etag(live.etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _live(watch: Watch, now: datetime, page: int, *, anew: bool = False) -> Live:
    def render(viewer: int) -> tuple[str, frozenset[int]]:
        return _incidents(queries.post_at(db.session, watch.room_id, watch.session_id), viewer)

    return halls().of(watch.session_id).live(watch, Shown(_search(), page), now, render, anew=anew)


def _incidents(post: Post, viewer: int) -> tuple[str, frozenset[int]]:
    told = queries.incidents_at(db.session, post, INCIDENTS)
    page = render_template(
        "exam/invigilation/_incidents.html",
        post=post,
        incidents=told,
        incident_count=queries.incident_count(db.session, post),
        kinds=ALL_KINDS,
        me=viewer,
    )
    return page, frozenset(one.incident.recorded_by for one in told if one.incident.recorded_by is not None)


def _search() -> str:
    return request.args.get("q", "").strip()[:64]
