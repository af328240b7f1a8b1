"""The staff navigation: each package names its entries, the composition root joins them."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for
from flask_login import current_user

from core.accounts.permissions import Permission


@dataclass(frozen=True)
class Entry:
    """A place in the navigation, shown to those who hold one of its permissions.

    It is marked as the present place on every page of its own blueprint and of those that it names beside.
    """

    label: Any
    endpoint: str
    permissions: frozenset[Permission]
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Link:
    """An entry as a page shows it."""

    label: str
    url: str
    active: bool


def entries_of(app: Flask) -> list[Entry]:
    """The application's entries, in the order in which they are shown."""
    entries: list[Entry] = app.extensions.setdefault("navigation", [])
    return entries


def links(app: Flask) -> list[Link]:
    """The entries that the signed-in account may use."""
    if not current_user.is_authenticated or current_user.actor.kind != "account":
        return []
    allowed = current_user.actor.permissions
    blueprint = request.blueprint
    return [
        Link(str(entry.label), url_for(entry.endpoint), blueprint in {entry.endpoint.split(".")[0], *entry.beside})
        for entry in entries_of(app)
        if entry.permissions & allowed
    ]
