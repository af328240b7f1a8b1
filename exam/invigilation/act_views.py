"""What can be done at a post: time for one, some or all; one candidate's device, lock-out, submission."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.clock import clock
from core.database import db
from core.errors import BadInput, Conflict, DomainError, NotFound
from core.i18n import _
from core.web.access import current_actor
from exam.invigilation import queries, service
from exam.invigilation.blueprint import Page, at_post, form_page, post_here, refuse_archived, refused, watchers
from exam.invigilation.board import RUNNING, cards
from exam.invigilation.forms import ExtraTimeForm, ReasonForm
from exam.invigilation.queries import Post
from exam.invigilation.rules import MAY_CHANGE, digest_of_extra
from exam.invigilation.words import ALL_KINDS, PAGE_EVENTS, TIME_CHANGES
from exam.leaving.queries import told_of
from exam.safe_browser.queries import demand_of, exemptions_of
from exam.sittings import service as sittings
from exam.sittings.closing import force_submission, force_submissions
from exam.sittings.models import Sitting


@at_post("/time/<change>", methods=["GET", "POST"])
@watchers
def time(room_id: int | None, session_id: int | None, change: str) -> Response | Page:
    """Extra time, a pause or its end for those chosen (``sitting``) or for all (``scope=all``)."""
    if change not in TIME_CHANGES:
        raise NotFound(_("没有这种操作。请返回考场页面重新选择。"))
    post = post_here(room_id, session_id)
    chosen = _chosen(post)
    form = ExtraTimeForm() if change == "extra" else ReasonForm()
    problem: DomainError | None = None
    if not chosen:
        problem = BadInput(_("还没有选中考生，没有任何更改。请返回勾选考生，或选择“全体”。"))
    elif form.validate_on_submit():
        try:
            refuse_archived(post)
            _refuse_twice(chosen)
            count = _change_time(change, chosen, form)
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("已为 %(count)s 名考生办理：%(what)s。", count=count, what=TIME_CHANGES[change]))
            if count < len(chosen):
                left = len(chosen) - count
                flash(_("另有 %(left)s 名考生未开始、已交卷或状态不符，没有更改。", left=left), "warning")
            return redirect(_back(post, chosen))
    post = post_here(room_id, session_id)
    chosen = _chosen(post)
    everybody = cards(clock, post, chosen)
    concerned = [card for card in everybody if card["key"] in MAY_CHANGE[change]]
    return form_page(
        "time.html",
        form,
        problem,
        post=post,
        change=change,
        what=TIME_CHANGES[change],
        cards=concerned,
        others=len(everybody) - len(concerned),
        chosen=[one.id for one in chosen],
        seen=_extra_of(chosen) if change == "extra" else "",
        scope=request.values.get("scope", ""),
    )


def _chosen(post: Post) -> list[Sitting]:
    if request.values.get("scope") == "all":
        return queries.sittings_at(db.session, post, None)
    ids = [
        int(text) for text in request.values.getlist("sitting") if text.isascii() and text.isdigit() and len(text) < 16
    ]
    return queries.sittings_at(db.session, post, ids)


def _extra_of(sittings: list[Sitting]) -> str:
    return digest_of_extra((one.id, one.extra_seconds) for one in sittings)


def _refuse_twice(chosen: list[Sitting]) -> None:
    """A form that is sent twice, or by two people at once, gives extra time once."""
    seen = request.form.get("seen")
    if seen and seen != _extra_of(chosen):
        raise Conflict(
            _("这些考生的加时刚有变化（表单重复提交，或另一名监考员已经办理），没有再加时。请核对后再决定是否提交。")
        )


def _change_time(change: str, chosen: list[Sitting], form: ReasonForm) -> int:
    actor, reason = current_actor(), form.reason.data
    if isinstance(form, ExtraTimeForm):
        return len(sittings.extend(db.session, actor, clock, chosen, form.minutes.data * 60, reason))
    act = sittings.pause if change == "pause" else sittings.resume
    return len(act(db.session, actor, clock, chosen, reason))


def _back(post: Post, chosen: list[Sitting]) -> str:
    """One candidate's page when the act was about one, the room otherwise."""
    if len(chosen) == 1 and request.values.get("from") == "sitting":
        return url_for("invigilation.sitting", sitting_id=chosen[0].id, **post.place)
    return url_for("invigilation.room", **post.place)


@at_post("/sittings/<int:sitting_id>")
@watchers
def sitting(room_id: int | None, session_id: int | None, sitting_id: int) -> str:
    """One candidate: how it stands, what can be done, what was done."""
    return _sitting_page(post_here(room_id, session_id), sitting_id)


def _sitting_page(post: Post, sitting_id: int, problem: DomainError | None = None) -> str:
    row, candidate = queries.sitting_at(db.session, post, sitting_id)
    told = queries.incidents_at(db.session, post, row.id)
    locked = queries.locked_out(db.session, [candidate.admission_number], clock.now())
    left = told_of(db.session, row)
    return render_template(
        "exam/invigilation/sitting.html",
        post=post,
        sitting=row,
        candidate=candidate,
        card=cards(clock, post, [row])[0],
        locked_until=locked.get(candidate.admission_number),
        changes=queries.time_changes_of(db.session, row.id),
        incidents=told,
        left=left,
        safe_browser=demand_of(db.session, post.session.id) is not None,
        exemptions=exemptions_of(db.session, row.id),
        noted=[str(word) % {"count": left.others[kind]} for kind, word in PAGE_EVENTS.items() if kind in left.others],
        kinds=ALL_KINDS,
        change_words=TIME_CHANGES,
        me=current_actor().account_id,
        problem=problem,
    )


@at_post("/sittings/<int:sitting_id>/release", methods=["POST"])
@watchers
def release(room_id: int | None, session_id: int | None, sitting_id: int) -> Response | Page:
    """Let the candidate go on at another device."""
    post = post_here(room_id, session_id)
    row, _candidate = queries.sitting_at(db.session, post, sitting_id)
    try:
        refuse_archived(post)
        sittings.release_device(db.session, current_actor(), clock, row)
    except Conflict as found:
        problem = refused(found)
        return _sitting_page(post_here(room_id, session_id), sitting_id, problem), problem.status
    flash(_("已放行：考生现在可以在另一台设备上登录并继续，原设备停止作答。"))
    return redirect(url_for("invigilation.sitting", sitting_id=sitting_id, **post.place))


@at_post("/sittings/<int:sitting_id>/unlock", methods=["POST"])
@watchers
def unlock(room_id: int | None, session_id: int | None, sitting_id: int) -> Response:
    """Lift the lock-out after too many wrong codes."""
    post = post_here(room_id, session_id)
    row, candidate = queries.sitting_at(db.session, post, sitting_id)
    service.lift_lockout(db.session, current_actor(), clock, row, candidate)
    flash(_("已解除锁定，考生可以立即重新登录。请先核对本人身份和准考证。"))
    return redirect(url_for("invigilation.sitting", sitting_id=sitting_id, **post.place))


@at_post("/sittings/<int:sitting_id>/force", methods=["GET", "POST"])
@watchers
def force(room_id: int | None, session_id: int | None, sitting_id: int) -> Response | Page:
    """Hand in for the candidate: a page that says what will happen, the reason, and the admission number typed."""
    post = post_here(room_id, session_id)
    row, candidate = queries.sitting_at(db.session, post, sitting_id)
    form = ReasonForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            refuse_archived(post)
            if request.form.get("confirmation", "").strip() != candidate.admission_number:
                raise BadInput(_("输入的准考证号与这名考生不一致，没有交卷。请照原样输入。"))
            force_submission(db.session, current_actor(), clock, row, form.reason.data)
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("已强制交卷，并已自动记录一条情况，请另一名监考员签字。"))
            return redirect(url_for("invigilation.sitting", sitting_id=sitting_id, **post.place))
    post = post_here(room_id, session_id)
    row, candidate = queries.sitting_at(db.session, post, sitting_id)
    card = cards(clock, post, [row])[0]
    return form_page("force.html", form, problem, post=post, sitting=row, candidate=candidate, card=card)


@at_post("/force", methods=["GET", "POST"])
@watchers
def force_many(room_id: int | None, session_id: int | None) -> Response | Page:
    """Hand in for those chosen (``sitting``) or for all (``scope=all``) who are running: the reason, and their number typed."""
    post = post_here(room_id, session_id)
    form = ReasonForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            refuse_archived(post)
            chosen = _chosen(post)
            if request.form.get("confirmation", "").strip() != str(len(_running(post, chosen))):
                raise BadInput(
                    _("输入的人数与正在作答的人数不一致，没有交卷。人数可能刚有变化，请核对下面的名单再输入。")
                )
            done = force_submissions(db.session, current_actor(), clock, chosen, form.reason.data)
        except (BadInput, Conflict) as found:
            problem = refused(found)
        else:
            flash(_("已为 %(count)s 名考生强制交卷，并各自动记录一条情况，请另一名监考员签字。", count=len(done)))
            return redirect(url_for("invigilation.room", **post.place))
    post = post_here(room_id, session_id)
    running = _running(post, _chosen(post))
    return form_page(
        "force_many.html", form, problem, post=post, running=running, scope=request.values.get("scope", "")
    )


def _running(post: Post, chosen: list[Sitting]) -> list[dict[str, Any]]:
    return [card for card in cards(clock, post, chosen) if card["key"] in RUNNING]
