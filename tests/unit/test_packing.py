"""Pieces packed apart and joined are one gzip file that says what the pieces say."""

import gzip

from hypothesis import given
from hypothesis import strategies as st

from core.web.packing import BEST, gzipped, piece

# Some beyond 4096 bytes: of those that are kept, the checksum is not computed from the bytes.
PLAIN = st.builds(lambda some, times: some * times, st.binary(max_size=2500), st.sampled_from([1, 4]))
PIECES = st.lists(st.tuples(PLAIN, st.sampled_from([1, BEST])), max_size=8)


@given(PIECES)
def test_joined_pieces_unpack_to_what_they_say(parts: list[tuple[bytes, int]]) -> None:
    packed = gzipped([piece(plain, level) for plain, level in parts])
    assert gzip.decompress(packed) == b"".join(plain for plain, _level in parts)


def test_a_piece_is_as_long_whatever_stands_beside_it() -> None:
    secret = piece(b"token-0123456789", 1)
    like, unlike = piece(b"token-0123456789", 1), piece(b"other-abcdefghij", 1)
    assert len(gzipped([secret, like])) == len(gzipped([secret, unlike]))


def test_much_text_becomes_little() -> None:
    assert len(piece("考生".encode() * 10_000).packed) < 2000
