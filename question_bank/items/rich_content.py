"""The rich form of a whole content: every part of it cleaned, whatever type of item it belongs to. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from question_bank.formats.texts import with_blanks
from question_bank.item_types.fill_blank import BLANK
from question_bank.rich_text import from_markup, pictures_in, rich, to_markup


def cleaned(content: Mapping[str, Any], media: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a content with every ``html`` in it as it may be kept, left out where the text beside it says it all.

    ``media``: file name -> SHA-256 of the pictures that the HTML names. HTML whose blanks are not those of the text goes.
    """
    kept = {name: _cleaned(value, media) for name, value in content.items()}
    if kept.pop("html", ""):
        html = rich(content["html"], _text(content), media).html
        html = _with_blanks(html, content["blanks"]) if "blanks" in content else html
        return kept | ({"html": html} if html else {})
    return kept


def _cleaned(value: Any, media: Mapping[str, str] | None) -> Any:
    if isinstance(value, Mapping):
        return cleaned(value, media)
    return [_cleaned(one, media) for one in value] if isinstance(value, list) else value


def _text(part: Mapping[str, Any]) -> str:
    return str(part.get("stem", part.get("text", "")))


def _with_blanks(html: str, expected: Any) -> str:
    if html.count(BLANK) == expected:
        return html
    changed, _count = with_blanks(html, expected if isinstance(expected, int) else None)
    return changed if changed.count(BLANK) == expected else ""


def pictures_of(content: Mapping[str, Any], rationale: str) -> set[str]:
    """Return the digests of every picture that a content or the markup of its rationale shows."""
    found = {digest for html in htmls_in(content) for digest in pictures_in(html)}
    return found | (pictures_in(from_markup(rationale).html) if "media:" in rationale else set())


def htmls_in(value: Any) -> Iterator[str]:
    """Yield every ``html`` of a content, however deep."""
    if isinstance(value, Mapping):
        yield from (str(value["html"]),) if "html" in value else ()
        for inner in value.values():
            yield from htmls_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from htmls_in(inner)


def as_written(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content whose texts are the markup that an author writes, without HTML: for the form."""
    written = {name: _each(value, as_written) for name, value in content.items() if name != "html"}
    for name in ("stem", "text"):
        if name in content:
            written[name] = to_markup(str(content[name]), str(content.get("html", "")))
    return written


def from_written(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form gave with its markup as text and HTML: in stems and options, whatever the type."""
    found = {
        name: _each(value, from_written) if name in ("options", "parts", "content") else value
        for name, value in content.items()
    }
    for name in ("stem", "text"):
        if name in content:
            rich_text = from_markup(str(content[name]))
            found[name] = rich_text.text
            found |= {"html": rich_text.html} if rich_text.html else {}
    return found


def _each(value: Any, act: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, Mapping):
        return act(value)
    return [_each(one, act) for one in value] if isinstance(value, list) else value
