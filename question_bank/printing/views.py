"""Printing frozen papers: the organizer prints papers and answer sheets, a reviewer prints keys. Always by a job."""

from dataclasses import asdict

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db
from core.i18n import _
from core.jobs.service import enqueue
from core.web.access import current_actor, requires
from core.web.paging import paginate, requested_page
from question_bank.papers.models import Blueprint as PaperBlueprint
from question_bank.papers.models import Paper
from question_bank.papers.queries import paper as paper_of
from question_bank.printing.forms import CopyForm, KeyForm, PrintForm
from question_bank.printing.jobs import KEY_JOB, PAPER_JOB

blueprint = Blueprint("paper_printing", __name__, url_prefix="/bank")
keys_blueprint = Blueprint("paper_keys", __name__, url_prefix="/bank/keys")
Answer = Response | str | tuple[str, int]
CARD = "card"  # two forms on one page: the fields of the answer sheet's begin with it


@blueprint.route("/papers/<int:paper_id>/print", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def paper(paper_id: int) -> Answer:
    """Choose how the paper is printed, and have it made."""
    found = paper_of(db.session, paper_id)
    plan = db.session.get(PaperBlueprint, found.blueprint_id) if found.blueprint_id else None
    form = PrintForm(
        _is_family(found), data={"minutes": plan.duration_minutes} if plan and request.method == "GET" else None
    )
    if form.validate_on_submit():
        return _queue_paper(found, "paper", _("试卷"), form.copy, look=asdict(form.look()))
    return _paper_page(found, form, CopyForm(_is_family(found), formdata=None, prefix=CARD))


@blueprint.post("/papers/<int:paper_id>/answer-sheet")
@requires(Permission.ASSEMBLE_PAPERS)
def answer_sheet(paper_id: int) -> Answer:
    """Have the answer sheet made."""
    found = paper_of(db.session, paper_id)
    form = CopyForm(_is_family(found), prefix=CARD)
    if form.validate_on_submit():
        return _queue_paper(found, "answer_sheet", _("答题卡"), form.copy)
    return _paper_page(found, PrintForm(_is_family(found), formdata=None), form)


def _paper_page(found: Paper, form: PrintForm, sheet_form: CopyForm) -> Answer:
    page = render_template("question_bank/papers/print.html", paper=found, form=form, sheet_form=sheet_form)
    return page, 422 if request.method == "POST" else 200


def _is_family(found: Paper) -> bool:
    return found.seed_digest is not None


def _queue_paper(found: Paper, document: str, name: str, number: int, **more: object) -> Response:
    back = url_for("paper_printing.paper", paper_id=found.id)
    return _queue(found, PAPER_JOB, name, number, back, document=document, **more)


def _queue(found: Paper, job: str, name: str, number: int, back: str, **more: object) -> Response:
    run = enqueue(
        db.session,
        current_actor(),
        clock,
        job,
        paper_id=found.id,
        number=number,
        title=_("%(name)s（%(paper)s）", name=name, paper=" ".join(filter(None, (found.code, str(number or ""))))),
        back=back,
        **more,
    )
    return redirect(url_for("jobs.show", run_id=run.id))


@keys_blueprint.get("")
@requires(Permission.PRINT_KEYS)
def index() -> str:
    """The frozen papers by code and title alone; what is on them, only their keys tell."""
    wanted = request.args.get("q", "").strip()[:100]
    statement = select(Paper).order_by(Paper.id.desc())
    if wanted:
        found = Paper.title.contains(wanted, autoescape=True) | Paper.code.contains(wanted, autoescape=True)
        statement = statement.where(found)
    page = paginate(db.session, statement, requested_page())
    return render_template("question_bank/papers/keys.html", page=page, filtered=bool(wanted))


@keys_blueprint.route("/<int:paper_id>", methods=["GET", "POST"])
@requires(Permission.PRINT_KEYS)
def key(paper_id: int) -> Answer:
    """Have the key of a paper made; what for is recorded."""
    found = paper_of(db.session, paper_id)
    form = KeyForm(_is_family(found))
    if form.validate_on_submit():
        back = url_for("paper_keys.index")
        return _queue(found, KEY_JOB, _("参考答案"), form.copy, back, purpose=form.purpose.data)
    page = render_template("question_bank/papers/key.html", paper=found, form=form)
    return page, 422 if form.is_submitted() else 200
