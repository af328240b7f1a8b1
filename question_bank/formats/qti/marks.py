"""What QTI has no word for and our own packages say by a class: which type of ours an interaction is."""

from question_bank.formats.qti.documents import Element, child

CLASS = "hengjian-"
TRUE_FALSE, NUMERIC, SHORT_ANSWER, ESSAY, CASE, ORDER_FREE = (
    "true-false",
    "numeric",
    "short-answer",
    "essay",
    "case",
    "order-free",
)


def marks_of(element: Element | None) -> set[str]:
    """Return our marks on an element, without their prefix."""
    names = "" if element is None else element.get("class", "")
    return {name.removeprefix(CLASS) for name in names.split() if name.startswith(CLASS)}


def marked_type(item: Element, interaction: Element) -> str:
    """Return the type by which our own package calls an interaction, empty for none."""
    for name in marks_of(interaction):
        if name in (TRUE_FALSE, NUMERIC, SHORT_ANSWER, ESSAY):
            return name.replace("-", "_")
    return ""


def body_marks(item: Element) -> set[str]:
    """Return our marks on the body of an item."""
    return marks_of(child(item, "itemBody"))
