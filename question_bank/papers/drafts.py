"""What a blueprint says, as plain values: sections, and the demands inside each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemandDraft:
    """So many items of a section, from a knowledge point with all below it (None: any), of a difficulty ("": any)."""

    count: int
    knowledge_point_id: int | None = None
    difficulty: str = ""


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """One section as an organizer writes it."""

    title: str
    type: str
    demands: tuple[DemandDraft, ...]
    points_hundredths: int
    policy: str

    @property
    def count(self) -> int:
        """How many items the section has."""
        return sum(demand.count for demand in self.demands)

    @property
    def total_hundredths(self) -> int:
        """What the whole section is worth."""
        return self.count * self.points_hundredths
