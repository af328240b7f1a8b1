"""All item types by name. A new type is one module and one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from question_bank.item_types.base import ItemType
from question_bank.item_types.case import Case
from question_bank.item_types.description import Description
from question_bank.item_types.essay import Essay
from question_bank.item_types.fill_blank import FillBlank
from question_bank.item_types.matching import Matching
from question_bank.item_types.multiple_choice import MultipleChoice
from question_bank.item_types.numeric import Numeric
from question_bank.item_types.ordering import Ordering
from question_bank.item_types.short_answer import ShortAnswer
from question_bank.item_types.single_choice import SingleChoice
from question_bank.item_types.true_false import TrueFalse

PART_TYPES: tuple[ItemType[Any, Any], ...] = (
    SingleChoice(),
    MultipleChoice(),
    TrueFalse(),
    FillBlank(),
    Numeric(),
    Matching(),
    Ordering(),
    ShortAnswer(),
    Essay(),
    Description(),
)
ITEM_TYPES: Mapping[str, ItemType[Any, Any]] = MappingProxyType(
    {item_type.name: item_type for item_type in (*PART_TYPES[:-1], Case(PART_TYPES), PART_TYPES[-1])}
)


class UnknownItemType(ValueError):
    """A type name that no module answers to."""


def item_type(name: str) -> ItemType[Any, Any]:
    """Return the type called `name`, for example `single_choice`. Raises UnknownItemType."""
    try:
        return ITEM_TYPES[name]
    except KeyError:
        raise UnknownItemType(f"不支持的题型“{name}”，可用：{'、'.join(ITEM_TYPES)}。") from None
