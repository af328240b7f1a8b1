"""Finding the records that citations name, and making those that are not there yet."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock
from question_bank.sources.models import Regulation, RegulationArticle, RegulationEdition

Place = tuple[str, str, str]  # regulation, edition, article as a citation writes them
Row = TypeVar("Row", Regulation, RegulationEdition, RegulationArticle)


def plain_name(name: str) -> str:
    """The name of a regulation without the marks of a title and the space around it."""
    return name.strip().removeprefix("《").removesuffix("》").strip()


def articles_of(session: Session, actor: Actor, clock: Clock, places: Iterable[Place]) -> dict[Place, int]:
    """Return the article's id for every place; regulations, editions (in force) and articles that are new are recorded."""
    found: dict[Place, int] = {}
    for place in dict.fromkeys(places):
        name, label, article = plain_name(place[0]), place[1].strip(), place[2].strip()
        edition = edition_of(session, actor, clock, name, label)
        found[place] = _one(
            session,
            select(RegulationArticle).where(
                RegulationArticle.edition_id == edition.id, RegulationArticle.label == article
            ),
            lambda: RegulationArticle(edition_id=edition.id, label=article, text=""),  # noqa: B023 (called at once)
        ).id
    return found


def edition_of(session: Session, actor: Actor, clock: Clock, name: str, label: str) -> RegulationEdition:
    """Return the edition of a regulation, recorded now if it is new."""
    now = clock.now()
    regulation = _one(
        session,
        select(Regulation).where(Regulation.name == name),
        lambda: Regulation(name=name, created_by=actor.id, created_at=now),
    )
    return _one(
        session,
        select(RegulationEdition).where(
            RegulationEdition.regulation_id == regulation.id, RegulationEdition.label == label
        ),
        lambda: RegulationEdition(
            regulation_id=regulation.id, label=label, state="in_force", reason="", created_by=actor.id, created_at=now
        ),
    )


def _one(session: Session, wanted: Any, make: Callable[[], Row]) -> Row:
    found: Row | None = session.scalar(wanted)
    if found is not None:
        return found
    fresh = make()
    try:
        with session.begin_nested():
            session.add(fresh)
    except IntegrityError:
        # Somebody else recorded it at the same moment.
        existing: Row = session.scalars(wanted).one()
        return existing
    return fresh
