"""The organizer's page of sheets: what can be made, why not yet, and the buttons that make it."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db
from core.errors import Conflict, NotFound
from core.i18n import _
from core.jobs.service import enqueue
from core.web.access import current_actor, requires, writes
from exam.handover import exam_facts
from grading.sheets import jobs, service
from grading.sheets.building import NAMES, refusal
from grading.sheets.service import Gathered

blueprint = Blueprint("sheets", __name__, url_prefix="/exams/<int:exam_id>/sheets")


@blueprint.get("")
@requires(Permission.READ_RESULTS)
@writes
def index(exam_id: int) -> str:
    """Every sheet of the exam: ready, or what is still missing."""
    exam = exam_facts(db.session, exam_id)
    material = _gathered(exam_id, "sheets_page").material
    sheets = [(code, name, refusal(code, material)) for code, name in NAMES.items()]
    return render_template("grading/sheets/index.html", exam=exam, sheets=sheets)


@blueprint.post("/<sheet>.<any(xlsx, pdf, zip):kind>")
@requires(Permission.READ_RESULTS)
def make(exam_id: int, sheet: str, kind: str) -> Response | tuple[str, int]:
    """Have a sheet made by a job; what cannot be made now is refused at once, with the reason."""
    exam = exam_facts(db.session, exam_id)
    if (sheet == jobs.EVERYTHING) != (kind == "zip") or sheet not in (*NAMES, jobs.EVERYTHING):
        raise NotFound(_("没有这种成绩表。请从成绩表页面重新选择。"))
    gathered = _gathered(exam_id, "sheets_page")
    if sheet != jobs.EVERYTHING:
        gathered.document(sheet)
    elif all(refusal(code, gathered.material) for code in NAMES):
        raise Conflict(_("现在没有可以生成的成绩表，请看成绩表页面上各表还缺什么。"), code="not_ready")
    name = NAMES.get(sheet, _("全部成绩表"))
    run = enqueue(
        db.session,
        current_actor(),
        clock,
        jobs.JOB,
        exam_id=exam_id,
        sheet=sheet,
        kind=kind,
        title=_("%(name)s（%(exam)s）", name=name, exam=exam.title),
        back=url_for("sheets.index", exam_id=exam_id),
    )
    return redirect(url_for("jobs.show", run_id=run.id))


def _gathered(exam_id: int, purpose: str) -> Gathered:
    settings = current_app.extensions["settings"]
    return service.gather(db.session, current_actor(), clock, settings, exam_id, purpose)
