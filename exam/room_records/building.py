"""The record of a room from what was read: always in the field's own words, whatever language the desk is read in.

Candidates stand there by admission number and seat, never by name: the record is filed with others' papers.
"""

from collections.abc import Callable
from datetime import datetime

from exam.claims.rules import show_code
from exam.invigilation.queries import Attended
from exam.invigilation.rules import Seat, turnout
from exam.room_records.model import Column, RoomRecord, Section
from exam.room_records.queries import Change, Material
from exam.sittings.incidents import FORCED_SUBMISSION, OFFLINE_CODE

Show = Callable[[datetime, str], str]

SETTLED = (Seat.CLOSED, Seat.MISSED, Seat.LEAVE)
AWAITS = "待签字"
KINDS = {
    "device_fault": "设备故障",
    "network_fault": "网络故障",
    "late_arrival": "迟到",
    "identity": "证件或身份问题",
    "illness": "身体不适",
    "suspected_violation": "疑似违纪",
    "other": "其他情况",
    "device_change": "更换设备",
    "digest_mismatch": "交卷校验不符",
    "offline_claim": "离线交卷",
    "left_page": "离开作答页面",
    "address_outside": "考场地址以外登录",
    "safe_browser": "安全考试浏览器",
}
CHANGES = {"extra": "加时", "pause": "暂停", "resume": "恢复"}
RELIEFS = {"device_released": "放行换设备", "lockout_lifted": "解除登录锁定"}
STANDINGS = {"pending": "待考务管理员确认", "confirmed": "已确认，计入", "refused": "不予采纳"}
# Their own tables tell of these.
TOLD_APART = (FORCED_SUBMISSION, OFFLINE_CODE)


def build(material: Material, show: Show) -> RoomRecord:
    """The record; ``show(instant, form)`` writes an instant in the configured zone."""
    return RoomRecord(
        heading=f"{material.post.exam.neutral_title}考场记录表",
        finished=is_finished(material),
        facts=_facts(material, show),
        sections=(
            _absent(material),
            _incidents(material, show),
            _time_changes(material, show),
            _forced(material, show),
            _reliefs(material, show),
            _handed(material, show),
        ),
    )


def is_finished(material: Material) -> bool:
    """Whether nobody can be writing any more: every seat is settled, and the session is over or somebody has handed in."""
    seats = {one.seat for one in material.people}
    return seats <= set(SETTLED) and (Seat.CLOSED in seats or material.now >= material.post.session.ends_at)


def _facts(material: Material, show: Show) -> list[tuple[str, str]]:
    own = material.post.session
    figures = turnout(one.seat for one in material.people)
    percent = f"{figures.percent}%" if figures.expected else "—"
    return [
        ("场次", own.name),
        ("考场", material.post.name),
        ("计划时间", _planned(material, show)),
        ("实际时间", _actual(material, show)),
        ("监考员", "、".join(material.invigilators) or "未指定"),
        ("参考率", percent),
        ("应到", f"{figures.expected} 人（不含请假缓考）"),
        ("实到", f"{figures.came} 人"),
        (_missing(material), f"{figures.expected - figures.came} 人"),
        ("请假缓考", f"{figures.counts[Seat.LEAVE]} 人"),
    ]


def _missing(material: Material) -> str:
    """Nobody is absent before the end."""
    return "缺考" if is_finished(material) else "尚未到场"


def _planned(material: Material, show: Show) -> str:
    own = material.post.session
    begin, end = show(own.starts_at, "%Y-%m-%d %H:%M"), show(own.ends_at, "%Y-%m-%d %H:%M")
    end = end.removeprefix(begin[:11])
    window = f"，每人 {own.duration_seconds // 60} 分钟" if own.mode == "window" else ""
    return f"{begin} 至 {end}{window}"


def _actual(material: Material, show: Show) -> str:
    sittings = [one.sitting for one in material.people]
    begun = [one.started_at for one in sittings if one.started_at]
    ended = [until for one in sittings if one.started_at and (until := one.closed_at or one.deadline)]
    if not begun:
        return "无人开始作答"
    begin = _at(material, show, min(begun))
    if not is_finished(material):
        return f"{begin} 起，未结束"
    return f"{begin} 至 {_at(material, show, max(ended))}"


def _absent(material: Material) -> Section:
    groups = (
        (_missing(material), (Seat.MISSED, Seat.EXPECTED)),
        ("请假缓考", (Seat.LEAVE,)),
    )
    rows = []
    for label, seats in groups:
        people = [one for one in material.people if one.seat in seats]
        if people:
            rows.append((label, f"{len(people)} 人", "、".join(_who(one) for one in people)))
    columns = (Column("类别", 16), Column("人数", 10), Column("准考证号（座位）"))
    return Section("一、缺考和请假缓考", columns, tuple(rows))


def _who(one: Attended) -> str:
    seat = f"（{one.candidate.seat}）" if one.candidate.seat else ""
    return f"{one.candidate.admission_number}{seat}"


def _at(material: Material, show: Show, instant: datetime) -> str:
    """The time of day; with the date where it is not the day on which the session begins."""
    day = show(material.post.session.starts_at, "%m-%d")
    return show(instant, "%m-%d %H:%M:%S").removeprefix(f"{day} ")


def _by_sitting(material: Material) -> dict[int, Attended]:
    return {one.sitting.id: one for one in material.people}


def _incidents(material: Material, show: Show) -> Section:
    rows = []
    for told in material.incidents:
        one = told.incident
        if one.kind in TOLD_APART:
            continue
        rows.append(
            (
                _at(material, show, one.at),
                told.candidate.admission_number if told.candidate else "全场",
                f"{KINDS.get(one.kind, one.kind)}：{one.facts}",
                told.recorder or "系统",
                told.signer or AWAITS,
            )
        )
    columns = (Column("时间", 11), Column("对象", 15), Column("事实"), Column("记录人", 12), Column("第二签字人", 12))
    return Section("二、情况记录", columns, tuple(rows))


def _time_changes(material: Material, show: Show) -> Section:
    rows = [("开考前", f"加时 {_length(seconds)}", who, "名单核定", "—") for seconds, who in _granted_before(material)]
    for one in material.changes:
        what = CHANGES.get(one.kind, one.kind) + (f" {_length(one.seconds)}" if one.seconds else "")
        rows.append((_at(material, show, one.at), what, _whom(material, one), one.reason, one.by))
    columns = (Column("时间", 11), Column("办理", 14), Column("对象", 31), Column("理由"), Column("办理人", 12))
    return Section("三、时间变更", columns, tuple(rows))


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return " ".join(text for text in (f"{minutes} 分钟" if minutes else "", f"{rest} 秒" if rest else "") if text)


def _granted_before(material: Material) -> list[tuple[int, str]]:
    groups: dict[int, list[str]] = {}
    for one in material.people:
        if one.candidate.extra_seconds:
            groups.setdefault(one.candidate.extra_seconds, []).append(one.candidate.admission_number)
    return [(seconds, "、".join(numbers)) for seconds, numbers in sorted(groups.items())]


def _whom(material: Material, change: Change) -> str:
    """All by one word, most by who was left out, few by their numbers."""
    chosen = set(change.sittings)
    given = [one.candidate.admission_number for one in material.people if one.sitting.id in chosen]
    others = [one.candidate.admission_number for one in material.people if one.sitting.id not in chosen]
    if not others:
        return f"全体 {len(given)} 人"
    if len(given) > 5 and len(others) < len(given):
        return f"{len(given)} 人（{'、'.join(others)} 除外）"
    return "、".join(given)


def _forced(material: Material, show: Show) -> Section:
    people = _by_sitting(material)
    rows = []
    for told in material.incidents:
        one = people.get(told.incident.sitting_id or 0)
        if told.incident.kind == FORCED_SUBMISSION and one:
            when, number = _at(material, show, told.incident.at), one.candidate.admission_number
            rows.append((when, number, one.sitting.close_reason, told.recorder or "系统", told.signer or AWAITS))
    columns = (
        Column("时间", 11),
        Column("准考证号", 15),
        Column("理由"),
        Column("办理人", 12),
        Column("第二签字人", 12),
    )
    return Section("四、强制交卷", columns, tuple(rows))


def _reliefs(material: Material, show: Show) -> Section:
    people = _by_sitting(material)
    rows = tuple(
        (
            _at(material, show, one.at),
            people[one.sitting_id].candidate.admission_number,
            RELIEFS.get(one.action, one.action),
            one.by,
        )
        for one in material.reliefs
    )
    columns = (Column("时间", 11), Column("准考证号", 15), Column("办理"), Column("办理人", 12))
    return Section("五、放行换设备和解除锁定", columns, rows)


def _handed(material: Material, show: Show) -> Section:
    people = _by_sitting(material)
    rows = []
    for one in material.handed:
        file = "没有上传密封文件"
        if one.uploaded_at and one.standing:
            uploaded = _at(material, show, one.uploaded_at)
            file = f"{uploaded} 上传密封文件（摘要 {one.file_digest[:16]}…），{STANDINGS[one.standing]}"
        number = people[one.code.sitting_id].candidate.admission_number
        noted = _at(material, show, one.code.noted_at)
        rows.append((noted, number, show_code(one.code.code), file, one.noted_by, one.signed_by or AWAITS))
    columns = (
        Column("登记时间", 11),
        Column("准考证号", 15),
        Column("离线交卷码", 15),
        Column("密封文件"),
        Column("登记人", 12),
        Column("第二签字人", 12),
    )
    return Section("六、离线交卷码和离线交卷", columns, tuple(rows))
