"""The only reader of keys and rationales: for grading, and for the bank's own authors and reviewers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.items.models import Item, ItemKey, ItemVersion
from question_bank.papers.models import Paper, PaperSlot

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LABELS = r"(?<![A-Za-z])[A-Z](?:[、，,和与及\s]*[A-Z])*(?![A-Za-z])"
# Letters that a rationale means as options: A项, 选项B、C, 故选AC, 答案为D.
_MEANT_AS_OPTIONS = re.compile(
    rf"{_LABELS}(?=\s*(?:[两二三四五]?项|选项|[两二三四五]个选项))|(?<=选项){_LABELS}|(?<=选项为){_LABELS}"
    rf"|(?<=应选){_LABELS}|(?<=故选){_LABELS}|(?<=答案为){_LABELS}|(?<=答案是){_LABELS}|(?<=答案：){_LABELS}"
)


@dataclass(frozen=True, slots=True)
class SlotKey:
    """How one place of a paper is marked. Labels in ``key`` and ``labels`` are displayed letters."""

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


Keyed = tuple[ItemVersion, ItemKey, str]


@dataclass(frozen=True, slots=True)
class VersionKey:
    """Key and rationale of one item version, under the author's labels."""

    key: dict[str, Any]
    rationale: str


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
    """Return a version's key and rationale. Raises NotFound."""
    found = session.get(ItemKey, version_id)
    if found is None:
        raise NotFound(_("没有这个试题版本的答案。请从试题列表重新选择。"))
    return VersionKey(dict(found.key), found.rationale)


def keys_of_versions(session: Session, version_ids: Sequence[int]) -> dict[int, VersionKey]:
    """Return keys and rationales by version."""
    rows = session.scalars(select(ItemKey).where(ItemKey.version_id.in_(version_ids)))
    return {row.version_id: VersionKey(dict(row.key), row.rationale) for row in rows}


def store_key(session: Session, version_id: int, key: Mapping[str, Any], rationale: str) -> None:
    """Keep the key of a version that has just been written; it never changes afterwards."""
    session.add(ItemKey(version_id=version_id, key=dict(key), rationale=rationale))


def _slot_key(place: PaperSlot, version: ItemVersion, key: ItemKey, number: str) -> SlotKey:
    options = [option["label"] for option in version.content.get("options", ())]
    shown = dict(zip(place.option_order or options, LETTERS, strict=False)) if options else {}
    return SlotKey(
        slot=str(place.slot),
        type=version.type,
        policy=place.policy,
        points_hundredths=place.points_hundredths,
        key=_displayed_key(key.key["key"], shown),
        order_free=bool(key.key.get("order_free", False)),
        labels=tuple(sorted(shown.values())),
        rationale=_displayed_rationale(key.rationale, shown),
        item_number=number,
        version_id=version.id,
    )


def _displayed_key(key: Sequence[Any], shown: Mapping[str, str]) -> list[Any]:
    return sorted(shown[label] for label in key) if shown else list(key)


def _displayed_rationale(rationale: str, shown: Mapping[str, str]) -> str:
    """Return a rationale whose mentions of options (A项, 故选BC) name the displayed letters."""

    def relabel(mention: re.Match[str]) -> str:
        return re.sub("[A-Z]", lambda letter: shown.get(letter[0], letter[0]), mention[0])

    return _MEANT_AS_OPTIONS.sub(relabel, rationale) if shown else rationale
