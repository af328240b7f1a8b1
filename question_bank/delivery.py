"""The door to the exam: a frozen paper as a candidate may see it. No key and no rationale can be reached from here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.errors import NotFound
from core.i18n import _
from question_bank.images.queries import Picture, picture
from question_bank.item_types.base import BadResponse
from question_bank.item_types.registry import item_type
from question_bank.items.models import ItemVersion
from question_bank.items.rich_content import htmls_in
from question_bank.papers.models import Paper, PaperSection, PaperSlot
from question_bank.papers.places import Places, places_of
from question_bank.papers.queries import versions_of
from question_bank.papers.rules import chinese_numeral, points_text
from question_bank.rich_text import pictures_in

__all__ = [
    "BadResponse",
    "DeliveredPaper",
    "DeliveredSection",
    "DeliveredSlot",
    "PaperSource",
    "PaperSummary",
    "canonical_response",
    "deliver",
    "frozen_papers",
    "paper_digests",
    "paper_source",
    "paper_summary",
    "picture",
    "picture_response",
    "read_aloud",
    "shows_picture",
    "slots_for_people",
]

FOR_A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class DeliveredSlot:
    """One numbered place: the type, the points in hundredths, and the content with options under displayed letters.

    ``sight``: what two places have in common that show the same: the version, and the order of what moves in it.
    """

    slot: str
    type: str
    points_hundredths: int
    content: dict[str, Any]
    sight: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveredSection:
    """One section as printed: 一 / 单项选择题 / 每题只有一个正确答案。 / 共 20 题，每题 2 分，共 40 分."""

    numeral: str
    title: str
    instructions: str
    points_text: str
    slots: tuple[DeliveredSlot, ...]


@dataclass(frozen=True, slots=True)
class DeliveredPaper:
    """A whole frozen paper. Immutable: whoever delivers it may keep it by its id."""

    paper_id: int
    code: str
    title: str
    digest: str
    demonstration: bool
    total_hundredths: int
    sections: tuple[DeliveredSection, ...]


@dataclass(frozen=True, slots=True)
class PaperSummary:
    """What an organizer chooses a paper by."""

    paper_id: int
    code: str
    title: str
    items: int
    total_hundredths: int
    demonstration: bool


class PaperSource:
    """Delivers a frozen paper, or of a family each sitting's own, without asking the database again."""

    def __init__(
        self, paper: Paper, sections: Sequence[PaperSection], places: Places, versions: Mapping[int, ItemVersion]
    ) -> None:
        self._paper = paper
        self._sections = sections
        self._places = places
        self._versions = versions
        self._whole: DeliveredPaper | None = None
        self._answerable: dict[int, dict[str, Any]] = {}

    @property
    def key(self) -> tuple[int, str]:
        """Id and digest of the paper, or of the family."""
        return self._paper.id, self._paper.digest

    @property
    def per_candidate(self) -> bool:
        """Whether each sitting has a paper of its own."""
        return self._places.per_candidate

    def paper(self, number: int = 0) -> DeliveredPaper:
        """The paper of the sitting with this number as its candidate sees it; 0 is the specimen of a family."""
        if self.per_candidate:
            return self._delivered(self._places.of(number))
        if self._whole is None:
            self._whole = self._delivered(self._places.of(0))
        return self._whole

    def answerable(self, number: int) -> dict[str, DeliveredSlot]:
        """The slots of a sitting for checking its responses: small, since their contents are shared by all sittings.

        A response names displayed labels, whatever stands behind them: one content serves every order of its options.
        """
        places = self._places.of(number)
        fresh = [place for place in places if place.version_id not in self._answerable]
        unordered = [
            PaperSlot(
                slot=place.version_id,
                section_position=1,
                version_id=place.version_id,
                points_hundredths=0,
                option_order=[],
            )
            for place in fresh
        ]
        for section in self._delivered(unordered).sections[:1]:
            self._answerable.update((int(slot.slot), slot.content) for slot in section.slots)
        return {
            str(place.slot): DeliveredSlot(
                str(place.slot),
                self._versions[place.version_id].type,
                place.points_hundredths,
                self._answerable[place.version_id],
                (place.version_id, *place.option_order),
            )
            for place in places
        }

    def _delivered(self, places: Iterable[PaperSlot]) -> DeliveredPaper:
        versions = [self._versions[place.version_id] for place in places]
        rows = [(place, one.type, one.content) for place, one in zip(places, versions, strict=True)]
        return _deliver(self._paper, self._sections, rows)


def paper_source(session: Session, paper_id: int) -> PaperSource:
    """Return what delivers a paper; it may be kept by the paper's digest. Raises NotFound."""
    paper = session.get(Paper, paper_id)
    if paper is None:
        raise _no_such_paper()
    sections = session.scalars(
        select(PaperSection).where(PaperSection.paper_id == paper_id).order_by(PaperSection.position)
    ).all()
    versions = versions_of(session, paper)
    return PaperSource(paper, sections, places_of(session, paper, versions), versions)


def deliver(session: Session, paper_id: int, number: int = 0) -> DeliveredPaper:
    """Return the paper as a candidate sees it; of a family, as the sitting with this number does. Raises NotFound."""
    return paper_source(session, paper_id).paper(number)


def paper_digests(session: Session, paper_ids: Iterable[int]) -> dict[int, str]:
    """Return the digests of papers by their ids."""
    rows = session.execute(select(Paper.id, Paper.digest).where(Paper.id.in_(set(paper_ids))))
    return {row.id: row.digest for row in rows}


def _deliver(
    paper: Paper, sections: Iterable[PaperSection], rows: Iterable[tuple[PaperSlot, str, dict[str, Any]]]
) -> DeliveredPaper:
    slots: dict[int, list[DeliveredSlot]] = defaultdict(list)
    for place, type_name, content in rows:
        delivered = DeliveredSlot(
            str(place.slot),
            type_name,
            place.points_hundredths,
            item_type(type_name).displayed(content, place.option_order),
        )
        slots[place.section_position].append(delivered)
    return DeliveredPaper(
        paper_id=paper.id,
        code=paper.code,
        title=paper.title,
        digest=paper.digest,
        demonstration=paper.demonstration,
        total_hundredths=paper.total_hundredths,
        sections=tuple(_section(section, tuple(slots[section.position])) for section in sections),
    )


def canonical_response(slot: DeliveredSlot, response: object) -> list[Any]:
    """Return a response in its canonical form, ``[]`` for unanswered. Raises BadResponse. Plain Python: runs at every save."""
    return item_type(slot.type).check_response(slot.content, response)


def read_aloud(slot: DeliveredSlot) -> str:
    """Return what a screen reader says before the stem: the kind of item and how much there is to answer."""
    return item_type(slot.type).read_aloud(slot.content)


def shows_picture(paper: DeliveredPaper, digest: str) -> bool:
    """Whether an item of a paper, as its candidate gets it, shows the picture of this digest."""
    shown = (html for section in paper.sections for slot in section.slots for html in htmls_in(slot.content))
    return any(digest in pictures_in(html) for html in shown)


def picture_response(found: Picture, digest: str, environ: Mapping[str, Any]) -> Response:
    """Answer with a picture, which the asking browser alone may keep: its address is the digest of its bytes."""
    answer = Response(found.data, mimetype=found.mime)
    answer.headers["Cache-Control"] = f"private, max-age={FOR_A_YEAR}, immutable"
    answer.headers["Content-Disposition"] = "inline"
    answer.set_etag(digest)
    return answer.make_conditional(dict(environ))


def frozen_papers(session: Session) -> list[PaperSummary]:
    """Return every frozen paper, the newest first."""
    return [_summary(row) for row in session.execute(_summaries().order_by(Paper.id.desc()))]


def paper_summary(session: Session, paper_id: int) -> PaperSummary:
    """Return one paper's summary. Raises NotFound."""
    row = session.execute(_summaries().where(Paper.id == paper_id)).one_or_none()
    if row is None:
        raise _no_such_paper()
    return _summary(row)


def slots_for_people(session: Session, paper_id: int) -> list[str]:
    """Return the numbers of the places that people must mark; empty when a machine can mark the whole paper."""
    rows = session.execute(
        select(PaperSlot.slot, ItemVersion.type, ItemVersion.content)
        .join(ItemVersion, ItemVersion.id == PaperSlot.version_id)
        .where(PaperSlot.paper_id == paper_id)
        .order_by(PaperSlot.slot)
    )
    return [str(slot) for slot, type_name, content in rows if not item_type(type_name).scorable(content)]


def _no_such_paper() -> NotFound:
    return NotFound(_("没有这份试卷。请从试卷列表重新选择。"))


def _section(section: PaperSection, slots: tuple[DeliveredSlot, ...]) -> DeliveredSection:
    return DeliveredSection(
        numeral=chinese_numeral(section.position),
        title=section.title,
        instructions=section.instructions,
        points_text=points_text([slot.points_hundredths for slot in slots]),
        slots=slots,
    )


def _summaries() -> Any:
    items = select(func.count()).where(PaperSlot.paper_id == Paper.id).scalar_subquery()
    return select(
        Paper.id,
        Paper.code,
        Paper.title,
        items.label("items"),
        Paper.total_hundredths,
        Paper.demonstration,
        Paper.seed_digest,
        Paper.demands,
    )


def _summary(row: Row[Any]) -> PaperSummary:
    items = sum(demand[1] for demand in row.demands) if row.seed_digest else row.items
    return PaperSummary(row.id, row.code, row.title, items, row.total_hundredths, row.demonstration)
