"""The forms of composing a paper by hand."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, FormField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from core.i18n import _, lazy
from core.web.numbers import id_of
from question_bank.fixed_papers.models import FixedDraft
from question_bank.fixed_papers.rules import HandSection
from question_bank.papers.blueprints import MOST_ITEMS, MOST_SECTIONS
from question_bank.papers.forms import TYPES, MarkedSectionForm
from question_bank.papers.rules import plain_points

MOST_VERSIONS_TEXT = 20 * MOST_ITEMS  # ids of at most 19 digits, with a space each


class HandSectionForm(MarkedSectionForm):
    """One section; ``versions`` carries its items' version ids in order, with spaces between."""

    versions = HiddenField(validators=[Length(max=MOST_VERSIONS_TEXT)])

    def validate_points(self, field: StringField) -> None:
        """A plain number above zero with at most two decimals, or nothing yet."""
        if (field.data or "").strip():
            self.check_points(_("每题分值应大于 0、不超过 100，最多两位小数；暂时不定就留空。"))

    def section(self) -> HandSection:
        """Return what was written; what cannot be read counts for nothing."""
        kind = TYPES.get(self.type.data) or next(iter(TYPES.values()))
        return HandSection(
            (self.title.data or "").strip(),
            kind.name,
            self.worth,
            self.policy_name,
            tuple(number for word in (self.versions.data or "").split()[: MOST_ITEMS + 1] if (number := id_of(word))),
        )


class NewDraftForm(FlaskForm):  # type: ignore[misc]
    """What a paper is called, and whether it is a demonstration."""

    title = StringField(
        lazy("试卷标题"),
        [DataRequired(lazy("请填写试卷标题。")), Length(max=200, message=lazy("标题最多 200 个字。"))],
        description=lazy("考生会看到这个标题，请用中性的名称，例如“素质能力测试”。"),
    )
    demonstration = BooleanField(
        lazy("演示卷"),
        description=lazy("可以使用演示试题和依据未核对的试题；试卷处处标明“演示”，不能用于正式考试。"),
    )


class DraftForm(NewDraftForm):
    """A whole draft; ``revision`` is the one that was opened."""

    revision = HiddenField()
    sections = FieldList(FormField(HandSectionForm), max_entries=MOST_SECTIONS)

    def drafts(self) -> list[HandSection]:
        """Return the sections in order."""
        return [entry.form.section() for entry in self.sections]


def values_of(draft: FixedDraft, sections: Sequence[HandSection]) -> dict[str, Any]:
    """Return a draft as the form's data."""
    return {
        "title": draft.title,
        "demonstration": draft.demonstration,
        "revision": str(draft.revision),
        "sections": [
            {
                "title": section.title,
                "type": section.type,
                "points": plain_points(section.points_hundredths) if section.points_hundredths else "",
                "policy": f"{section.type}:{section.policy}",
                "versions": " ".join(map(str, section.versions)),
            }
            for section in sections
        ],
    }
