"""Reading blueprints and papers, and what the bank holds for a demand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.enemies.models import EnemyItem
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items.models import Item, ItemVersion, KnowledgePoint, SourceCitation, SourceVerification
from question_bank.papers import rules
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.exposure import NO_REST, Rest
from question_bank.papers.models import Blueprint, BlueprintDemand, BlueprintSection, Paper, PaperSlot
from question_bank.sources.queries import quarantined

# Type, knowledge point, difficulty, and the points of types whose points are the item's own (0 for others): items that no
# demand can tell apart.
Cell = tuple[str, int | None, str, int]
OWN_POINTS = frozenset(name for name, kind in ITEM_TYPES.items() if kind.own_points)


AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Availability:
    """How many published items meet a demand's conditions: for a real paper, and for a demonstration paper."""

    real: int
    demonstration: int


def verified() -> Any:
    """SQL condition: the current version's citation was verified, or a local item cites nothing."""
    proof = select(SourceVerification.id).where(SourceVerification.version_id == ItemVersion.id).exists()
    cited = select(SourceCitation.id).where(SourceCitation.version_id == ItemVersion.id).exists()
    return or_(proof, and_(~cited, Item.demonstration.is_(False)))


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the bank holds: how many published items there are of each cell, and which points lie below a point.

    Enemies are not among the cells' counts; ``groups`` tell in which cells each group has items, of which a paper takes
    one: for a real paper, and for a demonstration paper.
    """

    cells: Mapping[Cell, Availability]
    below: Mapping[int, frozenset[int]]
    groups: tuple[tuple[frozenset[Cell], frozenset[Cell]], ...] = ()

    def cells_of(self, type_name: str, demand: DemandDraft, worth: int = 0) -> list[Cell]:
        """The cells whose items meet a demand of a section of this type, each worth so much (in hundredths)."""
        return [cell for cell in self.cells if self._meets(cell, type_name, demand, worth)]

    def _meets(self, cell: Cell, type_name: str, demand: DemandDraft, worth: int) -> bool:
        points = self.below.get(demand.knowledge_point_id or 0, frozenset())
        return (
            cell[0] == type_name
            and (not demand.knowledge_point_id or cell[1] in points)
            and demand.difficulty in ("", cell[2])
            and cell[3] in (0, worth)
        )

    def _groups_of(self, type_name: str, demand: DemandDraft, worth: int, *, demonstration: bool) -> list[int]:
        """The numbers of the groups of enemies that have an item which meets a demand."""
        return [
            number
            for number, cells in enumerate(self.groups)
            if any(self._meets(cell, type_name, demand, worth) for cell in cells[demonstration])
        ]

    def of(self, type_name: str, demand: DemandDraft, worth: int = 0) -> Availability:
        """How many items meet a demand, whatever other demands ask for; of enemies, one."""
        found = [self.cells[cell] for cell in self.cells_of(type_name, demand, worth)]
        groups = (self._groups_of(type_name, demand, worth, demonstration=which) for which in (False, True))
        real, everything = map(len, groups)
        return Availability(
            sum(held.real for held in found) + real, sum(held.demonstration for held in found) + everything
        )

    def shortfalls(
        self, sections: Sequence[SectionDraft], points: Mapping[int, str], *, demonstration: bool = False
    ) -> list[rules.Shortfall]:
        """What the bank lacks for all demands together, empty when a paper can be drawn."""
        sizes: dict[Cell | int, int] = dict.fromkeys(range(len(self.groups)), 1)
        sizes |= {cell: held.demonstration if demonstration else held.real for cell, held in self.cells.items()}
        demands = [
            (
                demand_title(number, section, demand, points),
                demand.count,
                [
                    *self.cells_of(section.type, demand, section.points_hundredths),
                    *self._groups_of(section.type, demand, section.points_hundredths, demonstration=demonstration),
                ],
            )
            for number, section in enumerate(sections, 1)
            for demand in section.demands
        ]
        return rules.shortfalls(demands, sizes)


def holdings(session: Session) -> Holdings:
    """Count the whole bank by cell and group of enemies, in one statement for each kind of paper."""

    def counted(*conditions: Any) -> tuple[dict[Cell, int], dict[int, frozenset[Cell]]]:
        own = case((Item.type.in_(OWN_POINTS), ItemVersion.points_hundredths), else_=0)
        cell = (Item.type, ItemVersion.knowledge_point_id, ItemVersion.difficulty, own)
        rows = session.execute(
            select(*cell, EnemyItem.group_id, func.count())
            .join(Item, Item.current_version_id == ItemVersion.id)
            .outerjoin(EnemyItem, EnemyItem.item_id == Item.id)
            .where(Item.state == "published", ~quarantined(ItemVersion.id), *conditions)
            .group_by(*cell, EnemyItem.group_id)
        )
        free: dict[Cell, int] = {}
        groups: dict[int, frozenset[Cell]] = {}
        for type_name, point, difficulty, worth, group, count in rows:
            where = (type_name, point, difficulty, worth)
            if group is None:
                free[where] = count
            else:
                groups[group] = groups.get(group, frozenset()) | {where}
        return free, groups

    (real, real_groups), (everything, groups) = counted(verified()), counted()
    cells = {cell: Availability(real.get(cell, 0), count) for cell, count in everything.items()}
    below = {point: frozenset(found) for point, found in _subtrees(session).items()}
    apart = tuple((real_groups.get(group, frozenset()), where) for group, where in sorted(groups.items()))
    return Holdings(cells, below, apart)


def demand_title(number: int, section: SectionDraft, demand: DemandDraft, points: Mapping[int, str]) -> str:
    """What a sentence calls a demand: 一、单项选择题·公务员法·难."""
    parts = [f"{rules.chinese_numeral(number)}、{section.title}"]
    if demand.knowledge_point_id:
        parts.append(points.get(demand.knowledge_point_id, "？"))
    return "·".join([*parts, *([demand.difficulty] if demand.difficulty else [])])


def point_names(session: Session) -> dict[int, str]:
    """The names of all knowledge points."""
    return {row.id: row.name for row in session.execute(select(KnowledgePoint.id, KnowledgePoint.name))}


def eligible_versions(
    session: Session, section: SectionDraft, demand: DemandDraft, *, demonstration: bool, rest: Rest = NO_REST
) -> Sequence[ItemVersion]:
    """Return the pool of a demand of a section, by version id: current versions of published items that meet its
    conditions and are not kept at home by ``rest``; of a type whose points are the item's own, those worth what it asks."""
    statement = (
        select(ItemVersion)
        .join(Item, Item.current_version_id == ItemVersion.id)
        .where(
            Item.state == "published",
            Item.type == section.type,
            ~quarantined(ItemVersion.id),
            rest.allows(ItemVersion.id),
        )
        .order_by(ItemVersion.id)
    )
    if demand.knowledge_point_id:
        statement = statement.where(ItemVersion.knowledge_point_id.in_(subtree(session, demand.knowledge_point_id)))
    if demand.difficulty:
        statement = statement.where(ItemVersion.difficulty == demand.difficulty)
    if section.type in OWN_POINTS:
        statement = statement.where(ItemVersion.points_hundredths == section.points_hundredths)
    return session.scalars(statement if demonstration else statement.where(verified())).all()


def subtree(session: Session, knowledge_point_id: int) -> list[int]:
    """Return the ids of a knowledge point and of everything below it."""
    return sorted(_subtrees(session).get(knowledge_point_id, {knowledge_point_id}))


def _subtrees(session: Session) -> dict[int, set[int]]:
    rows = session.execute(select(KnowledgePoint.id, KnowledgePoint.parent_id))
    parents = {row.id: row.parent_id for row in rows}
    found: dict[int, set[int]] = defaultdict(set)
    for own in parents:
        above: int | None = own
        while above is not None:
            found[above].add(own)
            above = parents[above]
    return found


def sections_of(session: Session, blueprint_id: int) -> list[SectionDraft]:
    """Return a blueprint's sections in order."""
    rows = session.execute(
        select(BlueprintSection, BlueprintDemand)
        .join(BlueprintDemand, BlueprintDemand.section_id == BlueprintSection.id)
        .where(BlueprintSection.blueprint_id == blueprint_id)
        .order_by(BlueprintSection.position, BlueprintDemand.position)
    )
    found: dict[int, tuple[BlueprintSection, list[DemandDraft]]] = {}
    for section, row in rows:
        demand = DemandDraft(row.count, row.knowledge_point_id, row.difficulty)
        found.setdefault(section.id, (section, []))[1].append(demand)
    return [
        SectionDraft(row.title, row.type, tuple(demands), row.points_hundredths, row.policy)
        for row, demands in found.values()
    ]


def blueprint(session: Session, blueprint_id: int) -> Blueprint:
    """Return a blueprint. Raises NotFound."""
    found = session.get(Blueprint, blueprint_id)
    if found is None:
        raise NotFound(_("没有这份命题细目表。请从列表重新选择。"))
    return found


def paper(session: Session, paper_id: int) -> Paper:
    """Return a paper. Raises NotFound."""
    found = session.get(Paper, paper_id)
    if found is None:
        raise NotFound(_("没有这份试卷。请从试卷列表重新选择。"))
    return found


def pool_sizes(paper: Paper) -> list[int]:
    """How many items each section of a paper was drawn from, an item that several demands could take counted once."""
    pools: dict[int, set[int]] = defaultdict(set)
    for number, pool in enumerate(paper.pool, 1):
        pools[paper.demands[number - 1][0] if paper.demands else number].update(pool)
    return [len(pools[position]) for position in sorted(pools)]


def versions_of(session: Session, paper: Paper) -> dict[int, ItemVersion]:
    """Every item version that stands on a paper or may be drawn for it, by id."""
    if paper.seed_digest is None:
        ids = list(session.scalars(select(PaperSlot.version_id).where(PaperSlot.paper_id == paper.id)))
    else:
        ids = sorted({version_id for pool in paper.pool for version_id in pool})
    found: dict[int, ItemVersion] = {}
    for start in range(0, len(ids), AT_ONCE):
        rows = session.scalars(select(ItemVersion).where(ItemVersion.id.in_(ids[start : start + AT_ONCE])))
        found |= {row.id: row for row in rows}
    return found
