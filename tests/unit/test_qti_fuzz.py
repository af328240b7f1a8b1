"""Damaged QTI documents: whatever is cut, moved or renamed, there is a report and a mark or a reason, never an exception."""

import copy

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from grading.scoring.qti.expressions import EXPRESSIONS
from grading.scoring.qti.marking import mark_entries
from question_bank.formats.qti.interactions import HELD, NOT_HELD
from question_bank.formats.qti.items import read_items
from tests.unit.test_qti_scores import EXPECTED, FOLDER, content

FILES = sorted(path.name for path in FOLDER.glob("*.xml"))
NAMES = sorted(
    [
        *HELD,
        *NOT_HELD,
        *EXPRESSIONS,
        "p",
        "div",
        "value",
        "mapping",
        "mapEntry",
        "responseIf",
        "prompt",
        "feedbackInline",
    ]
)
VALUES = ["", " ", "A", "RESPONSE", "SCORE", "0", "-1", "1e999", "NaN", "INF", "x y z", "true", "multiple", "record", "pair", "float",
          "point", "decimalPlaces", "{X}", "[", "../..", "1,2,3"]  # fmt: skip
RESPONSES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "A", "A B", "1 2", "30", "北京", "\x00"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["RESPONSE", "R1", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    root = etree.fromstring(content(draw(st.sampled_from(FILES))))
    for _ in range(draw(st.integers(1, 4))):
        elements = list(root.iter(etree.Element))
        element = elements[draw(st.integers(0, len(elements) - 1))]
        other = elements[draw(st.integers(0, len(elements) - 1))]
        act = draw(st.sampled_from(["drop", "rename", "attribute", "text", "repeat", "move"]))
        parent = element.getparent()
        if act == "drop" and parent is not None:
            parent.remove(element)
        elif act == "rename":
            element.tag = f"{{{etree.QName(element).namespace}}}{draw(st.sampled_from(NAMES))}"
        elif act == "attribute" and element.attrib:
            element.set(
                draw(st.sampled_from(sorted(str(name) for name in element.attrib))), draw(st.sampled_from(VALUES))
            )
        elif act == "text":
            element.text = draw(st.sampled_from(VALUES))
        elif act == "repeat" and parent is not None:
            parent.append(copy.deepcopy(element))
        elif act == "move" and element not in other.iterancestors() and element is not other:
            other.append(copy.deepcopy(element))
    return bytes(etree.tostring(root))


@settings(max_examples=200)
@given(damaged(), RESPONSES, st.sampled_from(EXPECTED))
def test_a_damaged_document_has_a_report_and_a_mark_or_a_reason(
    data: bytes, odd: object, known: dict[str, object]
) -> None:
    report = read_items(data, "x.xml")
    assert report.items or report.problems
    report.as_json()
    refs = [item.ref for item in report.items] or [str(known["ref"])]
    for told in mark_entries(data, [(ref, response) for ref in refs for response in (odd, known["response"], {})]):
        assert told["score"] is not None or str(told["reason"]).endswith("。")


@settings(max_examples=100)
@example("slider_2.1.xml", 62, b"", 5)  # a namespace whose name is no whole address
@given(st.sampled_from(FILES), st.integers(0, 5_000), st.binary(max_size=4), st.integers(0, 40))
def test_bytes_cut_out_or_written_over_never_raise(name: str, at: int, put: bytes, cut: int) -> None:
    data = content(name)
    read_items(data[:at] + put + data[at + cut :], name)
