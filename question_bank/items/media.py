"""The pictures of an item on its way out: files under names, as formats hold them, instead of digests. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from question_bank.formats.report import ImportedItem, ImportedMedia
from question_bank.rich_text import PICTURE, pictures_in

_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


def shown_by(item: ImportedItem) -> set[str]:
    """Return the digests of the pictures in the stems and options of an item and its parts."""
    return {digest for one in (item, *item.parts) for html in _htmls(one) for digest in pictures_in(html)}


def with_media(
    item: ImportedItem, pictures: Mapping[str, tuple[str, bytes]], files: Sequence[tuple[str, str]]
) -> ImportedItem:
    """Return the item with its pictures as files, each with the item or the part that shows it.

    `pictures`: media type and bytes by digest; `files`: the names that they had, with their digests. One that is not
    there stays under its digest.
    """
    if not pictures:
        return item
    names: dict[str, str] = {}
    for name, digest in (*files, *((_named(digest, mime), digest) for digest, (mime, _data) in pictures.items())):
        if digest in pictures and digest not in names:
            names[digest] = _free(name, set(names.values()))
    media = {digest: ImportedMedia(name, pictures[digest][1]) for digest, name in names.items()}
    parts = tuple(_shown(part, media) for part in item.parts)
    return replace(_shown(item, media), parts=parts)


def _shown(item: ImportedItem, media: Mapping[str, ImportedMedia]) -> ImportedItem:
    own = {digest for html in _htmls(item) for digest in pictures_in(html)}
    options = tuple(replace(option, html=_renamed(option.html, media)) for option in item.options)
    files = tuple(file for digest, file in media.items() if digest in own)
    return replace(item, html=_renamed(item.html, media), options=options, media=files)


def _renamed(html: str, media: Mapping[str, ImportedMedia]) -> str:
    return PICTURE.sub(
        lambda found: f'{found[1]}{escape(media[found[2]].name)}"' if found[2] in media else found[0], html
    )


def _htmls(item: ImportedItem) -> Iterator[str]:
    yield item.html
    yield from (option.html for option in item.options)


def _named(digest: str, mime: str) -> str:
    return f"{digest[:16]}.{_SUFFIXES.get(mime, 'png')}"


def _free(name: str, taken: set[str]) -> str:
    free, count = name, 1
    while free in taken:
        count += 1
        folder, slash, last = name.rpartition("/")
        free = f"{folder}{slash}{count}-{last}"
    return free
