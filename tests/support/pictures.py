"""Pictures for tests, made by hand."""

import struct
import zlib


def png(width: int = 2, height: int = 2, pixels: bytes | None = None) -> bytes:
    """A white PNG in shades of grey; ``pixels`` (compressed) where they are not to fit the size."""
    rows = zlib.compress((b"\x00" + b"\xff" * width) * height) if pixels is None else pixels
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
