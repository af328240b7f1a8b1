"""Every operator of the expression language of QTI, its NULLs included, by a table; the same in the words of QTI 3."""

import pytest

from grading.scoring.qti.expressions import EXPRESSIONS, evaluate
from grading.scoring.qti.processing import new_session
from grading.scoring.qti.state import Unscorable
from grading.scoring.qti.values import as_json, container, parse, single
from question_bank.formats.qti.documents import child, read_document
from tests.support.qti import as_qti_3, item_xml, processing, response

N = "<null/>"
T, F = '<baseValue baseType="boolean">true</baseValue>', '<baseValue baseType="boolean">false</baseValue>'


def v(base, *texts):
    return "".join(f'<baseValue baseType="{base}">{text}</baseValue>' for text in texts)


def i(*numbers):
    return v("integer", *numbers)


def f(*numbers):
    return v("float", *numbers)


def s(*texts):
    return v("string", *texts)


def op(name, inside="", /, **attributes):
    listed = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{listed}>{inside}</{name}>"


def many(*inside):
    return op("multiple", "".join(inside))


def row(*inside):
    return op("ordered", "".join(inside))


DECLARED = (
    response("identifier", "multiple", ("A", "C"))
    + response(
        "string",
        "single",
        ("York",),
        '<mapping lowerBound="-1" upperBound="2" defaultValue="-0.5"><mapEntry mapKey="York" mappedValue="1.5"/>'
        '<mapEntry mapKey="LONDON" mappedValue="9" caseSensitive="false"/></mapping>',
        identifier="TOWN",
    )
    + response(
        "pair",
        "multiple",
        ("A B",),
        '<mapping><mapEntry mapKey="A B" mappedValue="0.75"/></mapping>',
        identifier="PAIRS",
    )
    + response(
        "point",
        "multiple",
        (),
        '<areaMapping defaultValue="-1"><areaMapEntry shape="circle" coords="10,10,5" mappedValue="2"/>'
        '<areaMapEntry shape="rect" coords="0,0,100,100" mappedValue="0.5"/></areaMapping>',
        identifier="POINTS",
    )
    + '<responseDeclaration identifier="ENTRY" cardinality="record"/>'
    + '<templateDeclaration identifier="TWO" cardinality="single" baseType="integer"><defaultValue><value>2</value>'
    "</defaultValue></templateDeclaration>"
    + '<templateDeclaration identifier="WORD" cardinality="single" baseType="string"><defaultValue><value>[ab]+</value>'
    "</defaultValue></templateDeclaration>"
)

TABLE = [
    # values and variables
    (f("1e2"), "100.00"),
    (f("INF"), "INF"),
    (f("zwei"), None),
    (s(""), None),
    (v("boolean", "true"), "true"),
    (v("pair", "B A"), "A B"),
    (v("directedPair", "B A"), "B A"),
    (v("point", "3 4"), "3 4"),
    (v("duration", "PT1M30S"), "90.00"),
    (N, None),
    ('<variable identifier="TWO"/>', "2"),
    ('<variable identifier="NOBODY"/>', None),
    ('<variable identifier="SCORE"/>', "0.00"),
    ('<correct identifier="RESPONSE"/>', ["A", "C"]),
    ('<correct identifier="POINTS"/>', None),
    ('<default identifier="TWO"/>', "2"),
    ('<default identifier="SCORE"/>', None),
    # truth
    (op("and", T + T), "true"),
    (op("and", T + N), None),
    (op("and", F + N), "false"),
    (op("or", F + F), "false"),
    (op("or", F + N), None),
    (op("or", T + N), "true"),
    (op("not", F), "true"),
    (op("not", N), None),
    (op("anyN", T + T + F, min=1, max=2), "true"),
    (op("anyN", T + T + T, min=1, max=2), "false"),
    (op("anyN", F + F + N, min=2, max=3), "false"),
    (op("anyN", T + N + F, min=1, max=1), None),
    (op("anyN", T + N + F, min="1", max="TWO"), "true"),
    (op("anyN", T + T), None),
    (op("isNull", N), "true"),
    (op("isNull", s("")), "true"),
    (op("isNull", many(N)), "true"),
    (op("isNull", i(0)), "false"),
    # sameness
    (op("match", s("a", "a")), "true"),
    (op("match", s("a", "A")), "false"),
    (op("match", s("a") + N), None),
    (op("match", v("pair", "A B", "B A")), "true"),
    (op("match", v("directedPair", "A B", "B A")), "false"),
    (op("match", many(i(1, 2, 2)) + many(i(2, 1, 2))), "true"),
    (op("match", many(i(1, 2, 2)) + many(i(1, 1, 2))), "false"),
    (op("match", row(i(1, 2)) + row(i(2, 1))), "false"),
    (op("match", i(1) + f("1.0")), "true"),
    (op("stringMatch", s("Ab", "aB"), caseSensitive="false"), "true"),
    (op("stringMatch", s("Ab", "aB"), caseSensitive="true"), "false"),
    (op("stringMatch", s("abc", "b"), caseSensitive="true", substring="true"), "true"),
    (op("stringMatch", s("abc") + N, caseSensitive="true"), None),
    (op("substring", s("B", "abc"), caseSensitive="false"), "true"),
    (op("substring", s("abc", "b")), "false"),
    (op("substring", N + s("b")), None),
    (op("patternMatch", s("abba"), pattern="[ab]+"), "true"),
    (op("patternMatch", s("xabbax"), pattern="[ab]+"), "false"),
    (op("patternMatch", s("abba"), pattern="{WORD}"), "true"),
    (op("patternMatch", N, pattern="a"), None),
    (op("equal", i(2) + f("2.0")), "true"),
    (op("equal", f("0.3") + op("sum", f("0.1", "0.2"))), "true"),
    (op("equal", i(2) + N), None),
    (op("equal", f(10, "10.5"), toleranceMode="absolute", tolerance="0.5"), "true"),
    (op("equal", f(10, "10.5"), toleranceMode="absolute", tolerance="0.5", includeUpperBound="false"), "false"),
    (op("equal", f(10, "9.5"), toleranceMode="absolute", tolerance="0.5 2", includeLowerBound="false"), "false"),
    (op("equal", f(10, 12), toleranceMode="absolute", tolerance="0.5 TWO"), "true"),
    (op("equal", f(10, "10.5"), toleranceMode="relative", tolerance="5"), "true"),
    (op("equal", f(10, "10.6"), toleranceMode="relative", tolerance="5"), "false"),
    (op("equal", f(10, 10), toleranceMode="absolute"), None),
    (op("equalRounded", f("1.006", "1.01"), roundingMode="decimalPlaces", figures=2), "true"),
    (op("equalRounded", f("1234", "1249"), roundingMode="significantFigures", figures=2), "true"),
    (op("equalRounded", f(1) + N, figures=2), None),
    (op("lt", i(1, 2)), "true"),
    (op("lt", i(2, 2)), "false"),
    (op("gt", f("INF", 2)), "true"),
    (op("lte", i(2, 2)), "true"),
    (op("gte", i(1, 2)), "false"),
    (op("gte", i(1) + N), None),
    (op("durationLT", v("duration", "PT1M", "61")), "true"),
    (op("durationGTE", v("duration", "PT1M", "PT60S")), "true"),
    (op("durationGTE", v("duration", "PT1M") + N), None),
    # numbers
    (op("sum", i(1, 2, 3)), "6"),
    (op("sum", i(1) + f("0.5")), "1.50"),
    (op("sum", many(i(1, 2)) + i(3)), "6"),
    (op("sum", i(1) + N), None),
    (op("product", i(2, 3)), "6"),
    (op("product", f("0.1", "0.1")), "0.01"),
    (op("subtract", i(2, 5)), "-3"),
    (op("subtract", i(2) + N), None),
    (op("divide", i(1, 4)), "0.25"),
    (op("divide", i(1, 3)), "0.33333333333333333333"),
    (op("divide", i(1, 0)), None),
    (op("power", i(2, 10)), "1024.00"),
    (op("power", f("2.25", "0.5")), "1.50"),
    (op("power", i(-8) + f("0.5")), None),
    (op("power", f("1e300", 2)), None),
    (op("power", f("1e300", "99")), None),
    (op("integerDivide", i(7, 2)), "3"),
    (op("integerDivide", i(-7, 2)), "-4"),
    (op("integerDivide", i(7, 0)), None),
    (op("integerModulus", i(-7, 2)), "1"),
    (op("integerModulus", i(7, 0)), None),
    (op("truncate", f("-6.9")), "-6"),
    (op("truncate", f("NaN")), None),
    (op("truncate", f("INF")), "INF"),
    (op("round", f("6.5")), "7"),
    (op("round", f("-6.5")), "-6"),
    (op("round", f("6.49")), "6"),
    (op("round", N), None),
    (op("roundTo", f("1234.5"), figures=2), "1200.00"),
    (op("roundTo", f("0.00255"), figures=2), "0.0026"),
    (op("roundTo", f("-1.005"), roundingMode="decimalPlaces", figures="TWO"), "-1.01"),
    (op("roundTo", f("1.5"), figures=0), None),
    (op("integerToFloat", i(3)), "3.00"),
    (op("min", i(3, 1, 2)), "1"),
    (op("max", i(3) + f("3.5")), "3.50"),
    (op("max", i(3) + N), None),
    (op("max", i(3) + s("x")), None),
    (op("gcd", i(12, 18)), "6"),
    (op("gcd", i(0, 0)), "0"),
    (op("gcd", i(12) + N), None),
    (op("lcm", i(4, 6)), "12"),
    (op("lcm", i(4, 0)), "0"),
    (op("mathConstant", name="pi"), "3.141592653589793"),
    (op("mathOperator", f(0), name="sin"), "0.00"),
    (op("mathOperator", f("0.5"), name="asin"), "0.5235987755982989"),
    (op("mathOperator", f(2), name="asin"), None),
    (op("mathOperator", f(1, 1), name="atan2"), "0.7853981633974483"),
    (op("mathOperator", f(1), name="atan2"), None),
    (op("mathOperator", f(100), name="log"), "2.00"),
    (op("mathOperator", f(0), name="ln"), "-INF"),
    (op("mathOperator", f(-1), name="ln"), None),
    (op("mathOperator", f(1000), name="exp"), "INF"),
    (op("mathOperator", f("-2.5"), name="abs"), "2.50"),
    (op("mathOperator", f("-2.5"), name="signum"), "-1"),
    (op("mathOperator", f("-2.5"), name="floor"), "-3"),
    (op("mathOperator", f("-2.5"), name="ceil"), "-2"),
    (op("mathOperator", f(0), name="csc"), None),
    (op("mathOperator", f(180), name="toRadians"), "3.141592653589793"),
    (op("mathOperator", N, name="cos"), None),
    (op("statsOperator", many(f(1, 2, 4)), name="mean"), "2.33333333333333333333"),
    (op("statsOperator", many(i(1, 3)), name="sampleVariance"), "2.00"),
    (op("statsOperator", many(i(1)), name="sampleVariance"), None),
    (op("statsOperator", many(i(1, 3)), name="popVariance"), "1.00"),
    (op("statsOperator", many(i(1, 3)), name="popSD"), "1.00"),
    (op("statsOperator", many(i(1, 3)), name="sampleSD"), "1.4142135623730951"),
    (op("statsOperator", N, name="mean"), None),
    # containers
    (many(i(1), N, i(2)), ["1", "2"]),
    (many(N), None),
    (many(many(i(1, 2)), i(2)), ["1", "2", "2"]),
    (row(i(2), row(i(1))), ["2", "1"]),
    (op("containerSize", many(i(1, 1))), "2"),
    (op("containerSize", N), "0"),
    (op("index", row(s("a", "b")), n=2), "b"),
    (op("index", row(s("a", "b")), n="TWO"), "b"),
    (op("index", row(s("a", "b")), n=3), None),
    (op("index", N, n=1), None),
    (op("member", s("a") + many(s("b", "a"))), "true"),
    (op("member", s("c") + many(s("b", "a"))), "false"),
    (op("member", N + many(s("b"))), None),
    (op("delete", i(1) + many(i(1, 2, 1))), ["2"]),
    (op("delete", i(1) + many(i(1, 1))), None),
    (op("delete", N + many(i(1))), None),
    (op("contains", many(s("A", "B", "C")) + many(s("C", "A"))), "true"),
    (op("contains", many(s("A", "B", "C")) + many(s("B", "B"))), "false"),
    (op("contains", many(s("A", "B", "B")) + many(s("B", "B"))), "true"),
    (op("contains", row(s("A", "B", "C")) + row(s("B", "C"))), "true"),
    (op("contains", row(s("A", "B", "C")) + row(s("C", "A"))), "false"),
    (op("contains", row(s("A", "B", "C")) + N), None),
    (op("repeat", i(7), numberRepeats=3), ["7", "7", "7"]),
    (op("repeat", i(7), numberRepeats=0), None),
    (op("fieldValue", '<variable identifier="ENTRY"/>', fieldIdentifier="ndp"), None),
    (op("random", N), None),
    (op("random", many(s("x", "x"))), "x"),
    (op("randomInteger", min=5, max=5), "5"),
    (op("randomInteger", min=6, max=5), None),
    (op("randomFloat", min=2, max=2), "2.00"),
    (op("inside", v("point", "3 4"), shape="circle", coords="0,0,5"), "true"),
    (op("inside", v("point", "4 4"), shape="circle", coords="0,0,5"), "false"),
    (op("inside", many(v("point", "9 9", "1 1")), shape="rect", coords="0,0,2,2"), "true"),
    (op("inside", v("point", "2 1"), shape="ellipse", coords="0,0,2,1"), "false"),
    (op("inside", v("point", "1 1"), shape="poly", coords="0,0,4,0,0,4"), "true"),
    (op("inside", v("point", "3 3"), shape="poly", coords="0,0,4,0,0,4"), "false"),
    (op("inside", v("point", "9 9"), shape="default"), "true"),
    (op("inside", N, shape="default"), None),
    # mappings of responses that nobody gave
    ('<mapResponse identifier="TOWN"/>', "-0.50"),
    ('<mapResponse identifier="PAIRS"/>', "0.00"),
    ('<mapResponse identifier="SCORE"/>', None),
    ('<mapResponse identifier="RESPONSE"/>', "0.00"),
    ('<mapResponsePoint identifier="POINTS"/>', "-1.00"),
]


def result(expression, **given):
    data = item_xml(DECLARED, processing=processing(expression))
    found = []
    for document in (data, as_qti_3(data)):
        root, _version = read_document(document, "题")
        state = new_session(root, 0)
        for identifier, value in given.items():
            state.variables[identifier].value = value
        found.append(as_json(evaluate(state, child(root, "responseProcessing")[0])))
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(("expression", "expected"), TABLE)
def test_an_expression_has_its_value(expression, expected):
    assert result(expression) == expected


def test_the_table_names_every_expression():
    told = " ".join(expression for expression, _expected in TABLE)
    untold = {
        name for name in EXPRESSIONS if f"<{name} " not in told and f"<{name}>" not in told and f"<{name}/" not in told
    }
    assert untold == {"customOperator", "record"}


def test_what_is_no_expression_of_an_item_cannot_be_scored():
    for expression in (
        '<customOperator class="x"/>',
        '<numberCorrect sectionIdentifier="S"/>',
        op("patternMatch", s("a"), pattern="(a"),
        op("repeat", i(1), numberRepeats=10**9),
        op("mathOperator", f(1), name="cbrt"),
    ):
        with pytest.raises(Unscorable, match=r"没有评分"):
            result(expression)


@pytest.mark.parametrize(
    ("town", "earned"), [("York", "1.50"), ("york", "-0.50"), ("London", "2.00"), ("Leeds", "-0.50")]
)
def test_a_mapping_looks_its_value_up_within_its_bounds(town, earned):
    assert result('<mapResponse identifier="TOWN"/>', TOWN=single("string", town)) == earned


def test_each_distinct_value_and_each_area_counts_once():
    pairs = container("multiple", "pair", [parse("pair", "B A"), parse("pair", "A B")])
    assert result('<mapResponse identifier="PAIRS"/>', PAIRS=pairs) == "0.75"
    points = container("multiple", "point", [(10, 10), (11, 11), (200, 0)])
    assert result('<mapResponsePoint identifier="POINTS"/>', POINTS=points) == "1.00"
