"""The versioned rule set of an exam: weights, floors, cut score, rounding, ties and consequences, as data. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeVar, get_args

from core.exact import NotAMark, excerpt, parse_mark, places, round_half_up

PartCode = Literal["paper", "interview", "extra"]
Ties = Literal["none", "written_first", "interview_first"]
Consequence = Literal["deferral", "cancellation"]

PARTS: tuple[PartCode, ...] = get_args(PartCode)
PART_NAMES: Mapping[PartCode, str] = {"paper": "笔试", "interview": "面试", "extra": "加试"}
TIES: Mapping[Ties, str] = {
    "none": "同分并列",
    "written_first": "同分笔试高者在前",
    "interview_first": "同分面试高者在前",
}
MOST_DECIMALS = 2  # a composite is stored in hundredths
HUNDRED = Decimal(100)

Choice = TypeVar("Choice", bound=str)

_CONSEQUENCES: tuple[Consequence, ...] = get_args(Consequence)


class RuleProblem(ValueError):
    """A rule set that cannot be applied; one Chinese sentence: what, where, how to mend."""


@dataclass(frozen=True)
class Part:
    """A part of the test: ``weight`` percent of the composite, ``floor`` on the scale of 100 where there is one."""

    code: PartCode
    weight: Decimal
    floor: Decimal | None = None
    name: str = ""

    @property
    def title(self) -> str:
        """The part's name as shown."""
        return self.name or PART_NAMES[self.code]


@dataclass(frozen=True)
class SectionFloor:
    """A section of the paper worth ``maximum`` points of which ``floor`` must be reached (双合格)."""

    name: str
    maximum: Decimal
    floor: Decimal


@dataclass(frozen=True)
class Consequences:
    """What is proposed; approved leave is not here, for it has no consequence but another date."""

    below: Consequence = "deferral"
    failed_again: Consequence = "cancellation"
    absent: Consequence = "deferral"
    void: Consequence = "deferral"


@dataclass(frozen=True)
class RuleSet:
    """One version of the rules; marks are Decimals on the scale of 100 unless a section states its own maximum."""

    name: str
    parts: tuple[Part, ...]
    cut: Decimal
    version: int = 1
    decimals: int = 2
    section_floors: tuple[SectionFloor, ...] = ()
    ties: Ties = "none"
    consequences: Consequences = Consequences()
    make_up_months: tuple[int, int] | None = None
    valid_months: int | None = None

    def part(self, code: PartCode) -> Part | None:
        """Return the part with this code, or None where the rule has none."""
        return next((part for part in self.parts if part.code == code), None)

    def as_json(self) -> dict[str, Any]:
        """The rule set as JSON data, marks as text; ``read_rule_set`` reads it back unchanged."""
        return {
            "name": self.name,
            "version": self.version,
            "parts": [
                {"code": part.code, "name": part.title, "weight": _text(part.weight), "floor": _text(part.floor)}
                for part in self.parts
            ],
            "section_floors": [
                {"name": section.name, "max": _text(section.maximum), "floor": _text(section.floor)}
                for section in self.section_floors
            ],
            "cut": _text(self.cut),
            "decimals": self.decimals,
            "ties": self.ties,
            "consequences": {
                "below": self.consequences.below,
                "failed_again": self.consequences.failed_again,
                "absent": self.consequences.absent,
                "void": self.consequences.void,
            },
            "make_up_months": None if self.make_up_months is None else list(self.make_up_months),
            "valid_months": self.valid_months,
        }


def check(rules: RuleSet) -> RuleSet:
    """Return the rule set, or raise ``RuleProblem`` where it cannot be applied."""
    if not rules.name.strip():
        raise RuleProblem("规则没有名称，请填写。")
    if rules.version < 1:
        raise RuleProblem(f"规则的版本号是 {rules.version}，应为不小于 1 的整数，请改正。")
    codes = [part.code for part in rules.parts]
    if not codes or len(set(codes)) < len(codes) or not set(codes) <= set(PARTS):
        raise RuleProblem(
            "规则的组成部分应为笔试（paper）、面试（interview）、加试（extra）中的一项或几项，各写一次，请改正。"
        )
    for part in rules.parts:
        if part.weight <= 0:
            raise RuleProblem(f"“{part.title}”的权重是 {part.weight:f}%，应大于 0；不用这一部分时请删去。")
        _check_mark(part.floor, HUNDRED, f"“{part.title}”的最低线")
    weights = sum((part.weight for part in rules.parts), Decimal(0))
    if weights != HUNDRED:
        raise RuleProblem(f"各部分权重之和是 {weights:f}%，应为 100%，请调整权重。")
    if rules.section_floors and "paper" not in codes:
        raise RuleProblem("规则设有笔试分项最低线，但没有笔试，请删去分项最低线或加上笔试。")
    names = [section.name for section in rules.section_floors]
    if len(set(names)) < len(names) or not all(name.strip() for name in names):
        raise RuleProblem("笔试分项应各有不同的名称，请改正。")
    for section in rules.section_floors:
        if section.maximum <= 0:
            raise RuleProblem(f"笔试分项“{excerpt(section.name)}”的满分应大于 0，请改正。")
        _check_mark(section.floor, section.maximum, f"笔试分项“{excerpt(section.name)}”的最低线")
    _check_mark(rules.cut, HUNDRED, "合格线")
    if not 0 <= rules.decimals <= MOST_DECIMALS:
        raise RuleProblem(f"综合成绩保留 {rules.decimals} 位小数，应为 0 至 {MOST_DECIMALS} 位，请改正。")
    if (places(rules.cut) or 0) > rules.decimals:
        raise RuleProblem(f"合格线 {rules.cut:f} 的小数位数多于综合成绩的 {rules.decimals} 位，请改成相同位数。")
    if rules.ties not in TIES:
        raise RuleProblem(f"同分规则“{excerpt(str(rules.ties))}”不认识，请从 {'、'.join(TIES)} 中选用。")
    if rules.make_up_months is not None and not 0 <= rules.make_up_months[0] <= rules.make_up_months[1] <= 60:
        raise RuleProblem("补测期限应为先小后大的两个月数，例如 2 至 3 个月，请改正。")
    if rules.valid_months is not None and not 1 <= rules.valid_months <= 600:
        raise RuleProblem(f"成绩有效期 {rules.valid_months} 个月不合理，应为 1 至 600 个月，请改正。")
    return rules


def read_rule_set(data: object) -> RuleSet:
    """Read a rule set from JSON data (see ``RuleSet.as_json``); raises ``RuleProblem``. Floats are refused."""
    fields = _mapping(data, "规则")
    consequences = _mapping(fields.get("consequences", {}), "规则的后果 consequences")
    return check(
        RuleSet(
            name=_name(fields.get("name"), "规则"),
            version=_whole(fields.get("version", 1), "规则的版本号 version"),
            parts=tuple(_read_part(entry) for entry in _list(fields.get("parts"), "规则的组成部分 parts")),
            section_floors=tuple(
                _read_section(entry) for entry in _list(fields.get("section_floors", []), "笔试分项 section_floors")
            ),
            cut=_mark(fields.get("cut"), "合格线 cut"),
            decimals=_whole(fields.get("decimals", 2), "小数位数 decimals"),
            ties=_one_of(fields.get("ties", "none"), tuple(TIES), "同分规则 ties"),
            consequences=Consequences(
                below=_one_of(consequences.get("below", "deferral"), _CONSEQUENCES, "低于合格线的后果 below"),
                failed_again=_one_of(
                    consequences.get("failed_again", "cancellation"), _CONSEQUENCES, "再次不合格的后果 failed_again"
                ),
                absent=_one_of(consequences.get("absent", "deferral"), _CONSEQUENCES, "缺考的后果 absent"),
                void=_one_of(consequences.get("void", "deferral"), _CONSEQUENCES, "成绩无效的后果 void"),
            ),
            make_up_months=_read_months(fields.get("make_up_months")),
            valid_months=None
            if fields.get("valid_months") is None
            else _whole(fields["valid_months"], "成绩有效期 valid_months"),
        )
    )


def _read_part(entry: object) -> Part:
    fields = _mapping(entry, "规则的组成部分")
    code = _one_of(fields.get("code"), PARTS, "规则的组成部分 code")
    name = fields.get("name")
    title = PART_NAMES[code] if name is None else _name(name, "规则的组成部分")
    name = "" if title == PART_NAMES[code] else title
    floor = None if fields.get("floor") is None else _mark(fields["floor"], f"“{excerpt(title)}”的最低线 floor")
    return Part(code, _mark(fields.get("weight"), f"“{excerpt(title)}”的权重 weight"), floor, name)


def _read_section(entry: object) -> SectionFloor:
    fields = _mapping(entry, "笔试分项")
    name = _name(fields.get("name"), "笔试分项")
    what = f"笔试分项“{excerpt(name)}”的"
    return SectionFloor(
        name, _mark(fields.get("max"), f"{what}满分 max"), _mark(fields.get("floor"), f"{what}最低线 floor")
    )


def _read_months(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    months = _list(value, "补测期限 make_up_months")
    if len(months) != 2:
        raise RuleProblem("补测期限 make_up_months 应为两个月数，例如 [2, 3]，请改正。")
    return _whole(months[0], "补测期限 make_up_months"), _whole(months[1], "补测期限 make_up_months")


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RuleProblem(f"{what}应为一个对象，请按格式填写。")
    return value


def _list(value: object, what: str) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise RuleProblem(f"{what}应为一个列表，请按格式填写。")
    return value


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RuleProblem(f"{what}没有名称，请填写。")
    return value


def _whole(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RuleProblem(f"{what}应为整数，现在是 {excerpt(repr(value))}，请改正。")
    return value


def _mark(value: object, what: str) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    try:
        exact = parse_mark(value, what)
    except NotAMark as problem:
        raise RuleProblem(str(problem)) from None
    return round_half_up(exact, places(exact) or 0)


def _one_of(value: object, choices: tuple[Choice, ...], what: str) -> Choice:
    for choice in choices:
        if value == choice:
            return choice
    raise RuleProblem(f"{what}“{excerpt(str(value))}”不认识，请从 {'、'.join(choices)} 中选用。")


def _check_mark(value: Decimal | None, most: Decimal, what: str) -> None:
    if value is not None and not 0 <= value <= most:
        raise RuleProblem(f"{what}是 {value:f} 分，应在 0 至 {most:f} 分之间，请改正。")


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(round_half_up(Fraction(value), max(2, places(value) or 0)), "f")
