"""Enemy items: groups of items of which at most one may stand on a paper."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class EnemyGroup(Model):
    """互斥组: a pair or more of items that give each other away or ask the same."""

    __tablename__ = "enemy_groups"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reason: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class EnemyItem(Model):
    """An item's membership. The key allows one group an item: so every draw can be decided exactly, and quickly."""

    __tablename__ = "enemy_items"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("enemy_groups.id"), index=True)
