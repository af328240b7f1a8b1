"""The main job as its users do it, in real browsers on a real server: one story, told in order.

From a bank in Excel and a roster in Excel to signed interview results, recorded decisions and printed sheets.
``HENGJIAN_TEST_PICTURES=FOLDER`` keeps every page that is passed as a picture; ``HENGJIAN_TEST_STORY=postgresql``
tells the story on PostgreSQL instead of SQLite.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.main_job import bank, exam, hall, interviews, outcome, watch
from tests.browser.main_job.material import BEST, MOVER, PHONE_USER
from tests.browser.main_job.story import Story
from tests.support.server import running_server


@pytest.fixture(scope="class")
def story(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Story]:
    """An empty installation with its people."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        grouped = [item.nodeid for item in request.session.items if "TestTheMainJob" in item.nodeid]
        assert all(name.endswith("@the main job") for name in grouped), "xdist does not know the group of these steps"
    url = request.getfixturevalue("postgres_url") if os.environ.get("HENGJIAN_TEST_STORY") == "postgresql" else ""
    with running_server(tmp_path_factory.mktemp("installation"), url) as server:
        told = Story(server, chromium)
        told.hire()
        yield told
        for context in chromium.contexts:
            context.close()


@pytest.fixture(autouse=True)
def in_order(story: Story, request: pytest.FixtureRequest) -> Iterator[None]:
    """A step that needs what a failed step should have done says so, instead of failing by chance."""
    if story.broke_off_at:
        pytest.fail(f"the story broke off at {story.broke_off_at}")
    failed_before = request.session.testsfailed
    yield
    if request.session.testsfailed > failed_before:
        story.broke_off_at = request.node.name


@pytest.mark.xdist_group("the main job")
class TestTheMainJob:
    """Steps in the order of the calendar; each relies on those above."""

    def test_the_first_password_is_changed_at_the_first_sign_in(self, story: Story) -> None:
        bank.the_organizer_signs_in_for_the_first_time(story)

    def test_a_bank_comes_in_by_excel(self, story: Story) -> None:
        bank.the_author_downloads_the_template(story)
        bank.the_author_imports_the_bank(story)

    def test_items_are_published_by_another_person_and_verified(self, story: Story) -> None:
        bank.the_author_submits_every_item(story)
        bank.the_reviewer_publishes_and_verifies(story)

    def test_a_paper_is_drawn_and_looked_at(self, story: Story) -> None:
        bank.the_organizer_draws_a_paper(story)

    def test_an_exam_is_planned_with_texts_session_and_room(self, story: Story) -> None:
        exam.the_organizer_plans_an_exam(story)

    def test_a_roster_comes_in_by_excel(self, story: Story) -> None:
        exam.the_roster_comes_in(story)

    def test_the_exam_is_published_and_one_is_excused(self, story: Story) -> None:
        exam.the_exam_is_published(story)

    def test_tickets_and_seat_lists_are_printed(self, story: Story) -> None:
        exam.tickets_and_seat_lists_are_printed(story)

    def test_candidates_come_in_and_the_papers_open_by_themselves(self, story: Story) -> None:
        hall.the_start_is_moved_to_now(story)
        hall.candidates_come_in(story)
        hall.the_papers_open_by_themselves(story)

    def test_answers_are_saved_through_reload_and_cut_network(self, story: Story) -> None:
        hall.one_answers_everything(story)
        hall.one_loses_the_network(story)
        hall.one_works_a_little(story)

    def test_the_invigilator_sees_the_room_and_gives_extra_time(self, story: Story) -> None:
        watch.the_room_is_seen_at_work(story)
        watch.extra_time_is_given(story)

    def test_a_candidate_goes_on_at_another_machine_once_released(self, story: Story) -> None:
        hall.one_leaves_the_machine(story)
        watch.a_device_is_released(story)
        hall.one_goes_on_at_another_machine(story)

    def test_an_incident_is_recorded_and_signed_by_another_person(self, story: Story) -> None:
        watch.an_incident_is_recorded_and_signed(story)

    def test_papers_are_handed_in_by_the_candidate_by_force_and_by_the_clock(self, story: Story) -> None:
        hall.hand_in(story, BEST, name="316")
        hall.hand_in(story, PHONE_USER, name="316")
        hall.hand_in(story, MOVER)
        hall.anybody_checks_a_receipt(story)
        watch.one_is_handed_in_by_force(story)
        hall.the_clock_closes_what_is_left_open(story)
        hall.everybody_leaves(story)

    def test_scores_appear_by_themselves_with_their_arithmetic(self, story: Story) -> None:
        interviews.scores_appear_by_themselves(story)
        interviews.keys_stay_shut(story, PHONE_USER)
        hall.the_session_ends(story)
        whole, half, nothing = "全对得分", "漏选得一半分", "0.00"
        interviews.the_arithmetic_is_shown(
            story,
            PHONE_USER,
            [
                *[("10.00", whole)] * 3,
                (nothing, whole),
                ("7.50", half),
                (nothing, half),
                *[("5.00", whole)] * 2,
                ("10.00", "1/2 × 20.00 = 10.00"),
            ],
        )

    def test_a_panel_of_seven_is_set_up(self, story: Story) -> None:
        interviews.a_panel_is_set_up(story)

    def test_examiners_score_by_draw_number_and_the_chain_signs(self, story: Story) -> None:
        interviews.everybody_is_interviewed(story)

    def test_single_scores_are_seen_once_the_panel_is_closed(self, story: Story) -> None:
        interviews.the_panel_is_closed(story)

    def test_proposals_follow_the_rules(self, story: Story) -> None:
        outcome.rules_are_set_and_proposals_computed(story)

    def test_the_decision_is_recorded_by_one_and_checked_by_another(self, story: Story) -> None:
        outcome.the_decision_is_recorded(story)
        outcome.the_decision_is_checked(story)

    def test_sheets_are_made_by_the_job_and_hold_what_was_computed_by_hand(self, story: Story) -> None:
        outcome.the_sheets_are_made(story)

    def test_the_command_line_makes_the_same_sheets(self, story: Story) -> None:
        outcome.the_command_makes_the_same_sheets(story)

    def test_the_audit_log_is_whole(self, story: Story) -> None:
        outcome.the_audit_log_is_whole(story)
