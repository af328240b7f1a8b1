"""Pictures in running text: their place in the plain text becomes the picture in the rich text. Pure."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from question_bank.formats.html_text import PICTURE as SHOWN
from question_bank.formats.layout_lines import PICTURE
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption, Problem


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table that stands in the text of an item: its rows."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The table as plain text, as that of HTML has it."""
        return "\n".join("\t".join(row) for row in self.rows)

    @property
    def html(self) -> str:
        """The table as HTML."""
        rows = ("".join(f"<td>{html.escape(cell, quote=False)}</td>" for cell in row) for row in self.rows)
        return f"<table><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture that stands in the text of an item, with its description."""

    file: ImportedMedia
    alt: str | None = None  # None where nobody wrote one


Shown = ShownPicture | ShownTable


def with_pictures(item: ImportedItem, media: Sequence[Shown]) -> tuple[ImportedItem, list[Problem]]:
    """Return the item with `html` and `media` where its text held pictures, and what could not be kept."""
    problems: list[Problem] = []
    parts = []
    for part in item.parts:
        read, more = with_pictures(part, media)
        parts.append(read)
        problems.extend(more)
    shown = _numbers(item.stem, *(option.text for option in item.options))
    lost = _numbers(item.rationale)
    if any(not isinstance(_at(number, media), ShownTable) for number in lost):
        reason = "解析或参考答案里的图片没有导入"
        problems.append(Problem(item.ref, "解析", "warning", reason, "把图里的内容写成文字"))
    if not (shown or lost or parts):
        return item, problems
    return replace(
        item,
        stem=_plain(item.stem, media),
        html=_rich(item.stem, item.html, media) if _numbers(item.stem) else item.html,
        options=tuple(_option(option, media) for option in item.options),
        rationale=_plain(item.rationale, media),
        media=tuple(dict.fromkeys(at.file for number in shown if isinstance(at := _at(number, media), ShownPicture))),
        parts=tuple(parts),
    ), problems


def _numbers(*texts: str) -> list[int]:
    return list(dict.fromkeys(int(match[1]) for text in texts for match in PICTURE.finditer(text)))


def _at(number: int, media: Sequence[Shown]) -> Shown | None:
    return media[number] if number < len(media) else None


def _plain(text: str, media: Sequence[Shown]) -> str:
    def told(match: re.Match[str]) -> str:
        shown = _at(int(match[1]), media)
        if isinstance(shown, ShownTable):
            return shown.text
        return SHOWN if shown is None or shown.alt is None else shown.alt

    return PICTURE.sub(told, text)


def _rich(text: str, rich: str, media: Sequence[Shown]) -> str:
    """Return the HTML of a text, or the rich form that it has already, with pictures and tables in their places."""
    lines = rich or "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in text.split("\n"))
    shown = PICTURE.sub(lambda match: _image(int(match[1]), media), lines)
    return shown.replace("<p><table>", "<table>").replace("</table></p>", "</table>")


def _image(number: int, media: Sequence[Shown]) -> str:
    shown = _at(number, media)
    if isinstance(shown, ShownTable):
        return shown.html
    name, alt = (shown.file.name, shown.alt or "") if shown else ("", "")
    return f'<img src="{html.escape(name)}" alt="{html.escape(alt)}">'


def _option(option: ImportedOption, media: Sequence[Shown]) -> ImportedOption:
    if not _numbers(option.text):
        return option
    return replace(option, text=_plain(option.text, media), html=_rich(option.text, option.html, media))
