"""Why the server did not do what a candidate's device asked for: one code, one sentence, one status each."""

from core.errors import Conflict, DomainError, NotFound, SignedOut
from core.i18n import lazy

_SENTENCES = {
    "late": lazy("作答在截止时间之后才送达服务器，已存档备查但不计入成绩。如有疑问，请举手告知监考员。"),
    "closed": lazy("本卷已收，不能再作答或修改；此后送达的作答已存档备查但不计入成绩。请查看回执。"),
    "paused": lazy("考试已暂停，本次操作未执行。已保存的作答都在，请在座位上等候，恢复后自动继续。"),
    "not_open": lazy("考试还没有开始作答，本次操作未执行。请在候考页面等候开始。"),
    "other_device": lazy(
        "本场考试已在另一台设备上打开，本次操作未执行。要在这里继续，请举手，由监考员放行后重新进入。"
    ),
    "signed_out": lazy("登录已失效，本次操作未执行；已保存的作答都在。请用准考证号和登录码重新登录。"),
}
_RETRY = frozenset({"paused", "not_open"})


def refusal(code: str, message: object = None) -> DomainError:
    """The error of one of the codes that interfaces name; another sentence may replace the usual one."""
    kind = SignedOut if code == "signed_out" else Conflict
    return kind(str(message or _SENTENCES[code]), code=code, retry=code in _RETRY)


def no_such_sitting() -> NotFound:
    """There is none with this number, or it is somebody else's: the same answer."""
    return NotFound(str(lazy("没有找到您的这场考试。请从“我的考试”重新进入。")))
