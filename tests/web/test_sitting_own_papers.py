"""A sitting of a family: each candidate's own paper on the page, in saves, in the receipt and in the score."""

import hashlib
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import delete, select

from core.accounts.actors import SYSTEM
from core.database import transaction
from exam.sittings import papers
from exam.sittings.page import Frame, PageShelf, Whose
from grading.scoring.jobs import score_waiting
from grading.scoring.models import ItemScore, PaperScore
from question_bank.delivery import DeliveredPaper, deliver
from question_bank.items.models import Item, ItemVersion
from question_bank.keys import store_key
from question_bank.papers.models import Paper, PaperSlot
from tests.support.sittings import NOON, make_world


@pytest.fixture
def world(app, clock):
    """Two candidates; six single choices in the pool, of which each sits three."""
    made = make_world(app)
    with app.app_context(), transaction("write") as session:
        pool = []
        for number in range(6):
            item = Item(number=f"F{number}", type="single_choice", state="published", created_at=NOON)
            session.add(item)
            session.flush()
            content = {
                "stem": f"第 {number} 道（　　）。",
                "options": [{"label": x, "text": f"{number}{x}"} for x in "ABCD"],
            }
            version = ItemVersion(
                item_id=item.id, version=1, type=item.type, content=content, content_digest=str(number),
                points_hundredths=100, tags=[], created_at=NOON,
            )  # fmt: skip
            session.add(version)
            session.flush()
            store_key(session, version.id, {"key": ["C"]}, "")
            pool.append(version.id)
        session.execute(delete(PaperSlot))
        paper = session.get_one(Paper, made.paper)
        paper.digest = made.paper_digest = hashlib.sha256(b"family").hexdigest()
        paper.seed_digest = hashlib.sha256(b"s").hexdigest()
        paper.pool, paper.demands = [pool], [[1, 3, 200, "all_or_nothing"]]
        paper.total_hundredths = 600
    return made


def own_slots(world, index):
    with world.app.app_context(), transaction("read") as session:
        return deliver(session, world.paper, world.seats[index].sitting).sections[0].slots


def right_letter(slot):
    return next(option["label"] for option in slot.content["options"] if option["text"].endswith("C"))


def test_two_candidates_sit_two_papers_and_each_is_marked_by_its_own(world, clock):
    assert own_slots(world, 0) != own_slots(world, 1)
    for index in range(2):
        client = world.open(index)
        mine = own_slots(world, index)
        page = client.get(f"/sittings/{world.seats[index].sitting}").get_data(as_text=True)
        places = [page.index(slot.content["stem"]) for slot in mine]
        assert places == sorted(places)
        assert all(slot.content["stem"] in page for slot in mine)
        assert page.count('class="sitting-item"') == 3
        assert [slot["slot"] for slot in client.state().get_json()["slots"]] == ["1", "2", "3"]
        answers = {slot.slot: [right_letter(slot)] for slot in mine[:2]}
        saved = client.save(
            *[(seq, slot, response) for seq, (slot, response) in enumerate(answers.items(), 1)], (9, "4", ["A"])
        )
        assert saved.get_json()["rejected"] == [{"seq": 9, "code": "unknown_slot"}]
        assert client.submit(client.digest(answers)).status_code == 200
    with world.app.app_context():
        score_waiting(SYSTEM, clock)
    scores = {row.sitting_id: row for row in world.all(PaperScore)}
    assert [scores[seat.sitting].total_hundredths for seat in world.seats] == [400, 400]
    with world.app.app_context(), transaction("read") as session:
        for index, seat in enumerate(world.seats):
            versions = session.scalars(
                select(ItemScore.version_id).where(ItemScore.sitting_id == seat.sitting).order_by(ItemScore.slot)
            ).all()
            stems = [session.get_one(ItemVersion, one).content["stem"] for one in versions]
            assert stems == [slot.content["stem"] for slot in own_slots(world, index)]


def test_a_paper_drawn_anew_in_another_process_is_the_same(world):
    client = world.open()
    before = (
        client.state().get_json()["slots"],
        client.get(f"/sittings/{world.seats[0].sitting}").get_data(as_text=True),
    )
    world.app.extensions.pop("papers")
    after = client.state().get_json()["slots"], client.get(f"/sittings/{world.seats[0].sitting}").get_data(as_text=True)
    assert before[0] == after[0]
    assert [before[1].index(slot.content["stem"]) > 0 for slot in own_slots(world, 0)] == [True] * 3


@dataclass(frozen=True)
class ForEverybody:
    """A candidate's own paper as if it were everybody's: its page is rendered as a whole."""

    whole: DeliveredPaper
    key: tuple[int, str]
    per_candidate: bool = False

    def paper(self, number=0):
        return self.whole

    def answerable(self, number):
        raise NotImplementedError


def test_a_page_joined_from_items_rendered_before_is_the_page_rendered_as_a_whole(world):
    frame, shelf = Frame("考试", "/sign-in", "/worker", "all", ""), PageShelf()
    pages = []
    with world.app.test_request_context("/"):
        for seat in (*world.seats, world.seats[0]):
            paper = papers.shelf().take(world.paper, world.paper_digest, seat.sitting)
            whose = Whose(str(seat.sitting), "甲", "1", "", "/receipt", "token", "{}")
            pages.append(shelf.page(paper, frame, whose).data)
            plain = replace(paper, source=ForEverybody(paper.paper, paper.key))
            assert pages[-1] == PageShelf().page(plain, frame, whose).data
    assert pages[0] == pages[2] != pages[1]
