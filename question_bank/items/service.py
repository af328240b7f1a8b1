"""Writing items: versions are appended, states move by conditional UPDATE, nobody publishes what they wrote."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict, Forbidden
from core.i18n import _
from question_bank.images.models import VersionImage
from question_bank.images.queries import missing_images
from question_bank.item_types.registry import item_type
from question_bank.items.digests import content_digest
from question_bank.items.drafts import CitationDraft, Draft
from question_bank.items.models import Item, ItemReview, ItemText, ItemVersion, SourceCitation, SourceVerification
from question_bank.items.queries import authors_of, citations_of, has_verification
from question_bank.items.resemblance import store_marks
from question_bank.items.rich_content import cleaned, pictures_of
from question_bank.items.searching import searchable
from question_bank.keys import store_key
from question_bank.sources.queries import editions_in_force, is_quarantined, lapsed_regulations
from question_bank.sources.recording import Place, articles_of


def create_item(session: Session, actor: Actor, clock: Clock, draft: Draft, *, demonstration: bool = False) -> Item:
    """Create an item with its first version, as a draft. Raises BadInput with everything that is wrong."""
    (item,) = create_items(session, actor, clock, [draft], demonstration=demonstration)
    record(session, actor, clock, "item_created", "item", item.id, version=item.current_version_id)
    return item


def create_items(
    session: Session,
    actor: Actor,
    clock: Clock,
    drafts: Sequence[Draft],
    *,
    numbers: Sequence[str] | None = None,
    demonstration: bool = False,
    import_id: int | None = None,
) -> list[Item]:
    """Create many items at once, each a draft with its first version; the caller records the act as one entry.

    ``numbers`` are given for demonstration items alone. Raises BadInput with everything that is wrong.
    """
    drafts = [_ready(session, draft) for draft in drafts]
    items = [
        Item(
            number=numbers[place] if numbers else secrets.token_hex(8),
            type=draft.type,
            state="draft",
            demonstration=demonstration,
            import_id=import_id,
            created_by=actor.id,
            created_at=clock.now(),
        )
        for place, draft in enumerate(drafts)
    ]
    session.add_all(items)
    session.flush()
    for item in items:
        item.number = item.number if numbers else f"Q{item.id:06d}"
    versions = _append_versions(session, actor, clock, [(item.id, 1, d) for item, d in zip(items, drafts, strict=True)])
    for item, version, draft in zip(items, versions, drafts, strict=True):
        item.current_version_id = version.id
        session.add(ItemText(item_id=item.id, version_id=version.id, text=_said(draft, item.number)))
    session.flush()
    return items


def new_version(
    session: Session, actor: Actor, clock: Clock, item: Item, draft: Draft, *, based_on: int
) -> ItemVersion:
    """Append a version to an item; it becomes current, and the item a draft again.

    ``based_on`` is the version that the author had before them. Raises Conflict when it is no longer current or the
    item is in review or retired, BadInput with everything that is wrong.
    """
    draft = _ready(session, draft)
    if draft.type != item.type:
        raise BadInput(_("试题的题型不能更改。请另建一道新题。"))
    taken = (
        update(Item)
        .where(Item.id == item.id, Item.current_version_id == based_on, Item.state.in_(("draft", "published")))
        .values(state="draft")
    )
    if affected(session, taken) == 0:
        raise _changed_meanwhile(session, item, based_on)
    last = session.scalars(
        select(ItemVersion.version).where(ItemVersion.item_id == item.id).order_by(ItemVersion.version.desc())
    ).first()
    (version,) = _append_versions(session, actor, clock, [(item.id, (last or 0) + 1, draft)])
    session.execute(update(Item).where(Item.id == item.id).values(current_version_id=version.id))
    said = _said(draft, item.number)
    said_now = update(ItemText).where(ItemText.item_id == item.id)
    session.execute(said_now.values(version_id=version.id, text=said, portion=None))
    session.refresh(item)
    record(session, actor, clock, "item_changed", "item", item.id, version=version.id, based_on=based_on)
    return version


def submit(session: Session, actor: Actor, clock: Clock, item: Item, version_id: int) -> None:
    """Hand a draft to the reviewers. Raises Conflict."""
    _move(session, actor, clock, item, version_id, "draft", "in_review", "submitted", "")


def withdraw(session: Session, actor: Actor, clock: Clock, item: Item, version_id: int) -> None:
    """Take an item back from review, to change it. Raises Conflict."""
    _move(session, actor, clock, item, version_id, "in_review", "draft", "withdrawn", "")


def send_back(session: Session, actor: Actor, clock: Clock, item: Item, version_id: int, comment: str) -> None:
    """Return an item to its author with a comment. Raises BadInput without one, Conflict."""
    comment = _needed(comment, _("请写明退回的原因，作者才知道怎么改。"))
    _move(session, actor, clock, item, version_id, "in_review", "draft", "returned", comment)


def publish(session: Session, actor: Actor, clock: Clock, item: Item, version_id: int, comment: str = "") -> None:
    """Publish an item that somebody else wrote. Raises Forbidden for its authors, Conflict."""
    _refuse_authors(session, actor, item, _("您参与编写过这道试题，不能由您发布。请由另一位审题员发布。"))
    _move(session, actor, clock, item, version_id, "in_review", "published", "published", comment.strip())


def retire(session: Session, actor: Actor, clock: Clock, item: Item, version_id: int, reason: str) -> None:
    """Take an item out of use for good; papers that hold it keep it. Raises BadInput without a reason, Conflict."""
    reason = _needed(reason, _("请写明停用的原因。"))
    _move(session, actor, clock, item, version_id, item.state, "retired", "retired", reason)


def verify_source(
    session: Session,
    actor: Actor,
    clock: Clock,
    item: Item,
    version_id: int,
    compared_with: str,
    editions: Sequence[int] = (),
) -> None:
    """Record that the actor compared the current version's citation with an official text.

    Where it cites an edition that has lapsed, ``editions`` are those in force that the actor was shown and compared it
    with; this lifts the quarantine. Raises Forbidden for the item's authors, BadInput, and Conflict when the version is no
    longer current or another edition is in force by now.
    """
    _refuse_authors(session, actor, item, _("您参与编写过这道试题，法规依据请由另一位审题员核对。"))
    compared_with = _needed(compared_with, _("请写明您用来核对的正式文本，例如“国务院公报 2019 年第 2 号”。"))
    if len(compared_with) > 300:
        raise BadInput(_("核对文本的说明最多 300 个字，请缩短。"))
    if item.current_version_id != version_id:
        raise _changed_meanwhile(session, item, version_id)
    if not citations_of(session, version_id):
        raise BadInput(_("这道试题没有填写法规依据，无从核对。请作者先补上法规依据。"))
    if has_verification(session, version_id) and not is_quarantined(session, version_id):
        raise Conflict(_("这一版本的法规依据已经核对过，无需重复核对。"))
    compared = _editions_to_compare(session, version_id)
    if sorted(editions) != compared:
        raise Conflict(_("所引法规的现行版本刚刚有变化，没有记录核对。请刷新页面，按现行版本重新核对。"), code="stale")
    session.add_all(
        SourceVerification(
            version_id=version_id,
            verified_by=actor.account_id,
            verified_at=clock.now(),
            compared_with=compared_with,
            edition_id=edition_id,
        )
        for edition_id in (compared or (None,))
    )
    told = {"editions": compared} if compared else {}
    record(session, actor, clock, "source_verified", "item", item.id, version=version_id, **told)


def _editions_to_compare(session: Session, version_id: int) -> list[int]:
    """The editions in force in the place of those that the version cites and that have lapsed. Raises BadInput."""
    lapsed = lapsed_regulations(session, version_id)
    current = editions_in_force(session, list(lapsed))
    gone = [name for regulation_id, name in lapsed.items() if regulation_id not in current]
    if gone:
        names = "、".join(f"《{name}》" for name in gone)
        raise BadInput(
            _("%(names)s没有登记现行有效的版本，无从重新核对。请先登记新版本，或修改、停用这道试题。", names=names)
        )
    return sorted(edition.id for edition in current.values())


def publish_demonstration(session: Session, actor: Actor, clock: Clock, items: Sequence[Item]) -> None:
    """Publish demonstration items, which nobody has reviewed and which say so. Real items are refused."""
    for item in items:
        if not item.demonstration:
            raise Forbidden(_("只有演示试题可以不经审核发布。"))
        _move(
            session, actor, clock, item, item.current_version_id or 0, "draft", "published", "published",
            "演示试题，未经审核、未经核对。", audited=False,
        )  # fmt: skip
    record(session, actor, clock, "demonstration_published", "items", None, count=len(items))


def _ready(session: Session, draft: Draft) -> Draft:
    """The draft with its rich text cleaned: nothing else is ever stored. Raises BadInput with everything that is wrong."""
    _refuse_faults(draft)
    ready = replace(draft, content=cleaned(draft.content))
    missing = missing_images(session, pictures_of(ready.content, ready.rationale))
    if missing:
        raise BadInput(_("有 %(count)s 张图片不在系统里，请重新上传图片再保存。", count=len(missing)))
    return ready


def _refuse_faults(draft: Draft) -> None:
    errors = [fault for fault in draft.faults() if fault.severity == "error"]
    if errors:
        raise BadInput("；".join(fault.message.rstrip("。") for fault in errors) + "。")


def _append_versions(
    session: Session, actor: Actor, clock: Clock, wanted: Sequence[tuple[int, int, Draft]]
) -> list[ItemVersion]:
    """Append versions given as (item id, version number, draft), with their keys and citations."""
    versions = [_version(actor, clock, *entry) for entry in wanted]
    session.add_all(versions)
    session.flush()
    places = [_place(citation) for _item_id, _number, draft in wanted for citation in draft.citations]
    articles = articles_of(session, actor, clock, places)
    for version, (_item_id, _number, draft) in zip(versions, wanted, strict=True):
        store_key(session, version.id, draft.key, draft.rationale, draft.extras)
        shown = sorted(pictures_of(version.content, draft.rationale))
        session.add_all(VersionImage(version_id=version.id, sha256=digest) for digest in shown)
        session.add_all(_citation(version.id, citation, articles[_place(citation)]) for citation in draft.citations)
    session.flush()
    store_marks(session, versions)
    return versions


def _said(draft: Draft, number: str) -> str:
    return searchable(f"{item_type(draft.type).plain_text(draft.content)} {number}")


def _version(actor: Actor, clock: Clock, item_id: int, number: int, draft: Draft) -> ItemVersion:
    content, kind = dict(draft.content), item_type(draft.type)
    return ItemVersion(
        item_id=item_id,
        version=number,
        type=draft.type,
        content=content,
        content_digest=content_digest(content["stem"], kind.texts(content)),
        knowledge_point_id=draft.knowledge_point_id,
        difficulty=draft.difficulty,
        points_hundredths=draft.points_hundredths,
        tags=list(draft.tags),
        author_id=actor.id,
        created_at=clock.now(),
    )


def _place(citation: CitationDraft) -> Place:
    return citation.regulation, citation.edition, citation.article


def _citation(version_id: int, citation: CitationDraft, article_id: int) -> SourceCitation:
    return SourceCitation(
        version_id=version_id,
        article_id=article_id,
        quotation=citation.quotation,
        source_file=citation.source_file,
        source_sha256=citation.source_sha256,
        start=citation.start,
        end=citation.end,
    )


def _move(
    session: Session,
    actor: Actor,
    clock: Clock,
    item: Item,
    version_id: int,
    expected: str,
    target: str,
    step: str,
    comment: str,
    *,
    audited: bool = True,
) -> None:
    if target == "retired" and expected not in ("draft", "in_review", "published"):
        raise Conflict(_("这道试题已经停用，无需再次停用。"))
    moved = (
        update(Item)
        .where(Item.id == item.id, Item.state == expected, Item.current_version_id == version_id)
        .values(state=target)
    )
    if affected(session, moved) == 0:
        raise _changed_meanwhile(session, item, version_id)
    session.refresh(item)
    session.add(
        ItemReview(
            item_id=item.id, version_id=version_id, step=step, comment=comment, account_id=actor.id, at=clock.now()
        )
    )
    if audited:
        record(session, actor, clock, f"item_{step}", "item", item.id, version=version_id)


def _changed_meanwhile(session: Session, item: Item, version_id: int) -> Conflict:
    session.refresh(item)
    if item.current_version_id != version_id:
        return Conflict(
            _(
                "试题 %(number)s 刚刚被修改过，已有更新的版本，本次操作未执行。请对照新版本后再提交，您填写的内容还在下面。",
                number=item.number,
            ),
            code="stale",
        )
    states: dict[str, Any] = {
        "draft": _("是草稿，还没有送审"),
        "in_review": _("正在审核，退回或撤回后才能修改"),
        "published": _("已经发布"),
        "retired": _("已经停用，不能再修改或发布"),
        "discarded": _("已随导入撤销，不能再修改或发布"),
    }
    return Conflict(_("试题 %(number)s 现在%(state)s，本次操作未执行。", number=item.number, state=states[item.state]))


def _refuse_authors(session: Session, actor: Actor, item: Item, sentence: str) -> None:
    if actor.id is None or actor.id in authors_of(session, item):
        raise Forbidden(sentence, code="four_eyes")


def _needed(text: str, sentence: str) -> str:
    text = text.strip()
    if not text:
        raise BadInput(sentence)
    return text
