"""Files kept between dry run and confirmation."""

import io

import pytest

from core.errors import BadInput
from core.web import uploads


@pytest.fixture
def context(sqlite_app, clock):
    with sqlite_app.app_context():
        yield sqlite_app


def test_a_kept_file_comes_back_whole_to_its_account(context):
    token = uploads.keep(7, "名单.xlsx", b"\x00bytes")
    assert uploads.take(7, token) == ("名单.xlsx", b"\x00bytes")


def test_a_kept_file_is_not_legible_on_disk(context):
    token = uploads.keep(7, "名单.csv", b"110101199003070000")
    path = context.extensions["settings"].instance / "uploads" / "7" / token
    assert b"1101011990" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("token", ["", "../7/x", "0" * 64, "Z" * 64])
def test_an_unknown_token_is_refused_with_a_sentence(context, token):
    uploads.keep(7, "名单.csv", b"x")
    with pytest.raises(BadInput, match="重新选择文件上传"):
        uploads.take(7, token)


def test_another_accounts_file_is_not_found(context):
    token = uploads.keep(7, "名单.csv", b"x")
    with pytest.raises(BadInput):
        uploads.take(8, token)


def test_a_file_expires_after_a_day_and_is_removed_by_the_next_upload(context, clock):
    token = uploads.keep(7, "名单.csv", b"x")
    clock.advance(hours=25)
    with pytest.raises(BadInput):
        uploads.take(7, token)
    uploads.keep(8, "名单.csv", b"y")
    assert not (context.extensions["settings"].instance / "uploads" / "7" / token).exists()


def test_a_discarded_file_is_gone(context):
    token = uploads.keep(7, "名单.csv", b"x")
    uploads.discard(7, token)
    with pytest.raises(BadInput):
        uploads.take(7, token)


def test_a_kept_file_is_opened_without_being_whole_in_memory_and_tells_its_name(context):
    data = bytes(range(256)) * 9000
    token = uploads.keep(7, "题库.zip", data)
    filename, stream = uploads.opened(7, token)
    with stream:
        assert (filename, stream.read()) == ("题库.zip", data)
        assert stream.fileno() >= 0
    assert uploads.filename_of(7, token) == "题库.zip"
    with pytest.raises(BadInput):
        uploads.filename_of(8, token)


def test_what_is_kept_beside_may_be_a_file_and_is_opened_as_one(context):
    token = uploads.keep(7, "题库.zip", b"x")
    assert uploads.opened_beside(7, token, "review") is None
    with io.BytesIO(b"line\n" * 400_000) as lines:
        uploads.keep_beside(7, token, "review", lines)
    with uploads.opened_beside(7, token, "review") as kept:
        assert sum(1 for _line in kept) == 400_000


def test_a_kept_file_that_was_cut_short_is_not_taken_for_whole(context):
    token = uploads.keep(7, "题库.zip", b"x" * 3_000_000)
    path = context.extensions["settings"].instance / "uploads" / "7" / token
    path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[:2]) + b"\n")
    with pytest.raises(ValueError, match="before its end"):
        uploads.opened(7, token)
