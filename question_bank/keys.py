"""The only reader of keys, rationales and extras: for grading, and for the bank's own authors and reviewers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.item_types.registry import item_type
from question_bank.items.extras import Extras, extras_from
from question_bank.items.models import Item, ItemExtras, ItemKey, ItemVersion
from question_bank.papers.models import Paper, PaperSlot


@dataclass(frozen=True, slots=True)
class SlotKey:
    """How one place of a paper, or one part of a case, is marked. All labels are displayed ones.

    ``fractions``: the share of the points that each option earns, where the item states shares; ``weights``: how the
    points divide among blanks that are not worth the same. ``parts``: of a case,
    whose own key is empty. ``content`` as the candidate saw it.
    """

    slot: str
    type: str
    policy: str
    points_hundredths: int
    key: list[Any]
    order_free: bool
    labels: tuple[str, ...]
    rationale: str
    item_number: str
    version_id: int
    fractions: Mapping[str, str] | None = None
    weights: tuple[int, ...] = ()
    parts: "tuple[SlotKey, ...]" = ()
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """The key as shortly as a printed key has it: AC, √, 甲／乙；丙."""
        return item_type(self.type).key_mark(self.content, self._document)

    @property
    def _document(self) -> dict[str, Any]:
        shares = {"fractions": dict(self.fractions)} if self.fractions else {}
        whole = [part._document for part in self.parts] if self.parts else self.key
        return {"key": whole, "order_free": self.order_free, **shares}


Keyed = tuple[ItemVersion, ItemKey, str]


@dataclass(frozen=True, slots=True)
class VersionKey:
    """Key, rationale and extras of one item version, under the author's labels."""

    key: dict[str, Any]
    rationale: str
    extras: Extras = field(default_factory=Extras)


def keys_of_paper(session: Session, paper_id: int) -> dict[str, SlotKey]:
    """Return the key of every slot of a paper, by slot. Raises NotFound."""
    if session.get(Paper, paper_id) is None:
        raise NotFound(_("没有这份试卷。请从试卷列表重新选择。"))
    rows = session.execute(
        select(PaperSlot, ItemVersion, ItemKey, Item.number)
        .join(ItemVersion, ItemVersion.id == PaperSlot.version_id)
        .join(ItemKey, ItemKey.version_id == ItemVersion.id)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(PaperSlot.paper_id == paper_id)
        .order_by(PaperSlot.slot)
    )
    return {str(place.slot): _slot_key(place, version, key, number) for place, version, key, number in rows}


def keys_of_places(places: Sequence[PaperSlot], keyed: Mapping[int, Keyed]) -> dict[str, SlotKey]:
    """Return the key of every place, by slot; ``keyed``: what ``keyed_versions`` gave for their versions."""
    return {str(place.slot): _slot_key(place, *keyed[place.version_id]) for place in places}


def keyed_versions(session: Session, version_ids: Sequence[int]) -> dict[int, Keyed]:
    """Return versions with their keys and their items' numbers, by version id."""
    rows = session.execute(
        select(ItemVersion, ItemKey, Item.number)
        .join(ItemKey, ItemKey.version_id == ItemVersion.id)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(ItemVersion.id.in_(version_ids))
    )
    return {version.id: (version, key, number) for version, key, number in rows}


def key_of_version(session: Session, version_id: int) -> VersionKey:
    """Return a version's key, rationale and extras. Raises NotFound."""
    found = keys_of_versions(session, [version_id])
    if not found:
        raise NotFound(_("没有这个试题版本的答案。请从试题列表重新选择。"))
    return found[version_id]


def keys_of_versions(session: Session, version_ids: Sequence[int]) -> dict[int, VersionKey]:
    """Return keys, rationales and extras by version."""
    rows = session.execute(
        select(ItemKey, ItemExtras.extras)
        .outerjoin(ItemExtras, ItemExtras.version_id == ItemKey.version_id)
        .where(ItemKey.version_id.in_(version_ids))
    )
    return {row.version_id: VersionKey(dict(row.key), row.rationale, extras_from(extras)) for row, extras in rows}


def store_key(
    session: Session, version_id: int, key: Mapping[str, Any], rationale: str, extras: Extras | None = None
) -> None:
    """Keep the key of a version that has just been written, and its extras; they never change afterwards."""
    session.add(ItemKey(version_id=version_id, key=dict(key), rationale=rationale))
    if extras:
        session.add(ItemExtras(version_id=version_id, extras=extras.as_json()))


def _slot_key(place: PaperSlot, version: ItemVersion, key: ItemKey, number: str) -> SlotKey:
    kind = item_type(version.type)
    return _marked_by(
        str(place.slot),
        version.type,
        kind.displayed(version.content, place.option_order),
        kind.displayed_key(version.content, key.key, place.option_order),
        policy=place.policy,
        points_hundredths=place.points_hundredths,
        rationale=kind.relabelled(version.content, key.rationale, place.option_order),
        item_number=number,
        version_id=version.id,
    )


def _marked_by(slot: str, type_name: str, content: Mapping[str, Any], key: Mapping[str, Any], **facts: Any) -> SlotKey:
    parts = tuple(
        _marked_by(
            f"{slot}.{number}",
            part["type"],
            part["content"],
            own,
            policy=next(iter(item_type(part["type"]).policies)),
            points_hundredths=part["points_hundredths"],
            rationale=own.get("rationale", ""),
            item_number=facts["item_number"],
            version_id=facts["version_id"],
        )
        for number, (part, own) in enumerate(zip(content.get("parts", ()), key["key"], strict=False), 1)
    )
    return SlotKey(
        slot=slot,
        type=type_name,
        key=[] if parts else list(key["key"]),
        order_free=bool(key.get("order_free", False)),
        labels=item_type(type_name).labels(content),
        fractions=key.get("fractions"),
        weights=tuple(key.get("weights", ())),
        parts=parts,
        content=content,
        **facts,
    )
