"""The way back from the bank to the shape of the formats: what an import would read if a file held these versions."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.formats.report import ImportedItem, ImportedSource
from question_bank.images.queries import Picture, pictures
from question_bank.item_types.registry import item_type
from question_bank.items.extras import with_extras
from question_bank.items.media import shown_by, with_media
from question_bank.items.models import Item, ItemVersion, KnowledgePoint, SourceCitation
from question_bank.keys import VersionKey, keys_of_versions

AT_ONCE = 500


def exported_item(session: Session, version_id: int) -> ImportedItem:
    """Return one version with its key, as a file would state it; `ref` is the item's number. Raises NotFound."""
    found = exported_items(session, [version_id])
    if not found:
        raise NotFound(_("没有这个试题版本。请从试题列表重新选择。"))
    return found[0]


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
    items = {
        version.id: _exported(version, number, topic, keys[version.id], citations.get(version.id))
        for version, number, topic in rows
    }
    shown = pictures(session, {digest for item in items.values() for digest in shown_by(item)})
    return {version_id: _with_pictures(item, keys[version_id], shown) for version_id, item in items.items()}


def _with_pictures(item: ImportedItem, key: VersionKey, shown: Mapping[str, Picture]) -> ImportedItem:
    own = {digest: (shown[digest].mime, shown[digest].data) for digest in shown_by(item) if digest in shown}
    return with_media(item, own, key.extras.files)


def _exported(
    version: ItemVersion, number: str, topic: str | None, key: VersionKey, citation: SourceCitation | None
) -> ImportedItem:
    item = ImportedItem.of_published(
        item_type(version.type).published(version.content, key.key),
        ref=number,
        type=version.type,
        points_hundredths=version.points_hundredths,
        rationale=key.rationale,
        knowledge_points=(topic,) if topic else (),
        difficulty=version.difficulty,
        source=None if citation is None else _source(citation),
        tags=tuple(version.tags),
    )
    return with_extras(item, key.extras)


def _source(citation: SourceCitation) -> ImportedSource:
    return ImportedSource(citation.regulation, citation.edition, citation.article, citation.quotation)
