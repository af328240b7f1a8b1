"""Items as formats read them, made by hypothesis: every type, everything that the published shape can say of it."""

from decimal import Decimal
from html import escape
from string import ascii_uppercase
from typing import Any

from hypothesis import strategies as st

from question_bank.formats.report import ImportedItem, ImportedOption, ImportedSource
from question_bank.item_types.fill_blank import weights_of
from question_bank.rich_text import clean

WORDS = st.text('甲乙丙丁戊abcXYZ 012，。、<>&"', min_size=1, max_size=12).map(str.strip).filter(bool)
NOTES = st.one_of(st.just(""), WORDS)
# Rich text as it may be kept: what was not cleaned comes out otherwise than it went in.
HTML = st.one_of(st.just(""), WORDS.map(lambda text: clean(f"<p><strong>{escape(text)}</strong></p>")))
SHARES = st.decimals(-1, 1, places=7).map(lambda share: share.normalize() + Decimal(0))
POINTS = st.integers(1, 100_00)
NUMBERS = st.decimals(-1000, 1000, places=3).map(lambda number: f"{number:f}")


def distinct(least: int, most: int) -> st.SearchStrategy[list[str]]:
    """Texts that differ."""
    return st.lists(WORDS, min_size=least, max_size=most, unique=True)


@st.composite
def _options(draw: st.DrawFn, shares: bool) -> tuple[ImportedOption, ...]:
    stated = shares and draw(st.booleans())
    return tuple(
        ImportedOption(label, text, draw(SHARES) if stated else None, draw(HTML), draw(NOTES))
        for label, text in zip(ascii_uppercase, draw(distinct(2, 5)), strict=False)
    )


@st.composite
def _choice(draw: st.DrawFn, name: str) -> dict[str, Any]:
    options = draw(_options(shares=True))
    labels = [option.label for option in options]
    if name == "single_choice":
        key = (draw(st.sampled_from(labels)),)
    else:
        key = tuple(sorted(draw(st.sets(st.sampled_from(labels), min_size=2))))
    return {"stem": draw(WORDS), "options": options, "key": key}


@st.composite
def _ordering(draw: st.DrawFn) -> dict[str, Any]:
    options = draw(_options(shares=False))
    return {"stem": draw(WORDS), "options": options, "key": tuple(draw(st.permutations([o.label for o in options])))}


ACCEPTED = st.one_of(
    WORDS,
    st.fixed_dictionaries(
        {"text": WORDS},
        optional={
            "fraction": SHARES.map(lambda share: f"{share:f}"),
            "case_sensitive": st.booleans(),
            "pattern": st.booleans(),
        },
    ),
)


@st.composite
def _fill_blank(draw: st.DrawFn) -> dict[str, Any]:
    # The same text twice in one blank says nothing more, and some formats read it once.
    accepted = st.lists(
        ACCEPTED, min_size=1, max_size=3, unique_by=lambda one: one if isinstance(one, str) else one["text"]
    )
    key = draw(st.lists(accepted.map(tuple), min_size=1, max_size=3))
    stem = draw(WORDS) + "".join(f"____{draw(WORDS)}" for _blank in key)
    weights = weights_of(draw(st.lists(st.integers(1, 4), min_size=len(key), max_size=len(key))))
    return {"stem": stem, "key": tuple(key), "order_free": not weights and draw(st.booleans()), "weights": weights}


@st.composite
def _range(draw: st.DrawFn) -> dict[str, str]:
    low, high = sorted((Decimal(draw(NUMBERS)), Decimal(draw(NUMBERS))))
    fraction = draw(st.one_of(st.none(), st.sampled_from(["1", "0.5", "0.3333333"])))
    return {"low": f"{low:f}", "high": f"{high:f}"} | ({"fraction": fraction} if fraction else {})


@st.composite
def _matching(draw: st.DrawFn) -> dict[str, Any]:
    left, right = draw(distinct(2, 4)), draw(distinct(2, 5))
    pairs = tuple((one, draw(st.sampled_from(right))) for one in left)
    surplus = tuple(text for text in right if text not in {other for _one, other in pairs})
    if len(right) - len(surplus) + len(surplus) < 2:
        surplus = ("多余",)
    return {"stem": draw(WORDS), "key": pairs, "distractors": surplus}


def _stem_alone(**more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda stem: {"stem": stem, **more}, WORDS)


PART_SHAPES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "single_choice": _choice("single_choice"),
    "multiple_choice": _choice("multiple_choice"),
    "true_false": st.sampled_from(["true", "false"]).flatmap(lambda key: _stem_alone(key=(key,))),
    "fill_blank": _fill_blank(),
    "numeric": st.lists(_range(), min_size=1, max_size=3).flatmap(lambda key: _stem_alone(key=tuple(key))),
    "matching": _matching(),
    "ordering": _ordering(),
    "short_answer": _stem_alone(scorable=False),
    "essay": _stem_alone(scorable=False),
    "description": _stem_alone(scorable=False),
}


def _html(draw: st.DrawFn, name: str) -> str:
    # HTML with other blanks than the text is not kept.
    return "" if name == "fill_blank" else draw(HTML)


@st.composite
def beside(draw: st.DrawFn) -> dict[str, Any]:
    """What an item says besides content and key: title, number, penalty, feedback."""
    occasions = draw(st.lists(st.sampled_from(["correct", "incorrect", "hint 1", "answer 1"]), max_size=2, unique=True))
    return {
        "title": draw(NOTES),
        "idnumber": draw(NOTES),
        "penalty": draw(st.sampled_from([None, Decimal("0.00"), Decimal("0.3333333")])),
        "feedback": tuple((when, draw(WORDS)) for when in occasions),
    }


@st.composite
def parts(draw: st.DrawFn, name: str) -> ImportedItem:
    """A part of a case."""
    points = 0 if name == "description" else draw(st.integers(1, 500))
    return ImportedItem(
        ref="",
        type=name,
        points_hundredths=points,
        rationale=draw(NOTES),
        html=_html(draw, name),
        **draw(st.one_of(st.just({}), beside())),
        **draw(PART_SHAPES[name]),
    )


@st.composite
def _case(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(
        st.lists(st.sampled_from([*PART_SHAPES]), min_size=1, max_size=4).filter(lambda n: {*n} != {"description"})
    )
    made = tuple(draw(parts(name)) for name in names)
    scorable = all(part.scorable or part.type == "description" for part in made)
    points = sum(part.points_hundredths or 0 for part in made)
    return {"stem": draw(WORDS), "parts": made, "scorable": scorable, "points_hundredths": points}


SHAPES = PART_SHAPES | {"case": _case()}


@st.composite
def imported_items(draw: st.DrawFn, name: str) -> ImportedItem:
    """An item of a type that the bank can take whole."""
    shape = {"points_hundredths": 0 if name == "description" else draw(POINTS)} | draw(SHAPES[name])
    source = draw(st.one_of(st.none(), st.builds(ImportedSource, WORDS, NOTES, NOTES, NOTES)))
    return ImportedItem(
        ref="row 2",
        type=name,
        rationale=draw(NOTES),
        html=_html(draw, name),
        knowledge_points=draw(st.sampled_from([(), ("考核",), ("考核", "回避"), ("考核", "回避", "任免")])),
        difficulty=draw(st.sampled_from(["", "易", "中", "难", "中等", "0.65"])),
        source=source,
        tags=tuple(draw(st.lists(WORDS, max_size=2, unique=True))),
        **draw(beside()),
        **shape,
    )
