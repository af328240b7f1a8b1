"""Writing blueprints. A change names the revision it was made from; papers drawn before stay as they are."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items.drafts import DIFFICULTIES
from question_bank.items.models import KnowledgePoint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Blueprint, BlueprintDemand, BlueprintSection

MOST_SECTIONS = 20
MOST_DEMANDS = 60
MOST_ITEMS = 500
MOST_MINUTES = 600
MOST_POINTS = 100_00


def create_blueprint(
    session: Session,
    actor: Actor,
    clock: Clock,
    name: str,
    sections: Sequence[SectionDraft],
    duration_minutes: int | None = None,
) -> Blueprint:
    """Create a blueprint. Raises BadInput with the first thing that is wrong."""
    name = _checked(session, name, sections, duration_minutes, None)
    blueprint = Blueprint(name=name, duration_minutes=duration_minutes, created_by=actor.id, created_at=clock.now())
    session.add(blueprint)
    session.flush()
    _write_sections(session, blueprint.id, sections)
    record(session, actor, clock, "blueprint_created", "blueprint", blueprint.id, sections=len(sections))
    return blueprint


def change_blueprint(
    session: Session,
    actor: Actor,
    clock: Clock,
    blueprint: Blueprint,
    name: str,
    sections: Sequence[SectionDraft],
    duration_minutes: int | None = None,
    *,
    based_on: int,
) -> None:
    """Replace all that a blueprint says. Raises BadInput, and Conflict when somebody changed it meanwhile."""
    name = _checked(session, name, sections, duration_minutes, blueprint.id)
    taken = (
        update(Blueprint)
        .where(Blueprint.id == blueprint.id, Blueprint.revision == based_on)
        .values(name=name, duration_minutes=duration_minutes, revision=based_on + 1)
    )
    if affected(session, taken) == 0:
        raise Conflict(
            _("命题细目表刚刚被别人修改过，本次修改未保存。请打开最新的内容核对后再改；您填写的内容还在下面。"),
            code="stale",
        )
    own = select(BlueprintSection.id).where(BlueprintSection.blueprint_id == blueprint.id)
    session.execute(delete(BlueprintDemand).where(BlueprintDemand.section_id.in_(own)))
    session.execute(delete(BlueprintSection).where(BlueprintSection.blueprint_id == blueprint.id))
    _write_sections(session, blueprint.id, sections)
    session.refresh(blueprint)
    record(session, actor, clock, "blueprint_changed", "blueprint", blueprint.id, sections=len(sections))


def _checked(
    session: Session, name: str, sections: Sequence[SectionDraft], duration_minutes: int | None, own_id: int | None
) -> str:
    name = name.strip()
    if not 0 < len(name) <= 200:
        raise BadInput(_("细目表名称应为 1 到 200 个字，请修改名称。"))
    twin = session.scalar(select(Blueprint.id).where(Blueprint.name == name))
    if twin is not None and twin != own_id:
        raise BadInput(_("已有名为“%(name)s”的命题细目表，请换一个名称。", name=name))
    if not sections:
        raise BadInput(_("命题细目表至少要有一个部分，请填写第一个部分。"))
    if len(sections) > MOST_SECTIONS:
        raise BadInput(_("命题细目表最多 %(most)s 个部分，请减少。", most=MOST_SECTIONS))
    if duration_minutes is not None and not 0 < duration_minutes <= MOST_MINUTES:
        raise BadInput(_("考试时间应为 1 到 %(most)s 分钟，请修改或留空。", most=MOST_MINUTES))
    known = set(session.scalars(select(KnowledgePoint.id)))
    for number, section in enumerate(sections, 1):
        _check_section(number, section)
        _check_demands(number, section, known)
    return name


def _check_section(number: int, section: SectionDraft) -> None:
    if not 0 < len(section.title) <= 200:
        raise BadInput(_("第 %(number)s 部分的标题应为 1 到 200 个字，请填写。", number=number))
    if section.type not in ITEM_TYPES or not ITEM_TYPES[section.type].drawable:
        raise BadInput(_("第 %(number)s 部分没有选择题型，请选择。", number=number))
    if section.policy not in ITEM_TYPES[section.type].policies:
        raise BadInput(
            _("第 %(number)s 部分的计分规则不适用于%(type)s，请重新选择。", number=number,
              type=ITEM_TYPES[section.type].chinese)
        )  # fmt: skip
    if not 0 < section.count <= MOST_ITEMS:
        raise BadInput(_("第 %(number)s 部分的题数应为 1 到 %(most)s，请修改。", number=number, most=MOST_ITEMS))
    if not 0 < section.points_hundredths <= MOST_POINTS:
        raise BadInput(_("第 %(number)s 部分的每题分值应大于 0、不超过 100，请修改。", number=number))


def _check_demands(number: int, section: SectionDraft, known: set[int]) -> None:
    if len(section.demands) > MOST_DEMANDS:
        raise BadInput(_("第 %(number)s 部分最多 %(most)s 项要求，请合并。", number=number, most=MOST_DEMANDS))
    asked = [(demand.knowledge_point_id, demand.difficulty) for demand in section.demands]
    if len(set(asked)) < len(asked):
        raise BadInput(_("第 %(number)s 部分有两行的知识点相同，请合并成一行。", number=number))
    for demand in section.demands:
        if demand.count <= 0:
            raise BadInput(_("第 %(number)s 部分的题数应大于 0，请修改。", number=number))
        if demand.difficulty not in ("", *DIFFICULTIES):
            raise BadInput(_("第 %(number)s 部分的难度只能是易、中、难或不限，请重新选择。", number=number))
        if demand.knowledge_point_id and demand.knowledge_point_id not in known:
            raise BadInput(_("第 %(number)s 部分的知识点不存在，请重新选择。", number=number))


def _write_sections(session: Session, blueprint_id: int, sections: Sequence[SectionDraft]) -> None:
    rows = [
        BlueprintSection(
            blueprint_id=blueprint_id,
            position=position,
            title=section.title,
            type=section.type,
            points_hundredths=section.points_hundredths,
            policy=section.policy,
        )
        for position, section in enumerate(sections, 1)
    ]
    session.add_all(rows)
    session.flush()
    session.add_all(
        _demand_row(row.id, position, demand)
        for row, section in zip(rows, sections, strict=True)
        for position, demand in enumerate(section.demands, 1)
    )
    session.flush()


def _demand_row(section_id: int, position: int, demand: DemandDraft) -> BlueprintDemand:
    return BlueprintDemand(
        section_id=section_id,
        position=position,
        knowledge_point_id=demand.knowledge_point_id,
        difficulty=demand.difficulty,
        count=demand.count,
    )
