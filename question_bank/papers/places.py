"""The places of a frozen paper: the same for everybody, or drawn for each sitting from the pools frozen at publication."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.items.models import ItemVersion
from question_bank.papers import rules
from question_bank.papers.models import Paper, PaperSlot
from question_bank.papers.service import pool_item


@dataclass(frozen=True)
class Places:
    """Where every item stands: ``fixed``, or drawn from ``demands``. ``worth``: points and policy of each section."""

    fixed: tuple[PaperSlot, ...] = ()
    seed: str = ""
    derivation: int = rules.BY_TEXT
    demands: tuple[rules.Demand, ...] = ()
    apart: Sequence[Sequence[int]] = ()
    worth: Mapping[int, tuple[int, str]] = field(default_factory=dict)

    @property
    def per_candidate(self) -> bool:
        """Whether each sitting has a paper of its own."""
        return bool(self.demands)

    def of(self, number: int) -> Sequence[PaperSlot]:
        """The places of the sitting with this number; 0 is the specimen that nobody sits. Drawn ones are never stored."""
        if not self.per_candidate:
            return self.fixed
        drawn = rules.draw(rules.personal_seed(self.seed, number), self.demands, self.apart, self.derivation)
        found: list[PaperSlot] = []
        for position, places in zip(dict.fromkeys(demand.section for demand in self.demands), drawn, strict=True):
            points, policy = self.worth[position]
            found += [
                PaperSlot(
                    slot=slot,
                    section_position=position,
                    version_id=one.version_id,
                    points_hundredths=points,
                    policy=policy,
                    option_order=list(one.option_order),
                )
                for slot, one in enumerate(places, len(found) + 1)
            ]
        return found


def places_of(session: Session, paper: Paper, versions: Mapping[int, ItemVersion]) -> Places:
    """The places of a paper; ``versions``: what ``versions_of`` gave for it."""
    if paper.seed_digest is None:
        rows = session.scalars(select(PaperSlot).where(PaperSlot.paper_id == paper.id).order_by(PaperSlot.slot))
        return Places(fixed=tuple(rows))
    items = {version_id: pool_item(version) for version_id, version in versions.items()}
    return Places(
        seed=paper.seed,
        derivation=paper.derivation,
        demands=tuple(
            rules.Demand(str(number), count, tuple(items[version_id] for version_id in pool), section)
            for number, ((section, count, _points, _policy), pool) in enumerate(
                zip(paper.demands or (), paper.pool, strict=True)
            )
        ),
        apart=paper.apart or (),
        worth={section: (points, policy) for section, _count, points, policy in paper.demands or ()},
    )
