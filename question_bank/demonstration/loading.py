"""Putting the worked demonstration into the database: knowledge points, items, two blueprints with their papers."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock
from question_bank.demonstration.bank import DemonstrationBank, DemonstrationItem, read_bank
from question_bank.items.drafts import CitationDraft, Draft
from question_bank.items.models import Item, KnowledgePoint
from question_bank.items.service import create_items, publish_demonstration
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Blueprint, Paper
from question_bank.papers.service import draw_paper

ABILITY_TEST = "演示：素质能力测试"
DISCIPLINE_QUIZ = "演示：纪律法规小测"
SEED = "hengjian-demonstration"

_BLUEPRINTS = {
    ABILITY_TEST: (
        ("single_choice", "单项选择题", 20, 200, "all_or_nothing", ""),
        ("multiple_choice", "多项选择题", 10, 300, "all_or_nothing", ""),
        ("true_false", "判断题", 15, 100, "all_or_nothing", ""),
        ("fill_blank", "填空题", 5, 300, "proportional", ""),
    ),
    DISCIPLINE_QUIZ: (
        ("single_choice", "单项选择题", 4, 1000, "all_or_nothing", "2"),
        ("multiple_choice", "多项选择题", 3, 1000, "half_for_incomplete", "2"),
        ("true_false", "判断题", 3, 1000, "all_or_nothing", "2"),
    ),
}


@dataclass(frozen=True, slots=True)
class Summary:
    """What was loaded, and the papers of the two blueprints by their names."""

    items_created: int
    items: int
    papers: dict[str, int]  # blueprint name -> paper id


def load_demonstration(session: Session, actor: Actor, clock: Clock) -> Summary:
    """Load what is not there yet; a second call changes nothing. The items are 演示·未核对, and no citation is verified."""
    bank = read_bank()
    points = _load_knowledge_points(session, bank)
    present = set(session.scalars(select(Item.number).where(Item.demonstration)))
    missing = [entry for entry in bank.items if entry.ref not in present]
    created = create_items(
        session,
        actor,
        clock,
        [_draft(entry, points) for entry in missing],
        numbers=[entry.ref for entry in missing],
        demonstration=True,
    )
    if created:
        publish_demonstration(session, actor, clock, created)
    papers = {name: _load_paper(session, actor, clock, name, points) for name in _BLUEPRINTS}
    return Summary(len(created), len(bank.items), papers)


def _load_knowledge_points(session: Session, bank: DemonstrationBank) -> dict[str, int]:
    points = {point.code: point.id for point in session.scalars(select(KnowledgePoint))}
    for entry in bank.knowledge_points:
        if entry.code not in points:
            parent = points[entry.parent] if entry.parent else None
            point = KnowledgePoint(code=entry.code, name=entry.name, parent_id=parent)
            session.add(point)
            session.flush()
            points[entry.code] = point.id
    return points


def _draft(entry: DemonstrationItem, points: dict[str, int]) -> Draft:
    cited = entry.citation
    return Draft(
        type=entry.type,
        content=entry.content(),
        key=entry.key_document(),
        points_hundredths=entry.points_hundredths,
        rationale=entry.rationale,
        knowledge_point_id=points[entry.knowledge_point],
        difficulty=entry.difficulty,
        tags=("演示",),
        citations=(
            CitationDraft(
                regulation=cited.regulation,
                edition=cited.edition,
                article=cited.article,
                quotation=cited.quotation,
                source_file=cited.source_file,
                source_sha256=cited.source_sha256,
                start=cited.start,
                end=cited.end,
            ),
        ),
    )


def _load_paper(session: Session, actor: Actor, clock: Clock, name: str, points: dict[str, int]) -> int:
    blueprint = session.scalar(select(Blueprint).where(Blueprint.name == name))
    if blueprint is None:
        sections = [
            SectionDraft(title, type_name, (DemandDraft(count, points[topic] if topic else None),), worth, policy)
            for type_name, title, count, worth, policy, topic in _BLUEPRINTS[name]
        ]
        blueprint = create_blueprint(session, actor, clock, name, sections)
    paper = session.scalar(
        select(Paper).where(Paper.blueprint_id == blueprint.id, Paper.demonstration).order_by(Paper.id)
    )
    if paper is None:
        title = name.removeprefix("演示：")
        paper = draw_paper(session, actor, clock, blueprint, title, seed=f"{SEED}/{name}", demonstration=True)
    return paper.id
