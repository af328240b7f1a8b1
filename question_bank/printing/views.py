"""Printing frozen papers: the organizer prints papers and answer sheets, a reviewer prints keys. Always by a job."""

from dataclasses import asdict

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db
from core.errors import Conflict
from core.i18n import _
from core.jobs.service import enqueue
from core.web.access import current_actor, requires
from core.web.paging import paginate, requested_page
from question_bank.papers.models import Blueprint as PaperBlueprint
from question_bank.papers.models import Paper
from question_bank.papers.queries import paper as paper_of
from question_bank.printing.forms import KeyForm, PrintForm
from question_bank.printing.jobs import KEY_JOB, PAPER_JOB

blueprint = Blueprint("paper_printing", __name__, url_prefix="/bank")
keys_blueprint = Blueprint("paper_keys", __name__, url_prefix="/bank/keys")
Answer = Response | str | tuple[str, int]


@blueprint.route("/papers/<int:paper_id>/print", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def paper(paper_id: int) -> Answer:
    """Choose how the paper is printed, and have it made."""
    found = _printable(paper_id)
    plan = db.session.get(PaperBlueprint, found.blueprint_id) if found.blueprint_id else None
    form = PrintForm(data={"minutes": plan.duration_minutes} if plan and request.method == "GET" else None)
    if form.validate_on_submit():
        return _queue_paper(found, "paper", _("试卷"), look=asdict(form.look()))
    page = render_template("question_bank/papers/print.html", paper=found, form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/papers/<int:paper_id>/answer-sheet")
@requires(Permission.ASSEMBLE_PAPERS)
def answer_sheet(paper_id: int) -> Response:
    """Have the answer sheet made."""
    return _queue_paper(_printable(paper_id), "answer_sheet", _("答题卡"))


def _printable(paper_id: int) -> Paper:
    found = paper_of(db.session, paper_id)
    if found.seed_digest is not None:
        raise Conflict(_("这份试卷每名考生各抽一份，没有可以统一打印的纸卷和答案。"))
    return found


def _queue_paper(found: Paper, document: str, name: str, **more: object) -> Response:
    run = enqueue(
        db.session,
        current_actor(),
        clock,
        PAPER_JOB,
        paper_id=found.id,
        document=document,
        title=_("%(name)s（%(paper)s）", name=name, paper=found.code),
        back=url_for("paper_printing.paper", paper_id=found.id),
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
    found = _printable(paper_id)
    form = KeyForm()
    if form.validate_on_submit():
        run = enqueue(
            db.session,
            current_actor(),
            clock,
            KEY_JOB,
            paper_id=found.id,
            purpose=form.purpose.data,
            title=_("%(name)s（%(paper)s）", name=_("参考答案"), paper=found.code),
            back=url_for("paper_keys.index"),
        )
        return redirect(url_for("jobs.show", run_id=run.id))
    page = render_template("question_bank/papers/key.html", paper=found, form=form)
    return page, 422 if form.is_submitted() else 200
