"""Serving pictures to the people of the question bank, and the filters by which every template shows rich text."""

import base64
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.database import db, transaction
from core.web.access import current_actor, requires
from question_bank.delivery import picture_response
from question_bank.images import queries
from question_bank.rich_print import for_print
from question_bank.rich_text import for_browser, from_markup

blueprint = Blueprint("pictures", __name__)


@blueprint.get("/bank/pictures/<digest>")
@requires(Permission.READ_ITEMS, Permission.ASSEMBLE_PAPERS)
def picture(digest: str) -> Response:
    """A picture of the bank; who assembles papers sees those of published items and frozen papers."""
    whole_bank = current_actor().may(Permission.READ_ITEMS)
    found = queries.picture(db.session, digest) if whole_bank else queries.picture_of_papers(db.session, digest)
    return picture_response(found, digest, request.environ)


@blueprint.app_template_filter("rich")
def rich(part: Any) -> Markup:
    """A stem or an option (a mapping), or the markup of a rationale, for a page; ``g.pictures_at`` where its pictures are
    elsewhere than in the bank."""
    text, html = _said(part)
    address = g.get("pictures_at") or url_for("pictures.picture", digest="-").removesuffix("-")
    return Markup(for_browser(text, html, address))  # noqa: S704 (cleaned)


@blueprint.app_template_filter("rich_printed")
def rich_printed(part: Any) -> Markup:
    """A stem or an option (a mapping), or the markup of a rationale, for a PDF."""
    return Markup(for_print(*_said(part), _as_data))  # noqa: S704 (cleaned)


def _said(part: Any) -> tuple[str, str]:
    if isinstance(part, Mapping):
        return str(part.get("stem", part.get("text", ""))), str(part.get("html", ""))
    found = from_markup(str(part))
    return found.text, found.html


def _as_data(digest: str) -> str:
    # A session of its own: papers are printed by a job, whose context outlives every request.
    with transaction("read") as session:
        found = queries.picture(session, digest)
    return f"data:{found.mime};base64,{base64.b64encode(found.data).decode()}"
