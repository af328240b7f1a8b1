"""Fill in the blank: blanks stand in the stem as `____`, each with one or more accepted texts."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import gcd
from typing import Any, ClassVar

from pydantic import Field

from core.i18n import _, lazy
from question_bank.item_types.base import BadResponse, ItemType, Policy, ReadItem, StemContent, Strict
from question_bank.item_types.fields import FieldProblem, Fields
from question_bank.item_types.shares import is_share
from question_bank.item_types.texts import UNSTORABLE, Fault, text_faults

MAX_BLANKS = 50
MAX_ACCEPTED = 50
MAX_BLANK_TEXT = 500
MAX_WEIGHT = 9999
BLANK = "____"
CASE_SENSITIVE = "区分大小写"
CASE_FREE = "不分大小写"
_BLANK_IN_STEM = re.compile(r"_{2,}")
_NOT_ESCAPED = re.compile(r"(?<!\\)[/／]")
_SAID_OF_IT = re.compile(
    rf"(?<!\\)\{{((?:-?[01](?:\.[0-9]{{1,7}})?|\*|{CASE_SENSITIVE}|{CASE_FREE}|[,，、\s])*)\}}\s*$"
)


class BlankContent(StemContent):
    """The stem and the number of blanks in it."""

    blanks: int


class AcceptedText(Strict):
    """An accepted text with what interfaces.md lets be said of it; ``pattern``: stars stand for any run (of it, if a text)."""

    text: str
    fraction: str = "1"
    case_sensitive: bool = False
    pattern: bool | str = False


class BlankKey(Strict):
    """One list of accepted texts per blank; `order_free` lets the blanks be filled in any order.

    `weights`: how the points divide among the blanks, in whole numbers; empty where all are worth the same.
    """

    key: list[list[str | AcceptedText]]
    order_free: bool = False
    weights: list[int] = Field(default_factory=list)


def count_blanks(stem: str) -> int:
    """Return how many blanks stand in a stem: runs of two or more low lines."""
    return len(_BLANK_IN_STEM.findall(stem))


def weights_of(numbers: Sequence[int]) -> tuple[int, ...]:
    """Return weights in their smallest whole numbers, none where all blanks are worth the same."""
    common = gcd(*numbers)
    return () if len(set(numbers)) < 2 else tuple(number // common for number in numbers)


class FillBlank(ItemType[BlankContent, BlankKey]):
    """Response: one text per blank, `""` for one left empty; `[]` when nothing was answered."""

    name = "fill_blank"
    chinese = "填空题"
    word = lazy("填空题")
    note = lazy("题干里有一个或几个空，每空可以有几个可接受的答案。")
    content_model = BlankContent
    key_model = BlankKey
    policies: ClassVar[Mapping[str, Policy]] = {
        "proportional": Policy(lazy("按填对的空给分"), "每空单独计分。"),
        "all_or_nothing": Policy(lazy("全部填对得分"), "各空全部填对得分。"),
    }
    answering = "请在每个空里填写答案。"

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
        if key.weights:
            found.extend(_weight_faults(key))
        for number, accepted in enumerate(key.key[:MAX_BLANKS], 1):
            if not accepted:
                found.append(Fault("key", f"第 {number} 空没有答案，请填写。"))
            if len(accepted) > MAX_ACCEPTED:
                found.append(Fault("key", f"第 {number} 空有 {len(accepted)} 个可接受答案，最多 {MAX_ACCEPTED} 个。"))
            for entry in accepted[:MAX_ACCEPTED]:
                found.extend(_accepted_faults(number, entry))
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

    def read_aloud(self, content: Mapping[str, Any]) -> str:
        """Return the kind and the number of blanks."""
        return str(_("填空题，%(count)s 个空", count=content["blanks"]))

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return one line of accepted texts for each blank."""
        lines = [" / ".join(_accepted_text(entry) for entry in accepted) for accepted in key["key"]]
        if key.get("weights"):
            lines.append(str(_("（各空分值之比 %(weights)s）", weights=":".join(map(str, key["weights"])))))
        return "\n".join([*lines, str(_("（不分先后）"))] if key.get("order_free") else lines)

    def key_mark(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return 甲／乙；丙."""
        blanks = "；".join("／".join(map(_plain_text, accepted)) for accepted in key["key"])
        return f"{blanks}（顺序不限）" if key.get("order_free") and len(key["key"]) > 1 else blanks

    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the stem with its blanks, and one line of accepted texts for each."""
        stem = _BLANK_IN_STEM.sub(BLANK, stem)
        in_stem, lines = count_blanks(stem), fields.lines("blanks")
        if not in_stem:
            raise FieldProblem(fields.name("blanks"), _("题干里没有空；请在题干中用 ____（四个下划线）表示每个空。"))
        if in_stem != len(lines):
            told = _(
                "题干里有 %(blanks)s 个空，这里有 %(lines)s 行答案；请每空写一行。", blanks=in_stem, lines=len(lines)
            )
            raise FieldProblem(fields.name("blanks"), told)
        key = [
            [read_accepted(text, _without_marks) for text in _NOT_ESCAPED.split(line) if text.strip()] for line in lines
        ]
        weights = self._typed_weights(fields)
        written = {"key": key, "order_free": bool(fields.one("order_free"))}
        return {"stem": stem, "blanks": in_stem}, written | ({"weights": weights} if weights else {})

    def _typed_weights(self, fields: Fields) -> list[int]:
        typed = [part.strip() for part in re.split("[:：]", fields.one("weights"))]
        if typed == [""]:
            return []
        if not all(re.fullmatch("[0-9]{1,4}", part) for part in typed):
            told = _("各空分值之比应是用冒号隔开的整数，每空一个，例如 1:2:1；都一样时留空。")
            raise FieldProblem(fields.name("weights"), told)
        return list(weights_of([int(part) for part in typed]))

    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return one line for each blank, and whether the blanks may change places."""
        lines = ["/".join(accepted_text(entry, _with_marks) for entry in accepted) for accepted in key["key"]]
        weights = {"weights": [":".join(map(str, key["weights"]))]} if key.get("weights") else {}
        return {"blanks": ["\n".join(lines)]} | weights | ({"order_free": ["y"]} if key.get("order_free") else {})

    def content_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the stem and how many blanks stand in it.

        A short answer of Moodle has no mark for its one blank: it is put behind the stem.
        """
        content = super().content_of(read)
        if not count_blanks(read.stem) and len(read.key) == 1:
            content = {name: f"{text}{BLANK}" for name, text in content.items()}
        return {**content, "blanks": count_blanks(content["stem"])}

    def key_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the accepted texts of each blank."""
        accepted = [[dict(e) if isinstance(e, Mapping) else e for e in _listed(entries)] for entries in read.key]
        weights = {"weights": list(read.weights)} if read.weights else {}
        return {"key": accepted, "order_free": read.order_free} | weights

    def published(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stem, the accepted texts, the weights, and whether the blanks may change places."""
        stem = self._published_stem(content)
        weights = {"weights": tuple(key["weights"])} if key.get("weights") else {}
        accepted = [list(entries) for entries in key["key"]]
        return {**stem, "key": accepted, "order_free": key.get("order_free", False), **weights}


def read_accepted(typed: str, unescaped: Callable[[str], str]) -> str | dict[str, Any]:
    """Read one accepted text; what is said of it stands behind it in braces: 甲{0.5}, Word{区分大小写}, *会议{*}."""
    said = _SAID_OF_IT.search(typed)
    text = unescaped(typed[: said.start()] if said else typed).strip()
    if not said:
        return text
    entry: dict[str, Any] = {"text": text}
    for word in re.split(r"[,，、\s]+", said[1]):
        if word == "*":
            entry["pattern"] = True
        elif word in (CASE_SENSITIVE, CASE_FREE):
            entry["case_sensitive"] = word == CASE_SENSITIVE
        elif word:
            entry["fraction"] = word
    return entry


def accepted_text(entry: str | Mapping[str, Any], escaped: Callable[[str], str]) -> str:
    """Return what `read_accepted` reads as this accepted text."""
    if isinstance(entry, str):
        return escaped(entry)
    said = [str(entry["fraction"])] if "fraction" in entry else []
    if "case_sensitive" in entry:
        said.append(CASE_SENSITIVE if entry["case_sensitive"] else CASE_FREE)
    said += ["*"] if entry.get("pattern") else []
    return escaped(str(entry["text"])) + "{" + ",".join(said) + "}"


def _without_marks(typed: str) -> str:
    return typed.replace("\\/", "/").replace("\\{", "{").replace("\\}", "}")


def _with_marks(text: str) -> str:
    return text.replace("/", "\\/").replace("{", "\\{").replace("}", "\\}")


def _weight_faults(key: BlankKey) -> Iterator[Fault]:
    if len(key.weights) != len(key.key):
        yield Fault("key", f"有 {len(key.key)} 个空，却有 {len(key.weights)} 个分值之比，请每空写一个。")
    elif not all(0 <= weight <= MAX_WEIGHT for weight in key.weights) or not any(key.weights):
        yield Fault("key", f"各空分值之比应是 0 到 {MAX_WEIGHT} 之间的整数，不能都是 0。")
    if key.order_free:
        yield Fault("key", "各空不分先后时，每空的分值要一样，请去掉分值之比，或改为分先后。")


def _plain_text(entry: str | Mapping[str, Any]) -> str:
    return entry if isinstance(entry, str) else str(entry["text"])


def _listed(entries: Any) -> list[Any]:
    return [entries] if isinstance(entries, str | Mapping) else list(entries)


def _accepted_faults(number: int, entry: str | AcceptedText) -> Iterator[Fault]:
    text = entry if isinstance(entry, str) else entry.text
    yield from text_faults("key", f"第 {number} 空的答案", text, MAX_BLANK_TEXT)
    if isinstance(entry, AcceptedText) and not is_share(entry.fraction):
        yield Fault("key", f"第 {number} 空“{text[:20]}”的得分比例不对，应为 -1 到 1 之间的小数，例如 0.5。")


def _accepted_text(entry: str | Mapping[str, Any]) -> str:
    if isinstance(entry, str):
        return entry
    said = [
        str(_("得 %(share)s", share=entry["fraction"])) if entry.get("fraction", "1") not in ("1", "1.00") else "",
        str(_("区分大小写")) if entry.get("case_sensitive") else "",
        str(_("* 代表任意文字")) if entry.get("pattern") else "",
    ]
    told = "，".join(filter(None, said))
    return f"{entry['text']}（{told}）" if told else str(entry["text"])
