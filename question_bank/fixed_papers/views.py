"""Composing a paper by hand: sections, choosing items, the paper as a candidate will see it, freezing."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db, rollback
from core.errors import Conflict, DomainError, NotFound
from core.i18n import _
from core.web.access import current_actor, requires
from core.web.numbers import id_of
from core.web.paging import Page, paginate, requested_page
from question_bank.fixed_papers import queries, service
from question_bank.fixed_papers.forms import DraftForm, NewDraftForm, values_of
from question_bank.fixed_papers.models import FixedDraft
from question_bank.fixed_papers.rules import HandSection, moved, without
from question_bank.items import words
from question_bank.items.drafts import DIFFICULTIES
from question_bank.items.queries import Filters, Row, account_names, list_items, outline
from question_bank.papers.forms import TYPES

blueprint = Blueprint("fixed_papers", __name__, url_prefix="/bank/fixed-papers")
Answer = Response | str | tuple[str, int]
_ACT = re.compile(r"(up|down|out|drop|choose)-(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)


@blueprint.get("")
@requires(Permission.ASSEMBLE_PAPERS)
def index() -> str:
    """The drafts, the newest first, with what became of each."""
    wanted = request.args.get("q", "").strip()[:100]
    statement = select(FixedDraft).order_by(FixedDraft.id.desc())
    if wanted:
        statement = statement.where(FixedDraft.title.contains(wanted, autoescape=True))
    page = paginate(db.session, statement, requested_page())
    return render_template(
        "question_bank/fixed_papers/index.html",
        page=page,
        counts={one.id: sum(len(part.versions) for part in queries.sections_of(one)) for one in page.rows},
        names=account_names(db.session, {one.changed_by for one in page.rows}),
        filtered=bool(wanted),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def new() -> Answer:
    """Begin a paper."""
    form = NewDraftForm()
    if form.validate_on_submit():
        made = service.create_draft(
            db.session, current_actor(), clock, form.title.data, demonstration=form.demonstration.data
        )
        return redirect(url_for("fixed_papers.edit", draft_id=made.id))
    page = render_template("question_bank/fixed_papers/new.html", form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/<int:draft_id>", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def edit(draft_id: int) -> Answer:
    """The draft with its items and totals; every button saves what was typed as well."""
    draft = queries.draft_of(db.session, draft_id)
    if draft.paper_id and request.method == "GET":
        return redirect(url_for("papers.show", paper_id=draft.paper_id))
    stored = values_of(draft, queries.sections_of(draft))
    form = DraftForm(data=stored if request.method == "GET" else None)
    if not form.validate_on_submit():
        return _edit_page(draft, form)
    act = request.form.get("act", "")
    to_confirm = _section_to_confirm(form.drafts(), act)
    try:
        service.change_draft(
            db.session,
            current_actor(),
            clock,
            draft,
            form.title.data,
            _after(form.drafts(), act),
            demonstration=form.demonstration.data,
            based_on=id_of(form.revision.data),
        )
    except DomainError as problem:
        rollback(db.session)
        return _edit_page(queries.draft_of(db.session, draft_id), form, problem)
    if to_confirm:
        return redirect(url_for("fixed_papers.drop_section", draft_id=draft_id, number=to_confirm))
    return redirect(_next(draft_id, act))


def _section_to_confirm(sections: list[HandSection], act: str) -> int:
    """The number (from 1) of a section that is to go and holds items, 0 for none."""
    found = _ACT.fullmatch(act)
    number = int(found[2]) if found and found[1] == "drop" else len(sections)
    return number + 1 if number < len(sections) and sections[number].versions else 0


def _after(sections: list[HandSection], act: str) -> list[HandSection]:
    """The sections after the button that was pressed: up-0-2, down-0-2, out-0-2, drop-1, more; others change nothing.

    A section that holds items stays until a page of its own has named what goes.
    """
    if act == "more":
        return [*sections, service.blank_section()]
    found = _ACT.fullmatch(act)
    number = int(found[2]) if found else len(sections)
    if not found or number >= len(sections):
        return sections
    place = int(found[3] or 0)
    match found[1]:
        case "up" | "down":
            sections[number] = moved(sections[number], place, -1 if found[1] == "up" else 1)
        case "out":
            sections[number] = without(sections[number], place)
        case "drop" if not sections[number].versions:
            del sections[number]
    return sections


def _next(draft_id: int, act: str) -> str:
    found = _ACT.fullmatch(act)
    if found and found[1] == "choose":
        return url_for("fixed_papers.choose", draft_id=draft_id, number=int(found[2]) + 1)
    if act == "preview":
        return url_for("fixed_papers.preview", draft_id=draft_id)
    if not found and act != "more":
        flash(_("试卷已保存。"))
    return url_for("fixed_papers.edit", draft_id=draft_id, _anchor=f"section-{found[2]}" if found else None)


def _edit_page(draft: FixedDraft, form: DraftForm, problem: DomainError | None = None) -> tuple[str, int]:
    sections = form.drafts()
    page = render_template(
        "question_bank/fixed_papers/edit.html",
        draft=draft,
        form=form,
        problem=problem,
        composed=queries.compose(db.session, sections, demonstration=bool(form.demonstration.data)),
        words=words,
    )
    return page, problem.status if problem else 422 if form.is_submitted() else 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One item of the list to choose from; ``against``: why it cannot be chosen, a sentence each."""

    row: Row
    against: tuple[str, ...]


@blueprint.route("/<int:draft_id>/sections/<int:number>/items", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def choose(draft_id: int, number: int) -> Answer:
    """Search the bank and put items into a section; ``number`` counts from 1. What is ticked survives a refusal."""
    draft = queries.draft_of(db.session, draft_id)
    problem = None
    if request.method == "POST":
        chosen = _chosen()
        try:
            based_on = id_of(request.form.get("revision"))
            service.add_items(db.session, current_actor(), clock, draft, number - 1, chosen, based_on=based_on)
            flash(_("已选入 %(count)s 题。", count=len(chosen)))
            return redirect(
                url_for("fixed_papers.edit", draft_id=draft_id, _anchor=f"section-{number - 1}")
                if request.form.get("then") == "back"
                else f"{request.path}?{request.query_string.decode('ascii', 'ignore')}"
            )
        except NotFound:
            raise
        except DomainError as refused:
            problem = refused
            rollback(db.session)
            draft = queries.draft_of(db.session, draft_id)
    return _choose_page(draft, number, problem)


def _chosen() -> list[int]:
    return list(dict.fromkeys(version for text in request.form.getlist("version") if (version := id_of(text))))


def _choose_page(draft: FixedDraft, number: int, problem: DomainError | None) -> tuple[str, int]:
    composed = queries.compose(db.session, queries.sections_of(draft), demonstration=draft.demonstration)
    if not 0 < number <= len(composed.sections):
        raise NotFound(_("这份试卷没有这个部分。请回到试卷重新选择。"))
    points = outline(db.session)
    section = composed.sections[number - 1]
    page = render_template(
        "question_bank/fixed_papers/choose.html",
        draft=draft,
        number=number,
        section=section,
        composed=composed,
        choices=_choices(
            draft, composed, section, list_items(db.session, _asked(draft, section, points), requested_page())
        ),
        ticked=set(_chosen()),
        outline=points,
        difficulties=DIFFICULTIES,
        types=TYPES,
        problem=problem,
        words=words,
    )
    return page, problem.status if problem else 200


def _asked(draft: FixedDraft, section: queries.Section, points: list[Any]) -> Filters:
    asked = request.args
    point = next((entry for entry in points if str(entry.id) == asked.get("knowledge_point")), None)
    kind = asked.get("type", section.draft.type)
    return Filters(
        words=asked.get("q", "")[:100],
        type=kind if kind in words.TYPES else "",
        state="published",
        knowledge_points=point.subtree if point else (),
        difficulty=asked.get("difficulty", "") if asked.get("difficulty") in DIFFICULTIES else "",
        for_real=not draft.demonstration,
    )


def _choices(
    draft: FixedDraft, composed: queries.Composition, section: queries.Section, page: Page[Row]
) -> Page[Choice]:
    facts = queries.facts_of(db.session, [row.version.id for row in page.rows])
    placed = queries.placed_of(composed)
    found = []
    for row in page.rows:
        one = facts[row.version.id]
        own = queries.unfit(one, section.draft.type, demonstration=draft.demonstration)
        found.append(Choice(row, (*own, *queries.clashes(one, placed))))
    return Page(found, page.page, page.pages, page.total, page.per_page)


@blueprint.get("/<int:draft_id>/preview")
@requires(Permission.ASSEMBLE_PAPERS)
def preview(draft_id: int) -> Answer:
    """The paper as a candidate will see it, what stands in its way, and the button that freezes it."""
    draft = queries.draft_of(db.session, draft_id)
    if draft.paper_id:
        return redirect(url_for("papers.show", paper_id=draft.paper_id))
    return _preview_page(draft)


def _preview_page(draft: FixedDraft, problem: DomainError | None = None) -> tuple[str, int]:
    composed = queries.compose(db.session, queries.sections_of(draft), demonstration=draft.demonstration)
    page = render_template(
        "question_bank/fixed_papers/preview.html",
        draft=draft,
        composed=composed,
        paper=queries.preview_of(draft, composed),
        form=FlaskForm(),
        problem=problem,
    )
    return page, problem.status if problem else 200


@blueprint.post("/<int:draft_id>/freeze")
@requires(Permission.ASSEMBLE_PAPERS)
def freeze(draft_id: int) -> Answer:
    """Freeze the draft that was previewed."""
    draft = queries.draft_of(db.session, draft_id)
    try:
        paper = service.freeze_draft(
            db.session, current_actor(), clock, draft, based_on=id_of(request.form.get("revision"))
        )
    except Conflict as problem:
        rollback(db.session)
        return _preview_page(queries.draft_of(db.session, draft_id), problem)
    flash(_("试卷 %(code)s 已冻结。", code=paper.code))
    return redirect(url_for("papers.show", paper_id=paper.id))


@blueprint.route("/<int:draft_id>/sections/<int:number>/drop", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def drop_section(draft_id: int, number: int) -> Answer:
    """Take a section out once its page has said which items go with it; ``number`` counts from 1."""
    draft = _unfrozen(draft_id)
    problem = None
    if request.method == "POST":
        try:
            based_on = id_of(request.form.get("revision"))
            service.drop_section(db.session, current_actor(), clock, draft, number - 1, based_on=based_on)
            flash(_("已去掉这个部分。"))
            return redirect(url_for("fixed_papers.edit", draft_id=draft_id))
        except Conflict as refused:
            problem = refused
            rollback(db.session)
            draft = queries.draft_of(db.session, draft_id)
    composed = queries.compose(db.session, queries.sections_of(draft), demonstration=draft.demonstration)
    if not 0 < number <= len(composed.sections):
        raise NotFound(_("这份试卷没有这个部分。请回到试卷重新选择。"))
    page = render_template(
        "question_bank/fixed_papers/drop.html", draft=draft, section=composed.sections[number - 1], problem=problem
    )
    return page, problem.status if problem else 200


@blueprint.route("/<int:draft_id>/delete", methods=["GET", "POST"])
@requires(Permission.ASSEMBLE_PAPERS)
def delete(draft_id: int) -> Answer:
    """Delete a draft that no paper came of."""
    draft = _unfrozen(draft_id)
    problem = None
    if request.method == "POST":
        title = draft.title
        try:
            based_on = id_of(request.form.get("revision"))
            service.delete_draft(db.session, current_actor(), clock, draft, based_on=based_on)
            flash(_("草稿“%(title)s”已删除。", title=title))
            return redirect(url_for("fixed_papers.index"))
        except Conflict as refused:
            problem = refused
            rollback(db.session)
            draft = queries.draft_of(db.session, draft_id)
    items = sum(len(section.versions) for section in queries.sections_of(draft))
    page = render_template("question_bank/fixed_papers/delete.html", draft=draft, items=items, problem=problem)
    return page, problem.status if problem else 200


def _unfrozen(draft_id: int) -> FixedDraft:
    draft = queries.draft_of(db.session, draft_id)
    if draft.paper_id:
        raise Conflict(_("这份试卷已经冻结，草稿不能再改，也不能删除。"))
    return draft
