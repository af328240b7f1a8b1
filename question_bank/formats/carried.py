"""What GIFT and Moodle XML have no place for and yet carry: in tags (难度：易), in lines at the end of the general feedback (【依据】…),
and a case as a description with its parts behind it. `pack` writes it so, `unpack` and `regrouped` read it again; in Moodle itself it
reads as what it says."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from question_bank.formats.moodle_text import number
from question_bank.formats.report import ImportedItem, ImportedSource

_DIFFICULTY = "难度："
_KNOWLEDGE = "知识点："
_POINTS = "分值："
_NO_POINTS = "分值：不定"
_CASE = "材料题："
_ORDER_FREE = "不分顺序"
_SHORT_ANSWER = "题型：简答题"
_BY_RULE = "计分：按规则"
_SOURCE = "【依据】"
_QUOTATION = "【原文】"


def pack(item: ImportedItem, with_points: bool, without_points: bool = False) -> ImportedItem:
    """Return the item with everything that must be carried in its tags and its rationale.

    `with_points` where the format has no place for points, `without_points` where it cannot leave them open.
    """
    tags = [*item.tags]
    tags += [f"{_DIFFICULTY}{item.difficulty}"] if item.difficulty else []
    tags += [f"{_KNOWLEDGE}{point}" for point in item.knowledge_points[1:]]
    tags += [_ORDER_FREE] if item.order_free else []
    tags += [_SHORT_ANSWER] if item.type == "short_answer" else []
    unstated = all(option.fraction is None for option in item.options)
    tags += [_BY_RULE] if item.type == "multiple_choice" and unstated else []
    if with_points and item.points_hundredths:
        tags.append(f"{_POINTS}{Decimal(item.points_hundredths).scaleb(-2):.2f}")
    tags += [_NO_POINTS] if without_points and item.points_hundredths is None else []
    return replace(item, tags=tuple(tags), rationale=_with_source(item))


def _with_source(item: ImportedItem) -> str:
    source = item.source
    if source is None:
        return item.rationale
    cited = "；".join((source.regulation, source.edition, source.article)).rstrip("；")
    lines = [item.rationale] if item.rationale else []
    lines.append(f"{_SOURCE}{cited}")
    lines += [f"{_QUOTATION}{source.quotation}"] if source.quotation else []
    return "\n".join(lines)


def unpack(item: ImportedItem) -> ImportedItem:
    """Return the item with what its tags and its rationale carry where it belongs."""
    kept: list[str] = []
    for tag in item.tags:
        changed = _unpacked(item, tag)
        item = changed or item
        kept += [] if changed else [tag]
    return _without_source(replace(item, tags=tuple(kept)) if len(kept) < len(item.tags) else item)


def _unpacked(item: ImportedItem, tag: str) -> ImportedItem | None:
    if tag.startswith(_DIFFICULTY) and not item.difficulty:
        return replace(item, difficulty=tag.removeprefix(_DIFFICULTY))
    if tag.startswith(_KNOWLEDGE):
        return replace(item, knowledge_points=(*item.knowledge_points, tag.removeprefix(_KNOWLEDGE)))
    if tag == _NO_POINTS:
        return replace(item, points_hundredths=None)
    if tag.startswith(_POINTS):
        points = number(tag.removeprefix(_POINTS))
        if points is not None and 0 < points <= 1000 and points * 100 == int(points * 100):
            return replace(item, points_hundredths=int(points * 100))
    if tag == _ORDER_FREE and item.type == "fill_blank":
        return replace(item, order_free=True)
    if tag == _SHORT_ANSWER and item.type == "essay":
        return replace(item, type="short_answer")
    if tag == _BY_RULE and item.type == "multiple_choice":
        return replace(item, options=tuple(replace(option, fraction=None) for option in item.options))
    return None


def _without_source(item: ImportedItem) -> ImportedItem:
    before, found, after = item.rationale.rpartition(_SOURCE)
    if not found or (before and not before.endswith("\n")):
        return item
    cited, _mark, quotation = after.partition(f"\n{_QUOTATION}")
    parts = [part.strip() for part in cited.split("；")]
    if "\n" in cited or len(parts) > 3 or not parts[0]:
        return item
    regulation, edition, article = [*parts, "", ""][:3]
    source = ImportedSource(regulation, edition, article, quotation.strip())
    return replace(item, rationale=before.strip(), source=source)


def taken_apart(case: ImportedItem, name: str) -> list[ImportedItem]:
    """Return a case as a description and its parts, all with one tag that names the case."""
    tag = f"{_CASE}{name}"
    stem = replace(case, type="description", parts=(), tags=(*case.tags, tag), points_hundredths=None, scorable=False)
    topic = case.knowledge_points[:1]
    return [
        stem,
        *(
            replace(part, tags=(*part.tags, tag), knowledge_points=(*topic, *part.knowledge_points))
            for part in case.parts
        ),
    ]


def regrouped(items: Iterable[ImportedItem]) -> list[ImportedItem]:
    """Return the items with every case put together again that `taken_apart` took apart."""
    found: list[ImportedItem] = []
    open_tag = ""
    for item in items:
        tag = next((tag for tag in item.tags if tag.startswith(_CASE)), "")
        if tag and tag == open_tag:
            found[-1] = _with_part(found[-1], replace(item, tags=_without(item.tags, tag)))
        elif tag and item.type == "description":
            found.append(replace(item, type="case", tags=_without(item.tags, tag)))
            open_tag = tag
        else:
            open_tag = ""
            found.append(item)
    return [_as_before(item) for item in found]


def _with_part(case: ImportedItem, part: ImportedItem) -> ImportedItem:
    # The category of the file stands on every part; it is the case's.
    topic = case.knowledge_points[:1]
    own = part.knowledge_points
    return replace(
        case, parts=(*case.parts, replace(part, knowledge_points=own[1:] if topic and own[:1] == topic else own))
    )


def _as_before(item: ImportedItem) -> ImportedItem:
    """Return a case with the sum of its parts' points, and a description that had no parts as the description it is."""
    if item.type != "case" or item.points_hundredths is not None:
        return item
    if not item.parts:
        return replace(item, type="description")
    asking = [part for part in item.parts if part.type != "description"]
    points = [part.points_hundredths for part in asking]
    total = None if None in points else sum(filter(None, points))
    return replace(item, points_hundredths=total, scorable=all(part.scorable for part in asking))


def _without(tags: tuple[str, ...], tag: str) -> tuple[str, ...]:
    return tuple(one for one in tags if one != tag)
