"""The supervisor, with real processes: what dies comes back, what is told to stop is gone."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.supervisor import AUTOGROUP, Child, _spawn, children_of_an_installation

REPOSITORY = Path(__file__).resolve().parents[2]
# Each start of a child is one line "pid" in the file named as the child.
PROLOGUE = "import os, pathlib, signal, subprocess, sys, time; pathlib.Path(sys.argv[1]).open('a').write(f'{os.getpid()}\\n')\n"
SLEEPER = PROLOGUE + "time.sleep(600)"
BROKEN = PROLOGUE + "sys.exit(3)"
STUBBORN = PROLOGUE.replace("; pathlib", "; signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib") + "time.sleep(600)"
# Like a web server: the leader's own worker is a process of its own.
WITH_WORKER = (
    PROLOGUE
    + "worker = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    + "pathlib.Path(sys.argv[1] + '-worker').open('a').write(f'{worker.pid}\\n')\n"
    + "time.sleep(600)"
)


def eventually(condition: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait for a condition; fail with a sentence when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether the process runs; a dead one that nobody collected yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@dataclass
class Running:
    """A supervisor in a process of its own."""

    process: subprocess.Popen[str]
    folder: Path

    def starts(self, name: str) -> list[int]:
        """The process ids under which the child was started, oldest first."""
        path = self.folder / name
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    def started(self, name: str, times: int = 1) -> int:
        """Wait for the child's n-th start; its process id."""
        eventually(lambda: len(self.starts(name)) >= times, f"start {times} of {name}")
        return self.starts(name)[times - 1]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> str:
        """Send the signal, wait for the end, return what was printed."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=30)[1]


Supervise = Callable[..., Running]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Start a supervisor over children given as name=source, with patience given as a source expression."""
    runs: list[Running] = []

    def start(patience: str = "Patience(first_pause=0.05)", **children: str) -> Running:
        lines = [
            f"Child({name!r}, ({sys.executable!r}, '-c', {source!r}, {str(tmp_path / name)!r})),"
            for name, source in children.items()
        ]
        program = textwrap.dedent(
            f"""
            from core.supervisor import Child, Patience, Supervisor
            Supervisor([{"".join(lines)}], {patience}).run()
            """
        )
        process = subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)
        runs.append(Running(process, tmp_path))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.stop()
        assert run.process.stderr is not None
        run.process.stderr.close()


def test_a_killed_child_comes_back_and_the_others_never_notice(supervise: Supervise) -> None:
    run = supervise(web=SLEEPER, ticker=SLEEPER)
    ticker = run.started("ticker")
    os.kill(run.started("web"), signal.SIGKILL)
    assert alive(run.started("web", times=2))
    assert alive(ticker)
    assert run.starts("ticker") == [ticker]
    assert "web ended (-9)" in run.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_signal_ends_every_child_and_the_supervisor_itself(supervise: Supervise, number: signal.Signals) -> None:
    run = supervise(web=SLEEPER, ticker=SLEEPER)
    pids = [run.started("web"), run.started("ticker")]
    said = run.stop(number)
    assert run.process.returncode == 0
    assert said == ""
    assert not any(alive(pid) for pid in pids)


def test_a_child_that_dies_at_the_moment_of_stopping_does_not_disturb_the_stop(supervise: Supervise) -> None:
    run = supervise(web=SLEEPER, ticker=SLEEPER)
    web, ticker = run.started("web"), run.started("ticker")
    run.process.send_signal(signal.SIGSTOP)  # so that it learns of both at once
    os.kill(web, signal.SIGKILL)
    eventually(lambda: not alive(web), "the end of the child")
    run.process.send_signal(signal.SIGTERM)
    said = run.stop(signal.SIGCONT)
    assert (run.process.returncode, said) == (0, "")
    assert not alive(ticker)


def test_a_child_that_will_not_finish_is_ended_by_force(supervise: Supervise) -> None:
    run = supervise("Patience(farewell=0.3)", web=STUBBORN)
    pid = run.started("web")
    run.stop()
    assert not alive(pid)


def test_a_killed_child_leaves_no_worker_behind(supervise: Supervise) -> None:
    run = supervise(web=WITH_WORKER)
    leader, worker = run.started("web"), run.started("web-worker")
    os.kill(leader, signal.SIGKILL)
    run.started("web", times=2)
    eventually(lambda: not alive(worker), "the end of the dead leader's worker")


def test_stopping_ends_the_workers_of_the_children_too(supervise: Supervise) -> None:
    run = supervise(web=WITH_WORKER)
    worker = run.started("web-worker")
    run.stop()
    eventually(lambda: not alive(worker), "the end of the worker")


def test_a_child_that_keeps_failing_is_started_at_growing_intervals_up_to_the_longest(supervise: Supervise) -> None:
    run = supervise("Patience(first_pause=0.05, longest_pause=0.2)", web=BROKEN, ticker=SLEEPER)
    ticker = run.started("ticker")
    run.started("web", times=6)
    pauses = [line.rpartition(" in ")[2] for line in run.stop().splitlines()]
    assert pauses[:5] == ["0.05 s", "0.1 s", "0.2 s", "0.2 s", "0.2 s"]
    assert run.starts("ticker") == [ticker]


def test_a_child_that_ran_well_begins_again_with_the_first_pause(supervise: Supervise) -> None:
    run = supervise("Patience(first_pause=0.05, healthy_after=0.0)", web=BROKEN)
    run.started("web", times=4)
    pauses = [line.rpartition(" in ")[2] for line in run.stop().splitlines()]
    assert set(pauses) == {"0.05 s"}


def test_no_child_outlives_a_supervisor_that_was_killed(supervise: Supervise) -> None:
    run = supervise(web=SLEEPER)
    pid = run.started("web")
    run.process.kill()
    run.process.wait()
    eventually(lambda: not alive(pid), "the end of the orphan")


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not share the processors among sessions")
def test_what_yields_to_the_others_does_so_as_a_session_too(tmp_path: Path) -> None:
    tell = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(f'{os.nice(0)} ' + pathlib.Path(sys.argv[2]).read_text())"
    for niceness in (3, 4):  # at once after each other, as the server starts them
        told = tmp_path / str(niceness)
        child = Child("tell", (sys.executable, "-c", tell, str(told), str(AUTOGROUP)), niceness)
        assert _spawn(child).wait(60) == 0
        own, _group, *group_nice = told.read_text().split()
        assert (int(own), group_nice) == (min(19, os.nice(0) + niceness), ["nice", str(niceness)])


def web_command(instance: Path) -> tuple[str, ...]:
    return children_of_an_installation("127.0.0.1", 8000, "", instance)[0].command


def test_the_web_server_hands_out_the_bells_by_itself(tmp_path: Path) -> None:
    command = web_command(tmp_path / "instance")
    assert command[command.index("--static-path-mount") + 1] == str(tmp_path / "instance" / "bells")
    assert (tmp_path / "instance" / "bells").is_dir()


@pytest.mark.parametrize("broken", ["a file in its place", "no folder above it"])
def test_the_web_server_starts_where_the_bells_can_have_no_folder(
    tmp_path: Path, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    instance = tmp_path if broken == "a file in its place" else Path("/proc/instance")
    if instance == tmp_path:
        (tmp_path / "bells").touch()
    assert "--static-path-mount" not in web_command(instance)
    assert str(instance / "bells") in capsys.readouterr().err


def test_an_address_in_use_is_refused_with_a_way_out() -> None:
    holder = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    port = holder.stdout.readline().strip()
    refused = subprocess.run(
        [sys.executable, "-m", "core.supervisor", "--port", port],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    holder.communicate("\n")
    assert refused.returncode == 1
    assert "--port" in refused.stderr
    assert port in refused.stderr
