"""The figures as text. Absolute ones drift with the machine; the ratios of one run are what to trust."""

import math
import os
import statistics
from collections.abc import Sequence

from tests.load.driver import Outcome
from tests.load.sitting import Side
from tests.load.watching import BAR

OPERATIONS = ("sign_in", "start", "page", "ask", "save", "submit")
BARS = {"start": 1.6, "page": 1.5, "save": 1.3, "submit": 1.6}  # against the bare Flask route


def ratio(outcome: Outcome, operation: str) -> float:
    """CPU of one operation against the floor's of the same run; 0 where there is no floor."""
    floor = outcome.floor.cpu_ms(operation) if operation in BARS else 0.0
    return outcome.ours.cpu_ms(operation) / floor if floor else 0.0


def print_run(number: int, outcome: Outcome) -> None:
    """One run's table, its errors, and what the database says."""
    print(f"\nrun {number}: {outcome.durability}")
    print("             requests   p50 ms   p99 ms   CPU-ms | floor: p50 ms   p99 ms   CPU-ms | ours / floor")
    for operation in OPERATIONS:
        left, right = _figures(outcome.ours, operation), _figures(outcome.floor, operation)
        times = f"{ratio(outcome, operation):.2f}" if operation in BARS else ""
        count = len(outcome.ours.record.seconds[operation])
        print(f"  {operation:<10} {count:>8} {left} |       {right} | {times:>6}")
    alone = outcome.alone
    p50, p99 = percentiles(alone.seconds)
    web = outcome.ours.cpu_ms("save")
    print(
        f"  the save statement alone: {len(alone.seconds)} times, p50 {p50:.2f} ms, p99 {p99:.2f} ms, client's CPU "
        f"{alone.cpu_ms:.3f} ms (our save: {web / alone.cpu_ms:.1f} times)"
    )
    if outcome.plan.arriving:
        print(f"  {_beside(outcome)}")
        print(f"  {_hearing(outcome)}")
    print(f"  {_shares(outcome.ours)}")
    for one in outcome.watched:
        print(f"  {one}")
    for what, count in sorted(outcome.errors.items()):
        print(f"  ERROR {count} x {what}")
    found = outcome.findings
    print(
        f"  {found.acknowledged} acknowledged steps, {found.lost} of them lost; without receipt {found.without_receipt}, "
        f"without score {found.without_score}; all scored {found.scored_after:.1f} s after the last hand-in"
    )


def print_summary(outcomes: Sequence[Outcome]) -> None:
    """The median ratio of every operation beside its bar, with the lowest and the highest."""
    print("\nours / floor, web CPU: median (lowest to highest), bar")
    for operation, bar in BARS.items():
        ratios = sorted(ratio(one, operation) for one in outcomes)
        middle = statistics.median(ratios)
        print(f"  {operation:<8} {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})   bar {bar}")


def print_bars(outcomes: Sequence[Outcome]) -> None:
    """Every bar as a row of a table for a page of results: the middle of the runs, the bar, pass or MISS."""
    print("\n| what | measured | bar | |\n|---|---|---|---|")
    for name, measured, bar, unit in _bars(outcomes):
        middle = statistics.median(measured)
        print(f"| {name} | {middle:.2f}{unit} | {bar:g}{unit} | {'pass' if middle <= bar else 'MISS'} |")


def _bars(outcomes: Sequence[Outcome]) -> list[tuple[str, list[float], float, str]]:
    """(what, one figure a run, the most that it may be, unit)."""
    count = outcomes[0].plan.candidates
    rows = [
        (f"{operation}: CPU, ours / bare route", [ratio(one, operation) for one in outcomes], bar, "")
        for operation, bar in BARS.items()
    ]
    rows += [
        (f"all {count} signed in", [one.ours.wall["sign_in"] for one in outcomes], 60.0, " s"),
        (f"all {count} started", [one.ours.wall["start"] for one in outcomes], 60.0, " s"),
        ("p99 of a save", [percentiles(one.ours.record.seconds["save"])[1] for one in outcomes], 100.0, " ms"),
        ("all handed in, from the first on", [one.ours.wall["submit"] for one in outcomes], 6.0, " s"),
        ("all scored, from the last hand-in on", [one.findings.scored_after for one in outcomes], 10.0, " s"),
        ("errors", [float(sum(one.errors.values())) for one in outcomes], 0.0, ""),
        ("acknowledged steps lost", [float(one.findings.lost) for one in outcomes], 0.0, ""),
    ]
    for index, watched in enumerate(outcomes[0].watched):
        if not watched.watchers:
            continue
        name = f"{watched.watchers} watchers, {watched.kind}: of one core"
        rows.append((name, [one.watched[index].percent for one in outcomes], BAR, " %"))
    if outcomes[0].plan.arriving:
        name = f"p99 of a save while {outcomes[0].plan.arriving} others sign in and everybody asks"
        rows.append((name, [percentiles(one.ours.beside.seconds["save"])[1] for one in outcomes], 100.0, " ms"))
        name = "everybody hears of extra time, from the act on"
        rows.append((name, [_last_heard(one) for one in outcomes], 5.0, " s"))
    return rows


def _last_heard(outcome: Outcome) -> float:
    heard = outcome.ours.hearing.heard
    return max(heard) if len(heard) == len(outcome.ours.counted) else math.inf


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p99 in milliseconds; zeros for nothing."""
    if not seconds:
        return 0.0, 0.0
    ordered = sorted(seconds)
    return 1000 * ordered[len(ordered) // 2], 1000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


def _beside(outcome: Outcome) -> str:
    """What everybody waited for while others arrived."""
    told = []
    for operation in ("save", "ask", "bell", "sign_in"):
        seconds = outcome.ours.beside.seconds[operation]
        p50, p99 = percentiles(seconds)
        told.append(f"{operation} {len(seconds)} times, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    return f"while {outcome.plan.arriving} others sign in: {'; '.join(told)}"


def _hearing(outcome: Outcome) -> str:
    """How extra time for everybody was heard of."""
    hearing = outcome.ours.hearing
    heard = sorted(hearing.heard) or [math.inf]
    p50, p99 = percentiles(hearing.record.seconds["save"])
    return (
        f"extra time for everybody: answered {hearing.status} after {hearing.act:.1f} s, heard by {len(hearing.heard)}, "
        f"half of them {heard[len(heard) // 2]:.1f} s after it was asked for, all {heard[-1]:.1f} s; "
        f"saves meanwhile p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    )


def _shares(side: Side) -> str:
    """Who took the processors while everybody handed in: the driver and the database share them with the server."""
    count, wall = len(side.record.seconds["submit"]), side.wall["submit"]
    each = ", ".join(f"{who} {1000 * seconds / max(1, count):.2f}" for who, seconds in side.shares.items())
    cores = sum(side.shares.values()) / wall
    return f"the burst of {count} hand-ins: {wall:.1f} s, CPU-ms each: {each}; {cores:.2f} of {os.cpu_count()} cores"


def _figures(side: Side, operation: str) -> str:
    if operation not in side.cpu:
        return " " * 26
    p50, p99 = percentiles(side.record.seconds[operation])
    return f"{p50:8.1f} {p99:8.1f} {side.cpu_ms(operation):8.2f}"
