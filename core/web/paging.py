"""Pages of a long list: the count is always known, filters stay in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")
PER_PAGE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page: its rows, its number from 1, how many pages and rows there are in all."""

    rows: Sequence[Row]
    page: int
    pages: int
    total: int
    per_page: int = PER_PAGE


def paginate(
    session: Session, statement: Select[Any], page: int, per_page: int = PER_PAGE, total: int | None = None
) -> Page[Any]:
    """The page of an ORM select of single entities; a page beyond the end is the last one. ``total`` where it is known."""
    if total is None:
        total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    pages = max(1, -(-total // per_page))
    page = min(max(1, page), pages)
    # Nothing found has no page to be looked for once more.
    rows = session.scalars(statement.limit(per_page).offset((page - 1) * per_page)).unique().all() if total else []
    return Page(rows, page, pages, total, per_page)


def requested_page() -> int:
    """The page number of this request, 1 unless a sensible one is asked for."""
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def page_url(**changes: Any) -> str:
    """This request's address with some query arguments changed; None removes one."""
    arguments: dict[str, Any] = request.args.to_dict() | changes
    kept = {name: value for name, value in arguments.items() if value not in (None, "")}
    path = f"{request.script_root}{request.path}"
    return f"{path}?{urlencode(kept)}" if kept else path
