"""Regulations, their editions with the time each is in force, and the articles that items cite."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import BigId, Model


class Regulation(Model):
    """法规: a law or rule by its name, whatever became of its wording."""

    __tablename__ = "regulations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class RegulationEdition(Model):
    """版本: one wording of a regulation. State moves in_force -> revised | repealed (and back, if that was a mistake) by
    conditional UPDATE; whether an item that cites it is in quarantine follows from this state, never from one of its own.
    """

    __tablename__ = "regulation_editions"
    __table_args__ = (UniqueConstraint("regulation_id", "label"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    regulation_id: Mapped[int] = mapped_column(ForeignKey("regulations.id"))
    label: Mapped[str] = mapped_column(String(64))  # 2018-12-29修订; empty where no citation names one
    state: Mapped[str] = mapped_column(String(16), default="in_force")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]  # the first day on which it does not hold any more
    reason: Mapped[str] = mapped_column(String(500), default="")  # why it was marked, or marked back
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]

    regulation: Mapped[Regulation] = relationship(lazy="joined", innerjoin=True)


class RegulationArticle(Model):
    """条款 of one edition, with its text where somebody has recorded it."""

    __tablename__ = "regulation_articles"
    __table_args__ = (UniqueConstraint("edition_id", "label"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("regulation_editions.id"))
    label: Mapped[str] = mapped_column(String(64))  # 第三十六条; empty where no citation names one
    text: Mapped[str] = mapped_column(Text, default="")

    edition: Mapped[RegulationEdition] = relationship(lazy="joined", innerjoin=True)
