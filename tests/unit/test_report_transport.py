"""Reports leave the process that read the file, and come back, without the loss of a character or a byte."""

import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.formats.report import (
    Duplicate,
    ImportedItem,
    ImportedMedia,
    ImportedOption,
    ImportedSource,
    Problem,
    Report,
)
from question_bank.formats.transport import receive, send

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
fractions = st.none() | st.decimals(-1, 1, places=7)
accepted = texts | st.fixed_dictionaries({"text": texts, "fraction": st.just("0.50"), "pattern": st.booleans()})
keys = st.lists(
    texts | st.lists(accepted, max_size=3).map(tuple) | st.fixed_dictionaries({"low": texts, "high": texts}), max_size=3
).map(tuple)
media = st.builds(ImportedMedia, texts, st.binary(max_size=40))
options = st.builds(ImportedOption, texts, texts, fractions, texts, texts)
plain_items = st.builds(
    ImportedItem,
    ref=texts,
    type=texts,
    stem=texts,
    options=st.lists(options, max_size=3).map(tuple),
    key=keys,
    points_hundredths=st.none() | st.integers(0, 10_000),
    source=st.none() | st.builds(ImportedSource, texts, texts, texts, texts),
    scorable=st.booleans(),
    html=texts,
    media=st.lists(media, max_size=2).map(tuple),
    distractors=st.lists(texts, max_size=2).map(tuple),
)
items = st.builds(
    ImportedItem, ref=texts, type=texts, stem=texts, parts=st.lists(plain_items, max_size=2).map(tuple)
) | (plain_items)
problems = st.builds(Problem, texts, texts, st.sampled_from(["error", "warning"]), texts, texts)
duplicates = st.builds(Duplicate, texts, texts, st.decimals(0, 1, places=2))
reports = st.builds(
    Report, texts, st.lists(items, max_size=4), st.lists(problems, max_size=3), st.lists(duplicates, max_size=3)
)


def sent(report: Report) -> bytes:
    stream = io.BytesIO()
    send(report, stream)
    return stream.getvalue()


@given(reports)
def test_a_report_comes_back_as_it_was_sent(report: Report) -> None:
    assert receive(io.BytesIO(sent(report))) == report


@given(reports, st.data())
def test_a_report_that_breaks_off_or_says_more_is_not_believed(report: Report, data: st.DataObject) -> None:
    whole = sent(report)
    cut = data.draw(st.integers(0, len(whole) - 2))
    with pytest.raises(ValueError, match=r".+"):
        receive(io.BytesIO(whole[:cut]))
    with pytest.raises(ValueError, match=r".+"):
        receive(io.BytesIO(whole + b'[{"ref": "more"}]\n'))


def test_another_shape_is_not_believed() -> None:
    item = ImportedItem("row 1", "single_choice", "甲", (ImportedOption("A", "乙", Decimal("0.50")),))
    line = sent(Report("excel", [item]))
    for old, new in ((b'"stem"', b'"stam"'), (b'"scorable":true', b'"scorable":"yes"'), (b'"0.50"', b'"much"')):
        with pytest.raises(ValueError, match=r".+"):
            receive(io.BytesIO(line.replace(old, new)))
