"""``python -m tests.load``: measure the hot path against its floors and prove that nothing was lost. See README.md."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.load.driver import rehearse
from tests.load.report import print_bars, print_run, print_summary
from tests.load.servers import file_limit, machine
from tests.load.sitting import WARMING, Plan


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and report; 1 when there was an error or something is missing."""
    options = _parser().parse_args(arguments)
    plan = Plan(
        options.candidates,
        options.seconds,
        options.every,
        max(1.0, options.candidates / options.rate),
        options.burst,
        options.steps,
        options.watchers,
        options.watch_seconds,
        options.arriving,
        options.arriving_seconds,
        options.stored,
    )
    file_limit(2 * (options.candidates + WARMING) + options.arriving)
    print(f"{options.candidates} candidates, one save of {options.steps} every {options.every:g} s; {machine()}")
    outcomes = []
    for number in range(1, options.runs + 1):
        outcomes.append(rehearse(plan, options.database, options.port, options.folder))
        print_run(number, outcomes[-1])
    print_summary(outcomes)
    print_bars(outcomes)
    return 1 if any(one.errors or not one.findings.whole for one in outcomes) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=30, help="how long everybody saves")
    parser.add_argument("--every", type=float, default=2, help="seconds between two saves of one candidate")
    parser.add_argument("--steps", type=int, default=1, help="answers in one save")
    parser.add_argument("--rate", type=float, default=50, help="sign-ins, starts and page loads a second")
    parser.add_argument("--burst", type=float, default=5, help="seconds over which everybody hands in")
    parser.add_argument("--watchers", type=int, default=50, help="invigilators' pages that poll while everybody saves")
    parser.add_argument("--watch-seconds", type=float, default=30, help="for how long they are counted")
    parser.add_argument("--arriving", type=int, default=0, help="candidates more who sign in while everybody saves")
    parser.add_argument("--arriving-seconds", type=float, default=60, help="over how long they arrive")
    parser.add_argument("--stored", type=int, default=0, help="steps of others that are stored beforehand")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--port", type=int, default=0, help="ours; the floor takes the next one (default: any two)")
    parser.add_argument(
        "--folder", type=Path, help="where to put SQLite's files (default: the folder for temporary files)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
