"""What waits for people of the question bank on their first page."""

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.accounts.permissions import Permission
from core.home.views import Task
from core.i18n import _
from question_bank.items.models import Item, ItemReview, ItemVersion, SourceCitation, SourceVerification
from question_bank.sources.queries import quarantined


def find_tasks(session: Session, actor: Actor) -> list[Task]:
    """Items to review that the person did not write; own items that came back; published citations to verify, demonstration items aside."""
    tasks = []
    if actor.may(Permission.REVIEW_ITEMS):
        tasks.append(Task(_("等待审核的试题"), _to_review(session, actor), url_for("items.index", state="in_review")))
    if actor.may(Permission.WRITE_ITEMS):
        tasks.append(
            Task(_("被退回、等待修改的试题"), _returned(session, actor), url_for("items.index", state="draft"))
        )
    if actor.may(Permission.VERIFY_SOURCES):
        address = url_for("items.index", state="published", source="no", origin="own")
        tasks.append(Task(_("已发布而法规依据未核对的试题，核对前不进正式试卷"), _unverified(session), address))
        address = url_for("items.index", state="published", source="lapsed")
        tasks.append(Task(_("所引法规已修订或废止的试题，重新核对前不进试卷"), _lapsed(session), address))
    return [task for task in tasks if task.count]


def _to_review(session: Session, actor: Actor) -> int:
    wrote = select(ItemVersion.id).where(ItemVersion.item_id == Item.id, ItemVersion.author_id == actor.id)
    waiting = select(func.count()).select_from(Item).where(Item.state == "in_review", ~wrote.exists())
    return session.scalar(waiting) or 0


def _returned(session: Session, actor: Actor) -> int:
    last = select(func.max(ItemReview.id)).where(ItemReview.item_id == Item.id).correlate(Item).scalar_subquery()
    waiting = (
        select(func.count())
        .select_from(Item)
        .join(ItemReview, ItemReview.id == last)
        .join(ItemVersion, ItemVersion.id == Item.current_version_id)
        .where(
            Item.state == "draft",
            ItemReview.step == "returned",
            ItemReview.version_id == ItemVersion.id,
            ItemVersion.author_id == actor.id,
        )
    )
    return session.scalar(waiting) or 0


def _lapsed(session: Session) -> int:
    held = (Item.state == "published", quarantined(Item.current_version_id))
    return session.scalar(select(func.count()).select_from(Item).where(*held)) or 0


def _unverified(session: Session) -> int:
    cited = select(SourceCitation.id).where(SourceCitation.version_id == Item.current_version_id)
    proof = select(SourceVerification.id).where(SourceVerification.version_id == Item.current_version_id)
    own = (Item.state == "published", Item.demonstration.is_(False))
    waiting = select(func.count()).select_from(Item).where(*own, cited.exists(), ~proof.exists())
    return session.scalar(waiting) or 0
