"""Operators of QTI on truth values, texts and containers; NULL is SQL's unknown. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from grading.scoring.qti.patterns import BadPattern, matches
from grading.scoring.qti.shapes import inside_shape
from grading.scoring.qti.state import State, Unscorable
from grading.scoring.qti.values import (
    CONTAINERS,
    NUMERIC,
    TEXTUAL,
    Scalar,
    Value,
    container,
    integer,
    number,
    record,
    single,
    truth,
)
from question_bank.formats.qti.documents import Element

Arguments = Sequence[Value | None]


def _truths(args: Arguments) -> list[bool | None]:
    return [bool(value.one) if value is not None and value.base == "boolean" else None for value in args]


def conjunction(state: State, element: Element, args: Arguments) -> Value | None:
    """False where one is false, else NULL where one is NULL, else true."""
    truths = _truths(args)
    return truth(False) if False in truths else None if None in truths else truth(True)


def disjunction(state: State, element: Element, args: Arguments) -> Value | None:
    """True where one is true, else NULL where one is NULL, else false."""
    truths = _truths(args)
    return truth(True) if True in truths else None if None in truths else truth(False)


def negation(state: State, element: Element, args: Arguments) -> Value | None:
    """The opposite; NULL stays NULL."""
    truths = _truths(args)
    return None if not truths or truths[0] is None else truth(not truths[0])


def any_n(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether at least `min` and at most `max` are true, NULL where the unknown ones decide."""
    least, most = state.integer_attribute(element, "min"), state.integer_attribute(element, "max")
    if least is None or most is None:
        state.note("anyN 没有写明 min 或 max，按 NULL 处理")
        return None
    truths = _truths(args)
    sure, unknown = truths.count(True), truths.count(None)
    if sure > most or sure + unknown < least:
        return truth(False)
    return truth(True) if sure >= least and sure + unknown <= most else None


def is_null(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether the value is NULL (an empty text or container is)."""
    return truth(not args or args[0] is None)


def comparable(base: str | None, item: Scalar) -> Scalar:
    """The form in which two scalars are equal exactly when QTI says so."""
    if base in NUMERIC:
        return ("number", number(item).one)
    if base in TEXTUAL or base == "intOrIdentifier":
        return ("text", str(item))
    if base == "pair":
        return ("pair", tuple(sorted(item)))
    return (base, item)


def same(first: Value, second: Value) -> bool:
    """Whether two values are the same: without regard for order in `multiple`, with it in `ordered`."""
    if first.cardinality == "record" or second.cardinality == "record":
        return (
            first.cardinality == second.cardinality
            and first.fields.keys() == second.fields.keys()
            and all(same(value, second.fields[name]) for name, value in first.fields.items())
        )
    if first.cardinality != second.cardinality and "single" in (first.cardinality, second.cardinality):
        return False
    ours = [comparable(first.base, item) for item in first.items]
    theirs = [comparable(second.base, item) for item in second.items]
    return ours == theirs if first.cardinality == "ordered" else Counter(ours) == Counter(theirs)


def match(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether both are the same value."""
    if len(args) != 2 or args[0] is None or args[1] is None:
        return None
    return truth(same(args[0], args[1]))


def multiple(state: State, element: Element, args: Arguments) -> Value | None:
    """All values in one container without order; NULLs are left out."""
    return _gathered("multiple", args)


def ordered(state: State, element: Element, args: Arguments) -> Value | None:
    """All values in one container in order; NULLs are left out."""
    return _gathered("ordered", args)


def _gathered(cardinality: str, args: Iterable[Value | None]) -> Value | None:
    held = [value for value in args if value is not None]
    bases = {value.base for value in held}
    if bases == {"integer", "float"}:
        return container(cardinality, "float", (number(item).one for value in held for item in value.items))
    base = held[0].base if held else None
    return container(cardinality, base, (item for value in held if value.base == base for item in value.items))


def gather_record(state: State, element: Element, args: Arguments) -> Value | None:
    """A record of the values, each under the name that its expression bears."""
    names = [str(child.get("fieldIdentifier", child.get("identifier", ""))) for child in element]
    return record(dict(zip(names, args, strict=False)))


def container_size(state: State, element: Element, args: Arguments) -> Value | None:
    """How many values a container holds; NULL holds none."""
    return integer(0 if not args or args[0] is None else len(args[0].items))


def index(state: State, element: Element, args: Arguments) -> Value | None:
    """The n-th value of an ordered container, counted from 1."""
    place = state.integer_attribute(element, "n")
    held = args[0] if args else None
    if held is None or place is None or not 1 <= place <= len(held.items):
        return None
    return single(held.base or "string", held.items[place - 1])


def field_value(state: State, element: Element, args: Arguments) -> Value | None:
    """A field of a record."""
    held = args[0] if args else None
    return None if held is None else held.fields.get(element.get("fieldIdentifier", ""))


def member(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether the single value stands in the container."""
    if len(args) != 2 or args[0] is None or args[1] is None or not args[0].items:
        return None
    wanted = comparable(args[0].base, args[0].one)
    return truth(any(comparable(args[1].base, item) == wanted for item in args[1].items))


def delete(state: State, element: Element, args: Arguments) -> Value | None:
    """The container without any instance of the single value."""
    if len(args) != 2 or args[0] is None or args[1] is None or not args[0].items:
        return None
    gone = comparable(args[0].base, args[0].one)
    held = args[1]
    return container(held.cardinality, held.base, (i for i in held.items if comparable(held.base, i) != gone))


def contains(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether the first container holds all of the second: as often, or (ordered) as one run in the same order."""
    if len(args) != 2 or args[0] is None or args[1] is None:
        return None
    whole = [comparable(args[0].base, item) for item in args[0].items]
    part = [comparable(args[1].base, item) for item in args[1].items]
    if args[0].cardinality == "ordered":
        return truth(any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1)))
    return truth(Counter(part) <= Counter(whole))


def _texts(args: Arguments) -> list[str] | None:
    if any(value is None or value.base not in (*TEXTUAL, "intOrIdentifier") or not value.items for value in args):
        return None
    return [str(value.one) for value in args if value is not None]


def string_match(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether two texts are the same; or, with `substring`, whether the first holds the second."""
    texts = _texts(args)
    if texts is None or len(texts) != 2:
        return None
    first, second = texts if element.get("caseSensitive", "true") != "false" else (text.lower() for text in texts)
    return truth(second in first if element.get("substring", "false") == "true" else first == second)


def substring(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether the first text stands in the second."""
    texts = _texts(args)
    if texts is None or len(texts) != 2:
        return None
    first, second = texts if element.get("caseSensitive", "true") != "false" else (text.lower() for text in texts)
    return truth(first in second)


def pattern_match(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether a text matches an expression of XML Schema, as a whole."""
    texts = _texts(args)
    if not texts:
        return None
    try:
        return truth(matches(state.text_attribute(element, "pattern"), texts[0]))
    except BadPattern as problem:
        raise Unscorable(f"{problem}，没有评分；请检查题目的 patternMatch。") from None


def inside(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether a point (or one of several) lies in a shape."""
    held = args[0] if args else None
    if held is None or held.base != "point":
        return None
    shape, coordinates = element.get("shape", ""), element.get("coords", "")
    return truth(any(inside_shape(shape, coordinates, point) for point in held.items))


def draw(state: State, element: Element, args: Arguments) -> Value | None:
    """One value of a container, drawn."""
    held = args[0] if args else None
    if held is None or held.cardinality not in CONTAINERS:
        return None
    return single(held.base or "string", state.generator().choice(held.items))
