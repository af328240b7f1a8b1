"""Ordering parallel forms, freezing what the solver found, and proving later that the forms are what was asked."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import rfc8785
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput
from core.i18n import _
from core.jobs.service import enqueue
from question_bank.items.models import ItemVersion
from question_bank.papers import rules as drawing
from question_bank.papers.drafts import SectionDraft
from question_bank.papers.exposure import NO_REST, Rest
from question_bank.papers.models import Blueprint, PaperSlot
from question_bank.papers.queries import point_names, sections_of
from question_bank.papers.service import Freezing, checked_title, deviations, freeze_paper, pool_item
from question_bank.parallel.models import FormSet, FormSetPaper
from question_bank.parallel.queries import candidates, papers_of, wanted_of
from question_bank.parallel.report import agrees, equivalence
from question_bank.parallel.rules import LETTERS, MOST_FORMS, Request, Solution, as_json, from_json, violations
from question_bank.parallel.running import solution_of

JOB = "bank.parallel_forms"
MOST_SEED = 60
MOST_BOUND = Fraction(20)  # hundredths of facility


@dataclass(frozen=True, slots=True)
class Wish:
    """What an organizer asks of the forms; ``bound``, ``target`` and ``deviation`` in hundredths of facility."""

    title: str
    forms: int
    bound: Fraction
    overlap: int = 0
    target: Fraction | None = None
    deviation: Fraction | None = None
    points_apart: int | None = None
    seed: str = ""
    demonstration: bool = False
    rest: Rest = NO_REST


def order_forms(session: Session, actor: Actor, clock: Clock, blueprint: Blueprint, wish: Wish, back: str) -> FormSet:
    """Freeze the request and queue the job that solves it. Raises BadInput. ``back``: where the job's page leads."""
    title = checked_title(wish.title)
    sections = sections_of(session, blueprint.id)
    _check(wish, sections)
    found, apart = candidates(session, sections, wish.forms, wish.rest, demonstration=wish.demonstration)
    request = as_json(
        Request(
            forms=wish.forms,
            bound=wish.bound,
            target=wish.target,
            deviation=wish.deviation,
            points_apart=wish.points_apart,
            overlap=wish.overlap,
            seed=wish.seed or secrets.token_hex(16),
            demands=wanted_of(sections, point_names(session)),
            items=found,
            apart=tuple(tuple(group) for group in apart),
        )
    )
    ordered = FormSet(
        blueprint_id=blueprint.id,
        title=title,
        demonstration=wish.demonstration,
        sections=[[one.title, one.type, one.points_hundredths, one.policy] for one in sections],
        request=request,
        request_digest=request_digest(request),
        ordered_by=actor.id,
        ordered_at=clock.now(),
    )
    session.add(ordered)
    session.flush()
    run = enqueue(session, actor, clock, JOB, form_set_id=ordered.id, title=_("组平行卷"), back=f"{back}/{ordered.id}")
    ordered.run_id = run.id
    record(
        session, actor, clock, "forms_ordered", "form_set", ordered.id,
        blueprint=blueprint.id, forms=wish.forms, digest=ordered.request_digest,
    )  # fmt: skip
    return ordered


def _check(wish: Wish, sections: list[SectionDraft]) -> None:
    if not sections:
        raise BadInput(_("命题细目表还没有部分，请先添加至少一个部分。"))
    if not 2 <= wish.forms <= MOST_FORMS:
        raise BadInput(_("平行卷应为 2 到 %(most)s 份，请修改份数。", most=MOST_FORMS))
    if not 0 <= wish.bound <= MOST_BOUND:
        raise BadInput(_("平均难度的允许差应为 0 到 0.20，请修改。"))
    if wish.target is not None and not 0 < wish.target < 100:
        raise BadInput(_("目标平均难度应在 0 和 1 之间，请修改或留空。"))
    if wish.deviation is not None and not 0 <= wish.deviation <= MOST_BOUND:
        raise BadInput(_("难度标准差的允许差应为 0 到 0.20，请修改或留空。"))
    if wish.points_apart is not None and not 0 <= wish.points_apart <= sum(section.count for section in sections):
        raise BadInput(_("同一知识点题数的允许差应为 0 到全卷题数，请修改或留空。"))
    if not 0 <= wish.overlap <= sum(section.count for section in sections):
        raise BadInput(_("允许相同的题数应为 0 到全卷题数，请修改。"))
    if len(wish.seed) > MOST_SEED or not wish.seed.isprintable():
        raise BadInput(_("种子最多 %(most)s 个可见字符，请修改或留空由系统产生。", most=MOST_SEED))


def request_digest(request: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the RFC 8785 form of a stored request."""
    return hashlib.sha256(rfc8785.dumps(dict(request))).hexdigest()


def finish(session: Session, actor: Actor, clock: Clock, form_set_id: int, outcome: Mapping[str, Any]) -> None:
    """Write what came of an order, once, and freeze a paper for each form when it was solved."""
    kept = {name: outcome[name] for name in ("solver", "report", "conflicts")}
    won = affected(
        session,
        update(FormSet)
        .where(FormSet.id == form_set_id, FormSet.state == "queued")
        .values(state=outcome["state"], solution=outcome["forms"], outcome=kept, finished_at=clock.now()),
    )
    if won == 0:
        return
    ordered = session.get_one(FormSet, form_set_id, populate_existing=True)
    papers = []
    if ordered.state == "solved":
        papers = _freeze_forms(session, actor, clock, ordered)
    record(session, actor, clock, "forms_made", "form_set", form_set_id, state=ordered.state, papers=papers)


def _freeze_forms(session: Session, actor: Actor, clock: Clock, ordered: FormSet) -> list[int]:
    request, solution = from_json(ordered.request), solution_of(ordered.solution or [])
    chosen = {version_id for number in range(request.forms) for version_id in solution.versions(number)}
    items = {
        version.id: pool_item(version)
        for version in session.scalars(select(ItemVersion).where(ItemVersion.id.in_(chosen)))
    }
    papers = []
    for number in range(request.forms):
        demands = [
            drawing.Demand(
                wanted.title, wanted.count, tuple(items[one] for one in solution.forms[number][index]), wanted.section
            )
            for index, wanted in enumerate(request.demands)
        ]
        paper = freeze_paper(
            session,
            actor,
            clock,
            Freezing(
                blueprint_id=ordered.blueprint_id,
                title=ordered.title,
                demonstration=ordered.demonstration,
                seed=f"{request.seed}/{LETTERS[number]}",
                sections=[
                    SectionDraft(title, kind, (), points, policy) for title, kind, points, policy in ordered.sections
                ],
                demands=demands,
                form=LETTERS[number],
            ),
        )
        session.add(FormSetPaper(form_set_id=ordered.id, form=LETTERS[number], paper_id=paper.id))
        papers.append(paper.id)
    session.flush()
    return papers


def proof(session: Session, ordered: FormSet) -> list[str]:
    """Prove a solved set again without a solver: request, solution, report and papers. What deviates, as sentences."""
    request, solution = from_json(ordered.request), solution_of(ordered.solution or [])
    found = []
    if request_digest(ordered.request) != ordered.request_digest:
        found.append(_("保存的条件与下单时的摘要不一致。"))
    found += violations(request, solution)
    if not found and ordered.outcome and not agrees(ordered.outcome["report"], equivalence(request, solution)):
        found.append(_("保存的等值报告与重算的结果不一致。"))
    for form, paper in papers_of(session, ordered.id).items():
        if not _holds(session, paper.id, solution, LETTERS.index(form)):
            found.append(_("%(form)s 卷的试题与求解结果不一致。", form=form))
        found += [f"{form} 卷：{sentence}" for sentence in deviations(session, paper.id)]
    return found


def _holds(session: Session, paper_id: int, solution: Solution, number: int) -> bool:
    versions = session.scalars(select(PaperSlot.version_id).where(PaperSlot.paper_id == paper_id))
    return sorted(versions) == sorted(solution.versions(number))
