"""Reviews between two requests: kept encrypted beside the upload, for its bringer alone."""

from pydantic import ConfigDict, TypeAdapter

from core.web import uploads
from question_bank.formats.transport import with_tuples
from question_bank.items.reviewing import Choices, Entry, Review

_EXACT = ConfigDict(strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")
_CHOICES: TypeAdapter[tuple[Choices]] = TypeAdapter(tuple[Choices], config=_EXACT)
_REVIEW: TypeAdapter[tuple[Review]] = TypeAdapter(tuple[Review], config=_EXACT)


def keep_review(account_id: int, token: str, review: Review) -> None:
    """Keep what was read; what was decided stays as it is. Raises BadInput for an upload that is gone."""
    uploads.keep_beside(account_id, token, "review", _REVIEW.dump_json((review,)))


def take_review(account_id: int, token: str) -> Review | None:
    """Return the review of an upload, None when the file has not been read or was read by another version of this code.

    Raises BadInput for an upload that is gone.
    """
    kept = uploads.take_beside(account_id, token, "review")
    try:
        review = _REVIEW.validate_json(kept)[0] if kept is not None else None
    except ValueError:
        return None
    if review is None:
        return None
    entries = tuple(
        Entry(with_tuples(entry.item), entry.problems, entry.twin, entry.finished) for entry in review.entries
    )
    return Review(review.format, review.digest, entries, review.elsewhere, review.seen_version)


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
