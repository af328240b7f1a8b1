"""What the bank holds for a blueprint that is being written: beside every cell, and for all demands together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import _
from core.web.application import marks
from question_bank.items.words import TYPES
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.forms import COLUMNS, BlueprintForm, SectionForm
from question_bank.papers.queries import Availability, Holdings


@dataclass(frozen=True, slots=True)
class Checked:
    """``cells``: by the id of the field; ``conflicts``: what the bank lacks, a sentence each."""

    cells: Mapping[str, Availability]
    short: frozenset[str]
    items: int
    total_hundredths: int
    conflicts: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The totals in one sentence."""
        return str(_("共 %(count)s 题，总分 %(total)s 分", count=self.items, total=marks(self.total_hundredths)))

    def as_json(self) -> dict[str, Any]:
        """What the page's script puts beside the fields."""
        return {
            "cells": {
                name: {"text": held_words(held), "short": name in self.short} for name, held in self.cells.items()
            },
            "total": self.sentence,
            "conflicts": list(self.conflicts),
        }


def held_words(held: Availability) -> str:
    """有 12 题: below a cell; what only a demonstration paper may use is told apart."""
    if held.demonstration > held.real:
        return str(_("有 %(held)s 题（另 %(more)s 题仅供演示）", held=held.real, more=held.demonstration - held.real))
    return str(_("有 %(held)s 题", held=held.real))


def check(form: BlueprintForm, holdings: Holdings, points: Mapping[int, str]) -> Checked:
    """Look at a form as it stands, half-filled or faulty; what cannot be read counts for nothing."""
    used = [section for section in form.used() if section.type.data in TYPES]
    cells = {name: held for section in used for name, held in _cells(section, holdings)}
    asked = {name: demand.count for section in used for name, demand in section.cells()}
    drafts = [section.lenient() for section in used]
    return Checked(
        cells=cells,
        short=frozenset(name for name, count in asked.items() if count > cells[name].real),
        items=sum(draft.count for draft in drafts),
        total_hundredths=sum(draft.total_hundredths for draft in drafts),
        conflicts=conflicts(holdings, drafts, points),
    )


def conflicts(holdings: Holdings, drafts: list[SectionDraft], points: Mapping[int, str]) -> tuple[str, ...]:
    """What the bank lacks for a real paper, a sentence each; empty when a paper can be drawn."""
    return tuple(f"{shortfall}。" for shortfall in holdings.shortfalls(drafts, points))


def _cells(section: SectionForm, holdings: Holdings) -> list[tuple[str, Availability]]:
    points = section.lenient().points_hundredths
    return [
        (row.form[name].id, holdings.of(section.type.data, DemandDraft(0, row.form.point_id, difficulty), points))
        for row in section.rows
        for name, difficulty in COLUMNS.items()
    ]
