"""The form of an item: one form with a part for each type; what it says as a draft, and a version as the form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from core.exact import NotAMark, parse_mark
from core.i18n import _, lazy
from question_bank.item_types.fill_blank import count_blanks
from question_bank.items.drafts import DIFFICULTIES, CitationDraft, Draft
from question_bank.items.models import ItemVersion, SourceCitation
from question_bank.items.queries import Outline
from question_bank.keys import VersionKey

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OPTION_ROWS = 8
CITATION_ROWS = 3
CHOICES = ("single_choice", "multiple_choice")
_NOT_ESCAPED = re.compile(r"(?<!\\)[/／]")


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
    options = FieldList(StringField(), lazy("选项与答案"), min_entries=OPTION_ROWS, max_entries=len(LETTERS))
    correct = SelectMultipleField(lazy("正确选项"), choices=[SelectChoice(letter) for letter in LETTERS])
    truth = RadioField(
        lazy("答案"),
        choices=[SelectChoice("true", lazy("正确")), SelectChoice("false", lazy("错误"))],
        validate_choice=False,
    )
    blanks = TextAreaField(
        lazy("各空的答案"),
        description=lazy(
            "每空一行，与题干中的空依次对应。同一空有几个可接受的答案时用 / 分隔；答案本身含有 / 时写作 \\/。"
        ),
    )
    order_free = BooleanField(
        lazy("各空不分先后"), description=lazy("考生把各空的答案互换位置也算对；同一答案不重复计分。")
    )
    rationale = TextAreaField(
        lazy("解析"),
        [Length(max=10_000, message=lazy("解析最多 10000 个字。"))],
        description=lazy("说明答案为何正确。试卷会打乱选项，请写“A项”“故选AC”，系统会换成考生看到的字母。"),
    )
    points = StringField(lazy("分值"), [DataRequired(lazy("请填写分值。"))])
    knowledge_point = SelectField(lazy("知识点"), coerce=str, default="")
    difficulty = SelectField(
        lazy("难度"), choices=[SelectChoice("", lazy("未定")), *map(SelectChoice, DIFFICULTIES)], default=""
    )
    tags = StringField(lazy("标签"), [Length(max=200)], description=lazy("几个标签之间用分号隔开。"))
    citations = FieldList(FormField(CitationForm), lazy("法规依据"), min_entries=CITATION_ROWS, max_entries=10)
    accept_duplicates = BooleanField(lazy("我已核对，这是一道不同的题，仍然保存"))

    def __init__(self, type_name: str, outline: Sequence[Outline], **options: Any) -> None:
        super().__init__(**options)
        self.type_name = type_name
        self.knowledge_point.choices = [
            SelectChoice("", _("未定")),
            *(SelectChoice(str(entry.id), entry.label) for entry in outline),
        ]
        for letter, entry in zip(LETTERS, self.options, strict=False):
            entry.label.text = _("选项 %(letter)s", letter=letter)

    def validate_points(self, field: StringField) -> None:
        """Points are a plain number above zero with at most two decimals."""
        try:
            points = parse_mark(field.data, "分值")
        except NotAMark as problem:
            raise ValidationError(str(problem)) from problem
        if (points * 100).denominator != 1 or not 0 < points <= 100:
            raise ValidationError(_("分值应大于 0、不超过 100，最多两位小数，例如 2 或 1.5。"))

    def validate_options(self, field: FieldList) -> None:
        """Options follow each other without a gap."""
        if self.type_name not in CHOICES:
            return
        filled = [bool((entry.data or "").strip()) for entry in field]
        if True in filled[filled.index(False) :] if False in filled else False:
            letter = LETTERS[filled.index(False)]
            raise ValidationError(_("选项 %(letter)s 空着，后面却还有选项；请依次填写，中间不要空。", letter=letter))

    def validate_truth(self, field: RadioField) -> None:
        """A true/false item has one of two answers."""
        if self.type_name == "true_false" and field.data not in ("true", "false"):
            raise ValidationError(_("请选择“正确”或“错误”。"))

    def validate_blanks(self, field: TextAreaField) -> None:
        """One line of answers for each blank of the stem."""
        if self.type_name != "fill_blank":
            return
        in_stem, lines = count_blanks(self.stem.data or ""), len(_lines(field.data))
        if not in_stem:
            raise ValidationError(_("题干里没有空；请在题干中用 ____（四个下划线）表示每个空。"))
        if in_stem != lines:
            raise ValidationError(
                _("题干里有 %(blanks)s 个空，这里有 %(lines)s 行答案；请每空写一行。", blanks=in_stem, lines=lines)
            )

    def draft(self, known: Sequence[SourceCitation] = ()) -> Draft:
        """Return what was written. Citations equal to a ``known`` one keep its place in the source file."""
        content, key = self._content_and_key()
        return Draft(
            type=self.type_name,
            content=content,
            key=key,
            points_hundredths=int(parse_mark(self.points.data) * 100),
            rationale=_plain(self.rationale.data),
            knowledge_point_id=int(self.knowledge_point.data) if self.knowledge_point.data else None,
            difficulty=self.difficulty.data or "",
            tags=tuple(tag.strip() for tag in re.split("[;；]", self.tags.data or "") if tag.strip()),
            citations=tuple(
                _citation(entry.form, known) for entry in self.citations if (entry.form.regulation.data or "").strip()
            ),
        )

    def _content_and_key(self) -> tuple[dict[str, Any], dict[str, Any]]:
        stem = _plain(self.stem.data)
        if self.type_name == "true_false":
            return {"stem": stem}, {"key": [self.truth.data]}
        if self.type_name == "fill_blank":
            stem = re.sub(r"_{2,}", "____", stem)
            key = [_accepted(line) for line in _lines(self.blanks.data)]
            return {"stem": stem, "blanks": count_blanks(stem)}, {"key": key, "order_free": bool(self.order_free.data)}
        texts = [_plain(entry.data) for entry in self.options]
        options = [{"label": letter, "text": text} for letter, text in zip(LETTERS, texts, strict=False) if text]
        return {"stem": stem, "options": options}, {"key": sorted(self.correct.data or [])}


def values_of(version: ItemVersion, key: VersionKey, citations: Sequence[SourceCitation]) -> dict[str, Any]:
    """Return a version as the form's data."""
    points = version.points_hundredths
    values: dict[str, Any] = {
        "based_on": str(version.id),
        "stem": version.content["stem"],
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
    return values | _answer_values(version, key.key)


def _answer_values(version: ItemVersion, key: Mapping[str, Any]) -> dict[str, Any]:
    if version.type == "true_false":
        return {"truth": "".join(key["key"][:1])}
    if version.type == "fill_blank":
        lines = ["/".join(text.replace("/", "\\/") for text in accepted) for accepted in key["key"]]
        return {"blanks": "\n".join(lines), "order_free": key.get("order_free", False)}
    texts = [option["text"] for option in version.content["options"]]
    return {"options": texts + [""] * (OPTION_ROWS - len(texts)), "correct": list(key["key"])}


def _padded(citations: list[dict[str, str]]) -> list[dict[str, str]]:
    empty = {"regulation": "", "edition": "", "article": "", "quotation": ""}
    return citations + [empty] * (CITATION_ROWS - len(citations))


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _accepted(line: str) -> list[str]:
    return [text.replace("\\/", "/").strip() for text in _NOT_ESCAPED.split(line) if text.strip()]


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
