"""My rooms, and a room as a seating plan that keeps itself up to date."""

from typing import Any

from flask import Response, jsonify, render_template, request

from core.clock import clock, iso
from core.database import db
from core.i18n import short_language
from core.web.access import current_actor
from core.web.paging import Page as Paged
from core.web.paging import paginate, requested_page
from exam.invigilation import queries
from exam.invigilation.blueprint import at_post, blueprint, post_here, watchers
from exam.invigilation.board import cards, figures
from exam.invigilation.pulse import pulse
from exam.invigilation.queries import Post
from exam.invigilation.words import ALL_KINDS
from exam.schedule.rules import phase
from exam.schedule.words import PHASES

CARDS = 120  # a page of cards: a whole room
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
    page = _page(post)
    etag = _etag(post, page.page)
    document = _document(post, page)
    now = clock.now()
    own = post.session
    return render_template(
        "exam/invigilation/room.html",
        post=post,
        page=page,
        board=document,
        etag=etag,
        server_time=iso(now),
        phase=PHASES[phase(own.admission_opens_at, own.starts_at, own.ends_at, now).value],
        incidents=queries.incidents_at(db.session, post, INCIDENTS),
        incident_count=queries.incident_count(db.session, post),
        kinds=ALL_KINDS,
        me=current_actor().account_id,
        search=_search(),
    )


@at_post("/state")
@watchers
def state(room_id: int | None, session_id: int | None) -> Response:
    """What the page polls: cards, figures and incidents, 304 while nothing has changed."""
    post = post_here(room_id, session_id)
    # Taken before the document is read: what comes in between is told again by the next poll, never missed.
    etag = _etag(post, requested_page())
    response = Response(status=304)
    if not request.if_none_match.contains_weak(etag):
        response = jsonify({**_document(post, _page(post)), "server_time": iso(clock.now())})
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _etag(post: Post, page: int) -> str:
    cards_shown = (_search(), (max(1, page) - 1) * CARDS, CARDS)
    return pulse(db.session, post, clock.now(), cards_shown, (current_actor().account_id, short_language()))


def _document(post: Post, page: Paged[Any]) -> dict[str, Any]:
    incidents = render_template(
        "exam/invigilation/_incidents.html",
        post=post,
        incidents=queries.incidents_at(db.session, post, INCIDENTS),
        incident_count=queries.incident_count(db.session, post),
        kinds=ALL_KINDS,
        me=current_actor().account_id,
    )
    return {
        "cards": cards(db.session, clock, post, page.rows),
        "figures": figures(db.session, clock, post),
        "incidents_html": incidents,
    }


def _page(post: Post) -> Paged[Any]:
    return paginate(db.session, queries.seated_statement(post, _search()), requested_page(), CARDS)


def _search() -> str:
    return request.args.get("q", "").strip()[:64]
