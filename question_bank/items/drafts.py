"""What an author writes, before it becomes a version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from question_bank.item_types.registry import ITEM_TYPES
from question_bank.item_types.texts import Fault
from question_bank.items.extras import MOST as MOST_EXTRAS
from question_bank.items.extras import Extras

DIFFICULTIES = ("易", "中", "难")
MOST_RATIONALE = 10_000


@dataclass(frozen=True, slots=True)
class CitationDraft:
    """Which words of which article; offsets count characters of the decoded source file, where one is known."""

    regulation: str
    edition: str = ""
    article: str = ""
    quotation: str = ""
    source_file: str = ""
    source_sha256: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole version as written: content for candidates, key and rationale for nobody but authors and graders."""

    type: str
    content: Mapping[str, Any]
    key: Mapping[str, Any]
    points_hundredths: int
    rationale: str = ""
    knowledge_point_id: int | None = None
    difficulty: str = ""
    tags: tuple[str, ...] = ()
    citations: tuple[CitationDraft, ...] = ()
    extras: Extras = field(default_factory=Extras)

    @property
    def key_text(self) -> str:
        """The key as a person reads it, empty while something is wrong with the item."""
        kind = ITEM_TYPES[self.type]
        faulty = any(fault.severity == "error" for fault in kind.validate(self.content, self.key))
        return "" if faulty else kind.key_text(self.content, self.key)

    def faults(self) -> list[Fault]:
        """Return everything wrong with content, key, points, difficulty, rationale and citations."""
        if self.type not in ITEM_TYPES:
            return [Fault("content", f"没有“{self.type}”这种题型，请从列表中选择。")]
        kind = ITEM_TYPES[self.type]
        found = kind.validate(self.content, self.key)
        if not any(fault.field == "content" for fault in found):
            found.extend(kind.points_faults(self.content, self.points_hundredths))
        if self.difficulty not in ("", *DIFFICULTIES):
            found.append(Fault("content", "难度只能是易、中、难，或者不填。"))
        if len(self.rationale) > MOST_RATIONALE:
            found.append(
                Fault("content", f"解析有 {len(self.rationale)} 个字，超过上限 {MOST_RATIONALE} 个字，请缩短。")
            )
        if self.extras and self.extras.length > MOST_EXTRAS:
            found.append(
                Fault("content", f"标题、反馈等附带的文字超过上限 {MOST_EXTRAS} 个字，请在原来的系统里缩短反馈。")
            )
        found.extend(fault for citation in self.citations for fault in _citation_faults(citation))
        return found


def _citation_faults(citation: CitationDraft) -> list[Fault]:
    found = []
    for what, text, limit in (
        ("法规名称", citation.regulation, 200),
        ("法规版本", citation.edition, 64),
        ("条款", citation.article, 64),
        ("原文摘录", citation.quotation, 4000),
    ):
        if len(text) > limit:
            found.append(Fault("content", f"{what}有 {len(text)} 个字，超过上限 {limit} 个字，请缩短。"))
    if not citation.regulation.strip():
        found.append(Fault("content", "法规依据没有写法规名称，请填写，或清空其余各栏。"))
    return found
