"""Drawing papers, and proving later that a paper is what was drawn."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict, NotFound
from core.i18n import _
from question_bank.enemies.queries import enemies_among
from question_bank.item_types.registry import item_type
from question_bank.items.digests import exact_digest
from question_bank.items.models import Item, ItemVersion
from question_bank.papers import rules
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.exposure import NO_REST, Rest
from question_bank.papers.models import Blueprint, Paper, PaperSection, PaperSlot
from question_bank.papers.queries import demand_title, eligible_versions, point_names, sections_of, versions_of

MOST_TITLE = 200
MOST_SEED = 64


def draw_paper(
    session: Session,
    actor: Actor,
    clock: Clock,
    blueprint: Blueprint,
    title: str,
    *,
    seed: str | None = None,
    demonstration: bool = False,
    rest: Rest = NO_REST,
    per_candidate: bool = False,
) -> Paper:
    """Draw a paper by the blueprint, freeze it under its digest and return it.

    ``per_candidate``: freeze a family instead: the pools and the seed, from which each sitting's own paper is derived.

    A real paper takes published items alone whose citation a person has verified; a demonstration paper takes every
    published item and says what it is. Of enemies it takes one, and none that ``rest`` leaves at home. Raises BadInput,
    and Conflict ``infeasible_blueprint`` with the shortfalls.
    """
    title = checked_title(title)
    seed = (seed or "").strip() or secrets.token_hex(32)
    if len(seed) > MOST_SEED or not seed.isprintable():
        raise BadInput(_("抽题种子最多 %(most)s 个可见字符，请修改或留空由系统产生。", most=MOST_SEED))
    sections = sections_of(session, blueprint.id)
    if not sections:
        raise BadInput(_("命题细目表“%(name)s”还没有部分，请先添加至少一个部分。", name=blueprint.name))
    demands = _demands(session, sections, demonstration=demonstration, rest=rest)
    apart = enemies_among(session, [item.version_id for demand in demands for item in demand.pool])
    return freeze_paper(
        session,
        actor,
        clock,
        Freezing(blueprint.id, title, demonstration, seed, sections, demands, apart, per_candidate=per_candidate),
    )


def checked_title(title: str) -> str:
    """Return a paper's title without spaces around it. Raises BadInput."""
    title = title.strip()
    if not 0 < len(title) <= MOST_TITLE:
        raise BadInput(_("试卷标题应为 1 到 %(most)s 个字，请修改标题。", most=MOST_TITLE))
    return title


@dataclass(frozen=True, slots=True)
class Freezing:
    """A paper about to be drawn and frozen; ``form``: A, B … of parallel forms, empty for a paper by itself.

    ``by_hand``: nothing is drawn; every section's one pool is its items, in the order in which a person put them.
    ``own_points``: the points (in hundredths) of the versions whose section cannot give them any.
    """

    blueprint_id: int | None
    title: str
    demonstration: bool
    seed: str
    sections: Sequence[SectionDraft]
    demands: Sequence[rules.Demand]
    apart: Sequence[Sequence[int]] = ()
    form: str = ""
    per_candidate: bool = False
    by_hand: bool = False
    own_points: Mapping[int, int] = field(default_factory=dict)


def freeze_paper(session: Session, actor: Actor, clock: Clock, wanted: Freezing) -> Paper:
    """Draw by seed and pools, and freeze the paper under its digest. Raises Conflict ``infeasible_blueprint``."""
    # Of a family this draw is the proof that every other one will succeed: whether items suffice depends on no seed.
    drawn = arranged(wanted) if wanted.by_hand else _draw(wanted.seed, wanted.demands, wanted.apart)
    layout, places = lay_out(wanted, drawn)
    worth = [[one.points_hundredths, one.policy] if wanted.per_candidate else [] for one in wanted.sections]
    paper = Paper(
        blueprint_id=wanted.blueprint_id,
        code=secrets.token_hex(8),
        title=wanted.title,
        demonstration=wanted.demonstration,
        seed=wanted.seed,
        pool=[[item.version_id for item in demand.pool] for demand in wanted.demands],
        seed_digest=seed_digest(wanted.seed) if wanted.per_candidate else None,
        demands=[[demand.section, demand.count, *worth[demand.section - 1]] for demand in wanted.demands],
        apart=[list(group) for group in wanted.apart],
        form=wanted.form or None,
        digest="",
        by_hand=wanted.by_hand,
        derivation=rules.BY_TEXT,
        total_hundredths=sum(place.points_hundredths for place in places),
        drawn_by=actor.id,
        drawn_at=clock.now(),
    )
    session.add(paper)
    session.flush()
    paper.code = f"P{paper.id:05d}{wanted.form}"
    _freeze(session, paper, layout, [] if wanted.per_candidate else places)
    paper.digest = paper_digest(session, paper)
    record(session, actor, clock, "paper_drawn", "paper", paper.id, blueprint=paper.blueprint_id, digest=paper.digest)
    return paper


def _demands(
    session: Session, sections: Sequence[SectionDraft], *, demonstration: bool, rest: Rest
) -> list[rules.Demand]:
    def pool(section: SectionDraft, demand: DemandDraft) -> tuple[rules.PoolItem, ...]:
        found = eligible_versions(session, section, demand, demonstration=demonstration, rest=rest)
        return tuple(map(pool_item, found))

    points = point_names(session)
    return [
        rules.Demand(
            demand_title(number, section, demand, points),
            demand.count,
            pool(section, demand),
            number,
        )
        for number, section in enumerate(sections, 1)
        for demand in section.demands
    ]


def _draw(seed: str, demands: Sequence[rules.Demand], apart: Sequence[Sequence[int]]) -> list[list[rules.Drawn]]:
    try:
        return rules.draw(seed, demands, apart)
    except rules.InfeasibleBlueprint as problem:
        shortfalls = [
            {"sections": list(short.sections), "asked": short.asked, "held": short.held} for short in problem.shortfalls
        ]
        raise Conflict(str(problem), code="infeasible_blueprint", details={"shortfalls": shortfalls}) from problem


def pool_item(version: ItemVersion) -> rules.PoolItem:
    """What the draw needs to know of a version."""
    kind = item_type(version.type)
    return rules.PoolItem(version.id, kind.movable(version.content), kind.keeps_order(version.content))


def arranged(wanted: Freezing) -> list[list[rules.Drawn]]:
    """The places of a paper composed by hand."""
    return rules.arrange(wanted.seed, [demand.pool for demand in wanted.demands])


def lay_out(wanted: Freezing, drawn: Sequence[Sequence[rules.Drawn]]) -> tuple[list[PaperSection], list[PaperSlot]]:
    """Return the sections and the numbered places of a paper, as yet of no paper."""
    sections = [
        PaperSection(
            position=position,
            title=section.title,
            instructions=item_type(section.type).instructions(section.policy),
        )
        for position, section in enumerate(wanted.sections, 1)
    ]
    places: list[PaperSlot] = []
    for position, (section, found) in enumerate(zip(wanted.sections, drawn, strict=True), 1):
        places += [
            PaperSlot(
                slot=slot,
                section_position=position,
                version_id=place.version_id,
                points_hundredths=wanted.own_points.get(place.version_id, section.points_hundredths),
                policy=section.policy,
                option_order=list(place.option_order),
            )
            for slot, place in enumerate(found, len(places) + 1)
        ]
    return sections, places


def _freeze(session: Session, paper: Paper, sections: Sequence[PaperSection], places: Sequence[PaperSlot]) -> None:
    for section in sections:
        section.paper_id = paper.id
    for place in places:
        place.paper_id = paper.id
    session.add_all([*sections, *places])
    session.flush()


def seed_digest(seed: str) -> str:
    """The commitment to a family's seed: SHA-256 (hex) of its UTF-8 text."""
    return hashlib.sha256(seed.encode()).hexdigest()


def tell_seed(session: Session, actor: Actor, clock: Clock, paper_id: int) -> None:
    """Publish the seed of a family, so that anybody can derive every paper. Raises NotFound, Conflict when it was."""
    told = (
        update(Paper)
        .where(Paper.id == paper_id, Paper.seed_digest.is_not(None), Paper.seed_told_at.is_(None))
        .values(seed_told_at=clock.now())
    )
    if affected(session, told) == 0:
        raise Conflict(_("这份试卷的种子不用公布，或已经公布，本次操作未执行。"))
    record(session, actor, clock, "paper_seed_told", "paper", paper_id)


def paper_digest(session: Session, paper: Paper) -> str:
    """SHA-256 (hex) of the RFC 8785 form of everything that a paper is: title, draw, sections, slots, contents."""
    return hashlib.sha256(rfc8785.dumps(_canonical(session, paper))).hexdigest()


def _canonical(session: Session, paper: Paper) -> dict[str, Any]:
    sections = session.scalars(
        select(PaperSection).where(PaperSection.paper_id == paper.id).order_by(PaperSection.position)
    )
    slots = session.execute(
        select(PaperSlot, ItemVersion, Item.number)
        .join(ItemVersion, ItemVersion.id == PaperSlot.version_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(PaperSlot.paper_id == paper.id)
        .order_by(PaperSlot.slot)
    )
    # Papers of the first version knew no demands inside a section; their digests stay what they were.
    demands = {"demands": paper.demands} if paper.demands else {}
    return {
        "v": 2 if paper.demands else 1,
        **demands,
        **({"apart": paper.apart} if paper.apart else {}),
        **({"form": paper.form} if paper.form else {}),
        **({"by_hand": True} if paper.by_hand else {}),
        **({"derivation": paper.derivation} if paper.derivation != rules.BY_HMAC else {}),
        **({"contents": _contents(session, paper)} if paper.seed_digest else {}),
        "title": paper.title,
        "demonstration": paper.demonstration,
        "seed": paper.seed,
        "pool": paper.pool,
        "total": paper.total_hundredths,
        "sections": [[section.position, section.title, section.instructions] for section in sections],
        "slots": [
            {
                "slot": place.slot,
                "section": place.section_position,
                "item": number,
                "version": version.version,
                "content": exact_digest(version.type, version.content),
                "points": place.points_hundredths,
                "policy": place.policy,
                "options": place.option_order,
            }
            for place, version, number in slots
        ],
    }


def _contents(session: Session, paper: Paper) -> list[list[Any]]:
    """What every version of a family's pools says."""
    versions = versions_of(session, paper)
    return [[one.id, exact_digest(one.type, one.content)] for _id, one in sorted(versions.items())]


def deviations(session: Session, paper_id: int) -> list[str]:
    """Draw a frozen paper again from its seed and pool, and compute its digest anew.

    Of a paper composed by hand the order of items is the frozen one, and the options alone are ordered anew by the
    seed. Returns what deviates as Chinese sentences, empty when the paper is what was drawn. Raises NotFound.
    """
    paper = session.get(Paper, paper_id)
    if paper is None:
        raise NotFound(_("没有这份试卷。请从试卷列表重新选择。"))
    found = []
    if paper_digest(session, paper) != paper.digest:
        found.append(_("试卷现在的内容与冻结时的摘要不一致。"))
    if paper.seed_digest:
        if seed_digest(paper.seed) != paper.seed_digest:
            found.append(_("抽题种子与公布的种子摘要不一致。"))
        return found
    slots = session.scalars(select(PaperSlot).where(PaperSlot.paper_id == paper_id).order_by(PaperSlot.slot)).all()
    frozen: dict[int, list[rules.Drawn]] = {}
    for place in slots:
        drawn = rules.Drawn(place.version_id, tuple(place.option_order))
        frozen.setdefault(place.section_position, []).append(drawn)
    counts = {position: len(places) for position, places in frozen.items()}
    if _replay(session, paper, counts) != [frozen[position] for position in sorted(frozen)]:
        found.append(
            _("按冻结的题目次序和种子重新排列的结果与试卷不一致。")
            if paper.by_hand
            else _("按种子重新抽题的结果与试卷不一致。")
        )
    return found


def _replay(session: Session, paper: Paper, counts: Mapping[int, int]) -> list[list[rules.Drawn]]:
    wanted = {version_id for pool in paper.pool for version_id in pool}
    versions = {
        version.id: pool_item(version)
        for version in session.scalars(select(ItemVersion).where(ItemVersion.id.in_(wanted)))
    }
    if paper.by_hand:
        pools = [[versions[version_id] for version_id in pool] for pool in paper.pool]
        return rules.arrange(paper.seed, pools, paper.derivation)
    demands = [
        rules.Demand(str(number), count, tuple(versions[version_id] for version_id in pool), section)
        for number, ((section, count), pool) in enumerate(
            zip(paper.demands or sorted(counts.items()), paper.pool, strict=True)
        )
    ]
    try:
        return rules.draw(paper.seed, demands, paper.apart or (), paper.derivation)
    except rules.InfeasibleBlueprint:
        return []
