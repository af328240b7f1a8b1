"""Files that people bring, kept between the dry run and the confirmation: encrypted, for their bringer alone, for a day."""

import base64
import hashlib
import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from core.clock import clock
from core.encryption import Vault
from core.errors import BadInput
from core.i18n import _

KEPT_FOR = timedelta(hours=24)
_TOKEN = re.compile(r"[0-9a-f]{64}")


def keep(account_id: int, filename: str, data: bytes) -> str:
    """Keep a file for its account and return its token, the SHA-256 of its bytes. Files older than a day go."""
    token = hashlib.sha256(data).hexdigest()
    path = _path(account_id, token)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _discard_old(path.parent.parent)
    document = json.dumps({"filename": filename, "data": base64.b64encode(data).decode()})
    # Written beside and renamed: a reader never sees half a file.
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(_vault().seal(document))
    instant = clock.now().timestamp()
    os.utime(fresh, (instant, instant))
    fresh.replace(path)
    return token


def take(account_id: int, token: str) -> tuple[str, bytes]:
    """Return the filename and the bytes that ``keep`` was given; they stay until ``discard`` or for a day.

    Raises ``BadInput`` for a token that is unknown, expired or another account's.
    """
    path = _path(account_id, token) if _TOKEN.fullmatch(token) else None
    if path is None or not path.is_file() or _is_old(path):
        raise BadInput(
            _("上传的文件已过期（只保留 24 小时）或已导入，没有写入任何内容。请重新选择文件上传。"), code="expired"
        )
    document = json.loads(_vault().open(path.read_text()))
    return document["filename"], base64.b64decode(document["data"])


def discard(account_id: int, token: str) -> None:
    """Forget a file whose content has been imported."""
    if _TOKEN.fullmatch(token):
        _path(account_id, token).unlink(missing_ok=True)


def _path(account_id: int, token: str) -> Path:
    instance: Path = current_app.extensions["settings"].instance
    return instance / "uploads" / str(account_id) / token


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
