"""Reviews between two requests: kept encrypted beside the upload, for its bringer alone."""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterator

from pydantic import ConfigDict, TypeAdapter
from werkzeug.datastructures import FileStorage

from core.web import uploads
from question_bank.formats.report import ImportedItem, Problem
from question_bank.formats.transport import with_tuples
from question_bank.images.queries import Picture
from question_bank.images.rules import kind_of
from question_bank.items.brought import brought
from question_bank.items.reviewing import Choices, Entry, Review

_DIGEST = re.compile(r"[0-9a-f]{64}")
_EXACT = ConfigDict(strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")
_CHOICES: TypeAdapter[tuple[Choices]] = TypeAdapter(tuple[Choices], config=_EXACT)
_HEAD: TypeAdapter[tuple[str, str, tuple[Problem, ...], int, int]] = TypeAdapter(
    tuple[str, str, tuple[Problem, ...], int, int], config=_EXACT
)
_ENTRY: TypeAdapter[tuple[Entry]] = TypeAdapter(tuple[Entry], config=_EXACT)


def keep_review(account_id: int, token: str, review: Review) -> None:
    """Keep what was read, and each of its pictures; what was decided stays as it is. Raises BadInput for an upload that is gone."""
    shown = {_name_of(digest): data for entry in review.entries for digest, data in _pictures(entry.item)}
    # Unnamed on disk, one entry a line: the pictures of a large file are never in memory once more as text.
    with tempfile.TemporaryFile() as lines:
        head = (review.format, review.digest, review.elsewhere, review.seen_version, len(review.entries))
        lines.write(_HEAD.dump_json(head) + b"\n")
        lines.writelines(_ENTRY.dump_json((entry,)) + b"\n" for entry in review.entries)
        lines.seek(0)
        uploads.keep_all_beside(account_id, token, {"review": lines, **shown})


def take_picture(account_id: int, token: str, digest: str) -> Picture | None:
    """Return a picture that the file of a review brought, None where it brought no such picture.

    Raises BadInput for an upload that is gone.
    """
    data = uploads.take_beside(account_id, token, _name_of(digest)) if _DIGEST.fullmatch(digest) else None
    return Picture(kind_of(data).mime, data) if data is not None else None


def _pictures(item: ImportedItem) -> Iterator[tuple[str, bytes]]:
    for data in brought(item).pictures:
        yield hashlib.sha256(data).hexdigest(), data


def _name_of(digest: str) -> str:
    """A name in letters, as uploads want it: twenty of them tell the digests of one file apart."""
    return "".join(chr(97 + int(figure, 16)) for figure in digest[:20])


def take_review(account_id: int, token: str) -> Review | None:
    """Return the review of an upload, None when the file has not been read or was read by another version of this code.

    Raises BadInput for an upload that is gone.
    """
    kept = uploads.opened_beside(account_id, token, "review")
    if kept is None:
        return None
    with kept:
        try:
            format_name, digest, elsewhere, seen_version, count = _HEAD.validate_json(kept.readline())
            entries = tuple(_entry(line) for line in kept)
        except ValueError:
            return None
    return Review(format_name, digest, entries, elsewhere, seen_version) if len(entries) == count else None


def _entry(line: bytes) -> Entry:
    (entry,) = _ENTRY.validate_json(line)
    return Entry(with_tuples(entry.item), entry.problems, entry.twin, entry.finished)


def keep_choices(account_id: int, token: str, choices: Choices) -> None:
    """Keep what was decided. Raises BadInput for an upload that is gone."""
    uploads.keep_beside(account_id, token, "choices", _CHOICES.dump_json((choices,)))


def take_choices(account_id: int, token: str) -> Choices:
    """Return what was decided so far. Raises BadInput for an upload that is gone."""
    kept = uploads.take_beside(account_id, token, "choices")
    try:
        return _CHOICES.validate_json(kept)[0] if kept is not None else Choices()
    except ValueError:
        return Choices()


def keep_keys(account_id: int, token: str, given: FileStorage | None) -> bool:
    """Keep a second file, which holds the keys of the first; none forgets an earlier one unless something was decided.

    Return whether this changed anything. Raises BadInput for an upload that is gone.
    """
    if given:
        named = json.dumps(given.filename or "").encode() + b"\n" + given.stream.read()
        uploads.keep_beside(account_id, token, "keys", named)
        return True
    if take_keys(account_id, token) is None or take_choices(account_id, token).made:
        return False
    uploads.keep_beside(account_id, token, "keys", b"")
    return True


def take_keys(account_id: int, token: str) -> tuple[bytes, str] | None:
    """Return content and name of the file of keys, None where there is none. Raises BadInput for an upload that is gone."""
    kept = uploads.take_beside(account_id, token, "keys")
    if not kept:
        return None
    name, _end, data = kept.partition(b"\n")
    return data, str(json.loads(name))
