"""Reviews between two requests: kept encrypted beside the upload, for its bringer alone."""

import tempfile

from pydantic import ConfigDict, TypeAdapter

from core.web import uploads
from question_bank.formats.report import Problem
from question_bank.formats.transport import with_tuples
from question_bank.items.reviewing import Choices, Entry, Review

_EXACT = ConfigDict(strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")
_CHOICES: TypeAdapter[tuple[Choices]] = TypeAdapter(tuple[Choices], config=_EXACT)
_HEAD: TypeAdapter[tuple[str, str, tuple[Problem, ...], int, int]] = TypeAdapter(
    tuple[str, str, tuple[Problem, ...], int, int], config=_EXACT
)
_ENTRY: TypeAdapter[tuple[Entry]] = TypeAdapter(tuple[Entry], config=_EXACT)


def keep_review(account_id: int, token: str, review: Review) -> None:
    """Keep what was read; what was decided stays as it is. Raises BadInput for an upload that is gone."""
    # Unnamed on disk, one entry a line: the pictures of a large file are never in memory once more as text.
    with tempfile.TemporaryFile() as lines:
        head = (review.format, review.digest, review.elsewhere, review.seen_version, len(review.entries))
        lines.write(_HEAD.dump_json(head) + b"\n")
        lines.writelines(_ENTRY.dump_json((entry,)) + b"\n" for entry in review.entries)
        lines.seek(0)
        uploads.keep_beside(account_id, token, "review", lines)


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
