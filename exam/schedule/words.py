"""The words of scheduling, as the interface shows them."""

from collections.abc import Mapping
from typing import Any

from core.i18n import lazy
from exam.schedule.rules import TimeFault

KINDS = {
    "ability_test": lazy("素质能力测试"),
    "discipline_quiz": lazy("法规纪律测验"),
    "practice": lazy("练习"),
}
EXAM_STATES = {
    "planned": (lazy("筹备中"), "neutral"),
    "published": (lazy("已发布"), "accent"),
    "archived": (lazy("已归档"), "done"),
}
MODES = {"fixed": lazy("固定场次"), "window": lazy("开放时段")}
LAYOUTS = {"all": lazy("全部试题在一页"), "single": lazy("一次一题")}
LEAVING_LIMITS = {
    (True, True): lazy("超过 %(seconds)s 秒、或到第 %(times)s 次，记一条情况"),
    (True, False): lazy("超过 %(seconds)s 秒，记一条情况"),
    (False, True): lazy("到第 %(times)s 次，记一条情况"),
    (False, False): lazy("只留记录，不记情况"),
}
PHASES = {
    "ahead": (lazy("未开始"), "neutral"),
    "admitting": (lazy("正在入场"), "accent"),
    "running": (lazy("正在考试"), "solid"),
    "over": (lazy("已结束"), "done"),
}
TIME_FAULTS = {
    TimeFault.ENDS_BEFORE_START: lazy("结束时间不晚于开始时间，请改晚结束时间或改早开始时间。"),
    TimeFault.ADMISSION_AFTER_START: lazy("入场时间晚于开始时间，请把入场时间改到开始之前。"),
    TimeFault.TOO_LONG: lazy("作答时长超过 12 小时，请核对分钟数。"),
    TimeFault.NO_DURATION: lazy("作答时长必须大于 0 分钟，请填写分钟数。"),
    TimeFault.LONGER_THAN_WINDOW: lazy("作答时长超过开放时段的长度，请缩短时长或延长开放时段。"),
    TimeFault.LATE_ENTRY_AFTER_END: lazy("迟到入场期限超过作答时长，请改小，或留空表示结束前均可入场。"),
    TimeFault.SUBMISSION_AFTER_END: lazy("最早交卷时间超过作答时长，请改小，或填 0 表示随时可以交卷。"),
}
# The field of the session form that each fault belongs to.
FAULT_FIELDS = {
    TimeFault.ENDS_BEFORE_START: "ends_at",
    TimeFault.ADMISSION_AFTER_START: "admission_minutes",
    TimeFault.TOO_LONG: "duration_minutes",
    TimeFault.NO_DURATION: "duration_minutes",
    TimeFault.LONGER_THAN_WINDOW: "duration_minutes",
    TimeFault.LATE_ENTRY_AFTER_END: "latest_start_minutes",
    TimeFault.SUBMISSION_AFTER_END: "earliest_submission_minutes",
}

# What is missing before an exam can be published.
GAPS = {
    "no_session": lazy("还没有安排场次。"),
    "no_notice": lazy("个人信息处理告知是空的。"),
    "no_commitment": lazy("考生承诺书是空的。"),
    "unfilled_notice": lazy("个人信息处理告知里还有 %(count)s 处“【请填写…】”没有填写。"),
    "unfilled_commitment": lazy("考生承诺书里还有 %(count)s 处“【请填写…】”没有填写。"),
    "no_candidates": lazy("名单里还没有考生。"),
    "no_paper": lazy("场次“%(session)s”还没有选定试卷。"),
    "started": lazy("场次“%(session)s”的开始时间已经过去。"),
    "empty_session": lazy("场次“%(session)s”没有考生。"),
    "no_room": lazy("场次“%(session)s”有 %(count)s 名考生没有考场。"),
    "no_invigilator": lazy("场次“%(session)s”有考场还没有监考员：%(rooms)s。"),
}


def gap_sentence(code: str, values: Mapping[str, Any]) -> str:
    """The sentence of a gap, filled in."""
    return _filled(GAPS[code], values)


def leaving_limits(seconds: int, times: int) -> str:
    """From where on leaving the page becomes an incident; 0: not by this measure."""
    return str(LEAVING_LIMITS[seconds > 0, times > 0]) % {"seconds": seconds, "times": times}


def _filled(template: Any, values: Mapping[str, Any]) -> str:
    # lazy("…%(name)s") without values is not formatted until here.
    text = str(template)
    return text % values if values else text
