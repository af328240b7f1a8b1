"""The room's record of offline hand-ins: codes written down, sealed files uploaded. Each page belongs to one post."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.clock import clock
from core.database import db
from core.errors import DomainError
from core.i18n import _
from core.web.access import current_actor, takes_files
from core.web.paging import paginate, requested_page
from exam.claims import queries, service
from exam.claims.forms import CodeForm, FileForm
from exam.claims.rules import show_code
from exam.claims.sealing import LARGEST_FILE
from exam.claims.words import STANDINGS
from exam.invigilation.blueprint import Page, post_here, refuse_archived, refused, watchers
from exam.invigilation.queries import Post, sitting_at

blueprint = Blueprint("offline_room", __name__, url_prefix="/invigilation")
ROOM, SESSION = "/rooms/<int:room_id>/offline", "/sessions/<int:session_id>/offline"
ONE = "/sittings/<int:sitting_id>"


@blueprint.get(ROOM)
@blueprint.get(SESSION)
@watchers
def index(room_id: int | None = None, session_id: int | None = None) -> str:
    """Whose paper the clock or an invigilator collected, with code and file."""
    post = post_here(room_id, session_id)
    search, noted = request.args.get("q", "").strip()[:64], request.args.get("show") == "noted"
    page = paginate(db.session, queries.collected(post, search, noted=noted), requested_page())
    lines = queries.room_lines(db.session, page.rows)
    return render_template(
        "exam/claims/room.html",
        post=post,
        page=page,
        lines=lines,
        filtered=bool(search or noted),
        show_code=show_code,
        standings=STANDINGS,
    )


@blueprint.get(ROOM + ONE)
@blueprint.get(SESSION + ONE)
@watchers
def sitting(sitting_id: int, room_id: int | None = None, session_id: int | None = None) -> Page:
    """One candidate: write the code down, then upload the file."""
    return _page(post_here(room_id, session_id), sitting_id, CodeForm(), FileForm(formdata=None))


@blueprint.post(ROOM + ONE + "/code")
@blueprint.post(SESSION + ONE + "/code")
@watchers
def note_code(sitting_id: int, room_id: int | None = None, session_id: int | None = None) -> Response | Page:
    """Write the code down."""
    post = post_here(room_id, session_id)
    row, _candidate = sitting_at(db.session, post, sitting_id)
    form = CodeForm()
    if not form.validate_on_submit():
        return _page(post, sitting_id, form, FileForm(formdata=None))
    try:
        refuse_archived(post)
        service.note_code(db.session, current_actor(), clock, post, row, form.code.data or "", form.once.data)
    except DomainError as found:
        problem = refused(found)
        form.begin_anew()
        return _page(post_here(room_id, session_id), sitting_id, form, FileForm(formdata=None), problem)
    flash(_("离线交卷码已登记，并记录了一条情况，请另一名监考员签字。接着可以上传密封文件。"))
    return redirect(url_for("offline_room.sitting", sitting_id=sitting_id, **post.place))


@blueprint.post(ROOM + ONE + "/file")
@blueprint.post(SESSION + ONE + "/file")
@watchers
@takes_files
def take_file(sitting_id: int, room_id: int | None = None, session_id: int | None = None) -> Response | Page:
    """Upload the sealed file."""
    post = post_here(room_id, session_id)
    row, _candidate = sitting_at(db.session, post, sitting_id)
    upload = request.files.get("file")
    data = upload.stream.read(LARGEST_FILE + 1) if upload else b""
    if upload:
        upload.close()
    try:
        refuse_archived(post)
        service.take_file(db.session, current_actor(), clock, post, row, data)
    except DomainError as found:
        problem = refused(found)
        service.note_refusal(db.session, current_actor(), clock, sitting_id, problem.code, data)
        forms = CodeForm(formdata=None), FileForm(formdata=None)
        return _page(post_here(room_id, session_id), sitting_id, *forms, problem)
    flash(_("密封文件与离线交卷码相符，已作为考生的主张保存，等待考务管理员确认。"))
    return redirect(url_for("offline_room.sitting", sitting_id=sitting_id, **post.place))


def _page(
    post: Post, sitting_id: int, code_form: CodeForm, file_form: FileForm, problem: DomainError | None = None
) -> Page:
    row, candidate = sitting_at(db.session, post, sitting_id)
    page = render_template(
        "exam/claims/sitting.html",
        post=post,
        sitting=row,
        candidate=candidate,
        codes=queries.codes_of(db.session, [row.id]).get(row.id, []),
        claim=queries.latest_claim(db.session, row.id),
        until=service.until(post, row),
        code_form=code_form,
        file_form=file_form,
        problem=problem,
        show_code=show_code,
        standings=STANDINGS,
        now=clock.now(),
    )
    return page, problem.status if problem else 422 if code_form.errors else 200
