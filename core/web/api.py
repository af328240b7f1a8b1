"""The one JSON endpoint that is everybody's: the CSRF token."""

from flask import Blueprint
from flask_wtf.csrf import generate_csrf

from core.web.access import public

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/csrf")
@public
def csrf() -> dict[str, str]:
    """``{"token"}``: to be sent in the header ``X-CSRFToken`` with every call that changes something."""
    return {"token": generate_csrf()}
