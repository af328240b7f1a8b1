"""Checking, signing and announcing a result; recording a recusal."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect
from wtforms.fields.choices import SelectChoice

from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict
from core.i18n import _
from core.web.access import accounts_only, current_actor
from grading.interview import recusals
from grading.interview.access import panel_as, panel_to_watch
from grading.interview.blueprint import blueprint
from grading.interview.chain import EXAMINERS, STAFF
from grading.interview.forms import RecusalForm
from grading.interview.live import live_page
from grading.interview.models import Panel, PanelMember
from grading.interview.queries import turn_of, turns_of
from grading.interview.room_state import examiner_choices, signing
from grading.interview.signing import sign, signing_position

Page = Redirect | Response | str | tuple[str, int]


@blueprint.get("/panels/<int:panel_id>/turns/<int:turn_id>")
@accounts_only
def turn_page(panel_id: int, turn_id: int) -> Response:
    """The sheets and the result of one turn, for those who check and sign; not for examiners."""
    panel, member = panel_as(db.session, current_actor(), panel_id, *STAFF, "supervisor")
    turn = turn_of(db.session, panel_id, turn_id)

    def context() -> dict[str, Any]:
        return {"panel": panel, "signing": signing(db.session, panel, turn), "position": member.position}

    key = (panel.revision, panel.state, turn_id, member.position)
    return live_page("grading/interview/turn.html", "grading/interview/_turn.html", key, context)


@blueprint.get("/panels/<int:panel_id>/turns/<int:turn_id>/announcement")
@accounts_only
def announcement(panel_id: int, turn_id: int) -> str:
    """The sentence that the chief reads, and the arithmetic under it; once the three before have signed."""
    panel, member = panel_as(db.session, current_actor(), panel_id, *EXAMINERS, *STAFF, "supervisor")
    turn = turn_of(db.session, panel_id, turn_id)
    position = signing_position(db.session, turn, member)
    found = signing(db.session, panel, turn)
    if found.result is None or found.due not in (None, "chief", "supervisor"):
        raise Conflict(
            _(
                "第 %(number)s 号考生的成绩还在核对，不能宣布。请等计时员、计分员、复核员依次签字。",
                number=turn.draw_number,
            )
        )
    return render_template("grading/interview/announcement.html", panel=panel, signing=found, position=position)


@blueprint.post("/panels/<int:panel_id>/turns/<int:turn_id>/signature")
@accounts_only
def add_signature(panel_id: int, turn_id: int) -> Redirect:
    """Sign the result whose version the page showed."""
    panel, member = panel_as(db.session, current_actor(), panel_id, *STAFF, *EXAMINERS, "supervisor")
    signing_position(db.session, turn_of(db.session, panel_id, turn_id), member)
    sign(db.session, current_actor(), clock, panel_id, turn_id, member, _version())
    return redirect(_after_signing(panel, member, turn_id), code=303)


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise BadInput(_("没有说明签的是哪一次计算的成绩，未签字。请刷新页面后重试。"))
    return int(text)


def _after_signing(panel: Panel, member: PanelMember, turn_id: int) -> str:
    if member.position in EXAMINERS:
        return url_for("interviews.score", panel_id=panel.id)
    if member.position == "supervisor":
        flash(_("已确认，成绩有效。"), "success")
        return url_for("interviews.room_page", panel_id=panel.id)
    return url_for("interviews.turn_page", panel_id=panel.id, turn_id=turn_id)


@blueprint.route("/panels/<int:panel_id>/recusals", methods=["GET", "POST"])
@accounts_only
def recusal(panel_id: int) -> Page:
    """Record that an examiner does not score some candidates; by the organizer or the supervisor."""
    panel, member = panel_to_watch(db.session, current_actor(), panel_id, "supervisor")
    form = RecusalForm()
    turns = turns_of(db.session, panel_id)
    form.member.choices = [SelectChoice("", _("— 请选择 —"))] + [
        SelectChoice(str(member_id), label) for member_id, label in examiner_choices(db.session, panel_id)
    ]
    form.turns.choices = [
        SelectChoice(str(turn.id), _("第 %(number)s 号", number=turn.draw_number))
        for turn in turns
        if turn.state != "stopped"
    ]
    back = url_for("interviews.room_page", panel_id=panel_id)
    if member is None and panel.state == "preparing":
        back = url_for("interviews.panel_page", panel_id=panel_id)
    status = 422 if form.is_submitted() else 200
    if not form.is_submitted():
        form.turns.data = request.args.getlist("turn")
    elif form.validate():
        try:
            chosen = [int(one) for one in form.turns.data or []]
            stopped = recusals.recuse(
                db.session, current_actor(), clock, panel_id, int(form.member.data), chosen, form.reason.data
            )
        except (BadInput, Conflict) as problem:
            db.session.rollback()
            form.form_errors.append(str(problem.message))
            status = problem.status
        else:
            for turn in stopped:
                flash(
                    _(
                        "第 %(number)s 号考生：%(why)s",
                        number=turn.draw_number,
                        why=turn_of(db.session, panel_id, turn.id).reason,
                    ),
                    "warning",
                )
            if not stopped:
                flash(_("回避已记录；涉及的成绩已按其余考官重新计算，签字重新开始。"), "success")
            return redirect(back, code=303)
    page = render_template(
        "grading/interview/recusal.html", form=form, panel_id=panel_id, panel_name=panel.name, back=back
    )
    return page, status
