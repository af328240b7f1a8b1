"""The one JSON endpoint that is everybody's: the CSRF token."""

from flask import Blueprint

from core.web.access import public
from core.web.cookies import token_of_session

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/csrf")
@public
def csrf() -> dict[str, str]:
    """``{"token"}``: to be sent in the header ``X-CSRFToken`` with every call that changes something."""
    return {"token": token_of_session()}
