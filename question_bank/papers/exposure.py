"""Exposure: how often an item version was sat, when last, and which items a draw lets rest for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from question_bank.papers.models import ItemExposure


@dataclass(frozen=True, slots=True)
class Rest:
    """What keeps an item out of a draw: sat so often or more (None: however often), or sat at or after an instant."""

    sittings: int | None = None
    since: datetime | None = None

    def allows(self, version_id: Any) -> Any:
        """SQL condition on a column of version ids."""
        tired = [
            *([ItemExposure.sittings >= self.sittings] if self.sittings is not None else []),
            *([ItemExposure.last_at >= self.since] if self.since is not None else []),
        ]
        if not tired:
            return true()
        used = select(ItemExposure.version_id).where(and_(ItemExposure.version_id == version_id, or_(*tired)))
        return ~used.exists()


NO_REST = Rest()


def note_sat(session: Session, sittings: Mapping[int, int], at: datetime) -> None:
    """Add to the exposure of versions, version id -> how many more sat it, the last of them at ``at``."""
    ids = sorted(sittings)
    missing = sorted(set(ids) - set(exposures_of(session, ids)))
    try:
        with session.begin_nested():
            if missing:
                rows = [{"version_id": version_id, "sittings": 0, "last_at": at} for version_id in missing]
                session.execute(insert(ItemExposure), rows)
    except IntegrityError:
        # Another worker counted one of them for the first time meanwhile.
        note_sat(session, sittings, at)
        return
    for version_id in ids:
        mine = update(ItemExposure).where(ItemExposure.version_id == version_id)
        counted = mine.values(sittings=ItemExposure.sittings + sittings[version_id])
        session.execute(counted.execution_options(synchronize_session=False))
    later = update(ItemExposure).where(ItemExposure.version_id.in_(ids), ItemExposure.last_at < at)
    session.execute(later.values(last_at=at).execution_options(synchronize_session=False))


def exposures_of(session: Session, version_ids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """How often each version was sat and when last; versions that nobody sat are left out."""
    found = session.execute(
        select(ItemExposure.version_id, ItemExposure.sittings, ItemExposure.last_at).where(
            ItemExposure.version_id.in_(version_ids)
        )
    )
    return {version_id: (sittings, last_at) for version_id, sittings, last_at in found}
