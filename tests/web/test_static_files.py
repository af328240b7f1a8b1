"""Static files: compressed for whoever takes them so, kept for ever under an address that changes with their content."""

import gzip
import re
from functools import partial
from pathlib import Path

import pytest
from flask import url_for

from core.web.application import _packed_file, scripts_folder

FOR_EVER = "public, max-age=31536000, immutable"
MAIN = "js/sitting/main.js"


@pytest.fixture
def client(sqlite_app):
    """A client that reads each answer whole and closes its file."""
    return partial(sqlite_app.test_client().get, buffered=True)


def plain_of(app, name):
    return Path(app.static_folder, name).read_bytes()


def test_a_stylesheet_comes_compressed_and_says_the_same(sqlite_app, client):
    packed = client("/static/css/base.css?v=1", headers={"Accept-Encoding": "gzip, deflate"})
    plain = client("/static/css/base.css?v=1")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == plain_of(sqlite_app, "css/base.css")
    assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    again = client("/static/css/base.css", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_packed_and_plain_bear_a_weak_tag_for_they_are_not_the_same_bytes(client):
    packed = client("/static/css/base.css", headers={"Accept-Encoding": "gzip"})
    plain = client("/static/css/base.css")
    tag = packed.headers["ETag"]
    assert tag.startswith('W/"')
    assert plain.headers["ETag"] == tag
    kept = client("/static/css/base.css", headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert (kept.status_code, kept.headers["ETag"], kept.headers["Vary"]) == (304, tag, packed.headers["Vary"])
    part = client("/static/css/base.css", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (part.status_code, part.data, part.headers["ETag"]) == (206, plain.data[:10], tag)


@pytest.mark.parametrize("path", ["none/../css/base.css", "css/./base.css", "js/../css/base.css"])
def test_an_address_with_detours_is_the_same_file_and_kept_once(client, path):
    direct = client("/static/css/base.css", headers={"Accept-Encoding": "gzip"})
    kept = _packed_file.cache_info().currsize
    answer = client(f"/static/{path}", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.data) == (200, direct.data)
    assert _packed_file.cache_info().currsize == kept


def test_whoever_refuses_gzip_gets_the_file_as_it_is(sqlite_app, client):
    answer = client("/static/css/base.css", headers={"Accept-Encoding": "gzip;q=0"})
    assert answer.data == plain_of(sqlite_app, "css/base.css")


def test_scripts_are_kept_for_ever_in_the_folder_of_their_digest_alone(sqlite_app, client):
    with sqlite_app.test_request_context():
        folder = scripts_folder()
    right = client(f"/static/{folder}/{MAIN}")
    assert right.data == plain_of(sqlite_app, MAIN)
    assert right.headers["Cache-Control"] == FOR_EVER
    for other in (f"/static/~0123456789ab/{MAIN}", f"/static/{MAIN}"):
        assert client(other).data == right.data
        assert client(other).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["js/../../wsgi.py", "css/base.css", "js/none.js", "../wsgi.py"])
def test_the_folder_of_the_scripts_holds_nothing_else(sqlite_app, client, path):
    with sqlite_app.test_request_context():
        folder = scripts_folder()
    answer = client(f"/static/{folder}/{path}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] != FOR_EVER


@pytest.mark.parametrize(
    ("name", "part", "mimetype"),
    [
        ("js/sitting/main.joined.js", b"class Journal", "text/javascript"),
        ("css/sitting_page.joined.css", b".sitting-panel", "text/css"),
    ],
)
def test_a_joined_file_comes_whole_compressed_and_is_kept_for_ever(sqlite_app, client, name, part, mimetype):
    with sqlite_app.test_request_context():
        address = url_for("static", filename=name)
    packed = client(address, headers={"Accept-Encoding": "gzip"})
    plain = client(address)
    assert part in plain.data
    assert gzip.decompress(packed.data) == plain.data
    assert (plain.mimetype, plain.headers["Cache-Control"]) == (mimetype, FOR_EVER)
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Security-Policy" in plain.headers
    unversioned = client(f"/static/{name}", headers={"If-None-Match": plain.headers["ETag"]})
    assert (unversioned.status_code, unversioned.headers["Cache-Control"]) == (304, "no-cache")


def test_the_page_of_waiting_asks_beforehand_for_what_the_page_of_the_sitting_is_made_of(sqlite_app):
    with sqlite_app.test_request_context():
        parts = sqlite_app.jinja_env.get_template("exam/candidate/_parts.html").make_module({})
        links = str(parts.beforehand())
        for name in ("js/sitting/main.joined.js", "css/sitting_page.joined.css"):
            assert url_for("static", filename=name) in links


def test_the_pages_parts_are_all_in_the_folder_of_the_scripts_digest(sqlite_app, client):
    page = client("/candidate").get_data(as_text=True)
    with sqlite_app.test_request_context():
        folder = scripts_folder()
    scripts = re.findall(r'src="(/static/[^"]+\.js[^"]*)"', page)
    assert scripts
    assert all(script.startswith(f"/static/{folder}/js/") for script in scripts)
