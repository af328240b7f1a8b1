"""The shapes of areas: rect, circle, ellipse, poly and default, borders included. Pure, in whole coordinates."""

from collections.abc import Sequence
from fractions import Fraction

from grading.scoring.qti.values import NotAValue, parse


def inside_shape(shape: str, coordinates: str, point: tuple[int, int]) -> bool:
    """Return whether a point lies in a shape; a shape that is not understood holds none but `default` holds all."""
    if shape == "default":
        return True
    try:
        numbers = [Fraction(parse("float", text.strip().rstrip("%"))) for text in coordinates.split(",")]
    except (NotAValue, ValueError, OverflowError):
        return False
    x, y = Fraction(point[0]), Fraction(point[1])
    if shape == "rect" and len(numbers) == 4:
        left, top, right, bottom = numbers
        return left <= x <= right and top <= y <= bottom
    if shape == "circle" and len(numbers) == 3:
        return (x - numbers[0]) ** 2 + (y - numbers[1]) ** 2 <= numbers[2] ** 2
    if shape == "ellipse" and len(numbers) == 4 and numbers[2] > 0 and numbers[3] > 0:
        return ((x - numbers[0]) / numbers[2]) ** 2 + ((y - numbers[1]) / numbers[3]) ** 2 <= 1
    if shape == "poly" and len(numbers) >= 6:
        return _inside_polygon(list(zip(numbers[::2], numbers[1::2], strict=False)), x, y)
    return False


def _inside_polygon(corners: Sequence[tuple[Fraction, Fraction]], x: Fraction, y: Fraction) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if turn == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True  # on the border
        if (y1 > y) != (y2 > y) and (turn > 0) == (y2 > y1):
            inside = not inside
    return inside
