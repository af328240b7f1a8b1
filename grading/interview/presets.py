"""Score sheets to start from. Names and weights are those of fact_05 part 3; the organizer may change everything.

The sheet 普通 states weights only: its scale and bands are those that 浙江 and 河北 share. The sheet for cadres has its
elements from the same part; the source names no weights, so the weights are this product's default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from grading.interview.rules import Band, Element

BANDS = (
    Band("好", Decimal(8), Decimal(10)),
    Band("中", Decimal(4), Decimal(7)),
    Band("差", Decimal(0), Decimal(3)),
)
REMINDERS_SECONDS = (180, 60, 0)


@dataclass(frozen=True)
class Preset:
    """A named score sheet."""

    code: str
    name: str
    elements: tuple[Element, ...]


def _sheet(code: str, name: str, weights: Mapping[str, int]) -> Preset:
    elements = tuple(Element(title, Fraction(weight), Fraction(10), BANDS) for title, weight in weights.items())
    return Preset(code, name, elements)


_SHEETS = (
    _sheet(
        "cadre",
        "干部面试",
        {"综合分析": 20, "宏观决策": 20, "逻辑思维": 15, "语言表达": 15, "临场应变": 10, "解决实际问题": 20},
    ),
    _sheet("zhejiang", "浙江", {"综合分析": 25, "解决问题": 25, "人际沟通": 20, "求职匹配": 15, "举止言语": 15}),
    _sheet(
        "hebei",
        "河北",
        {
            "综合分析": 17,
            "言语": 20,
            "应变": 14,
            "计划组织": 10,
            "人际": 14,
            "自我情绪控制": 10,
            "求职动机匹配": 7,
            "举止": 8,
        },
    ),
    _sheet("common", "普通", {"语言": 15, "综合分析": 20, "应变": 20, "人际": 15, "计划组织": 20, "举止": 10}),
)
PRESETS: Mapping[str, Preset] = {preset.code: preset for preset in _SHEETS}
