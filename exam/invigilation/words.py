"""The words of the invigilator's desk."""

from core.i18n import lazy
from exam.invigilation.rules import Seat

# word, tone of the badge, shape
SEATS = {
    Seat.LEAVE: (lazy("请假缓考"), "neutral", "ring"),
    Seat.EXPECTED: (lazy("未到"), "neutral", "ring"),
    Seat.MISSED: (lazy("缺考"), "warning", "cross"),
    Seat.ADMITTED: (lazy("已登录"), "accent", "half"),
    Seat.OPEN: (lazy("作答中"), "solid", "dot"),
    Seat.SILENT: (lazy("失联 %(minutes)s 分钟"), "danger", "exclamation"),
    Seat.PAUSED: (lazy("已暂停"), "warning", "pause"),
    Seat.CLOSED: (lazy("已交卷"), "done", "check"),
}
# Kinds that people record.
INCIDENT_KINDS = {
    "device_fault": lazy("设备故障"),
    "network_fault": lazy("网络故障"),
    "late_arrival": lazy("迟到"),
    "identity": lazy("证件或身份问题"),
    "illness": lazy("身体不适"),
    "suspected_violation": lazy("疑似违纪"),
    "other": lazy("其他情况"),
}
# Kinds that the system notes by itself.
SYSTEM_KINDS = {
    "device_change": lazy("更换设备"),
    "digest_mismatch": lazy("交卷校验不符"),
    "forced_submission": lazy("强制交卷"),
    "offline_code": lazy("离线交卷码"),
    "offline_claim": lazy("离线交卷"),
    "left_page": lazy("离开作答页面"),
    "address_outside": lazy("考场地址以外登录"),
    "safe_browser": lazy("安全考试浏览器"),
}
ALL_KINDS = INCIDENT_KINDS | SYSTEM_KINDS
# What a candidate's page notes beside being left.
PAGE_EVENTS = {
    "fullscreen": lazy("退出全屏 %(count)s 次"),
    "paste": lazy("粘贴 %(count)s 次"),
    "copy": lazy("复制 %(count)s 次"),
    "print": lazy("打印 %(count)s 次"),
}
TIME_CHANGES = {"extra": lazy("加时"), "pause": lazy("暂停"), "resume": lazy("恢复")}
# Of ``rules.GROUPS``, as the figures over a post name them.
GROUP_WORDS = {
    "missing": lazy("未到"),
    "admitted": lazy("已登录"),
    "working": lazy("作答中"),
    "silent": lazy("失联"),
    "paused": lazy("已暂停"),
    "closed": lazy("已交卷"),
    "leave": lazy("请假缓考"),
}
