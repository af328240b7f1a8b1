"""Forms of rules, previous failures and decisions."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.i18n import lazy
from grading.outcomes.decisions import KINDS
from grading.outcomes.rule_sets import TIES, RuleProblem, RuleSet, read_rule_set

MOST_SECTIONS = 4
MOST_IN_FORM = 200

_CONSEQUENCES = [
    SelectChoice("deferral", lazy("建议暂缓提拔")),
    SelectChoice("cancellation", lazy("建议取消提拔资格")),
]
# 加试 has no way yet to enter its marks, so that everybody's proposal would stay pending.
OFFERED_PRESETS = ("default", "paper_60", "paper_40", "delian", "qualification", "double_pass")


class SectionFloorForm(Form):  # type: ignore[misc]
    """A section of the paper with a floor of its own; an empty name leaves it out."""

    name = StringField(lazy("分项名称"), [Length(max=100)])
    maximum = StringField(lazy("满分"), [Length(max=12)])
    floor = StringField(lazy("最低线"), [Length(max=12)])


class RulesForm(FlaskForm):  # type: ignore[misc]
    """The rule set of an exam; marks are decimals as text, on the scale of 100."""

    name = StringField(lazy("规则名称"), [InputRequired(lazy("请填写规则名称。")), Length(max=100)])
    paper_weight = StringField(
        lazy("笔试权重"), [Length(max=12)], description=lazy("各部分权重之和为 100；留空表示没有这一部分。")
    )
    paper_floor = StringField(lazy("笔试最低线"), [Length(max=12)], description=lazy("按百分制；留空表示不设。"))
    interview_weight = StringField(lazy("面试权重"), [Length(max=12)], description=lazy("留空表示没有面试。"))
    interview_floor = StringField(lazy("面试最低线"), [Length(max=12)], description=lazy("按百分制；留空表示不设。"))
    cut = StringField(lazy("综合成绩合格线"), [InputRequired(lazy("请填写合格线。")), Length(max=12)])
    decimals = SelectField(
        lazy("综合成绩保留小数"), choices=[SelectChoice("2", lazy("两位")), SelectChoice("1", lazy("一位")), SelectChoice("0", lazy("整数"))], default="2",
        description=lazy("四舍五入；合格与否按公布的数比较。"),
    )  # fmt: skip
    ties = SelectField(lazy("同分排序"), choices=[SelectChoice(code, words) for code, words in TIES.items()])
    sections = FieldList(FormField(SectionFloorForm), lazy("笔试分项最低线"), min_entries=2, max_entries=MOST_SECTIONS)
    below = SelectField(lazy("不合格"), choices=_CONSEQUENCES, default="deferral")
    failed_again = SelectField(lazy("再次不合格"), choices=_CONSEQUENCES, default="cancellation")
    absent = SelectField(lazy("缺考"), choices=_CONSEQUENCES, default="deferral")
    make_up_first = IntegerField(
        lazy("补测最早在几个月后"), [Optional(), NumberRange(0, 60, lazy("应为 0 至 60 个月。"))]
    )
    make_up_last = IntegerField(
        lazy("补测最晚在几个月内"), [Optional(), NumberRange(0, 60, lazy("应为 0 至 60 个月。"))]
    )
    valid_months = IntegerField(
        lazy("合格成绩有效期"), [Optional(), NumberRange(1, 600, lazy("应为 1 至 600 个月。"))],
        description=lazy("留空表示不设有效期。"),
    )  # fmt: skip
    reason = TextAreaField(
        lazy("更改理由"), [Length(max=500)], description=lazy("第一次设定可以不填；以后每次更改都要写明。")
    )
    based_on = HiddenField(default="0")

    def fill(self, rules: RuleSet, based_on: int) -> None:
        """Show a rule set."""
        data = rules.as_json()
        parts = {part["code"]: part for part in data["parts"]}
        self.name.data, self.based_on.data = rules.name, str(based_on)
        for code, weight, floor in (
            ("paper", self.paper_weight, self.paper_floor),
            ("interview", self.interview_weight, self.interview_floor),
        ):
            weight.data = _short(parts.get(code, {}).get("weight"))
            floor.data = _short(parts.get(code, {}).get("floor"))
        self.cut.data, self.decimals.data, self.ties.data = _short(data["cut"]), str(rules.decimals), rules.ties
        for name in ("below", "failed_again", "absent"):
            self[name].data = data["consequences"][name]
        if rules.make_up_months:
            self.make_up_first.data, self.make_up_last.data = rules.make_up_months
        self.valid_months.data = rules.valid_months
        for number, section in enumerate(data["section_floors"][: len(self.sections)]):
            entry = self.sections[number].form
            entry.name.data = section["name"]
            entry.maximum.data, entry.floor.data = _short(section["max"]), _short(section["floor"])

    def rules(self) -> RuleSet:
        """The rule set that was typed. Raises ``RuleProblem``."""
        return read_rule_set(
            {
                "name": self.name.data,
                "parts": [
                    {"code": code, "weight": weight.data, "floor": floor.data or None}
                    for code, weight, floor in (
                        ("paper", self.paper_weight, self.paper_floor),
                        ("interview", self.interview_weight, self.interview_floor),
                    )
                    if (weight.data or "").strip()
                ],
                "section_floors": [
                    {"name": entry.form.name.data, "max": entry.form.maximum.data, "floor": entry.form.floor.data}
                    for entry in self.sections
                    if any((one.data or "").strip() for one in entry.form)
                ],
                "cut": self.cut.data,
                "decimals": int(self.decimals.data),
                "ties": self.ties.data,
                "consequences": {
                    "below": self.below.data,
                    "failed_again": self.failed_again.data,
                    "absent": self.absent.data,
                },
                "make_up_months": self._months(),
                "valid_months": self.valid_months.data,
            }
        )

    def _months(self) -> list[int] | None:
        first, last = self.make_up_first.data, self.make_up_last.data
        if first is None and last is None:
            return None
        if last is None:
            raise RuleProblem("补测期限只填了最早，没有填最晚，请补上；不补测时两处都留空。")
        return [first or 0, last]


class PreviousFailureForm(FlaskForm):  # type: ignore[misc]
    """How often somebody failed before this exam."""

    failures = IntegerField(
        lazy("此前不合格次数"),
        [InputRequired(lazy("请填写次数，没有填 0。")), NumberRange(0, 9, lazy("应为 0 至 9。"))],
    )
    basis = StringField(
        lazy("依据"), [InputRequired(lazy("请写明依据。")), Length(max=500)],
        description=lazy("例如哪一次测试、哪一份成绩册。"),
    )  # fmt: skip


class DecisionLineForm(Form):  # type: ignore[misc]
    """The decision on one candidate."""

    candidate_id = HiddenField()
    proposal_id = HiddenField()
    based_on = HiddenField(default="0")
    kind = SelectField(
        lazy("决定"),
        choices=[SelectChoice("", lazy("请选择")), *(SelectChoice(code, words) for code, words in KINDS.items())],
    )
    difference_reason = TextAreaField(lazy("与处理建议不同的理由"), [Length(max=1000)])


class DecisionsForm(FlaskForm):  # type: ignore[misc]
    """What one meeting decided."""

    meeting = StringField(
        lazy("会议"), [InputRequired(lazy("请写明作出决定的会议。")), Length(max=200)],
        description=lazy("例如 市委常委会（扩大）会议。"),
    )  # fmt: skip
    meeting_date = DateField(lazy("会议日期"), [InputRequired(lazy("请填写会议日期，例如 2026-11-23。"))])
    minutes_number = StringField(
        lazy("会议纪要（记录）编号"), [InputRequired(lazy("请写明会议纪要（记录）编号。")), Length(max=100)],
        description=lazy("只写编号，不上传、不摘录纪要内容。"),
    )  # fmt: skip
    basis = TextAreaField(
        lazy("依据"), [InputRequired(lazy("请写明依据。")), Length(max=1000)],
        description=lazy("据以决定的规定、条款，或成绩表的编号。"),
    )  # fmt: skip
    lines = FieldList(FormField(DecisionLineForm), max_entries=MOST_IN_FORM)


class ChecksForm(FlaskForm):  # type: ignore[misc]
    """The checker's answer to one or several records; which ones stands in the request's ``decision`` values."""

    verdict = SelectField(choices=[SelectChoice("confirm", ""), SelectChoice("return", "")])
    comment = TextAreaField(lazy("意见"), [Length(max=500)], description=lazy("退回时必须写明，核对无误时可以不填。"))


def whole(text: Any) -> int:
    """A hidden field's number; 0 for what is none (it then fits nothing)."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 18 else 0


def _short(text: str | None) -> str:
    """60.00 as 60."""
    return "" if text is None else text.rstrip("0").rstrip(".") if "." in text else text
