"""Deciding about the items of a review: skip, take, make a new version of what is repeated, or mend in place."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from core.accounts.permissions import Permission
from core.database import db, rollback, transaction
from core.errors import BadInput, NotFound
from core.i18n import _
from core.web import uploads
from core.web.access import current_actor, requires
from question_bank.formats.importing import readable_ref
from question_bank.item_types.registry import ITEM_TYPES, item_type
from question_bank.items import importing, queries, review_store, words
from question_bank.items.blueprint import blueprint
from question_bank.items.drafts import Draft
from question_bank.items.forms import ItemForm, values_of
from question_bank.items.import_views import kept_review, pictures_at
from question_bank.items.models import ItemVersion
from question_bank.items.review_pages import ARGUMENTS
from question_bank.items.reviewing import Choice, Choices, Decided, Review, decided
from question_bank.items.rich_content import as_written
from question_bank.keys import VersionKey

Answer = Response | str | tuple[str, int]
Answers = Mapping[str, Sequence[str]]
ACTS = ("", "take", "skip", "version")
NEW = "new:"


class MendForm(ItemForm):
    """The form of an item whose knowledge point may be one that the import will create."""

    def __init__(self, type_name: str, outline: Any, answers: Answers, topic: str, **options: Any) -> None:
        super().__init__(type_name, outline, answers, **options)
        if topic:
            new = SelectChoice(NEW + topic, _("%(topic)s（导入时新建）", topic=topic))
            self.knowledge_point.choices = [self.knowledge_point.choices[0], new, *self.knowledge_point.choices[1:]]

    def mended(self, before: Draft) -> tuple[Draft, str]:
        """Return the draft that was made of the one ``before``, and the name of the knowledge point to be created, if it is to be."""
        chosen = self.knowledge_point.data or ""
        topic = chosen.removeprefix(NEW) if chosen.startswith(NEW) else ""
        self.knowledge_point.data = "" if topic else chosen
        try:
            return self.draft(before=before.key, extras=before.extras), topic
        finally:
            self.knowledge_point.data = chosen


@blueprint.post("/import/<token>/items/<int:place>/choice")
@requires(Permission.WRITE_ITEMS)
def decide(token: str, place: int) -> Response:
    """Decide about one item; ``restored`` takes everything decided back, a mend included."""
    account_id = current_actor().account_id
    with uploads.alone(account_id, token):
        review, choices = kept_review(token)
        choices = choices.with_choice(place, _choice(_at(review, choices, place)))
        review_store.keep_choices(account_id, token, choices)
    return _back(token, place)


@blueprint.post("/import/<token>/choices")
@requires(Permission.WRITE_ITEMS)
def decide_all(token: str) -> Response:
    """Decide about all items that say the same (``which=same``) or nearly the same (``near``) as another."""
    account_id = current_actor().account_id
    same = request.form.get("which") == "same"
    with uploads.alone(account_id, token):
        review, choices = kept_review(token)
        wanted = [one for one in decided(review, choices) if one.twin and (one.twin.similarity == 1) == same]
        for one in wanted:
            choices = choices.with_choice(one.place, _choice(one))
        review_store.keep_choices(account_id, token, choices)
    flash(_("已对 %(count)s 题作出选择。", count=len(wanted)))
    return _back(token, None)


@blueprint.route("/import/<token>/items/<int:place>", methods=["GET", "POST"])
@requires(Permission.WRITE_ITEMS)
def mend(token: str, place: int) -> Answer:
    """Mend one item with the form of its type; it stays in the review, and the file as it is."""
    account_id = current_actor().account_id
    review, choices = kept_review(token)
    one = _at(review, choices, place)
    asked = request.args.get("as", "")
    type_name = asked if asked in ITEM_TYPES else one.draft.type
    outline = queries.outline(db.session)
    known = next((str(entry.id) for entry in outline if one.topic in (entry.name, entry.label.strip())), "")
    topic = "" if known else one.topic
    values = _values(one.draft) | ({"knowledge_point": known or NEW + topic} if one.topic else {})
    opened = request.method == "GET"
    answers = _answers(one.draft) if opened else dict(request.form.lists())
    form = MendForm(type_name, outline, answers, topic, data=values if opened else None)
    if form.asks_for_parts(request.form) or not form.validate_on_submit():
        return _form_page(form, token, one)
    draft, topic = form.mended(one.draft)
    errors = [fault.message.rstrip("。") for fault in draft.faults() if fault.severity == "error"]
    problem = BadInput("；".join(errors) + "。") if errors else None
    if problem or "preview" in request.form:
        return _form_page(form, token, one, problem, draft)
    rollback(db.session)
    with transaction("read") as session:
        twin = importing.twin_of(session, draft, review, place)
    with uploads.alone(account_id, token):
        choices = review_store.take_choices(account_id, token)
        act = choices.of(place).act if twin else ""
        choices = choices.with_choice(place, Choice(act, draft, topic, twin))
        review_store.keep_choices(account_id, token, choices)
    flash(_("%(place)s的修改已保存在这次核对里，确认导入时一并写入。", place=readable_ref(one.entry.item.ref)))
    return _back(token, place)


def _choice(one: Decided) -> Choice:
    act = request.form.get("act", "")
    if act == "restored":
        return Choice()
    if act not in ACTS:
        raise BadInput(_("没有这种选择，什么也没有改变。请用页面上的按钮。"))
    twin = one.twin
    if act == "version" and (twin is None or twin.type != one.draft.type):
        raise BadInput(_("只有与题库中同一题型的试题重复时，才能作为它的新版本。请改为略去，或两题都要。"))
    return Choice(act, one.choice.draft, one.choice.topic, one.choice.twin)  # type: ignore[arg-type]


def _at(review: Review, choices: Choices, place: int) -> Decided:
    if not 0 <= place < len(review.entries):
        raise NotFound(_("这次核对里没有这道题。请从核对页面进入。"))
    return Decided(place, review.entries[place], choices.of(place))


def _answers(draft: Draft) -> Answers:
    """What belongs to the type; another type that the draft is to become takes the fields that it knows."""
    try:
        return item_type(draft.type).fields(as_written(draft.content), draft.key)
    except (KeyError, ValueError):
        # A file may say what no form can hold; the problems above the form name it.
        return {}


def _values(draft: Draft) -> dict[str, Any]:
    """A draft as the data of the form's common part."""
    version = ItemVersion(
        type=draft.type,
        content=dict(draft.content),
        points_hundredths=draft.points_hundredths,
        knowledge_point_id=draft.knowledge_point_id,
        difficulty=draft.difficulty,
        tags=list(draft.tags),
    )
    return values_of(version, VersionKey(dict(draft.key), draft.rationale), draft.citations)


def _form_page(
    form: MendForm, token: str, one: Decided, problem: BadInput | None = None, typed: Draft | None = None
) -> tuple[str, int]:
    g.pictures_at = pictures_at(token)
    page = render_template(
        "question_bank/items/mend.html",
        form=form,
        token=token,
        one=one,
        type_name=form.type_name,
        types=words.TYPES,
        words=words,
        problem=problem,
        preview=typed or one.draft,
        preview_title=None if typed else _("现在的样子"),
        preview_number=one.place + 1,
        duplicates=(),
        extras=one.draft.extras,
        place=readable_ref(one.entry.item.ref),
        arguments=_arguments(request.args),
        back=_address(token, one.place, request.args),
    )
    return page, problem.status if problem else 200 if typed else form.status


def _back(token: str, place: int | None) -> Response:
    arguments = request.form if any(name in request.form for name in ARGUMENTS) else request.args
    return redirect(_address(token, place, arguments))


def _address(token: str, place: int | None, arguments: Any) -> str:
    anchor = None if place is None else f"item-{place}"
    return url_for("items.review_import", token=token, _anchor=anchor, **_arguments(arguments))


def _arguments(given: Any) -> dict[str, Any]:
    return {name: given[name] for name in ARGUMENTS if given.get(name)}
