"""Compressed answers at no cost for what is the same for all: pieces are packed once and joined to one gzip stream.

Each piece ends on a byte and refers to nothing before itself, so pieces can stand in any order. What is one person's own
is a piece by itself: its length never tells whether it resembles anything else on the page (BREACH).
"""

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

from werkzeug.http import parse_accept_header

BEST = 9
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
_LARGEST_STORED = 65_535
_WORTH_PACKING = 1024
_WORTH_TURNING = 4096


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes, and the same as blocks of a deflate stream that goes on.

    ``turns``, of a large piece that is kept: its CRC-32, then what each bit of the CRC-32 of everything before it changes
    in the CRC-32 up to its end. A checksum is linear in the one it goes on from: nobody need read the bytes again.
    """

    plain: bytes
    packed: bytes
    turns: tuple[int, ...] = ()

    def checksum(self, before: int) -> int:
        """The CRC-32 up to the end of this piece, going on from the one before it."""
        if not self.turns:
            return zlib.crc32(self.plain, before)
        after, *turns = self.turns
        for turn in turns:
            if before & 1:
                after ^= turn
            before >>= 1
        return after


@lru_cache(maxsize=256)
def takes_gzip(accepted: str) -> bool:
    """Whether a browser that sends this header takes gzip; there are few different ones."""
    return bool(parse_accept_header(accepted).quality("gzip") > 0)


def piece(plain: bytes, level: int = BEST) -> Piece:
    """A piece for joining; at a low level, and for short texts, it costs little."""
    if len(plain) < _WORTH_PACKING and level < BEST:
        return Piece(plain, struct.pack("<BHH", 0, len(plain), len(plain) ^ _LARGEST_STORED) + plain)
    turns: tuple[int, ...] = ()
    if level == BEST and len(plain) >= _WORTH_TURNING:
        own = zlib.crc32(plain)
        turns = (own, *(own ^ zlib.crc32(plain, 1 << bit) for bit in range(32)))
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Piece(plain, packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH), turns)


def gzipped(pieces: list[Piece]) -> bytes:
    """The pieces as one gzip file."""
    checksum = length = 0
    for one in pieces:
        checksum, length = one.checksum(checksum), length + len(one.plain)
    blocks = b"".join(one.packed for one in pieces)
    return _HEADER + blocks + _LAST_BLOCK + struct.pack("<LL", checksum, length & 0xFFFFFFFF)
