"""What may be wrong with the texts of an item: empty, too long, characters that cannot be kept. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

MAX_STEM = 10_000
MAX_HTML = 100_000
MAX_OPTION_TEXT = 4_000

# What neither a database text column nor UTF-8 can hold; line ends and tabs are allowed.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Field = Literal["stem", "options", "key", "content"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an item: which part, in Chinese, and whether it may be kept all the same."""

    field: Field
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return self.message


def text_faults(field: Field, what: str, text: str, limit: int) -> Iterator[Fault]:
    """Yield what is wrong with one text: empty, too long (limit in characters), characters that cannot be kept."""
    if not text.strip():
        yield Fault(field, f"{what}是空的，请填写。")
    if len(text) > limit:
        yield Fault(field, f"{what}有 {len(text)} 个字，超过上限 {limit} 个字，请缩短。")
    if UNSTORABLE.search(text):
        yield Fault(field, f"{what}含有不可见的控制字符，请删除后重新输入。")


def html_faults(what: str, html: str) -> Iterator[Fault]:
    """Yield what is wrong with a rich form, which may be empty."""
    if html:
        yield from text_faults("content", f"{what}的带格式文本", html, MAX_HTML)
