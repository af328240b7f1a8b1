"""Short answer: a few sentences that people mark."""

from core.i18n import lazy
from question_bank.item_types.constructed import Constructed


class ShortAnswer(Constructed):
    """Response: `[text]`, or `[]`."""

    name = "short_answer"
    chinese = "简答题"
    word = lazy("简答题")
    note = lazy("用几句话作答，由阅卷员评分。")
    answering = "请简要作答。"
    most_text = 2_000
