"""The web blueprint of the question bank's items, shared by its modules of views."""

from typing import Any

from flask import Blueprint

from question_bank.item_types.registry import PART_TYPES, item_type

blueprint = Blueprint("items", __name__, url_prefix="/bank")


@blueprint.app_template_global()
def type_word(type_name: str) -> Any:
    """The interface's word for an item type; for every template, macros included."""
    return item_type(type_name).word


@blueprint.app_template_global()
def part_types() -> Any:
    """The types that a part of a case can have."""
    return PART_TYPES
