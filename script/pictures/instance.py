"""The throwaway instance whose pages are photographed: a server, its database, and a way to move time in it."""

import os
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from core.database import Mode, transaction
from core.settings import Settings
from wsgi import create_app

ROOT = Path(__file__).resolve().parents[2]
Answer = TypeVar("Answer")


class Failed(RuntimeError):
    """A scene did not come about."""


class Instance:
    """A running server, and its application in this process for looking up and changing what pictures need.

    The application works in a thread of its own, because the browser's library runs an event loop in the main one.
    """

    def __init__(self, app: Flask, base: str) -> None:
        self.app, self.base = app, base
        self._thread = ThreadPoolExecutor(max_workers=1)

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

        return self.apart(whole)

    def apart(self, act: Callable[[], Answer]) -> Answer:
        """Run something in the application's thread."""
        return self._thread.submit(act).result()

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of a page. Raises BuildError where there is none."""
        return self.base + self.app.url_map.bind("127.0.0.1").build(endpoint, values)

    def eventually(self, holds: Callable[[Session], bool], what: str, within: float = 40) -> None:
        """Wait until something holds in the database; Failed after so many seconds."""
        deadline = time.monotonic() + within
        while not self.read(holds):
            if time.monotonic() > deadline:
                raise Failed(f"not within {within} s: {what}")
            time.sleep(0.3)


@contextmanager
def serving(port: int) -> Iterator[Instance]:
    """A server on a fresh instance with the demonstration; it and the instance are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hengjian-screenshots-") as folder:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("HENGJIAN_")}
        environment.pop("DATABASE_URL", None)
        environment |= {"HENGJIAN_INSTANCE": folder, "HENGJIAN_ORGANISATION": "演示单位"}
        command = [str(ROOT / "script" / "server"), "--port", str(port)]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        base = f"http://127.0.0.1:{port}"
        try:
            _await_health(server, base)
            lines = (Path(folder) / "settings.env").read_text().splitlines()
            secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
            yield Instance(create_app(Settings.from_environment(environment | secrets)), base)
        finally:
            server.terminate()
            server.wait(30)


def _await_health(server: "subprocess.Popen[bytes]", base: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{base}/health", timeout=2).close()  # noqa: S310 (our own loopback address)
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("服务没有启动 / the server did not start") from None
            time.sleep(0.3)
