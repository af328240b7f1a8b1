"""The audit log: entries are only ever inserted; seals chain them by hash."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class AuditEntry(Model):
    """Who did what to which thing, when. Holds ids, never names, so that erasing a person leaves the chain whole."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_object", "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    action: Mapped[str] = mapped_column(String(64), index=True)
    object_type: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[dict[str, Any]]


class AuditSeal(Model):
    """The link of one entry in the chain: ``digest = SHA-256(previous || canonical entry)``."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    algorithm: Mapped[str] = mapped_column(String(16), default="sha256")
    digest: Mapped[str] = mapped_column(Text)
