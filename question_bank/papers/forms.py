"""The forms of blueprints and of drawing a paper."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from core.exact import NotAMark, parse_mark
from core.i18n import _, lazy
from core.web.numbers import id_of
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items import words
from question_bank.items.queries import Outline
from question_bank.papers.blueprints import MOST_DEMANDS, MOST_ITEMS, MOST_MINUTES, MOST_SECTIONS
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.exposure import Rest
from question_bank.papers.models import Blueprint
from question_bank.papers.rules import plain_points

COLUMNS = {"any_difficulty": "", "easy": "易", "medium": "中", "hard": "难"}  # the cells of a row, by difficulty
TYPES = {name: kind for name, kind in ITEM_TYPES.items() if kind.drawable}


class DemandForm(Form):  # type: ignore[misc]
    """One row of a section's grid: a knowledge point, and how many items of each difficulty."""

    knowledge_point = SelectField(lazy("知识点"), coerce=str, default="")
    any_difficulty = StringField(lazy("不限难度"))
    easy = StringField(lazy("易"))
    medium = StringField(lazy("中"))
    hard = StringField(lazy("难"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Each filled cell is a whole number from 1."""
        sound: bool = super().validate(extra_validators)
        for name in COLUMNS:
            text = (self[name].data or "").strip()
            if text and not (text.isascii() and text.isdigit() and len(text) < 5 and int(text) <= MOST_ITEMS):
                self[name].errors = [_("题数应为 1 到 %(most)s 的整数，不要题就留空。", most=MOST_ITEMS)]
                sound = False
        return sound

    @property
    def point_id(self) -> int | None:
        """The knowledge point chosen, None for any."""
        return id_of(self.knowledge_point.data) or None

    def demands(self) -> list[tuple[str, DemandDraft]]:
        """Return what the filled cells ask for, by the name of the cell; what cannot be read asks for nothing."""
        counts = {name: id_of((self[name].data or "").strip()) for name in COLUMNS}
        return [
            (name, DemandDraft(count, self.point_id, COLUMNS[name]))
            for name, count in counts.items()
            if 0 < count <= MOST_ITEMS
        ]


class MarkedSectionForm(Form):  # type: ignore[misc]
    """What every section says: its title, its type, what each item is worth and how it is marked."""

    title = StringField(lazy("标题"), [Length(max=200, message=lazy("标题最多 200 个字。"))])
    type = SelectField(lazy("题型"), choices=[SelectChoice(name, kind.word) for name, kind in TYPES.items()])
    points = StringField(lazy("每题分值"))
    # Types share names of policies; each is chosen from its own group.
    policy = SelectField(
        lazy("计分规则"),
        choices=[
            SelectChoice(f"{type_name}:{name}", policy.word, optgroup=kind.word)
            for type_name, kind in TYPES.items()
            for name, policy in kind.policies.items()
        ],
        coerce=str,
        validate_choice=False,
    )

    def validate_policy(self, field: SelectField) -> None:
        """A policy that the type knows."""
        # A type that is none has been refused by its own field.
        kind = TYPES.get(self.type.data)
        if kind and self.policy_name not in kind.policies:
            raise ValidationError(_("这条计分规则不适用于%(type)s，请重新选择。", type=kind.word))

    def check_points(self, sentence: str) -> None:
        """Raise ValidationError with this sentence unless the points are above zero with at most two decimals."""
        try:
            points = parse_mark(self.points.data, "每题分值")
        except NotAMark as problem:
            raise ValidationError(str(problem)) from problem
        if (points * 100).denominator != 1 or not 0 < points <= 100:
            raise ValidationError(sentence)

    @property
    def policy_name(self) -> str:
        """The policy chosen, without the type that its group stands for."""
        return (self.policy.data or "").removeprefix(f"{self.type.data}:")

    @property
    def worth(self) -> int:
        """The points in hundredths, 0 where they cannot be read or taken."""
        try:
            points = parse_mark(self.points.data or "")
        except NotAMark:
            return 0
        return int(points * 100) if 0 < points <= 100 else 0


class SectionForm(MarkedSectionForm):
    """One section; without a type it is empty."""

    type = SelectField(
        lazy("题型"),
        choices=[
            SelectChoice("", lazy("（不用这一部分）")),
            *(SelectChoice(name, kind.word) for name, kind in TYPES.items()),
        ],
        default="",
    )
    rows = FieldList(FormField(DemandForm), min_entries=1, max_entries=MOST_DEMANDS)

    def validate_rows(self, field: FieldList) -> None:
        """A section in use asks for something."""
        if self.type.data and not field.errors and not self.cells():
            raise ValidationError(_("请至少填写一个题数。"))

    def validate_points(self, field: StringField) -> None:
        """A plain number above zero with at most two decimals."""
        if self.type.data:
            self.check_points(_("每题分值应大于 0、不超过 100，最多两位小数。"))

    def cells(self) -> list[tuple[str, DemandDraft]]:
        """Return every demand with the id of the field that it was typed into."""
        return [(row.form[name].id, demand) for row in self.rows for name, demand in row.form.demands()]

    def section(self) -> SectionDraft:
        """Return what was written; a section without a title is named after its type."""
        return SectionDraft(
            title=(self.title.data or "").strip() or str(words.TYPES[self.type.data]),
            type=self.type.data,
            demands=tuple(demand for _cell, demand in self.cells()),
            points_hundredths=int(parse_mark(self.points.data) * 100),
            policy=self.policy_name,
        )

    def lenient(self) -> SectionDraft:
        """Return what was written, with 0 points where they cannot be read: for looking, not for keeping."""
        demands = tuple(demand for _cell, demand in self.cells())
        return SectionDraft(
            (self.title.data or "").strip() or str(words.TYPES[self.type.data]), self.type.data, demands, self.worth, ""
        )


class BlueprintForm(FlaskForm):  # type: ignore[misc]
    """A name, a time and the sections; ``revision`` is the one that was opened."""

    revision = HiddenField()
    name = StringField(
        lazy("细目表名称"),
        [DataRequired(lazy("请填写名称。")), Length(max=200, message=lazy("名称最多 200 个字。"))],
    )
    duration = StringField(lazy("考试时间"), description=lazy("印在试卷上；场次的时间在考试里另行规定。"))
    sections = FieldList(FormField(SectionForm), min_entries=1, max_entries=MOST_SECTIONS)

    def __init__(self, outline: Sequence[Outline], **options: Any) -> None:
        super().__init__(**options)
        self._points = [SelectChoice("", _("不限")), *(SelectChoice(str(entry.id), entry.label) for entry in outline)]
        self._offer_points()

    def _offer_points(self) -> None:
        for section in self.sections:
            for row in section.form.rows:
                row.form.knowledge_point.choices = self._points

    def validate_duration(self, field: StringField) -> None:
        """Whole minutes, or nothing."""
        text = (field.data or "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= MOST_MINUTES):
            raise ValidationError(_("考试时间应为 1 到 %(most)s 的整数分钟，或留空。", most=MOST_MINUTES))

    @property
    def duration_minutes(self) -> int | None:
        """The time in minutes, None when none was given."""
        text = (self.duration.data or "").strip()
        return int(text) if text else None

    def enlarge(self, where: str) -> None:
        """Open one more row of a section (``sections-2-rows``) or one more section (anything else), if there is room."""
        chosen = next((one.form.rows for one in self.sections if one.form.rows.name == where), self.sections)
        if len(chosen) < chosen.max_entries:
            chosen.append_entry()
            self._offer_points()

    def used(self) -> list[SectionForm]:
        """The sections that have a type, in order."""
        return [entry.form for entry in self.sections if entry.form.type.data]

    def drafts(self) -> list[SectionDraft]:
        """Return the sections that have a type, in order."""
        return [form.section() for form in self.used()]


class DrawForm(FlaskForm):  # type: ignore[misc]
    """The title of the paper, the seed if it was drawn in public, which items rest, and whether it is a demonstration."""

    title = StringField(
        lazy("试卷标题"),
        [DataRequired(lazy("请填写试卷标题。")), Length(max=200, message=lazy("标题最多 200 个字。"))],
        description=lazy("考生会看到这个标题，请用中性的名称，例如“素质能力测试”。"),
    )
    seed = StringField(
        lazy("抽题种子"),
        [Length(max=64, message=lazy("种子最多 64 个字符。"))],
        description=lazy(
            "留空则由系统随机产生。公开抽签时可填入当众抽出的数字或文字；同一种子、同一题库抽出同一份试卷。"
        ),
    )
    most_sittings = IntegerField(
        lazy("略去作答已达多少人次的试题"),
        [Optional(), NumberRange(1, 1_000_000, message=lazy("人次应为 1 到 1000000 的整数，或留空不限。"))],
        description=lazy("留空不限。例如填 4000：已有 4000 人次以上答过的试题不进本卷。"),
    )
    rest_days = IntegerField(
        lazy("略去最近多少天内用过的试题"),
        [Optional(), NumberRange(1, 3650, message=lazy("天数应为 1 到 3650 的整数，或留空不限。"))],
        description=lazy("留空不限。"),
    )
    per_candidate = BooleanField(
        lazy("每名考生各抽一份"),
        description=lazy(
            "冻结题池和种子，开考时按应试编号为每人抽出不同的卷；考前公布种子的摘要，考后公布种子，任何人都能重抽核对。纸卷按应试编号一份一份打印。"
        ),
    )
    demonstration = BooleanField(
        lazy("演示卷"),
        description=lazy("可以使用演示试题和依据未核对的试题；试卷处处标明“演示”，不能用于正式考试。"),
    )

    def rest(self, now: datetime) -> Rest:
        """Return which items the draw leaves at home."""
        days = self.rest_days.data
        return Rest(self.most_sittings.data, now - timedelta(days=days) if days else None)


def values_of(blueprint: Blueprint, sections: Sequence[SectionDraft]) -> dict[str, Any]:
    """Return a blueprint as the form's data."""
    return {
        "name": blueprint.name,
        "duration": str(blueprint.duration_minutes or ""),
        "revision": str(blueprint.revision),
        "sections": [
            {
                "title": section.title,
                "type": section.type,
                "points": plain_points(section.points_hundredths),
                "policy": f"{section.type}:{section.policy}",
                "rows": _rows_of(section.demands),
            }
            for section in sections
        ],
    }


def _rows_of(demands: Sequence[DemandDraft]) -> list[dict[str, str]]:
    cells = {difficulty: name for name, difficulty in COLUMNS.items()}
    rows: dict[int | None, dict[str, str]] = {}
    for demand in demands:
        row = rows.setdefault(demand.knowledge_point_id, {"knowledge_point": str(demand.knowledge_point_id or "")})
        row[cells[demand.difficulty]] = str(demand.count)
    return list(rows.values())
