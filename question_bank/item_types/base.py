"""What every item type states about itself: its content, its key, its checks, its response, how it is told and shown."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from question_bank.item_types.fields import Fields
from question_bank.item_types.texts import MAX_STEM, Fault, html_faults, text_faults

MAX_POINTS_HUNDREDTHS = 100_00


class BadResponse(ValueError):
    """A response that does not fit its item; the message is a Chinese sentence."""


class Strict(BaseModel):
    """A model that accepts exactly its own shape: no conversions, no unknown names."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class StemContent(Strict):
    """Content of a type that has a stem alone; ``html`` is its rich form where there is more to it than text."""

    stem: str
    html: str = ""


ContentModel = TypeVar("ContentModel", bound=StemContent)
KeyModel = TypeVar("KeyModel", bound=Strict)


class ReadOption(Protocol):
    """An option as a format reads it."""

    @property
    def label(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def fraction(self) -> Decimal | None: ...
    @property
    def feedback(self) -> str: ...


class ReadItem(Protocol):
    """An item as a format reads it, in the published shape: what a type makes its content and its key of."""

    @property
    def type(self) -> str: ...
    @property
    def stem(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def options(self) -> Sequence[ReadOption]: ...
    @property
    def key(self) -> Sequence[Any]: ...
    @property
    def distractors(self) -> Sequence[str]: ...
    @property
    def order_free(self) -> bool: ...
    @property
    def weights(self) -> Sequence[int]: ...
    @property
    def parts(self) -> "Sequence[ReadItem]": ...
    @property
    def points_hundredths(self) -> int | None: ...
    @property
    def rationale(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Policy:
    """A scoring policy as a type knows it: its name in the interface, and what a section tells the candidate of it."""

    word: Any
    told: str = ""


class ItemType(ABC, Generic[ContentModel, KeyModel]):
    """One item type. Stateless; ``content`` and ``key`` are the JSON objects that are stored.

    ``key["key"]`` has the shape that interfaces.md gives the type, with labels where that names texts of the content.
    """

    name: ClassVar[str]
    chinese: ClassVar[str]  # as a section is titled: 单项选择题
    word: ClassVar[Any]  # as the interface calls it: 单选题
    note: ClassVar[Any]  # what it is, for who chooses a type
    content_model: type[ContentModel]
    key_model: type[KeyModel]
    policies: ClassVar[Mapping[str, Policy]]  # the first one is the type's own
    answering: ClassVar[str] = ""  # what a section tells the candidate about answering
    drawable: ClassVar[bool] = True  # whether a blueprint may ask for it
    own_points: ClassVar[bool] = False  # its points are the item's own, no section can give it others

    # ---- what an item is

    def validate(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> list[Fault]:
        """Return everything wrong with an item, empty when it is in order; never raises on bad input."""
        faults = [*_shape_faults(self.content_model, content, "content"), *_shape_faults(self.key_model, key, "key")]
        if faults:
            return faults
        parsed = self.content_model.model_validate(dict(content))
        return [
            *text_faults("stem", "题干", parsed.stem, MAX_STEM),
            *html_faults("题干", parsed.html),
            *self.faults(parsed, self.key_model.model_validate(dict(key))),
        ]

    @abstractmethod
    def faults(self, content: ContentModel, key: KeyModel) -> list[Fault]:
        """Return what is wrong beyond the shape and the stem."""

    def points_faults(self, content: Mapping[str, Any], points_hundredths: int) -> Iterator[Fault]:
        """Yield what is wrong with the points of an item whose content is in order."""
        if not 0 < points_hundredths <= MAX_POINTS_HUNDREDTHS:
            yield Fault("content", f"分值应大于 0、不超过 {MAX_POINTS_HUNDREDTHS // 100}，请修改分值。")

    def default_points(self, read: ReadItem) -> int:
        """Return the points in hundredths of an item whose file states none: one point."""
        return 100

    def fixed_points(self, content: Mapping[str, Any]) -> int | None:
        """Return the points in hundredths that the content itself states, None where they are given beside it."""
        return None

    def part_points(self, read: ReadItem) -> list[int]:
        """Return the points in hundredths of each part of an item that a format read."""
        return []

    def scorable(self, content: Mapping[str, Any]) -> bool:
        """Return whether a machine can mark responses; if not, people must."""
        return True

    # ---- what is answered

    @abstractmethod
    def check_response(self, content: Mapping[str, Any], response: object) -> list[Any]:
        """Return the response in its canonical form, ``[]`` meaning unanswered. Runs at every save: plain Python only.

        ``content`` as displayed. Raises BadResponse when the response does not fit it.
        """

    # ---- how it stands on a paper

    def movable(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the author's labels whose order a paper draws; empty where nothing is moved."""
        return ()

    def keeps_order(self, content: Mapping[str, Any]) -> bool:
        """Return whether the movable labels must stand as they were written all the same."""
        return False

    def displayed(self, content: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return the content in displayed order under displayed labels; an empty order keeps the author's."""
        return dict(content)

    def displayed_key(self, content: Mapping[str, Any], key: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return the key under the displayed labels. Never leaves the server."""
        return dict(key)

    def relabelled(self, content: Mapping[str, Any], text: str, order: Sequence[str]) -> str:
        """Return an explanation whose mentions of labels name the displayed ones."""
        return text

    def labels(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the labels that a response may name, none where it holds no labels."""
        return ()

    def instructions(self, policy: str) -> str:
        """Return what a section tells the candidate about answering and marking."""
        stated = self.policies.get(policy)
        return self.answering + (stated.told if stated else "")

    # ---- how it is told

    def texts(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return every text besides the stem: what makes two items with one stem different."""
        return ()

    def plain_text(self, content: Mapping[str, Any]) -> str:
        """Return what a person reads, for search."""
        return "\n".join((str(content["stem"]), *self.texts(content)))

    def read_aloud(self, content: Mapping[str, Any]) -> str:
        """Return what a screen reader says before the stem: the kind of item and how much there is to answer."""
        return str(self.word)

    @abstractmethod
    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return the key as a person reads it, one thing a line."""

    def key_mark(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return the key as shortly as a printed key has it."""
        return self.key_text(content, key).replace("\n", "；")

    # ---- how an author writes it

    @abstractmethod
    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return content and key of what was typed. Raises FieldProblem for what cannot be taken at all."""

    @abstractmethod
    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return content and key as the texts of the form, by the names of the fields."""

    # ---- how formats give and take it

    def content_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the content of an item that a format read: what a candidate may see."""
        return {"stem": read.stem, **_unless_empty("html", read.html)}

    @abstractmethod
    def key_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the key of an item that a format read."""

    @abstractmethod
    def published(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
        """Return the way back: the members of the published shape that content and key hold, ``stem`` and ``key`` always."""

    def _published_stem(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return {"stem": content["stem"], "html": content.get("html", "")}


def _unless_empty(name: str, value: str) -> dict[str, str]:
    return {name: value} if value else {}


def _shape_faults(model: type[Strict], value: Mapping[str, Any], field: Literal["content", "key"]) -> list[Fault]:
    try:
        model.model_validate(dict(value))
    except ValidationError as error:
        what = "试题内容" if field == "content" else "答案"
        places = dict.fromkeys(".".join(map(str, detail["loc"])) for detail in error.errors())
        return [Fault(field, f"{what}的格式不正确：{place or '整体'}。") for place in places]
    return []
