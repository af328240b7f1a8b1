"""A small server that speaks the sitting's part of the interface, with faults that a test switches on.

It serves the real page (templates, styles, scripts, the real security policy) with a paper of its own and keeps the
rules of the interface in memory: gap-free acknowledgement, conflicts, lateness, one receipt.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import rfc8785
from flask import Flask, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from werkzeug.serving import WSGIRequestHandler, make_server

from core import i18n
from core.web.application import CONTENT_SECURITY_POLICY, Application, marks
from exam.sittings.bells import bell_of_sitting
from question_bank.images.views import rich
from question_bank.item_types.registry import item_type

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REPOSITORY = Path(__file__).resolve().parents[2]
PAPER = "paper-7"
NONCE = "9f0c2e51d7a84b36"
SITTING = 41
SESSION_BELL, OWN_BELL = "session.json", bell_of_sitting(NONCE)
GRACE = 4

Item = tuple[str, str, list[str], int]
SECTIONS: list[tuple[str, str, str, list[Item]]] = [
    (
        "一",
        "单项选择题",
        "共 6 题，每题 1 分。每题只有一个正确选项。",
        [
            (
                "single_choice",
                "公务员对定期考核的结果不服的，可以自知道该人事处理之日起多少日内向原处理机关申请复核？",
                ["十五日", "三十日", "六十日", "九十日"],
                0,
            ),
            (
                "single_choice",
                "下列关于公职人员政务处分期间的说法，正确的是哪一项？",
                [
                    "警告的期间为三个月，期间内不影响职务、职级和工资档次的正常晋升",
                    "记过的期间为十二个月，期间内不得晋升职务、职级、衔级和级别，其中被记过的不得晋升工资档次",
                    "撤职的期间为三十六个月，由任免机关与监察机关共同决定后报上一级机关备案，并在一定范围内公布",
                    "开除的期间为四十八个月",
                ],
                0,
            ),
            *[
                (
                    "single_choice",
                    f"第 {n} 项职责由哪一级机关承担？",
                    ["县级以上机关", "设区的市级以上机关", "省级以上机关", "中央机关"],
                    0,
                )
                for n in range(3, 7)
            ],
        ],
    ),
    (
        "二",
        "多项选择题",
        "共 5 题，每题 2 分。多选、错选不得分；少选得一半分。",
        [
            (
                "multiple_choice",
                f"公务员应当履行的义务包括下列哪些？（其{n}）",
                ["忠于宪法", "忠于国家，维护国家的安全、荣誉和利益", "忠于职守，勤勉尽责", "清正廉洁，公道正派"],
                0,
            )
            for n in "一二三四五"
        ],
    ),
    (
        "三",
        "判断题",
        "共 4 题，每题 1 分。",
        [("true_false", f"公务员可以辞去公职，但涉密职位另有规定。（其{n}）", [], 0) for n in "一二三四"],
    ),
    (
        "四",
        "填空题",
        "共 2 题，每空 1 分。",
        [
            ("fill_blank", "公务员工作必须坚持____的领导，坚持以____为指导。", [], 2),
            ("fill_blank", "处分决定机关应当将处分决定以____形式通知本人。", [], 1),
        ],
    ),
]
POINTS = {"single_choice": "1.00", "multiple_choice": "2.00", "true_false": "1.00", "fill_blank": "2.00"}
OPTIONS = [{"label": "ABC"[at], "text": text} for at, text in enumerate(("动议", "民主推荐", "考察"))]
MATCHING = {
    "stem": "把机关和它的职责配起来。",
    "left": [{"label": "1", "text": "监察机关"}, {"label": "2", "text": "审计机关"}],
    "right": [{"label": "ABC"[at], "text": text} for at, text in enumerate(("审计监督", "政务处分", "行政复议"))],
}
# One item of each type, as content: what a test asks for with `?every=1`.
EVERY_TYPE: list[tuple[str, dict[str, Any]]] = [
    ("single_choice", {"stem": "第一步是什么？", "options": OPTIONS}),
    ("multiple_choice", {"stem": "有哪几步？", "options": OPTIONS}),
    ("true_false", {"stem": "公务员可以辞去公职。"}),
    ("fill_blank", {"stem": "坚持____，坚持____。", "blanks": 2}),
    ("numeric", {"stem": "试用期为多少年？"}),
    ("matching", MATCHING),
    ("ordering", {"stem": "按先后排列。", "options": OPTIONS}),
    ("short_answer", {"stem": "简述考核的种类。"}),
    ("essay", {"stem": "写一篇通知。"}),
    (
        "case",
        {
            "stem": "某单位考察一名干部。",
            "parts": [
                {"type": "description", "points_hundredths": 0, "content": {"stem": "请看下面的材料。"}},
                {
                    "type": "single_choice",
                    "points_hundredths": 100,
                    "content": {"stem": "谁负责？", "options": OPTIONS},
                },
                {"type": "fill_blank", "points_hundredths": 100, "content": {"stem": "应当____。", "blanks": 1}},
                {"type": "ordering", "points_hundredths": 100, "content": {"stem": "排一排。", "options": OPTIONS}},
            ],
        },
    ),
]


@dataclass
class Fault:
    """What happens to one call instead of the ordinary answer; after ``store`` the call has its effect all the same."""

    status: int = 500
    code: str | None = None
    store: bool = False
    html: bool = False


@dataclass
class Call:
    """One call as it arrived, by the server's own steady clock (s)."""

    at: float
    method: str
    path: str
    body: Any


@dataclass
class FakeSitting:
    """The sitting's state, changed by calls and by tests."""

    state: str = "open"
    binding: int = 1
    clock_ahead: timedelta = timedelta()
    deadline: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(hours=1, minutes=30))
    steps: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    late: list[dict[str, Any]] = field(default_factory=list)
    events: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    event_faults: deque[Fault] = field(default_factory=deque)
    refuse: dict[str, str] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)
    state_faults: deque[Fault] = field(default_factory=deque)
    lacking: int = 0
    delay: float = 0
    state_delay: float = 0
    token: str = "token-1"
    calls: list[Call] = field(default_factory=list)
    receipt: dict[str, Any] | None = None
    bells: dict[str, Any] = field(default_factory=lambda: {SESSION_BELL: {}})
    looked_at: Counter[str] = field(default_factory=Counter)  # bells
    in_flight: int = 0
    most_in_flight: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_ahead

    def set_time_left(self, seconds: float) -> None:
        self.deadline = self.now() + timedelta(seconds=seconds)

    def close_when_due(self) -> None:
        if self.state == "open" and self.now() >= self.deadline + timedelta(seconds=GRACE):
            self.close("clock")

    def close(self, by: str) -> None:
        self.state = "closed"
        self.receipt = self.receipt or {
            "code": "7KQM-2XWD",
            "digest": self.digest(),
            "nonce": NONCE,
            "received_at": self.now().isoformat(),
            "closed_by": by,
        }

    def ring(self, *, own: bool = True, ago: float = 0) -> None:
        """Let the bells ring, its own as well unless it was for others, and say how the clock stands now."""
        at = (self.now() - timedelta(seconds=ago)).isoformat()
        self.bells[SESSION_BELL] = {"at": at, "ring": at}
        if own:
            self.bells[OWN_BELL] = {"state": self.state, "deadline": self.deadline.isoformat(), "at": at}

    def current(self) -> dict[str, dict[str, Any]]:
        answers: dict[str, dict[str, Any]] = {}
        for (binding, seq), step in sorted(self.steps.items()):
            answers[step["slot"]] = {"response": step["response"], "binding": binding, "seq": seq}
        return answers

    def responses(self) -> dict[str, Any]:
        return {slot: answer["response"] for slot, answer in self.current().items()}

    def acknowledged(self) -> int:
        seq = 0
        while (self.binding, seq + 1) in self.steps:
            seq += 1
        return seq

    def digest(self) -> str:
        given = [[slot, response] for slot, response in self.responses().items() if response]
        given.sort(key=lambda pair: int(pair[0]))
        return python_digest({"v": 1, "sitting": SITTING, "paper": PAPER, "nonce": NONCE, "answers": given})

    def as_json(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "server_time": self.now().isoformat(),
            "deadline": self.deadline.isoformat(),
            "grace_seconds": GRACE,
            "binding": self.binding,
            "acknowledged": self.acknowledged(),
            "slots": [{"slot": slot, "type": kind} for slot, kind in slots()],
            "answers": self.current(),
            "paper": PAPER,
            "nonce": NONCE,
        }

    def count(self, method: str, ending: str = "") -> int:
        return sum(call.method == method and call.path.endswith(ending) for call in self.calls)


def python_digest(data: dict[str, Any]) -> str:
    """The digest of the interface, by libraries that the page does not share."""
    return hashlib.sha256(rfc8785.dumps(data)).hexdigest()


def slots() -> list[tuple[str, str]]:
    """(slot, type) of every item, in order."""
    kinds = [item[0] for section in SECTIONS for item in section[3]]
    return [(str(number), kind) for number, kind in enumerate(kinds, start=1)]


def error(status: int, code: str, **more: Any) -> tuple[Response, int]:
    """An error in the shape of the interface."""
    body = {"error": {"code": code, "message": "不能接受。", "retry": status >= 500, **more}}
    return jsonify(body), status


def fragment(number: int, kind: str, content: dict[str, Any], points: str) -> str:
    """One item as the page shows it."""
    shown = item_type(kind).displayed(content, [])
    aloud = item_type(kind).read_aloud(shown)
    return render_template(
        "exam/candidate/_item.html", slot=str(number), type=kind, points=points, content=shown, aloud=aloud
    )


def every_type() -> list[dict[str, Any]]:
    """One section with an item of each type."""
    fragments = [fragment(number, *item, "2.00") for number, item in enumerate(EVERY_TYPE, 1)]
    return [{"numeral": "一", "title": "各种题型", "instructions": "", "points_text": "", "fragments": fragments}]


def sections() -> list[dict[str, Any]]:
    """The paper's sections with each item's fragment rendered once."""
    made = []
    number = 0
    for numeral, title, instructions, items in SECTIONS:
        fragments = []
        for kind, stem, options, blanks in items:
            number += 1
            labelled = [{"label": "ABCDEF"[index], "text": text} for index, text in enumerate(options)]
            content: dict[str, Any] = {"stem": stem}
            content |= {"options": labelled} if options else {"blanks": blanks} if blanks else {}
            fragments.append(fragment(number, kind, content, POINTS[kind]))
        made.append(
            {
                "numeral": numeral,
                "title": title,
                "instructions": instructions,
                "points_text": "",
                "fragments": fragments,
            }
        )
    return made


def whole(app: WSGIApplication) -> WSGIApplication:
    """Each answer in one piece, its file closed: the server forgets that where a browser hangs up before it is through."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with closing(cast(Any, app(environ, start_response))) as parts:
            return [b"".join(parts)]

    return answer


class Silent(WSGIRequestHandler):
    """Hundreds of lines about static files would hide a failure."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name it overrides
        pass


class FakeServer:
    """The server in a thread; ``sitting`` is what it serves."""

    def __init__(self, port: int = 0) -> None:
        self.sitting = FakeSitting()
        self.hand_in_key = ""
        self._http = make_server("127.0.0.1", port, self._app(), threaded=True, request_handler=Silent)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _app(self) -> Flask:
        app = Application(
            "fake", template_folder=str(REPOSITORY / "templates"), static_folder=str(REPOSITORY / "static")
        )
        app.wsgi_app = whole(app.wsgi_app)  # type: ignore[method-assign]
        app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
        app.jinja_env.filters |= {"marks": marks, "rich": rich}
        app.config["BOOTSTRAP_SERVE_LOCAL"] = True
        i18n.set_up(app, "Asia/Shanghai")
        Bootstrap5(app)
        app.after_request(_headers)
        app.before_request(self._note)
        app.add_url_rule("/sitting", view_func=self.page)
        app.add_url_rule("/receipt", view_func=lambda: "<h1>回执</h1>", endpoint="receipt")
        app.add_url_rule("/sign-in", view_func=lambda: "<h1>登录</h1>", endpoint="sign_in")
        app.add_url_rule("/api/v1/csrf", view_func=lambda: {"token": self.sitting.token}, endpoint="csrf")
        path = f"/api/v1/sittings/{SITTING}"
        app.add_url_rule("/bells/<name>", view_func=self.get_bell)
        app.add_url_rule(path, view_func=self.get_state)
        app.add_url_rule(f"{path}/answers", view_func=self.put_answers, methods=["PUT"])
        app.add_url_rule(f"{path}/events", view_func=self.post_events, methods=["POST"])
        app.add_url_rule(f"{path}/submission", view_func=self.post_submission, methods=["POST"])
        return app

    def _note(self) -> None:
        g.pictures_at = "/pictures/"
        if request.path.startswith("/api/"):
            body = request.get_json(silent=True)
            self.sitting.calls.append(Call(time.monotonic(), request.method, request.path, body))

    def page(self) -> str:
        with self.sitting.lock:
            state = self.sitting.as_json()
        return render_template(
            "exam/candidate/sitting.html",
            sitting_id=SITTING,
            exam_title="2026 年度素质能力测试（第一场）",
            candidate_name="欧阳明德",
            admission_number="20260001017",
            seat="第二考场 17 号",
            sections=every_type() if "every" in request.args else sections(),
            receipt_url="/receipt",
            sign_in_url="/sign-in",
            state=state,
            bell_url=f"/bells/{SESSION_BELL}",
            type_size=request.cookies.get("type_size", "standard"),
            layout=request.args.get("layout", "all"),
            hand_in_key=self.hand_in_key,
        )

    def get_bell(self, name: str) -> ResponseReturnValue:
        self.sitting.looked_at[name] += 1
        return self.sitting.bells[name] if name in self.sitting.bells else error(404, "not_found")

    def get_state(self) -> ResponseReturnValue:
        sitting = self.sitting
        with sitting.lock:
            sitting.close_when_due()
            if sitting.state_faults:
                return _faulty(sitting.state_faults.popleft())
            answer = jsonify(sitting.as_json())
            told = (sitting.state, sitting.binding, sitting.deadline, len(sitting.steps))
            answer.set_etag(hashlib.sha256(repr(told).encode()).hexdigest(), weak=True)
        time.sleep(sitting.state_delay)
        return answer.make_conditional(request.environ)

    def put_answers(self) -> ResponseReturnValue:
        sitting = self.sitting
        with sitting.lock:
            sitting.in_flight += 1
            sitting.most_in_flight = max(sitting.most_in_flight, sitting.in_flight)
        time.sleep(sitting.delay)
        with sitting.lock:
            sitting.in_flight -= 1
            if request.headers.get("X-CSRFToken") != sitting.token:
                return error(400, "csrf")
            fault = sitting.faults.popleft() if sitting.faults else None
            if fault and not fault.store:
                return _faulty(fault)
            answer = self._save(cast(dict[str, Any], request.get_json()))
            return _faulty(fault) if fault else answer

    def _save(self, body: dict[str, Any]) -> ResponseReturnValue:
        sitting = self.sitting
        sitting.close_when_due()
        if sitting.state != "open":
            if sitting.state == "closed":
                sitting.late += body["steps"]
            return error(409, sitting.state)
        if body["binding"] != sitting.binding:
            return error(409, "other_device")
        if len(body["steps"]) > 50:
            return error(413, "too_large")
        if sitting.now() >= sitting.deadline + timedelta(seconds=GRACE):
            sitting.late += body["steps"]
            return error(409, "late")
        rejected = []
        for step in body["steps"]:
            code = self._store(body["binding"], step)
            if code:
                rejected.append({"seq": step["seq"], "code": code})
        moment = {"server_time": sitting.now().isoformat(), "deadline": sitting.deadline.isoformat()}
        return {"acknowledged": sitting.acknowledged(), "rejected": rejected, "state": sitting.state, **moment}

    def _store(self, binding: int, step: dict[str, Any]) -> str | None:
        sitting = self.sitting
        if step["slot"] in sitting.refuse:
            return sitting.refuse[step["slot"]]
        kept = sitting.steps.setdefault((binding, step["seq"]), step)
        return None if (kept["slot"], kept["response"]) == (step["slot"], step["response"]) else "conflict"

    def post_events(self) -> ResponseReturnValue:
        sitting = self.sitting
        with sitting.lock:
            if request.headers.get("X-CSRFToken") != sitting.token:
                return error(400, "csrf")
            if sitting.event_faults:
                return _faulty(sitting.event_faults.popleft())
            body = cast(dict[str, Any], request.get_json())
            for one in body["events"]:
                sitting.events.setdefault((body["page"], one["number"]), one)
            return {"rejected": [], "server_time": sitting.now().isoformat()}

    def post_submission(self) -> ResponseReturnValue:
        sitting = self.sitting
        with sitting.lock:
            if request.headers.get("X-CSRFToken") != sitting.token:
                return error(400, "csrf")
            if sitting.receipt is None:
                if sitting.lacking:
                    sitting.lacking -= 1
                    (binding, seq), _step = sitting.steps.popitem()
                    return error(409, "conflict", missing=[{"binding": binding, "seq": seq}])
                if cast(dict[str, Any], request.get_json())["digest"] != sitting.digest():
                    return error(409, "conflict", missing=[])
                sitting.close("candidate")
            return {"receipt": sitting.receipt}


def _faulty(fault: Fault) -> ResponseReturnValue:
    if fault.html:
        return "<html><body>Bad Gateway</body></html>", fault.status
    return error(fault.status, fault.code or "internal")


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers.setdefault("Cache-Control", "no-store")
    return response
