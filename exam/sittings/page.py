"""The page of the sitting: rendered once per paper, language and type size; per candidate only what is the candidate's.

Whatever differs between candidates is rendered as a mark that no text can hold by chance, and the page is kept cut at
these marks. Joining it again costs a fraction of rendering. Of a paper drawn for each candidate, the items are such
marks too: each item is rendered once for every order of its options, its number being the mark in it.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from flask import Response, current_app, g, render_template, request, url_for
from markupsafe import Markup, escape

from core.i18n import chosen_language
from core.web.application import marks
from core.web.packing import BEST, Piece, gzipped, piece, takes_gzip
from exam.sittings.papers import PaperAtHand
from question_bank.delivery import DeliveredSection, DeliveredSlot, read_aloud

MOST_PAGES = 200
MOST_FRAGMENTS = 12_000  # items in one order of their options, about 3 kB each: a pool of 500 in all orders of four
QUICK = 1  # how hard to compress what is one candidate's own
T = TypeVar("T")
_SCRIPT_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"}


@dataclass(frozen=True, slots=True)
class Whose:
    """What stands on the page of one candidate alone. ``state`` is the JSON of GET without the slots."""

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
    full_screen: bool = False  # the page asks for it
    bell_url: str = ""  # of the session; none where nobody changes the time


class PageShelf:
    """Rendered pages, cut at the candidate's marks: text, name of a mark, text, …; packed where the paper is everybody's."""

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[object, ...], list[Piece | str]] = OrderedDict()
        self._frames: OrderedDict[tuple[object, ...], list[str]] = OrderedDict()
        self._fragments: OrderedDict[tuple[object, ...], list[str]] = OrderedDict()
        self._lock = Lock()
        self._salt = secrets.token_hex(12)

    def page(self, paper: PaperAtHand, frame: Frame, whose: Whose) -> Response:
        """The whole page for one candidate, compressed for whoever takes it so."""
        pieces = (self._own_pieces if paper.source.per_candidate else self._shared_pieces)(paper, frame, whose)
        headers = {"Vary": "Accept-Encoding"}
        if takes_gzip(request.headers.get("Accept-Encoding", "")):
            return Response(gzipped(pieces), mimetype="text/html", headers=headers | {"Content-Encoding": "gzip"})
        return Response(b"".join(one.plain for one in pieces), mimetype="text/html", headers=headers)

    def _shared_pieces(self, paper: PaperAtHand, frame: Frame, whose: Whose) -> list[Piece]:
        key = self._key(paper, frame, whose)
        pieces = self._kept(self._pages, key)
        if not pieces:
            cut = self._cut(self._render(paper, frame, bool(whose.seat)), in_script(paper.slots_json))
            pieces = [text if odd % 2 else piece(text.encode(), BEST) for odd, text in enumerate(cut)]
            self._keep(self._pages, {key: pieces}, MOST_PAGES)
        return [self._filled(one, whose) if isinstance(one, str) else one for one in pieces]

    def _own_pieces(self, paper: PaperAtHand, frame: Frame, whose: Whose) -> list[Piece]:
        key = self._key(paper, frame, whose)
        cut = self._kept(self._frames, key)
        if not cut:
            cut = self._cut(self._render(paper, frame, bool(whose.seat)), self._mark("slots"))
            self._keep(self._frames, {key: cut}, MOST_PAGES)
        items = self._own_items(paper) | {"slots": in_script(paper.slots_json)}
        pieces: list[Piece] = []
        texts: list[str] = []
        for odd, text in enumerate(cut):
            if odd % 2 and text not in items:
                pieces += (piece("".join(texts).encode(), QUICK), self._filled(text, whose))
                texts = []
            else:
                texts.append(items[text] if odd % 2 else text)
        return [*pieces, piece("".join(texts).encode(), QUICK)]

    def _key(self, paper: PaperAtHand, frame: Frame, whose: Whose) -> tuple[object, ...]:
        size = request.cookies.get("type_size", "")
        size = size if size in ("large", "largest") else "normal"
        contrast = request.cookies.get("contrast") == "high"
        return (paper.key, frame, chosen_language(), size, contrast, bool(whose.seat))

    def _kept(self, shelf: OrderedDict[tuple[object, ...], list[T]], key: tuple[object, ...]) -> list[T]:
        with self._lock:
            if key in shelf:
                shelf.move_to_end(key)
            return shelf.get(key, [])

    def _keep(
        self, shelf: OrderedDict[tuple[object, ...], list[T]], made: Mapping[tuple[object, ...], list[T]], most: int
    ) -> None:
        with self._lock:
            shelf.update(made)
            while len(shelf) > most:
                shelf.popitem(last=False)

    def _own_items(self, paper: PaperAtHand) -> dict[str, str]:
        """The items of a candidate's own paper by the names of their marks; rendered are those that nobody had before."""
        language = chosen_language()
        keys = {slot.slot: (paper.key, language, slot.points_hundredths, slot.sight) for slot in paper.slots.values()}
        found = {slot: self._kept(self._fragments, key) for slot, key in keys.items()}
        if not all(found.values()):
            whole = paper.paper
            slots = [slot for section in whole.sections for slot in section.slots if not found[slot.slot]]
            with self._nobody(whole.paper_id):
                made = {slot.slot: self._split(fragment_of(slot, self._mark("slot"))) for slot in slots}
            self._keep(self._fragments, {keys[slot]: pieces for slot, pieces in made.items()}, MOST_FRAGMENTS)
            found |= made
        return {f"slot_{slot}": slot.join(pieces[::2]) for slot, pieces in found.items()}

    def _mark(self, name: str) -> str:
        return f"@{self._salt}.{name}@"

    @contextmanager
    def _nobody(self, paper_id: int) -> Iterator[None]:
        # A request of nobody's: no session, no token, no message of whoever happens to come first can stay in the page.
        chosen = {name: request.cookies.get(name, "") for name in ("type_size", "contrast", "language")}
        cookies = "; ".join(f"{name}={value}" for name, value in chosen.items() if value.isalpha())
        with current_app.test_request_context(base_url=request.host_url, headers={"Cookie": cookies}):
            g.pictures_at = pictures_at(paper_id)
            yield

    def _item(self, slot: DeliveredSlot) -> Markup:
        return Markup(self._mark(f"slot_{slot.slot}"))  # noqa: S704 (a mark)

    def _render(self, at_hand: PaperAtHand, frame: Frame, with_seat: bool) -> str:
        paper = at_hand.paper
        shown = self._item if at_hand.source.per_candidate else fragment_of
        with self._nobody(paper.paper_id):
            return render_template(
                "exam/candidate/sitting.html",
                sitting_id=self._mark("sitting_id"),
                exam_title=frame.title,
                candidate_name=self._mark("candidate_name"),
                admission_number=self._mark("admission_number"),
                seat=self._mark("seat") if with_seat else "",
                sections=[sheet_of(section, shown) for section in paper.sections],
                receipt_url=self._mark("receipt_url"),
                sign_in_url=frame.sign_in_url,
                worker_url=frame.worker_url,
                layout=frame.layout,
                hand_in_key=frame.hand_in_key,
                api_base=frame.api_base,
                full_screen=frame.full_screen,
                bell_url=frame.bell_url,
                csrf_token=lambda: self._mark("csrf_token"),
                state=self._mark("state"),
            )

    def _cut(self, page: str, slots: str) -> list[str]:
        # State and id are JSON, and their marks are rendered as JSON texts: the quotation marks go with them.
        state, number = self._mark("state"), self._mark("sitting_id")
        page = page.replace(f'"{state}"', f'{state}, "slots": {slots}}}')
        return self._split(page.replace(f"&#34;{number}&#34;", number))

    def _split(self, page: str) -> list[str]:
        return re.split(f"@{self._salt}\\.(\\w+)@", page)

    def _filled(self, name: str, whose: Whose) -> Piece:
        # The slots follow the candidate's own part of the state, in the text that is everybody's.
        text = in_script(whose.state[:-1]) if name == "state" else str(escape(getattr(whose, name)))
        return piece(text.encode(), QUICK)


def in_script(json_text: str) -> str:
    """JSON as it may stand inside a script element."""
    for sign, code in _SCRIPT_ESCAPES.items():
        json_text = json_text.replace(sign, code)
    return json_text


def pictures_at(paper_id: int) -> str:
    """Where the pictures of a paper are, for who is sitting it."""
    return url_for("sittings.paper_picture", paper_id=paper_id, digest="-").removesuffix("-")


def fragment_of(slot: DeliveredSlot, number: str = "") -> Markup:
    """One item rendered, under its number on the paper or another one."""
    return Markup(  # noqa: S704 (rendered with autoescape)
        render_template(
            "exam/candidate/_item.html",
            slot=number or slot.slot,
            type=slot.type,
            aloud=read_aloud(slot),
            points=marks(slot.points_hundredths),
            content=slot.content,
        )
    )


def sheet_of(section: DeliveredSection, shown: Callable[[DeliveredSlot], Markup] = fragment_of) -> dict[str, object]:
    """A section with its items as ``shown`` makes them, as the page's template takes it."""
    return {
        "numeral": section.numeral,
        "title": section.title,
        "instructions": section.instructions,
        "points_text": section.points_text,
        "fragments": [shown(slot) for slot in section.slots],
    }


def pages() -> PageShelf:
    """This application's shelf of pages."""
    kept: PageShelf = current_app.extensions.setdefault("sitting_pages", PageShelf())
    return kept
