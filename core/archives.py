"""Opening the ZIP archives that people bring (workbooks, Word documents, packages): bounded before anything is unpacked."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import BadInput

MEGABYTE = 1024 * 1024
NESTED = (".zip", ".7z", ".rar", ".gz", ".tar", ".docx", ".xlsx", ".pptx")


class UnreadableFile(BadInput, ValueError):
    """The whole file is refused; the message is one Chinese sentence that says how to mend it."""

    default_code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may at most unpack to: bytes in all, number of entries, ratio of unpacked to packed bytes."""

    max_bytes: int = 100 * MEGABYTE
    max_unpacked: int = 100 * MEGABYTE
    max_entries: int = 2_000
    max_ratio: int = 250


def check_entries(entries: Sequence[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    """Raise UnreadableFile for an archive that is locked, or whose directory announces too much."""
    if len(entries) > limits.max_entries:
        raise UnreadableFile(f"文件内部有 {len(entries)} 个部分，超过上限 {limits.max_entries} 个，不予打开。")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile("文件加了密码，无法读取；请取消密码后另存，再重新上传。")
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if unpacked > limits.max_unpacked:
        raise UnreadableFile(
            f"文件解压后有 {unpacked // MEGABYTE} MB，超过上限 {limits.max_unpacked // MEGABYTE} MB，不予打开；"
            "请删除多余的空白行列和图片，或拆成几个文件。"
        )
    if unpacked > 10 * MEGABYTE and unpacked > limits.max_ratio * packed:
        raise UnreadableFile("文件的压缩比异常（疑似压缩炸弹），不予打开；请用原来的程序打开后另存，再重新上传。")


def unpack(data: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    """Return the files of an archive by their names, at most as many bytes as its directory announces.

    Raises UnreadableFile for anything but a whole, unlocked archive within its limits, and for names that lead out of
    it. Archives inside the archive stay closed: whoever needs one looks at its name in ``NESTED``.
    """
    limits = limits or ArchiveLimits()
    if len(data) > limits.max_bytes:
        raise UnreadableFile(f"文件超过上限 {limits.max_bytes // MEGABYTE} MB；请拆成几个文件分别上传。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            check_entries(entries, limits)
            return {_safe_name(entry.filename): _read(archive, entry) for entry in entries}
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error):
        raise UnreadableFile("文件已损坏或不完整，无法打开；请重新导出或另存后再上传。") from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as stream:
        data = stream.read(entry.file_size + 1)
    if len(data) > entry.file_size:
        raise UnreadableFile("文件内部的大小与目录不符（疑似压缩炸弹），不予打开；请重新导出或另存后再上传。")
    return data


def _safe_name(name: str) -> str:
    plain = name.replace("\\", "/")
    if plain.startswith("/") or ".." in plain.split("/") or ":" in plain.split("/")[0] or "\0" in plain:
        raise UnreadableFile("文件内部有指向外面的路径，不予打开；请重新导出后再上传。")
    return plain
