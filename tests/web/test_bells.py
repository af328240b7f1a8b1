"""The bell: whoever changes a sitting's time is heard by its page within seconds, whatever the application has to do."""

import errno
import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import transaction
from exam.sittings import bells, closing, service
from exam.sittings.models import Sitting
from tests.support.sittings import make_world


def bell_of(client):
    page = client.get(f"/sittings/{client.seat.sitting}").get_data(as_text=True)
    return re.search(r'data-bell-url="([^"]*)"', page)[1]


def said(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return json.loads(answer.get_data()) if answer.get_data() else None


@pytest.fixture
def change(app, cast, clock):
    """Lets an organizer act on every sitting."""

    def whole(act, *details):
        with app.app_context(), transaction("write") as session:
            act(session, cast.actor("organizer"), clock, session.scalars(select(Sitting)).all(), *details)

    return whole


@pytest.mark.parametrize(
    ("act", "details", "state", "later"),
    [
        (service.extend, (600, "停电"), "open", 600),
        (service.pause, ("停电",), "paused", 0),
        (closing.force_submissions, ("作弊",), "closed", 0),
    ],
)
def test_after_a_change_the_bell_says_how_the_clock_stands(app, clock, change, act, details, state, later):
    client = make_world(app).open()
    address = bell_of(client)
    before = client.world.row().deadline
    assert said(client, address) is None
    clock.advance(seconds=90)
    change(act, *details)
    told = said(client, address)
    assert told == {
        "state": state,
        "deadline": (before + timedelta(seconds=later)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "at": clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    answer = client.state().get_json()
    assert {name: answer[name] for name in ("state", "deadline")} == {
        name: told[name] for name in ("state", "deadline")
    }


def test_it_is_written_anew_at_each_change_and_each_page_of_the_sitting_has_the_same_one(app, clock, change):
    client = make_world(app).open()
    address = bell_of(client)
    change(service.pause, "停电")
    clock.advance(seconds=30)
    change(service.resume, "来电")
    assert said(client, address)["state"] == "open"
    assert bell_of(client) == address
    assert said(client, address)["state"] == "open"


def test_a_change_that_is_not_kept_is_not_heard(app, change):
    client = make_world(app).open()
    address = bell_of(client)

    def pause_and_stumble(*arguments):
        service.pause(*arguments)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change(pause_and_stumble, "停电")
    assert said(client, address) is None


def test_who_has_not_begun_has_no_bell_and_each_sitting_its_own(app, change):
    world = make_world(app)
    first, second = world.open(0), world.sit(1)
    address = bell_of(first)
    folder = app.extensions["settings"].instance / "bells"
    change(service.extend, 600, "停电")
    assert [path.name for path in folder.iterdir()] == [address.rpartition("/")[2]]
    second.start()
    assert bell_of(second) != address
    assert said(second, bell_of(second)) is None


@pytest.mark.parametrize(
    "name", ["0" * 32 + ".json", "1.json", "settings.env", "%2e%2e%2fsettings.env", "..%5cx", "a" * 33]
)
@pytest.mark.usefixtures("clock")
def test_nothing_but_a_bell_is_handed_out(app, name):
    client = make_world(app).open()
    bell_of(client)
    instance = app.extensions["settings"].instance
    (instance / "settings.env").write_text("secret")
    (instance / "bells" / "1.json").write_text("secret")
    answer = client.get(f"/bells/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.get_data(as_text=True)


def test_where_no_bell_can_be_written_the_page_opens_and_time_is_changed_all_the_same(app, change, monkeypatch):
    monkeypatch.setattr(bells, "_folder", lambda: Path("/proc/bells"))
    client = make_world(app).open()
    assert bell_of(client) == ""
    change(service.pause, "停电")
    assert client.state().get_json()["state"] == "paused"


def test_a_full_disk_leaves_the_bell_as_it_was_and_nothing_beside_it(app, change, monkeypatch):
    client = make_world(app).open()
    address = bell_of(client)
    change(service.extend, 600, "停电")
    before = said(client, address)

    def full(path, _text):
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        change(service.pause, "停电")
    assert said(client, address) == before
    assert client.state().get_json()["state"] == "paused"
    assert [path.suffix for path in (app.extensions["settings"].instance / "bells").iterdir()] == [".json"]
    change(service.resume, "来电")
    assert said(client, address)["state"] == "open"


@pytest.mark.usefixtures("clock")
def test_a_bell_that_cannot_be_read_is_none(app):
    client = make_world(app).open()
    address = bell_of(client)
    path = app.extensions["settings"].instance / address.lstrip("/")
    path.unlink()
    path.mkdir()
    assert client.get(address).status_code == 404


def test_bells_of_last_week_are_taken_down_once_a_day(app, clock):
    world = make_world(app)
    addresses = [bell_of(world.open(index)) for index in (0, 1)]
    folder = app.extensions["settings"].instance / "bells"
    paths = [folder / address.rpartition("/")[2] for address in addresses]

    def kept(*ages):
        for path, age in zip(paths, ages, strict=True):
            path.touch()
            at = (clock.now() - age).timestamp()
            os.utime(path, (at, at))
        with app.app_context(), transaction("write") as session:
            bells.take_down_old(session, clock)
        return [path.exists() for path in paths]

    day = timedelta(days=1)
    assert kept(8 * day, 6 * day) == [False, True]
    assert kept(8 * day, 8 * day) == [True, True]
    clock.advance(seconds=day.total_seconds())
    assert kept(8 * day, 6 * day) == [False, True]
