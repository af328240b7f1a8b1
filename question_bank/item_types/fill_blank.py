"""Fill in the blank: blanks stand in the stem as `____`, each with one or more accepted texts."""

import re
from collections.abc import Mapping
from typing import Any

from question_bank.item_types.base import (
    MAX_ACCEPTED,
    MAX_BLANK_TEXT,
    MAX_BLANKS,
    UNSTORABLE,
    BadResponse,
    Fault,
    ItemType,
    StemContent,
    Strict,
    text_faults,
)

BLANK = "____"
_BLANK_IN_STEM = re.compile(r"_{2,}")


class BlankContent(StemContent):
    """The stem and the number of blanks in it."""

    blanks: int


class BlankKey(Strict):
    """One list of accepted texts per blank; `order_free` lets the blanks be filled in any order."""

    key: list[list[str]]
    order_free: bool = False


def count_blanks(stem: str) -> int:
    """Return how many blanks stand in a stem: runs of two or more low lines."""
    return len(_BLANK_IN_STEM.findall(stem))


class FillBlank(ItemType[BlankContent, BlankKey]):
    """Response: one text per blank, `""` for one left empty; `[]` when nothing was answered."""

    name = "fill_blank"
    chinese = "填空题"
    content_model = BlankContent
    key_model = BlankKey

    def faults(self, content: BlankContent, key: BlankKey) -> list[Fault]:
        """Return faults of the blanks and of the accepted texts."""
        found: list[Fault] = []
        in_stem = count_blanks(content.stem)
        enough = 1 <= content.blanks <= MAX_BLANKS
        if not enough:
            found.append(
                Fault("stem", f"填空题要有 1 到 {MAX_BLANKS} 个空，现在是 {content.blanks} 个；空写作 {BLANK}。")
            )
        elif in_stem != content.blanks:
            found.append(Fault("stem", f"题干里有 {in_stem} 个空（{BLANK}），应为 {content.blanks} 个，请改正题干。"))
        if enough and len(key.key) != content.blanks:
            found.append(Fault("key", f"有 {content.blanks} 个空，却有 {len(key.key)} 组答案；请为每个空填写答案。"))
        for number, accepted in enumerate(key.key[:MAX_BLANKS], 1):
            if not accepted:
                found.append(Fault("key", f"第 {number} 空没有答案，请填写。"))
            if len(accepted) > MAX_ACCEPTED:
                found.append(Fault("key", f"第 {number} 空有 {len(accepted)} 个可接受答案，最多 {MAX_ACCEPTED} 个。"))
            for text in accepted[:MAX_ACCEPTED]:
                found.extend(text_faults("key", f"第 {number} 空的答案", text, MAX_BLANK_TEXT))
        return found

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return the texts exactly as they were typed: the receipt's digest is taken over them. Raises BadResponse."""
        if not isinstance(response, list):
            raise BadResponse("填空题的作答应是文字的列表，每空一项。")
        if response and len(response) != content["blanks"]:
            raise BadResponse(f"本题有 {content['blanks']} 个空，作答有 {len(response)} 项。")
        for text in response:
            if not isinstance(text, str):
                raise BadResponse("填空题的作答应是文字。")
            if len(text) > MAX_BLANK_TEXT:
                raise BadResponse(f"每空最多填写 {MAX_BLANK_TEXT} 个字。")
            if UNSTORABLE.search(text):
                raise BadResponse("作答里有不能保存的控制字符，请删除。")
        return response
