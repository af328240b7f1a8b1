"""The gate of a session that asks for Safe Exam Browser: every request of its candidates comes by here.

No query a request: what a session demands, and who is exempted, is kept in the process for some seconds and read anew
before anybody is refused, so that an exemption holds at once. A session that demands nothing costs one look into a
dictionary. A refusal is written once a minute at most, however often the same browser asks.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import structlog
from flask import current_app, request, session, url_for
from sqlalchemy.orm import Session

from core.clock import clock
from core.database import transaction
from core.errors import Afterwards, Forbidden
from core.lately import Lately
from exam.safe_browser import queries
from exam.safe_browser.rules import Demand, Fault, Shown, fault_of
from exam.safe_browser.service import note_refusal
from exam.safe_browser.words import REFUSALS

log = structlog.get_logger(__name__)
KEPT = timedelta(seconds=5)
MOST_SESSIONS = 200
NOTED_FOR = timedelta(minutes=1)
MOST_NOTED = 20_000
PROVED = "safe_browser"  # in the signed cookie: the session whose keys this sign-in showed by the script interface
# The keys that a page read through the script interface: over the page's own address, configuration first.
PAGE_KEYS = "X-Safe-Browser-Page"
CODE = "safe_browser"


@dataclass(frozen=True, slots=True)
class Known:
    """What the process knows of one session."""

    demand: Demand | None
    exempted: frozenset[int]
    read_at: datetime


class Gate:
    """The sessions that this process has served lately."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Known] = OrderedDict()
        self.noted = Lately(NOTED_FOR, MOST_NOTED)  # (sitting, fault) of the refusals written down
        self._lock = Lock()

    def known(self, session_id: int, now: datetime) -> Known:
        """What the session demands, as it was at most ``KEPT`` ago."""
        with self._lock:
            held = self._known.get(session_id)
        if held is not None and timedelta() <= now - held.read_at < KEPT:
            return held
        return self.read(session_id, now)

    def read(self, session_id: int, now: datetime) -> Known:
        """What the session demands, read now, in a transaction of its own."""
        with transaction("read") as own:
            demand = queries.demand_of(own, session_id)
            exempted = queries.exempted_at(own, session_id) if demand else frozenset()
        fresh = Known(demand, exempted, now)
        with self._lock:
            self._known[session_id] = fresh
            self._known.move_to_end(session_id)
            while len(self._known) > MOST_SESSIONS:
                self._known.popitem(last=False)
        return fresh


def gate() -> Gate:
    """This application's gate."""
    kept: Gate = current_app.extensions.setdefault("safe_browser", Gate())
    return kept


def let_in(sitting_id: int, session_id: int) -> None:
    """Let this request of a sitting pass, or raise ``Forbidden`` (``safe_browser``); the refusal is noted afterwards."""
    now = clock.now()
    own = gate()
    known = own.known(session_id, now)
    if known.demand is None:
        return
    fault = _fault(known, sitting_id, session_id)
    fault = fault and _fault(own.read(session_id, now), sitting_id, session_id)
    if fault:
        noted = own.noted.holds((sitting_id, fault), now)
        afterwards = None if noted else _noting(own, sitting_id, fault, now)
        raise Forbidden(
            str(REFUSALS[fault]), code=CODE, retry=True, details={"exam_session": session_id}, afterwards=afterwards
        )


def remember_proof(sitting_id: int, session_id: int) -> None:
    """Put into the cookie that the page of this sign-in has read the right keys by script; an exemption proves nothing."""
    demand = gate().known(session_id, clock.now()).demand
    if demand is not None and fault_of(demand, _of_page(sitting_id)) is None:
        session[PROVED] = session_id


def _fault(known: Known, sitting_id: int, session_id: int) -> Fault | None:
    if known.demand is None or sitting_id in known.exempted:
        return None
    shown = [_of_request(), *_of_page(sitting_id)]
    if _is_page() and session.get(PROVED) == session_id and not any(one.config_hash for one in shown):
        # A web view without headers, or a service worker between, asks for a page with none: its sign-in has shown the keys.
        return None
    return fault_of(known.demand, shown)


def _is_page() -> bool:
    return not request.path.startswith("/api/")


def _of_request() -> Shown:
    headers = request.headers
    path = request.full_path.removesuffix("?")
    config = headers.get("X-SafeExamBrowser-ConfigKeyHash", "")
    return Shown(path, config, headers.get("X-SafeExamBrowser-RequestHash", ""))


def _of_page(sitting_id: int) -> list[Shown]:
    """What the page that sent this request has read; the page is one of this sitting, or the door."""
    typed = request.headers.get(PAGE_KEYS) or (request.form.get("safe_browser", "") if _is_page() else "")
    if not typed:
        return []
    config, _blank, exam = typed[:200].partition(" ")
    pages = ("sittings.sheet", "admission.waiting")
    paths = [url_for(page, sitting_id=sitting_id) for page in pages] + [url_for("admission.sign_in")]
    return [Shown(path, config, exam.strip()) for path in paths]


def _noting(own: Gate, sitting_id: int, fault: Fault, now: datetime) -> Afterwards:
    """What writes the refusal down. It is remembered only once that stands: a write that failed is tried again.

    The candidate is told the refusal whether or not it could be written, so the note has a transaction of its own.
    """
    where = {"POST": "操作", "PUT": "保存"}.get(request.method, "打开页面")

    def note(_writing: Session) -> None:
        try:
            with transaction("write") as writing:
                note_refusal(writing, clock, sitting_id, fault, where)
        except Exception:
            log.exception("a refusal could not be noted", sitting=sitting_id, fault=fault)
        else:
            own.noted.add((sitting_id, fault), now)

    return note
