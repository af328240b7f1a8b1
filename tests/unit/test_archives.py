"""Archives and XML that people bring are bounded before they are opened."""

import io
import zipfile

import pytest

from core.archives import ArchiveLimits, UnreadableFile, unpack
from core.xml import parse_xml


def archive(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in files.items():
            written.writestr(name, data)
    return stream.getvalue()


def test_the_files_of_an_archive_come_by_name() -> None:
    assert unpack(archive({"a.txt": b"1", "b/c.txt": "二".encode()})) == {"a.txt": b"1", "b/c.txt": "二".encode()}


@pytest.mark.parametrize("name", ["../out.txt", "/etc/passwd", "a/../../b", "C:/x", "..\\x"])
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(UnreadableFile, match="指向外面"):
        unpack(archive({name: b"x"}))


def test_a_bomb_is_refused_by_what_it_announces() -> None:
    with pytest.raises(UnreadableFile, match="压缩炸弹"):
        unpack(archive({"a": b"\0" * (20 * 1024 * 1024)}))


def test_a_bomb_that_lies_about_its_size_is_refused_while_it_is_read() -> None:
    data = bytearray(archive({"a": b"\0" * 100_000}))
    for header, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(header) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(UnreadableFile):
        unpack(bytes(data))


def test_more_than_the_limits_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="3 个部分"):
        unpack(archive({"a": b"", "b": b"", "c": b""}), ArchiveLimits(max_entries=2))
    with pytest.raises(UnreadableFile, match="超过上限"):
        unpack(archive({"a": b"x"}), ArchiveLimits(max_bytes=10))


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", archive({"a": b"x"})[:-30], b"not an archive"], ids=["empty", "sign", "cut", "text"]
)
def test_a_damaged_archive_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="已损坏"):
        unpack(data)


def test_well_formed_xml_is_parsed() -> None:
    assert parse_xml('<a x="1">甲<b/></a>'.encode()).get("x") == "1"


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>',
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    ],
)
def test_a_document_type_is_refused(document: str) -> None:
    with pytest.raises(UnreadableFile):
        parse_xml(document.encode())


@pytest.mark.parametrize(
    "data", [b"", b"<a>", b"<a><b></a>", b"\xff\xfe", b"<a>" * 2000, b'<?xml version="1.0" encoding="x-none"?><a/>']
)
def test_what_is_not_well_formed_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        parse_xml(data)
