"""What a file says of an item for which neither content nor key has a place: kept beside the key, given back when the item
goes out. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from question_bank.formats.report import DIFFICULTY_LEVELS, ImportedItem, ImportedSource
from question_bank.item_types.texts import UNSTORABLE

MOST = 100_000  # characters of one item's extras in all
# Occasions that speak of one answer: another key makes them wrong.
_OF_AN_ANSWER = re.compile(r"(?:blank [0-9]+ )?answer [0-9]+|otherwise|true|false")


@dataclass(frozen=True, slots=True)
class Extras:
    """`feedback`: pairs of an occasion (`correct`, `answer 2`, `hint 1` …) and what is said then. `penalty`: the share that a
    further attempt costs. `difficulty`: the file's own word where it is not 易, 中 or 难. `knowledge_points`: those
    beyond the first. `files`: names and SHA-256 of the pictures. `parts`: the same of each part of a case, with all its
    knowledge points, tags and its source, for which a part has no other place.
    """

    title: str = ""
    idnumber: str = ""
    penalty: Decimal | None = None
    difficulty: str = ""
    knowledge_points: tuple[str, ...] = ()
    feedback: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    source: ImportedSource | None = None
    parts: "tuple[Extras, ...]" = ()

    def __bool__(self) -> bool:
        return self != Extras()

    def as_json(self) -> dict[str, Any]:
        """Return what is said, as it is stored."""
        stored: dict[str, Any] = _EXTRAS.dump_python(self, mode="json", exclude_defaults=True)
        return stored

    @property
    def length(self) -> int:
        """Characters in all."""
        return len(_EXTRAS.dump_json(self).decode())

    @property
    def shown(self) -> "Extras":
        """What a person may want to read of it: everything but the names of files."""
        return replace(self, files=(), parts=tuple(part.shown for part in self.parts))


_EXTRAS = TypeAdapter(Extras)


def extras_from(stored: Mapping[str, Any] | None) -> Extras:
    """Return the extras that were stored, or none."""
    return _EXTRAS.validate_python(stored) if stored else Extras()


def extras_of(item: ImportedItem, files: Sequence[tuple[str, str]] = ()) -> Extras:
    """Return what content, key and the other columns of a version do not hold of an item that a format read."""
    own = replace(
        _common(item),
        difficulty="" if item.difficulty == item.difficulty_level else _storable(item.difficulty),
        knowledge_points=tuple(map(_storable, item.knowledge_points[1:])),
        files=tuple((_storable(name), digest) for name, digest in files),
    )
    parts = tuple(
        replace(
            _common(part),
            difficulty=_storable(part.difficulty),
            knowledge_points=tuple(map(_storable, part.knowledge_points)),
            tags=tuple(map(_storable, part.tags)),
            source=part.source,
        )
        for part in item.parts
    )
    return replace(own, parts=parts) if any(parts) else own


def _common(item: ImportedItem) -> Extras:
    said = tuple((_storable(when), _storable(text)) for when, text in item.feedback)
    return Extras(_storable(item.title), _storable(item.idnumber), item.penalty, feedback=said)


def _storable(text: str) -> str:
    return UNSTORABLE.sub("", text)


def with_extras(item: ImportedItem, extras: Extras) -> ImportedItem:
    """Return an item of the bank with what the file that it came from said of it besides."""
    level = DIFFICULTY_LEVELS.get(extras.difficulty, "")
    own = replace(
        _restored(item, extras),
        difficulty=extras.difficulty if extras.difficulty and level == item.difficulty else item.difficulty,
        knowledge_points=tuple(dict.fromkeys((*item.knowledge_points, *extras.knowledge_points))),
    )
    if len(extras.parts) != len(item.parts):
        return own
    parts = (
        replace(
            _restored(part, said),
            difficulty=said.difficulty,
            knowledge_points=said.knowledge_points,
            tags=said.tags,
            source=said.source,
        )
        for part, said in zip(item.parts, extras.parts, strict=True)
    )
    return replace(own, parts=tuple(parts))


def _restored(item: ImportedItem, extras: Extras) -> ImportedItem:
    return replace(item, title=extras.title, idnumber=extras.idnumber, penalty=extras.penalty, feedback=extras.feedback)


def kept_under(extras: Extras, before: Mapping[str, Any], key: Mapping[str, Any]) -> Extras:
    """Return the extras of a version that still hold for the next one: what was said to an answer goes with its key."""
    old, new = before.get("key", ()), key.get("key", ())
    feedback = extras.feedback if _meant(old) == _meant(new) else _of_no_answer(extras.feedback)
    parts: tuple[Extras, ...] = ()
    if len(extras.parts) == len(old) == len(new):
        parts = tuple(kept_under(*three) for three in zip(extras.parts, old, new, strict=True))
    return replace(extras, feedback=feedback, parts=parts)


def _meant(key: Any) -> Any:
    """A key without what it need not say: the form leaves out what an accepted text does not have."""
    if isinstance(key, Mapping):
        said = {name: _meant(value) for name, value in key.items() if value}
        return said.get("text", said) if set(said) == {"text"} else said
    return [_meant(one) for one in key] if isinstance(key, list | tuple) else key


def _of_no_answer(feedback: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((when, text) for when, text in feedback if not _OF_AN_ANSWER.fullmatch(when))


def merged(fresh: Extras, before: Extras) -> Extras:
    """Return what a file says with what was known before wherever it says nothing."""
    values = {one.name: getattr(fresh, one.name) or getattr(before, one.name) for one in fields(Extras)}
    return Extras(**values)
