"""What an import understood and what it did not: the report of a dry run, in the shape that other programs rely on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from question_bank.item_types.registry import item_type

# What is said of a file that holds nothing but keys and was read by itself.
KEYS_ALONE = "这个文件只有答案，没有试题"
TOGETHER = "与试题文件一起导入：先写试题文件，再写答案文件；或把答案附在试题后面"

Severity = Literal["error", "warning"]

_LEVELS = {
    "易": ("易", "容易", "简单", "较易", "较容易", "低"),
    "中": ("中", "中等", "一般", "适中", "普通", "中等难度"),
    "难": ("难", "困难", "较难", "很难", "高"),
}
DIFFICULTY_LEVELS: Mapping[str, str] = {word: level for level, words in _LEVELS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was not understood: where (`row 12`), in which column, how bad, why, and how to mend it."""

    ref: str
    column: str
    severity: Severity
    reason: str
    mend: str

    def as_json(self) -> dict[str, Any]:
        """Return the problem as a JSON object."""
        return {
            "ref": self.ref,
            "column": self.column,
            "severity": self.severity,
            "reason": self.reason,
            "mend": self.mend,
        }


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An item that says what an earlier one says; `similarity` from 0.90 to 1.00, where 1.00 means the same."""

    ref: str
    of: str
    similarity: Decimal

    def as_json(self) -> dict[str, Any]:
        """Return the pair as a JSON object, the similarity with two decimals."""
        return {"ref": self.ref, "of": self.of, "similarity": f"{self.similarity:.2f}"}


@dataclass(frozen=True, slots=True)
class ImportedSource:
    """The citation of an item as the file states it."""

    regulation: str
    edition: str = ""
    article: str = ""
    quotation: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the citation as a JSON object; the quotation only where there is one."""
        source = {"regulation": self.regulation, "edition": self.edition, "article": self.article}
        return source | ({"quotation": self.quotation} if self.quotation else {})


@dataclass(frozen=True, slots=True)
class ImportedMedia:
    """A picture or another file that an item shows, under the name by which its `html` refers to it."""

    name: str
    data: bytes = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return name and size in bytes as a JSON object."""
        return {"name": self.name, "bytes": len(self.data)}


@dataclass(frozen=True, slots=True)
class ImportedOption:
    """One option: plain text, and the rich form where there is more to it than text.

    `fraction` is the share of the points that choosing it earns, where the format states one; `feedback` what the
    format says to who chose it.
    """

    label: str
    text: str
    fraction: Decimal | None = None
    html: str = ""
    feedback: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the option as a JSON object."""
        option: dict[str, Any] = {"label": self.label, "text": self.text}
        if self.fraction is not None:
            option["fraction"] = _share(self.fraction)
        if self.html:
            option["html"] = self.html
        if self.feedback:
            option["feedback"] = self.feedback
        return option


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """One item that was understood. Points in whole hundredths, None where the file states none.

    `key` has the shape that interfaces.md gives its type; `distractors` are surplus right sides of a matching item;
    `parts` the items of a case. `html` is the rich form of the stem, empty where the plain text says it all; it names
    its pictures as `media` does. `feedback` are pairs of an occasion (`true`, `answer 2`, `correct`, `hint 1` …) and what is
    said then; `penalty` is the share that each further attempt costs; `idnumber` the number that the other system gave.
    """

    ref: str
    type: str
    stem: str
    options: tuple[ImportedOption, ...] = ()
    key: tuple[Any, ...] = ()
    points_hundredths: int | None = None
    rationale: str = ""
    knowledge_points: tuple[str, ...] = ()
    difficulty: str = ""
    source: ImportedSource | None = None
    tags: tuple[str, ...] = ()
    order_free: bool = False
    weights: tuple[int, ...] = ()  # of the blanks, where they are not worth the same
    scorable: bool = True
    title: str = ""
    html: str = ""
    media: tuple[ImportedMedia, ...] = ()
    distractors: tuple[str, ...] = ()
    parts: "tuple[ImportedItem, ...]" = ()
    path: str = ""  # where in a package the item stands
    feedback: tuple[tuple[str, str], ...] = ()
    penalty: Decimal | None = None
    idnumber: str = ""

    @property
    def difficulty_level(self) -> str:
        """易, 中 or 难 for the words that mean it, otherwise empty."""
        return DIFFICULTY_LEVELS.get(self.difficulty, "")

    def content_json(self) -> dict[str, Any]:
        """Return the content as the item type stores it: what a candidate may see."""
        return item_type(self.type).content_of(self)

    def key_json(self) -> dict[str, Any]:
        """Return the key as the item type stores it."""
        return item_type(self.type).key_of(self)

    def texts(self) -> tuple[str, ...]:
        """Return every text besides the stem, for comparing items."""
        return item_type(self.type).texts(self.content_json())

    @classmethod
    def of_published(cls, published: Mapping[str, Any], **facts: Any) -> "ImportedItem":
        """Return the item that a type's `published` members say, with `facts` such as `ref` and `type` beside them."""
        members = dict(published) | facts
        options = (
            ImportedOption(**option | ({"fraction": Decimal(option["fraction"])} if "fraction" in option else {}))
            for option in members.pop("options", ())
        )
        parts = (cls.of_published(part, ref="") for part in members.pop("parts", ()))
        for name in ("key", "distractors"):
            members[name] = _as_tuples(members.get(name, ()))
        return cls(options=tuple(options), parts=tuple(parts), **members)

    def as_json(self) -> dict[str, Any]:
        """Return the item as a JSON object of the report."""
        item: dict[str, Any] = {
            "ref": self.ref,
            "type": self.type,
            "stem": self.stem,
            "options": [option.as_json() for option in self.options],
            "key": [_with_share(entry) for entry in self.key] if self.type == "numeric" else _as_lists(self.key),
            "points": None if self.points_hundredths is None else f"{Decimal(self.points_hundredths).scaleb(-2):.2f}",
            "rationale": self.rationale,
            "knowledge_points": list(self.knowledge_points),
            "difficulty": self.difficulty,
            "source": None if self.source is None else self.source.as_json(),
            "parts": [part.as_json() for part in self.parts],
        }
        if self.type == "matching":
            item["distractors"] = list(self.distractors)
        if self.title:
            item["title"] = self.title
        if self.path:
            item["path"] = self.path
        if self.html:
            item["html"] = self.html
        if self.media:
            item["media"] = [file.as_json() for file in self.media]
        if self.tags:
            item["tags"] = list(self.tags)
        if self.order_free:
            item["order_free"] = True
        if self.weights:
            item["weights"] = list(self.weights)
        if not self.scorable:
            item["scorable"] = False
        if self.feedback:
            item["feedback"] = [{"when": when, "text": text} for when, text in self.feedback]
        if self.penalty is not None:
            item["penalty"] = f"{self.penalty:f}"
        if self.idnumber:
            item["idnumber"] = self.idnumber
        return item


def _as_tuples(key: Any) -> Any:
    return tuple(_as_tuples(part) for part in key) if isinstance(key, tuple | list) else key


def _with_share(numbers: Any) -> Any:
    """A range of numbers says its share even where it is the whole."""
    return {**numbers, "fraction": _share(Decimal(str(numbers.get("fraction", "1"))))}


def _share(share: Decimal) -> str:
    """A share with two decimals, or all that it has."""
    return f"{share:.2f}" if share == round(share, 2) else f"{share:f}"


def _as_lists(key: Any) -> Any:
    return [_as_lists(part) for part in key] if isinstance(key, tuple | list) else key


@dataclass(slots=True)
class Report:
    """The whole dry run of one file.

    `unfinished` is what an item with errors says as far as it was read, for a person to complete; it is no item yet and
    not published.
    """

    format: str
    items: list[ImportedItem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    unfinished: list[ImportedItem] = field(default_factory=list)

    @classmethod
    def unreadable(cls, format_name: str, reason: str, mend: str = "") -> "Report":
        """Return the report of a file that cannot be read at all: no items and one error."""
        return cls(format_name, problems=[Problem("file", "", "error", reason, mend)])

    @property
    def errors(self) -> list[Problem]:
        """The problems of severity error."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def as_json(self) -> dict[str, Any]:
        """Return the report as a JSON object, as the published interface states it."""
        return {
            "format": self.format,
            "items": [item.as_json() for item in self.items],
            "problems": [problem.as_json() for problem in self.problems],
            "duplicates": [duplicate.as_json() for duplicate in self.duplicates],
        }


def sentence_parts(sentence: str) -> tuple[str, str]:
    """Divide a sentence such as `文件是空的；请检查。` into reason and mend."""
    for mark in ("；", "，请", "，应为"):
        reason, found, mend = sentence.rstrip("。").partition(mark)
        if found:
            return reason, found.lstrip("，；") + mend
    return sentence.rstrip("。"), "改正后重新导入"
