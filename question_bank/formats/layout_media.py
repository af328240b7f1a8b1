"""Pictures in running text: their place in the plain text becomes the picture in the rich text. Pure."""

import html
from collections.abc import Sequence
from dataclasses import replace

from question_bank.formats.html_text import PICTURE as SHOWN
from question_bank.formats.layout_lines import PICTURE
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption, Problem


def with_pictures(item: ImportedItem, media: Sequence[ImportedMedia]) -> tuple[ImportedItem, list[Problem]]:
    """Return the item with `html` and `media` where its text held pictures, and what could not be kept."""
    problems: list[Problem] = []
    parts = []
    for part in item.parts:
        read, more = with_pictures(part, media)
        parts.append(read)
        problems.extend(more)
    shown = _numbers(item.stem, *(option.text for option in item.options))
    lost = _numbers(item.rationale)
    if lost:
        reason = "解析或参考答案里的图片没有导入"
        problems.append(Problem(item.ref, "解析", "warning", reason, "把图里的内容写成文字"))
    if not (shown or lost or parts):
        return item, problems
    return replace(
        item,
        stem=_plain(item.stem),
        html=_rich(item.stem, media) if _numbers(item.stem) else item.html,
        options=tuple(_option(option, media) for option in item.options),
        rationale=_plain(item.rationale),
        media=tuple(media[number] for number in shown if number < len(media)),
        parts=tuple(parts),
    ), problems


def _numbers(*texts: str) -> list[int]:
    return list(dict.fromkeys(int(match[1]) for text in texts for match in PICTURE.finditer(text)))


def _plain(text: str) -> str:
    return PICTURE.sub(SHOWN, text)


def _rich(text: str, media: Sequence[ImportedMedia]) -> str:
    paragraphs = []
    for line in text.split("\n"):
        escaped = html.escape(line, quote=False)
        paragraphs.append(f"<p>{PICTURE.sub(lambda match: _image(int(match[1]), media), escaped)}</p>")
    return "".join(paragraphs)


def _image(number: int, media: Sequence[ImportedMedia]) -> str:
    name = media[number].name if number < len(media) else ""
    return f'<img src="{html.escape(name)}" alt="">'


def _option(option: ImportedOption, media: Sequence[ImportedMedia]) -> ImportedOption:
    if not _numbers(option.text):
        return option
    return replace(option, text=_plain(option.text), html=_rich(option.text, media))
