"""Reading drafts of papers composed by hand: what stands where, what it is worth, and what stands in its way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.delivery import DeliveredPaper, PaperSource
from question_bank.enemies.models import EnemyItem
from question_bank.fixed_papers.models import FixedDraft
from question_bank.fixed_papers.rules import HandSection, section_of
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items.models import Item, ItemVersion
from question_bank.items.words import TYPES
from question_bank.papers import rules as paper_rules
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Paper
from question_bank.papers.places import Places
from question_bank.papers.queries import AT_ONCE, verified
from question_bank.papers.rules import chinese_numeral
from question_bank.papers.service import Freezing, arranged, lay_out, pool_item
from question_bank.sources.queries import quarantined_among


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides whether an item version may stand on a paper; ``group``: of its enemies."""

    version: ItemVersion
    item: Item
    proven: bool
    quarantined: bool
    group: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """One item of a draft: its number on the paper, its points in hundredths, and why it cannot stay there."""

    slot: int
    facts: Facts
    points_hundredths: int
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a draft with its items; ``obstacles``: what is wrong with the section itself."""

    numeral: str
    draft: HandSection
    title: str
    places: tuple[Place, ...]
    obstacles: tuple[str, ...]

    @property
    def own_points(self) -> bool:
        """Whether its items bring their own points."""
        return ITEM_TYPES[self.draft.type].own_points

    @property
    def total_hundredths(self) -> int:
        """What the section is worth."""
        return sum(place.points_hundredths for place in self.places)


@dataclass(frozen=True, slots=True)
class Composition:
    """A draft as it stands; it can be frozen when ``obstacles`` is empty."""

    sections: tuple[Section, ...]

    @property
    def items(self) -> int:
        """How many items it has."""
        return sum(len(section.places) for section in self.sections)

    @property
    def total_hundredths(self) -> int:
        """What it is worth."""
        return sum(section.total_hundredths for section in self.sections)

    @property
    def obstacles(self) -> list[str]:
        """Everything that stands in the way of freezing it, a sentence each."""
        if not self.sections:
            return [_("试卷还没有部分，请增加一个部分。")]
        found = []
        for section in self.sections:
            where = f"{section.numeral}、{section.title}"
            found += [_("“%(where)s”%(what)s", where=where, what=sentence) for sentence in section.obstacles]
            found += [
                _("第 %(slot)s 题 %(number)s %(what)s", slot=place.slot, number=place.facts.item.number, what=sentence)
                for place in section.places
                for sentence in place.obstacles
            ]
        return found


def draft_of(session: Session, draft_id: int) -> FixedDraft:
    """Return a draft. Raises NotFound."""
    found = session.get(FixedDraft, draft_id)
    if found is None:
        raise NotFound(_("没有这份手工组卷的草稿。请从列表重新选择。"))
    return found


def sections_of(draft: FixedDraft) -> list[HandSection]:
    """Return a draft's sections in order."""
    return [section_of(stored) for stored in draft.sections]


def facts_of(session: Session, version_ids: Iterable[int]) -> dict[int, Facts]:
    """What is known of versions by their ids; ids that name none are left out."""
    ids = sorted(set(version_ids))
    held = set().union(*(quarantined_among(session, ids[at : at + AT_ONCE]) for at in range(0, len(ids), AT_ONCE)))
    found = {}
    for at in range(0, len(ids), AT_ONCE):
        rows = session.execute(
            select(ItemVersion, Item, verified(), EnemyItem.group_id)
            .join(Item, Item.id == ItemVersion.item_id)
            .outerjoin(EnemyItem, EnemyItem.item_id == Item.id)
            .where(ItemVersion.id.in_(ids[at : at + AT_ONCE]))
        )
        for version, item, proven, group in rows:
            found[version.id] = Facts(version, item, bool(proven), version.id in held, group)
    return found


def unfit(facts: Facts, type_name: str, *, demonstration: bool) -> list[str]:
    """Why an item may not stand in a section of this type, whatever else stands on the paper; a sentence each."""
    found = []
    if facts.item.type != type_name:
        found.append(_("是%(own)s，不能放在%(wanted)s的部分。", own=TYPES[facts.item.type], wanted=TYPES[type_name]))
    if facts.item.state != "published":
        found.append(_("不是已发布的试题，不能进入试卷。"))
    elif facts.item.current_version_id != facts.version.id:
        found.append(_("已有新的一版，请移出后重新选入。"))
    if facts.quarantined:
        found.append(_("所依据的法规已失效，正被隔离，核对以前不能进入试卷。"))
    elif not facts.proven and not demonstration:
        found.append(_("是演示题或依据没有核对，只能用于演示卷。"))
    return found


def clashes(facts: Facts, others: Iterable[tuple[int, Facts]]) -> list[str]:
    """Which of the other items (with their numbers on the paper) may not stand beside it; a sentence each."""
    found = []
    for slot, other in others:
        if other.item.id == facts.item.id:
            found.append(_("已经选为第 %(slot)s 题，同一道题只能出现一次。", slot=slot))
        elif facts.group is not None and other.group == facts.group:
            found.append(_("与第 %(slot)s 题 %(number)s 互斥，不能同卷。", slot=slot, number=other.item.number))
    return found


def compose(session: Session, sections: Sequence[HandSection], *, demonstration: bool) -> Composition:
    """Look at sections as they stand. Version ids that name none are passed over."""
    facts = facts_of(session, (version_id for section in sections for version_id in section.versions))
    known = [[facts[version_id] for version_id in section.versions if version_id in facts] for section in sections]
    placed = list(enumerate((one for held in known for one in held), 1))
    rivals = _rivals(placed)
    found, first = [], 1
    for number, (section, held) in enumerate(zip(sections, known, strict=True), 1):
        places = []
        for slot, one in enumerate(held, first):
            others = [(at, other) for at, other in rivals[one.item.id] if at != slot]
            obstacles = (*unfit(one, section.type, demonstration=demonstration), *clashes(one, others))
            places.append(Place(slot, one, _worth(section, one), obstacles))
        first += len(held)
        title = section.title or ITEM_TYPES[section.type].chinese
        wrong = _wrong(section, bool(held))
        found.append(Section(chinese_numeral(number), section, title, tuple(places), wrong))
    return Composition(tuple(found))


def _rivals(placed: Sequence[tuple[int, Facts]]) -> dict[int, list[tuple[int, Facts]]]:
    """By item: the places of the item itself and of its enemies. Hundreds of items are not compared pair by pair."""
    by_unit: dict[tuple[str, int], list[tuple[int, Facts]]] = {}
    for slot, one in placed:
        by_unit.setdefault(_unit(one), []).append((slot, one))
    return {one.item.id: by_unit[_unit(one)] for _slot, one in placed}


def _unit(facts: Facts) -> tuple[str, int]:
    return ("item", facts.item.id) if facts.group is None else ("group", facts.group)


def _worth(section: HandSection, facts: Facts) -> int:
    own = ITEM_TYPES[section.type].own_points
    return facts.version.points_hundredths if own else section.points_hundredths


def _wrong(section: HandSection, filled: bool) -> tuple[str, ...]:
    kind = ITEM_TYPES[section.type]
    return (
        *(() if filled else (_("还没有选题。"),)),
        *(() if section.points_hundredths or kind.own_points else (_("还没有填每题分值。"),)),
    )


def placed_of(composition: Composition) -> list[tuple[int, Facts]]:
    """The items of a draft with their numbers on the paper."""
    return [(place.slot, place.facts) for section in composition.sections for place in section.places]


def freezing(draft: FixedDraft, composition: Composition) -> Freezing:
    """Return what a draft will be frozen as."""
    sections = [
        SectionDraft(
            section.title,
            section.draft.type,
            (DemandDraft(len(section.places)),),
            section.draft.points_hundredths,
            section.draft.policy,
        )
        for section in composition.sections
    ]
    demands = [
        paper_rules.Demand(
            section.title,
            len(section.places),
            tuple(pool_item(place.facts.version) for place in section.places),
            number,
        )
        for number, section in enumerate(composition.sections, 1)
    ]
    own_points: Mapping[int, int] = {
        place.facts.version.id: place.points_hundredths
        for section in composition.sections
        if section.own_points
        for place in section.places
    }
    return Freezing(
        None, draft.title, draft.demonstration, draft.seed, sections, demands, by_hand=True, own_points=own_points
    )


def preview_of(draft: FixedDraft, composition: Composition) -> DeliveredPaper:
    """Return a draft as a candidate would see it were it frozen now; nothing is stored."""
    wanted = freezing(draft, composition)
    sections, places = lay_out(wanted, arranged(wanted))
    paper = Paper(
        id=0,
        code="",
        title=draft.title,
        digest="",
        demonstration=draft.demonstration,
        total_hundredths=composition.total_hundredths,
    )
    versions = {one.version.id: one.version for _slot, one in placed_of(composition)}
    return PaperSource(paper, sections, Places(fixed=tuple(places)), versions).paper()
