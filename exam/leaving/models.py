"""What a candidate's page noted beside the answers, and which thresholds that has crossed. Both are appended."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Model


class PageEvent(Model):
    """The page was left, lost the focus or full screen, or something was pasted, copied or printed; never what it was.

    ``number`` counts within one ``page``, the name that a browser gives itself for one sitting.
    """

    __tablename__ = "page_events"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    client_at: Mapped[datetime]  # by the server's clock as the page knew it
    seconds: Mapped[int | None]  # how long it lasted; None for what has no length
    received_at: Mapped[datetime]


class LeavingNote(Model):
    """A threshold that a sitting has crossed: it is noted once."""

    __tablename__ = "leaving_notes"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    threshold: Mapped[str] = mapped_column(String(16), primary_key=True)
    noted_at: Mapped[datetime]
