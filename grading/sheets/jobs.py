"""The job ``grading.sheets``: makes one sheet, or all that can be made as a ZIP, and leaves the file for its asker."""

import io
import zipfile
from typing import Any

from flask import current_app

from core.accounts.permissions import Permission
from core.database import transaction
from core.jobs import files
from core.jobs.worker import Job
from grading.sheets import service
from grading.sheets.building import NAMES, refusal
from grading.sheets.model import Document
from grading.sheets.service import CONTENT_TYPES, Gathered

JOB = "grading.sheets"
EVERYTHING = "all"
_UNCHANGING = (2000, 1, 1, 0, 0, 0)


def run(job: Job) -> dict[str, Any]:
    """Arguments ``exam_id``, ``sheet`` (a code or ``all``), ``kind`` (``xlsx``, ``pdf``, for ``all`` ``zip``)."""
    exam_id, code, kind = job.arguments["exam_id"], job.arguments["sheet"], job.arguments["kind"]
    # The names are read and recorded in a short transaction of their own: printing must not hold the write lock.
    with transaction("write") as own:
        gathered = service.gather(own, job.actor, job.clock, current_app.extensions["settings"], exam_id)
    codes = [one for one in NAMES if not refusal(one, gathered.material)] if code == EVERYTHING else [code]
    documents = [gathered.document(one) for one in codes]
    if code == EVERYTHING:
        content, filename, content_type = _zip(job, gathered, documents)
    else:
        content = service.file_of(gathered, documents[0], kind, _teller(job, documents[0].name))
        filename, content_type = service.filename(gathered, documents[0], kind), CONTENT_TYPES[kind]
    job.write()
    digests = {document.code: document.digest for document in documents}
    service.record_made(job.session, job.actor, job.clock, exam_id, digests)
    return files.store(job, content, filename, content_type, Permission.READ_RESULTS)


def _zip(job: Job, gathered: Gathered, documents: list[Document]) -> tuple[bytes, str, str]:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in documents:
            for kind in CONTENT_TYPES:
                content = service.file_of(gathered, document, kind, _teller(job, document.name))
                archive.writestr(zipfile.ZipInfo(f"{document.name}.{kind}", _UNCHANGING), content)
    return stream.getvalue(), f"{gathered.material.exam.code}-成绩表.zip", "application/zip"


def _teller(job: Job, name: str) -> Any:
    def tell(done: int, whole: int) -> None:
        job.progress(done, whole, f"正在生成{name}")

    return tell
