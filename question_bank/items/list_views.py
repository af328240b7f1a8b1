"""The list of items, one item with everything about it, its history side by side."""

from typing import Any

from flask import render_template, request

from core.accounts.permissions import Permission
from core.database import db
from core.i18n import _
from core.web.access import current_actor, requires
from core.web.numbers import id_of
from core.web.paging import requested_page
from question_bank.enemies.queries import group_of
from question_bank.item_types.registry import item_type
from question_bank.items import queries, words
from question_bank.items.blueprint import blueprint
from question_bank.items.differences import marked_differences
from question_bank.items.models import Item, ItemVersion
from question_bank.keys import key_of_version
from question_bank.papers.exposure import exposures_of
from question_bank.rich_text import to_markup
from question_bank.sources.queries import is_quarantined


@blueprint.get("/items")
@requires(Permission.READ_ITEMS)
def index() -> str:
    """The list: searched, filtered by chips, sorted, paged; the count always shown."""
    outline = queries.outline(db.session)
    filters = queries.looked_up(db.session, _requested_filters(outline))
    counts = queries.count_items(db.session, filters)
    page = queries.list_items(db.session, filters, requested_page(), counts.total)
    return render_template(
        "question_bank/items/index.html",
        page=page,
        groups=_chips(filters, counts),
        outline=outline,
        filtered=bool(request.args.keys() - {"page", "sort"}),
        words=words,
    )


def _requested_filters(outline: list[queries.Outline]) -> queries.Filters:
    asked = request.args
    point = next((entry for entry in outline if str(entry.id) == asked.get("knowledge_point")), None)
    return queries.Filters(
        words=asked.get("q", "")[:100],
        type=asked.get("type", "") if asked.get("type") in words.TYPES else "",
        state=asked.get("state", "") if asked.get("state") in words.STATES else "",
        verified=asked.get("source", "") if asked.get("source") in ("yes", "no", "none", "lapsed") else "",
        origin=asked.get("origin", "") if asked.get("origin") in ("own", "demonstration") else "",
        knowledge_points=point.subtree if point else (),
        sort=asked.get("sort", "-number"),
    )


def _chips(filters: queries.Filters, counts: queries.Counts) -> list[dict[str, Any]]:
    by_type, by_state = counts.by_type, counts.by_state
    states = [state for state in words.STATES if state != "discarded" or filters.state == "discarded"]
    return [
        {
            "name": "type",
            "label": _("题型"),
            "options": [("", _("全部"), None), *((n, w, by_type.get(n, 0)) for n, w in words.TYPES.items())],
        },
        {
            "name": "state",
            "label": _("状态"),
            "options": [("", _("全部"), None), *((s, words.STATES[s][0], by_state.get(s, 0)) for s in states)],
        },
        {
            "name": "source",
            "label": _("法规依据"),
            "options": [
                ("", _("全部"), None),
                ("yes", _("已核对"), None),
                ("no", _("未核对"), None),
                ("lapsed", _("已失效"), None),
                ("none", _("没有依据"), None),
            ],
        },
        {
            "name": "origin",
            "label": _("来源"),
            "options": [("", _("全部"), None), ("own", _("本单位"), None), ("demonstration", _("演示"), None)],
        },
    ]


@blueprint.get("/items/<int:item_id>", defaults={"version_id": None})
@blueprint.get("/items/<int:item_id>/versions/<int:version_id>")
@requires(Permission.READ_ITEMS)
def show(item_id: int, version_id: int | None) -> str:
    """One version of an item, by default the current one: content with key, rationale, citation, workflow."""
    item = queries.item_of(db.session, item_id)
    version = queries.version_of(db.session, item, version_id or item.current_version_id)
    return render_template("question_bank/items/show.html", **facts_of(item, version))


def facts_of(item: Item, version: ItemVersion) -> dict[str, Any]:
    """Everything that a page about one version shows."""
    versions = queries.versions_of(db.session, item)
    reviews = queries.reviews_of(db.session, item)
    accounts = {version.author_id for version in versions} | {review.account_id for review in reviews}
    point = next((o for o in queries.outline(db.session) if o.id == version.knowledge_point_id), None)
    citations = queries.citations_of(db.session, version.id)
    verifications = queries.verifications_of(db.session, version.id)
    key = key_of_version(db.session, version.id)
    return {
        "item": item,
        "version": version,
        "current": version.id == item.current_version_id,
        "versions": versions,
        "reviews": reviews,
        "version_numbers": {entry.id: entry.version for entry in versions},
        "names": queries.account_names(db.session, accounts),
        "exposure": exposures_of(db.session, [version.id]).get(version.id),
        "enemies": group_of(db.session, item.id),
        "key": key,
        "key_text": item_type(version.type).key_text(version.content, key.key),
        "knowledge_point": point.name if point else "",
        "citations": citations,
        "verifications": verifications,
        "source": queries.source_state(bool(citations), bool(verifications), is_quarantined(db.session, version.id)),
        "wrote_it": current_actor().id in queries.authors_of(db.session, item),
        "may": {permission.value: current_actor().may(permission) for permission in Permission},
        "words": words,
    }


@blueprint.get("/items/<int:item_id>/preview")
@requires(Permission.READ_ITEMS)
def preview(item_id: int) -> str:
    """The current version as a candidate sees it, to be tried out; nothing is saved."""
    item = queries.item_of(db.session, item_id)
    version = queries.version_of(db.session, item, item.current_version_id)
    return render_template("question_bank/items/preview.html", item=item, version=version)


@blueprint.get("/items/<int:item_id>/history")
@requires(Permission.READ_ITEMS)
def history(item_id: int) -> str:
    """Two versions side by side with their differences marked; by default the last two."""
    item = queries.item_of(db.session, item_id)
    versions = queries.versions_of(db.session, item)
    before_last = versions[min(1, len(versions) - 1)]
    newer = queries.version_of(db.session, item, id_of(request.args.get("to")) or versions[0].id)
    older = queries.version_of(db.session, item, id_of(request.args.get("from")) or before_last.id)
    return render_template(
        "question_bank/items/history.html",
        item=item,
        versions=versions,
        older=older,
        newer=newer,
        rows=marked_differences(_comparable(older), _comparable(newer)),
        names=queries.account_names(db.session, {version.author_id for version in versions}),
        words=words,
    )


def _comparable(version: ItemVersion) -> list[tuple[str, str]]:
    key, kind = key_of_version(db.session, version.id), item_type(version.type)
    points = {entry.id: entry.name for entry in queries.outline(db.session)}
    fields = [(_("题干"), to_markup(version.content["stem"], version.content.get("html", "")))]
    texts = kind.plain_text(version.content).removeprefix(version.content["stem"]).strip()
    fields += [(_("内容"), texts)] if texts else []
    fields += [
        (_("答案"), kind.key_text(version.content, key.key)),
        (_("解析"), key.rationale),
        (_("分值"), f"{version.points_hundredths // 100}.{version.points_hundredths % 100:02d}"),
        (_("难度"), version.difficulty),
        (_("知识点"), points.get(version.knowledge_point_id or 0, "")),
        (_("标签"), "；".join(version.tags)),
    ]
    for citation in queries.citations_of(db.session, version.id):
        source = f"{citation.regulation} {citation.edition} {citation.article}\n{citation.quotation}"
        fields.append((_("法规依据"), source))
    return fields
