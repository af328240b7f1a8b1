"""Offline hand-in from the room to the score: what is taken, what is refused in one sentence, who may, what counts."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import delete, select

from core.accounts.actors import SYSTEM
from core.audit.models import AuditEntry
from core.database import db, transaction
from core.ticker import begin, tick_once
from exam.claims.keys import make_key
from exam.claims.models import ClaimDecision, ClaimStep, HandInKey, OfflineClaim, OfflineCode
from exam.claims.rules import journal_code, show_code
from exam.handover import closed_sittings
from exam.invigilation.models import Incident
from exam.schedule.models import ExamSession, Room, RoomInvigilator
from exam.sittings.models import Receipt
from grading.scoring.jobs import score_waiting
from grading.scoring.models import PaperScore
from question_bank.items.models import ItemKey, ItemVersion
from tests.support.sealing import journal, sealed_file
from tests.support.sittings import World, make_world

IN_TIME = "2026-11-23T04:20:00.000Z"
TOO_LATE = "2026-11-23T04:59:00.000Z"  # the session ended a minute before
KEYS: dict[str, Any] = {
    "single_choice": ["A"],
    "multiple_choice": ["A", "C"],
    "true_false": ["true"],
    "fill_blank": [["党"], ["人民"]],
}


@dataclass
class Hall:
    """A hall whose first candidate saved slot 1, lost the network, and was closed by the clock."""

    app: Flask
    world: World
    clock: Any
    browser: Callable[..., Any]
    public: str
    room: int

    @property
    def sitting(self) -> int:
        return self.world.seats[0].sitting

    @property
    def url(self) -> str:
        return f"/invigilation/rooms/{self.room}/offline/sittings/{self.sitting}"

    def plaintext(self, *rows: list[Any], **changes: Any) -> bytes:
        """The candidate's journal: the step that the server has, and these."""
        row = self.world.row()
        head = {"sitting": row.id, "paper": self.world.paper_digest, "nonce": row.nonce, **changes}
        known = [] if any(row[:2] == [1, 1] for row in rows) else [[1, 1, "1", ["B"], IN_TIME]]
        return journal(steps=[*known, *rows], **head)

    def code(self, plaintext: bytes) -> str:
        return show_code(journal_code(plaintext, json.loads(plaintext)["nonce"]))

    def note(self, code: str, who: str = "invigilator") -> Any:
        return self.browser(who).post(f"{self.url}/code", {"code": code})

    def upload(self, data: bytes, who: str = "invigilator") -> Any:
        browser = self.browser(who)
        # Written out here: the test client would leave large files open.
        head = 'Content-Disposition: form-data; name="file"; filename="x.hengjian"\r\n\r\n'
        body = b"--limit\r\n" + head.encode() + data + b"\r\n--limit--\r\n"
        headers = {"X-CSRFToken": browser.token(), "Content-Type": "multipart/form-data; boundary=limit"}
        return browser.client.post(f"{self.url}/file", data=body, headers=headers)

    def hand_in(self, plaintext: bytes) -> int:
        """Note the code and upload the file; the claim's number."""
        assert self.note(self.code(plaintext)).status_code == 302
        answer = self.upload(sealed_file(self.sitting, plaintext, self.public))
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return int(self.world.all(OfflineClaim)[-1].id)

    def sign(self, who: str = "second_invigilator") -> None:
        incident = self.world.all(OfflineCode)[-1].incident_id
        answer = self.browser(who).post(f"/invigilation/rooms/{self.room}/incidents/{incident}/sign")
        assert answer.status_code == 302

    def decide(self, claim: int, verdict: str, who: str = "organizer", reason: str = "断网属实。") -> Any:
        url = f"/exams/{self.world.exam}/offline-claims/{claim}"
        return self.browser(who).post(url, {"verdict": verdict, "reason": reason})

    def score(self) -> list[tuple[int, int]]:
        """Score what waits; (run, total) of the first sitting, the oldest first."""
        with self.app.app_context():
            score_waiting(SYSTEM, self.clock)
        rows = sorted(self.world.all(PaperScore), key=lambda row: row.run)
        return [(row.run, row.total_hundredths) for row in rows if row.sitting_id == self.sitting]

    def actions(self) -> list[str]:
        return [entry.action for entry in self.world.all(AuditEntry)]

    def counted(self) -> dict[str, list[str]]:
        with self.app.app_context(), transaction("read") as session:
            return closed_sittings(session, [self.sitting])[0].answers


@pytest.fixture
def hall(app: Flask, cast: Any, clock: Any, browser: Any) -> Iterator[Hall]:
    world = make_world(app)
    with app.app_context(), transaction("write") as session:
        make_key(session, clock, world.exam)
        room = session.scalars(select(Room)).one()
        for name in ("invigilator", "second_invigilator"):
            session.add(RoomInvigilator(room_id=room.id, account_id=cast.accounts[name].id))
        for version in session.scalars(select(ItemVersion)):
            session.add(ItemKey(version_id=version.id, key={"key": KEYS[version.type]}))
        session.flush()
        public, room_id = session.get_one(HandInKey, world.exam).public_key, room.id
    client = world.open()
    assert client.save((1, "1", ["B"])).status_code == 200
    clock.advance(minutes=60)
    tick_once(app, clock)
    assert world.row().closed_by == "clock"
    yield Hall(app, world, clock, browser, public, room_id)
    with app.app_context():
        db.session.rollback()


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


# ---- the whole way


def test_a_claim_counts_once_it_is_confirmed_and_the_old_score_stays_as_history(hall: Hall) -> None:
    assert hall.score() == [(1, 0)]
    first = hall.world.all(Receipt)[0]
    plaintext = hall.plaintext(
        [1, 2, "1", ["A"], IN_TIME], [1, 3, "3", ["true"], IN_TIME], [1, 4, "2", ["A"], TOO_LATE]
    )
    claim = hall.hand_in(plaintext)
    assert hall.counted() == {"1": ["B"]}
    assert hall.score() == [(1, 0)]
    receipts = [row for row in hall.world.all(Receipt) if row.sitting_id == hall.sitting]
    assert [(row.revision, row.answered, row.claim_id) for row in receipts] == [(1, 1, None), (2, 2, claim)]
    judged = {(row.slot, row.judgement) for row in hall.world.all(ClaimStep)}
    assert judged == {("1", "known"), ("1", "proposed"), ("3", "proposed"), ("2", "too_late")}
    assert {row.kind for row in hall.world.all(Incident)} == {"offline_code", "offline_claim"}
    hall.sign()
    assert hall.decide(claim, "confirmed").status_code == 302
    assert hall.counted() == {"1": ["A"], "3": ["true"]}
    assert hall.score() == [(1, 0), (2, 200)]
    assert hall.score() == [(1, 0), (2, 200)]
    scores = hall.world.all(PaperScore)
    assert {row.answers_digest for row in scores} == {first.digest, receipts[1].digest}
    assert sorted({"offline_code_noted", "offline_claim_taken", "offline_claim_confirmed"} - set(hall.actions())) == []


def test_a_refused_claim_changes_nothing_and_another_file_may_come(hall: Hall) -> None:
    claim = hall.hand_in(hall.plaintext([1, 2, "1", ["A"], IN_TIME]))
    assert hall.decide(claim, "refused", reason="码是事后补记的。").status_code == 302
    assert hall.counted() == {"1": ["B"]}
    assert hall.score() == [(1, 0)]
    second = hall.hand_in(hall.plaintext([1, 2, "1", ["C"], IN_TIME]))
    assert [row.revision for row in hall.world.all(Receipt) if row.claim_id] == [2, 3]
    hall.sign()
    assert hall.decide(second, "confirmed").status_code == 302
    assert hall.counted() == {"1": ["C"]}


def test_whoever_holds_a_receipt_learns_where_it_stands(hall: Hall) -> None:
    claim = hall.hand_in(hall.plaintext([1, 2, "1", ["A"], IN_TIME]))
    first, second = (row.code for row in hall.world.all(Receipt) if row.sitting_id == hall.sitting)
    anybody = hall.browser()
    assert "回执有效" in text_of(anybody.get(f"/receipts/{first}"))
    assert "等待确认" in text_of(anybody.get(f"/receipts/{second}"))
    candidate = hall.world.sit()
    own = text_of(candidate.get(f"/sittings/{hall.sitting}/receipt"))
    assert first in own
    assert second in own
    hall.sign()
    hall.decide(claim, "confirmed")
    assert "已有后一版回执" in text_of(anybody.get(f"/receipts/{first}"))
    assert "回执有效" in text_of(anybody.get(f"/receipts/{second}"))
    assert second in text_of(candidate.get(f"/sittings/{hall.sitting}/receipt"))


# ---- what is refused


def refused(hall: Hall, data: bytes, words: str, status: int = 422) -> None:
    answer = hall.upload(data)
    assert answer.status_code == status, text_of(answer)
    assert words in text_of(answer)
    assert hall.world.count(OfflineClaim) == 0
    assert hall.world.count(ClaimStep) == 0
    assert len([row for row in hall.world.all(Receipt) if row.claim_id]) == 0
    assert hall.actions()[-1] == "offline_file_refused"


def test_hostile_files_are_refused_in_one_sentence_each(hall: Hall) -> None:
    good = hall.plaintext([1, 2, "1", ["A"], IN_TIME])
    refused(hall, sealed_file(hall.sitting, good, hall.public), "还没有登记这名考生的离线交卷码", 409)
    hall.note(hall.code(good))
    sealed = sealed_file(hall.sitting, good, hall.public)
    refused(hall, b"", "没有选择文件")
    refused(hall, b"\x00\xff garbage", "不是本系统的密封文件")
    refused(hall, b"x" * (32 * 1024 * 1024 + 1), "超过 32 MB", 413)
    refused(hall, sealed_file(999, good, hall.public), "不是这名考生的")
    with hall.app.app_context(), transaction("write") as session:
        make_key(session, hall.clock, hall.world.exam)  # has one already: nothing happens
    other = json.loads(sealed)
    other["sealed"] = other["sealed"][:-8] + "AAAAAAA="
    refused(hall, json.dumps(other).encode(), "密封文件打不开")
    refused(hall, sealed_file(hall.sitting, b"{}", hall.public), "不是作答记录")
    strange = hall.plaintext([1, 2, "1", ["A"], IN_TIME], nonce="ffff")
    refused(hall, sealed_file(hall.sitting, strange, hall.public), "不是这名考生这场考试的")
    changed = hall.plaintext([1, 2, "1", ["C"], IN_TIME])
    refused(hall, sealed_file(hall.sitting, changed, hall.public), "与登记的离线交卷码")
    assert hall.upload(sealed).status_code == 302


def test_an_hour_of_essays_written_offline_is_taken(hall: Hall) -> None:
    plaintext = hall.plaintext(*([1, number, "4", ["文" * 200, "字" * 200], IN_TIME] for number in range(2, 5000)))
    assert len(plaintext) > 6_000_000
    hall.note(hall.code(plaintext))
    assert hall.upload(sealed_file(hall.sitting, plaintext, hall.public)).status_code == 302
    assert hall.world.count(OfflineClaim) == 1


def test_a_body_beyond_every_limit_is_refused_whole(hall: Hall) -> None:
    answer = hall.upload(b"x" * (50 * 1024 * 1024))
    assert answer.status_code == 413
    assert "太大" in text_of(answer) or "超过" in text_of(answer)
    assert hall.world.count(OfflineClaim) == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([1, 2, "1", ["A"], TOO_LATE], "都是截止时间之后的"),
        ([1, 2, "77", ["A"], IN_TIME], "都与本场考试不符"),
        ([1, 2, "1", {"x": 1}, IN_TIME], "都与本场考试不符"),
        ([9, 1, "1", ["A"], IN_TIME], "都与本场考试不符"),
        ([1, 1, "1", ["A"], IN_TIME], "都与本场考试不符"),
        ([1, 1, "1", ["B"], IN_TIME], "服务器都已收到"),
    ],
    ids=["too late", "unknown slot", "wrong shape", "unknown turn", "other content", "nothing new"],
)
def test_a_file_that_proposes_nothing_is_not_taken(hall: Hall, row: list[Any], words: str) -> None:
    plaintext = hall.plaintext(row)
    hall.note(hall.code(plaintext))
    refused(hall, sealed_file(hall.sitting, plaintext, hall.public), words)


def test_the_allowed_time_is_the_sessions_and_ends(hall: Hall) -> None:
    plaintext = hall.plaintext([1, 2, "1", ["A"], IN_TIME])
    hall.clock.advance(minutes=28)
    assert hall.note(hall.code(plaintext)).status_code == 302
    hall.clock.advance(minutes=2)
    refused(hall, sealed_file(hall.sitting, plaintext, hall.public), "已超过离线交卷的期限（收卷后 30 分钟）", 409)
    assert hall.note(hall.code(plaintext)).status_code == 409
    assert "登记和上传的时间已过" in text_of(hall.browser("invigilator").get(hall.url))


def test_a_session_may_take_no_files_at_all(hall: Hall) -> None:
    with hall.app.app_context(), transaction("write") as session:
        session.get_one(ExamSession, hall.world.session).offline_seconds = 0
    answer = hall.note("7K2Q-9XW0")
    assert answer.status_code == 409
    assert "没有开放离线交卷" in text_of(answer)


def test_who_handed_in_or_is_still_sitting_has_nothing_to_claim(hall: Hall) -> None:
    hall.world.change(closed_by="candidate")
    assert "已经本人交卷" in text_of(hall.note("7K2Q-9XW0"))
    hall.world.change(closed_by=None, state="open", closed_at=None, deadline=hall.clock.now() + timedelta(hours=1))
    assert "尚未收卷" in text_of(hall.note("7K2Q-9XW0"))
    hall.world.change(state="registered", started_at=None, deadline=None)
    assert "没有开始作答" in text_of(hall.note("7K2Q-9XW0"))
    assert hall.world.count(OfflineCode) == 0


def test_a_forced_submission_ends_the_time_of_the_journal_too(hall: Hall) -> None:
    hall.world.change(closed_by="invigilator", closed_at=hall.clock.now() - timedelta(minutes=45))
    plaintext = hall.plaintext([1, 2, "1", ["A"], IN_TIME])
    hall.note(hall.code(plaintext))
    refused(hall, sealed_file(hall.sitting, plaintext, hall.public), "都是截止时间之后的")


@pytest.mark.parametrize("typed", ["7K2Q", "抄错了抄错了抄错", "UUUU-UUUU"])
def test_what_is_no_code_is_not_noted(hall: Hall, typed: str) -> None:
    answer = hall.note(typed)
    assert answer.status_code == 422
    assert "不是离线交卷码" in text_of(answer)
    assert hall.world.count(OfflineCode) == 0


def test_a_second_file_waits_for_the_decision_on_the_first(hall: Hall) -> None:
    plaintext = hall.plaintext([1, 2, "1", ["A"], IN_TIME])
    claim = hall.hand_in(plaintext)
    again = hall.upload(sealed_file(hall.sitting, plaintext, hall.public))
    assert again.status_code == 409
    assert "已经上传" in text_of(again)
    hall.sign()
    hall.decide(claim, "confirmed")
    assert "已经确认" in text_of(hall.upload(sealed_file(hall.sitting, plaintext, hall.public)))


# ---- who decides, and how


def test_a_code_is_noted_once_however_often_its_form_is_sent(hall: Hall) -> None:
    one, other = hall.code(hall.plaintext()), hall.code(hall.plaintext([1, 2, "1", ["A"], IN_TIME]))
    assert [hall.note(one).status_code for _click in range(2)] == [302, 302]
    assert (hall.world.count(OfflineCode), hall.world.count(Incident)) == (1, 1)
    assert hall.actions().count("offline_code_noted") == 1
    for code in (other, one):  # the first was right after all
        assert hall.note(code).status_code == 302
    assert [show_code(row.code) for row in hall.world.all(OfflineCode)] == [one, other, one]


def test_two_requests_of_one_form_at_the_same_moment_note_one_code(hall: Hall, monkeypatch: Any) -> None:
    """As if the second one had read before the first one wrote: the table decides."""
    window, code = hall.browser("invigilator"), hall.code(hall.plaintext())
    number = re.search('name="once"[^>]* value="([0-9a-f]{32})"', text_of(window.get(hall.url)))
    assert number
    form = {"code": code, "once": number[1]}
    assert window.post(f"{hall.url}/code", form).status_code == 302
    monkeypatch.setattr("exam.claims.service.latest_code", lambda _session, _sitting: None)
    again = window.post(f"{hall.url}/code", form)
    assert again.status_code == 409
    assert "没有重复登记" in text_of(again)
    assert (hall.world.count(OfflineCode), hall.world.count(Incident)) == (1, 1)


def test_two_uploads_at_the_same_moment_are_one_claim(hall: Hall, monkeypatch: Any) -> None:
    """As if the second one had read before the first one wrote: the table decides, and the person is told."""
    plaintext = hall.plaintext([1, 2, "1", ["A"], IN_TIME])
    claim = hall.hand_in(plaintext)
    monkeypatch.setattr("exam.claims.service.latest_claim", lambda _session, _sitting: None)
    with hall.app.app_context(), transaction("write") as session:
        session.execute(delete(Receipt).where(Receipt.claim_id == claim))
    again = hall.upload(sealed_file(hall.sitting, plaintext, hall.public))
    assert again.status_code == 409
    assert "没有重复上传" in text_of(again)
    assert hall.world.count(OfflineClaim) == 1


def test_nobody_confirms_without_the_second_signature_or_what_they_brought_themselves(hall: Hall) -> None:
    plaintext = hall.plaintext([1, 2, "1", ["A"], IN_TIME])
    assert hall.note(hall.code(plaintext)).status_code == 302
    answer = hall.upload(sealed_file(hall.sitting, plaintext, hall.public), "organizer")
    assert answer.status_code == 302
    claim = hall.world.all(OfflineClaim)[0].id
    own = hall.decide(claim, "confirmed")
    assert own.status_code == 409
    assert "须由另一名考务管理员决定" in text_of(own)
    unsigned = hall.decide(claim, "confirmed", "second_organizer")
    assert unsigned.status_code == 409
    assert "还没有第二人签字" in text_of(unsigned)
    hall.sign()
    assert hall.decide(claim, "confirmed", "second_organizer", reason="  ").status_code == 422
    assert hall.decide(claim, "maybe", "second_organizer").status_code == 422
    assert hall.world.count(ClaimDecision) == 0
    assert hall.decide(claim, "confirmed", "second_organizer").status_code == 302
    twice = hall.decide(claim, "refused", "second_organizer")
    assert twice.status_code == 409
    assert "已有人作出决定" in text_of(twice)
    assert [row.verdict for row in hall.world.all(ClaimDecision)] == ["confirmed"]


def test_pages_are_for_those_of_the_room_and_decisions_for_organizers(hall: Hall) -> None:
    claim = hall.hand_in(hall.plaintext([1, 2, "1", ["A"], IN_TIME]))
    room, decision = f"/invigilation/rooms/{hall.room}/offline", f"/exams/{hall.world.exam}/offline-claims/{claim}"
    for url in (room, hall.url, f"/invigilation/sessions/{hall.world.session}/offline"):
        assert hall.browser("organizer").get(url).status_code == 200
        assert hall.browser("examiner").get(url).status_code == 403
        assert hall.browser().get(url).status_code == 302
    assert hall.browser("invigilator").get(room).status_code == 200
    assert hall.browser("invigilator").get(decision).status_code == 403
    assert hall.decide(claim, "confirmed", "invigilator").status_code == 403
    page = text_of(hall.browser("organizer").get(decision))
    assert "提请计入" in page
    assert "服务器已有" in page
    assert hall.browser("organizer").get(f"/exams/{hall.world.exam}/offline-claims/999").status_code == 404
    assert "份离线交卷等待确认" in text_of(hall.browser("organizer").get("/"))
    assert "离线交卷" in text_of(hall.browser("organizer").get(f"/exams/{hall.world.exam}"))
    assert hall.browser("organizer").get(f"{room}/sittings/999").status_code == 404


def test_without_a_csrf_token_nothing_is_noted(hall: Hall) -> None:
    answer = hall.browser("invigilator").client.post(f"{hall.url}/code", data={"code": "7K2Q-9XW0"})
    assert answer.status_code == 400
    assert hall.world.count(OfflineCode) == 0


def test_the_private_key_lies_encrypted_and_leaves_in_no_page(hall: Hall) -> None:
    row = hall.world.all(HandInKey)[0]
    assert "PRIVATE KEY" not in row.private_sealed
    assert "PRIVATE KEY" in hall.app.extensions["vault"].open(row.private_sealed)


@pytest.mark.parametrize("sealed", [None, "altered"])
def test_without_the_exams_key_no_file_is_taken_and_the_reason_is_said(hall: Hall, sealed: str | None) -> None:
    plaintext = hall.plaintext([1, 2, "1", ["A"], IN_TIME])
    hall.note(hall.code(plaintext))
    with hall.app.app_context(), transaction("write") as session:
        row = session.get_one(HandInKey, hall.world.exam)
        if sealed is None:
            session.delete(row)
        else:
            row.private_sealed = sealed
    words = "没有生成密封密钥" if sealed is None else "数据密钥已经更换"
    refused(hall, sealed_file(hall.sitting, plaintext, hall.public), words, 409)


def test_the_claims_are_exported_with_codes_digests_and_who_did_what_when(hall: Hall) -> None:
    claim = hall.hand_in(hall.plaintext([1, 2, "2", ["A", "C"], IN_TIME]))
    hall.sign()
    url = f"/exams/{hall.world.exam}/offline-claims.xlsx"
    pending = rows_of(hall.browser("organizer").get(url))[1]
    assert hall.decide(claim, "confirmed").status_code == 302
    head, line = rows_of(hall.browser("organizer").get(url))
    told = dict(zip(head, line, strict=True))
    (row,) = hall.world.all(OfflineClaim)
    receipt = hall.world.all(Receipt)[-1]
    assert told["准考证号"] == hall.world.seats[0].number
    assert told["离线交卷码"] == show_code(hall.world.all(OfflineCode)[0].code)
    assert (told["文件摘要"], told["作答摘要"], told["回执码"]) == (row.file_digest, receipt.digest, receipt.code)
    assert told["上传时间"] == "2026-11-23 13:00:00"
    assert told["决定时间"] == "2026-11-23 13:00:00"
    assert told["状态"] == "已确认，计入"
    assert dict(zip(head, pending, strict=True))["状态"] == "待确认"
    assert hall.actions().count("offline_claims_exported") == 2


def test_only_organizers_export_claims(hall: Hall) -> None:
    url = f"/exams/{hall.world.exam}/offline-claims.xlsx"
    assert hall.browser("invigilator").get(url).status_code == 403
    assert hall.browser("organizer").get("/exams/999/offline-claims.xlsx").status_code == 404


def test_an_exam_published_before_there_were_keys_gets_one_when_the_ticker_starts(hall: Hall) -> None:
    with hall.app.app_context(), transaction("write") as session:
        session.execute(delete(HandInKey))
    begin(hall.app, hall.clock)
    (made,) = hall.world.all(HandInKey)
    assert (made.exam_id, hall.actions().count("hand_in_key_made")) == (hall.world.exam, 1)
    begin(hall.app, hall.clock)
    assert hall.world.all(HandInKey)[0].public_key == made.public_key


def rows_of(answer: Any) -> list[list[Any]]:
    """The rows of a workbook from its line of headings on."""
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(BytesIO(answer.data)).active.iter_rows()]
    return rows[next(index for index, row in enumerate(rows) if row[0] == "准考证号") :]


def test_a_hall_of_thousands_is_paged_searched_and_narrowed_to_those_with_a_code(hall: Hall) -> None:
    hall.world.change(1, state="closed", closed_by="clock", started_at=hall.clock.now(), deadline=hall.clock.now())
    first, second = hall.world.seats
    assert hall.note("7K2Q-9XW0").status_code == 302
    url = f"/invigilation/sessions/{hall.world.session}/offline"
    window = hall.browser("organizer")
    everybody = text_of(window.get(url))
    assert "第一考场" in everybody
    assert first.number in everybody
    assert second.number in everybody
    assert [seat.number in text_of(window.get(f"{url}?q={second.name}")) for seat in (first, second)] == [False, True]
    assert [seat.number in text_of(window.get(f"{url}?show=noted")) for seat in (first, second)] == [True, False]
    assert "没有符合条件的考生" in text_of(window.get(f"{url}?q=无人"))
