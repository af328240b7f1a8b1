"""Reading pictures, always together with the right to see them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.images.models import Image, VersionImage
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


def picture_of_any_paper(session: Session, digest: str) -> Picture:
    """Return a picture that some frozen paper shows. Raises NotFound for any other."""
    return _shown(session, digest)


def picture_of_paper(session: Session, paper_id: int, digest: str) -> Picture:
    """Return a picture that an item of this paper shows. Raises NotFound for any other."""
    return _shown(session, digest, PaperSlot.paper_id == paper_id)


def _shown(session: Session, digest: str, *where: ColumnElement[bool]) -> Picture:
    shown = (
        select(VersionImage.sha256)
        .join(PaperSlot, PaperSlot.version_id == VersionImage.version_id)
        .where(VersionImage.sha256 == digest, *where)
    )
    if session.scalars(shown.limit(1)).first() is None:
        raise _no_such_picture()
    return picture(session, digest)


def missing_images(session: Session, digests: Iterable[str]) -> set[str]:
    """Return the digests of which no picture is kept."""
    wanted = set(digests)
    return wanted - set(session.scalars(select(Image.sha256).where(Image.sha256.in_(wanted))))


def _no_such_picture() -> NotFound:
    return NotFound(_("没有这张图片。请刷新页面后再看。"))
