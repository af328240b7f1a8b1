"""From scores to a proposal (处理建议) under a rule set, and the order of a list. People decide; this proposes. Pure.

The composite is exact until it is rounded once, half up; the cut score is compared with that published number. A score
that is not there is never guessed: the proposal is then pending.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Generic, Literal, TypeVar

from core.exact import Exact, places, round_half_up, show, show_exact
from grading.outcomes.rule_sets import Consequence, Part, PartCode, RuleSet, SectionFloor, Ties

Status = Literal["scored", "absent", "leave", "void", "missing"]
Kind = Literal["qualified", "deferral", "cancellation", "approved_leave", "pending"]

LABELS: Mapping[Kind, str] = {
    "qualified": "合格",
    "deferral": "暂缓",
    "cancellation": "取消",
    "approved_leave": "请假缓考",
    "pending": "待定",
}
_FULL_LABELS: Mapping[Consequence, str] = {"deferral": "暂缓提拔", "cancellation": "取消提拔资格"}
_STATUS_WORDS: Mapping[Status, str] = {
    "scored": "已有成绩",
    "absent": "缺考",
    "leave": "请假缓考",
    "void": "成绩无效",
    "missing": "尚无成绩",
}
_TIE_WORDS: Mapping[Ties, str] = {
    "none": "同分并列",
    "written_first": "同分，笔试高者在前",
    "interview_first": "同分，面试高者在前",
}
_PEOPLE_DECIDE = "以上是处理建议，须由会议研究决定"

Key = TypeVar("Key", bound=Hashable)


class FactsProblem(ValueError):
    """Facts that cannot be true (a score beyond its maximum); one Chinese sentence."""


@dataclass(frozen=True)
class Achieved:
    """What is known of one part or section: a score out of ``maximum``, or why there is none.

    ``basis``: the leave's basis and approver, or the number of the decision that voids the result.
    """

    status: Status
    score: Fraction = Fraction(0)
    maximum: Fraction = Fraction(100)
    basis: str = ""

    @classmethod
    def scored(cls, score: Exact, maximum: Exact = 100) -> "Achieved":
        """A score, on its own scale."""
        return cls("scored", Fraction(score), Fraction(maximum))

    @classmethod
    def hundredths(cls, score: int, maximum: int = 10000) -> "Achieved":
        """A score stored in hundredths of a point."""
        return cls("scored", Fraction(score, 100), Fraction(maximum, 100))

    def as_json(self) -> dict[str, str]:
        """What the rules were given, as text, so that a proposal can be replayed."""
        if self.status == "scored":
            return {"status": self.status, "score": show_exact(self.score), "max": show_exact(self.maximum)}
        return {"status": self.status, "basis": self.basis}


MISSING = Achieved("missing")
ABSENT = Achieved("absent")


@dataclass(frozen=True)
class Facts:
    """Everything a proposal rests on; a part that is not named has no score yet."""

    parts: Mapping[PartCode, Achieved]
    sections: Mapping[str, Achieved] = field(default_factory=dict)
    previous_failures: int = 0

    def as_json(self) -> dict[str, object]:
        """The facts as JSON data."""
        return {
            "parts": {code: achieved.as_json() for code, achieved in self.parts.items()},
            "sections": {name: achieved.as_json() for name, achieved in self.sections.items()},
            "previous_failures": self.previous_failures,
        }


@dataclass(frozen=True)
class Proposal:
    """处理建议 with its arithmetic; ``margin`` is the distance of the composite from the cut score."""

    kind: Kind
    label: str
    composite: Decimal | None
    margin: Decimal | None
    arithmetic: str
    reasons: tuple[str, ...]


def propose(rules: RuleSet, facts: Facts) -> Proposal:
    """Return what the rule set proposes for these facts; raises ``FactsProblem`` for impossible ones."""
    if facts.previous_failures < 0:
        raise FactsProblem(f"此前不合格次数是 {facts.previous_failures}，不能小于 0，请核对。")
    held = [(part, facts.parts.get(part.code, MISSING)) for part in rules.parts]
    for part, achieved in held:
        _check(achieved, part.title)
    sections = [(section, facts.sections.get(section.name, MISSING)) for section in rules.section_floors]
    for section, achieved in sections:
        _check(achieved, section.name)
    return _without_score(rules, facts, held, sections) or _with_scores(rules, facts, held, sections)


def scaled(achieved: Achieved) -> Fraction:
    """Return a score on the scale of 100, unrounded."""
    return achieved.score / achieved.maximum * 100


def _check(achieved: Achieved, title: str) -> None:
    if achieved.status != "scored":
        return
    if achieved.maximum <= 0:
        raise FactsProblem(f"“{title}”的满分是 {show_exact(achieved.maximum)}，应大于 0，请核对。")
    if not 0 <= achieved.score <= achieved.maximum:
        raise FactsProblem(
            f"“{title}”的成绩 {show_exact(achieved.score)} 应在 0 至 {show_exact(achieved.maximum)} 之间，请核对。"
        )


Held = Sequence[tuple[Part, Achieved]]
Sections = Sequence[tuple[SectionFloor, Achieved]]


def _without_score(rules: RuleSet, facts: Facts, held: Held, sections: Sections) -> Proposal | None:
    titles: dict[Status, list[str]] = {}
    for part, achieved in held:
        titles.setdefault("missing" if _undecided(achieved) else achieved.status, []).append(part.title)
    undecided = [part.title for part, achieved in held if _undecided(achieved)]
    words = "，".join(_part_words(part, achieved) for part, achieved in held) + "；有部分没有有效成绩，不计算综合成绩"

    def answer(kind: Kind, *reasons: str) -> Proposal:
        return Proposal(kind, LABELS[kind], None, None, words, reasons)

    if undecided:
        return answer("pending", f"{_and(undecided)}拟作无效处理，但没有处理决定；作出决定之前不提处理建议")
    if "void" in titles:
        bases = "、".join(achieved.basis for _, achieved in held if achieved.status == "void")
        why = f"{_and(titles['void'])}成绩已由决定认定无效（{bases}）"
        return answer(rules.consequences.void, *_consequence(rules, rules.consequences.void, why))
    if "absent" in titles:
        before = f"（此前已有 {facts.previous_failures} 次不合格，请会议一并考虑）" if facts.previous_failures else ""
        why = f"{_and(titles['absent'])}缺考，且没有经批准的请假{before}"
        return answer(rules.consequences.absent, *_consequence(rules, rules.consequences.absent, why))
    if "leave" in titles:
        bases = "、".join(achieved.basis for _, achieved in held if achieved.status == "leave" and achieved.basis)
        return answer(
            "approved_leave",
            f"{_and(titles['leave'])}经批准请假缓考{f'（{bases}）' if bases else ''}，不作缺考，也不作不合格",
            "请另行安排测试时间",
        )
    if "missing" in titles:
        return answer("pending", f"{_and(titles['missing'])}尚无成绩，待成绩齐全后再提处理建议")
    lacking = [section.name for section, achieved in sections if achieved.status != "scored"]
    if lacking:
        return answer("pending", f"笔试分项{_and(lacking)}尚无成绩，待成绩齐全后再提处理建议")
    return None


def _with_scores(rules: RuleSet, facts: Facts, held: Held, sections: Sections) -> Proposal:
    exact = sum((scaled(achieved) * Fraction(part.weight) for part, achieved in held), Fraction(0)) / 100
    composite = round_half_up(exact, rules.decimals)
    margin = composite - rules.cut
    terms = " + ".join(f"{_term(scaled(achieved))}×{_plain(part.weight)}%" for part, achieved in held)
    lines = [_part_words(part, achieved) for part, achieved in held]
    lines.append(f"综合成绩 = {terms} = {_rounding(exact, rules.decimals)}")
    lines.append(f"合格线 {show(rules.cut, rules.decimals)}，{_distance(margin, rules.decimals)}")
    falls = [fall for part, achieved in held if (fall := _below_floor(part, achieved))]
    falls += [fall for section, achieved in sections if (fall := _below_section(section, achieved))]
    lines += [_section_words(section, achieved) for section, achieved in sections]
    arithmetic = "；".join(lines)
    stands = f"综合成绩 {show(composite, rules.decimals)}，{_distance(margin, rules.decimals)}"
    if margin >= 0 and not falls:
        valid = (f"合格成绩有效期 {rules.valid_months} 个月",) if rules.valid_months else ()
        return Proposal("qualified", LABELS["qualified"], composite, margin, arithmetic, (stands, *valid))
    again = facts.previous_failures > 0
    kind = rules.consequences.failed_again if again else rules.consequences.below
    why = f"此前已有 {facts.previous_failures} 次不合格，本次再次不合格" if again else "本次不合格"
    reasons = (stands, *falls, *_consequence(rules, kind, why))
    return Proposal(kind, LABELS[kind], composite, margin, arithmetic, reasons)


def _undecided(achieved: Achieved) -> bool:
    return achieved.status == "void" and not achieved.basis.strip()


def _consequence(rules: RuleSet, kind: Consequence, why: str) -> tuple[str, ...]:
    lines = [f"{why}，按规则“{rules.name}”（第 {rules.version} 版）建议{_FULL_LABELS[kind]}"]
    if kind == "deferral" and rules.make_up_months is not None:
        first, last = rules.make_up_months
        lines.append(
            f"建议在 {last} 个月内补测一次" if first in (0, last) else f"建议在 {first} 至 {last} 个月内补测一次"
        )
    return (*lines, _PEOPLE_DECIDE)


def _below_floor(part: Part, achieved: Achieved) -> str:
    published = round_half_up(scaled(achieved))
    if part.floor is None or published >= part.floor:
        return ""
    return f"{part.title} {published:f}，低于最低线 {show(part.floor)} 共 {show(part.floor - published)} 分"


def _section_score(section: SectionFloor, achieved: Achieved) -> Decimal:
    return round_half_up(achieved.score / achieved.maximum * Fraction(section.maximum))


def _below_section(section: SectionFloor, achieved: Achieved) -> str:
    published = _section_score(section, achieved)
    if published >= section.floor:
        return ""
    return f"{section.name} {published:f}，低于最低线 {show(section.floor)} 共 {show(section.floor - published)} 分"


def _section_words(section: SectionFloor, achieved: Achieved) -> str:
    published = _section_score(section, achieved)
    scale = ""
    if achieved.maximum != section.maximum:
        scale = f"{show_exact(achieved.score)}÷{show_exact(achieved.maximum)}×{_plain(section.maximum)} = "
    return f"{section.name} {scale}{published:f}（满分 {_plain(section.maximum)}，最低线 {show(section.floor)}）"


def _part_words(part: Part, achieved: Achieved) -> str:
    if achieved.status != "scored":
        return f"{part.title}{'拟作无效处理' if _undecided(achieved) else _STATUS_WORDS[achieved.status]}"
    floor = "" if part.floor is None else f"（最低线 {show(part.floor)}）"
    if achieved.maximum == 100:
        return f"{part.title} {show_exact(achieved.score)}{floor}"
    fraction = f"{show_exact(achieved.score)}÷{show_exact(achieved.maximum)}×100"
    value = scaled(achieved)
    about = f"{show_exact(value)}" if places(value) is not None else f"{value}（约 {show(value, 4)}）"
    return f"{part.title} {show_exact(achieved.score)}（满分 {show_exact(achieved.maximum)}）折合 {fraction} = {about}{floor}"


def _distance(margin: Decimal, decimals: int) -> str:
    if margin == 0:
        return "恰好达到合格线"
    return f"{'高出' if margin > 0 else '低于'}合格线 {show(abs(margin), decimals)} 分"


def _rounding(value: Fraction, decimals: int) -> str:
    rounded, needed = show(value, decimals), places(value)
    if needed is not None and needed <= decimals:
        return rounded
    before = show_exact(value) if needed is not None else f"{value}（约 {show(value, 4)}）"
    return f"{before}，四舍五入为 {rounded}"


def _term(value: Fraction) -> str:
    return show_exact(value) if places(value) is not None else f"({value})"


def _plain(value: Decimal) -> str:
    return show_exact(value, 0)


def _and(titles: Sequence[str]) -> str:
    return "、".join(titles)


@dataclass(frozen=True)
class Standing(Generic[Key]):
    """One line of a ranking: who (any key), the published composite and the part scores that may break a tie."""

    key: Key
    composite: Decimal | None
    paper: Fraction | None = None
    interview: Fraction | None = None


@dataclass(frozen=True)
class Ranked(Generic[Key]):
    """A place in the list; ``rank`` is None without a composite; ``tie`` says how a tie was settled, if there was one."""

    key: Key
    rank: int | None
    tie: str = ""


def rank(standings: Sequence[Standing[Key]], ties: Ties = "none") -> list[Ranked[Key]]:
    """Return the places in order, best first; those still equal share a place and the next place is skipped.

    People without a composite come last, in the order given. A missing part score never wins a tie.
    """
    complete = [standing for standing in standings if standing.composite is not None]
    ordered = sorted(complete, key=lambda standing: _order(standing, ties), reverse=True)
    tied = Counter(standing.composite for standing in ordered)
    shared = Counter(_order(standing, ties) for standing in ordered)
    first = dict[tuple[Fraction, Fraction], int]()
    ranked = []
    for number, standing in enumerate(ordered, 1):
        mine = _order(standing, ties)
        tie = ""
        if tied[standing.composite] > 1:
            tie = "同分并列" if shared[mine] > 1 else _TIE_WORDS[ties]
        ranked.append(Ranked(standing.key, first.setdefault(mine, number), tie))
    return ranked + [Ranked(standing.key, None) for standing in standings if standing.composite is None]


def _order(standing: Standing[Key], ties: Ties) -> tuple[Fraction, Fraction]:
    breaker = {"written_first": standing.paper, "interview_first": standing.interview, "none": None}[ties]
    composite = Fraction(standing.composite) if standing.composite is not None else Fraction(-1)
    return composite, Fraction(-1) if breaker is None else Fraction(breaker)
