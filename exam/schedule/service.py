"""Planning exams: their texts, sessions and rooms; publishing and archiving them."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from exam.addresses.rules import MOST_RANGES, RangeFault, TooManyRanges, as_text, parse_ranges
from exam.claims.keys import make_key
from exam.leaving.rules import Thresholds
from exam.safe_browser.models import SafeBrowser
from exam.schedule import queries
from exam.schedule.models import Candidate, Exam, ExamSession, Room, RoomInvigilator
from exam.schedule.rules import Times, time_faults
from exam.schedule.words import FAULT_FIELDS, KINDS, TIME_FAULTS, gap_sentence
from exam.sittings.models import Sitting
from question_bank.delivery import paper_summary, slots_for_people

NONCE_BYTES = 16


@dataclass(frozen=True)
class ExamData:
    """What an exam is: its code, its titles, its kind."""

    code: str
    title: str
    neutral_title: str
    kind: str
    open_book: bool = False
    demonstration: bool = False


def create_exam(session: Session, actor: Actor, clock: Clock, data: ExamData, *, notice: str, commitment: str) -> Exam:
    """Plan a new exam. Raises ``Conflict`` for a code that is taken."""
    _check_exam(session, data, exam_id=None)
    exam = Exam(
        code=data.code,
        title=data.title,
        neutral_title=data.neutral_title,
        kind=data.kind,
        open_book=data.open_book,
        demonstration=data.demonstration,
        notice=notice,
        commitment=commitment,
        created_by=actor.id if actor.kind == "account" else None,
        created_at=clock.now(),
    )
    session.add(exam)
    session.flush()
    record(session, actor, clock, "exam_created", "exam", exam.id, kind=data.kind, demonstration=data.demonstration)
    return exam


def change_exam(session: Session, actor: Actor, clock: Clock, exam: Exam, data: ExamData) -> None:
    """Change what an exam is. Raises ``Conflict`` for a taken code, an archived exam, or demonstration papers in use."""
    refuse_archived(exam)
    _check_exam(session, data, exam_id=exam.id)
    if exam.demonstration and not data.demonstration:
        used = [one.paper_id for one in queries.sessions_of(session, exam.id) if one.paper_id]
        if any(paper_summary(session, paper_id).demonstration for paper_id in used):
            raise Conflict(_("场次里用了演示试卷，不能取消演示标记，未作更改。请先在场次里换成正式试卷。"))
    if exam.state != "planned" and (data.kind, data.demonstration) != (exam.kind, exam.demonstration):
        raise Conflict(_("考试已发布，类别和演示标记不能再改，未作更改。其余内容可以改。"))
    exam.code, exam.title, exam.neutral_title = data.code, data.title, data.neutral_title
    exam.kind, exam.open_book, exam.demonstration = data.kind, data.open_book, data.demonstration
    session.flush()
    record(session, actor, clock, "exam_changed", "exam", exam.id)


def change_texts(session: Session, actor: Actor, clock: Clock, exam: Exam, *, notice: str, commitment: str) -> None:
    """Change notice and commitment. Raises ``Conflict`` once somebody has signed the commitment."""
    refuse_archived(exam)
    signed = select(Sitting.id).where(Sitting.exam_id == exam.id, Sitting.commitment_signed_at.is_not(None)).limit(1)
    if session.scalar(signed):
        raise Conflict(_("已有考生签署承诺书，告知书和承诺书的文字不能再改，未作更改。"))
    exam.notice, exam.commitment = notice, commitment
    digests = {"notice": _digest(notice), "commitment": _digest(commitment)}
    record(session, actor, clock, "exam_texts_changed", "exam", exam.id, **digests)


def _check_exam(session: Session, data: ExamData, *, exam_id: int | None) -> None:
    if data.kind not in KINDS:
        raise BadInput(_("没有“%(kind)s”这种考试类别，未保存。请从列表里选择。", kind=data.kind))
    taken = session.scalar(select(Exam.id).where(Exam.code == data.code))
    if taken and taken != exam_id:
        raise Conflict(_("考试编号“%(code)s”已被另一场考试使用，未保存。请换一个编号。", code=data.code))


@dataclass(frozen=True)
class SessionData:
    """What a session is: its name, its times, its paper, and whether somebody watches."""

    name: str
    times: Times
    invigilated: bool = True
    paper_id: int | None = None
    offline_seconds: int = 1800
    layout: str = "all"
    leaving: Thresholds = field(default_factory=Thresholds)
    full_screen: bool = False


def add_session(session: Session, actor: Actor, clock: Clock, exam: Exam, data: SessionData) -> ExamSession:
    """Add a session to a planned exam."""
    if exam.state != "planned":
        raise Conflict(_("考试已发布或归档，不能再增加场次，未保存。如需加场，请另建一场考试。"))
    _check_session(session, exam, data, session_id=None)
    row = ExamSession(exam_id=exam.id, **_columns(data))
    session.add(row)
    session.flush()
    record(session, actor, clock, "exam_session_added", "exam_session", row.id, exam=exam.id, paper=data.paper_id)
    return row


def change_session(
    session: Session, actor: Actor, clock: Clock, exam: Exam, row: ExamSession, data: SessionData
) -> None:
    """Change a session. After publication only until it starts, and sittings not yet begun follow."""
    refuse_archived(exam)
    _check_session(session, exam, data, session_id=row.id)
    if exam.state == "published":
        if data.paper_id is None:
            raise Conflict(_("考试已发布，场次必须有试卷，未作更改。请选择一份试卷。"))
        if data.times.starts_at <= clock.now():
            raise BadInput(_("开始时间已经过去，未作更改。请改成将来的时间。"))
    before = {"starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat(), "paper": row.paper_id}
    still = update(ExamSession).where(ExamSession.id == row.id)
    if exam.state == "published":
        still = still.where(ExamSession.starts_at > clock.now())
    if affected(session, still.values(**_columns(data))) == 0:
        raise Conflict(_("场次已经开始，时间和试卷不能再改，未作更改。需要加时、暂停，请到监考页面办理。"))
    session.expire(row)
    session.execute(
        update(Sitting)
        .where(Sitting.session_id == row.id, Sitting.state.in_(("registered", "admitted")))
        .values(paper_id=data.paper_id, grace_seconds=data.times.grace_seconds)
    )
    after = {"starts_at": data.times.starts_at.isoformat(), "ends_at": data.times.ends_at.isoformat()}
    record(
        session,
        actor,
        clock,
        "exam_session_changed",
        "exam_session",
        row.id,
        before=before,
        after={**after, "paper": data.paper_id},
    )


def remove_session(session: Session, actor: Actor, clock: Clock, exam: Exam, row: ExamSession) -> None:
    """Remove an empty session of a planned exam, with its rooms."""
    if exam.state != "planned":
        raise Conflict(_("考试已发布或归档，场次不能删除，未作更改。"))
    if session.scalar(select(Candidate.id).where(Candidate.session_id == row.id).limit(1)):
        raise Conflict(_("场次“%(name)s”里还有考生，没有删除。请先把考生移到别的场次或移出名单。", name=row.name))
    rooms = select(Room.id).where(Room.session_id == row.id)
    session.execute(delete(RoomInvigilator).where(RoomInvigilator.room_id.in_(rooms)))
    session.execute(delete(Room).where(Room.session_id == row.id))
    session.execute(delete(SafeBrowser).where(SafeBrowser.session_id == row.id))
    session.execute(delete(ExamSession).where(ExamSession.id == row.id))
    record(session, actor, clock, "exam_session_removed", "exam_session", row.id, exam=exam.id)


def _columns(data: SessionData) -> dict[str, object]:
    times = data.times
    return {
        "name": data.name,
        "mode": times.mode.value,
        "admission_opens_at": times.admission_opens_at,
        "starts_at": times.starts_at,
        "ends_at": times.ends_at,
        "duration_seconds": times.duration_seconds,
        "grace_seconds": times.grace_seconds,
        "latest_start_seconds": times.latest_start_seconds,
        "earliest_submission_seconds": times.earliest_submission_seconds,
        "invigilated": data.invigilated,
        "paper_id": data.paper_id,
        "offline_seconds": data.offline_seconds,
        "layout": data.layout,
        "leaving_seconds": data.leaving.seconds,
        "leaving_times": data.leaving.times,
        "full_screen": data.full_screen,
    }


def _check_session(session: Session, exam: Exam, data: SessionData, *, session_id: int | None) -> None:
    faults = time_faults(data.times)
    if faults:
        raise BadInput(str(TIME_FAULTS[faults[0]]), details={"field": FAULT_FIELDS[faults[0]]})
    taken = session.scalar(select(ExamSession.id).where(ExamSession.exam_id == exam.id, ExamSession.name == data.name))
    if taken and taken != session_id:
        raise Conflict(_("这场考试已有名为“%(name)s”的场次，未保存。请换一个名称。", name=data.name))
    if data.paper_id is None:
        return
    paper = paper_summary(session, data.paper_id)
    if paper.demonstration and not exam.demonstration:
        raise Conflict(
            _("试卷“%(code)s”含演示·未核对试题，只能用于标记为演示的考试，未保存。请选择正式试卷。", code=paper.code)
        )
    _refuse_marked_by_people(session, data.paper_id)


def _refuse_marked_by_people(session: Session, paper_id: int) -> None:
    # Until markers have their own pages, nobody could finish the scoring of such a paper.
    slots = slots_for_people(session, paper_id)
    if slots:
        paper = paper_summary(session, paper_id)
        raise Conflict(
            _(
                "试卷“%(code)s”第 %(slots)s 题须由阅卷员评分，本系统的阅卷功能尚未启用，未保存。请选择全部由系统评分的试卷。",
                code=paper.code,
                slots="、".join(slots[:20]),
            ),
            code="marked_by_people",
        )


def add_room(session: Session, actor: Actor, clock: Clock, row: ExamSession, name: str) -> Room:
    """Add a room to a session. Raises ``Conflict`` for a name that is taken there."""
    _check_room_name(session, row.id, name, room_id=None)
    room = Room(session_id=row.id, name=name)
    session.add(room)
    session.flush()
    record(session, actor, clock, "room_added", "room", room.id, exam_session=row.id)
    return room


def change_room(
    session: Session,
    actor: Actor,
    clock: Clock,
    room: Room,
    *,
    name: str,
    invigilators: Iterable[int],
    address_ranges: str = "",
) -> None:
    """Rename a room, state who invigilates it and from which addresses its candidates are expected to sign in.

    Only accounts that hold the invigilator's role are taken. Raises ``BadInput``, for a bad range with its field.
    """
    ranges = _ranges(address_ranges)
    _check_room_name(session, room.session_id, name, room_id=room.id)
    chosen = set(invigilators)
    if chosen - {account.id for account in queries.possible_invigilators(session)}:
        raise BadInput(_("所选的人里有的不是在用的监考员账号，未保存。请重新选择。"))
    held = set(session.scalars(select(RoomInvigilator.account_id).where(RoomInvigilator.room_id == room.id)))
    before = room.address_ranges
    room.name, room.address_ranges = name, ranges
    session.execute(
        delete(RoomInvigilator).where(RoomInvigilator.room_id == room.id, RoomInvigilator.account_id.in_(held - chosen))
    )
    session.add_all(RoomInvigilator(room_id=room.id, account_id=account) for account in sorted(chosen - held))
    session.flush()
    changed: dict[str, object] = {"invigilators_before": sorted(held), "after": sorted(chosen)}
    if before != ranges:
        changed |= {"ranges_before": before.split(), "ranges": ranges.split()}
    record(session, actor, clock, "room_changed", "room", room.id, **changed)


def _ranges(text: str) -> str:
    """Address ranges as they are stored. Raises ``BadInput`` naming the one that is none."""
    try:
        return as_text(parse_ranges(text))
    except RangeFault as fault:
        sentence = _("地址段“%(typed)s”的写法不对，未保存。请写成 192.168.10.0/24 或单个地址。", typed=fault.typed)
        if fault.meant:
            sentence = _(
                "地址段“%(typed)s”的地址与前缀不符，未保存。是整个网段请写 %(meant)s，是一台电脑请去掉斜线和后面的数字。",
                typed=fault.typed,
                meant=fault.meant,
            )
    except TooManyRanges:
        sentence = _("地址段最多 %(most)s 个，未保存。请合并成较大的地址段。", most=MOST_RANGES)
    raise BadInput(sentence, details={"field": "address_ranges"})


def remove_room(session: Session, actor: Actor, clock: Clock, room: Room) -> None:
    """Remove a room in which nobody sits."""
    if session.scalar(select(func.count()).select_from(Candidate).where(Candidate.room_id == room.id)):
        raise Conflict(_("考场“%(name)s”里还有考生，没有删除。请先把考生移到别的考场。", name=room.name))
    session.execute(delete(RoomInvigilator).where(RoomInvigilator.room_id == room.id))
    session.execute(delete(Room).where(Room.id == room.id))
    record(session, actor, clock, "room_removed", "room", room.id, exam_session=room.session_id)


def _check_room_name(session: Session, session_id: int, name: str, *, room_id: int | None) -> None:
    taken = session.scalar(select(Room.id).where(Room.session_id == session_id, Room.name == name))
    if taken and taken != room_id:
        raise Conflict(_("这个场次已有名为“%(name)s”的考场，未保存。请换一个名称。", name=name))


def publish(session: Session, actor: Actor, clock: Clock, exam: Exam) -> int:
    """Publish a planned exam and create a sitting for every candidate; return how many.

    Raises ``Conflict`` naming what is missing, and for an exam that is no longer planned.
    """
    blocking = [gap for gap in queries.gaps(session, exam, clock.now()) if gap.blocking]
    if blocking:
        sentences = "".join(gap_sentence(gap.code, gap.values) for gap in blocking)
        raise Conflict(_("还不能发布，考试状态未变：%(gaps)s请逐项补齐后再发布。", gaps=sentences))
    if (
        affected(session, update(Exam).where(Exam.id == exam.id, Exam.state == "planned").values(state="published"))
        == 0
    ):
        raise Conflict(_("这场考试已经发布过，没有重复发布。"))
    session.expire(exam)
    for paper_id in sorted({one.paper_id for one in queries.sessions_of(session, exam.id) if one.paper_id}):
        _refuse_marked_by_people(session, paper_id)
    candidates = session.scalars(select(Candidate).where(Candidate.exam_id == exam.id).order_by(Candidate.id)).all()
    create_sittings(session, exam.id, candidates)
    make_key(session, clock, exam.id)
    ids = ",".join(str(candidate.id) for candidate in candidates)
    record(session, actor, clock, "exam_published", "exam", exam.id, sittings=len(candidates), candidates=_digest(ids))
    return len(candidates)


def create_sittings(session: Session, exam_id: int, candidates: Sequence[Candidate]) -> None:
    """Insert the sittings of candidates of a published exam. The caller records it."""
    sessions = {row.id: row for row in queries.sessions_of(session, exam_id)}
    rows = [
        {
            "candidate_id": candidate.id,
            "exam_id": exam_id,
            "session_id": candidate.session_id,
            "paper_id": sessions[candidate.session_id].paper_id,
            "grace_seconds": sessions[candidate.session_id].grace_seconds,
            "extra_seconds": candidate.extra_seconds,
            "nonce": secrets.token_hex(NONCE_BYTES),
        }
        for candidate in candidates
    ]
    if rows:
        session.execute(insert(Sitting), rows)


def archive(session: Session, actor: Actor, clock: Clock, exam: Exam) -> None:
    """Put an exam away: nothing of it can be changed any more. All its sessions must be over and handed in."""
    running = select(Sitting.id).where(Sitting.exam_id == exam.id, Sitting.state.in_(("open", "paused"))).limit(1)
    if session.scalar(running):
        raise Conflict(_("还有考生没有交卷，不能归档，考试状态未变。请等全部收卷后再归档。"))
    if any(
        row.ends_at + timedelta(seconds=row.grace_seconds) > clock.now()
        for row in queries.sessions_of(session, exam.id)
    ):
        raise Conflict(_("还有场次没有结束，不能归档，考试状态未变。请等全部场次结束后再归档。"))
    put_away = update(Exam).where(Exam.id == exam.id, Exam.state == "published").values(state="archived")
    if affected(session, put_away) == 0:
        raise Conflict(_("只有已发布的考试才能归档，考试状态未变。"))
    session.expire(exam)
    record(session, actor, clock, "exam_archived", "exam", exam.id)


def refuse_archived(exam: Exam) -> None:
    """Raise ``Conflict`` for an archived exam."""
    if exam.state == "archived":
        raise Conflict(_("这场考试已归档，内容不能再改，未作更改。"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
