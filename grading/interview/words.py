"""The interface's words for positions and states."""

from core.accounts.permissions import Permission, Role
from core.i18n import lazy

POSITIONS = {
    "chief": lazy("主考官"),
    "examiner": lazy("考官"),
    "timekeeper": lazy("计时员"),
    "score_clerk": lazy("计分员"),
    "checker": lazy("复核员"),
    "supervisor": lazy("监督员"),
}
POSITION_ROLES = {
    "chief": Role.EXAMINER,
    "examiner": Role.EXAMINER,
    "timekeeper": Role.INTERVIEW_STAFF,
    "score_clerk": Role.INTERVIEW_STAFF,
    "checker": Role.INTERVIEW_STAFF,
    "supervisor": Role.SUPERVISOR,
}
POSITION_PERMISSIONS = {
    "chief": Permission.SCORE_INTERVIEWS,
    "examiner": Permission.SCORE_INTERVIEWS,
    "timekeeper": Permission.RUN_INTERVIEWS,
    "score_clerk": Permission.RUN_INTERVIEWS,
    "checker": Permission.RUN_INTERVIEWS,
    "supervisor": Permission.CONFIRM_INTERVIEWS,
}
PANEL_STATES = {
    "preparing": (lazy("准备中"), "neutral"),
    "running": (lazy("进行中"), "solid"),
    "closed": (lazy("已结束"), "done"),
}
TURN_STATES = {
    "waiting": (lazy("候考"), "neutral"),
    "called": (lazy("面试中"), "solid"),
    "scored": (lazy("待签字"), "accent"),
    "confirmed": (lazy("成绩有效"), "done"),
    "absent": (lazy("缺考"), "warning"),
    "stopped": (lazy("已中止"), "danger"),
}
TRIMS = {
    "totals": lazy("考官总分去掉一个最高分和一个最低分后平均"),
    "elements": lazy("每个要素去掉一个最高分和一个最低分后平均，再合成"),
    "none": lazy("不去高低分，直接平均"),
}
SIGNATURES = {
    "timekeeper": lazy("核对各考官分项之和"),
    "score_clerk": lazy("录入汇总并计算"),
    "checker": lazy("复核汇总与计算"),
    "chief": lazy("审核并当场宣布"),
    "supervisor": lazy("监督确认"),
}
