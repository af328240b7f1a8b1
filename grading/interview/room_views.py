"""The interview room: its staff's page, the big screen, and the acts of timekeeper and score clerk."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict
from core.i18n import _
from core.web.access import accounts_only, current_actor
from grading.interview import room as service
from grading.interview.access import panel_as, panel_to_watch
from grading.interview.blueprint import blueprint
from grading.interview.chain import CALLERS, STAFF
from grading.interview.forms import ReasonForm
from grading.interview.live import live_page
from grading.interview.queries import turn_of
from grading.interview.room_state import room

Page = Redirect | str | tuple[str, int]


@blueprint.get("/panels/<int:panel_id>/room")
@accounts_only
def room_page(panel_id: int) -> Response:
    """Who is in, who has saved, what is next; for the room's staff, the supervisor, and who organises it."""
    panel, member = panel_to_watch(db.session, current_actor(), panel_id, *STAFF, "supervisor")
    position = member.position if member else "organizer"

    def context() -> dict[str, Any]:
        return {
            "panel": panel,
            "room": room(db.session, panel),
            "position": position,
            "may_call": position in CALLERS,
        }

    key = (panel.revision, panel.state, position)
    return live_page("grading/interview/room.html", "grading/interview/_room.html", key, context)


@blueprint.get("/panels/<int:panel_id>/screen")
@accounts_only
def screen(panel_id: int) -> Response:
    """The big screen: draw number and remaining time, nothing else."""
    panel, _member = panel_to_watch(db.session, current_actor(), panel_id, *STAFF, "supervisor", "chief", "examiner")

    def context() -> dict[str, Any]:
        return {"panel": panel, "room": room(db.session, panel)}

    key = (panel.revision, panel.state)
    return live_page("grading/interview/screen.html", "grading/interview/_screen.html", key, context)


@blueprint.post("/panels/<int:panel_id>/turns/<int:turn_id>/call")
@accounts_only
def call(panel_id: int, turn_id: int) -> Redirect:
    """Call the next candidate."""
    panel_as(db.session, current_actor(), panel_id, *CALLERS)
    turn = service.call_next(db.session, current_actor(), clock, panel_id, turn_id)
    flash(_("已叫第 %(number)s 号考生。", number=turn.draw_number), "success")
    return _back(panel_id)


@blueprint.post("/panels/<int:panel_id>/turns/<int:turn_id>/answering")
@accounts_only
def start_answering(panel_id: int, turn_id: int) -> Redirect:
    """请回答: the time runs."""
    panel_as(db.session, current_actor(), panel_id, "timekeeper")
    service.start_answering(db.session, current_actor(), clock, panel_id, turn_id)
    return _back(panel_id)


@blueprint.post("/panels/<int:panel_id>/turns/<int:turn_id>/answered")
@accounts_only
def finish_answering(panel_id: int, turn_id: int) -> Redirect:
    """The candidate has finished: the clock stops."""
    panel_as(db.session, current_actor(), panel_id, "timekeeper")
    service.finish_answering(db.session, current_actor(), clock, panel_id, turn_id)
    return _back(panel_id)


@blueprint.route("/panels/<int:panel_id>/turns/<int:turn_id>/restart", methods=["GET", "POST"])
@accounts_only
def restart_answering(panel_id: int, turn_id: int) -> Page:
    """Let the time run anew, with a reason."""
    panel_as(db.session, current_actor(), panel_id, "timekeeper")
    return _with_reason(
        panel_id,
        turn_id,
        service.restart_answering,
        title=_("重新计时"),
        effects=[_("答题时间从现在起重新计算。"), _("大屏幕和各考官屏幕上的剩余时间立即改变。")],
        action=_("重新计时"),
        help_text=_("例如：误触开始；考生未就座。"),
    )


@blueprint.route("/panels/<int:panel_id>/turns/<int:turn_id>/absence", methods=["GET", "POST"])
@accounts_only
def absence(panel_id: int, turn_id: int) -> Page:
    """Mark a candidate absent, with what happened."""
    panel_as(db.session, current_actor(), panel_id, *CALLERS)
    return _with_reason(
        panel_id,
        turn_id,
        service.mark_absent,
        title=_("登记缺考"),
        effects=[
            _("这名考生没有面试成绩，之后可以叫下一位。"),
            _("经批准准予补面的，可以撤销；是否按缺考处理由会议决定。"),
        ],
        action=_("登记缺考"),
        help_text=_("例如：点名三次未到；考生书面放弃。"),
    )


@blueprint.route("/panels/<int:panel_id>/turns/<int:turn_id>/reinstatement", methods=["GET", "POST"])
@accounts_only
def reinstatement(panel_id: int, turn_id: int) -> Page:
    """Withdraw an absence, with who allowed it."""
    panel_as(db.session, current_actor(), panel_id, *CALLERS)
    return _with_reason(
        panel_id,
        turn_id,
        service.reinstate,
        title=_("撤销缺考"),
        effects=[_("这名考生回到候考，仍用原来的抽签号。")],
        action=_("撤销缺考"),
        help_text=_("写明由谁批准、什么理由。"),
    )


def _with_reason(
    panel_id: int,
    turn_id: int,
    act: Callable[..., object],
    *,
    title: str,
    effects: list[str],
    action: str,
    help_text: str,
) -> Page:
    turn = turn_of(db.session, panel_id, turn_id)
    form = ReasonForm()
    status = 200
    if form.validate_on_submit():
        try:
            act(db.session, current_actor(), clock, panel_id, turn_id, form.reason.data)
        except (BadInput, Conflict) as problem:
            db.session.rollback()
            form.reason.errors = [str(problem.message)]
            status = problem.status
        else:
            return _back(panel_id)
    elif form.is_submitted():
        status = 422
    page = render_template(
        "grading/interview/reason.html",
        form=form,
        panel_id=panel_id,
        turn=turn,
        title=title,
        effects=effects,
        action=action,
        help_text=help_text,
        back=url_for("interviews.room_page", panel_id=panel_id),
    )
    return page, status


def _back(panel_id: int) -> Redirect:
    return redirect(url_for("interviews.room_page", panel_id=panel_id), code=303)
