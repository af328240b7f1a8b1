"""The review of a file before it is imported: what each item says, what is wrong with it, what it repeats, and what the
person decided. Pure; kept beside the upload between requests (`review_store`), compared with the bank by `importing`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from question_bank.formats.report import ImportedItem, Problem
from question_bank.item_types.registry import item_type
from question_bank.items.brought import brought
from question_bank.items.drafts import CitationDraft, Draft
from question_bank.items.extras import extras_of

Act = Literal["", "take", "skip", "version"]
Outcome = Literal["take", "version", "skip", "repeat", "faulty"]
# Problems first; a mended item stays where it was, so that nobody loses their place.
RANKS = ("error", "duplicate", "warning", "sound")


@dataclass(frozen=True, slots=True)
class Twin:
    """What an item repeats: a place of the file, or (`item_id` not 0) a version of an item of the bank by its number."""

    ref: str
    similarity: Decimal
    item_id: int = 0
    version_id: int = 0
    type: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the file; `finished` is False for what could be read only in part."""

    item: ImportedItem
    problems: tuple[Problem, ...] = ()
    twin: Twin | None = None
    finished: bool = True

    @property
    def faulty(self) -> bool:
        """Whether it cannot be taken as it was read."""
        return not self.finished or any(problem.severity == "error" for problem in self.problems)

    @property
    def rank(self) -> str:
        """One of RANKS."""
        if self.faulty:
            return "error"
        return "duplicate" if self.twin else "warning" if self.problems else "sound"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided about one entry. A `draft` stands for what was read; its `twin` was looked for anew."""

    act: Act = ""
    draft: Draft | None = None
    topic: str = ""
    twin: Twin | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A file as it was read, compared with the bank as far as its version `seen_version`; `digest` is that of the report.

    `elsewhere` are the problems of places that hold no item.
    """

    format: str
    digest: str
    entries: tuple[Entry, ...]
    elsewhere: tuple[Problem, ...]
    seen_version: int


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything decided so far, by the entry's place from 0. `revision` counts the changes."""

    revision: int = 0
    made: Mapping[int, Choice] = field(default_factory=dict)

    def of(self, place: int) -> Choice:
        """What was decided about an entry."""
        return self.made.get(place, Choice())

    def with_choice(self, place: int, choice: Choice) -> "Choices":
        """Return the choices with one more or another; a choice that says nothing is forgotten."""
        made = {**self.made, place: choice}
        if choice == Choice():
            del made[place]
        return Choices(self.revision + 1, made)


@dataclass(frozen=True, slots=True)
class Decided:
    """One entry with what became of it."""

    place: int
    entry: Entry
    choice: Choice

    @property
    def twin(self) -> Twin | None:
        """What it repeats as it stands now."""
        return self.choice.twin if self.choice.draft else self.entry.twin

    @property
    def draft(self) -> Draft:
        """What would be written."""
        return self.choice.draft or draft_of(self.entry.item)

    @property
    def topic(self) -> str:
        """The name of the knowledge point that the file gives, empty when the draft names one of the bank or none."""
        if self.choice.draft:
            return self.choice.topic
        return self.entry.item.knowledge_points[0] if self.entry.item.knowledge_points else ""

    @property
    def outcome(self) -> Outcome:
        """What the import does with it."""
        if self.choice.act == "skip":
            return "skip"
        if self.entry.faulty and self.choice.draft is None:
            return "faulty"
        if self.choice.act == "version" and self.twin and self.twin.item_id:
            return "version"
        return "repeat" if self.twin and self.choice.act != "take" else "take"


def decided(review: Review, choices: Choices) -> Iterator[Decided]:
    """Yield every entry with what was decided about it, in the order of the file."""
    for place, entry in enumerate(review.entries):
        yield Decided(place, entry, choices.of(place))


def draft_of(item: ImportedItem) -> Draft:
    """Return an item of a file as it would be written, apart from the knowledge point."""
    source = item.source
    kept = brought(item)
    return Draft(
        type=item.type,
        content=kept.content,
        key=item.key_json(),
        points_hundredths=item_type(item.type).default_points(item)
        if item.points_hundredths is None
        else item.points_hundredths,
        rationale=item.rationale,
        difficulty=item.difficulty_level,
        tags=tuple(dict.fromkeys(item.tags)),
        citations=(CitationDraft(source.regulation, source.edition, source.article, source.quotation),)
        if source and source.regulation
        else (),
        extras=extras_of(item, kept.files),
    )
