"""What a picture is, by its bytes: never by its name, and never by decoding what may be a bomb."""

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.images.rules import MOST_BYTES, Kind, NotAPicture, kind_of
from tests.support.pictures import png

JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xff\xc2\x00\x11\x08\x00\x20\x00\x30\x03"
    + bytes(12)
)
GIF = b"GIF89a\x30\x00\x20\x00" + bytes(20)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x2f\x00\x00\x1f\x00\x00"
LOSSY = b"RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x30\x00\x20\x00" + bytes(9)
LOSSLESS = b"RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f" + struct.pack("<I", 47 | 31 << 14) + bytes(9)


@pytest.mark.parametrize(
    ("data", "mime"),
    [(png(48, 32), "png"), (JPEG, "jpeg"), (GIF, "gif"), (WEBP, "webp"), (LOSSY, "webp"), (LOSSLESS, "webp")],
    ids=["png", "jpeg", "gif", "webp", "lossy", "lossless"],
)
def test_the_kinds_that_are_kept_are_told_with_their_size(data, mime):
    assert kind_of(data) == Kind(f"image/{mime}", 48, 32)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        JPEG[:24],
        b"GIF89a",
    ],
    ids=["empty", "svg", "pdf", "cut jpeg", "cut png", "jpeg without a frame", "cut gif"],
)
def test_whatever_is_no_picture_is_refused(data):
    with pytest.raises(NotAPicture, match="SVG 不收"):
        kind_of(data)


def test_a_picture_that_would_unpack_to_gigabytes_and_one_of_no_size_are_refused():
    for width, height in ((60_000, 60_000), (5_001, 1), (4_500, 4_500)):
        with pytest.raises(NotAPicture, match="像素"):
            kind_of(png(width, height, pixels=zlib.compress(b"")))
    with pytest.raises(NotAPicture, match="已损坏"):
        kind_of(png(0, 4))
    with pytest.raises(NotAPicture, match="最大 2 MB"):
        kind_of(png(4, 4) + bytes(MOST_BYTES))


@given(st.sampled_from([png(4, 4), JPEG, GIF, WEBP, LOSSY, LOSSLESS]), st.data())
def test_damaged_headers_are_told_or_refused_and_nothing_else(whole, data):
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for place in data.draw(st.lists(st.integers(0, max(0, len(damaged) - 1)), max_size=4)):
        damaged[place : place + 1] = data.draw(st.binary(min_size=1, max_size=1))
    with suppress(NotAPicture):
        assert kind_of(bytes(damaged)).width > 0
