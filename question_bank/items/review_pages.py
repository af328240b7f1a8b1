"""What the page of a review shows: its counts, its filters, and one page of items with what each repeats."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from core.i18n import _
from core.web.paging import Page, requested_page
from question_bank.formats.importing import readable_ref
from question_bank.formats.report import Problem
from question_bank.item_types.registry import ITEM_TYPES, item_type
from question_bank.items import importing, queries, words
from question_bank.items.differences import Difference, marked_differences
from question_bank.items.drafts import Draft
from question_bank.items.reviewing import RANKS, Choices, Decided, Review, Twin, decided
from question_bank.items.searching import searchable
from question_bank.keys import key_of_version

PER_PAGE = 20
PROBLEMS_SHOWN = 100
SHOWN = ("error", "duplicate", "warning", "sound", "mended", "skipped")
# The arguments of the address that choose what is shown; they survive every act.
ARGUMENTS = ("show", "type", "q", "page")


@dataclass(frozen=True, slots=True)
class Card:
    """One item on the page: what was decided, the draft, and how it differs from what it repeats in the bank."""

    decided: Decided
    draft: Draft
    differences: Sequence[Difference]


def review_page(session: Session, review: Review, choices: Choices) -> dict[str, Any]:
    """Return everything that the template needs; which part is shown, the request's arguments say."""
    everything = list(decided(review, choices))
    shown = [one for one in everything if _is_asked_for(one)]
    shown.sort(key=lambda one: (RANKS.index(one.entry.rank), one.place))
    pages = max(1, -(-len(shown) // PER_PAGE))
    page = min(requested_page(), pages)
    rows = shown[(page - 1) * PER_PAGE : page * PER_PAGE]
    outcomes = Counter(one.outcome for one in everything)
    topics = [one.topic for one in everything if one.outcome in ("take", "version")]
    return {
        "cards": [_card(session, one) for one in rows],
        "page": Page(rows, page, pages, len(shown), PER_PAGE),
        "outcomes": outcomes,
        "in_all": len(everything),
        "groups": _chips(everything),
        "filtered": any(request.args.get(name) for name in ("show", "type", "q")),
        "elsewhere": [_problem(problem) for problem in review.elsewhere[:PROBLEMS_SHOWN]],
        "elsewhere_in_all": len(review.elsewhere),
        "duplicates": sum(one.twin is not None for one in everything),
        "new_topics": importing.new_topics(session, topics),
        "revision": f"{review.digest}:{choices.revision}",
        "made": len(choices.made),
        "knowledge_points": {entry.id: entry.name for entry in queries.outline(session)},
        "arguments": {name: request.args[name] for name in ARGUMENTS if request.args.get(name)},
        "readable": readable_ref,
        "twin_words": twin_words,
        "words": words,
    }


def twin_words(twin: Twin) -> str:
    """What an item repeats, in Chinese: 第 12 行 of the file, or the number of an item of the bank."""
    return _("题库 %(number)s ", number=twin.ref) if twin.item_id else readable_ref(twin.ref)


def _groups_of(one: Decided) -> set[str]:
    """Under which of SHOWN an entry is found."""
    found = {one.entry.rank if one.choice.draft is None else "mended"}
    if one.twin:
        found.add("duplicate")
    if one.outcome in ("skip", "repeat"):
        found.add("skipped")
    return found


def _is_asked_for(one: Decided) -> bool:
    show, kind = request.args.get("show", ""), request.args.get("type", "")
    if show in SHOWN and show not in _groups_of(one):
        return False
    if kind in ITEM_TYPES and one.draft.type != kind:
        return False
    asked = searchable(request.args.get("q", "")[:100]).split()
    if not asked:
        return True
    said = searchable("\n".join([*_texts(one.draft), readable_ref(one.entry.item.ref)]))
    return all(word in said for word in asked)


def _texts(draft: Draft) -> list[str]:
    return [str(draft.content["stem"]), *item_type(draft.type).texts(draft.content), draft.rationale]


def _chips(everything: Sequence[Decided]) -> list[dict[str, Any]]:
    groups = Counter(group for one in everything for group in _groups_of(one))
    kinds = Counter(one.draft.type for one in everything)
    names = {
        "error": _("要修改"),
        "duplicate": _("重复"),
        "warning": _("请核对"),
        "sound": _("没有问题"),
        "mended": _("已修改"),
        "skipped": _("不导入"),
    }
    shown = [("", _("全部"), len(everything)), *((name, names[name], groups[name]) for name in SHOWN)]
    types = [("", _("全部"), None), *((kind, words.TYPES[kind], kinds[kind]) for kind in words.TYPES if kinds[kind])]
    return [
        {"name": "show", "label": _("情况"), "options": shown},
        {"name": "type", "label": _("题型"), "options": types},
    ]


def _card(session: Session, one: Decided) -> Card:
    twin, draft = one.twin, one.draft
    differences: Sequence[Difference] = ()
    if twin and twin.item_id:
        version = queries.version_of(session, queries.item_of(session, twin.item_id), twin.version_id)
        key = key_of_version(session, version.id)
        points = version.points_hundredths
        differences = marked_differences(
            _fields(version.type, version.content, key.key, key.rationale, points),
            _fields(draft.type, draft.content, draft.key, draft.rationale, draft.points_hundredths),
        )
    return Card(one, draft, differences)


def _fields(kind: str, content: Any, key: Any, rationale: str, points: int) -> list[tuple[str, str]]:
    stem = str(content["stem"])
    rest = item_type(kind).plain_text(content).removeprefix(stem).strip()
    fields = [(_("题型"), str(words.TYPES[kind])), (_("题干"), stem)]
    fields += [(_("内容"), rest)] if rest else []
    return [
        *fields,
        (_("答案"), item_type(kind).key_text(content, key)),
        (_("解析"), rationale),
        (_("分值"), f"{points // 100}.{points % 100:02d}"),
    ]


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "row": readable_ref(problem.ref),
        "column": problem.column,
        "reason": problem.reason,
        "mend": problem.mend,
        "tone": "warning" if problem.severity == "warning" else "danger",
    }
