"""A real installation for browser tests: its own folder, secrets and database, and the processes that core starts.

Nothing is replaced: web server, job worker and ticker run under the supervisor on the machine's clock, as
``script/server`` starts them. The test looks into the same database through an application of its own.
"""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from core.database import Mode, db, transaction
from core.settings import Settings
from wsgi import create_app

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "HENGJIAN_SECRET_KEY": "story-secret-key-story-secret-key-story",
    "HENGJIAN_TICKET_SECRET": "story-ticket-secret-story-ticket-secret",
    "HENGJIAN_DATA_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
Answer = TypeVar("Answer")


class Server:
    """A running installation. ``read`` and ``write`` look into its database; ``manage`` is its command line.

    The application works in a thread of its own, because Playwright runs an event loop in the main one.
    """

    def __init__(self, base: str, environment: dict[str, str]) -> None:
        self.base, self.environment = base, environment
        self._thread = ThreadPoolExecutor(max_workers=1)
        self.app: Flask = self._thread.submit(create_app, Settings.from_environment(environment)).result()

    def read(self, act: Callable[[Session], Answer]) -> Answer:
        """What ``act`` finds in a reading transaction."""
        return self._in_transaction("read", act)

    def write(self, act: Callable[[Session], Answer]) -> Answer:
        """Let ``act`` change the database in one transaction."""
        return self._in_transaction("write", act)

    def _in_transaction(self, mode: Mode, act: Callable[[Session], Answer]) -> Answer:
        def whole() -> Answer:
            with self.app.app_context(), transaction(mode) as session:
                return act(session)

        return self._thread.submit(whole).result()

    def build(self, make: Callable[[Flask], Answer]) -> Answer:
        """What ``make`` makes with the application, in its thread."""
        return self._thread.submit(make, self.app).result()

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command as ``script/manage`` does; the caller looks at its code and its output."""
        return subprocess.run(_flask(*arguments), env=self.environment, cwd=ROOT, capture_output=True, text=True)

    def close(self) -> None:
        """Let go of the database."""

        def dispose() -> None:
            with self.app.app_context():
                for engine in db.engines.values():
                    engine.dispose()

        self._thread.submit(dispose).result()
        self._thread.shutdown()


@contextmanager
def running_server(folder: Path, database_url: str = "", *, https: bool = False) -> Iterator[Server]:
    """Serve an empty installation in the folder until the end of the block.

    Args:
        folder: becomes the instance folder; what the processes say is in ``server.log`` there.
        database_url: by default SQLite in the folder.
        https: with a certificate of its own authority, as a hall without a proxy.

    Raises:
        RuntimeError: the server did not come up, or left something on its log that is a fault.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HENGJIAN_")}
    environment |= SECRETS | {"HENGJIAN_INSTANCE": str(folder), "HENGJIAN_ORGANISATION": "滨江市委组织部"}
    environment["DATABASE_URL"] = database_url
    subprocess.run(_flask("db", "upgrade"), env=environment, cwd=ROOT, check=True, capture_output=True)
    port = _free_port()
    base, log = f"{'https' if https else 'http'}://127.0.0.1:{port}", folder / "server.log"
    command = [sys.executable, "-m", "core.supervisor", "--port", str(port)]
    if https:
        subprocess.run(_flask("tls", "make"), env=environment, cwd=ROOT, check=True, capture_output=True)
        command.append("--https")
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        _await_health(process, base, log, folder / "tls" / "authority.crt" if https else None)
        server = Server(base, environment)
        yield server
        server.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    said = log.read_text()
    if "Traceback" in said:
        raise RuntimeError(f"The server failed somewhere:\n{said}")


def _flask(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def _await_health(process: "subprocess.Popen[bytes]", base: str, log: Path, authority: Path | None) -> None:
    trust = ssl.create_default_context(cafile=authority) if authority else None
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{base}/health", timeout=2, context=trust).close()  # noqa: S310 (our own loopback address)
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
