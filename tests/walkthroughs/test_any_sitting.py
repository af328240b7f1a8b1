"""Any sitting, whatever happens in whatever order: nothing acknowledged is lost, nothing late counts, a receipt exists.

Hypothesis plays candidate, network, invigilator, clock and power failure against the real application on either
database, in a room that is watched and in a window that nobody watches, to the offline hand-in and the decision on it;
a model beside it knows what each call must answer.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.walkthroughs.any_sitting import DEVICES, AnySitting

RESPONSES = {
    "1": st.sampled_from([[], ["A"], ["B"], ["D"]]),
    "2": st.lists(st.sampled_from("ABCD"), unique=True).map(sorted),
    "3": st.sampled_from([[], ["true"], ["false"]]),
    "4": st.sampled_from([[], ["一", ""], ["", "二"], ["一", "二"]]),
}
ANSWER = st.sampled_from(sorted(RESPONSES)).flatmap(lambda slot: st.tuples(st.just(slot), RESPONSES[slot]))
DEVICE = st.integers(0, DEVICES - 1)
# Whoever holds the sitting acts more often than the others.
ACTOR = st.one_of(st.none(), st.none(), DEVICE)
PICK = st.integers(0, 100)
STEPS = st.lists(ANSWER, max_size=3)
VERDICT = st.sampled_from(["confirmed", "confirmed", "refused"])
ACTS = {
    "saves": (
        12,
        ACTOR,
        st.lists(ANSWER, min_size=1, max_size=4),
        st.sampled_from([0, 0, 0, 1, 2]),
        st.sampled_from([0, 0, 1]),
    ),
    "sends_again_in_any_order": (4, ACTOR, PICK),
    "says_something_else_under_a_used_number": (2, ACTOR, ANSWER, PICK),
    "dies_before_it_could_answer": (2, ACTOR, ANSWER),
    "the_process_is_killed_and_comes_back": (1,),
    "comes_in": (4, DEVICE),
    "signs_in": (2, DEVICE),
    "goes_on": (2, ACTOR),
    "time_passes": (3, st.integers(1, 600)),
    "the_deadline_comes": (2, st.sampled_from([-1000, -1, 0, 1, 5000, 9999, 10_000, 10_001])),
    "saves_around_the_deadline": (2, st.sampled_from([9999, 10_000, 10_001]), ANSWER),
    "is_paused_for_a_while": (2, st.integers(1, 900)),
    "the_ticker_ticks": (1,),
    "gets_extra_time": (2, st.integers(1, 1800)),
    "is_paused": (1,),
    "goes_on_after_the_pause": (3,),
    "the_device_is_released": (2,),
    "is_closed_by_force": (1,),
    "hands_in": (1, ACTOR),
    "claims_offline": (1, STEPS, STEPS, ANSWER, VERDICT),
}
ACT = st.sampled_from([name for name, (weight, *_given) in ACTS.items() for _ in range(weight)]).flatmap(
    lambda name: st.tuples(st.just(name), st.tuples(*ACTS[name][1:]))
)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(
    mode=st.sampled_from(["fixed", "fixed", "window"]),
    acts=st.lists(ACT, min_size=25, max_size=45),
    claim=st.tuples(STEPS, STEPS, ANSWER, VERDICT),
)
def test_nothing_is_lost_and_nothing_late_counts_whatever_happens(
    request: pytest.FixtureRequest,
    clock: Any,
    database: str,
    mode: str,
    acts: list[tuple[str, tuple[Any, ...]]],
    claim: tuple[Any, ...],
) -> None:
    app = request.getfixturevalue("sqlite_app" if database == "sqlite" else "postgres_app")
    sitting = AnySitting(app, clock, mode)
    for name, given_values in acts:
        getattr(sitting, name)(*given_values)
        sitting.everything_acknowledged_is_stored_and_nothing_that_was_refused()
        sitting.the_deadline_is_right_and_a_close_has_one_receipt_over_what_counts()
    sitting.ends(*claim)
