"""Reading regulations: what is in force, what cites it, and which items are in quarantine for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from core.errors import NotFound
from core.i18n import _
from question_bank.items.models import Item, ItemVersion, SourceCitation, SourceVerification
from question_bank.items.searching import like_pattern
from question_bank.papers.models import Paper, PaperSlot
from question_bank.sources.models import Regulation, RegulationArticle, RegulationEdition


@dataclass(frozen=True, slots=True)
class CitingItem:
    """A published item whose current version cites an edition, and whether it may not be drawn for it."""

    item_id: int
    version_id: int
    number: str
    stem: str
    article: str
    demonstration: bool
    quarantined: bool


def _citing(version_id: Any) -> Select[Any]:
    return (
        select(SourceCitation.id)
        .join(RegulationArticle, RegulationArticle.id == SourceCitation.article_id)
        .join(RegulationEdition, RegulationEdition.id == RegulationArticle.edition_id)
        .where(SourceCitation.version_id == version_id)
    )


def quarantined(version_id: Any) -> Any:
    """SQL condition on a column of version ids: the version cites an edition that is not in force, and nobody has
    compared it with an edition of the same regulation that is."""
    compared = aliased(RegulationEdition)
    again = (
        select(SourceVerification.id)
        .join(compared, compared.id == SourceVerification.edition_id)
        .where(
            SourceVerification.version_id == version_id,
            compared.regulation_id == RegulationEdition.regulation_id,
            compared.state == "in_force",
        )
        .correlate_except(SourceVerification, compared)
    )
    return _citing(version_id).where(RegulationEdition.state != "in_force", ~again.exists()).exists()


def is_quarantined(session: Session, version_id: int) -> bool:
    """Whether a version is in quarantine."""
    return bool(session.scalar(select(ItemVersion.id).where(ItemVersion.id == version_id, quarantined(ItemVersion.id))))


def quarantined_among(session: Session, version_ids: Sequence[int | None]) -> set[int]:
    """Those of the versions that are in quarantine."""
    return set(
        session.scalars(select(ItemVersion.id).where(ItemVersion.id.in_(version_ids), quarantined(ItemVersion.id)))
    )


def lapsed_regulations(session: Session, version_id: int) -> dict[int, str]:
    """The regulations (id -> name) of which a version cites an edition that is not in force."""
    rows = session.execute(
        select(Regulation.id, Regulation.name)
        .join(RegulationEdition, RegulationEdition.regulation_id == Regulation.id)
        .join(RegulationArticle, RegulationArticle.edition_id == RegulationEdition.id)
        .join(SourceCitation, SourceCitation.article_id == RegulationArticle.id)
        .where(SourceCitation.version_id == version_id, RegulationEdition.state != "in_force")
        .order_by(Regulation.id)
    )
    return dict(rows.all())


def editions_in_force(session: Session, regulation_ids: Sequence[int]) -> Mapping[int, RegulationEdition]:
    """The newest edition in force of each regulation that has one, by the regulation's id."""
    rows = session.scalars(
        select(RegulationEdition)
        .where(RegulationEdition.regulation_id.in_(regulation_ids), RegulationEdition.state == "in_force")
        .order_by(RegulationEdition.id)
    )
    newest: dict[int, RegulationEdition] = {}
    for row in sorted(rows, key=lambda one: (one.valid_from or date.min, one.id)):
        newest[row.regulation_id] = row
    return newest


def edition(session: Session, edition_id: int) -> RegulationEdition:
    """Return an edition. Raises NotFound."""
    found = session.get(RegulationEdition, edition_id)
    if found is None:
        raise NotFound(_("没有这个法规版本。请从法规列表重新选择。"))
    return found


def editions(words: str = "", state: str = "") -> Select[Any]:
    """The editions whose regulation holds the words, by name and label."""
    statement = select(RegulationEdition).join(Regulation, Regulation.id == RegulationEdition.regulation_id)
    for word in words.lower().split()[:5]:
        statement = statement.where(func.lower(Regulation.name).like(like_pattern(word), escape="!"))
    if state:
        statement = statement.where(RegulationEdition.state == state)
    return statement.order_by(Regulation.name, RegulationEdition.label.desc(), RegulationEdition.id)


def regulation_names(session: Session) -> Sequence[str]:
    """The names of all regulations, for who writes a citation."""
    return session.scalars(select(Regulation.name).order_by(Regulation.name).limit(500)).all()


def citing_counts(session: Session, edition_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many published items cite each edition, and how many of them are in quarantine."""
    rows = session.execute(
        select(RegulationArticle.edition_id, Item.id, quarantined(ItemVersion.id))
        .join(SourceCitation, SourceCitation.article_id == RegulationArticle.id)
        .join(ItemVersion, ItemVersion.id == SourceCitation.version_id)
        .join(Item, Item.current_version_id == ItemVersion.id)
        .where(RegulationArticle.edition_id.in_(edition_ids), Item.state == "published")
        .distinct()
    ).all()
    counts: dict[int, tuple[int, int]] = {}
    for edition_id, _item, held in rows:
        citing, kept_back = counts.get(edition_id, (0, 0))
        counts[edition_id] = (citing + 1, kept_back + bool(held))
    return counts


def citing_items(session: Session, edition_id: int) -> list[CitingItem]:
    """The published items whose current version cites an edition, by number."""
    rows = session.execute(
        select(Item, ItemVersion, RegulationArticle.label, quarantined(ItemVersion.id))
        .join(ItemVersion, ItemVersion.id == Item.current_version_id)
        .join(SourceCitation, SourceCitation.version_id == ItemVersion.id)
        .join(RegulationArticle, RegulationArticle.id == SourceCitation.article_id)
        .where(RegulationArticle.edition_id == edition_id, Item.state == "published")
        .order_by(Item.number, SourceCitation.id)
    )
    found: dict[int, CitingItem] = {}
    for item, version, article, held in rows:
        found.setdefault(
            item.id,
            CitingItem(
                item.id, version.id, item.number, version.content["stem"], article, item.demonstration, bool(held)
            ),
        )
    return list(found.values())


def citing_papers(session: Session, edition_id: int) -> list[tuple[Paper, int]]:
    """The frozen papers that hold a version citing an edition, the newest first, with how many of their items do."""
    rows = session.execute(
        select(PaperSlot.paper_id, func.count(PaperSlot.slot.distinct()))
        .join(SourceCitation, SourceCitation.version_id == PaperSlot.version_id)
        .join(
            RegulationArticle,
            and_(RegulationArticle.id == SourceCitation.article_id, RegulationArticle.edition_id == edition_id),
        )
        .group_by(PaperSlot.paper_id)
    )
    counts = dict(rows.all())
    papers = session.scalars(select(Paper).where(Paper.id.in_(counts)).order_by(Paper.id.desc()))
    return [(paper, counts[paper.id]) for paper in papers]


def articles(session: Session, edition_id: int) -> Sequence[RegulationArticle]:
    """The articles of an edition, in the order in which they were recorded."""
    return session.scalars(
        select(RegulationArticle).where(RegulationArticle.edition_id == edition_id).order_by(RegulationArticle.id)
    ).all()


def article_texts(session: Session, edition_ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """The recorded texts of editions by (edition, article)."""
    rows = session.execute(
        select(RegulationArticle.edition_id, RegulationArticle.label, RegulationArticle.text).where(
            RegulationArticle.edition_id.in_(edition_ids), RegulationArticle.text != ""
        )
    )
    return {(edition_id, label): text for edition_id, label, text in rows}
