"""Forms of the roster: a file, one candidate, a leave."""

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from core.clock import clock
from core.i18n import _, lazy
from core.web.application import local_time
from exam.candidates.roster import LONGEST, MOST_EXTRA_MINUTES
from exam.schedule.forms import stripped


class RosterFileForm(FlaskForm):  # type: ignore[misc]
    """A roster and what to do where it says nothing."""

    file = FileField(
        lazy("名单文件"),
        [FileRequired(lazy("请选择名单文件。"))],
        description=lazy(
            "支持 .xlsx、.xls、.csv，不超过 20 MB。身份证号导入后加密保存，只显示首尾。严禁上传涉密文件。"
        ),
    )
    generate = BooleanField(
        lazy("由系统编排准考证号"),
        description=lazy("名单里没有准考证号的考生，按“日期＋考试序号＋流水号”编号；已有的号码保持不变。"),
    )
    session_id = SelectField(
        lazy("没有写场次的考生归入"),
        coerce=lambda text: int(text) if str(text).isdecimal() else 0,
        default=0,
        description=lazy("名单里写了“场次”的，以名单为准。"),
    )


class CandidateForm(FlaskForm):  # type: ignore[misc]
    """One candidate; ``place`` is a session and a room of it, as ``session:room``."""

    name = StringField(
        lazy("姓名"), [InputRequired(lazy("请填写姓名。")), Length(max=LONGEST["name"])], filters=[stripped]
    )
    unit = StringField(lazy("单位"), [Length(max=LONGEST["unit"])], filters=[stripped])
    post = StringField(lazy("职务"), [Length(max=LONGEST["post"])], filters=[stripped])
    number = StringField(
        lazy("准考证号"),
        [Length(max=LONGEST["number"])],
        filters=[stripped],
        description=lazy("4 至 32 位数字、字母；留空则由系统编排。"),
    )
    identity = StringField(
        lazy("身份证号"),
        filters=[stripped],
        description=lazy("保存后加密，只显示首尾部分。"),
        render_kw={"autocomplete": "off"},
    )
    place = SelectField(lazy("场次和考场"))
    seat = StringField(lazy("座位号"), [Length(max=LONGEST["seat"])], filters=[stripped])
    extra_minutes = IntegerField(
        lazy("加时"),
        [
            Optional(),
            NumberRange(0, MOST_EXTRA_MINUTES, message=lazy("请填写 0 至 240 之间的整数分钟。")),
        ],
        default=0,
        description=lazy("事先批准的个别延长时间，例如视力障碍。"),
    )

    def place_chosen(self) -> tuple[int, int | None]:
        """The session's id and the room's, None for no room."""
        session_id, _colon, room_id = self.place.data.partition(":")
        return int(session_id), int(room_id) if room_id else None


class LeaveForm(FlaskForm):  # type: ignore[misc]
    """Approved leave, or its withdrawal: why, who approved it, when."""

    basis = TextAreaField(
        lazy("依据"),
        [InputRequired(lazy("请填写依据。")), Length(max=500, message=lazy("依据最多 500 个字。"))],
        filters=[stripped],
        description=lazy("例如：因公出差，附本单位出差通知；不要写病情等细节。"),
        render_kw={"rows": 3},
    )
    approved_by = StringField(
        lazy("批准人"),
        [InputRequired(lazy("请填写批准人。")), Length(max=100, message=lazy("批准人最多 100 个字。"))],
        filters=[stripped],
        description=lazy("姓名和职务，或批准的会议。"),
    )
    approved_on = DateField(lazy("批准日期"), [InputRequired(lazy("请填写批准日期，写成 2026-11-23 这样。"))])

    def validate_approved_on(self, field: Any) -> None:
        """Nothing is approved in the future."""
        if field.data and field.data > date.fromisoformat(local_time(clock.now(), "%Y-%m-%d")):
            raise ValidationError(_("批准日期晚于今天，请核对。"))
