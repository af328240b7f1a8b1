"""The practice paper of the mock sitting: neutral items of every type, from no bank. Content, not interface."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from exam.sittings.papers import PaperAtHand, prepare
from question_bank.delivery import DeliveredPaper, DeliveredSection, DeliveredSlot

_CHOICES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("single_choice", "一年有多少个月？", ("10 个", "11 个", "12 个", "13 个")),
    ("single_choice", "“答题卡”上方格变成深色，表示这道题怎么样？", ("已作答", "未作答", "做了标记", "已评分")),
    ("multiple_choice", "下列哪些是中国传统节日？", ("春节", "端午节", "中秋节", "国庆节")),
    ("multiple_choice", "下列哪些数是偶数？", ("2", "3", "4", "7")),
)
_OTHERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("true_false", {"stem": "长江是中国最长的河流。"}),
    ("true_false", {"stem": "断网的时候，已经作的答案会全部丢失。"}),
    ("fill_blank", {"stem": "一个星期有____天，一天有____小时。", "blanks": 2}),
    ("numeric", {"stem": "平年有多少天？"}),
    (
        "matching",
        {
            "stem": "把季节和天气连起来。",
            "left": [{"label": "1", "text": "夏天"}, {"label": "2", "text": "冬天"}],
            "right": [{"label": "A", "text": "最冷"}, {"label": "B", "text": "最热"}],
        },
    ),
    (
        "ordering",
        {
            "stem": "按一天中的先后排列。",
            "options": [
                {"label": "A", "text": "中午"},
                {"label": "B", "text": "早晨"},
                {"label": "C", "text": "傍晚"},
            ],
        },
    ),
    ("short_answer", {"stem": "用一句话写出今天的天气。"}),
)
_SECTIONS = (
    ("选择题", "单选题只选一项；多选题选出所有对的。", 0, 4),
    ("判断题", "", 4, 6),
    ("填空题和数值题", "", 6, 8),
    ("配对题和排序题", "", 8, 10),
    ("简答题", "", 10, 11),
)
_NUMERALS = "一二三四五"


def _contents() -> list[tuple[str, dict[str, Any]]]:
    choices = [
        (kind, {"stem": stem, "options": [{"label": "ABCD"[place], "text": text} for place, text in enumerate(texts)]})
        for kind, stem, texts in _CHOICES
    ]
    return [*choices, *_OTHERS]


@dataclass(frozen=True, slots=True)
class _Fixed:
    """One paper for everybody, from no database."""

    whole: DeliveredPaper
    per_candidate: bool = False

    @property
    def key(self) -> tuple[int, str]:
        """Id and digest of the paper."""
        return self.whole.paper_id, self.whole.digest

    def paper(self, number: int = 0) -> DeliveredPaper:
        """The paper, whoever asks."""
        return self.whole

    def answerable(self, number: int) -> dict[str, DeliveredSlot]:
        """Its slots by number."""
        return {slot.slot: slot for section in self.whole.sections for slot in section.slots}


def mock_paper() -> PaperAtHand:
    """The paper, ready for the page and for checking answers."""
    slots = [
        DeliveredSlot(str(number), kind, 100, content) for number, (kind, content) in enumerate(_contents(), start=1)
    ]
    digest = hashlib.sha256(json.dumps(_contents(), ensure_ascii=False).encode()).hexdigest()
    sections = tuple(
        DeliveredSection(_NUMERALS[place], title, instructions, "", tuple(slots[first:end]))
        for place, (title, instructions, first, end) in enumerate(_SECTIONS)
    )
    return prepare(_Fixed(DeliveredPaper(0, "MOCK", "模拟作答", digest, False, 100 * len(slots), sections)))


PAPER = mock_paper()
