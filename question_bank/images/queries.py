"""Reading pictures, always together with the right to see them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.images.models import Image, VersionImage
from question_bank.items.models import Item
from question_bank.papers.models import PaperSlot


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a picture and what they are."""

    mime: str
    data: bytes


def picture(session: Session, digest: str) -> Picture:
    """Return a picture, for people of the question bank. Raises NotFound."""
    found = session.execute(select(Image.mime, Image.data).where(Image.sha256 == digest)).one_or_none()
    if found is None:
        raise _no_such_picture()
    return Picture(found.mime, found.data)


def pictures(session: Session, digests: Iterable[str]) -> dict[str, Picture]:
    """Return those pictures that are there, by their digests."""
    rows = session.execute(select(Image.sha256, Image.mime, Image.data).where(Image.sha256.in_(set(digests))))
    return {digest: Picture(mime, data) for digest, mime, data in rows}


def picture_of_papers(session: Session, digest: str) -> Picture:
    """Return a picture that a published item or a frozen paper shows, for who assembles papers. Raises NotFound."""
    on_paper = select(PaperSlot.slot).where(PaperSlot.version_id == VersionImage.version_id)
    drawable = select(Item.id).where(Item.current_version_id == VersionImage.version_id, Item.state == "published")
    shown = select(VersionImage.sha256).where(VersionImage.sha256 == digest, or_(on_paper.exists(), drawable.exists()))
    if session.scalars(shown.limit(1)).first() is None:
        raise _no_such_picture()
    return picture(session, digest)


def missing_images(session: Session, digests: Iterable[str]) -> set[str]:
    """Return the digests of which no picture is kept."""
    wanted = set(digests)
    return wanted - set(session.scalars(select(Image.sha256).where(Image.sha256.in_(wanted))))


def _no_such_picture() -> NotFound:
    return NotFound(_("没有这张图片。请刷新页面后再看。"))
