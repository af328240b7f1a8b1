"""Numeric operators of QTI: exact where arithmetic is exact, doubles only inside functions that have no exact result."""

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from grading.scoring.qti.state import State, Unscorable
from grading.scoring.qti.values import (
    CONTAINERS,
    INFINITY,
    NUMERIC,
    Number,
    Value,
    integer,
    number,
    tidy,
    truth,
)
from question_bank.formats.qti.documents import Element

Arguments = Sequence[Value | None]
_MOST_INTEGER_BITS = 4096
_LARGEST_EXPONENT = 64
_BEYOND_FLOATS = 2**1024


def _numbers(args: Iterable[Value | None]) -> list[Number] | None:
    """All numbers of the arguments, containers opened; None where one is NULL or no number."""
    found: list[Number] = []
    for value in args:
        if value is None or value.base not in NUMERIC:
            return None
        found.extend(tidy(item) for item in value.items)
    return found


def _two(args: Arguments) -> tuple[Number, Number] | None:
    found = _numbers(args)
    return (found[0], found[1]) if found is not None and len(found) == 2 else None


def _whole_numbers(args: Arguments) -> bool:
    return all(value is not None and value.base == "integer" for value in args)


def _of_kind(value: Number, whole: bool) -> Value | None:
    """An integer where all arguments were integers, otherwise a float."""
    if not whole:
        return number(value)
    found = int(value)
    return integer(found) if found.bit_length() <= _MOST_INTEGER_BITS else None


def add(state: State, element: Element, args: Arguments) -> Value | None:
    """The sum of all numbers."""
    found = _numbers(args)
    return None if not found else _of_kind(_fold(found, lambda a, b: a + b), _whole_numbers(args))


def multiply(state: State, element: Element, args: Arguments) -> Value | None:
    """The product of all numbers."""
    found = _numbers(args)
    return None if not found else _of_kind(_fold(found, lambda a, b: a * b), _whole_numbers(args))


def _fold(numbers: list[Number], join: Callable[[Number, Number], Number]) -> Number:
    result = numbers[0]
    for each in numbers[1:]:
        result = tidy(join(result, each))
    return result


def subtract(state: State, element: Element, args: Arguments) -> Value | None:
    """First minus second."""
    pair = _two(args)
    return None if pair is None else _of_kind(tidy(pair[0] - pair[1]), _whole_numbers(args))


def divide(state: State, element: Element, args: Arguments) -> Value | None:
    """First divided by second as a float; NULL where the second is zero."""
    pair = _two(args)
    if pair is None or pair[1] == 0:
        return None
    return _unless_nan(pair[0] / pair[1])


def power(state: State, element: Element, args: Arguments) -> Value | None:
    """First to the power of second as a float; NULL where that is no real number or beyond any float."""
    pair = _two(args)
    if pair is None:
        return None
    base, exponent = pair
    if (
        isinstance(base, Fraction)
        and isinstance(exponent, Fraction)
        and exponent.denominator == 1
        and abs(exponent) <= _LARGEST_EXPONENT
    ):
        return None if base == 0 and exponent < 0 else _within_floats(base ** int(exponent))
    try:
        return _unless_nan(math.pow(base, exponent))
    except (ValueError, OverflowError):
        return None


def _within_floats(value: Fraction) -> Value | None:
    return number(value) if abs(value) < _BEYOND_FLOATS else None


def _unless_nan(value: Number) -> Value | None:
    return None if not isinstance(value, Fraction) and math.isnan(value) else number(value)


def integer_divide(state: State, element: Element, args: Arguments) -> Value | None:
    """The greatest integer not above the quotient of two integers."""
    pair = _two(args) if _whole_numbers(args) else None
    return None if pair is None or pair[1] == 0 else integer(int(pair[0] // pair[1]))


def integer_modulus(state: State, element: Element, args: Arguments) -> Value | None:
    """What integer division leaves."""
    pair = _two(args) if _whole_numbers(args) else None
    return None if pair is None or pair[1] == 0 else integer(int(pair[0] % pair[1]))


def truncate(state: State, element: Element, args: Arguments) -> Value | None:
    """The number without its fraction, as an integer; infinities stay, NaN is NULL."""
    return _to_integer(args, math.trunc)


def round_up_at_half(state: State, element: Element, args: Arguments) -> Value | None:
    """The integer n with n - 0.5 <= x < n + 0.5."""
    return _to_integer(args, lambda value: math.floor(value + Fraction(1, 2)))


def _to_integer(args: Arguments, convert: Callable[[Fraction], int]) -> Value | None:
    found = _numbers(args)
    if not found:
        return None
    value = found[0]
    return _unless_nan(value) if not isinstance(value, Fraction) else integer(convert(value))


def integer_to_float(state: State, element: Element, args: Arguments) -> Value | None:
    """The same number as a float."""
    found = _numbers(args)
    return number(found[0]) if found else None


def round_to(state: State, element: Element, args: Arguments) -> Value | None:
    """The number rounded to `figures` significant figures or decimal places, half away from zero."""
    found = _numbers(args)
    rounded = _rounded(state, element, found[0]) if found else None
    return None if rounded is None else _unless_nan(rounded)


def _rounded(state: State, element: Element, value: Number) -> Number | None:
    figures = state.integer_attribute(element, "figures")
    places = element.get("roundingMode", "significantFigures") == "decimalPlaces"
    if figures is None or figures < (0 if places else 1) or figures > 1000:
        state.note("roundTo 或 equalRounded 的 figures 不对，按 NULL 处理")
        return None
    if not isinstance(value, Fraction) or value == 0:
        return value
    shift = figures if places else figures - 1 - _magnitude(value)
    scale = Fraction(10) ** shift
    scaled = abs(value) * scale
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return (1 if value > 0 else -1) * whole / scale


def _magnitude(value: Fraction) -> int:
    """The power of ten of the first digit that is not zero."""
    size = abs(value)
    guess = len(str(size.numerator)) - len(str(size.denominator))
    return guess if size >= Fraction(10) ** guess else guess - 1


def equal(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether the second number is the first, exactly or within an absolute or relative tolerance."""
    pair = _two(args)
    if pair is None:
        return None
    first, second = pair
    mode = element.get("toleranceMode", "exact")
    if mode == "exact":
        return truth(first == second)
    tolerance = [state.number_of(text) for text in element.get("tolerance", "").split()]
    below, above = (tolerance[0], tolerance[-1]) if tolerance else (None, None)
    if below is None or above is None:
        state.note("equal 没有写明 tolerance，按 NULL 处理")
        return None
    low, high = (first - below, first + above)
    if mode == "relative":
        low, high = first * (1 - below / 100), first * (1 + above / 100)
    fits_low = second >= low if element.get("includeLowerBound", "true") != "false" else second > low
    fits_high = second <= high if element.get("includeUpperBound", "true") != "false" else second < high
    return truth(fits_low and fits_high)


def equal_rounded(state: State, element: Element, args: Arguments) -> Value | None:
    """Whether two numbers are equal once both are rounded."""
    pair = _two(args)
    if pair is None:
        return None
    first, second = (_rounded(state, element, value) for value in pair)
    return None if first is None or second is None else truth(first == second)


def comparison(compare: Callable[[Number, Number], bool]) -> Callable[[State, Element, Arguments], Value | None]:
    """The operator that compares two numbers."""

    def compared(state: State, element: Element, args: Arguments) -> Value | None:
        pair = _two(args)
        return None if pair is None else truth(compare(*pair))

    return compared


def duration_comparison(
    compare: Callable[[Fraction, Fraction], bool],
) -> Callable[[State, Element, Arguments], Value | None]:
    """The operator that compares two durations."""

    def compared(state: State, element: Element, args: Arguments) -> Value | None:
        if len(args) != 2 or any(value is None or value.base not in ("duration", *NUMERIC) for value in args):
            return None
        first, second = (value.one for value in args if value is not None)
        return truth(compare(first, second))

    return compared


def extreme(choose: Callable[[list[Number]], Number]) -> Callable[[State, Element, Arguments], Value | None]:
    """The operator that takes the least or the greatest number."""

    def chosen(state: State, element: Element, args: Arguments) -> Value | None:
        found = _numbers(args)
        return None if not found else _of_kind(choose(found), _whole_numbers(args))

    return chosen


def common(join: Callable[..., int]) -> Callable[[State, Element, Arguments], Value | None]:
    """The operator that takes the greatest common divisor or the least common multiple of integers."""

    def joined(state: State, element: Element, args: Arguments) -> Value | None:
        found = _numbers(args) if _whole_numbers(args) else None
        if not found:
            return None
        result = join(*(int(value) for value in found))
        return integer(result) if result.bit_length() <= _MOST_INTEGER_BITS else None

    return joined


def constant(state: State, element: Element, args: Arguments) -> Value | None:
    """π or e."""
    found = {"pi": math.pi, "e": math.e}.get(element.get("name", ""))
    if found is None:
        raise Unscorable(f"没有名为“{element.get('name', '')[:30]}”的数学常数，没有评分。")
    return number(found)


def statistic(state: State, element: Element, args: Arguments) -> Value | None:
    """Mean, variance or standard deviation of a container of numbers."""
    name = element.get("name", "")
    if name not in ("mean", "sampleVariance", "sampleSD", "popVariance", "popSD"):
        raise Unscorable(f"没有名为“{name[:30]}”的统计函数，没有评分。")
    found = _numbers(args) if args and args[0] is not None and args[0].cardinality in CONTAINERS else None
    if not found:
        return None
    mean = tidy(_fold(found, lambda a, b: a + b) / len(found))
    if name == "mean":
        return _unless_nan(mean)
    divisor = len(found) - name.startswith("sample")
    if divisor == 0:
        return None
    variance = tidy(_fold([tidy((value - mean) ** 2) for value in found], lambda a, b: a + b) / divisor)
    return _unless_nan(_root(variance) if name.endswith("SD") else variance)


def _root(value: Number) -> Number:
    if isinstance(value, Fraction):
        above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if above * above == value.numerator and below * below == value.denominator:
            return Fraction(above, below)
        return Fraction(Decimal(repr(math.sqrt(value))))
    return value


def function(state: State, element: Element, args: Arguments) -> Value | None:
    """A function of mathOperator: NULL where it is not defined, integers from floor, ceil and signum."""
    name = element.get("name", "")
    if name not in _FUNCTIONS:
        raise Unscorable(f"没有名为“{name[:30]}”的数学函数，没有评分。")
    found = _numbers(args)
    if found is None or len(found) != (2 if name == "atan2" else 1):
        return None
    if not isinstance(found[0], Fraction) and math.isnan(found[0]):
        return None
    try:
        result = _FUNCTIONS[name](*found)
    except (ValueError, ZeroDivisionError):
        return None
    except OverflowError:
        return number(INFINITY)
    if name in _TO_INTEGERS and isinstance(result, Fraction):
        return integer(int(result))
    return _unless_nan(tidy(result))


def _floor(value: Number) -> Number:
    return Fraction(math.floor(value)) if isinstance(value, Fraction) else value


def _ceil(value: Number) -> Number:
    return Fraction(math.ceil(value)) if isinstance(value, Fraction) else value


def _sign(value: Number) -> Number:
    return Fraction((value > 0) - (value < 0))


def _log(function: Callable[[Number], Number]) -> Callable[[Number], Number]:
    return lambda value: -INFINITY if value == 0 else function(value)


_TO_INTEGERS = ("floor", "ceil", "signum")
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "sec": lambda x: 1 / math.cos(x),
    "csc": lambda x: 1 / math.sin(x),
    "cot": lambda x: 1 / math.tan(x),
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "atan2": math.atan2,
    "asec": lambda x: math.acos(1 / x),
    "acsc": lambda x: math.asin(1 / x),
    "acot": lambda x: math.pi / 2 if x == 0 else math.atan(1 / x),
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "sech": lambda x: 1 / math.cosh(x),
    "csch": lambda x: 1 / math.sinh(x),
    "coth": lambda x: 1 / math.tanh(x),
    "log": _log(math.log10),
    "ln": _log(math.log),
    "exp": math.exp,
    "abs": abs,
    "signum": _sign,
    "floor": _floor,
    "ceil": _ceil,
    "toDegrees": math.degrees,
    "toRadians": math.radians,
}
