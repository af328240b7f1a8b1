"""The points that general response processing can give: what every rule adds at its best, where that is beyond doubt."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from question_bank.formats.qti.documents import Element, child, children, descendants, text_of
from question_bank.formats.qti.keys import answers_of
from question_bank.formats.qti.points import default_of, fraction_of

_BRANCHES = ("responseIf", "responseElseIf", "responseElse")
_COMPARISONS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
    "equal": lambda left, right: left == right,
    "match": lambda left, right: left == right,
}
Best = dict[str, Fraction | None]  # by outcome; None: nothing that can be told
Said = tuple[object, ...]  # name, attributes, text and children


class _Doubt(Exception):
    """A rule whose best cannot be told."""


def processed_points(item: Element) -> Fraction | None:
    """Return the most that the rules of an item can give, None where it has none or they leave a doubt.

    Every condition is taken at its best branch. That all of them can be met by one answer is beyond doubt where each
    asks for another response, or for other members of the same one.
    """
    best = _best(item, frozenset())
    return best if best is not None and best > 0 else None


def part_points(item: Element) -> dict[str, Fraction]:
    """Return what each response adds, where together they are all the points that there are; else nothing."""
    whole = processed_points(item)
    if whole is None:
        return {}
    names = [each.get("identifier", "") for each in children(item, "responseDeclaration")]
    without = {name: _best(item, frozenset({name})) for name in names}
    added = {name: whole - rest for name, rest in without.items() if rest is not None and rest < whole}
    return added if sum(added.values(), Fraction(0)) == whole and len(added) == len(names) else {}


def _best(item: Element, left_out: Collection[str]) -> Fraction | None:
    processing = child(item, "responseProcessing")
    if processing is None or not len(processing):
        return None
    walk = _Walk(item, left_out)
    try:
        walk.rules(children(processing))
    except _Doubt:
        return None
    return walk.best.get("SCORE")


class _Walk:
    """Goes through the rules and keeps the best value of every outcome; responses ``left_out`` are answered wrongly."""

    def __init__(self, item: Element, left_out: Collection[str]) -> None:
        self.item, self.left_out = item, left_out
        declared = children(item, "outcomeDeclaration")
        self.best: Best = {each.get("identifier", ""): default_of(each) for each in _constants(item)}
        self.best |= {each.get("identifier", ""): default_of(each) or Fraction(0) for each in declared}
        self.responses = {each.get("identifier", ""): each for each in children(item, "responseDeclaration")}
        self.asked: dict[str, str] = {}  # by response: whether the whole answer earns, or members of it one by one
        self.tests: set[Said] = set()

    def rules(self, rules: Sequence[Element]) -> None:
        for rule in rules:
            if rule.tag == "setOutcomeValue":
                self.best[rule.get("identifier", "")] = self._value(children(rule))
            elif rule.tag == "lookupOutcomeValue":
                self.best[rule.get("identifier", "")] = self._looked_up(rule)
            elif rule.tag == "responseCondition":
                self._condition(rule)
            elif rule.tag == "responseProcessingFragment":
                self.rules(children(rule))
            elif rule.tag != "exitResponse":
                raise _Doubt

    def _condition(self, rule: Element) -> None:
        before = dict(self.best)
        ends, asking = [], []
        for branch in children(rule, *_BRANCHES):
            tests = [] if branch.tag == "responseElse" else children(branch)[:1]
            met = self._met(tests[0]) if tests else True
            if met is False:
                continue
            self.best = dict(before)
            self.rules(children(branch)[len(tests) :])
            ends.append(self.best)
            if met is None and _raised(before, self.best):
                asking += tests
            if met:
                break
        else:
            ends.append(before)
        self._ask(asking)
        self.best = {name: _most(end.get(name) for end in ends) for name in {name for end in ends for name in end}}

    def _met(self, test: Element) -> bool | None:
        """Whether a test holds at the best, None where an answer decides."""
        names = {each.get("identifier", "") for each in descendants(test, "variable", "correct", "mapResponse")}
        if names & set(self.left_out):
            return False
        if names and names <= set(self.responses):
            return None
        sides = children(test)
        if test.tag not in _COMPARISONS or len(sides) != 2 or names & set(self.responses):
            raise _Doubt
        left, right = (self._value([side]) for side in sides)
        if left is None or right is None:
            raise _Doubt
        return _COMPARISONS[str(test.tag)](left, right)

    def _ask(self, tests: Sequence[Element]) -> None:
        """Note which responses earn in a condition. Raises _Doubt where one answer may not earn in another one as well."""
        tests = [test for test in tests if not _of_any_answer(test)]
        words = {_said(test) for test in tests}
        if words & self.tests:
            raise _Doubt
        self.tests |= words
        asked: dict[str, str] = {}
        for test in tests:
            for name in {each.get("identifier", "") for each in descendants(test, "variable")}:
                several = self.responses[name].get("cardinality") in ("multiple", "ordered")
                kind = "member" if several and _of_one_member(test) else "whole"
                asked[name] = "whole" if "whole" in (kind, asked.get(name)) else kind
        for name, kind in asked.items():
            self._count(name, kind)

    def _count(self, name: str, asked: str) -> None:
        if name in self.asked and "whole" in (asked, self.asked[name]):
            raise _Doubt
        self.asked[name] = asked

    def _value(self, expressions: Sequence[Element]) -> Fraction | None:
        if len(expressions) != 1:
            return None
        expression = expressions[0]
        if expression.tag == "baseValue":
            return fraction_of(text_of(expression))
        if expression.tag == "variable":
            return self.best.get(expression.get("identifier", ""))
        if expression.tag == "mapResponse":
            return self._mapped(expression.get("identifier", ""))
        values = [self._value([each]) for each in children(expression)]
        known = [value for value in values if value is not None]
        if len(known) < len(values) or not known:
            return None
        return _computed(expression, known)

    def _mapped(self, name: str) -> Fraction | None:
        if name in self.left_out:
            return Fraction(0)
        answers = answers_of(self.item, name)
        self._count(name, "whole")
        return answers.best if answers.entries else None

    def _looked_up(self, rule: Element) -> Fraction | None:
        """What a table gives for the best value: of an interpolation table the entry at or below it."""
        value = self._value(children(rule))
        named = (
            each
            for each in children(self.item, "outcomeDeclaration")
            if each.get("identifier") == rule.get("identifier")
        )
        declaration = next(named, None)
        table = None if declaration is None else child(declaration, "interpolationTable")
        if value is None or table is None:
            return None
        entries = [
            (fraction_of(each.get("sourceValue")), fraction_of(each.get("targetValue"))) for each in children(table)
        ]
        reached = [target for source, target in entries if source is not None and source <= value]
        return _most(reached) if reached else None


def takes_off(item: Element) -> bool:
    """Whether a rule adds a negative number to the score, or sets it to one; mappings tell theirs themselves."""
    negative = {
        each.get("identifier") for each in _constants(item) if (worth := default_of(each)) is not None and worth < 0
    }
    for rule in descendants(item, "setOutcomeValue"):
        if rule.get("identifier") == "SCORE":
            values = [fraction_of(text_of(each)) for each in descendants(rule, "baseValue")]
            named = {each.get("identifier") for each in descendants(rule, "variable")}
            if negative & named or any(value is not None and value < 0 for value in values):
                return True
    return False


def _constants(item: Element) -> list[Element]:
    """Template variables that no rule computes: numbers that some systems keep beside an item for its rules."""
    computed = {each.get("identifier") for each in descendants(item, "setTemplateValue")}
    return [each for each in children(item, "templateDeclaration") if each.get("identifier") not in computed]


def _computed(expression: Element, values: Sequence[Fraction]) -> Fraction | None:
    """What an expression of best values is at its best; None where more of a part could make less of the whole."""
    if expression.tag == "sum":
        return sum(values, Fraction(0))
    if expression.tag in ("max", "min"):
        return max(values) if expression.tag == "max" else min(values)
    constant = [each.tag == "baseValue" for each in children(expression)]
    if expression.tag == "product" and sum(not one for one in constant) <= 1 and min(values) >= 0:
        product = Fraction(1)
        for value in values:
            product *= value
        return product
    if len(values) == 2 and constant[1]:
        if expression.tag == "subtract":
            return values[0] - values[1]
        if expression.tag == "divide" and values[1] > 0:
            return values[0] / values[1]
    return None


def _said(test: Element) -> Said:
    """What a test says; two that say the same are equal."""
    return test.tag, frozenset(test.items()), (test.text or "").strip(), tuple(map(_said, children(test)))


def _of_one_member(test: Element) -> bool:
    """Whether a test asks about one member of an answer alone: whether it is there, or what stands at a place."""
    if test.tag == "not":
        return all(map(_of_one_member, children(test)))
    if test.tag == "member":
        return [each.tag for each in children(test)] == ["baseValue", "variable"]
    return test.tag in ("match", "equal", "stringMatch") and any(each.tag == "index" for each in children(test))


def _of_any_answer(test: Element) -> bool:
    """Whether a test asks only that something was answered."""
    return test.tag == "not" and [each.tag for each in children(test)] == ["isNull"]


def _raised(before: Best, after: Best) -> bool:
    """Whether any number grew."""
    return any(value is not None and value > (before.get(name) or Fraction(0)) for name, value in after.items())


def _most(values: Iterable[Fraction | None]) -> Fraction | None:
    found = list(values)
    known = [value for value in found if value is not None]
    return max(known) if len(known) == len(found) else None
