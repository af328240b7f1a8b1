"""The worked demonstration bank: reading it, and proving every quotation letter by letter. Files only, no database."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

BANK_FILE = Path(__file__).with_name("bank.json")
EXCERPTS_FILE = Path(__file__).with_name("excerpts.json")
BLANK = "____"


@dataclass(frozen=True, slots=True)
class KnowledgePoint:
    """One node of the content outline; `parent` is the code of the node above, None at the top."""

    code: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the author's label and its plain text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an item stands in the law: `text[start:end]` of the decoded UTF-8 source file is the quotation."""

    regulation: str
    edition: str
    article: str
    quotation: str
    source_file: str
    source_sha256: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DemonstrationItem:
    """One item. `key`: labels, "true"/"false", or for fill_blank one tuple of accepted texts per blank."""

    ref: str
    type: str
    stem: str
    options: tuple[Option, ...]
    key: tuple[str, ...] | tuple[tuple[str, ...], ...]
    order_free: bool
    rationale: str
    knowledge_point: str
    difficulty: str
    points: Decimal
    citation: Citation

    @property
    def points_hundredths(self) -> int:
        """Points as an integer in hundredths."""
        return int(self.points * 100)

    def content(self) -> dict[str, Any]:
        """Return the content JSON, what a candidate may see."""
        if self.type == "fill_blank":
            return {"stem": self.stem, "blanks": self.stem.count(BLANK)}
        if self.options:
            options = [{"label": option.label, "text": option.text} for option in self.options]
            return {"stem": self.stem, "options": options}
        return {"stem": self.stem}

    def key_document(self) -> dict[str, Any]:
        """Return the key JSON, which no candidate may see."""
        if self.type == "fill_blank":
            return {"key": [list(accepted) for accepted in self.key], "order_free": self.order_free}
        return {"key": list(self.key)}


@dataclass(frozen=True, slots=True)
class DemonstrationBank:
    """The whole bank. `status` says that no local person has verified the items."""

    status: str
    knowledge_points: tuple[KnowledgePoint, ...]
    items: tuple[DemonstrationItem, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One law text: file name, title, edition, and what the text itself states of its origin and proof-reading."""

    source_file: str
    title: str
    edition: str
    provenance: str
    completeness: str
    characters: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One whole article; `start` and `end` are character offsets in the source file."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Sources by SHA-256 and quoted articles by (SHA-256, article)."""

    sources: dict[str, Source]
    articles: dict[tuple[str, str], Excerpt]


def read_bank(path: Path = BANK_FILE) -> DemonstrationBank:
    """Read the bank. Raises OSError, ValueError, KeyError or TypeError on a damaged file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return DemonstrationBank(
        status=document["status"],
        knowledge_points=tuple(KnowledgePoint(**point) for point in document["knowledge_points"]),
        items=tuple(_item(item) for item in document["items"]),
    )


def read_excerpts(path: Path = EXCERPTS_FILE) -> Excerpts:
    """Read the quoted articles. Raises OSError, ValueError, KeyError or TypeError on a damaged file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return Excerpts(
        sources={digest: Source(**source) for digest, source in document["sources"].items()},
        articles={
            (digest, article): Excerpt(**excerpt)
            for digest, articles in document["excerpts"].items()
            for article, excerpt in articles.items()
        },
    )


def verify_quotations(bank: DemonstrationBank, excerpts: Excerpts, source_dir: Path | None) -> list[str]:
    """Return every deviation of a quotation or an excerpt as a Chinese sentence; empty when all agree.

    Quotations are compared with the excerpts, and with the source files (their SHA-256 included) where `source_dir`
    is given; a source file missing there is a deviation too.
    """
    problems = [problem for item in bank.items for problem in _against_excerpt(item, excerpts)]
    problems.extend(problem for key, excerpt in excerpts.articles.items() for problem in _excerpt_shape(key, excerpt))
    if source_dir is not None:
        for digest, source in excerpts.sources.items():
            problems.extend(_against_source(bank, excerpts, digest, source, source_dir))
    return problems


def _item(raw: dict[str, Any]) -> DemonstrationItem:
    nested = raw["type"] == "fill_blank"
    return DemonstrationItem(
        ref=raw["ref"],
        type=raw["type"],
        stem=raw["stem"],
        options=tuple(Option(**option) for option in raw.get("options", ())),
        key=tuple(tuple(accepted) for accepted in raw["key"]) if nested else tuple(raw["key"]),
        order_free=raw["order_free"] if nested else False,
        rationale=raw["rationale"],
        knowledge_point=raw["knowledge_point"],
        difficulty=raw["difficulty"],
        points=Decimal(raw["points"]),
        citation=Citation(**raw["citation"]),
    )


def _against_excerpt(item: DemonstrationItem, excerpts: Excerpts) -> Iterator[str]:
    cited = item.citation
    source = excerpts.sources.get(cited.source_sha256)
    excerpt = excerpts.articles.get((cited.source_sha256, cited.article))
    if source is None or excerpt is None:
        yield f"试题 {item.ref} 引用的{cited.article}没有摘录，请补摘录或改引用。"
        return
    if (cited.source_file, cited.regulation, cited.edition) != (source.source_file, source.title, source.edition):
        yield f"试题 {item.ref} 的法规名称、版本或来源文件与摘录不一致，请改引用。"
    if not cited.quotation or not excerpt.start <= cited.start < cited.end <= excerpt.end:
        yield f"试题 {item.ref} 的引文位置不在{cited.article}之内，请改起止位置。"
    elif excerpt.text[cited.start - excerpt.start : cited.end - excerpt.start] != cited.quotation:
        yield f"试题 {item.ref} 的引文与{cited.article}的摘录不是逐字相同，请改引文。"


def _excerpt_shape(key: tuple[str, str], excerpt: Excerpt) -> Iterator[str]:
    article = key[1]
    if excerpt.end - excerpt.start != len(excerpt.text) or not excerpt.text.startswith(f"{article} "):
        yield f"{article}的摘录与它的起止位置或条号不符，请重新摘录。"


def _against_source(
    bank: DemonstrationBank, excerpts: Excerpts, digest: str, source: Source, source_dir: Path
) -> Iterator[str]:
    path = source_dir / source.source_file
    if not path.is_file():
        yield f"来源文件 {source.source_file} 不在所给目录里，请放回该文件。"
        return
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        yield f"来源文件 {source.source_file} 的 SHA-256 与记录不符，请核对是否为同一文本。"
        return
    text = data.decode("utf-8")
    if len(text) != source.characters:
        yield f"来源文件 {source.source_file} 有 {len(text)} 个字符，记录为 {source.characters} 个，请改记录。"
    for (excerpt_digest, article), excerpt in excerpts.articles.items():
        if excerpt_digest == digest and text[excerpt.start : excerpt.end] != excerpt.text:
            yield f"{article}的摘录与来源文件 {source.source_file} 不是逐字相同，请重新摘录。"
    for item in bank.items:
        cited = item.citation
        if cited.source_sha256 == digest and text[cited.start : cited.end] != cited.quotation:
            yield f"试题 {item.ref} 的引文与来源文件 {source.source_file} 不是逐字相同，请改引文。"
