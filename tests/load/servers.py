"""The servers of a run: ours as ``script/server`` runs it, the floor under the same flags; and what they cost."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.supervisor import REPOSITORY, children_of_an_installation

HOST = "127.0.0.1"


@contextmanager
def serving(environment: Mapping[str, str], port: int, *, floor: bool = False) -> Iterator[int]:
    """Run a server until the block ends; gives the process id of its granian. Its messages go to ``server.log``."""
    instance = Path(environment["HENGJIAN_INSTANCE"])
    if floor:
        web = children_of_an_installation(HOST, port, environment.get("DATABASE_URL", ""), instance)[0]
        command = ["tests.load.floor:create_app" if word == "wsgi:create_app" else word for word in web.command]
    else:
        command = [sys.executable, "-m", "core.supervisor", "--host", HOST, "--port", str(port)]
    log = instance / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _await(process, port, log)
        yield _granian(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        port: int = trial.getsockname()[1]
    return port


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once:\n{log.read_text()}")
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server does not answer:\n{log.read_text()}")


def _granian(root: int) -> int:
    """The server's main process: the first of the family whose command line names granian."""
    for pid in family(root):
        with contextlib.suppress(OSError):
            if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    raise RuntimeError("there is no granian among the server's processes")


def parent_of(pid: int) -> int:
    """The parent of a process. Raises OSError where there is no such process."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def family(root: int) -> list[int]:
    """A process and its descendants, parents first."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = parent_of(int(entry.name))
    family = [root]
    for member in family:
        family += [pid for pid, parent in parents.items() if parent == member]
    return family


def cpu_seconds(root: int) -> float:
    """CPU time, user and system, that a server's processes have taken so far.

    By their CPU clocks: the same time as utime + stime of /proc/<pid>/stat, in nanoseconds instead of hundredths.
    """
    total = 0.0
    for pid in family(root):
        with contextlib.suppress(OSError):
            total += time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3): CPUCLOCK_SCHED of a process
    return total


def cpu_shares(web: int, helpers: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds so far by who took them: the web processes, each family of helpers without them, and this driver."""
    web_seconds = cpu_seconds(web)
    shares = {"web": web_seconds, "driver": time.process_time()}
    for name, root in helpers.items():
        shares[name] = cpu_seconds(root) - (web_seconds if web in family(root) else 0.0)
    return shares


def file_limit(connections: int) -> None:
    """Allow this process (and the servers that it starts) so many connections."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < connections + 200:
        raise SystemExit(f"{connections} connections need more open files than this account may have ({hard})")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def machine() -> str:
    """One line about where the figures come from."""
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} cores, load {load}, Python {sys.version.split()[0]}"
