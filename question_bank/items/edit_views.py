"""Writing an item: choose its type, fill in the form, see what it resembles, hand it to the reviewers."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import db, rollback
from core.errors import BadInput, DomainError, NotFound
from core.i18n import _
from core.web.access import current_actor, requires
from core.web.numbers import id_of
from question_bank.duplicates import Entry, find_duplicates
from question_bank.images.rules import MOST_BYTES
from question_bank.images.service import keep_image
from question_bank.item_types.registry import item_type
from question_bank.items import queries, service, words
from question_bank.items.blueprint import blueprint
from question_bank.items.drafts import Draft
from question_bank.items.extras import Extras
from question_bank.items.forms import ItemForm, values_of
from question_bank.items.models import Item
from question_bank.items.resemblance import resembling
from question_bank.items.rich_content import as_written
from question_bank.keys import key_of_version
from question_bank.sources.queries import regulation_names

Answer = Response | str | tuple[str, int]


@blueprint.route("/items/new", methods=["GET", "POST"])
@requires(Permission.WRITE_ITEMS)
def new() -> Answer:
    """Choose a type, then write the item; it is kept as a draft."""
    type_name = request.args.get("type", "")
    if type_name not in words.TYPES:
        return render_template("question_bank/items/new.html", types=words.TYPES, notes=words.NOTES)
    data = {"points": "1"} if request.method == "GET" else None
    form = ItemForm(type_name, queries.outline(db.session), _typed(), data=data)
    if "add_picture" in request.form:
        return _with_picture(form, None)
    if form.asks_for_parts(request.form):
        return _page(form, None)
    if not form.validate_on_submit():
        return _page(form, None)
    draft = form.draft()
    if "preview" in request.form:
        return _page(form, None, preview=draft)
    duplicates = _duplicates(draft)
    if duplicates and not form.accept_duplicates.data:
        return _page(form, None, duplicates=duplicates)
    try:
        item = service.create_item(db.session, current_actor(), clock, draft)
    except DomainError as problem:
        rollback(db.session)
        return _page(form, None, problem=problem)
    flash(_("试题 %(number)s 已保存为草稿。检查无误后请送审。", number=item.number))
    return redirect(url_for("items.show", item_id=item.id))


@blueprint.route("/items/<int:item_id>/edit", methods=["GET", "POST"])
@requires(Permission.WRITE_ITEMS)
def edit(item_id: int) -> Answer:
    """Write a new version; the old ones stay. Refused, with nothing lost, when somebody else was faster."""
    item = queries.item_of(db.session, item_id)
    version = queries.version_of(db.session, item, item.current_version_id)
    citations = queries.citations_of(db.session, version.id)
    key = key_of_version(db.session, version.id)
    opened = request.method == "GET"
    data = values_of(version, key, citations) if opened else None
    answers = item_type(item.type).fields(as_written(version.content), key.key) if opened else _typed()
    form = ItemForm(item.type, queries.outline(db.session), answers, data=data)
    if "add_picture" in request.form:
        return _with_picture(form, item, key.extras)
    if form.asks_for_parts(request.form) or not form.validate_on_submit():
        return _page(form, item, extras=key.extras)
    draft = form.draft(citations, key.key, key.extras)
    if "preview" in request.form:
        return _page(form, item, preview=draft, extras=key.extras)
    duplicates = _duplicates(draft, item)
    if duplicates and not form.accept_duplicates.data:
        return _page(form, item, duplicates=duplicates, extras=key.extras)
    based_on = id_of(form.based_on.data)
    try:
        fresh = service.new_version(db.session, current_actor(), clock, item, draft, based_on=based_on)
    except DomainError as problem:
        rollback(db.session)
        return _page(form, queries.item_of(db.session, item_id), problem=problem, extras=key.extras)
    flash(_("已保存为第 %(version)s 版草稿。检查无误后请送审。", version=fresh.version))
    return redirect(url_for("items.show", item_id=item.id))


def _page(
    form: ItemForm,
    item: Item | None,
    *,
    problem: DomainError | None = None,
    duplicates: Sequence[dict[str, Any]] = (),
    preview: Draft | None = None,
    extras: Extras | None = None,
) -> tuple[str, int]:
    page = render_template(
        "question_bank/items/form.html",
        form=form,
        item=item,
        type_name=form.type_name,
        problem=problem,
        duplicates=duplicates,
        preview=preview,
        extras=extras,
        words=words,
        may_add_pictures=True,
        regulations=regulation_names(db.session),
    )
    changing = preview is not None or "add_picture" in request.form
    return page, problem.status if problem else 200 if changing else form.status


def _with_picture(form: ItemForm, item: Item | None, extras: Extras | None = None) -> tuple[str, int]:
    """Keep the picture that was chosen and name it in the form; nothing of the item is saved yet."""
    data = form.picture.data.read(MOST_BYTES + 1) if form.picture.data else b""
    try:
        if not data:
            raise BadInput(_("请先选择图片文件，再点“上传并插入”。"))
        form.add_picture(keep_image(db.session, current_actor(), clock, data))
    except DomainError as problem:
        rollback(db.session)
        return _page(form, item and queries.item_of(db.session, item.id), problem=problem, extras=extras)
    return _page(form, item, extras=extras)


def _typed() -> dict[str, list[str]]:
    return dict(request.form.lists())


def _duplicates(draft: Draft, item: Item | None = None) -> list[dict[str, Any]]:
    """The item of the bank that says the same or nearly the same, if there is one."""
    mine = Entry("", str(draft.content["stem"]), item_type(draft.type).texts(draft.content))
    bank = resembling(db.session, [mine], draft.type, besides=item.id if item else None)
    found = find_duplicates([mine], bank)
    ids = queries.items_by_number(db.session, {match.of for match in found})
    stems = {entry.ref: entry.stem for entry in bank}
    return [{"number": m.of, "id": ids[m.of], "similarity": m.similarity, "stem": stems[m.of]} for m in found]


@blueprint.post("/items/<int:item_id>/submission")
@requires(Permission.WRITE_ITEMS)
def submit(item_id: int) -> Response:
    """Hand the version that the page showed to the reviewers."""
    item = queries.item_of(db.session, item_id)
    service.submit(db.session, current_actor(), clock, item, _version_shown())
    flash(_("试题 %(number)s 已送审。发布须由没有参与编写的审题员进行。", number=item.number))
    return redirect(url_for("items.show", item_id=item.id))


@blueprint.post("/items/<int:item_id>/withdrawal")
@requires(Permission.WRITE_ITEMS)
def withdraw(item_id: int) -> Response:
    """Take an item back from review."""
    item = queries.item_of(db.session, item_id)
    service.withdraw(db.session, current_actor(), clock, item, _version_shown())
    flash(_("试题 %(number)s 已撤回，现在可以修改。", number=item.number))
    return redirect(url_for("items.show", item_id=item.id))


def _version_shown() -> int:
    version_id = id_of(request.form.get("version"))
    if not version_id:
        raise NotFound(_("没有指明试题的版本。请从试题页面重新操作。"))
    return version_id
