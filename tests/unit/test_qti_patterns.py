"""Expressions of XML Schema: what they match, what they refuse, and that no input makes them search for ever."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.scoring.qti.patterns import BadPattern, matches


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("", [""], ["a"]),
        ("a*b", ["b", "aaab"], ["aaa", "ba"]),
        ("(ab|cd)+", ["ab", "abcd"], ["", "ac"]),
        ("(a|)b", ["ab", "b"], ["a"]),
        ("a{2}", ["aa"], ["a", "aaa"]),
        ("a{2,}", ["aa", "aaaa"], ["a"]),
        ("a{0,2}", ["", "aa"], ["aaa"]),
        ("[a-z-[aeiou]]+", ["bcd"], ["bad"]),
        ("[^a-c]", ["d", "中"], ["a"]),
        ("[a\\-]+", ["a-a"], ["b"]),
        ("[-a]", ["-"], ["b"]),
        (r"-?\d+(\.\d+)?", ["1", "-1.50", "１２"], [".5", "1."]),
        (r"\p{Lu}\p{Ll}*", ["Abc"], ["abc"]),
        (r"\P{L}", ["1"], ["a"]),
        (r"\p{IsCJKUnifiedIdeographs}+", ["干部"], ["a"]),
        (r"\w+\s\S", ["ab\tc"], ["ab c d"]),
        (r"\i\c*", ["_a-1"], ["-a"]),
        (".", ["x", "中"], ["\n", ""]),
        ("^a$", ["^a$", "a"], ["^a", "ba"]),
        ("a^b", ["a^b"], ["ab"]),
        (r"a\$", ["a$"], ["a"]),
        ("中+文?", ["中中文", "中"], ["文"]),
    ],
)
def test_an_expression_matches_the_whole_text_or_not(pattern, yes, no):
    assert [text for text in yes if not matches(pattern, text)] == []
    assert [text for text in no if matches(pattern, text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(a",
        "a)",
        "[a",
        "[z-a]",
        "*a",
        "a**",
        "a{2",
        "a{3,2}",
        "a{x}",
        "\\",
        "\\q",
        r"\p{Xx}",
        r"\pL",
        "(?:a)",
        "(" * 99,
    ],
)
def test_what_is_no_expression_is_refused(pattern):
    with pytest.raises(BadPattern):
        matches(pattern, "a")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a*)*b", "a" * 5000),
        ("(a|aa)+b", "a" * 5000),
        ("(x+x+)+y", "x" * 5000),
        ("((a{0,40}){0,40}){0,40}", "a" * 900),
        ("a{9999}", "a"),
        ("(.*a){12}", "a" * 20_000),
    ],
    ids=lambda value: value[:24],
)
def test_no_input_makes_the_search_explode(pattern, text):
    begun = time.monotonic()
    with suppress(BadPattern):
        matches(pattern, text)
    assert time.monotonic() - begun < 8


simple = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: "(" + "|".join(parts) + ")"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{1,2}"])).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


@given(simple, st.text("abc", max_size=6))
def test_plain_expressions_agree_with_the_library(pattern, text):
    assert matches(pattern, text) is (re.fullmatch(pattern, text) is not None)
