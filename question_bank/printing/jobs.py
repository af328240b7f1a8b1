"""The jobs ``bank.print_paper`` and ``bank.print_key``: lay out one document and leave the file for its asker."""

from typing import Any

from core.accounts.permissions import Permission
from core.audit.service import record
from core.jobs import files
from core.jobs.worker import Job
from question_bank.papers.models import Paper
from question_bank.papers.queries import paper as paper_of
from question_bank.printing.documents import Look, answer_sheet_pdf, key_pdf, paper_pdf

PAPER_JOB = "bank.print_paper"
KEY_JOB = "bank.print_key"
PDF = "application/pdf"


def print_paper(job: Job) -> dict[str, Any]:
    """Arguments: ``paper_id``, ``document`` (paper, answer_sheet), ``number`` of a family's sitting, the ``look`` of a paper."""
    paper_id, document, number = job.arguments["paper_id"], job.arguments["document"], _number(job)
    paper = paper_of(job.session, paper_id)
    name = {"paper": "试卷", "answer_sheet": "答题卡"}[document]
    job.progress(0, 1, f"正在排版{name}")
    if document == "paper":
        content = paper_pdf(job.session, paper_id, Look(**job.arguments["look"]), number)
    else:
        content = answer_sheet_pdf(job.session, paper_id, number)
    record(job.write(), job.actor, job.clock, "paper_printed", "paper", paper_id, document=document, **_told(number))
    return files.store(job, content, _file_name(paper, number, name), PDF, Permission.ASSEMBLE_PAPERS)


def print_key(job: Job) -> dict[str, Any]:
    """Arguments: ``paper_id``, ``number`` of a family's sitting, ``purpose`` (a word of the page).

    The download asks for the permission again.
    """
    paper_id, number = job.arguments["paper_id"], _number(job)
    paper = paper_of(job.session, paper_id)
    job.progress(0, 1, "正在排版参考答案")
    content = key_pdf(job.session, paper_id, number)
    purpose = job.arguments["purpose"]
    record(job.write(), job.actor, job.clock, "paper_key_printed", "paper", paper_id, purpose=purpose, **_told(number))
    return files.store(job, content, _file_name(paper, number, "参考答案"), PDF, Permission.PRINT_KEYS)


def _number(job: Job) -> int:
    return int(job.arguments.get("number", 0))


def _told(number: int) -> dict[str, int]:
    return {"number": number} if number else {}


def _file_name(paper: Paper, number: int, name: str) -> str:
    return " ".join(filter(None, (paper.code, str(number or ""), f"{name}.pdf")))
