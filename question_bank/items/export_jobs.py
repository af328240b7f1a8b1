"""The job ``bank.export``: write items into a file and leave it for its asker."""

import zipfile
from io import BytesIO
from typing import Any

from core.accounts.permissions import Permission
from core.jobs import files
from core.jobs.worker import Job
from core.spreadsheet_writing import XLSX
from question_bank.items.export_service import Exported, Wanted, make_export, record_export

JOB = "bank.export"
_TYPES = {
    ".xlsx": XLSX,
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


def run(job: Job) -> dict[str, Any]:
    """Arguments: ``format``, ``where`` (lists by field of ``Wanted``). The download asks for the permission again."""
    wanted = Wanted(**{name: tuple(values) for name, values in job.arguments["where"].items()})
    job.progress(0, 1, "正在写出试题")
    exported = make_export(job.session, job.arguments["format"], wanted)
    record_export(job.write(), job.actor, job.clock, exported, wanted)
    content, suffix = (_with_report(exported), ".zip") if exported.problems else (exported.data, exported.suffix)
    kind = _TYPES.get(suffix, "text/plain; charset=utf-8")
    return files.store(job, content, f"试题导出{suffix}", kind, Permission.PRINT_KEYS)


def _with_report(exported: Exported) -> bytes:
    """The file together with what it could not hold: the one is never taken for the whole without the other."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"试题{exported.suffix}", exported.data)
        archive.writestr("导出说明.txt", exported.readable().encode("utf-8-sig"))
    return stream.getvalue()
