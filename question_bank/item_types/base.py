"""What every item type states about itself: its content, its key, its checks, its response."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

MAX_STEM = 10_000
MAX_OPTION_TEXT = 4_000
MAX_OPTIONS = 26
MAX_BLANKS = 50
MAX_ACCEPTED = 50
MAX_BLANK_TEXT = 500

# What neither a database text column nor UTF-8 can hold; line ends and tabs are allowed.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class BadResponse(ValueError):
    """A response that does not fit its item; the message is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an item: which part, in Chinese, and whether it may be kept all the same."""

    field: Literal["stem", "options", "key", "content"]
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return self.message


class Strict(BaseModel):
    """A model that accepts exactly its own shape: no conversions, no unknown names."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Option(Strict):
    """One choice: the author's label (`A`, `B` …) and its plain text."""

    label: str
    text: str


class StemContent(Strict):
    """Content of a type that has a stem alone."""

    stem: str


class ChoiceContent(StemContent):
    """Content of a type with options."""

    options: list[Option]


class LabelKey(Strict):
    """A key that is a list of labels."""

    key: list[str]


ContentModel = TypeVar("ContentModel", bound=StemContent)
KeyModel = TypeVar("KeyModel", bound=Strict)


class ItemType(ABC, Generic[ContentModel, KeyModel]):
    """One item type. Stateless; `content` and `key` are the JSON objects that are stored."""

    name: ClassVar[str]
    chinese: ClassVar[str]
    content_model: type[ContentModel]
    key_model: type[KeyModel]

    def validate(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> list[Fault]:
        """Return everything wrong with an item, empty when it is in order; never raises on bad input."""
        faults = [*_shape_faults(self.content_model, content, "content"), *_shape_faults(self.key_model, key, "key")]
        if faults:
            return faults
        parsed = self.content_model.model_validate(dict(content))
        return [
            *text_faults("stem", "题干", parsed.stem, MAX_STEM),
            *self.faults(parsed, self.key_model.model_validate(dict(key))),
        ]

    @abstractmethod
    def faults(self, content: ContentModel, key: KeyModel) -> list[Fault]:
        """Return what is wrong beyond the shape and the stem."""

    @abstractmethod
    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return the response in its canonical form, `[]` meaning unanswered. Runs at every save: plain Python only.

        Raises BadResponse when the response does not fit the content.
        """

    def plain_text(self, content: Mapping[str, Any]) -> str:
        """Return what a person reads, for search and for comparing items."""
        lines = [str(content["stem"])]
        lines.extend(f"{option['label']}. {option['text']}" for option in content.get("options", ()))
        return "\n".join(lines)


def text_faults(field: Literal["stem", "options", "key"], what: str, text: str, limit: int) -> Iterator[Fault]:
    """Yield what is wrong with one text: empty, too long (limit in characters), characters that cannot be kept."""
    if not text.strip():
        yield Fault(field, f"{what}是空的，请填写。")
    if len(text) > limit:
        yield Fault(field, f"{what}有 {len(text)} 个字，超过上限 {limit} 个字，请缩短。")
    if UNSTORABLE.search(text):
        yield Fault(field, f"{what}含有不可见的控制字符，请删除后重新输入。")


def option_faults(options: Sequence[Option]) -> Iterator[Fault]:
    """Yield what is wrong with a list of options."""
    if len(options) < 2:
        yield Fault("options", f"只有 {len(options)} 个选项，至少要有 2 个。")
    if len(options) > MAX_OPTIONS:
        yield Fault("options", f"有 {len(options)} 个选项，最多 {MAX_OPTIONS} 个。")
        return
    labels = [option.label for option in options]
    if len(set(labels)) < len(labels):
        yield Fault("options", "选项的字母有重复，请改正。")
    seen: dict[str, str] = {}
    for option in options:
        yield from text_faults("options", f"选项 {option.label} ", option.text, MAX_OPTION_TEXT)
        if option.text.strip() and option.text.strip() in seen:
            earlier = seen[option.text.strip()]
            yield Fault("options", f"选项 {option.label} 与选项 {earlier} 的内容相同，请核对。", "warning")
        seen.setdefault(option.text.strip(), option.label)


def label_faults(key: Sequence[str], options: Sequence[Option]) -> Iterator[Fault]:
    """Yield what is wrong with a key of labels."""
    if not key:
        yield Fault("key", "没有答案，请填写正确选项的字母。")
    if len(set(key)) < len(key):
        yield Fault("key", "答案里有重复的字母，请改正。")
    labels = [option.label for option in options]
    missing = [label for label in key if label not in labels]
    if missing:
        yield Fault(
            "key", f"答案 {'、'.join(missing)} 不在选项 {'、'.join(labels[:MAX_OPTIONS])} 之中，请改答案或补选项。"
        )


def check_labels(content: Mapping[str, Any], response: object, most: int) -> list[str]:
    """Return the chosen labels sorted and unique; at most `most` of them. Raises BadResponse."""
    if not isinstance(response, list) or len(response) > MAX_OPTIONS:
        raise BadResponse("作答应是选项字母的列表。")
    allowed = {option["label"] for option in content["options"]}
    for label in response:
        if not isinstance(label, str) or label not in allowed:
            raise BadResponse("作答里有本题没有的选项。")
    chosen = sorted(set(response))
    if len(chosen) > most:
        raise BadResponse("本题只能选一个选项。")
    return chosen


def _shape_faults(model: type[Strict], value: Mapping[str, Any], field: Literal["content", "key"]) -> list[Fault]:
    try:
        model.model_validate(dict(value))
    except ValidationError as error:
        what = "试题内容" if field == "content" else "答案"
        places = dict.fromkeys(".".join(map(str, detail["loc"])) for detail in error.errors())
        return [Fault(field, f"{what}的格式不正确：{place or '整体'}。") for place in places]
    return []
