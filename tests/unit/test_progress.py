"""The progress of a sitting, followed step by step, is what its whole history says, in whatever order steps arrive."""

from hypothesis import given
from hypothesis import strategies as st

from exam.invigilation.progress import Reached, follow
from exam.invigilation.statements import Step


def whole(steps: list[Step]) -> int:
    """The slots whose latest step, by binding and number, holds an answer."""
    latest = {slot: holds for _binding, _seq, slot, holds in sorted(steps)}
    return sum(1 << slot for slot, holds in latest.items() if holds)


@st.composite
def histories(draw: st.DrawFn) -> list[list[Step]]:
    """Batches of steps as they arrive: each binding's in any order, some missing, no step once a later binding has one."""
    batches = []
    for binding in range(1, draw(st.integers(1, 3)) + 1):
        seqs = draw(st.permutations(range(1, draw(st.integers(0, 8)) + 1)))
        arriving = seqs[: draw(st.integers(0, len(seqs)))]
        steps = [Step(binding, seq, draw(st.integers(1, 5)), draw(st.integers(0, 1))) for seq in arriving]
        cut = draw(st.integers(0, len(steps)))
        batches += [steps[:cut], steps[cut:]]
    return batches


@given(histories())
def test_reading_each_step_once_finds_what_the_whole_history_says(batches: list[list[Step]]) -> None:
    stored: list[Step] = []
    reached = Reached()
    for batch in batches:
        stored += batch
        after = sorted(step for step in stored if step[:2] > (reached.binding, reached.seq))
        reached, slots = follow(reached, after)
        assert slots == whole(stored)


def test_a_gap_is_waited_for() -> None:
    reached, slots = follow(Reached(), [Step(1, 1, 1, 1), Step(1, 3, 2, 1)])
    assert (reached, slots) == (Reached(1, 1, 0b10), 0b110)
    assert follow(reached, [Step(1, 2, 2, 0), Step(1, 3, 2, 1)]) == (Reached(1, 3, 0b110), 0b110)
