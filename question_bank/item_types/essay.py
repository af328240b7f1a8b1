"""Essay: a long text, such as an argument or an official document, that people mark."""

from core.i18n import lazy
from question_bank.item_types.constructed import Constructed


class Essay(Constructed):
    """Response: `[text]`, or `[]`."""

    name = "essay"
    chinese = "论述与写作题"
    word = lazy("论述写作题")
    note = lazy("写一篇文章，例如论述、公文，由阅卷员评分。")
    answering = "请按要求写作。"
    most_text = 10_000
