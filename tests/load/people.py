"""Who sits: candidates at the real server, and their twins who ask the floor for the same at the same moments."""

import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from exam.sittings.bells import bell_of_sitting
from question_bank.delivery import DeliveredSlot
from tests.load.connection import Answer, Connection
from tests.load.installation import COMMITMENT, Seat

COMMITMENT_DIGEST = hashlib.sha256(COMMITMENT.encode()).hexdigest()


@dataclass
class Record:
    """What a server answered: seconds by operation, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    def note(self, operation: str, answer: Answer, good: bool) -> bool:
        """Count one answer; a bad one is described as well as it can be."""
        self.seconds[operation].append(answer.seconds)
        if not good:
            code = ((answer.json() or {}).get("error") or {}).get("code", "") if answer.body[:1] == b"{" else ""
            self.errors[f"{operation}: {answer.status} {code}".strip()] += 1
        return good


class Person:
    """One browser that answers an item now and then. What was acknowledged stands in ``held``."""

    def __init__(self, seat: Seat, connection: Connection, slots: list[DeliveredSlot], record: Record) -> None:
        self.seat = seat
        self.connection = connection
        self.record = record
        self.held: dict[int, tuple[str, list[str]]] = {}
        self.receipt: dict[str, Any] = {}
        self.bell = ""  # the address of its session's
        self._slots = slots
        self._chance = random.Random(seat.sitting)  # noqa: S311 (repeatable, not secret)
        self._seq = 0
        self._hand_in = b""
        connection.headers["Accept-Encoding"] = "gzip"
        self._base = f"/api/v1/sittings/{seat.sitting}"
        self._paper = self._nonce = self._tag = self._ring = ""

    async def sign_in(self) -> None:
        """Number and code, and the token that belongs to the new session."""
        await self._fetch_token()
        body = {"admission_number": self.seat.number, "ticket_code": self.seat.code}
        answer = await self.connection.call("POST", "/api/v1/sign-in", body)
        self.record.note("sign_in", answer, answer.status == 200)
        await self._fetch_token()

    async def start(self) -> None:
        """Begin, and keep what the digest needs."""
        answer = await self.connection.call("POST", f"{self._base}/start", {"commitment": COMMITMENT_DIGEST})
        told = answer.json() or {}
        self._paper, self._nonce = told.get("paper", ""), told.get("nonce", "")
        self.record.note("start", answer, answer.status == 200)

    async def page(self) -> bytes:
        """The page of the sitting."""
        answer = await self.connection.call("GET", f"/sittings/{self.seat.sitting}")
        self.record.note("page", answer, answer.status == 200)
        return answer.body

    async def listen(self) -> dict[str, Any]:
        """Look at the session's bell and, when it has rung anew, at one's own: how the clock stands; otherwise nothing."""
        ring = (await self._look_at(self.bell)).get("ring", "")
        if ring == self._ring:
            return {}
        self._ring, self._tag = ring, ""
        return await self._look_at(f"/bells/{bell_of_sitting(self._nonce)}")

    async def _look_at(self, bell: str) -> dict[str, Any]:
        answer = await self.connection.call("GET", bell)
        self.record.note("bell", answer, answer.status == 200)
        return answer.json() or {}

    async def ask(self) -> None:
        """How the sitting stands, as its page asks now and then."""
        headers = {"If-None-Match": self._tag} if self._tag else {}
        answer = await self.connection.send(self.connection.message("GET", self._base, headers=headers))
        self._tag = answer.headers.get("etag", "")
        self.record.note("ask", answer, answer.status in (200, 304))

    async def save(self, count: int) -> None:
        """Answer some items and save the steps in one call."""
        steps = [self._step() for _ in range(count)]
        answer = await self.connection.call("PUT", f"{self._base}/answers", {"binding": 1, "steps": steps})
        told = answer.json() or {}
        whole = answer.status == 200 and not told.get("rejected") and told.get("acknowledged") == self._seq
        if self.record.note("save", answer, whole):
            self.held |= {step["seq"]: (step["slot"], step["response"]) for step in steps}

    def save_straight(self, save: Callable[[dict[str, Any]], bool]) -> None:
        """Answer an item by a statement of the driver's own instead of a request."""
        step = self._step()
        if save(step):
            self.held[step["seq"]] = (step["slot"], step["response"])
        else:
            self.record.errors["save straight: nothing stored"] += 1

    async def get_ready(self) -> None:
        """Make the request of the hand-in beforehand, on an open connection: every browser does so on a processor of its own."""
        self._hand_in = self._make_hand_in()
        await self.connection.keep_open()

    async def submit(self) -> None:
        """Hand in under the digest of what was acknowledged, computed apart from the server's code."""
        made, self._hand_in = self._hand_in, b""
        answer = await self.connection.send(made or self._make_hand_in())
        self.receipt = (answer.json() or {}).get("receipt") or {}
        self.record.note("submit", answer, answer.status == 200)

    def digest(self) -> str:
        """The digest of interfaces over the final answers."""
        final = {slot: response for _seq, (slot, response) in sorted(self.held.items())}
        answers = [[slot, final[slot]] for slot in sorted(final, key=int) if final[slot]]
        whole: dict[str, Any] = {
            "v": 1,
            "sitting": self.seat.sitting,
            "paper": self._paper,
            "nonce": self._nonce,
            "answers": answers,
        }
        return hashlib.sha256(rfc8785.dumps(whole)).hexdigest()

    def _make_hand_in(self) -> bytes:
        return self.connection.message("POST", f"{self._base}/submission", {"digest": self.digest()})

    async def _fetch_token(self) -> None:
        answer = await self.connection.call("GET", "/api/v1/csrf")
        self.record.note("csrf", answer, answer.status == 200)
        self.connection.headers["X-CSRFToken"] = (answer.json() or {}).get("token", "")

    def _step(self) -> dict[str, Any]:
        self._seq += 1
        slot = self._chance.choice(self._slots)
        return {"seq": self._seq, "slot": slot.slot, "response": self._response(slot), "at": "2026-11-23T04:00:00.000Z"}

    def _response(self, slot: DeliveredSlot) -> list[str]:
        if slot.type == "true_false":
            return [self._chance.choice(("true", "false"))]
        if slot.type == "fill_blank":
            return [f"第{self._chance.randrange(100)}条" for _ in range(slot.content["blanks"])]
        labels = [option["label"] for option in slot.content["options"]]
        return sorted(self._chance.sample(labels, 1 if slot.type == "single_choice" else 2))


def stored_form(response: list[str]) -> str:
    """A response as the database holds it."""
    return json.dumps(response, ensure_ascii=False, separators=(",", ":"))
