"""A reader that does what hostile files make readers do; run in a bounded process by tests."""

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import IO

from core.archives import MEGABYTE, UnreadableFile
from core.bounded import Bounds, run_bounded


def main(path: str, arguments: list[str], output: IO[bytes]) -> None:
    """Misbehave as the argument says."""
    way = arguments[0]
    if way == "echo":
        output.write(Path(path).read_bytes())
    elif way == "environment":
        output.write(repr(sorted(os.environ)).encode())
    elif way == "loop":
        while True:
            pass
    elif way == "sleep":
        time.sleep(600)
    elif way == "memory":
        output.write(b"x" * 2**31)
    elif way == "depth":
        main(path, ["depth"], output)
    elif way == "output":
        for _ in range(1000):
            output.write(b"x" * 2**20)
    elif way == "crash":
        ctypes.string_at(0)
    elif way == "exit":
        sys.exit(0)
    elif way == "orphan" and os.fork() == 0:
        time.sleep(600)
    elif way == "nested":
        output.write(_nested(path))
    elif way == "fault":
        raise KeyError(Path(path).read_text())


def _nested(path: str) -> bytes:
    generous = Bounds(memory=4000 * MEGABYTE)
    with Path(path).open("rb") as stream:
        try:
            run_bounded("tests.support.misbehaving", stream, ["memory"], generous).close()
        except UnreadableFile:
            return b"refused"
    return b"more than the parent may"
