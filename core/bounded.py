"""Work on files that people bring, in a process of its own with limits of the kernel: whatever is inside, there is an
answer within seconds, and no web worker hangs, grows or dies of it.

The child gets the file by descriptor, an empty environment (no secrets, no database) and a bound on memory, processor
time and what it writes. It runs `main(path, arguments, output)` of one named module; what that writes is the answer.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import structlog

from core.archives import MEGABYTE, UnreadableFile

LARGEST_FILE = 100 * MEGABYTE
INTERNAL_FAULT = 3
_CHILD = Path(__file__).with_name("bounded_child.py")
_TOO_MUCH = "文件过于复杂或已损坏，在限定的时间和内存内无法读完；请拆成几个文件，或用原来的程序打开后另存，再重新导入。"
_OUR_FAULT = "文件里有程序没有料到的内容，没有读取；请用原来的程序另存后重试，仍不行请把文件交给管理员。"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes of address space and of output; seconds of processor time and by the clock."""

    memory: int = 400 * MEGABYTE
    output: int = 250 * MEGABYTE
    seconds: int = 10
    patience: int = 30


def run_bounded(
    module: str, stream: IO[bytes], arguments: Sequence[str], bounds: Bounds, too_much: str = _TOO_MUCH
) -> IO[bytes]:
    """Return what `module.main` writes about an open file, as an open temporary file at its beginning.

    Raises UnreadableFile for a file that is empty, too large, or cannot be worked through within the bounds; then the
    sentence is `too_much`.
    """
    refuse_size(stream)
    # Unnamed on disk: nothing of the answer, keys included, is left behind.
    answer = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        _run(module, stream, arguments, answer, bounds, too_much)
    except BaseException:
        answer.close()
        raise
    answer.seek(0)
    return answer


def opened(source: Path | str | bytes | IO[bytes]) -> IO[bytes]:
    """Return a file, or bytes as an unnamed file, open for reading and with a descriptor. Raises UnreadableFile."""
    if not isinstance(source, Path | str | bytes):
        source.flush()
        return source
    if isinstance(source, bytes):
        # Unnamed on disk: the child opens it by its descriptor, and nothing personal is left behind.
        stream = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
        stream.write(source)
        stream.seek(0)
        return stream
    try:
        return Path(source).open("rb")
    except OSError:
        raise UnreadableFile("文件打不开；请检查文件是否存在、是否有读取权限。") from None


def refuse_size(stream: IO[bytes]) -> None:
    """Raise UnreadableFile for a file that is empty or larger than any that is taken."""
    size = os.fstat(stream.fileno()).st_size
    if size == 0:
        raise UnreadableFile("文件是空的（0 字节）；请检查是否选错了文件或保存未完成。")
    if size > LARGEST_FILE:
        raise UnreadableFile(
            f"文件有 {size / MEGABYTE:.1f} MB，超过上限 {LARGEST_FILE // MEGABYTE} MB；请拆成几个文件分别导入。"
        )


def _run(
    module: str, stream: IO[bytes], arguments: Sequence[str], answer: IO[bytes], bounds: Bounds, too_much: str
) -> None:
    descriptor = stream.fileno()
    order = json.dumps({"module": module, "arguments": list(arguments), "bounds": asdict(bounds)})
    # A fixed program and our own arguments. Isolated, so that neither the working folder nor the environment can slip
    # another module in; a session of its own, so that it ends together with whatever it started.
    process = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", str(_CHILD), f"/dev/fd/{descriptor}", order],
        pass_fds=(descriptor,),
        env={},
        stdin=subprocess.DEVNULL,
        stdout=answer,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _unused, told = process.communicate(timeout=bounds.patience)
    except subprocess.TimeoutExpired:
        told = b""
    finally:
        _end(process)
    if process.returncode == INTERNAL_FAULT:
        log.error("a reader of files failed", module=module, fault=told[-4000:].decode("utf-8", "replace"))
        raise UnreadableFile(_OUR_FAULT)
    if process.returncode:
        raise UnreadableFile(too_much)


def _end(process: subprocess.Popen[bytes]) -> None:
    # Refused where nothing of it is left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
