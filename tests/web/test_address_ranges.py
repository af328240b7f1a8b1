"""Address ranges of rooms, on both databases: stated by the organizer; whoever signs in from outside is let in and noted."""

import pytest

from core.audit.models import AuditEntry
from core.database import transaction
from exam.invigilation.models import Incident
from exam.schedule.models import Room
from tests.support.sittings import Client, make_world


@pytest.fixture
def world(app, cast, clock):
    return make_world(app)


def form_of(world):
    (room,) = world.all(Room)
    return f"/exams/{world.exam}/sessions/{world.session}/rooms/{room.id}"


def restrict(world, ranges):
    with world.app.app_context(), transaction("write") as session:
        session.get_one(Room, world.all(Room)[0].id).address_ranges = ranges


def sign_in_from(world, address, index=0):
    client = Client(world.app, world, world.seats[index])
    client.client.environ_base["REMOTE_ADDR"] = address
    return client, client.sign_in()


def test_the_organizer_states_ranges_and_sees_them_again(world, browser):
    organizer = browser("organizer")
    answer = organizer.post(form_of(world), {"name": "101", "address_ranges": "192.168.10.0/24，10.0.0.7"})
    assert answer.status_code == 302
    assert world.all(Room)[0].address_ranges == "192.168.10.0/24\n10.0.0.7/32"
    assert "192.168.10.0/24\n10.0.0.7/32" in organizer.get(form_of(world)).get_data(as_text=True)
    assert world.all(AuditEntry)[-1].details["ranges"] == ["192.168.10.0/24", "10.0.0.7/32"]
    organizer.post(form_of(world), {"name": "101", "address_ranges": ""})
    assert world.all(Room)[0].address_ranges == ""


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("192.168.1.*", "地址段“192.168.1.*”的写法不对，未保存。"),
        ("192.168.1.5/24", "是整个网段请写 192.168.1.0/24"),
        (" ".join(f"10.0.{n}.0/24" for n in range(51)), "地址段最多 50 个，未保存。"),
    ],
)
@pytest.mark.parametrize("new", [False, True])
def test_a_bad_range_is_told_beside_its_field_and_nothing_is_saved(world, browser, typed, told, new):
    url = form_of(world).rsplit("/", 1)[0] + "/new" if new else form_of(world)
    answer = browser("organizer").post(url, {"name": "新名", "address_ranges": typed})
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)
    assert typed in answer.get_data(as_text=True)
    assert [(room.name, room.address_ranges) for room in world.all(Room)] == [("第一考场", "")]


def test_only_organizers_state_ranges(world, browser):
    assert browser("invigilator").post(form_of(world), {"name": "x", "address_ranges": "10.0.0.0/8"}).status_code == 403
    assert world.all(Room)[0].address_ranges == ""


def test_a_sign_in_from_outside_is_let_in_and_noted_once(world):
    restrict(world, "192.168.10.0/24")
    client, answer = sign_in_from(world, "203.0.113.9")
    assert answer.status_code == 200
    assert client.sign_in().status_code == 200  # the same browser again: the same sign-in
    assert client.start().get_json()["state"] == "open"
    (noted,) = world.all(Incident)
    assert (noted.kind, noted.recorded_by, noted.sitting_id) == ("address_outside", None, world.seats[0].sitting)
    assert "203.0.113.9" in noted.facts
    sign_in_from(world, "203.0.113.10")
    assert world.count(Incident) == 2


@pytest.mark.parametrize("address", ["192.168.10.77", "::ffff:192.168.10.77"])
def test_a_sign_in_from_inside_or_to_a_room_without_ranges_is_not_noted(world, address):
    restrict(world, "192.168.10.0/24\n10.0.0.0/8")
    assert sign_in_from(world, address)[1].status_code == 200
    restrict(world, "")
    assert sign_in_from(world, "203.0.113.9", 1)[1].status_code == 200
    assert world.count(Incident) == 0


def test_an_address_that_nobody_trusted_told_is_not_believed(world):
    restrict(world, "192.168.10.0/24")
    client = Client(world.app, world, world.seats[0])
    client.client.environ_base |= {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "192.168.10.5"}
    client.sign_in()
    assert world.count(Incident) == 1
