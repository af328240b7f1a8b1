"""Scoring closed sittings: right to the hundredth, once, and never a silent zero."""

import json

import pytest
from sqlalchemy import func, select, update

from core.accounts.actors import SYSTEM
from core.audit.models import AuditEntry
from core.clock import clock as the_clock
from core.database import transaction
from core.jobs.models import JobRun
from core.jobs.worker import registry_of, run_next, sweep
from core.signals import sittings_closed
from grading.scoring import jobs
from grading.scoring.jobs import score_waiting
from grading.scoring.models import ItemScore, PaperScore, ScoringProblem
from grading.scoring.queries import item_scores, paper_results, result_of_sitting, section_results, waiting_ids
from grading.scoring.service import mark_sittings, store_marking
from question_bank.papers.models import PaperSlot
from tests.support.results import make_world


@pytest.fixture
def world(session, cast, clock):
    made = make_world(session, cast, clock)
    session.commit()
    return made


def _spoil(session, world, slot):
    """Name a policy that does not exist, as a damaged paper would."""
    session.execute(
        update(PaperSlot).where(PaperSlot.paper_id == world.paper.id, PaperSlot.slot == int(slot)).values(policy="none")
    )
    session.commit()


def test_papers_are_scored_to_the_hundredth(session, world):
    stored = score_waiting(SYSTEM, the_clock)
    assert (stored.scored, stored.problems) == (3, 0)
    results = paper_results(session, world.exam_id)
    totals = {one.name: results[one.blind_number].total_hundredths for one in world.candidates[:3]}
    assert totals == {"甲一": 1000, "乙二": 550, "丙三": 0}
    assert {result.max_hundredths for result in results.values()} == {1000}
    assert set(results) == {"E1-001", "E1-002", "E1-003"}


def test_each_item_keeps_its_mark_response_and_sentence(session, world):
    score_waiting(SYSTEM, the_clock)
    marks = item_scores(session, result_of_sitting(session, world.exam_id, world.sitting(2).id))
    assert [mark.score_hundredths for mark in marks] == [200, 0, 150, 100, 100]
    assert [mark.max_hundredths for mark in marks] == [200, 200, 300, 100, 200]
    assert json.loads(marks[2].response) == world.right("3")[:2]
    assert "漏选得一半分" in marks[2].arithmetic
    assert "1/2 × 3.00 = 1.50" in marks[2].arithmetic
    assert marks[0].version_id == world.keys["1"].version_id


def test_the_digest_of_the_receipt_is_copied(session, world):
    score_waiting(SYSTEM, the_clock)
    assert paper_results(session, world.exam_id)["E1-002"].answers_digest == "2" * 64


def test_a_second_run_writes_nothing(session, world):
    score_waiting(SYSTEM, the_clock)
    before = session.scalar(select(func.count()).select_from(ItemScore))
    audited = session.scalar(select(func.count()).select_from(AuditEntry))
    session.commit()
    assert score_waiting(SYSTEM, the_clock).scored == 0
    assert session.scalar(select(func.count()).select_from(ItemScore)) == before
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == audited


def test_two_workers_with_the_same_sittings_store_them_once(session, world):
    with transaction("read") as reading:
        marking = mark_sittings(reading, waiting_ids(reading, 10))
    for expected in (3, 0):
        with transaction("write") as writing:
            assert store_marking(writing, SYSTEM, the_clock, marking).scored == expected
    assert session.scalar(select(func.count()).select_from(PaperScore)) == 3


def test_an_unusable_key_leaves_the_whole_sitting_unscored_and_says_why(session, world):
    _spoil(session, world, "3")
    stored = score_waiting(SYSTEM, the_clock)
    assert (stored.scored, stored.problems) == (0, 3)
    assert session.scalar(select(func.count()).select_from(PaperScore)) == 0
    problem = session.scalars(select(ScoringProblem)).first()
    assert problem is not None
    assert problem.sentence.startswith("第 3 题（Q")
    assert "计分规则" in problem.sentence


def test_a_known_problem_is_not_tried_again_until_somebody_asks(session, world):
    _spoil(session, world, "3")
    score_waiting(SYSTEM, the_clock)
    session.commit()
    assert waiting_ids(session, 10) == []
    session.execute(update(PaperSlot).where(PaperSlot.slot == 3).values(policy="half_for_incomplete"))
    session.commit()
    assert score_waiting(SYSTEM, the_clock).scored == 0
    assert score_waiting(SYSTEM, the_clock, world.exam_id, again=True).scored == 3
    assert session.scalar(select(func.count()).select_from(ScoringProblem)) == 0


def test_an_answer_to_a_slot_that_the_paper_lacks_is_a_problem(session, world):
    world.close(4, {"99": ["A"]})
    session.commit()
    stored = score_waiting(SYSTEM, the_clock)
    assert (stored.scored, stored.problems) == (3, 1)
    assert "第 99 题" in stored.sentences[0]


def test_one_exam_can_be_scored_alone(session, cast, clock, world):
    other = make_world(session, cast, clock, code="E2")
    session.commit()
    assert score_waiting(SYSTEM, the_clock, other.exam_id).scored == 3
    assert paper_results(session, world.exam_id) == {}


def test_a_batch_leaves_one_audit_entry_with_count_and_digest(session, world):
    score_waiting(SYSTEM, the_clock)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "sittings_scored")).one()
    assert entry.details["count"] == 3
    assert len(entry.details["digest"]) == 64
    assert entry.object_id == str(world.exam_id)


def test_a_closing_nudges_the_job_which_scores(app, session, world):
    sittings_closed.send(None, session_id=world.own.id)
    sittings_closed.send(None, session_id=world.own.id)
    queued = session.scalars(select(JobRun).where(JobRun.name == jobs.JOB)).all()
    assert len(queued) == 1
    session.commit()
    assert run_next(registry_of(app), the_clock)
    session.expire_all()
    run = session.scalars(select(JobRun).where(JobRun.name == jobs.JOB)).one()
    assert (run.state, run.result) == ("done", {"scored": 3, "problems": 0})


def test_the_sweep_finds_what_a_crash_left_and_nothing_else(app, session, world):
    sweep(registry_of(app), the_clock)
    assert session.scalars(select(JobRun.name).where(JobRun.state == "queued")).all() == [jobs.JOB]
    session.commit()
    assert run_next(registry_of(app), the_clock)
    sweep(registry_of(app), the_clock)
    assert not session.scalars(select(JobRun).where(JobRun.state == "queued")).all()


def test_sections_of_the_paper_are_summed(session, world):
    score_waiting(SYSTEM, the_clock)
    sections = section_results(session, world.exam_id)["E1-002"]
    assert {title: one.score_hundredths for title, one in sections.items()} == {
        "单项选择题": 200,
        "多项选择题": 150,
        "判断题": 100,
        "填空题": 100,
    }
    assert sections["单项选择题"].max_hundredths == 400
