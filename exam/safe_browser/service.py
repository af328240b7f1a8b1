"""Asking for Safe Exam Browser, exempting one candidate, and noting what was refused."""

import re
import secrets
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from exam.safe_browser import queries
from exam.safe_browser.configuration import Asked, as_file, settings_in, settings_of
from exam.safe_browser.models import SafeBrowser, SafeBrowserExemption
from exam.safe_browser.rules import MOST_KEYS, Fault, KeyFault, browser_origin, config_key, password_digest, read_keys
from exam.safe_browser.statements import append_note
from exam.safe_browser.words import FACTS
from exam.schedule.models import ExamSession
from exam.sittings import incidents

SALT_BYTES = 32
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 64
LONGEST_REASON = 500
_ORIGIN = re.compile(r"https?://[0-9A-Za-z.\-\[\]:]{1,200}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the organizer wants: ``password`` empty keeps the one there is; ``keys`` as typed, one a line.

    ``start_path`` and ``quit_path`` are the paths of the sign-in and of the page that ends Safe Exam Browser.
    """

    required: bool
    origin: str
    password: str
    keys: str
    start_path: str
    quit_path: str


def change_demand(session: Session, actor: Actor, clock: Clock, row: ExamSession, wish: Wish) -> None:
    """Ask for Safe Exam Browser in a session, or no more, and make the configuration anew where it changes.

    Once candidates may sign in, only the Browser Exam Keys can still be changed: the file is on the hall's computers.
    Raises ``BadInput`` with the field at fault, and ``Conflict``.
    """
    held = queries.safe_browser_of(session, row.id)
    if not wish.required and held is None:
        return
    keys = _keys(wish.keys)
    admitting = clock.now() >= row.admission_opens_at
    if held is not None and not wish.required:
        if admitting and held.required:
            raise _too_late()
        values: dict[str, object] = {"required": False, "exam_keys": "\n".join(keys)}
    else:
        values = {"required": True, "exam_keys": "\n".join(keys), **_configured(held, wish)}
        same = held is not None and held.required and values["config_key"] == held.config_key
        if admitting and not same:
            raise _too_late()
    values["changed_at"] = clock.now()
    if held is None:
        session.add(SafeBrowser(session_id=row.id, **values))
        session.flush()
    else:
        affected(session, update(SafeBrowser).where(SafeBrowser.session_id == row.id).values(**values))
        session.expire(held)
    told = {"required": wish.required, "exam_keys": len(keys), "config_key": values.get("config_key", "")}
    record(session, actor, clock, "safe_browser_changed", "exam_session", row.id, **told)


def _too_late() -> Conflict:
    return Conflict(
        _(
            "已经到了入场时间，不能再开启、取消或改变安全考试浏览器的配置，未作更改；浏览器考试密钥仍可增减。个别考生请由监考员豁免。"
        )
    )


def _configured(held: SafeBrowser | None, wish: Wish) -> dict[str, object]:
    origin = browser_origin(wish.origin)
    if not _ORIGIN.fullmatch(origin):
        raise BadInput(
            _("考生访问的地址应写成 https://kaoshi.example.cn 这样，不带路径，未保存。"), details={"field": "origin"}
        )
    salt = settings_in(held.configuration)["examKeySalt"] if held else secrets.token_bytes(SALT_BYTES)
    password = _password(held, wish.password)
    settings = settings_of(Asked(origin, wish.start_path, wish.quit_path, password, salt))
    if held is not None and config_key(settings_in(held.configuration)) == config_key(settings):
        return {"config_key": held.config_key}
    return {
        "origin": origin,
        "quit_password": password,
        "configuration": as_file(settings),
        "config_key": config_key(settings),
    }


def _password(held: SafeBrowser | None, typed: str) -> str:
    if not typed and held is not None:
        return held.quit_password
    if not SHORTEST_PASSWORD <= len(typed) <= LONGEST_PASSWORD or not typed.isprintable():
        raise BadInput(
            _("退出密码应为 8 至 64 个字符，未保存。请重新填写并记下来，监考员中途退出浏览器时要用。"),
            details={"field": "password"},
        )
    return password_digest(typed)


def _keys(text: str) -> tuple[str, ...]:
    try:
        return read_keys(text)
    except KeyFault as fault:
        sentence = _("浏览器考试密钥最多 %(most)s 个，未保存。请删去不再使用的版本。", most=MOST_KEYS)
        if fault.typed:
            sentence = _(
                "“%(typed)s”不是浏览器考试密钥，未保存。密钥是 64 位十六进制数字，一行一个，请从安全考试浏览器原样复制。",
                typed=fault.typed,
            )
        raise BadInput(sentence, details={"field": "keys"}) from None


def exempt(
    session: Session,
    actor: Actor,
    clock: Clock,
    sitting_id: int,
    reason: str,
    *,
    granted: bool = True,
    once: str | None = None,
) -> None:
    """Let one candidate go on in any browser, or (``granted`` false) no more. Raises ``BadInput``, and ``Conflict``
    where it is so already, also by the same form (``once``) a moment ago."""
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise BadInput(_("请填写理由（不超过 500 字）；没有理由不能办理豁免。"))
    entries = queries.exemptions_of(session, sitting_id)
    if granted == bool(entries and entries[0].granted):
        raise _so_already()
    session.add(
        SafeBrowserExemption(sitting_id=sitting_id, granted=granted, reason=reason, by=actor.account_id, at=clock.now())
    )
    session.flush()
    facts = FACTS["granted" if granted else "withdrawn"].format(reason=reason)
    try:
        with session.begin_nested():
            incidents.note(session, clock, sitting_id, incidents.SAFE_BROWSER, facts, actor).once = once
    except IntegrityError:
        raise _so_already() from None
    record(session, actor, clock, "safe_browser_exempted", "sitting", sitting_id, granted=granted, reason=reason)


def _so_already() -> Conflict:
    return Conflict(_("这名考生的豁免状态已是如此，未作更改。请刷新页面查看。"))


def note_refusal(session: Session, clock: Clock, sitting_id: int, fault: Fault, where: str) -> None:
    """Note as an incident that a candidate was refused; the same fault of the same sitting once."""
    if append_note(session, sitting_id, fault, clock.now()):
        incidents.note(session, clock, sitting_id, incidents.SAFE_BROWSER, FACTS[fault].format(where=where))
