"""Files that people bring, kept between the dry run and the confirmation: encrypted, for their bringer alone, for a day.

Beside a file stands what was found out and decided about it, under names of the caller's; every change keeps the whole
for another day.
"""

import fcntl
import hashlib
import io
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app

from core.clock import clock
from core.encryption import Vault
from core.errors import BadInput
from core.i18n import _

KEPT_FOR = timedelta(hours=24)
_TOKEN = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z]{1,20}")
# Sealed portion by portion, so that a large file is never in memory several times over.
_PORTION = 1024 * 1024
_END = b""


def keep(account_id: int, filename: str, source: bytes | IO[bytes]) -> str:
    """Keep a file for its account and return its token, the SHA-256 of its bytes. Files older than a day go."""
    folder = _folder(account_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _discard_old(folder.parent)
    digest = hashlib.sha256()
    fresh = _written(folder, _portions(json.dumps(filename).encode(), source, digest))
    token = digest.hexdigest()
    fresh.replace(folder / token)
    return token


def take(account_id: int, token: str) -> tuple[str, bytes]:
    """Return the filename and the bytes that ``keep`` was given; they stay until ``discard`` or for a day.

    Raises ``BadInput`` for a token that is unknown, expired or another account's.
    """
    filename, stream = opened(account_id, token)
    with stream:
        return filename, stream.read()


def opened(account_id: int, token: str) -> tuple[str, IO[bytes]]:
    """Return the filename and the bytes as an open file, which the caller closes: a large one is never whole in memory.

    Raises ``BadInput`` as ``take`` does.
    """
    portions = _read(_known(account_id, token))
    name = json.loads(next(portions))
    return name, _as_file(portions)


def filename_of(account_id: int, token: str) -> str:
    """Return the filename that ``keep`` was given. Raises ``BadInput`` as ``take`` does."""
    with _known(account_id, token).open("rb") as stream:
        name: str = json.loads(_vault().open_bytes(next(stream).rstrip()))
        return name


def keep_beside(account_id: int, token: str, name: str, data: bytes | IO[bytes]) -> None:
    """Keep what was found out about a kept file; it and everything beside it stay for another day. Raises ``BadInput``."""
    keep_all_beside(account_id, token, {name: data})


def keep_all_beside(account_id: int, token: str, found: Mapping[str, bytes | IO[bytes]]) -> None:
    """Keep several things beside a kept file, as ``keep_beside`` keeps one."""
    path = _known(account_id, token)
    for name, data in found.items():
        fresh = _written(path.parent, _portions(b"", data, hashlib.sha256()))
        fresh.replace(_beside(path, name))
    instant = clock.now().timestamp()
    for file in path.parent.glob(f"{token}*"):
        os.utime(file, (instant, instant))


def take_beside(account_id: int, token: str, name: str) -> bytes | None:
    """Return what ``keep_beside`` was given, None for nothing. Raises ``BadInput`` as ``take`` does."""
    kept = opened_beside(account_id, token, name)
    if kept is None:
        return None
    with kept:
        return kept.read()


def opened_beside(account_id: int, token: str, name: str) -> IO[bytes] | None:
    """Return the same as an open file, which the caller closes."""
    path = _beside(_known(account_id, token), name)
    return _as_file(_read(path)) if path.is_file() else None


@contextmanager
def alone(account_id: int, token: str) -> Iterator[None]:
    """Be the only request that changes what stands beside a kept file: two windows lose nothing of each other's."""
    path = _known(account_id, token)
    with _beside(path, "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def discard(account_id: int, token: str) -> None:
    """Forget a file whose content has been imported, and what stands beside it."""
    if _TOKEN.fullmatch(token):
        for path in _folder(account_id).glob(f"{token}*"):
            path.unlink(missing_ok=True)


def _portions(head: bytes, source: bytes | IO[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    yield head
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    while portion := stream.read(_PORTION):
        digest.update(portion)
        yield portion
    yield _END


def _written(folder: Path, portions: Iterable[bytes]) -> Path:
    """Write beside, to be renamed: a reader never sees half a file."""
    vault = _vault()
    fresh = folder / f"{secrets.token_hex(16)}.new"
    fresh.touch(mode=0o600)
    try:
        with fresh.open("wb") as stream:
            stream.writelines(vault.seal_bytes(portion) + b"\n" for portion in portions)
        instant = clock.now().timestamp()
        os.utime(fresh, (instant, instant))
    except BaseException:
        fresh.unlink()
        raise
    return fresh


def _read(path: Path) -> Iterator[bytes]:
    vault = _vault()
    with path.open("rb") as stream:
        portion = None
        for line in stream:
            if portion is not None:
                yield portion
            portion = vault.open_bytes(line.rstrip())
    if portion != _END:
        raise ValueError("the kept file ends before its end")


def _as_file(portions: Iterable[bytes]) -> IO[bytes]:
    # Unnamed on disk: nothing legible is left behind.
    stream: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        stream.writelines(portions)
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    return stream


def _known(account_id: int, token: str) -> Path:
    path = _folder(account_id) / token if _TOKEN.fullmatch(token) else None
    if path is None or not path.is_file() or _is_old(path):
        raise BadInput(
            _("上传的文件已过期（只保留 24 小时）或已导入，没有写入任何内容。请重新选择文件上传。"), code="expired"
        )
    return path


def _beside(path: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return path.with_name(f"{path.name}.{name}")


def _folder(account_id: int) -> Path:
    instance: Path = current_app.extensions["settings"].instance
    return instance / "uploads" / str(account_id)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault


def _is_old(path: Path) -> bool:
    kept_at = datetime.fromtimestamp(path.stat().st_mtime, tz=clock.now().tzinfo)
    return clock.now() - kept_at > KEPT_FOR


def _discard_old(folder: Path) -> None:
    for path in folder.glob("*/*"):
        if _is_old(path):
            path.unlink(missing_ok=True)
