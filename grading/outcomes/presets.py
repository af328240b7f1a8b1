"""Rule sets to start from: this product's default and the practice of places named in fact_04 F and fact_05 parts 4, 5.

Where a source is silent (what follows a second failure, how long a pass is valid) the field is the product's default.
"""

from collections.abc import Mapping
from decimal import Decimal

from grading.outcomes.rule_sets import Part, PartCode, RuleSet, SectionFloor, check

_SIXTY = Decimal(60)


def _parts(**weights: int) -> tuple[Part, ...]:
    codes: dict[str, PartCode] = {"paper": "paper", "interview": "interview", "extra": "extra"}
    return tuple(Part(codes[code], Decimal(weight)) for code, weight in weights.items())


_RULES: Mapping[str, RuleSet] = {
    "default": RuleSet(
        "素质能力测试（笔试 50%、面试 50%）",
        _parts(paper=50, interview=50),
        _SIXTY,
        ties="written_first",
        make_up_months=(0, 6),
    ),
    "paper_60": RuleSet(
        "素质能力测试（笔试 60%、面试 40%）",
        _parts(paper=60, interview=40),
        _SIXTY,
        ties="written_first",
        make_up_months=(0, 6),
    ),
    "paper_40": RuleSet(
        "素质能力测试（笔试 40%、面试 60%）",
        _parts(paper=40, interview=60),
        _SIXTY,
        ties="interview_first",
        make_up_months=(0, 6),
    ),
    "three_parts": RuleSet(
        "素质能力测试（笔试 30%、面试 50%、适岗评价 20%）",
        (
            Part("paper", Decimal(30)),
            Part("interview", Decimal(50)),
            Part("extra", Decimal(20), name="适岗评价"),
        ),
        _SIXTY,
        ties="written_first",
        make_up_months=(0, 6),
    ),
    # 80 items in 50 minutes, pass at 80, valid for two years, one make-up test after two to three months.
    "delian": RuleSet("德廉测试", _parts(paper=100), Decimal(80), make_up_months=(2, 3), valid_months=24),
    # Pass at 60; below or not taken: deferred; failing again: the qualification is cancelled.
    "qualification": RuleSet("任职资格测试", _parts(paper=100), _SIXTY),
    # Theory 70 and integrity 30 points; total 60, theory 40 and integrity 20 must all be reached; valid for two years.
    "double_pass": RuleSet(
        "双合格测试",
        _parts(paper=100),
        _SIXTY,
        section_floors=(
            SectionFloor("理论", Decimal(70), Decimal(40)),
            SectionFloor("廉政", Decimal(30), Decimal(20)),
        ),
        valid_months=24,
    ),
}
PRESETS: Mapping[str, RuleSet] = {code: check(rules) for code, rules in _RULES.items()}
DEFAULT = PRESETS["default"]
