"""Pictures and rich text as services keep them, on both databases."""

import pytest
from sqlalchemy import func, select

from core.audit.models import AuditEntry
from core.errors import BadInput, NotFound
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption, Report
from question_bank.images.models import Image, VersionImage
from question_bank.images.queries import picture, picture_of_papers
from question_bank.images.service import keep_image
from question_bank.items import service
from question_bank.items.importing import import_review, review_of
from question_bank.items.models import ItemVersion
from question_bank.items.reviewing import Choices
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.service import draw_paper
from tests.support.bank import published, single
from tests.support.pictures import png


@pytest.fixture
def author(cast):
    return cast.actor("author")


def with_picture(digest, **changes):
    content = single().content
    return single(content={**content, "html": f'<p>看图<img src="media:{digest}" onerror="x"></p>'}, **changes)


def test_a_picture_is_kept_once(session, clock, author):
    digest = keep_image(session, author, clock, png())
    assert keep_image(session, author, clock, png()) == digest
    assert session.scalar(select(func.count()).select_from(Image)) == 1
    assert picture(session, digest).data == png()
    assert picture(session, digest).mime == "image/png"
    session.flush()
    assert session.scalar(select(func.count()).where(AuditEntry.action == "image_added")) == 1


def test_what_is_no_picture_is_refused(session, clock, author):
    with pytest.raises(BadInput, match="SVG 不收"):
        keep_image(session, author, clock, b"<svg/>")
    with pytest.raises(NotFound):
        picture(session, "0" * 64)


def test_whoever_writes_an_item_only_cleaned_html_is_stored_and_its_pictures_are_noted(session, clock, author):
    digest = keep_image(session, author, clock, png())
    item = service.create_item(session, author, clock, with_picture(digest))
    version = session.get_one(ItemVersion, item.current_version_id)
    assert version.content["html"] == f'<p>看图<img src="media:{digest}"></p>'
    assert session.scalars(select(VersionImage.version_id)).all() == [version.id]
    fresh = service.new_version(session, author, clock, item, single(), based_on=version.id)
    assert "html" not in fresh.content


def test_an_item_with_a_picture_that_is_not_kept_is_refused(session, clock, author):
    with pytest.raises(BadInput, match="有 1 张图片不在系统里"):
        service.create_item(session, author, clock, with_picture("0" * 64))
    with pytest.raises(BadInput, match="有 1 张图片不在系统里"):
        service.create_item(session, author, clock, single(rationale=f"![图](media:{'0' * 64})"))


def test_who_assembles_papers_sees_the_pictures_of_papers_and_of_what_may_be_drawn(session, cast, clock, author):
    frozen, published_later, hidden = (keep_image(session, author, clock, png(side)) for side in (2, 3, 4))
    item = published(session, cast, clock, with_picture(frozen))
    service.create_item(session, author, clock, with_picture(hidden))
    organizer = cast.actor("organizer")
    section = SectionDraft("单项选择题", "single_choice", (DemandDraft(1),), 200, "all_or_nothing")
    blueprint = create_blueprint(session, organizer, clock, "图", [section])
    draw_paper(session, organizer, clock, blueprint, "卷")
    service.new_version(session, author, clock, item, single(), based_on=item.current_version_id)
    published(session, cast, clock, with_picture(published_later))
    assert picture_of_papers(session, frozen).data == png(2)
    assert picture_of_papers(session, published_later).data == png(3)
    for refused in (hidden, "0" * 64):
        with pytest.raises(NotFound):
            picture_of_papers(session, refused)


def test_an_import_takes_rich_text_and_pictures_with_it(session, clock, author):
    item = ImportedItem(
        ref="line 1",
        type="single_choice",
        stem="看图",
        html='<p><b>看图</b><img src="a.png" alt="图"></p>',
        options=(ImportedOption("A", "甲"), ImportedOption("B", "乙")),
        key=("A",),
        media=(ImportedMedia("a.png", png()), ImportedMedia("other.bin", b"?")),
    )
    review = review_of(session, Report("gift", items=[item]))
    assert [problem.severity for problem in review.entries[0].problems] == ["warning"]
    import_review(session, author, clock, review, Choices(), token="t", filename="f", sha256="0" * 64)
    version = session.scalars(select(ItemVersion)).one()
    (digest,) = session.scalars(select(VersionImage.sha256)).all()
    assert version.content["html"] == f'<p><b>看图</b><img src="media:{digest}" alt="图"></p>'
    assert picture(session, digest).data == png()
