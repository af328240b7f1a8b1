"""Blueprints, and the papers frozen from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class Blueprint(Model):
    """命题细目表: what a paper must contain."""

    __tablename__ = "blueprints"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    instructions: Mapped[str] = mapped_column(Text, default="")
    duration_minutes: Mapped[int | None]  # the time that the paper is meant for
    revision: Mapped[int] = mapped_column(default=1)  # a change names the revision it was made from
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class BlueprintSection(Model):
    """One section: items of one type, each worth so many points; which items, its demands say."""

    __tablename__ = "blueprint_sections"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprints.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(32))
    points_hundredths: Mapped[int]
    policy: Mapped[str] = mapped_column(String(32))


class BlueprintDemand(Model):
    """So many items of a section, from a knowledge point with all below it, of a difficulty; either may be left open."""

    __tablename__ = "blueprint_demands"

    section_id: Mapped[int] = mapped_column(ForeignKey("blueprint_sections.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    knowledge_point_id: Mapped[int | None] = mapped_column(ForeignKey("knowledge_points.id"))
    difficulty: Mapped[str] = mapped_column(String(8), default="")
    count: Mapped[int]


class Paper(Model):
    """A frozen set of item versions. Never changed after it was drawn; a canonical digest says so."""

    __tablename__ = "papers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    blueprint_id: Mapped[int | None] = mapped_column(ForeignKey("blueprints.id"))
    code: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    demonstration: Mapped[bool] = mapped_column(default=False)
    form: Mapped[str | None] = mapped_column(String(2))  # A, B … of parallel forms
    # A person chose the items and their order: each section's pool is its items in order, only options follow the seed.
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    seed: Mapped[str] = mapped_column(String(64))
    derivation: Mapped[int] = mapped_column(server_default="1")  # how orders follow from the seed: ``papers.rules``
    # Set on a family, of which every sitting draws its own paper: the commitment to the seed, told before the exam.
    seed_digest: Mapped[str | None] = mapped_column(String(64))
    seed_told_at: Mapped[datetime | None]  # when the seed of a family was published
    pool: Mapped[list[Any]]  # version ids the draw chose from, per demand: [[...], ...]
    # [[section position, count], ...] for each pool, of a family [position, count, points in hundredths, policy];
    # nothing where each section is one demand
    demands: Mapped[list[Any] | None] = mapped_column(JSON, default=list)
    # Of each of these groups of version ids the draw took at most one: the enemies among the pool.
    apart: Mapped[list[Any] | None] = mapped_column(JSON, default=list)
    digest: Mapped[str] = mapped_column(String(64))
    total_hundredths: Mapped[int]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    drawn_at: Mapped[datetime]


class PaperSection(Model):
    """A section as printed: 一、单项选择题（共 20 题，每题 1 分）."""

    __tablename__ = "paper_sections"

    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    instructions: Mapped[str] = mapped_column(Text, default="")


class PaperSlot(Model):
    """One numbered place on a paper, holding one item version."""

    __tablename__ = "paper_slots"

    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    section_position: Mapped[int]
    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), index=True)
    points_hundredths: Mapped[int]
    policy: Mapped[str] = mapped_column(String(32))
    option_order: Mapped[list[Any]]  # author's labels in displayed order: ["C", "A", "D", "B"] shows C as A


class ItemExposure(Model):
    """How often an item version stood on a paper that somebody sat, and when that was last. Kept up by every scoring."""

    __tablename__ = "item_exposures"

    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), primary_key=True)
    sittings: Mapped[int]
    last_at: Mapped[datetime]
