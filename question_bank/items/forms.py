"""The form of an item: common fields, and those of its type as the type reads them; a version as the form's data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from core.exact import NotAMark, parse_mark
from core.i18n import _, lazy
from question_bank.item_types.fields import FieldProblem, Fields
from question_bank.item_types.registry import PART_TYPES, item_type
from question_bank.items.drafts import DIFFICULTIES, CitationDraft, Draft
from question_bank.items.extras import Extras, kept_under
from question_bank.items.models import ItemVersion, SourceCitation
from question_bank.items.queries import Outline
from question_bank.items.rich_content import as_written, from_written
from question_bank.keys import VersionKey

CITATION_ROWS = 3


class CitationForm(Form):  # type: ignore[misc]
    """One citation; all empty means none."""

    regulation = StringField(lazy("法规名称"), [Length(max=200, message=lazy("法规名称最多 200 个字。"))])
    edition = StringField(lazy("版本"), [Length(max=64, message=lazy("版本最多 64 个字。"))])
    article = StringField(lazy("条款"), [Length(max=64, message=lazy("条款最多 64 个字。"))])
    quotation = TextAreaField(lazy("原文摘录"), [Length(max=4000, message=lazy("原文摘录最多 4000 个字。"))])

    def validate_regulation(self, field: StringField) -> None:
        """A citation names its regulation."""
        if not (field.data or "").strip() and any((self[name].data or "").strip() for name in self._fields):
            raise ValidationError(_("请填写法规名称，或清空这条依据的其余各栏。"))


class ItemForm(FlaskForm):  # type: ignore[misc]
    """What an author writes. ``based_on`` is the version that was opened; the type is given, never typed."""

    based_on = HiddenField()
    stem = TextAreaField(lazy("题干"), [DataRequired(lazy("请填写题干。"))])
    rationale = TextAreaField(
        lazy("解析"),
        [Length(max=10_000, message=lazy("解析最多 10000 个字。"))],
    )
    points = StringField(lazy("分值"), [DataRequired(lazy("请填写分值。"))])
    knowledge_point = SelectField(lazy("知识点"), coerce=str, default="")
    difficulty = SelectField(
        lazy("难度"), choices=[SelectChoice("", lazy("未定")), *map(SelectChoice, DIFFICULTIES)], default=""
    )
    picture = FileField(lazy("图片文件"), description=lazy("PNG、JPEG、GIF 或 WebP，不超过 2 MB。严禁上传涉密文件。"))
    picture_for = SelectField(
        lazy("插入到"),
        choices=[SelectChoice("stem", lazy("题干")), SelectChoice("rationale", lazy("解析"))],
        validate_choice=False,
    )
    tags = StringField(lazy("标签"), [Length(max=200)], description=lazy("几个标签之间用分号隔开。"))
    citations = FieldList(FormField(CitationForm), lazy("法规依据"), min_entries=CITATION_ROWS, max_entries=10)
    drop_extras = BooleanField(
        lazy("不再保留随题带来的标题、反馈等"), description=lazy("它们只在导出时写回文件，不影响考试。")
    )
    accept_duplicates = BooleanField(lazy("我已核对，这是一道不同的题，仍然保存"))

    def __init__(
        self, type_name: str, outline: Sequence[Outline], answers: Mapping[str, Sequence[str]], **options: Any
    ) -> None:
        super().__init__(**options)
        self.type_name = type_name
        self.kind = item_type(type_name)
        self.answers = Fields(answers)  # what belongs to the type
        self.changing = False
        self.written: tuple[dict[str, Any], dict[str, Any]] | None = None
        if self.kind.fixed_points({"parts": []}) is not None:
            del self.points
        self.knowledge_point.choices = [
            SelectChoice("", _("未定")),
            *(SelectChoice(str(entry.id), entry.label) for entry in outline),
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Everything at once: the common fields, and what the type makes of its own."""
        sound: bool = super().validate(extra_validators)
        try:
            self.written = self.kind.written(_plain(self.stem.data), self.answers)
        except FieldProblem as problem:
            self.answers = replace(self.answers, errors={problem.name: problem.message})
            self.form_errors.append(problem.message)
            return False
        return sound

    def asks_for_parts(self, sent: Mapping[str, str]) -> bool:
        """Whether the author asks for one more part of a case, or one fewer: the form changes, nothing is checked yet."""
        self.changing = "add_part" in sent or "drop_part" in sent
        if "add_part" in sent and sent.get("part_type") in {kind.name for kind in PART_TYPES}:
            self.answers = self.answers.with_part(sent["part_type"])
        elif (dropped := sent.get("drop_part", "")).isdecimal():
            self.answers = self.answers.without_part(int(dropped[:3]))
        return self.changing

    def add_picture(self, digest: str) -> None:
        """Put a picture that was kept at the end of the field that was chosen for it."""
        field = self.rationale if self.picture_for.data == "rationale" else self.stem
        field.data = f"{field.data or ''}![{_('图')}](media:{digest})"

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form again."""
        return 422 if self.is_submitted() and not self.changing else 200

    def validate_points(self, field: StringField) -> None:
        """Points are a plain number above zero with at most two decimals."""
        try:
            points = parse_mark(field.data, "分值")
        except NotAMark as problem:
            raise ValidationError(str(problem)) from problem
        if (points * 100).denominator != 1 or not 0 < points <= 100:
            raise ValidationError(_("分值应大于 0、不超过 100，最多两位小数，例如 2 或 1.5。"))

    def draft(
        self,
        known: Sequence[SourceCitation] = (),
        before: Mapping[str, Any] | None = None,
        extras: Extras | None = None,
    ) -> Draft:
        """Return what was written, once it is valid.

        Citations equal to a ``known`` one keep its place in the source file; options of which the key ``before`` says
        something to who chose them keep it; the ``extras`` stay as far as they fit the key.
        """
        content, key = self.written or ({}, {})
        content = from_written(content)
        key = keep_feedback(before, key, content) if before else key
        fixed = self.kind.fixed_points(content)
        keeps = extras and not self.drop_extras.data
        return Draft(
            type=self.type_name,
            content=content,
            key=key,
            points_hundredths=int(parse_mark(self.points.data) * 100) if fixed is None else fixed,
            rationale=_plain(self.rationale.data),
            knowledge_point_id=int(self.knowledge_point.data) if self.knowledge_point.data else None,
            difficulty=self.difficulty.data or "",
            tags=tuple(tag.strip() for tag in re.split("[;；]", self.tags.data or "") if tag.strip()),
            citations=tuple(
                _citation(entry.form, known) for entry in self.citations if (entry.form.regulation.data or "").strip()
            ),
            extras=kept_under(extras, before or {}, key) if extras and keeps else Extras(),
        )


def keep_feedback(before: Mapping[str, Any], key: dict[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a key that still says what the one before it says to who chose an option that is still there."""
    there = {option["label"] for option in content.get("options", ())}
    feedback = {label: text for label, text in before.get("feedback", {}).items() if label in there}
    return key | ({"feedback": feedback} if feedback else {})


def values_of(
    version: ItemVersion, key: VersionKey, citations: Sequence[SourceCitation] | Sequence[CitationDraft]
) -> dict[str, Any]:
    """Return a version as the form's data."""
    points = version.points_hundredths
    values: dict[str, Any] = {
        "based_on": str(version.id),
        "stem": as_written(version.content)["stem"],
        "rationale": key.rationale,
        "points": f"{points // 100}.{points % 100:02d}".rstrip("0").rstrip("."),
        "knowledge_point": str(version.knowledge_point_id or ""),
        "difficulty": version.difficulty,
        "tags": "；".join(version.tags),
        "citations": _padded(
            [
                {"regulation": c.regulation, "edition": c.edition, "article": c.article, "quotation": c.quotation}
                for c in citations
            ]
        ),
    }
    return values


def _padded(citations: list[dict[str, str]]) -> list[dict[str, str]]:
    empty = {"regulation": "", "edition": "", "article": "", "quotation": ""}
    return citations + [empty] * (CITATION_ROWS - len(citations))


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def _citation(form: CitationForm, known: Sequence[SourceCitation]) -> CitationDraft:
    regulation, edition, article, quotation = (
        _plain(form[name].data) for name in ("regulation", "edition", "article", "quotation")
    )
    written = CitationDraft(regulation, edition, article, quotation)
    for citation in known:
        if (regulation, edition, article, quotation) == (
            citation.regulation,
            citation.edition,
            citation.article,
            citation.quotation,
        ):
            return replace(
                written,
                source_file=citation.source_file,
                source_sha256=citation.source_sha256,
                start=citation.start,
                end=citation.end,
            )
    return written
