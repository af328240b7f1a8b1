"""Command line of the processes beside the web server: ``jobs work``, in one or two lanes, and ``ticker run``."""

import signal
import threading
from types import FrameType
from typing import get_args

import click
from flask import Flask, current_app

from core import ticker
from core.cli import Group
from core.clock import clock
from core.jobs import worker

jobs_group = Group("jobs", help="后台任务")
ticker_group = Group("ticker", help="一秒钟时钟")


def _application() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    return stop


@jobs_group.command("work")
@click.option("--lane", type=click.Choice(get_args(worker.Lane)), default="all", help="只做急件、只做其余，或都做")
def work(lane: worker.Lane) -> None:
    """Run background jobs until asked to stop; the job at hand is finished first."""
    worker.work(_application(), clock, _stopped_by_signals(), lane)


@ticker_group.command("run")
def run() -> None:
    """Tick once a second until asked to stop."""
    ticker.run(_application(), clock, _stopped_by_signals())
