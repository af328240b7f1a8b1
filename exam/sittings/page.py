"""The page of the sitting: rendered once per paper, language and type size; per candidate only what is the candidate's.

Whatever differs between candidates is rendered as a mark that no text can hold by chance, and the page is kept cut at
these marks. Joining it again costs a fraction of rendering.
"""

import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from flask import Response, current_app, g, render_template, request, url_for
from markupsafe import Markup, escape

from core.i18n import short_language
from core.web.application import marks
from core.web.packing import BEST, Piece, gzipped, piece
from exam.sittings.papers import PaperAtHand
from question_bank.delivery import DeliveredPaper, DeliveredSection, read_aloud

MOST_PAGES = 200
QUICK = 1  # how hard to compress what is one candidate's own
_SCRIPT_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"})


@dataclass(frozen=True, slots=True)
class Whose:
    """What stands on the page of one candidate alone. ``state`` is the JSON of GET."""

    sitting_id: str
    candidate_name: str
    admission_number: str
    seat: str
    receipt_url: str
    csrf_token: str
    state: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on the page of everybody of one exam session."""

    title: str
    sign_in_url: str
    worker_url: str
    layout: str  # all | single
    hand_in_key: str  # the exam's public key; empty where no sealed file is taken
    api_base: str = "/api/v1"


class PageShelf:
    """Rendered pages, cut at the candidate's marks: packed text, name of a mark, packed text, …"""

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[object, ...], list[Piece | str]] = OrderedDict()
        self._lock = Lock()
        self._salt = secrets.token_hex(12)

    def page(self, paper: PaperAtHand, frame: Frame, whose: Whose) -> Response:
        """The whole page for one candidate, compressed for whoever takes it so."""
        pieces = [
            self._filled(one, whose) if isinstance(one, str) else one for one in self._pieces(paper, frame, whose)
        ]
        if request.accept_encodings.quality("gzip") > 0:
            response = Response(gzipped(pieces), mimetype="text/html", headers={"Content-Encoding": "gzip"})
        else:
            response = Response(b"".join(one.plain for one in pieces), mimetype="text/html")
        response.vary.add("Accept-Encoding")
        return response

    def _pieces(self, paper: PaperAtHand, frame: Frame, whose: Whose) -> list[Piece | str]:
        size = request.cookies.get("type_size", "")
        size = size if size in ("large", "largest") else "normal"
        whole = paper.paper
        if paper.source.per_candidate:
            # Nobody else will ever ask for this page.
            return self._cut(self._render(whole, frame, bool(whose.seat)), QUICK)
        contrast = request.cookies.get("contrast") == "high"
        key = (whole.digest, frame, short_language(), size, contrast, bool(whose.seat))
        with self._lock:
            pieces = self._pages.get(key, [])
        if not pieces:
            pieces = self._cut(self._render(whole, frame, bool(whose.seat)), BEST)
            with self._lock:
                self._pages[key] = pieces
                while len(self._pages) > MOST_PAGES:
                    self._pages.popitem(last=False)
        return pieces

    def _mark(self, name: str) -> str:
        return f"@{self._salt}.{name}@"

    def _render(self, paper: DeliveredPaper, frame: Frame, with_seat: bool) -> str:
        # In a request of nobody's: no session, no token, no message of whoever happens to come first can stay in the page.
        chosen = {name: request.cookies.get(name, "") for name in ("type_size", "contrast", "language")}
        cookies = "; ".join(f"{name}={value}" for name, value in chosen.items() if value.isalpha())
        with current_app.test_request_context(base_url=request.host_url, headers={"Cookie": cookies}):
            g.pictures_at = pictures_at(paper.paper_id)
            return render_template(
                "exam/candidate/sitting.html",
                sitting_id=self._mark("sitting_id"),
                exam_title=frame.title,
                candidate_name=self._mark("candidate_name"),
                admission_number=self._mark("admission_number"),
                seat=self._mark("seat") if with_seat else "",
                sections=[sheet_of(section) for section in paper.sections],
                receipt_url=self._mark("receipt_url"),
                sign_in_url=frame.sign_in_url,
                worker_url=frame.worker_url,
                layout=frame.layout,
                hand_in_key=frame.hand_in_key,
                api_base=frame.api_base,
                csrf_token=lambda: self._mark("csrf_token"),
                state=self._mark("state"),
            )

    def _cut(self, page: str, level: int) -> list[Piece | str]:
        # State and id are JSON, and their marks are rendered as JSON texts: the quotation marks go with them.
        for quotation, name in (('"', "state"), ("&#34;", "sitting_id")):
            page = page.replace(f"{quotation}{self._mark(name)}{quotation}", self._mark(name))
        cut = re.split(f"@{self._salt}\\.(\\w+)@", page)
        return [text if odd % 2 else piece(text.encode(), level) for odd, text in enumerate(cut)]

    def _filled(self, name: str, whose: Whose) -> Piece:
        text = whose.state.translate(_SCRIPT_ESCAPES) if name == "state" else str(escape(getattr(whose, name)))
        return piece(text.encode(), QUICK)


def pictures_at(paper_id: int) -> str:
    """Where the pictures of a paper are, for who is sitting it."""
    return url_for("sittings.paper_picture", paper_id=paper_id, digest="-").removesuffix("-")


def sheet_of(section: DeliveredSection) -> dict[str, object]:
    """A section with its items rendered, as the page's template takes it."""
    fragments = [
        Markup(  # noqa: S704 (rendered with autoescape)
            render_template(
                "exam/candidate/_item.html",
                slot=slot.slot,
                type=slot.type,
                aloud=read_aloud(slot),
                points=marks(slot.points_hundredths),
                content=slot.content,
            )
        )
        for slot in section.slots
    ]
    return {
        "numeral": section.numeral,
        "title": section.title,
        "instructions": section.instructions,
        "points_text": section.points_text,
        "fragments": fragments,
    }


def pages() -> PageShelf:
    """This application's shelf of pages."""
    kept: PageShelf = current_app.extensions.setdefault("sitting_pages", PageShelf())
    return kept
