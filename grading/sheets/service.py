"""Gathering what the sheets are made of, and making them: the same for the page, the job and the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.sealer import head_of_chain
from core.audit.service import record
from core.clock import Clock
from core.errors import Conflict, NotFound
from core.i18n import _
from core.settings import Settings
from core.spreadsheet_writing import XLSX
from exam.handover import exam_facts, exams
from exam.identities import identities_of_exam
from grading.interview.queries import panel_sheets, panels_of_exam
from grading.outcomes.queries import (
    current_decisions,
    current_proposals,
    outdated,
    results_of_exam,
    rules_in_force,
)
from grading.sheets import printing
from grading.sheets.building import NAMES, Material, build, refusal
from grading.sheets.model import Document, Stamp
from grading.sheets.xlsx import write_xlsx

CONTENT_TYPES: Mapping[str, str] = {
    "xlsx": XLSX,
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Gathered:
    """The material of an exam's sheets with the stamp that they carry."""

    material: Material
    stamp: Stamp
    created: str

    def document(self, code: str) -> Document:
        """The document of this code. Raises ``NotFound`` for an unknown code, ``Conflict`` with the reason when refused."""
        if code not in NAMES:
            raise NotFound(_("没有这种成绩表。请从成绩表页面重新选择。"))
        why = refusal(code, self.material)
        if why:
            raise Conflict(_("%(name)s没有生成：%(why)s", name=NAMES[code], why=why), code="not_ready")
        return build(code, self.material)


def exam_id_of(session: Session, code_or_id: str) -> int:
    """The exam of this code or id. Raises ``NotFound``."""
    for exam in exams(session):
        if exam.code == code_or_id or str(exam.exam_id) == code_or_id:
            return exam.exam_id
    raise NotFound(_("没有代码或编号为“%(exam)s”的考试，请核对。", exam=code_or_id))


def gather(
    session: Session, actor: Actor, clock: Clock, settings: Settings, exam_id: int, purpose: str = "sheets"
) -> Gathered:
    """Read everything that the sheets are made of, in one writing transaction: who asked for the names is recorded."""
    exam = exam_facts(session, exam_id)
    identities = identities_of_exam(session, actor, clock, exam_id, purpose)
    rules = rules_in_force(session, exam_id)
    results = results_of_exam(session, exam_id, rules)
    proposals = current_proposals(session, exam_id)
    panels = panels_of_exam(session, exam_id)
    closed = [panel_sheets(session, panel.id) for panel in panels if panel.state == "closed"]
    material = Material(
        exam=exam,
        identities=identities,
        papers=results.papers,
        rules=rules,
        proposals=proposals,
        outdated=len(outdated(identities, proposals, results, rules)),
        decisions=current_decisions(session, exam_id),
        panels=closed,
        open_panels=[panel.name for panel in panels if panel.state != "closed"],
    )
    local = clock.now().astimezone(ZoneInfo(settings.time_zone)).replace(microsecond=0)
    stamp = Stamp(
        generated=local.strftime("%Y-%m-%d %H:%M:%S"),
        audit_head=head_of_chain(session),
        organisation=settings.organisation,
        demonstration=exam.demonstration,
    )
    return Gathered(material, stamp, local.isoformat())


def record_made(session: Session, actor: Actor, clock: Clock, exam_id: int, documents: Mapping[str, str]) -> None:
    """Note which sheets were made; ``documents``: code -> digest."""
    record(session, actor, clock, "sheets_made", "exam", exam_id, sheets=dict(documents))


def file_of(gathered: Gathered, document: Document, kind: str, tell: printing.Tell | None = None) -> bytes:
    """The document as ``xlsx`` or ``pdf``. PDF needs an application context."""
    if kind == "xlsx":
        return write_xlsx(document, gathered.stamp)
    return printing.write_pdf(document, gathered.stamp, gathered.created, tell)


def filename(gathered: Gathered, document: Document, kind: str) -> str:
    """``EXAM-成绩册.xlsx``."""
    return f"{gathered.material.exam.code}-{document.name}.{kind}"
