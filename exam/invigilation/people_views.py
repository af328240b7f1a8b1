"""Who of a post stands how: found by state among thousands, as it was when the page was asked for."""

from flask import render_template, request

from core.clock import clock
from core.database import db
from core.web.paging import Page, requested_page
from exam.invigilation import queries
from exam.invigilation.blueprint import at_post, post_here, watchers
from exam.invigilation.board import cards
from exam.invigilation.live import CARDS
from exam.invigilation.queries import Attended, Post
from exam.invigilation.rules import GROUPS
from exam.invigilation.words import GROUP_WORDS


@at_post("/people")
@watchers
def people(room_id: int | None, session_id: int | None) -> str:
    """The people of the post by how they stand (``state``), to be acted upon together."""
    post = post_here(room_id, session_id)
    everybody = _found(post)
    state = request.args.get("state", "")
    chosen = [one for one in everybody if state not in GROUPS or one.seat in GROUPS[state]]
    page = _page(chosen)
    return render_template(
        "exam/invigilation/people.html",
        post=post,
        page=page,
        cards=cards(clock, post, [one.sitting for one in page.rows]),
        at=clock.now(),
        groups=[(name, word, sum(one.seat in GROUPS[name] for one in everybody)) for name, word in GROUP_WORDS.items()],
        count=len(everybody),
        filtered=bool(state or request.args.get("q")),
    )


def _found(post: Post) -> list[Attended]:
    word = request.args.get("q", "").strip()[:64].lower()
    people = queries.attendance(db.session, post, clock.now())
    if not word:
        return people
    return [
        one for one in people if word in one.candidate.name.lower() or word in one.candidate.admission_number.lower()
    ]


def _page(chosen: list[Attended]) -> Page[Attended]:
    pages = max(1, -(-len(chosen) // CARDS))
    page = min(requested_page(), pages)
    return Page(chosen[(page - 1) * CARDS : page * CARDS], page, pages, len(chosen), CARDS)
