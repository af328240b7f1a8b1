"""A paper with every type of item: drawn, shown, answered by its key, marked in full; what people must mark is refused."""

import re
import subprocess
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import Conflict
from grading.scoring.rules import score
from grading.scoring.service import question_of
from question_bank.delivery import canonical_response, deliver, slots_for_people
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items.drafts import Draft
from question_bank.keys import SlotKey, keys_of_paper
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Paper
from question_bank.papers.service import deviations, draw_paper
from question_bank.printing.documents import Look, answer_sheet_pdf, key_pdf, paper_pdf
from tests.conftest import Cast
from tests.support.bank import published, single
from tests.support.exams import make_exam, make_session
from tests.unit.test_item_types import CASE, SOUND

DRAWABLE = [name for name, kind in ITEM_TYPES.items() if kind.drawable]
MARKED_BY_A_MACHINE = [name for name in DRAWABLE if name not in ("short_answer", "essay")]


def _paper(session: Session, cast: Cast, clock: Clock, names: list[str], case: dict[str, Any] | None = None) -> Paper:
    sections = []
    for name in names:
        content, key = SOUND[name]
        if name == "case" and case:
            content, key = case, {"key": [SOUND["case"][1]["key"][0], SOUND["case"][1]["key"][2]]}
        points = ITEM_TYPES[name].fixed_points(content) or 300
        published(session, cast, clock, Draft(name, content, key, points, "解析"))
        policy = next(iter(ITEM_TYPES[name].policies))
        sections.append(SectionDraft(ITEM_TYPES[name].chinese, name, (DemandDraft(1),), points, policy))
    blueprint = create_blueprint(session, cast.actor("organizer"), clock, "各种题型", sections)
    return draw_paper(session, cast.actor("organizer"), clock, blueprint, "各种题型", seed="s")


def _right_answer(key: SlotKey) -> list[Any]:
    if key.parts:
        return [_right_answer(part) for part in key.parts]
    if key.type == "fill_blank":
        return [accepted[0] for accepted in key.key]
    return [key.key[0]["low"]] if key.type == "numeric" else key.key


def test_the_right_answer_to_every_type_earns_everything_under_the_displayed_letters(
    session: Session, cast: Cast, clock: Clock
) -> None:
    machine = {**CASE, "parts": [CASE["parts"][0], CASE["parts"][2]]}
    paper = _paper(session, cast, clock, MARKED_BY_A_MACHINE, machine)
    keys = keys_of_paper(session, paper.id)
    slots = [slot for section in deliver(session, paper.id).sections for slot in section.slots]
    assert [slot.type for slot in slots] == MARKED_BY_A_MACHINE
    for slot in slots:
        key = keys[slot.slot]
        right = _right_answer(key)
        assert canonical_response(slot, right) == right
        marked = score(question_of(key), right)
        assert (marked.score_hundredths, marked.verdict) == (slot.points_hundredths, "correct"), marked.arithmetic
        assert score(question_of(key), []).score_hundredths == 0
    assert deviations(session, paper.id) == []
    assert slots_for_people(session, paper.id) == []


def test_no_key_and_no_rationale_is_delivered_with_any_type(session: Session, cast: Cast, clock: Clock) -> None:
    told = repr(deliver(session, _paper(session, cast, clock, DRAWABLE).id))
    for secret in ("rationale", "因为乙", "fraction", "12.5", "解析"):
        assert secret not in told


def _printed(pdf: bytes) -> str:
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s", "", told.stdout.decode())


def test_a_paper_of_all_types_is_printed_with_room_for_every_answer_or_none_beside_an_answer_sheet(
    session: Session, cast: Cast, clock: Clock
) -> None:
    paper = _paper(session, cast, clock, DRAWABLE)
    told = _printed(paper_pdf(session, paper.id, Look()))
    for words in ("十、案例题", "答：", "正确顺序：", "（3）", "（全卷完）"):
        assert words in told, words
    beside = _printed(paper_pdf(session, paper.id, Look(answer_sheet=True)))
    assert "正确顺序：" not in beside


def test_a_text_of_a_stated_length_is_written_in_squares_with_a_mark_at_every_hundred(
    session: Session, cast: Cast, clock: Clock
) -> None:
    essay = Draft("essay", {"stem": "写一篇文章，不少于800字。"}, {"key": []}, 300, "切题。")
    published(session, cast, clock, essay)
    section = SectionDraft("写作", "essay", (DemandDraft(1),), 300, "marked")
    blueprint = create_blueprint(session, cast.actor("organizer"), clock, "写作", [section])
    paper = draw_paper(session, cast.actor("organizer"), clock, blueprint, "写作", seed="s")
    marks = re.findall("[1-9][0-9]*00字", _printed(answer_sheet_pdf(session, paper.id)))
    assert marks == [f"{count}00字" for count in range(1, 11)]
    assert "100字" not in _printed(paper_pdf(session, paper.id, Look(answer_sheet=True)))


def test_blanks_in_a_second_line_of_the_answer_sheet_begin_below_the_first(
    session: Session, cast: Cast, clock: Clock
) -> None:
    four = {"stem": "____、____、____、____", "blanks": 4}
    published(session, cast, clock, Draft("fill_blank", four, {"key": [["一"], ["二"], ["三"], ["四"]]}, 300, "解析"))
    section = SectionDraft("填空", "fill_blank", (DemandDraft(1),), 300, "proportional")
    blueprint = create_blueprint(session, cast.actor("organizer"), clock, "填空", [section])
    paper = draw_paper(session, cast.actor("organizer"), clock, blueprint, "填空", seed="s")
    pdf = answer_sheet_pdf(session, paper.id)
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    left = {word: float(x) for x, word in re.findall(r'xMin="([\d.]+)"[^>]*>（(\d)）', boxes)}
    assert left["3"] == pytest.approx(left["1"], abs=0.1)
    assert left["4"] == pytest.approx(left["2"], abs=0.1)
    assert left["2"] > left["1"]


def test_the_printed_key_of_a_case_tells_each_part_and_of_a_text_what_to_look_for(
    session: Session, cast: Cast, clock: Clock
) -> None:
    told = _printed(key_pdf(session, _paper(session, cast, clock, ["essay", "case"]).id))
    assert "由阅卷员评分" in told
    assert "参考答案与评分要点：解析" in told
    assert re.search(r"（1）答案：[A-C]1分解析：因为乙。（2）由阅卷员评分", told), told
    assert "（3）答案：1" in told


def test_an_exam_with_a_paper_that_people_must_mark_is_refused_in_one_sentence(
    session: Session, cast: Cast, clock: Clock
) -> None:
    paper = _paper(session, cast, clock, ["true_false", "essay", "case"])
    assert slots_for_people(session, paper.id) == ["2", "3"]
    organizer = cast.actor("organizer")
    exam = make_exam(session, organizer, clock)
    with pytest.raises(Conflict, match="第 2、3 题须由阅卷员评分"):
        make_session(session, organizer, clock, exam, paper_id=paper.id)


def test_a_case_is_drawn_only_with_the_points_that_it_states(session: Session, cast: Cast, clock: Clock) -> None:
    published(session, cast, clock, single("别的题（　）。"))
    content, key = SOUND["case"]
    published(session, cast, clock, Draft("case", content, key, 400, "解析"))
    section = SectionDraft("案例题", "case", (DemandDraft(1),), 500, "by_parts")
    blueprint = create_blueprint(session, cast.actor("organizer"), clock, "分值不同", [section])
    with pytest.raises(Conflict, match="要 1 题"):
        draw_paper(session, cast.actor("organizer"), clock, blueprint, "分值不同", seed="s")
