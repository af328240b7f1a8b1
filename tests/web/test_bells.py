"""The bell: whoever changes a sitting's time is heard by its page within seconds, whatever the application has to do."""

import errno
import hashlib
import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.clock import iso
from core.database import transaction
from exam.sittings import bells, closing, service
from exam.sittings.models import Sitting
from tests.support.sittings import make_world


def bell_of(client):
    """The address of the session's bell, as the page tells it."""
    page = client.get(f"/sittings/{client.seat.sitting}").get_data(as_text=True)
    return re.search(r'data-bell-url="([^"]*)"', page)[1]


def own_bell_of(client):
    """The address of the sitting's bell, as the page finds it."""
    nonce = client.state().get_json()["nonce"]
    return f"/bells/{hashlib.sha256(f'bell {nonce}'.encode()).hexdigest()[:32]}.json"


def said(client, address):
    """What a bell says; nothing while it is silent, None where there is none."""
    answer = client.get(address)
    if answer.status_code == 404:
        return None
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return json.loads(answer.get_data() or "{}")


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
def test_after_a_change_the_bells_ring_and_say_how_the_clock_stands(app, clock, change, act, details, state, later):
    client = make_world(app).open()
    address, own = bell_of(client), own_bell_of(client)
    before = client.world.row().deadline
    assert (said(client, address), said(client, own)) == ({}, None)
    clock.advance(seconds=90)
    change(act, *details)
    at = iso(clock.now())
    assert said(client, address).keys() == {"at", "ring"}
    assert said(client, address)["at"] == at
    told = said(client, own)
    assert told == {"state": state, "deadline": iso(before + timedelta(seconds=later)), "at": at}
    answer = client.state().get_json()
    assert {name: answer[name] for name in ("state", "deadline")} == {
        name: told[name] for name in ("state", "deadline")
    }


def test_each_ring_is_another_one_even_within_a_millisecond_and_pages_of_a_session_share_its_bell(app, change):
    world = make_world(app)
    first, second = world.open(0), world.open(1)
    address = bell_of(first)
    change(service.pause, "停电")
    rang = said(first, address)["ring"]
    change(service.resume, "来电")
    assert said(first, address)["ring"] != rang
    assert said(first, own_bell_of(first))["state"] == "open"
    assert bell_of(second) == bell_of(first) == address
    assert said(first, address)["ring"] != rang


def test_a_change_that_is_not_kept_is_not_heard(app, change):
    client = make_world(app).open()
    address, own = bell_of(client), own_bell_of(client)

    def pause_and_stumble(*arguments):
        service.pause(*arguments)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change(pause_and_stumble, "停电")
    assert (said(client, address), said(client, own)) == ({}, None)


def test_the_session_rings_for_all_and_only_who_has_begun_has_a_bell_of_its_own(app, change):
    world = make_world(app)
    first, second = world.open(0), world.sit(1)
    address = bell_of(first)
    change(service.extend, 600, "停电")
    assert said(first, address)["ring"]
    second.start()
    assert said(second, own_bell_of(second)) is None
    assert own_bell_of(second) != own_bell_of(first)


@pytest.mark.parametrize(
    "name", ["0" * 32 + ".json", "1.json", "settings.env", "%2e%2e%2fsettings.env", "..%5cx", "a" * 37]
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


def test_where_no_bell_can_be_written_the_page_opens_and_time_is_changed_all_the_same(app, change):
    with app.app_context():
        bells._belfry().folder = Path("/proc/bells")
    client = make_world(app).open()
    assert bell_of(client) == ""
    change(service.pause, "停电")
    assert client.state().get_json()["state"] == "paused"


def test_on_a_full_disk_no_session_rings_and_nothing_is_left_beside_the_bells(app, change, monkeypatch):
    client = make_world(app).open()
    address, own = bell_of(client), own_bell_of(client)
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
    assert {path.suffix for path in (app.extensions["settings"].instance / "bells").iterdir()} == {".json"}
    change(service.resume, "来电")
    assert said(client, own)["state"] == "open"


@pytest.mark.usefixtures("clock")
def test_a_bell_that_cannot_be_read_is_none(app):
    client = make_world(app).open()
    address = bell_of(client)
    path = app.extensions["settings"].instance / address.lstrip("/")
    path.unlink()
    path.mkdir()
    assert client.get(address).status_code == 404


def test_the_bell_of_a_session_that_lasts_for_weeks_is_seen_to_every_day(app, clock):
    client = make_world(app).open()
    path = app.extensions["settings"].instance / bell_of(client).lstrip("/")
    path.unlink()
    bell_of(client)
    assert not path.exists(), "looked after at most once a day"
    clock.advance(days=1)
    with app.app_context():
        bells.bell_of_session(client.world.session, clock.now())
    assert path.exists()


def test_bells_that_were_silent_for_a_week_are_taken_down_once_a_day(app, clock, change):
    client = make_world(app).open()
    bell_of(client)
    change(service.pause, "停电")
    folder = app.extensions["settings"].instance / "bells"
    paths = sorted(folder.iterdir())
    day = timedelta(days=1)

    def kept(*ages):
        for path, age in zip(paths, ages, strict=True):
            path.touch()
            at = (clock.now() - age).timestamp()
            os.utime(path, (at, at))
        with app.app_context(), transaction("write") as session:
            bells.take_down_old(session, clock)
        return [path.exists() for path in paths]

    assert kept(8 * day, 6 * day) == [False, True]
    assert kept(8 * day, 8 * day) == [True, True]
    clock.advance(seconds=day.total_seconds())
    assert kept(6 * day, 8 * day) == [True, False]
