"""Citations in running text: 《公务员法》（2018年修订）第十三条：公务员应当…… Pure."""

import re

from question_bank.formats.layout_lines import CHINESE, flattened
from question_bank.formats.report import ImportedSource

_NUMERAL = rf"[{CHINESE}千\d]{{1,8}}"
_ARTICLE = re.compile(
    rf"第\s?{_NUMERAL}\s?条(?:之{_NUMERAL})?(?:\s?第?\s?{_NUMERAL}\s?款)?(?:\s?第?[(]?\s?{_NUMERAL}\s?[)]?\s?项)?"
    rf"(?:\s?[、和至及-]\s?第?\s?{_NUMERAL}\s?[条款项])*|第\s?{_NUMERAL}\s?[章节](?:\s?第\s?{_NUMERAL}\s?条)?"
)
_EDITION = re.compile(r"^\s*[(\[]\s*([^()\[\]]{2,40})\s*[)\]]\s*")
_SAYS = re.compile(r"^\s*(?:的)?(?:规定|明确|指出|原文)?\s*[:,]?\s*")


def source_of(text: str) -> ImportedSource | None:
    """Return the citation that a text states: regulation, edition, article and, behind them, the words of the article.

    The name stands in 《》, or before the number of the article. None for an empty text.
    """
    written = text.strip()
    if not written:
        return None
    name, rest = _name(written)
    edition = ""
    bracket = _EDITION.match(flattened(rest))
    if bracket:
        edition, rest = rest[bracket.start(1) : bracket.end(1)].strip(), rest[bracket.end() :]
    article = _ARTICLE.search(flattened(rest)[:200])
    if article is None:
        return ImportedSource(name, edition, "", _quoted(rest))
    before = rest[: article.start()].strip(" ,，、的")
    name = name or before.strip("：: ")
    quotation = _quoted(rest[article.end() :])
    return ImportedSource(name or written, edition, re.sub(r"\s", "", rest[article.start() : article.end()]), quotation)


def _name(written: str) -> tuple[str, str]:
    flat = flattened(written)
    start = flat.find("《")
    if start >= 0:
        depth = 0
        for at in range(start, min(len(flat), start + 400)):
            depth += {"《": 1, "》": -1}.get(flat[at], 0)
            if depth == 0:
                return written[start + 1 : at].strip(), written[at + 1 :]
    article = _ARTICLE.search(flat[:200])
    if article is None:
        return written.rstrip("。. "), ""
    before = written[: article.start()]
    bracket = re.search(r"[(\[][^()\[\]]{2,40}[)\]]\s*$", flattened(before))
    if bracket:
        return before[: bracket.start()].strip(" ,，:："), before[bracket.start() :] + written[article.start() :]
    return before.strip(" ,，:：的"), written[article.start() :]


def _quoted(rest: str) -> str:
    says = _SAYS.match(flattened(rest))
    words = (rest[says.end() :] if says else rest).strip()
    if len(words) > 1 and words[0] in '“「『"' and words[-1] in '”」』"':
        words = words[1:-1]
    return "" if words.strip("。.；;，, )）】") == "" else words
