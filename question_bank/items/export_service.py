"""Taking items out of the bank into a file: which ones, in which format, and what the format could not hold.

Keys leave the house with them, so every export is recorded with its filters, its size and the SHA-256 of its file.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.errors import BadInput
from core.i18n import _
from question_bank.formats.exporting import WRITERS, write_items
from question_bank.formats.importing import readable_ref
from question_bank.formats.report import ImportedItem, Problem
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items.exporting import exported_items
from question_bank.items.models import Item, ItemVersion
from question_bank.items.queries import IN_USE, STATES, citation_counts, outline
from question_bank.items.rich_content import pictures_of

FIELDS = ("type", "knowledge", "state", "tag", "number")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: each field lists what is allowed, empty means any (for the state: every item in use)."""

    type: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()  # a code or a name, with everything below it
    state: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    number: tuple[str, ...] = ()

    @classmethod
    def of(cls, conditions: Sequence[str]) -> "Wanted":
        """Read conditions such as `type=single_choice,true_false`; all must hold. Raises BadInput naming what is wrong."""
        found: dict[str, tuple[str, ...]] = {}
        for condition in conditions:
            name, equals, values = condition.partition("=")
            listed = tuple(value.strip() for value in values.split(",") if value.strip())
            if not equals or name.strip() not in FIELDS or not listed:
                raise BadInput(
                    _(
                        "看不懂筛选条件“%(condition)s”。可用：%(fields)s，写作 名称=值，几个值用逗号分隔。",
                        condition=condition[:60],
                        fields="、".join(FIELDS),
                    )
                )
            found[name.strip()] = found.get(name.strip(), ()) + listed
        _refuse_unknown(found.get("type", ()), ITEM_TYPES)
        _refuse_unknown(found.get("state", ()), dict.fromkeys(STATES))
        return cls(**found)

    def as_json(self) -> dict[str, list[str]]:
        """Return what is narrowed, for the record and for a job's arguments."""
        return {name: list(values) for name in FIELDS if (values := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file with how many items of how many, and what it could not hold."""

    format: str
    data: bytes = field(repr=False)
    suffix: str
    asked: int
    problems: tuple[Problem, ...]

    @property
    def written(self) -> int:
        """How many items stand in the file."""
        return self.asked - len({problem.ref for problem in self.problems if problem.severity == "error"})

    def as_json(self) -> dict[str, object]:
        """Return the report as other programs read it."""
        return {
            "format": self.format,
            "items": self.written,
            "asked": self.asked,
            "problems": [problem.as_json() for problem in self.problems],
        }

    def readable(self) -> str:
        """Return the report for a person, in Chinese."""
        lines = [f"导出 {self.written} 题，共 {self.asked} 题。"]
        for problem in self.problems:
            degree = "没有导出" if problem.severity == "error" else "提醒"
            reason = problem.reason.removeprefix("没有导出：")
            mend = f"；{problem.mend}" if problem.mend else ""
            lines.append(f"  {degree} {readable_ref(problem.ref)}：{reason}{mend}。")
        return "\n".join(lines) + "\n"


def find_versions(session: Session, wanted: Wanted) -> list[int]:
    """Return the current versions of the wanted items, by item. Raises BadInput for a knowledge point that is not there."""
    statement = (
        select(ItemVersion.id, ItemVersion.tags)
        .join(Item, Item.current_version_id == ItemVersion.id)
        .where(Item.state.in_(wanted.state or IN_USE))
        .order_by(Item.id)
    )
    if wanted.type:
        statement = statement.where(Item.type.in_(wanted.type))
    if wanted.number:
        statement = statement.where(Item.number.in_([number.upper() for number in wanted.number]))
    if wanted.knowledge:
        statement = statement.where(ItemVersion.knowledge_point_id.in_(_below(session, wanted.knowledge)))
    tags = set(wanted.tag)
    return [version_id for version_id, own in session.execute(statement) if not tags or tags & set(own)]


def make_export(session: Session, format_name: str, wanted: Wanted) -> Exported:
    """Write the wanted items in a format. Raises BadInput for a format or a knowledge point that does not exist, and
    when no item is wanted."""
    if format_name not in WRITERS:
        raise BadInput(
            _("不能导出为“%(name)s”，可用：%(formats)s。", name=format_name[:40], formats="、".join(WRITERS)),
            code="unknown_format",
        )
    versions = find_versions(session, wanted)
    if not versions:
        raise BadInput(_("没有符合条件的试题，没有写出文件。请放宽筛选条件。"), code="nothing_wanted")
    items = exported_items(session, versions)
    data, problems = write_items(format_name, items)
    refused = {problem.ref for problem in problems if problem.severity == "error"}
    problems += [lost for lost in _lost_before(session, versions, items) if lost.ref not in refused]
    return Exported(format_name, data, WRITERS[format_name].suffix, len(items), tuple(problems))


def _lost_before(session: Session, versions: Sequence[int], items: Sequence[ImportedItem]) -> Iterator[Problem]:
    """Name what the bank holds of items and the shape of the formats does not."""
    cited = citation_counts(session, versions)
    for version_id, item in zip(versions, items, strict=True):
        if cited.get(version_id, 0) > 1:
            reason = f"有 {cited[version_id]} 条法规依据，文件里只写第一条"
            yield Problem(item.ref, "法规依据", "warning", reason, "其余各条请另行抄录")
        if pictures_of({}, item.rationale):
            yield Problem(item.ref, "解析", "warning", "解析里的图片没有写进文件", "图片请另行保存")


def record_export(session: Session, actor: Actor, clock: Clock, exported: Exported, wanted: Wanted) -> None:
    """Record that items with their keys were taken out."""
    record(
        session, actor, clock, "items_exported", "items", None,
        format=exported.format, count=exported.written, where=wanted.as_json(),
        sha256=hashlib.sha256(exported.data).hexdigest(),
    )  # fmt: skip


def _below(session: Session, names: Sequence[str]) -> list[int]:
    points = outline(session)
    found: list[int] = []
    for name in names:
        match = next((entry for entry in points if name in (entry.name, *entry.label.split())), None)
        if match is None:
            raise BadInput(_("没有知识点“%(name)s”。请填写知识点的编号或名称。", name=name[:60]))
        found.extend(match.subtree)
    return found


def _refuse_unknown(values: Sequence[str], known: Mapping[str, object]) -> None:
    unknown = [value for value in values if value not in known]
    if unknown:
        raise BadInput(
            _("筛选条件里没有“%(value)s”这个值，可用：%(known)s。", value=unknown[0][:60], known="、".join(known))
        )
