"""What QTI has no word for and our own packages say by a class: which type of ours an interaction is."""

from question_bank.formats.qti.documents import Element, child

CLASS = "hengjian-"
# On an interaction: its type. On the body: what the item is. On a block: what stands in it.
TRUE_FALSE, NUMERIC, SHORT_ANSWER, ESSAY = "true-false", "numeric", "short-answer", "essay"
CASE, ORDER_FREE, NO_POINTS = "case", "order-free", "no-points"
# The outcome of feedback that belongs to an occasion.
SAID = "HENGJIAN_FEEDBACK"
STEM, PART, ANSWER = "stem", "part", "answer"


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
