"""Runs the processes of one installation side by side: web, job worker, ticker.

A child that ends is started again after a pause that doubles from one second to half a minute, and the others go on
meanwhile. Each child leads a process group of its own: when it ends, what it left behind is ended too, so that a
worker of a killed server never holds on to the port. When the supervisor is told to stop, all are asked to finish and,
after a while, made to; when it is killed outright, the kernel asks the children for it.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

REPOSITORY = Path(__file__).resolve().parent.parent
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # prctl(2)
AUTOGROUP = Path("/proc/self/autogroup")  # sched(7)


@dataclass(frozen=True)
class Child:
    """A process to keep running: its name for people, its command, and how much it yields to the others (nice)."""

    name: str
    command: tuple[str, ...]
    niceness: int = 0


@dataclass(frozen=True)
class Patience:
    """Times in seconds."""

    first_pause: float = 1.0  # before a child that ended is started again; doubled each time
    longest_pause: float = 30.0
    healthy_after: float = 60.0  # a child that ran this long begins again with the first pause
    farewell: float = 15.0  # between the request to finish and the end by force


@dataclass
class _Post:
    """One child's place: its process while it runs, when to start the next one while it does not."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = field(default=0.0)


class Supervisor:
    """Keeps children running until a stop signal comes; ``run`` returns when all are gone."""

    def __init__(
        self,
        children: Sequence[Child],
        patience: Patience = Patience(),
        ready: Callable[[], bool] | None = None,
    ) -> None:
        """``ready`` is asked five times a second until it answers True."""
        self._posts = [_Post(child) for child in children]
        self._patience = patience
        self._ready = ready
        self._stopping = False

    def run(self) -> None:
        """Start the children and watch them; needs the main thread, because it handles signals."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, _ignore)
        try:
            while not self._stopping:
                self._bury()
                self._start_those_due()
                if self._ready and self._ready():
                    self._ready = None
                _wait(reading, self._seconds_to_wait())
        finally:
            self._dismiss(reading)
            signal.set_wakeup_fd(-1)
            os.close(reading)
            os.close(writing)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _seconds_to_wait(self) -> float:
        now = time.monotonic()
        waits = [post.due - now for post in self._posts if post.process is None]
        return max(0.0, min([*waits, 0.2 if self._ready else 60.0]))

    def _start_those_due(self) -> None:
        for post in self._posts:
            if post.process is None and time.monotonic() >= post.due:
                post.started = time.monotonic()
                post.process = _spawn(post.child)

    def _bury(self) -> None:
        """Notice children that ended, end what they left behind and set the time of their return."""
        for post in self._posts:
            if post.process is None or not _has_ended(post.process):
                continue
            code = _bury_group(post.process)
            post.process = None
            if self._stopping:
                continue
            now = time.monotonic()
            healthy = now - post.started >= self._patience.healthy_after
            first, longest = self._patience.first_pause, self._patience.longest_pause
            post.pause = first if healthy or not post.pause else min(post.pause * 2, longest)
            post.due = now + post.pause
            _say(
                f"{post.child.name} 已退出（{code}），{post.pause:g} 秒后重新启动"
                f" / {post.child.name} ended ({code}), starting again in {post.pause:g} s"
            )

    def _dismiss(self, reading: int) -> None:
        """Ask all children to finish; end by force whatever is left after the farewell."""
        self._stopping = True
        deadline = time.monotonic() + self._patience.farewell
        for post in self._posts:
            if post.process is not None:
                # Not terminate(): that would collect the status of one that has just ended.
                os.kill(post.process.pid, signal.SIGTERM)
        while any(post.process for post in self._posts) and (left := deadline - time.monotonic()) > 0:
            _wait(reading, min(left, 1.0))
            self._bury()
        for post in self._posts:
            if post.process is not None:
                _bury_group(post.process)


def _spawn(child: Child) -> subprocess.Popen[bytes]:
    supervisor = os.getpid()
    libc = ctypes.CDLL(None)

    def in_the_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:  # it died before the line above
            os._exit(1)
        if child.niceness:
            _yield_to_others(child.niceness)

    return subprocess.Popen(child.command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=in_the_child)


def _yield_to_others(niceness: int) -> None:
    """Make this process nice, and its session as well: Linux may share the processors among sessions first."""
    os.nice(niceness)
    for _ in range(5):
        try:
            AUTOGROUP.write_text(str(niceness))
        except BlockingIOError:  # one such change every tenth of a second
            time.sleep(0.1)
        except OSError:  # a kernel without it
            return
        else:
            return


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Look without collecting the status: until it is collected, no other group can get this number."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _bury_group(process: subprocess.Popen[bytes]) -> int:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _wait(reading: int, seconds: float) -> None:
    """Until a signal comes or the time is over."""
    if select.select([reading], [], [], seconds)[0]:
        with contextlib.suppress(BlockingIOError):
            os.read(reading, 4096)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """A handler that does nothing still wakes the loop, which an ignored signal would not."""


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def children_of_an_installation(
    host: str, port: int, database_url: str, instance: Path, tls: tuple[str, ...] = ()
) -> list[Child]:
    """The four processes that ``script/server`` runs. SQLite has one writer process, PostgreSQL serves two workers.

    ``tls``: certificate and key; none for plain HTTP.
    """
    workers = "2" if database_url.startswith("postgres") else "1"
    flask = (sys.executable, "-m", "flask", "--app", "wsgi")
    web = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "wsgi:create_app"),
        *("--host", host, "--port", str(port), "--workers", workers, "--blocking-threads", "4"),
        # The defaults stop the server when one worker dies, and stall at about a thousand connections.
        *("--respawn-failed-workers", "--backlog", "8192", "--backpressure", "4096"),
        *("--workers-kill-timeout", "10", "--no-ws", "--log-level", "warning"),
        *_handing_out_bells(instance / "bells"),
        # Chromium 90 on old desktops may sit behind a box that knows TLS 1.2 only.
        *(("--ssl-certificate", tls[0], "--ssl-keyfile", tls[1], "--ssl-protocol-min", "tls1.2") if tls else ()),
    )
    return [
        Child("web", web),
        Child("scoring", (*flask, "jobs", "work", "--lane", "urgent"), niceness=5),
        Child("jobs", (*flask, "jobs", "work", "--lane", "others"), niceness=10),
        Child("ticker", (*flask, "ticker", "run")),
    ]


def _handing_out_bells(folder: Path) -> tuple[str, ...]:
    """What thousands of pages look at every few seconds never reaches the application (exam/sittings/bells.py).

    A folder that cannot be used would keep the web server from starting: then the application is asked after all.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        next(folder.iterdir(), None)
    except OSError as problem:
        _say(
            f"{folder} 无法使用（{problem.strerror}），考生页面会晚几秒知道加时和暂停"
            f" / cannot be used, candidates' pages hear of extra time and pauses some seconds later"
        )
        return ()
    return ("--static-path-route", "/bells", "--static-path-mount", str(folder), "--static-path-expires", "0")


def raise_file_limit() -> None:
    """Thousands of connections are thousands of open files: take all that this account may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _can_bind(host: str, port: int) -> str:
    """Why the address cannot be served; empty when it can."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as problem:
        return problem.strerror or str(problem)
    return ""


def _tls_of(environ: MutableMapping[str, str], https: bool) -> tuple[str, ...]:
    """Certificate and key, as the settings name them or, with ``--https``, as ``tls make`` left them; none otherwise.

    What is found is put into the environment, where the web process reads it. Raises ``FileNotFoundError``.
    """
    folder = _instance(environ) / "tls"
    names = {"HENGJIAN_TLS_CERTIFICATE": "server.pem", "HENGJIAN_TLS_KEY": "server-key.pem"}
    if https:
        for name, file in names.items():
            environ[name] = environ.get(name) or str(folder / file)
    found = tuple(environ[name] for name in names if environ.get(name))
    for path in found:
        if not Path(path).is_file():
            raise FileNotFoundError(path)
    return found if len(found) == len(names) else ()


def _instance(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HENGJIAN_INSTANCE") or REPOSITORY / "instance")


def _announcer(host: str, port: int, scheme: str) -> Callable[[], bool]:
    """Tells the address as soon as the server answers there."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    bracketed = f"[{shown}]" if ":" in shown else shown

    def announce() -> bool:
        try:
            socket.create_connection((shown, port), timeout=0.2).close()
        except OSError:
            return False
        _say(f"服务已就绪 / ready: {scheme}://{bracketed}:{port}/   （Ctrl-C 停止 / stops）")
        return True

    return announce


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve this installation until told to stop; 1 when the address cannot be served."""
    parser = argparse.ArgumentParser(prog="script/server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--https", action="store_true")
    options = parser.parse_args(arguments)
    try:
        tls = _tls_of(os.environ, options.https)
    except FileNotFoundError as problem:
        _say(
            f"没有证书文件 {problem}，没有启动。请先运行 script/manage tls make"
            f" / there is no certificate {problem}; run script/manage tls make first"
        )
        return 1
    why = _can_bind(options.host, options.port)
    if why:
        _say(
            f"无法在 {options.host}:{options.port} 提供服务（{why}），请用 --host 或 --port 换一个地址"
            f" / cannot serve there, choose another address with --host or --port"
        )
        return 1
    raise_file_limit()
    os.chdir(REPOSITORY)
    database_url = os.environ.get("DATABASE_URL", "")
    children = children_of_an_installation(options.host, options.port, database_url, _instance(os.environ), tls)
    announcer = _announcer(options.host, options.port, "https" if tls else "http")
    Supervisor(children, ready=announcer).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
