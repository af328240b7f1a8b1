"""Which exams use a paper: told by the packages that know, through a list that the composition root fills."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class PaperUse:
    """A session of an exam that has not ended and whose people sit a paper. The title is the neutral one."""

    paper_id: int
    exam_id: int
    title: str
    session: str
    ends_at: datetime


PaperUser = Callable[[Session, list[int]], list[PaperUse]]


def paper_users(app: Flask) -> list[PaperUser]:
    """The application's list."""
    users: list[PaperUser] = app.extensions.setdefault("paper_users", [])
    return users


def uses_of(app: Flask, session: Session, paper_ids: list[int]) -> list[PaperUse]:
    """Everything that uses one of the papers and has not ended."""
    return [use for user in paper_users(app) for use in user(session, paper_ids)] if paper_ids else []
