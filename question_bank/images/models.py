"""Pictures, each kept once, and which item versions show them."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class Image(Model):
    """A picture under the digest of its bytes; it never changes."""

    __tablename__ = "images"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    mime: Mapped[str] = mapped_column(String(16))
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    added_at: Mapped[datetime]


class VersionImage(Model):
    """An item version shows a picture: who may see the one may see the other."""

    __tablename__ = "version_images"

    version_id: Mapped[int] = mapped_column(BigId, ForeignKey("item_versions.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("images.sha256"), primary_key=True, index=True)
