"""The record of a room as PDF, for its invigilators and for organizers."""

from io import BytesIO

from flask import Blueprint, current_app, send_file
from flask_babel import force_locale
from werkzeug.wrappers import Response

from core.audit.sealer import head_of_chain
from core.audit.service import record
from core.clock import clock
from core.database import begin_writing, db
from core.documents import render_pdf
from core.web.access import current_actor
from core.web.application import local_time
from exam.invigilation.blueprint import post_here, watchers
from exam.room_records.building import build
from exam.room_records.model import RoomRecord
from exam.room_records.queries import Material, gather

blueprint = Blueprint("room_records", __name__, url_prefix="/invigilation")


@blueprint.get("/rooms/<int:room_id>/record.pdf")
@watchers
def room_record(room_id: int) -> Response:
    """考场记录表; marked 未结束 while somebody can still be writing. The printing is recorded."""
    actor = current_actor()
    post = post_here(room_id, None)
    material = gather(db.session, post, clock.now())
    sheet = build(material, local_time)
    content = render_pdf(_html(material, sheet, head_of_chain(db.session)))
    name, exam_id = f"{post.exam.code} {post.session.name} {post.name} 考场记录表.pdf", post.exam.id
    # Written only now: laying out takes a second, and candidates' saves must not wait for it.
    begin_writing(db.session)
    facts = {"exam": exam_id, "digest": sheet.digest, "finished": sheet.finished}
    record(db.session, actor, clock, "room_record_printed", "room", room_id, **facts)
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=False, download_name=name)


def _html(material: Material, sheet: RoomRecord, audit_head: str) -> str:
    # The sheet is Chinese whatever the reader's language: its digest must not depend on who prints it.
    with force_locale("zh_Hans_CN"):
        template = current_app.jinja_env.get_template("print/room_record.html")
        return template.render(
            sheet=sheet,
            demonstration=material.post.exam.demonstration,
            organisation=current_app.extensions["settings"].organisation,
            generated=local_time(material.now, "%Y-%m-%d %H:%M:%S"),
            audit_head=audit_head,
            created=material.now.replace(microsecond=0).isoformat(),
        )
