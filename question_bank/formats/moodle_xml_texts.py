"""The texts of one Moodle XML question with their formats, and the files that stand in them."""

import base64
import binascii
import re
from html import escape, unescape
from urllib.parse import unquote

from lxml import etree

from question_bank.formats.html_text import tidy
from question_bank.formats.moodle_items import Doubts, NotRead
from question_bank.formats.moodle_text import Rich, rich_text
from question_bank.formats.report import ImportedMedia

MOST_SOURCE = 2_000_000

_REFERENCE = re.compile(r"@@PLUGINFILE@@/([^\"'<>\s?#]*)")


def words(parent: etree._Element | None, path: str, preset: str = "") -> str:
    """Return the text of an element below another, without surrounding space."""
    found = None if parent is None else parent.find(path)
    return preset if found is None else (found.text or "").strip()


class Texts:
    """The texts of one question. `media` collects the files, each under one name, by which the HTML refers to it."""

    def __init__(self, question: etree._Element, doubts: Doubts) -> None:
        self._question = question
        self._doubts = doubts
        self._files: dict[str, bytes] = {}
        stem = question.find("questiontext")
        self.text_format = (stem.get("format") if stem is not None else None) or "html"

    @property
    def media(self) -> tuple[ImportedMedia, ...]:
        """The files in the order in which they were met."""
        return tuple(ImportedMedia(name, data) for name, data in self._files.items())

    def source(self, element: etree._Element | None) -> tuple[str, str]:
        """Return the raw text of an element that holds ``<text>``, and its format. Raises NotRead for an endless one."""
        if element is None:
            return "", self.text_format
        text = element.find("text")
        # Old files have the text in the element itself.
        raw = element.text if text is None else "".join(map(str, text.itertext()))
        if len(raw or "") > MOST_SOURCE:
            raise NotRead(
                "题干", f"有一段文字连同格式长达 {len(raw or '')} 个字，没有读取", "删去多余的格式和嵌在文字里的图片"
            )
        return (raw or "").strip(), element.get("format") or self.text_format

    def rich(self, element: etree._Element | None) -> Rich:
        """Return the text of an element, its files taken into `media`."""
        text, text_format = self.source(element)
        return self.with_files(rich_text(text, text_format), element)

    def with_files(self, rich: Rich, element: etree._Element | None) -> Rich:
        """Return a text that refers to the files of its element by the names in `media`."""
        names = self._take_files(element)
        if "@@PLUGINFILE@@" not in rich.html:
            return rich
        return Rich(rich.plain, _REFERENCE.sub(lambda match: self._reference(match, names), rich.html))

    def said(self, path: str, parent: etree._Element | None = None) -> str:
        """Return a text that is kept as plain text: feedback, hints, notes. Files in it are named as left out."""
        element = (self._question if parent is None else parent).find(path)
        if element is None:
            return ""
        text, text_format = self.source(element)
        if element.find("file") is not None or "@@PLUGINFILE@@" in text:
            self._doubts.add("解析", "warning", f"{path} 里的图片或文件没有导入", "需要时手工补入")
        return rich_text(text, text_format).plain

    def _take_files(self, element: etree._Element | None) -> dict[str, str]:
        names: dict[str, str] = {}
        for file in () if element is None else element.iterchildren("file"):
            path = f"{(file.get('path') or '/').strip('/')}/{file.get('name') or ''}".strip("/")
            data = self._decoded(file, path)
            if data is not None:
                names[path] = self._kept(path, data)
        return names

    def _decoded(self, file: etree._Element, path: str) -> bytes | None:
        reason = ""
        if (file.get("encoding") or "base64") != "base64":
            reason = f"文件“{path[:60]}”的编码方式不是 base64，没有导入"
        try:
            data = base64.b64decode("".join((file.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            reason = f"文件“{path[:60]}”的内容不是合法的 base64，没有导入"
        if not path or reason:
            self._doubts.add(
                "题干", "warning", reason or "有一个文件没有名字，没有导入", "在 Moodle 里重新上传该文件后再导出"
            )
            return None
        return data

    def _kept(self, path: str, data: bytes) -> str:
        name, count = path, 1
        while self._files.get(name, data) != data:
            count += 1
            name = f"{count}-{path}"
        self._files[name] = data
        return name

    def _reference(self, match: re.Match[str], names: dict[str, str]) -> str:
        path = unquote(unescape(match[1])).strip("/")
        if path not in names:
            self._doubts.add(
                "题干", "warning", f"引用的文件“{tidy(path)[:60]}”不在题目里", "在 Moodle 里补上该文件后再导出"
            )
            return match[0]
        return escape(names[path])
