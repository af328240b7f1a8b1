"""The keys of a whole paper, or of each sitting's own paper of a family: for grading."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from question_bank.keys import Keyed, SlotKey, keyed_versions, keys_of_places
from question_bank.papers.places import Places, places_of
from question_bank.papers.queries import AT_ONCE, paper, versions_of


@dataclass(frozen=True)
class KeyBook:
    """The keys of everything that stands on a paper, or may be drawn for a sitting of it."""

    places: Places
    keyed: Mapping[int, Keyed]

    def of(self, number: int) -> dict[str, SlotKey]:
        """The key of every slot, by slot, of the sitting with this number."""
        return keys_of_places(self.places.of(number), self.keyed)


def key_book(session: Session, paper_id: int) -> KeyBook:
    """Return the keys of a paper or a family. Raises NotFound."""
    found = paper(session, paper_id)
    versions = versions_of(session, found)
    ids = sorted(versions)
    keyed: dict[int, Keyed] = {}
    for start in range(0, len(ids), AT_ONCE):
        keyed |= keyed_versions(session, ids[start : start + AT_ONCE])
    return KeyBook(places_of(session, found, versions), keyed)


def family_keys(session: Session, paper_id: int) -> KeyBook | None:
    """Return the keys of a family; None for a paper that is the same for everybody. Raises NotFound."""
    return key_book(session, paper_id) if paper(session, paper_id).seed_digest else None
