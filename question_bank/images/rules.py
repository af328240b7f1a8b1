"""What a picture is, by its bytes alone: PNG, JPEG, GIF or WebP, and how large. Pure; reads headers, decodes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 2 * 1024 * 1024
MOST_SIDE = 5000
MOST_PIXELS = 16_000_000  # 64 MB decoded
_FRAME_MARKERS = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))


class NotAPicture(ValueError):
    """The bytes are no picture that may be kept; the message is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The media type, and the size in pixels."""

    mime: str
    width: int
    height: int


def kind_of(data: bytes) -> Kind:
    """Return what a picture is. Raises NotAPicture for what is none, too large, or of a kind that may carry a script."""
    if len(data) > MOST_BYTES:
        raise NotAPicture(
            f"图片有 {len(data) / 1024 / 1024:.1f} MB，最大 {MOST_BYTES // 1024 // 1024} MB，请压缩后再用。"
        )
    kind = _png(data) or _jpeg(data) or _gif(data) or _webp(data)
    if kind is None:
        raise NotAPicture("不是 PNG、JPEG、GIF 或 WebP 图片（SVG 不收），请另存为 PNG 后再用。")
    if kind.width < 1 or kind.height < 1:
        raise NotAPicture("图片已损坏：长或宽为零。请重新保存后再用。")
    if max(kind.width, kind.height) > MOST_SIDE or kind.width * kind.height > MOST_PIXELS:
        raise NotAPicture(
            f"图片有 {kind.width}×{kind.height} 像素，每边最多 {MOST_SIDE}、一共最多 {MOST_PIXELS // 10_000} 万，请缩小后再用。"
        )
    return kind


def _png(data: bytes) -> Kind | None:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 33:
        return None
    return Kind("image/png", int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))


def _gif(data: bytes) -> Kind | None:
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 14:
        return None
    return Kind("image/gif", int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))


def _jpeg(data: bytes) -> Kind | None:
    if data[:3] != b"\xff\xd8\xff":
        return None
    for marker, at in _segments(data):
        if marker in _FRAME_MARKERS and at + 7 <= len(data):
            height, width = (int.from_bytes(data[at + n : at + n + 2], "big") for n in (3, 5))
            return Kind("image/jpeg", width, height)
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers of a JPEG with where their segments begin, to the first scan."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == 0xDA:
            return
        yield marker, at + 2
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))


def _webp(data: bytes) -> Kind | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif data[12:16] == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif data[12:16] == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    else:
        return None
    return Kind("image/webp", width, height)
