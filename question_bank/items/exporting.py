"""The way back from the bank to the shape of the formats: what an import would read if a file held these versions."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.formats.report import ImportedItem, ImportedOption, ImportedSource
from question_bank.items.models import Item, ItemVersion, KnowledgePoint, SourceCitation
from question_bank.keys import VersionKey, keys_of_versions

AT_ONCE = 500


def exported_items(session: Session, version_ids: Sequence[int]) -> list[ImportedItem]:
    """Return the versions that exist, in the order of the ids given: four statements for five hundred."""
    found: dict[int, ImportedItem] = {}
    for start in range(0, len(version_ids), AT_ONCE):
        found |= _portion(session, version_ids[start : start + AT_ONCE])
    return [found[version_id] for version_id in version_ids if version_id in found]


def _portion(session: Session, version_ids: Sequence[int]) -> dict[int, ImportedItem]:
    rows = session.execute(
        select(ItemVersion, Item.number, KnowledgePoint.name)
        .join(Item, Item.id == ItemVersion.item_id)
        .outerjoin(KnowledgePoint, KnowledgePoint.id == ItemVersion.knowledge_point_id)
        .where(ItemVersion.id.in_(version_ids))
    )
    keys = keys_of_versions(session, version_ids)
    citations: dict[int, SourceCitation] = {}
    cited = select(SourceCitation).where(SourceCitation.version_id.in_(version_ids)).order_by(SourceCitation.id)
    for citation in session.scalars(cited):
        citations.setdefault(citation.version_id, citation)
    return {
        version.id: _exported(version, number, topic, keys[version.id], citations.get(version.id))
        for version, number, topic in rows
    }


def _exported(
    version: ItemVersion, number: str, topic: str | None, key: VersionKey, citation: SourceCitation | None
) -> ImportedItem:
    answers = key.key["key"]
    return ImportedItem(
        ref=number,
        type=version.type,
        stem=version.content["stem"],
        options=tuple(ImportedOption(option["label"], option["text"]) for option in version.content.get("options", ())),
        key=tuple(tuple(answer) if isinstance(answer, list) else answer for answer in answers),
        order_free=bool(key.key.get("order_free", False)),
        points_hundredths=version.points_hundredths,
        rationale=key.rationale,
        knowledge_points=(topic,) if topic else (),
        difficulty=version.difficulty,
        source=None if citation is None else _source(citation),
        tags=tuple(version.tags),
    )


def _source(citation: SourceCitation) -> ImportedSource:
    return ImportedSource(citation.regulation, citation.edition, citation.article, citation.quotation)
