"""Forms of planning: an exam, its texts, a session, a room."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, DateTimeLocalInput, ListWidget

from core.errors import DomainError
from core.i18n import _, lazy
from exam.leaving.rules import Thresholds
from exam.schedule.models import Exam, ExamSession, Room
from exam.schedule.presets import NEUTRAL_TITLE
from exam.schedule.rules import GRACE_SECONDS, Mode, Times
from exam.schedule.service import ExamData, SessionData
from exam.schedule.words import KINDS, LAYOUTS

FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")


def stripped(text: str | None) -> str:
    """A filter: without space around."""
    return (text or "").strip()


class PlanForm(FlaskForm):  # type: ignore[misc]
    """A form on which a refusal stands beside the field that it names."""

    def show_fault(self, problem: DomainError) -> DomainError | None:
        """Put a problem beside its field (``details["field"]``); one without is returned for above the form."""
        entry = self._fields.get(problem.details.get("field", ""))
        if entry is None:
            return problem
        entry.errors = [*entry.errors, str(problem.message)]
        return None


class InstantField(StringField):  # type: ignore[misc]
    """A day and time typed in the configured zone; ``data`` is an aware UTC datetime or None."""

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.astimezone(_zone()).strftime(FORMATS[0]) if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; an empty field is None."""
        self.data: Any = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        for form in FORMATS:
            try:
                self.data = datetime.strptime(text, form).replace(tzinfo=_zone()).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            return
        raise ValueError(_("日期和时间写法不对，请写成 2026-11-23 09:00 这样。"))


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.extensions["settings"].time_zone)


class ExamForm(FlaskForm):  # type: ignore[misc]
    """What an exam is."""

    title = StringField(
        lazy("考试名称"),
        [InputRequired(lazy("请填写考试名称。")), Length(max=200, message=lazy("考试名称最多 200 个字。"))],
        filters=[stripped],
        description=lazy("只有工作人员看得到，可以写明用途。"),
    )
    code = StringField(
        lazy("考试编号"),
        [
            InputRequired(lazy("请填写考试编号。")),
            Regexp(r"[0-9A-Za-z-]{2,32}$", message=lazy("编号用 2 至 32 位字母、数字、短横线，例如 KS-2026-01。")),
        ],
        filters=[stripped],
        description=lazy("不能与其他考试相同，例如 KS-2026-01。"),
    )
    neutral_title = StringField(
        lazy("对外名称"),
        [InputRequired(lazy("请填写对外名称。")), Length(max=200, message=lazy("对外名称最多 200 个字。"))],
        filters=[stripped],
        default=NEUTRAL_TITLE,
        description=lazy("考生、准考证和张贴的座次表上只出现这个名称，不要写“提拔”“考察”等字样。"),
    )
    kind = RadioField(
        lazy("类别"), choices=[SelectChoice(kind, label) for kind, label in KINDS.items()], default="ability_test"
    )
    open_book = BooleanField(lazy("开卷"), description=lazy("考生可以使用允许的资料。"))
    demonstration = BooleanField(
        lazy("演示考试"),
        description=lazy("只有演示考试可以使用含“演示·未核对”试题的试卷；成绩不能作为任何决定的依据。"),
    )

    def as_data(self) -> ExamData:
        """What the service takes."""
        return ExamData(
            self.code.data,
            self.title.data,
            self.neutral_title.data,
            self.kind.data,
            self.open_book.data,
            self.demonstration.data,
        )

    @classmethod
    def of(cls, exam: Exam) -> "ExamForm":
        """The form filled with an exam."""
        return cls(obj=exam)


class TextsForm(FlaskForm):  # type: ignore[misc]
    """Notice and commitment."""

    notice = TextAreaField(
        lazy("个人信息处理告知"),
        [InputRequired(lazy("请填写个人信息处理告知。")), Length(max=20000)],
        description=lazy("考生入场时先读这份告知。标着“【请填写…】”的地方必须换成实际内容。"),
        render_kw={"rows": 22},
    )
    commitment = TextAreaField(
        lazy("考生承诺书"),
        [InputRequired(lazy("请填写考生承诺书。")), Length(max=20000)],
        description=lazy("考生逐字阅读后签署，系统保存所签文字的校验码；有人签署后不能再改。"),
        render_kw={"rows": 16},
    )


def _minutes(
    label: Any, low: int, high: int, help_text: Any, default: int | None, *, required: bool = True
) -> IntegerField:
    message = lazy("请填写 %(low)s 至 %(high)s 之间的整数分钟。", low=low, high=high)
    first = InputRequired(message) if required else Optional()
    return IntegerField(label, [first, NumberRange(low, high, message=message)], description=help_text, default=default)


def _count(label: Any, high: int, help_text: Any, default: int) -> IntegerField:
    message = lazy("请填写 0 至 %(high)s 之间的整数。", high=high)
    return IntegerField(
        label, [Optional(), NumberRange(0, high, message=message)], description=help_text, default=default
    )


class SessionForm(PlanForm):
    """What both modes ask for."""

    mode: Mode
    name = StringField(
        lazy("场次名称"),
        [InputRequired(lazy("请填写场次名称。")), Length(max=100, message=lazy("场次名称最多 100 个字。"))],
        filters=[stripped],
        description=lazy("例如：上午场。名单里的“场次”一栏按这个名称对应。"),
    )
    starts_at = InstantField(lazy("开始时间"), [InputRequired(lazy("请填写开始时间。"))])
    admission_minutes = _minutes(lazy("提前入场"), 0, 1440, lazy("开始前多少分钟可以登录、候考。"), 30)
    duration_minutes = _minutes(lazy("作答时长"), 1, 720, lazy("每名考生的作答时间，不含个别加时。"), 90)
    earliest_submission_minutes = _minutes(lazy("最早交卷"), 0, 720, lazy("开始后多少分钟才能交卷；0 表示随时。"), 0)
    grace_seconds = IntegerField(
        lazy("收卷宽限"),
        [
            InputRequired(lazy("请填写 0 至 120 之间的整数秒。")),
            NumberRange(0, 120, message=lazy("请填写 0 至 120 之间的整数秒。")),
        ],
        default=GRACE_SECONDS,
        description=lazy("时间到后，路上的最后一次保存还能被接收的秒数。"),
    )
    offline_minutes = _minutes(
        lazy("离线交卷期限"),
        0,
        240,
        lazy("断网到截止的考生，收卷后多少分钟内可以由监考员上传其密封文件；0 表示不接受。"),
        30,
    )
    layout = RadioField(
        lazy("试题呈现"),
        choices=[SelectChoice(layout, label) for layout, label in LAYOUTS.items()],
        default="all",
        description=lazy("两种方式都有答题卡，都可以随时改答、跳题和标记。"),
    )
    leaving_seconds = _count(
        lazy("离开多久记情况"),
        3600,
        lazy("一次离开作答页面超过多少秒，记一条情况提醒监考员；0 表示不按时长记，留空按 30 秒。"),
        30,
    )
    leaving_times = _count(
        lazy("离开几次记情况"), 100, lazy("离开到第几次，记一条情况；0 表示不按次数记，留空按 5 次。"), 5
    )
    full_screen = BooleanField(
        lazy("请考生全屏作答"), description=lazy("作答页面请考生进入全屏；不全屏照样可以作答，退出全屏只记次数。")
    )
    paper_id = SelectField(lazy("试卷"), coerce=lambda text: int(text) if str(text).isdecimal() else 0, default=0)
    invigilated = BooleanField(
        lazy("有监考员"),
        default=True,
        description=lazy("换设备须由监考员放行；不勾选时，考生重新登录即可在新设备上继续，并留下记录。"),
    )

    def as_data(self) -> SessionData:
        """What the service takes."""
        return SessionData(
            self.name.data,
            self._times(),
            self.invigilated.data,
            self.paper_id.data or None,
            self.offline_minutes.data * 60,
            self.layout.data,
            self._leaving(),
            self.full_screen.data,
        )

    def _leaving(self) -> Thresholds:
        usual, seconds, times = Thresholds(), self.leaving_seconds.data, self.leaving_times.data
        return Thresholds(usual.seconds if seconds is None else seconds, usual.times if times is None else times)

    def _times(self) -> Times:
        raise NotImplementedError


class FixedSessionForm(SessionForm):
    """Everybody sits at the same time."""

    mode = Mode.FIXED
    latest_start_minutes = _minutes(
        lazy("迟到入场期限"), 0, 720, lazy("开始后多少分钟起不得入场；留空表示结束前都可以入场。"), 30, required=False
    )

    def _times(self) -> Times:
        starts_at, duration = self.starts_at.data, timedelta(minutes=self.duration_minutes.data)
        latest = self.latest_start_minutes.data
        return Times(
            self.mode,
            starts_at - timedelta(minutes=self.admission_minutes.data),
            starts_at,
            starts_at + duration,
            self.duration_minutes.data * 60,
            None if latest is None else latest * 60,
            self.earliest_submission_minutes.data * 60,
            self.grace_seconds.data,
        )


class WindowSessionForm(SessionForm):
    """Anybody begins within the window and has the duration, at most to its end."""

    mode = Mode.WINDOW
    ends_at = InstantField(
        lazy("结束时间"),
        [InputRequired(lazy("请填写结束时间。"))],
        description=lazy("到这时全部收卷；晚开始的人作答时间会相应缩短，开始前会告诉考生。"),
    )

    def _times(self) -> Times:
        starts_at = self.starts_at.data
        return Times(
            self.mode,
            starts_at - timedelta(minutes=self.admission_minutes.data),
            starts_at,
            self.ends_at.data,
            self.duration_minutes.data * 60,
            None,
            self.earliest_submission_minutes.data * 60,
            self.grace_seconds.data,
        )


def session_form(mode: Mode, row: ExamSession | None = None) -> SessionForm:
    """The form of a mode, empty or filled with a session."""
    form_class = FixedSessionForm if mode is Mode.FIXED else WindowSessionForm
    if row is None:
        return (
            form_class(admission_minutes=0, invigilated=False, offline_minutes=0)
            if mode is Mode.WINDOW
            else form_class()
        )
    latest = row.latest_start_seconds
    values = {
        "name": row.name,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "admission_minutes": int((row.starts_at - row.admission_opens_at).total_seconds() // 60),
        "duration_minutes": row.duration_seconds // 60,
        "latest_start_minutes": None if latest is None else latest // 60,
        "earliest_submission_minutes": row.earliest_submission_seconds // 60,
        "grace_seconds": row.grace_seconds,
        "paper_id": row.paper_id or 0,
        "invigilated": row.invigilated,
        "offline_minutes": row.offline_seconds // 60,
        "layout": row.layout,
        "leaving_seconds": row.leaving_seconds,
        "leaving_times": row.leaving_times,
        "full_screen": row.full_screen,
    }
    return form_class(data=values)


class RoomForm(PlanForm):
    """A room's name and who invigilates it."""

    name = StringField(
        lazy("考场名称"),
        [InputRequired(lazy("请填写考场名称。")), Length(max=100, message=lazy("考场名称最多 100 个字。"))],
        filters=[stripped],
        description=lazy("例如：第一考场（市委党校 301 机房）。"),
    )
    invigilators = SelectMultipleField(
        lazy("监考员"),
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=lazy("只有这里勾选的监考员能看到并管理这个考场。"),
    )

    address_ranges = TextAreaField(
        lazy("地址段"),
        [Length(max=4000, message=lazy("地址段最多 4000 个字。"))],
        filters=[stripped],
        description=lazy(
            "每行一个，例如 192.168.10.0/24；留空表示不限。从别处登录的考生照样可以考试，系统记一条情况请监考员核实。"
        ),
        render_kw={"rows": 3, "spellcheck": "false"},
    )

    @classmethod
    def of(cls, room: Room, invigilators: list[int]) -> "RoomForm":
        """The form filled with a room."""
        return cls(data={"name": room.name, "invigilators": invigilators, "address_ranges": room.address_ranges})
