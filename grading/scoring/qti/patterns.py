"""Regular expressions of XML Schema (Part 2, appendix F), matched in time bounded by a budget of steps. Pure.

Such an expression has no back references, so a set of states is enough: no input makes it search twice. An expression
matches the whole text; `^` and `$` are ordinary characters there. Authors who know other dialects write them around the
whole expression all the same: such a pair is taken either way.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST_PATTERN = 2_000
LONGEST_TEXT = 20_000
MOST_STATES = 10_000
MOST_STEPS = 2_000_000
DEEPEST = 40

Test = Callable[[str], bool]
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"} | {char: char for char in r"\|.-^?*+{}()[]$"}
_BLOCKS = {
    "IsBasicLatin": (0x0, 0x7F),
    "IsLatin-1Supplement": (0x80, 0xFF),
    "IsGreek": (0x370, 0x3FF),
    "IsGreekandCoptic": (0x370, 0x3FF),
    "IsCyrillic": (0x400, 0x4FF),
    "IsCJKSymbolsandPunctuation": (0x3000, 0x303F),
    "IsCJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "IsHalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}


class BadPattern(ValueError):
    """A pattern that is no expression of XML Schema, or too much of one; the message is a Chinese phrase."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A character (``test``), or parts one after another, one of them (``either``), or repeated."""

    kind: str
    test: Test | None = None
    parts: tuple["_Node", ...] = ()
    least: int = 1
    most: int | None = 1


@dataclass(slots=True)
class _Machine:
    """States by number: where each leads on one character, and where without any."""

    tests: list[tuple[Test, int] | None] = field(default_factory=list)
    free: list[list[int]] = field(default_factory=list)

    def state(self) -> int:
        if len(self.free) >= MOST_STATES:
            raise BadPattern("正则表达式太复杂")
        self.tests.append(None)
        self.free.append([])
        return len(self.free) - 1

    def add(self, node: _Node, start: int) -> int:
        """Build the states of a node after `start`; return the state where it ends."""
        if node.kind == "char":
            end = self.state()
            assert node.test is not None  # noqa: S101
            way = self.state()
            self.free[start].append(way)
            self.tests[way] = (node.test, end)
            return end
        if node.kind == "sequence":
            for part in node.parts:
                start = self.add(part, start)
            return start
        if node.kind == "either":
            end = self.state()
            for part in node.parts:
                way = self.state()
                self.free[start].append(way)
                self.free[self.add(part, way)].append(end)
            return end
        return self._repeat(node, start)

    def _repeat(self, node: _Node, start: int) -> int:
        (part,) = node.parts
        for _ in range(node.least):
            start = self.add(part, start)
        end = self.state()
        if node.most is None:
            loop = self.state()
            self.free[start].append(loop)
            self.free[self.add(part, loop)].append(loop)
            self.free[loop].append(end)
            return end
        self.free[start].append(end)
        for _ in range(node.most - node.least):
            start = self.add(part, start)
            self.free[start].append(end)
        return end


def matches(pattern: str, text: str) -> bool:
    """Return whether the whole text matches, also without `^` and `$` around the expression. Raises BadPattern."""
    if _matches(pattern, text):
        return True
    bare = pattern.removeprefix("^")
    if bare.endswith("$") and not bare.endswith("\\$"):
        bare = bare[:-1]
    return bare != pattern and _matches(bare, text)


def _matches(pattern: str, text: str) -> bool:
    if len(pattern) > LONGEST_PATTERN or len(text) > LONGEST_TEXT:
        raise BadPattern("正则表达式或作答太长")
    machine = _Machine()
    start = machine.state()
    end = machine.add(_Parser(pattern).whole(), start)
    steps = 0
    current = _reached(machine, [start])
    for char in text:
        steps += len(current)
        if steps > MOST_STEPS:
            raise BadPattern("正则表达式太复杂")
        current = _reached(machine, [way[1] for state in current if (way := machine.tests[state]) and way[0](char)])
        if not current:
            return False
    return end in current


def _reached(machine: _Machine, states: list[int]) -> set[int]:
    reached = set(states)
    waiting = list(reached)
    while waiting:
        for onward in machine.free[waiting.pop()]:
            if onward not in reached:
                reached.add(onward)
                waiting.append(onward)
    return reached


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def whole(self) -> _Node:
        node = self._either()
        if self.at < len(self.pattern):
            raise BadPattern("正则表达式的括号不成对")
        return node

    def _peek(self) -> str:
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def _take(self) -> str:
        char = self._peek()
        if not char:
            raise BadPattern("正则表达式不完整")
        self.at += 1
        return char

    def _either(self) -> _Node:
        branches = [self._branch()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._branch())
        return branches[0] if len(branches) == 1 else _Node("either", parts=tuple(branches))

    def _branch(self) -> _Node:
        parts = []
        while self._peek() and self._peek() not in "|)":
            parts.append(self._quantified(self._atom()))
        return _Node("sequence", parts=tuple(parts))

    def _quantified(self, node: _Node) -> _Node:
        sign = self._peek()
        if sign and sign in "?*+":
            self.at += 1
            least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}[sign]
        elif sign == "{":
            least, most = self._counts()
        else:
            return node
        if self._peek() and self._peek() in "?*+{":
            raise BadPattern("正则表达式的量词重叠")
        return _Node("repeat", parts=(node,), least=least, most=most)

    def _counts(self) -> tuple[int, int | None]:
        inside, closed, _rest = self.pattern[self.at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isascii() or not low.isdigit() or (high and not (high.isascii() and high.isdigit())):
            raise BadPattern("正则表达式的次数写法不对")
        if len(low) > 4 or len(high) > 4:
            raise BadPattern("正则表达式太复杂")
        self.at += len(inside) + 2
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if most is not None and most < least:
            raise BadPattern("正则表达式的次数写法不对")
        return least, most

    def _atom(self) -> _Node:
        char = self._take()
        if char == "(":
            return self._group()
        if char == "[":
            return _Node("char", self._set())
        if char == "\\":
            return _Node("char", self._escape())
        if char == ".":
            return _Node("char", lambda found: found not in "\n\r")
        if char in "?*+{}]":
            raise BadPattern(f"正则表达式中的“{char}”位置不对")
        return _Node("char", _is(char))

    def _group(self) -> _Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadPattern("正则表达式嵌套太深")
        node = self._either()
        if self._take() != ")":
            raise BadPattern("正则表达式的括号不成对")
        self.depth -= 1
        return node

    def _escape(self) -> Test:
        char = self._take()
        if char in _ESCAPED:
            return _is(_ESCAPED[char])
        if char in "pP":
            return _property(self._name(), char == "p")
        test = _CLASSES.get(char.lower())
        if test is None:
            raise BadPattern(f"不认识正则表达式中的“\\{char}”")
        return test if char.islower() else _not(test)

    def _name(self) -> str:
        if self._take() != "{":
            raise BadPattern("正则表达式的字符类别写法不对")
        name, closed, _rest = self.pattern[self.at :].partition("}")
        if not closed:
            raise BadPattern("正则表达式不完整")
        self.at += len(name) + 1
        return name

    def _set(self) -> Test:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadPattern("正则表达式嵌套太深")
        negative = self._peek() == "^"
        self.at += negative
        tests: list[Test] = []
        without: Test | None = None
        while self._peek() != "]" or not tests:
            if self._peek() == "-" and self.pattern[self.at + 1 : self.at + 2] == "[":
                self.at += 2
                without = self._set()
                break
            tests.append(self._range())
        if self._take() != "]":
            raise BadPattern("正则表达式的方括号不成对")
        self.depth -= 1
        return _combined(tests, negative, without)

    def _range(self) -> Test:
        low = self._take()
        if low == "\\":
            if self._peek() not in _ESCAPED:
                return self._escape()
            low = _ESCAPED[self._take()]
        elif low == "[":
            raise BadPattern("正则表达式的方括号不成对")
        following = self.pattern[self.at + 1 : self.at + 2]
        if self._peek() != "-" or following in ("", "]", "["):
            return _is(low)
        self.at += 1
        high = self._take()
        if high == "\\":
            high = _ESCAPED.get(self._take(), "")
        if not high or high < low:
            raise BadPattern("正则表达式的字符范围写法不对")
        return lambda char: low <= char <= high


def _combined(tests: list[Test], negative: bool, without: Test | None) -> Test:
    def test(char: str) -> bool:
        found = any(each(char) for each in tests) != negative
        return found and not (without is not None and without(char))

    return test


def _is(wanted: str) -> Test:
    return lambda char: char == wanted


def _not(test: Test) -> Test:
    return lambda char: not test(char)


def _property(name: str, positive: bool) -> Test:
    if name in _BLOCKS:
        low, high = _BLOCKS[name]
        return lambda char: (low <= ord(char) <= high) == positive
    if not name or len(name) > 2 or name[0] not in "LMNPZSC":
        raise BadPattern(f"不认识正则表达式中的字符类别“{name[:20]}”")
    return lambda char: unicodedata.category(char).startswith(name) == positive


def _starts_name(char: str) -> bool:
    return char in "_:" or unicodedata.category(char) in ("Lu", "Ll", "Lt", "Lo", "Lm", "Nl")


_CLASSES: dict[str, Test] = {
    "s": lambda char: char in " \t\n\r",
    "d": lambda char: unicodedata.category(char) == "Nd",
    "w": lambda char: unicodedata.category(char)[0] not in "PZC",
    "i": _starts_name,
    "c": lambda char: _starts_name(char) or char in ".-·" or unicodedata.category(char) in ("Nd", "Mn", "Mc"),
}
