"""Pictures and rich text on pages: who sees which picture, how one is put into an item, what a candidate gets."""

import io
import re
from unittest import mock

import pytest
from sqlalchemy import select, update

from core.clock import clock as the_clock
from core.database import transaction
from question_bank.images.models import Image, VersionImage
from question_bank.images.service import keep_image
from question_bank.items import service
from question_bank.items.models import Item, ItemVersion
from question_bank.papers.models import Paper, PaperSection, PaperSlot
from question_bank.printing.documents import Look, paper_pdf
from tests.support.bank import single
from tests.support.pictures import png
from tests.support.sittings import make_world

pytestmark = pytest.mark.usefixtures("cast")


@pytest.fixture
def made(app, cast, clock):
    def make(function, *arguments, **options):
        with app.app_context(), transaction("write") as session:
            return function(session, *arguments, **options)

    return make


@pytest.fixture
def digest(made, cast):
    return made(lambda s: keep_image(s, cast.actor("author"), the_clock, png()))


@pytest.fixture
def read(app):
    def reading(statement):
        with app.app_context(), transaction("read") as session:
            return session.scalars(statement).all()

    return reading


def shown_on_the_paper(session, world, digest):
    """Give the first item of the world's paper a bold word, a formula and the picture."""
    slot = session.scalars(select(PaperSlot).where(PaperSlot.paper_id == world.paper, PaperSlot.slot == 1)).one()
    version = session.get_one(ItemVersion, slot.version_id)
    html = rf'<p><strong>看图</strong>\(\frac{{x}}{{2}}\)<img src="media:{digest}" alt="曲线"></p>'
    session.execute(
        update(ItemVersion).where(ItemVersion.id == version.id).values(content={**version.content, "html": html})
    )
    session.add(VersionImage(version_id=version.id, sha256=digest))


def test_a_picture_is_served_to_the_people_of_the_bank_with_its_own_headers(browser, digest):
    for name in ("author", "reviewer"):
        answer = browser(name).get(f"/bank/pictures/{digest}")
        assert answer.status_code == 200
        assert answer.get_data() == png()
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    again = browser("author").get(f"/bank/pictures/{digest}", headers={"If-None-Match": f'"{digest}"'})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert browser("author").get(f"/bank/pictures/{'0' * 64}").status_code == 404
    assert browser("author").get("/bank/pictures/x").status_code == 404
    for name in ("invigilator", "stranger"):
        assert browser(name).get(f"/bank/pictures/{digest}").status_code == 403
    assert browser("organizer").get(f"/bank/pictures/{digest}").status_code == 404
    assert browser().get(f"/bank/pictures/{digest}").status_code == 302


def test_a_candidate_sees_the_pictures_of_the_paper_while_sitting_it_and_no_other(app, made, browser, digest, clock):
    world = make_world(app)
    url = f"/papers/{world.paper}/pictures/{digest}"
    waiting = world.sit(1)
    client = world.open()
    assert client.get(url).status_code == 404
    made(shown_on_the_paper, world, digest)
    app.extensions.pop("papers", None)  # the paper was changed under its digest, as no real one is
    assert waiting.get(url).status_code == 404
    answer = client.get(url)
    assert (answer.status_code, answer.get_data(), answer.headers["Content-Type"]) == (200, png(), "image/png")
    assert client.get(f"/papers/{world.paper + 1}/pictures/{digest}").status_code == 404
    assert client.get(f"/bank/pictures/{digest}").status_code == 403
    assert browser("author").get(url).status_code == 403
    assert browser().get(url).status_code == 302
    assert browser("organizer").get(f"/bank/pictures/{digest}").status_code == 200
    world.change(0, state="closed")
    assert client.get(url).status_code == 404


def test_the_candidates_page_shows_rich_text_formulas_and_pictures_of_our_own_host(app, made, digest, clock):
    world = make_world(app)
    made(shown_on_the_paper, world, digest)
    for cache in ("sitting_pages", "papers"):
        app.extensions.pop(cache, None)  # the paper was changed under its digest, as no real one is
    client = world.open()
    page = client.get(f"/sittings/{world.seats[0].sitting}").get_data(as_text=True)
    assert "<strong>看图</strong>" in page
    assert "<mfrac>" in page
    assert f'<img src="/papers/{world.paper}/pictures/{digest}" alt="曲线">' in page
    assert "media:" not in page
    [styles] = re.findall(r'href="(/static/css/[^"]+)"', page)
    assert ".rich > :last-child" in client.get(styles).get_data(as_text=True)


def test_of_two_papers_that_say_the_same_each_page_shows_its_own_pictures(app):
    world = make_world(app, candidates=2)
    client = world.open(1)
    with app.app_context(), transaction("write") as session:
        paper = session.get_one(Paper, world.paper)
        values = {column.name: getattr(paper, column.name) for column in Paper.__table__.columns}
        copy = Paper(**values | {"id": None, "code": "P2"})
        session.add(copy)
        session.flush()
        for table in (PaperSection, PaperSlot):
            for row in session.scalars(select(table).where(table.paper_id == world.paper)).all():
                values = {column.name: getattr(row, column.name) for column in table.__table__.columns}
                session.add(table(**values | {"paper_id": copy.id}))
        other = copy.id
    world.change(1, paper_id=other)
    for one, paper_id in ((world.open(0), world.paper), (client, other)):
        with mock.patch("exam.sittings.page.pictures_at", return_value="") as addressed:
            assert one.get(f"/sittings/{one.seat.sitting}").status_code == 200
        addressed.assert_called_once_with(paper_id)


FIELDS = {
    "stem": "看图：", "options-0": "甲", "options-1": "乙", "correct": "A", "points": "1", "rationale": "见**图**",
}  # fmt: skip


def test_a_picture_is_put_into_the_form_without_losing_what_was_typed(browser, read):
    author = browser("author")
    url = "/bank/items/new?type=single_choice"
    picture = {"picture": (io.BytesIO(png()), "图.png"), "add_picture": "1"}
    page = author.post(url, FIELDS | picture | {"picture_for": "rationale"})
    assert page.status_code == 200
    (digest,) = read(select(Image.sha256))
    text = page.get_data(as_text=True)
    assert f"见**图**![图](media:{digest})" in text
    assert 'value="乙"' in text
    assert read(select(Item.id)) == []
    saved = author.post(url, FIELDS | {"options-1": f"乙![图](media:{digest})"})
    assert saved.status_code == 302
    (content,) = read(select(ItemVersion.content))
    assert content["options"][1] == {
        "label": "B",
        "text": "乙图",
        "html": f'<p>乙<img src="media:{digest}" alt="图"></p>',
    }
    page = author.get(saved.headers["Location"]).get_data(as_text=True)
    assert f'<img src="/bank/pictures/{digest}" alt="图">' in page
    assert "见<strong>图</strong>" in page
    edit = author.get(saved.headers["Location"] + "/edit").get_data(as_text=True)
    assert f'value="乙![图](media:{digest})"' in edit


@pytest.mark.parametrize("data", [b"", b"<svg/>"], ids=["none", "svg"])
def test_a_file_that_is_no_picture_is_refused_in_one_sentence_and_nothing_is_kept(browser, read, data):
    picture = {"picture": (io.BytesIO(data), "a.png"), "add_picture": "1"}
    answer = browser("author").post("/bank/items/new?type=true_false", {"stem": "打好的题干"} | picture)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "打好的题干" in text
    assert "图片" in text
    assert read(select(Image.sha256)) == []


def test_a_preview_shows_the_item_and_saves_nothing(browser, read):
    answer = browser("author").post("/bank/items/new?type=single_choice", FIELDS | {"stem": "**重点**", "preview": "1"})
    assert answer.status_code == 200
    assert "<strong>重点</strong>" in answer.get_data(as_text=True)
    assert read(select(Item.id)) == []
    wrong = browser("author").post("/bank/items/new?type=single_choice", FIELDS | {"stem": "", "preview": "1"})
    assert wrong.status_code == 422


def test_no_form_no_import_and_no_hand_made_html_brings_a_script_to_a_page(browser, made, cast):
    content = {**single().content, "html": '<p onclick="alert(1)"><b>甲</b><script>alert(1)</script></p>'}
    item_id = made(lambda s: service.create_item(s, cast.actor("author"), the_clock, single(content=content)).id)
    for page in ("", "/preview", "/history"):
        text = browser("reviewer").get(f"/bank/items/{item_id}{page}").get_data(as_text=True)
        assert "alert(1)" not in text


def test_a_printed_paper_holds_the_picture_and_the_formula(app, made, digest, clock):
    world = make_world(app)
    made(shown_on_the_paper, world, digest)
    with app.app_context(), transaction("read") as session:
        content = session.scalars(
            select(ItemVersion.content)
            .join(PaperSlot, PaperSlot.version_id == ItemVersion.id)
            .where(PaperSlot.slot == 1)
        ).one()
        printed = str(app.jinja_env.filters["rich_printed"](content))
        pdf = paper_pdf(session, world.paper, Look())
    assert 'src="data:image/png;base64,' in printed
    assert 'src="data:image/svg+xml;base64,' in printed
    assert pdf.startswith(b"%PDF")
    assert b"/Image" in pdf
