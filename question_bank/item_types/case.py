"""Case: one stem, several parts of any type but case, each with its own points."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from core.exact import NotAMark, parse_mark
from core.i18n import _, lazy
from question_bank.item_types.base import BadResponse, ItemType, Policy, ReadItem, StemContent, Strict
from question_bank.item_types.fields import FieldProblem, Fields, prefixed
from question_bank.item_types.texts import Fault

MAX_PARTS = 20
MAX_RATIONALE = 10_000


class Part(Strict):
    """One part: its type, its points in hundredths, and the content that its type states."""

    type: str
    points_hundredths: int
    content: dict[str, Any]


class CaseContent(StemContent):
    """The common stem and the parts."""

    parts: list[Part]


class CaseKey(Strict):
    """For each part the key that its type states, with the part's rationale."""

    key: list[dict[str, Any]]


class Case(ItemType[CaseContent, CaseKey]):
    """Response: one response per part, `[]` for an unanswered one; `[]` when no part is answered."""

    name = "case"
    chinese = "案例题"
    word = lazy("案例题")
    note = lazy("一段材料带几道小题，小题可以是各种题型，各有各的分值。")
    content_model = CaseContent
    key_model = CaseKey
    policies: ClassVar[Mapping[str, Policy]] = {"by_parts": Policy(lazy("各小题分别计分"), "各小题分别计分。")}
    answering = "请阅读材料，回答后面的各小题。"
    own_points = True

    def __init__(self, part_types: Sequence[ItemType[Any, Any]]) -> None:
        self.part_types = {one.name: one for one in part_types}

    # ---- what an item is

    def faults(self, content: CaseContent, key: CaseKey) -> list[Fault]:
        """Return faults of the parts, each with its number."""
        if not 1 <= len(content.parts) <= MAX_PARTS:
            return [Fault("content", f"案例题应有 1 到 {MAX_PARTS} 道小题，现在有 {len(content.parts)} 道。")]
        if len(key.key) != len(content.parts):
            return [Fault("key", f"案例题有 {len(content.parts)} 道小题，却有 {len(key.key)} 组答案。")]
        pairs = zip(content.parts, key.key, strict=True)
        found = [fault for number, (part, own) in enumerate(pairs, 1) for fault in self._part_faults(number, part, own)]
        if not any(part.points_hundredths for part in content.parts):
            found.append(Fault("content", "案例题的小题都是说明文字，没有可以作答的小题，请补上。"))
        return found

    def _part_faults(self, number: int, part: Part, key: Mapping[str, Any]) -> Iterator[Fault]:
        kind = self.part_types.get(part.type)
        if kind is None:
            yield Fault("content", f"第 {number} 小题的题型“{part.type[:20]}”不能作为小题，请改题型。")
            return
        own = {name: value for name, value in key.items() if name != "rationale"}
        found = kind.validate(part.content, own)
        if not any(fault.severity == "error" for fault in found):
            found.extend(kind.points_faults(part.content, part.points_hundredths))
        rationale = key.get("rationale", "")
        if not isinstance(rationale, str) or len(rationale) > MAX_RATIONALE:
            found.append(Fault("content", f"解析应为最多 {MAX_RATIONALE} 个字的文字，请缩短。"))
        yield from (replace(fault, message=f"第 {number} 小题：{fault.message}") for fault in found)

    def points_faults(self, content: Mapping[str, Any], points_hundredths: int) -> Iterator[Fault]:
        """Yield a fault unless the points are the sum of the parts'."""
        yield from super().points_faults(content, points_hundredths)
        added = self.fixed_points(content) or 0
        if added != points_hundredths:
            told = f"各小题分值之和 {_marks(added)} 分与本题分值 {_marks(points_hundredths)} 分不符，请改正。"
            yield Fault("content", told)

    def fixed_points(self, content: Mapping[str, Any]) -> int | None:
        """Return the sum of the parts."""
        return sum(int(part["points_hundredths"]) for part in content["parts"])

    def default_points(self, read: ReadItem) -> int:
        """Return the sum of the parts."""
        return sum(self.part_points(read))

    def scorable(self, content: Mapping[str, Any]) -> bool:
        """Return whether a machine can mark every part."""
        return all(kind.scorable(part["content"]) for kind, part in self.kinds(content))

    def kinds(self, content: Mapping[str, Any]) -> list[tuple[ItemType[Any, Any], Mapping[str, Any]]]:
        """Return the parts with their types."""
        return [(self.part_types[part["type"]], part) for part in content["parts"]]

    # ---- what is answered

    def check_response(self, content: Mapping[str, Any], response: object) -> list[Any]:
        """Return one canonical response per part, or ``[]``. Raises BadResponse."""
        if response == []:
            return []
        kinds = self.kinds(content)
        if not isinstance(response, list) or len(response) != len(kinds):
            raise BadResponse(f"案例题的作答应是 {len(kinds)} 道小题各一项的列表。")
        checked = [kind.check_response(part["content"], own) for (kind, part), own in zip(kinds, response, strict=True)]
        return checked if any(checked) else []

    # ---- how it stands on a paper: a label of part 2 is drawn as "2/B"

    def movable(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the movable labels of the parts that need not keep their order."""
        return tuple(
            f"{number}/{label}"
            for number, (kind, part) in enumerate(self.kinds(content), 1)
            if not kind.keeps_order(part["content"])
            for label in kind.movable(part["content"])
        )

    def displayed(self, content: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return the content with each part as displayed."""

        def show(kind: ItemType[Any, Any], part: Mapping[str, Any], own: Sequence[str]) -> dict[str, Any]:
            return {**part, "content": kind.displayed(part["content"], own)}

        return {**content, "parts": self._each(content, order, show)}

    def displayed_key(self, content: Mapping[str, Any], key: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return each part's key, and its rationale, under displayed labels."""
        keys = iter(key["key"])

        def show(kind: ItemType[Any, Any], part: Mapping[str, Any], own: Sequence[str]) -> dict[str, Any]:
            one = next(keys)
            told = {"rationale": kind.relabelled(part["content"], one["rationale"], own)} if "rationale" in one else {}
            return {**kind.displayed_key(part["content"], one, own), **told}

        return {**key, "key": self._each(content, order, show)}

    def _each(
        self,
        content: Mapping[str, Any],
        order: Sequence[str],
        show: Callable[[ItemType[Any, Any], Mapping[str, Any], Sequence[str]], dict[str, Any]],
    ) -> list[dict[str, Any]]:
        own: dict[int, list[str]] = {}
        for moved in order:
            number, _slash, label = moved.partition("/")
            own.setdefault(int(number), []).append(label)
        return [show(kind, part, own.get(number, [])) for number, (kind, part) in enumerate(self.kinds(content), 1)]

    # ---- how it is told

    def texts(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the stems and the texts of the parts."""
        return tuple(
            text
            for kind, part in self.kinds(content)
            for text in (part["content"]["stem"], *kind.texts(part["content"]))
        )

    def read_aloud(self, content: Mapping[str, Any]) -> str:
        """Return the kind and the number of parts."""
        return str(_("案例题，%(count)s 道小题", count=len(content["parts"])))

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return the keys of the parts under their numbers."""
        told = [
            kind.key_text(part["content"], own)
            for (kind, part), own in zip(self.kinds(content), key["key"], strict=True)
        ]
        return "\n".join(f"({number}) {text}" for number, text in enumerate(told, 1) if text)

    def key_mark(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return the parts' keys under their numbers."""
        kinds = zip(self.kinds(content), key["key"], strict=True)
        told = [kind.key_mark(part["content"], own) for (kind, part), own in kinds]
        return " ".join(f"({number}) {text}" for number, text in enumerate(told, 1) if text)

    # ---- how an author writes it

    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the parts of the form. Raises FieldProblem with the number of the part."""
        parts, keys = [], []
        for number, own in enumerate(fields.parts, 1):
            kind = self.part_types.get(own.one("type"))
            if kind is None:
                raise FieldProblem(own.name("type"), _("第 %(number)s 小题没有这种题型。", number=number))
            try:
                content, key = kind.written(own.one("stem"), own)
                points = self._typed_points(kind, content, own)
            except FieldProblem as problem:
                told = _("第 %(number)s 小题：", number=number) + problem.message
                raise FieldProblem(problem.name, told) from problem
            parts.append({"type": kind.name, "points_hundredths": points, "content": content})
            keys.append(key | ({"rationale": own.one("rationale")} if own.one("rationale") else {}))
        if not parts:
            raise FieldProblem(fields.name("parts"), _("案例题还没有小题，请先增加小题。"))
        return {"stem": stem, "parts": parts}, {"key": keys}

    def _typed_points(self, kind: ItemType[Any, Any], content: Mapping[str, Any], fields: Fields) -> int:
        fixed = kind.fixed_points(content)
        if fixed is not None:
            return fixed
        try:
            points = parse_mark(fields.one("points"), "分值")
        except NotAMark as problem:
            raise FieldProblem(fields.name("points"), str(problem)) from None
        if (points * 100).denominator != 1 or not 0 < points <= 100:
            raise FieldProblem(fields.name("points"), _("分值应大于 0、不超过 100，最多两位小数，例如 2 或 1.5。"))
        return int(points * 100)

    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the fields of every part."""
        found: dict[str, list[str]] = {}
        pairs = zip(self.kinds(content), key["key"], strict=True)
        for number, ((kind, part), own) in enumerate(pairs):
            common = {
                "type": [kind.name],
                "stem": [part["content"]["stem"]],
                "points": [_marks(part["points_hundredths"])],
                "rationale": [own.get("rationale", "")],
            }
            found |= prefixed(number, common | kind.fields(part["content"], own))
        return found

    # ---- how formats give and take it

    def content_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the stem and the parts; a part without points gets its share of what the case states."""
        points = self.part_points(read)
        parts = [
            {"type": part.type, "points_hundredths": own, "content": self._kind(part).content_of(part)}
            for part, own in zip(read.parts, points, strict=True)
        ]
        return {**super().content_of(read), "parts": parts}

    def key_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the parts' keys and rationales."""
        keys = [self._kind(part).key_of(part) for part in read.parts]
        told = [{"rationale": part.rationale} if part.rationale else {} for part in read.parts]
        return {"key": [{**key, **rationale} for key, rationale in zip(keys, told, strict=True)]}

    def published(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stem and the parts."""
        parts = [
            {
                "type": kind.name,
                "points_hundredths": part["points_hundredths"],
                "rationale": own.get("rationale", ""),
                **kind.published(part["content"], own),
            }
            for (kind, part), own in zip(self.kinds(content), key["key"], strict=True)
        ]
        return {**self._published_stem(content), "key": [], "parts": parts, "scorable": self.scorable(content)}

    def _kind(self, part: ReadItem) -> ItemType[Any, Any]:
        # A part of a type that cannot be one is kept as it is, for the faults to name it.
        return self.part_types.get(part.type, self.part_types["description"])

    def part_points(self, read: ReadItem) -> list[int]:
        """Return what each part states, or its share of what the case states."""
        stated = [0 if part.type == "description" else part.points_hundredths for part in read.parts]
        missing = stated.count(None)
        if not missing:
            return [points or 0 for points in stated]
        if read.points_hundredths is None:
            return [
                self._kind(part).default_points(part) if own is None else own
                for part, own in zip(read.parts, stated, strict=True)
            ]
        rest = max(0, read.points_hundredths - sum(points or 0 for points in stated))
        shares = [rest // missing] * (missing - 1) + [rest - rest // missing * (missing - 1)]
        return [shares.pop(0) if points is None else points for points in stated]


def _marks(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
