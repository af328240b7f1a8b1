"""Items, their immutable versions, their keys in a table of their own, where they come from and who reviewed them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import BigId, Model
from question_bank.sources.models import RegulationArticle


class KnowledgePoint(Model):
    """A node of the content outline."""

    __tablename__ = "knowledge_points"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("knowledge_points.id"))


class ItemImport(Model):
    """One confirmed import of a file. ``token`` is the dry run's own number: confirming it twice imports once."""

    __tablename__ = "item_imports"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    items: Mapped[int]  # taken as drafts
    merged: Mapped[int] = mapped_column(default=0, server_default="0")  # taken as new versions of items that were there
    left_out: Mapped[int]  # places of the file that were not taken
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    imported_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Item(Model):
    """A question under a stable number; what it says stands in its versions.

    State moves draft -> in_review -> published -> retired by conditional UPDATE (in_review -> draft when returned;
    published -> draft with a new version). Drafts of an import that is undone become discarded.
    """

    __tablename__ = "items"
    __table_args__ = (Index("ix_items_state_type", "state", "type"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)  # Q000001
    type: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default="draft")
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("item_versions.id", use_alter=True, name="fk_items_current_version_id_item_versions"), index=True
    )
    demonstration: Mapped[bool] = mapped_column(default=False)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("item_imports.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class ItemVersion(Model):
    """An immutable state of an item's content, as a candidate may see it: no key, no rationale."""

    __tablename__ = "item_versions"
    __table_args__ = (
        UniqueConstraint("item_id", "version"),
        Index("ix_item_versions_content_digest", "content_digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    version: Mapped[int]
    type: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]]  # {"stem", "options"?, "blanks"?}
    content_digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the normalised content
    knowledge_point_id: Mapped[int | None] = mapped_column(ForeignKey("knowledge_points.id"), index=True)
    difficulty: Mapped[str] = mapped_column(String(8), default="")  # 易 中 难, or empty
    points_hundredths: Mapped[int]
    tags: Mapped[list[Any]]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class ItemText(Model):
    """What the current version of an item says, as it is searched.

    ``portion`` names the part of the index that holds the version; none where a search still has to read the text.
    """

    __tablename__ = "item_texts"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)  # normalised stem and options, then the item's number
    portion: Mapped[int | None] = mapped_column(BigId, index=True)


class TextGram(Model):
    """Which versions of one portion say a gram (``searching.grams``); a negative gram is a knowledge point's id.

    Versions never change, so neither do these rows: a version that is no longer current is left out when it is asked for.
    """

    __tablename__ = "text_grams"

    gram: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    portion: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    versions: Mapped[bytes] = mapped_column(LargeBinary)  # ids, ascending, eight bytes each, the least first


class VersionMark(Model):
    """A mark (``question_bank.duplicates.marks``) of a version: versions that say nearly the same share some."""

    __tablename__ = "version_marks"

    mark: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), primary_key=True, index=True)


class ItemKey(Model):
    """Key and rationale of a version. Only ``question_bank.keys`` reads this table."""

    __tablename__ = "item_keys"

    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), primary_key=True)
    key: Mapped[dict[str, Any]]  # {"key": [...], "order_free"?: bool}
    rationale: Mapped[str] = mapped_column(Text, default="")


class ItemExtras(Model):
    """What the file that a version came from says besides: title, feedback, further knowledge points (`items.extras`).

    Feedback tells the key, so only ``question_bank.keys`` reads this table too. No row where there is nothing to say.
    """

    __tablename__ = "item_extras"

    version_id: Mapped[int] = mapped_column(BigId, ForeignKey("item_versions.id"), primary_key=True)
    extras: Mapped[dict[str, Any]]


class SourceCitation(Model):
    """法规依据: which words of which article of which edition an item version rests on. Offsets count characters of the
    UTF-8 text."""

    __tablename__ = "source_citations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), index=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("regulation_articles.id"), index=True)
    quotation: Mapped[str] = mapped_column(Text)
    source_file: Mapped[str] = mapped_column(String(200), default="")
    source_sha256: Mapped[str] = mapped_column(String(64), default="")
    start: Mapped[int | None]
    end: Mapped[int | None]

    place: Mapped[RegulationArticle] = relationship(lazy="joined", innerjoin=True)

    @property
    def regulation(self) -> str:
        """The name of the regulation."""
        return self.place.edition.regulation.name

    @property
    def edition(self) -> str:
        """The label of the edition, empty where none was named."""
        return self.place.edition.label

    @property
    def article(self) -> str:
        """The label of the article, empty where none was named."""
        return self.place.label


class SourceVerification(Model):
    """A named person compared a version's citation with the official text. Appended; nobody's is invented.

    ``edition_id``: the edition in force with which the quotation was compared, after the cited one had lapsed.
    """

    __tablename__ = "source_verifications"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), index=True)
    verified_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    verified_at: Mapped[datetime]
    compared_with: Mapped[str] = mapped_column(String(300))  # which official text was held beside it
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("regulation_editions.id"))


class ItemReview(Model):
    """One step of the workflow: submitted, returned, published, retired; with author, time and comment."""

    __tablename__ = "item_reviews"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"))
    step: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
