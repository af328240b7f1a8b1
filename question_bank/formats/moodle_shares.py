"""Shares of the points as Moodle deals them out where a file does not say them. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from question_bank.formats.moodle_items import Answer
from question_bank.formats.moodle_text import two_places


def several_of_cloze(answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers of a gap for several choices with the shares that Moodle gives them when it reads a cloze.

    What is right adds up to 1, however much each was said to be worth; where no share is stated as a number, each wrong choice
    takes away what one right choice earns (question/type/multianswer/questiontype.php, qtype_multianswer_extract_question).
    """
    total = sum((answer.share for answer in answers if answer.share > 0), Decimal(0))
    if not total:
        return list(answers)
    stated = any(answer.stated for answer in answers)
    even = stated and abs(total - 1) < Decimal("0.00001")
    return [_share_of_cloze(answer, Decimal(1) if even else total, stated) for answer in answers]


def _share_of_cloze(answer: Answer, total: Decimal, stated: bool) -> Answer:
    if answer.share > 0:
        return replace(answer, share=two_places(answer.share / total), stated=True)
    return replace(answer, share=answer.share if stated else two_places(-1 / total), stated=True)
