"""Reading which items must not stand on a paper together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.enemies.models import EnemyGroup, EnemyItem
from question_bank.items.models import Item, ItemVersion


@dataclass(frozen=True, slots=True)
class Enemy:
    """Another member of an item's group, as its page names it."""

    item_id: int
    number: str
    state: str
    stem: str


@dataclass(frozen=True, slots=True)
class Group:
    """The group of an item: why, and its other members by number."""

    id: int
    reason: str
    others: tuple[Enemy, ...]


def group_of(session: Session, item_id: int) -> Group | None:
    """Return the group that an item belongs to, if any."""
    group = session.scalar(
        select(EnemyGroup).join(EnemyItem, EnemyItem.group_id == EnemyGroup.id).where(EnemyItem.item_id == item_id)
    )
    if group is None:
        return None
    rows = session.execute(
        select(Item.id, Item.number, Item.state, ItemVersion.content)
        .join(EnemyItem, EnemyItem.item_id == Item.id)
        .join(ItemVersion, ItemVersion.id == Item.current_version_id)
        .where(EnemyItem.group_id == group.id, Item.id != item_id)
        .order_by(Item.number)
    )
    return Group(group.id, group.reason, tuple(Enemy(i, n, state, content["stem"]) for i, n, state, content in rows))


def enemies_among(session: Session, version_ids: Sequence[int]) -> list[list[int]]:
    """Return the versions, out of those given, of which a paper may hold one: lists of two or more, all ascending.

    No version stands in two lists. Versions of one item count as enemies of its enemies, not of each other.
    """
    wanted = set(version_ids)
    rows = session.execute(
        select(EnemyItem.group_id, ItemVersion.id)
        .join(ItemVersion, ItemVersion.item_id == EnemyItem.item_id)
        .order_by(EnemyItem.group_id, ItemVersion.id)
    )
    groups: dict[int, list[int]] = defaultdict(list)
    for group_id, version_id in rows:
        if version_id in wanted:
            groups[group_id].append(version_id)
    return sorted(members for members in groups.values() if len(members) > 1)
