"""What the types with options share: options under labels, keys of labels, shares of the points, moving and showing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from core.i18n import _
from question_bank.item_types.base import BadResponse, ItemType, ReadItem, StemContent, Strict
from question_bank.item_types.fields import FieldProblem, Fields
from question_bank.item_types.option_order import LETTERS, relabelled, shown_letters, speak_of_others
from question_bank.item_types.shares import is_share, share_of
from question_bank.item_types.texts import MAX_OPTION_TEXT, Fault, html_faults, text_faults

MAX_OPTIONS = 26
MAX_FEEDBACK = 4_000


class Option(Strict):
    """One choice: the author's label (`A`, `B` …) and its plain text; ``html`` where there is more to it than text."""

    label: str
    text: str
    html: str = ""


class OptionsContent(StemContent):
    """Content of a type with options."""

    options: list[Option]


class LabelKey(Strict):
    """A key that is a list of labels.

    ``fractions``: the share of the points that choosing an option earns, where the source states shares; it decides
    instead of a policy. ``feedback``: what the source says to who chose an option.
    """

    key: list[str]
    fractions: dict[str, str] = Field(default_factory=dict)
    feedback: dict[str, str] = Field(default_factory=dict)


class OptionsType(ItemType[OptionsContent, LabelKey]):
    """A type whose candidates choose among, or order, labelled options."""

    content_model = OptionsContent
    key_model = LabelKey
    most: int = MAX_OPTIONS

    def check_response(self, content: Mapping[str, Any], response: object) -> list[str]:
        """Return the chosen labels sorted and unique, or ``[]``. Raises BadResponse."""
        return check_labels(content, response, self.most)

    def movable(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the labels of the options."""
        return tuple(option["label"] for option in content["options"])

    def keeps_order(self, content: Mapping[str, Any]) -> bool:
        """Return whether an option speaks of the others (以上都对, A和B)."""
        return speak_of_others(option["text"] for option in content["options"])

    def displayed(self, content: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return the content with its options in displayed order under displayed letters."""
        options = {option["label"]: option for option in content["options"]}
        shown = shown_letters(tuple(options), order)
        return {**content, "options": [{**options[label], "label": letter} for label, letter in shown.items()]}

    def displayed_key(self, content: Mapping[str, Any], key: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
        """Return the key, and the shares, under displayed letters."""
        shown = shown_letters(self.movable(content), order)
        by_label = {
            name: {shown[a]: b for a, b in key[name].items()} for name in ("fractions", "feedback") if name in key
        }
        return {**key, "key": sorted(shown[label] for label in key["key"]), **by_label}

    def relabelled(self, content: Mapping[str, Any], text: str, order: Sequence[str]) -> str:
        """Return a rationale whose mentions of options (A项, 故选BC) name the displayed letters."""
        return relabelled(text, shown_letters(self.movable(content), order))

    def labels(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the labels of the options."""
        return self.movable(content)

    def texts(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the texts of the options."""
        return tuple(option["text"] for option in content["options"])

    def plain_text(self, content: Mapping[str, Any]) -> str:
        """Return stem and options with their labels."""
        lines = [str(content["stem"])]
        lines.extend(f"{option['label']}. {option['text']}" for option in content["options"])
        return "\n".join(lines)

    def read_aloud(self, content: Mapping[str, Any]) -> str:
        """Return the kind and the number of options."""
        return str(_("%(type)s，%(count)s 个选项", type=self.word, count=len(content["options"])))

    def key_text(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return the labels, with the shares where there are any."""
        shares = key.get("fractions")
        labels = "、".join(key["key"])
        if not shares:
            return labels
        return labels + "\n" + "；".join(f"{label} {_('得 %(share)s', share=share)}" for label, share in shares.items())

    def key_mark(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> str:
        """Return the labels: AC."""
        return "".join(key["key"])

    def written(self, stem: str, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return options and the ticked labels; shares, where some are given, say what is right by themselves."""
        texts = fields.rows("options")
        filled = [bool(text) for text in texts]
        if False in filled and True in filled[filled.index(False) :]:
            letter = LETTERS[filled.index(False)]
            told = _("选项 %(letter)s 空着，后面却还有选项；请依次填写，中间不要空。", letter=letter)
            raise FieldProblem(fields.name("options"), told)
        options = [{"label": letter, "text": text} for letter, text in zip(LETTERS, texts, strict=False) if text]
        shares = dict(zip((option["label"] for option in options), fields.rows("share"), strict=False))
        fractions = {label: share for label, share in shares.items() if share}
        key = sorted(fields.many("correct")) or [
            label for label, share in fractions.items() if not share.startswith("-")
        ]
        return {"stem": stem, "options": options}, {"key": key} | ({"fractions": fractions} if fractions else {})

    def fields(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the options, the ticked labels and the shares."""
        fractions = key.get("fractions", {})
        rows = {f"options-{number}": [option["text"]] for number, option in enumerate(content["options"])}
        shares = {
            f"share-{number}": [fractions.get(option["label"], "")] for number, option in enumerate(content["options"])
        }
        return rows | shares | {"correct": list(key["key"])}

    def content_of(self, read: ReadItem) -> dict[str, Any]:
        """Return stem and options."""
        return {**super().content_of(read), "options": options_of(read)}

    def key_of(self, read: ReadItem) -> dict[str, Any]:
        """Return the labels, and what the source states by option."""
        fractions = {option.label: f"{option.fraction:f}" for option in read.options if option.fraction is not None}
        feedback = {option.label: option.feedback for option in read.options if option.feedback}
        key: dict[str, Any] = {"key": list(read.key)}
        return key | ({"fractions": fractions} if fractions else {}) | ({"feedback": feedback} if feedback else {})

    def published(self, content: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
        """Return stem, options with their shares, and the labels."""
        fractions, feedback = key.get("fractions", {}), key.get("feedback", {})
        options = [
            {
                **option,
                **({"fraction": fractions[option["label"]]} if option["label"] in fractions else {}),
                **({"feedback": feedback[option["label"]]} if option["label"] in feedback else {}),
            }
            for option in content["options"]
        ]
        return {**self._published_stem(content), "options": options, "key": list(key["key"])}


def options_of(read: ReadItem) -> list[dict[str, str]]:
    """Return the options of an item that a format read, as they are stored."""
    return [
        {"label": option.label, "text": option.text} | ({"html": option.html} if option.html else {})
        for option in read.options
    ]


def option_faults(options: Sequence[Option]) -> Iterator[Fault]:
    """Yield what is wrong with a list of options."""
    if len(options) < 2:
        yield Fault("options", f"只有 {len(options)} 个选项，至少要有 2 个。")
    if len(options) > MAX_OPTIONS:
        yield Fault("options", f"有 {len(options)} 个选项，最多 {MAX_OPTIONS} 个。")
        return
    labels = [option.label for option in options]
    if len(set(labels)) < len(labels):
        yield Fault("options", "选项的字母有重复，请改正。")
    seen: dict[str, str] = {}
    for option in options:
        yield from text_faults("options", f"选项 {option.label} ", option.text, MAX_OPTION_TEXT)
        yield from html_faults(f"选项 {option.label} ", option.html)
        if option.text.strip() and option.text.strip() in seen:
            earlier = seen[option.text.strip()]
            yield Fault("options", f"选项 {option.label} 与选项 {earlier} 的内容相同，请核对。", "warning")
        seen.setdefault(option.text.strip(), option.label)


def label_faults(key: LabelKey, options: Sequence[Option]) -> Iterator[Fault]:
    """Yield what is wrong with a key of labels and with its shares."""
    if not key.key and not any(is_share(share) and share_of(share) > 0 for share in key.fractions.values()):
        yield Fault("key", "没有答案，请填写正确选项的字母。")
    if len(set(key.key)) < len(key.key):
        yield Fault("key", "答案里有重复的字母，请改正。")
    labels = [option.label for option in options]
    missing = [label for label in (*key.key, *key.fractions, *key.feedback) if label not in labels]
    if missing:
        yield Fault(
            "key",
            f"答案 {'、'.join(dict.fromkeys(missing))} 不在选项 {'、'.join(labels[:MAX_OPTIONS])} 之中，请改答案或补选项。",
        )
    for label, share in key.fractions.items():
        if not is_share(share):
            yield Fault("key", f"选项 {label} 的得分比例“{share[:20]}”不对，应为 -1 到 1 之间的小数，例如 0.5。")
    for label, text in key.feedback.items():
        yield from text_faults("key", f"选项 {label} 的反馈", text, MAX_FEEDBACK)


def check_labels(content: Mapping[str, Any], response: object, most: int) -> list[str]:
    """Return the chosen labels sorted and unique; at most `most` of them. Raises BadResponse."""
    if not isinstance(response, list) or len(response) > MAX_OPTIONS:
        raise BadResponse("作答应是选项字母的列表。")
    allowed = {option["label"] for option in content["options"]}
    for label in response:
        if not isinstance(label, str) or label not in allowed:
            raise BadResponse("作答里有本题没有的选项。")
    chosen = sorted(set(response))
    if len(chosen) > most:
        raise BadResponse("本题只能选一个选项。")
    return chosen
