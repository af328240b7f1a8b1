"""Matching: each left side is given one of the right sides; right sides may serve several times or never."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, ClassVar

from core.i18n import _, lazy
from question_bank.item_types.base import BadResponse, ItemType, Policy, ReadItem, StemContent, Strict
from question_bank.item_types.fields import FieldProblem, Fields
from question_bank.item_types.option_order import LETTERS, shown_letters
from question_bank.item_types.texts import MAX_OPTION_TEXT, Fault, text_faults

MAX_SIDES = 26


class Side(Strict):
    """One text to be matched: left ones are called `1`, `2` …, right ones `A`, `B` …"""

    label: str
    text: str


class MatchingContent(StemContent):
    """The texts on the left, in their order, and those on the right."""

    left: list[Side]
    right: list[Side]


class PairsKey(Strict):
    """One pair of labels, left and right, for each left side."""

    key: list[list[str]]


class Matching(ItemType[MatchingContent, PairsKey]):
    """Response: pairs `[left label, right label]` in the order of the left sides; unmatched ones are left out."""

    name = "matching"
    chinese = "匹配题"
    word = lazy("匹配题")
    note = lazy("给左边每一项选一个右边的对应项；右边可以有多余的项。")
    content_model = MatchingContent
    key_model = PairsKey
    policies: ClassVar[Mapping[str, Policy]] = {
        "proportional": Policy(lazy("按配对正确的比例给分"), "每配对一项单独计分。"),
        "all_or_nothing": Policy(lazy("全部配对正确得分"), "全部配对正确得分。"),
    }
    answering = "请为左边每一项选择右边的一个对应项，右边的项可以重复使用，也可以不用。"

    def faults(self, content: MatchingContent, key: PairsKey) -> list[Fault]:
        """Return faults of both sides and of the pairs: each left side has exactly one."""
        found = [*_side_faults("左边", content.left), *_side_faults("右边", content.right)]
        if found:
            return found
        lefts, rights = ([side.label for side in sides] for sides in (content.left, content.right))
        pairs = [pair for pair in key.key if len(pair) == 2 and pair[0] in lefts and pair[1] in rights]
        if len(pairs) < len(key.key):
            found.append(Fault("key", "答案里有不存在的配对，请重新配对。"))
        matched = [left for left, _right in pairs]
        for side in content.left:
            if matched.count(side.label) != 1:
                how_many = "没有对应的右项，请补上" if side.label not in matched else "有两个以上右项，只能有一个"
                found.append(Fault("key", f"左边第 {side.label} 项“{side.text[:20]}”{how_many}。"))
        return found

    def check_response(self, content: Mapping[str, Any], response: object) -> list[list[str]]:
        """Return the pairs in the order of the left sides, or ``[]``. Raises BadResponse."""
        if not isinstance(response, list) or len(response) > MAX_SIDES:
            raise BadResponse("匹配题的作答应是配对的列表。")
        chosen: dict[str, str] = {}
        rights = {side["label"] for side in content["right"]}
        lefts = [side["label"] for side in content["left"]]
        for pair in response:
            if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(label, str) for label in pair):
                raise BadResponse("每个配对应是左右两项的标号。")
            if pair[0] not in lefts or pair[1] not in rights or pair[0] in chosen:
                raise BadResponse("作答里有本题没有的项，或同一项配了两次。")
            chosen[pair[0]] = pair[1]
        return [[left, chosen[left]] for left in lefts if left in chosen]

    def movable(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the labels of the right sides: in the author's order they may stand beside their partners."""
        return tuple(side["label"] for side in content["right"])

    def displayed(self, content: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return the content with the right sides in displayed order under displayed letters."""
        texts = {side["label"]: side["text"] for side in content["right"]}
        shown = shown_letters(tuple(texts), order)
        return {**content, "right": [{"label": letter, "text": texts[label]} for label, letter in shown.items()]}

    def displayed_key(self, content: Mapping[str, Any], key: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return the pairs with displayed letters on the right."""
        shown = shown_letters(self.movable(content), order)
        return {**key, "key": [[left, shown[right]] for left, right in key["key"]]}

    def labels(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the labels of the right sides."""
        return self.movable(content)

    def texts(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the texts of both sides."""
        return tuple(side["text"] for side in (*content["left"], *content["right"]))

    def read_aloud(self, content: Mapping[str, Any]) -> str:
        """Return the kind and how much there is to match."""
        left, right = len(content["left"]), len(content["right"])
        return str(_("匹配题，左边 %(left)s 项，右边 %(right)s 项", left=left, right=right))

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return one pair a line, as texts."""
        return "\n".join(f"{left} — {right}" for left, right in self._pairs(content, key))

    def key_mark(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return 1C、2A."""
        return "、".join(f"{left}{right}" for left, right in key["key"])

    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the sides and pairs of the rows, and the surplus right sides, one a line."""
        pairs = [pair for pair in zip_longest(fields.rows("left"), fields.rows("right"), fillvalue="") if any(pair)]
        for number, pair in enumerate(pairs, 1):
            if not all(pair):
                told = _("第 %(number)s 对只写了一边，请把左右两边都填上；多余的右项写在下面。", number=number)
                raise FieldProblem(fields.name("pairs"), told)
        return _sides(stem, pairs, fields.lines("surplus"))

    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the pairs row by row, and the surplus right sides."""
        pairs = self._pairs(content, key)
        rows = {
            f"{name}-{row}": [pair[side]]
            for row, pair in enumerate(pairs)
            for side, name in enumerate(("left", "right"))
        }
        return rows | {"surplus": ["\n".join(self.published(content, key)["distractors"])]}

    def content_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the left sides in order, and the right sides: those of the pairs, then the surplus ones."""
        return {**_sides(read.stem, read.key, read.distractors)[0], **super().content_of(read)}

    def key_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the pairs as labels."""
        return _sides(read.stem, read.key, read.distractors)[1]

    def published(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
        """Return the pairs as texts, and the surplus right sides."""
        pairs = self._pairs(content, key)
        used = {right for _left, right in pairs}
        surplus = [side["text"] for side in content["right"] if side["text"] not in used]
        return {**self._published_stem(content), "key": pairs, "distractors": surplus}

    def _pairs(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> list[list[str]]:
        left, right = ({side["label"]: side["text"] for side in content[name]} for name in ("left", "right"))
        return [[left[one], right[other]] for one, other in key["key"]]


def _sides(stem: str, pairs: Sequence[Sequence[str]], surplus: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return content and key of pairs of texts: a right side that serves several times stands once."""
    rights = list(dict.fromkeys((*(pair[1] for pair in pairs), *surplus)))
    labels = dict(zip(rights, _labels(len(rights)), strict=True))
    left = [{"label": str(number), "text": pair[0]} for number, pair in enumerate(pairs, 1)]
    right = [{"label": label, "text": text} for text, label in labels.items()]
    key = [[str(number), labels[pair[1]]] for number, pair in enumerate(pairs, 1)]
    return {"stem": stem, "left": left, "right": right}, {"key": key}


def _labels(count: int) -> Sequence[str]:
    # More than the alphabet is refused by the faults; until then every side needs a name of its own.
    return [*LETTERS, *(f"R{number}" for number in range(len(LETTERS), count))][:count]


def _side_faults(what: str, sides: Sequence[Side]) -> Iterator[Fault]:
    if not 2 <= len(sides) <= MAX_SIDES:
        yield Fault("options", f"匹配题{what}应有 2 到 {MAX_SIDES} 项，现在有 {len(sides)} 项。")
        return
    if len({side.label for side in sides}) < len(sides):
        yield Fault("options", f"匹配题{what}各项的标号有重复，请改正。")
    seen = set()
    for number, side in enumerate(sides, 1):
        yield from text_faults("options", f"{what}第 {number} 项", side.text, MAX_OPTION_TEXT)
        if side.text in seen:
            yield Fault("options", f"{what}第 {number} 项“{side.text[:20]}”与前面的项相同，请合并或改正。")
        seen.add(side.text)
