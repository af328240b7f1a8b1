"""The sections of a paper composed by hand, and moving items in them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class HandSection:
    """One section: its items by version id in order. ``points_hundredths`` 0: none stated yet; ``title`` may be empty."""

    title: str
    type: str
    points_hundredths: int
    policy: str
    versions: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a draft keeps it."""
        return {
            "title": self.title,
            "type": self.type,
            "points": self.points_hundredths,
            "policy": self.policy,
            "versions": list(self.versions),
        }


def section_of(stored: Mapping[str, Any]) -> HandSection:
    """Return a section from the form in which a draft keeps it."""
    return HandSection(stored["title"], stored["type"], stored["points"], stored["policy"], tuple(stored["versions"]))


def moved(section: HandSection, place: int, by: int) -> HandSection:
    """Return the section with the item at ``place`` (from 0) moved; unchanged where that leads out of it."""
    there = place + by
    if not (0 <= place < len(section.versions) and 0 <= there < len(section.versions)):
        return section
    order = list(section.versions)
    order.insert(there, order.pop(place))
    return replace(section, versions=tuple(order))


def without(section: HandSection, place: int) -> HandSection:
    """Return the section without the item at ``place`` (from 0)."""
    return replace(section, versions=section.versions[:place] + section.versions[place + 1 :])


def extended(sections: Sequence[HandSection], number: int, versions: Sequence[int]) -> list[HandSection]:
    """Return the sections with more items at the end of the one at ``number`` (from 0)."""
    return [
        replace(section, versions=(*section.versions, *versions)) if position == number else section
        for position, section in enumerate(sections)
    ]
