"""The page of a job: how far it is, and the file that it made. It may be left and come back to."""

from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, send_file, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.audit.service import record
from core.clock import clock
from core.database import db
from core.errors import Forbidden, NotFound
from core.i18n import _
from core.jobs import files
from core.jobs.models import JobRun
from core.web.access import accounts_only, current_actor, writes

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("/<int:run_id>")
@accounts_only
def show(run_id: int) -> str:
    """What is being done, how many of how many; when it is done, the button that fetches the file."""
    run = _own_run(run_id)
    return render_template(
        "core/job.html",
        run=run,
        title=_title(run),
        back=_back(run),
        file_there=bool(run.result and run.result.get("file")) and files.path_of(run.id).is_file(),
    )


@blueprint.get("/<int:run_id>/progress")
@accounts_only
def progress(run_id: int) -> dict[str, Any]:
    """``{"state", "what", "done", "total", "message", "next"}``, as progress.js asks for it."""
    run = _own_run(run_id)
    ended = run.state in ("done", "failed")
    return {
        "state": run.state,
        "what": run.doing or _title(run),
        "done": run.done,
        "total": run.total,
        "message": "",
        "next": url_for("jobs.show", run_id=run.id) if ended else "",
    }


@blueprint.get("/<int:run_id>/file")
@accounts_only
@writes
def download(run_id: int) -> Response:
    """The file, for those who hold the permission that the job named; the download is recorded."""
    run = _own_run(run_id)
    result = run.result or {}
    path = files.path_of(run.id)
    if not result.get("file") or not path.is_file():
        raise NotFound(_("这份文件已不在（生成的文件保留 7 天）。请回到原页面重新生成。"))
    actor = current_actor()
    if not actor.may(Permission(result["permission"])):
        raise Forbidden(
            _("您没有下载这份文件的权限，文件未发出并已记录。如确需办理，请联系安全管理员。"),
            afterwards=lambda own: record(own, actor, clock, "access_refused", "job", run_id),
        )
    record(db.session, actor, clock, "file_downloaded", "job", run.id, name=run.name)
    return send_file(
        BytesIO(path.read_bytes()),
        mimetype=result["content_type"],
        as_attachment=True,
        download_name=result["filename"],
    )


def _own_run(run_id: int) -> JobRun:
    """A job of one's own; anybody else's does not exist for one."""
    actor = current_actor()
    run: JobRun | None = db.session.scalar(
        select(JobRun).where(JobRun.id == run_id, JobRun.actor_kind == "account", JobRun.actor_id == actor.account_id)
    )
    if run is None:
        raise NotFound(_("没有这项工作，或它不是由您发起的。请回到原页面重新发起。"))
    return run


def _title(run: JobRun) -> str:
    """What whoever queued the job called it: its argument ``title``."""
    return str(run.arguments.get("title") or _("后台工作"))


def _back(run: JobRun) -> str:
    """Where the job was asked for: its argument ``back``, a path of ours."""
    back = str(run.arguments.get("back") or "")
    return back if back.startswith("/") and not back.startswith("//") else url_for("home.index")
