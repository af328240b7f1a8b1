"""The forms of blueprints and of drawing a paper."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from core.exact import NotAMark, parse_mark, show_hundredths
from core.i18n import _, lazy
from question_bank.items import words
from question_bank.items.drafts import DIFFICULTIES
from question_bank.items.queries import Outline
from question_bank.papers.blueprints import POLICIES, SectionDraft
from question_bank.papers.models import Blueprint, BlueprintSection

SECTION_ROWS = 8
_CHOICES = lazy("单选题、多选题、判断题")
_BLANKS = lazy("填空题")


class SectionForm(Form):  # type: ignore[misc]
    """One section; without a type the row is empty."""

    title = StringField(lazy("标题"), [Length(max=200, message=lazy("标题最多 200 个字。"))])
    type = SelectField(
        lazy("题型"),
        choices=[SelectChoice("", lazy("（不用这一行）")), *(SelectChoice(*entry) for entry in words.TYPES.items())],
        default="",
    )
    knowledge_point = SelectField(lazy("知识点"), coerce=str, default="")
    difficulty = SelectField(
        lazy("难度"), choices=[SelectChoice("", lazy("不限")), *map(SelectChoice, DIFFICULTIES)], default=""
    )
    count = StringField(lazy("题数"))
    points = StringField(lazy("每题分值"))
    policy = SelectField(
        lazy("计分规则"),
        choices=[
            *(SelectChoice(name, word, optgroup=_CHOICES) for name, word in words.POLICIES.items()),
            *(SelectChoice(f"blank_{name}", word, optgroup=_BLANKS) for name, word in words.BLANK_POLICIES.items()),
        ],
        coerce=str,
        validate_choice=False,
    )

    def validate_count(self, field: StringField) -> None:
        """A whole number from 1."""
        text = (field.data or "").strip()
        if self.type.data and not (text.isascii() and text.isdigit() and 1 <= int(text) <= 500):
            raise ValidationError(_("题数应为 1 到 500 的整数。"))

    def validate_points(self, field: StringField) -> None:
        """A plain number above zero with at most two decimals."""
        if not self.type.data:
            return
        try:
            points = parse_mark(field.data, "每题分值")
        except NotAMark as problem:
            raise ValidationError(str(problem)) from problem
        if (points * 100).denominator != 1 or not 0 < points <= 100:
            raise ValidationError(_("每题分值应大于 0、不超过 100，最多两位小数。"))

    def validate_policy(self, field: SelectField) -> None:
        """A policy that the type knows."""
        # A type that is none has been refused by its own field.
        kind = self.type.data
        if kind in POLICIES and _policy(kind, field.data) not in POLICIES[kind]:
            raise ValidationError(_("这条计分规则不适用于%(type)s，请重新选择。", type=words.TYPES[kind]))

    def section(self) -> SectionDraft:
        """Return what was written; a section without a title is named after its type."""
        return SectionDraft(
            title=(self.title.data or "").strip() or str(words.TYPES[self.type.data]),
            type=self.type.data,
            count=int(self.count.data),
            points_hundredths=int(parse_mark(self.points.data) * 100),
            policy=_policy(self.type.data, self.policy.data),
            knowledge_point_id=int(self.knowledge_point.data) if self.knowledge_point.data else None,
            difficulty=self.difficulty.data or "",
        )


class BlueprintForm(FlaskForm):  # type: ignore[misc]
    """A name and up to eight sections; ``revision`` is the one that was opened."""

    revision = HiddenField()
    name = StringField(
        lazy("细目表名称"),
        [DataRequired(lazy("请填写名称。")), Length(max=200, message=lazy("名称最多 200 个字。"))],
    )
    sections = FieldList(FormField(SectionForm), min_entries=SECTION_ROWS, max_entries=20)

    def __init__(self, outline: Sequence[Outline], **options: Any) -> None:
        super().__init__(**options)
        choices = [SelectChoice("", _("不限")), *(SelectChoice(str(entry.id), entry.label) for entry in outline)]
        for entry in self.sections:
            entry.form.knowledge_point.choices = choices

    def drafts(self) -> list[SectionDraft]:
        """Return the sections that have a type, in order."""
        return [entry.form.section() for entry in self.sections if entry.form.type.data]


class DrawForm(FlaskForm):  # type: ignore[misc]
    """The title of the paper, the seed if it was drawn in public, and whether it is a demonstration."""

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
    demonstration = BooleanField(
        lazy("演示卷"),
        description=lazy("可以使用演示试题和依据未核对的试题；试卷处处标明“演示”，不能用于正式考试。"),
    )


def values_of(blueprint: Blueprint, sections: Sequence[BlueprintSection]) -> dict[str, Any]:
    """Return a blueprint as the form's data."""
    rows = [
        {
            "title": section.title,
            "type": section.type,
            "knowledge_point": str(section.knowledge_point_id or ""),
            "difficulty": section.difficulty,
            "count": str(section.count),
            "points": _plain_points(section.points_hundredths),
            "policy": f"blank_{section.policy}" if section.type == "fill_blank" else section.policy,
        }
        for section in sections
    ]
    rows += [{} for _row in range(SECTION_ROWS - len(rows))]
    return {"name": blueprint.name, "revision": str(blueprint.revision), "sections": rows}


def _plain_points(hundredths: int) -> str:
    text = show_hundredths(hundredths)
    return text.rstrip("0").rstrip(".")


def _policy(type_name: str, chosen: str | None) -> str:
    # The two groups of the list share names; a blank's policy is chosen from its own group.
    policy = chosen or ""
    return policy.removeprefix("blank_") if type_name == "fill_blank" else policy
