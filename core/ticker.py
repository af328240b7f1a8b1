"""The one-second ticker: what must happen on time, whoever is watching (closing sittings, sealing the audit log).

Each tick asks first, in a reading transaction, whether there is anything to do; only then does it write. A tick that
fails is logged and tried again a second later; it never stops the others.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from core.clock import Clock
from core.database import transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tick:
    """A named act: ``due`` reads, ``act`` writes. ``at_start`` is done once, before the first tick."""

    name: str
    due: Callable[[Session, Clock], bool]
    act: Callable[[Session, Clock], object]
    at_start: Callable[[Session, Clock], object] | None = None


def ticks_of(app: Flask) -> list[Tick]:
    """The application's ticks, in the order in which they run."""
    ticks: list[Tick] = app.extensions.setdefault("ticks", [])
    return ticks


def begin(app: Flask, clock: Clock) -> None:
    """Do what each tick wants done once when the ticker starts."""
    for tick in ticks_of(app):
        if tick.at_start is None:
            continue
        try:
            with app.app_context(), transaction("write") as session:
                tick.at_start(session, clock)
        except Exception:
            log.exception("what a tick wanted at the start failed", tick=tick.name)


def tick_once(app: Flask, clock: Clock) -> None:
    """Run every tick that is due, each in a transaction of its own."""
    for tick in ticks_of(app):
        try:
            with app.app_context():
                with transaction("read") as session:
                    due = tick.due(session, clock)
                if due:
                    with transaction("write") as session:
                        tick.act(session, clock)
        except Exception:
            log.exception("a tick failed; it is tried again in a second", tick=tick.name)


def run(app: Flask, clock: Clock, stop: threading.Event) -> None:
    """Tick once a second until ``stop`` is set."""
    begin(app, clock)
    while not stop.is_set():
        began = time.monotonic()
        tick_once(app, clock)
        stop.wait(max(0.05, 1 - (time.monotonic() - began)))
