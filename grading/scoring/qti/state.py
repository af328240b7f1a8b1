"""What processing knows while it runs: the variables of one item session, a budget, a seeded generator. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from grading.scoring.qti.values import (
    CONTAINERS,
    NUMERIC,
    TEXTUAL,
    NotAValue,
    Number,
    Scalar,
    Value,
    container,
    integer,
    number,
    parse,
    single,
)
from question_bank.formats.qti.documents import Element

MOST_STEPS = 200_000


class Unscorable(Exception):
    """The item cannot be scored by its own processing; the message is one Chinese sentence."""


@dataclass(slots=True)
class Variable:
    """One variable: what it is (response, outcome, template, context), its declaration and its values."""

    identifier: str
    kind: str
    cardinality: str
    base: str | None
    declaration: Element | None = None
    value: Value | None = None
    default: Value | None = None
    correct: Value | None = None

    def fit(self, value: Value | None) -> Value | None:
        """Return a value in this variable's cardinality and base type. Raises NotAValue where that is impossible."""
        if value is None or value.cardinality == self.cardinality == "record":
            return value
        if value.cardinality == "record" or self.cardinality == "record":
            raise NotAValue(f"不能存入变量 {self.identifier}")
        items = tuple(self._fit_item(value.base, item) for item in value.items)
        if self.cardinality in CONTAINERS:
            return container(self.cardinality, self.base, items)
        if len(items) > 1:
            raise NotAValue(f"不能把几个值存入变量 {self.identifier}")
        return single(self.base or "string", items[0])

    def _fit_item(self, base: str | None, item: Scalar) -> Scalar:
        if base == self.base or self.base is None or (base in TEXTUAL and self.base in TEXTUAL):
            return item
        if base == "integer" and self.base == "float":
            return number(item).one
        if base == "float" and self.base == "integer":
            return whole(item)
        if "intOrIdentifier" in (base, self.base):
            return str(item)
        if {base, self.base} == {"pair", "directedPair"}:
            return tuple(sorted(item)) if self.base == "pair" else item
        raise NotAValue(f"{base} 不能存入 {self.base} 型变量 {self.identifier}")


def whole(value: Number) -> int:
    """Return the integer that a float is, without its fraction. Raises NotAValue for infinities and NaN."""
    try:
        return int(value)
    except (ValueError, OverflowError):
        raise NotAValue("无穷大不能存为整数") from None


@dataclass(slots=True)
class State:
    """The session of one item: variables by identifier; notes for the person; what was assigned, in order; how mappings added up."""

    variables: dict[str, Variable] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    trace: list[tuple[str, Value | None]] = field(default_factory=list)
    workings: list[str] = field(default_factory=list)
    seed: int = 0
    drew: bool = False
    steps: int = 0
    _random: random.Random | None = None

    def step(self) -> None:
        """Count one evaluation. Raises Unscorable when the budget is spent."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Unscorable("评分规则运行过久（超过允许的步数），没有评分；请检查题目的 responseProcessing。")

    def note(self, text: str) -> None:
        """Remember a doubt, once, twenty at most."""
        if text not in self.notes and len(self.notes) < 20:
            self.notes.append(text)

    def work(self, text: str) -> None:
        """Remember how something was worked out, eight times at most."""
        if text not in self.workings and len(self.workings) < 8:
            self.workings.append(text)

    def generator(self) -> random.Random:
        """The generator of this run; that it was used is remembered."""
        self.drew = True
        if self._random is None:
            self._random = random.Random(self.seed)  # noqa: S311
        return self._random

    def value(self, identifier: str) -> Value | None:
        """Return the value of a variable, NULL with a note where there is none of that name."""
        variable = self.variables.get(identifier)
        if variable is None:
            self.note(f"没有声明变量 {identifier[:40]}，按 NULL 处理")
            return None
        return variable.value

    def assign(self, identifier: str, value: Value | None, kinds: Sequence[str]) -> None:
        """Set a variable of one of these kinds; what does not fit is NULL with a note."""
        variable = self.variables.get(identifier)
        if variable is None or variable.kind not in kinds:
            self.note(f"没有可以赋值的变量 {identifier[:40]}")
            return
        try:
            variable.value = variable.fit(value)
        except NotAValue as problem:
            self.note(str(problem))
            variable.value = None
        self.trace.append((identifier, variable.value))

    def integer_attribute(self, element: Element, name: str) -> int | None:
        """Return an attribute that is an integer or the name of a variable that holds one."""
        found = self._attribute_value(element, name, "integer")
        return found.one if found is not None and found.base == "integer" else None

    def number_of(self, text: str) -> Number | None:
        """Return the number that a text states or that the variable of that name holds."""
        try:
            return number(parse("float", text)).one if text else None
        except NotAValue:
            found = self.value(text.strip("{}"))
            return None if found is None or found.base not in NUMERIC else number(found.one).one

    def text_attribute(self, element: Element, name: str) -> str:
        """Return an attribute that is a text, or the text of the variable that `{NAME}` names."""
        text = element.get(name, "")
        if text.startswith("{") and text.endswith("}") and text[1:-1] in self.variables:
            found = self.value(text[1:-1])
            return "" if found is None else str(found.one)
        return text

    def _attribute_value(self, element: Element, name: str, base: str) -> Value | None:
        text = element.get(name, "").strip()
        if not text:
            return None
        try:
            return integer(parse(base, text))
        except NotAValue:
            found = self.value(text.strip("{}"))
            return found if found is not None and found.cardinality == "single" else None
