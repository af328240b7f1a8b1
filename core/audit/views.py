"""The audit administrator's pages: read, filter, export, verify."""

import io
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template, request, send_file
from sqlalchemy import Select
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.accounts.queries import names_of
from core.audit import queries, sealer
from core.audit.models import AuditEntry
from core.audit.service import record
from core.audit.words import ACTIONS, OBJECTS
from core.clock import clock
from core.database import db
from core.spreadsheets import write_sheet
from core.web.access import current_actor, requires, writes
from core.web.application import local_time
from core.web.paging import paginate, requested_page

blueprint = Blueprint("audit_log", __name__, url_prefix="/audit")
LARGEST_EXPORT = 100_000


@blueprint.get("")
@requires(Permission.READ_AUDIT)
def index() -> str:
    """The log, newest first."""
    page = paginate(db.session, _wanted(), requested_page(), per_page=100)
    return render_template(
        "core/audit/index.html",
        page=page,
        actions=sorted(queries.known_actions(db.session), key=lambda code: str(ACTIONS.get(code, code))),
        names=names_of(db.session, {entry.actor_id for entry in page.rows if entry.actor_kind == "account"}),
        positions=queries.positions_of(db.session, [entry.id for entry in page.rows]),
        show_details=_details,
        action_words=ACTIONS,
        object_words=OBJECTS,
    )


@blueprint.get("/verification")
@requires(Permission.READ_AUDIT)
def verification() -> str:
    """Recompute the whole chain now."""
    return render_template("core/audit/verification.html", found=sealer.verify(db.session, clock))


@blueprint.get("/export.xlsx")
@requires(Permission.READ_AUDIT)
@writes
def export() -> Response:
    """The filtered entries as a spreadsheet; taking them out is itself recorded."""
    entries = db.session.scalars(_wanted().limit(LARGEST_EXPORT)).all()
    positions = queries.positions_of(db.session, [entry.id for entry in entries])
    record(db.session, current_actor(), clock, "audit_exported", "audit_log", None, count=len(entries))
    stream = io.BytesIO()
    columns = ["链上位置", "时间", "主体类型", "主体编号", "操作", "操作代码", "对象类型", "对象编号", "详情"]
    rows = [
        (
            positions.get(entry.id),
            local_time(entry.at, "%Y-%m-%d %H:%M:%S"),
            entry.actor_kind,
            entry.actor_id,
            str(ACTIONS.get(entry.action, entry.action)),
            entry.action,
            str(OBJECTS.get(entry.object_type, entry.object_type)),
            entry.object_id,
            _details(entry),
        )
        for entry in entries
    ]
    write_sheet(stream, "审计日志", columns, rows, notes=[f"链头 {sealer.head_of_chain(db.session)}"])
    stream.seek(0)
    return send_file(stream, as_attachment=True, download_name="审计日志.xlsx")


def _wanted() -> Select[AuditEntry]:
    account = request.args.get("account", "")
    until = _day("until")
    return queries.entries_matching(
        since=_day("since"),
        until=until + timedelta(days=1) if until else None,
        action=request.args.get("action", ""),
        object_type=request.args.get("object", ""),
        actor_id=int(account) if account.isascii() and account.isdigit() and len(account) < 18 else None,
    )


def _day(name: str) -> datetime | None:
    zone = ZoneInfo(current_app.extensions["settings"].time_zone)
    try:
        return datetime.strptime(request.args.get(name, ""), "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        return None


def _details(entry: AuditEntry) -> str:
    return json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
