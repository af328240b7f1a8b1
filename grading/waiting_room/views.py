"""The waiting room (候考室): who drew which number. For who organises the exam; members of panels never come here.

It stands apart from the panels' own pages because it shows names: those know candidates by their draw numbers alone.
"""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.accounts.queries import account
from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError
from core.i18n import _
from core.web.access import current_actor, requires, writes
from exam.identities import Identity, identities_of_exam
from grading.interview import readiness, service
from grading.interview.access import panel_for_organizer
from grading.interview.chain import EXAMINERS, seat_name
from grading.interview.models import InterviewTurn, Panel
from grading.interview.queries import members_of, recusals_of, turns_of
from grading.interview.room_state import people
from grading.interview.words import TURN_STATES
from grading.waiting_room.forms import DrawForm

blueprint = Blueprint("waiting_room", __name__, url_prefix="/interviews")
Page = Response | str | tuple[str, int]
HIGHEST = 9999


@dataclass(frozen=True)
class Expected:
    """A candidate of the panel, with the draw number and the examiners who do not score."""

    who: Identity
    turn: InterviewTurn | None
    recused: tuple[str, ...]


@blueprint.route("/panels/<int:panel_id>/draw", methods=["GET", "POST"])
@requires(Permission.MANAGE_EXAMS)
@writes
def draw(panel_id: int) -> Page:
    """Draw by seed, or enter the numbers of the lots; afterwards the list by which candidates are called."""
    panel = panel_for_organizer(db.session, current_actor(), panel_id)
    form = DrawForm()
    if form.validate_on_submit():
        try:
            _draw(panel, form.reason.data or "")
        except (BadInput, Conflict) as problem:
            db.session.rollback()
            return _page(panel_id, form, problem)
        flash(_("抽签结果已保存。"), "success")
        return redirect(url_for("waiting_room.draw", panel_id=panel_id), code=303)
    return _page(panel_id, form, None)


def _draw(panel: Panel, reason: str) -> None:
    actor = current_actor()
    if request.form.get("method") == "hand":
        service.draw_by_hand(db.session, actor, clock, panel.id, _numbers(), reason)
    else:
        service.draw_by_seed(db.session, actor, clock, panel.id, request.form.getlist("drawn"), reason)


def _numbers() -> dict[str, int]:
    numbers = {}
    for name, text in request.form.items():
        if not name.startswith("number-") or not text.strip():
            continue
        plain = text.strip()
        if not (plain.isdecimal() and 1 <= int(plain[:5]) <= HIGHEST and len(plain) < 5):
            raise BadInput(
                _("抽签号“%(text)s”不是 1 至 %(most)s 的整数，抽签结果未保存。请改正。", text=plain[:20], most=HIGHEST)
            )
        numbers[name.removeprefix("number-")] = int(plain)
    return numbers


def _page(panel_id: int, form: DrawForm, problem: DomainError | None) -> Page:
    panel = panel_for_organizer(db.session, current_actor(), panel_id)
    expected = _expected(panel)
    page = render_template(
        "grading/waiting_room/draw.html",
        panel=panel,
        form=form,
        problem=str(problem.message) if problem else "",
        typed=request.form if problem else None,
        expected=expected,
        drawn=any(one.turn for one in expected),
        draws=readiness.draws_of(db.session, panel_id),
        turn_states=TURN_STATES,
        employers=_employers(panel, expected),
    )
    return page, problem.status if problem else 200


def _expected(panel: Panel) -> list[Expected]:
    """This panel's candidates by draw number, then those whom it may still draw, by admission number."""
    turns = {turn.blind_number: turn for turn in turns_of(db.session, panel.id)}
    seats = {member.id: seat_name(member.seat) for member in members_of(db.session, panel.id)}
    gone: dict[str, list[str]] = {}
    for recusal in recusals_of(db.session, panel.id):
        gone.setdefault(recusal.blind_number, []).append(seats[recusal.member_id])
    may_draw = readiness.pool(db.session, panel) if panel.state == "preparing" else set()
    everybody = identities_of_exam(db.session, current_actor(), clock, panel.exam_id, "interview draw list")
    found = [
        Expected(one, turns.get(one.blind_number), tuple(gone.get(one.blind_number, ())))
        for one in everybody
        if one.blind_number in turns or one.blind_number in may_draw
    ]
    return sorted(found, key=lambda one: (one.turn is None, one.turn.draw_number if one.turn else 0))


def _employers(panel: Panel, expected: list[Expected]) -> list[str]:
    """Sentences about candidates who come from an examiner's own unit and for whom no recusal is recorded."""
    found = []
    for person in people(db.session, panel.id):
        if person.member.position not in EXAMINERS:
            continue
        unit = account(db.session, person.member.account_id).unit.strip()
        seat = seat_name(person.member.seat)
        same = [one for one in expected if unit and one.who.unit.strip() == unit and seat not in one.recused]
        if same:
            names = "、".join(one.who.name for one in same[:5])
            found.append(_("%(seat)s 与 %(names)s 同在%(unit)s", seat=seat, names=names, unit=unit))
    return found
