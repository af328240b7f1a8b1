"""All item types by name. A new type is one module and one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from question_bank.item_types.base import ItemType
from question_bank.item_types.fill_blank import FillBlank
from question_bank.item_types.multiple_choice import MultipleChoice
from question_bank.item_types.single_choice import SingleChoice
from question_bank.item_types.true_false import TrueFalse

ITEM_TYPES: Mapping[str, ItemType[Any, Any]] = MappingProxyType(
    {item_type.name: item_type for item_type in (SingleChoice(), MultipleChoice(), TrueFalse(), FillBlank())}
)


class UnknownItemType(ValueError):
    """A type name that no module answers to."""


def item_type(name: str) -> ItemType[Any, Any]:
    """Return the type called `name`, for example `single_choice`. Raises UnknownItemType."""
    try:
        return ITEM_TYPES[name]
    except KeyError:
        raise UnknownItemType(f"不支持的题型“{name}”，可用：{'、'.join(ITEM_TYPES)}。") from None
