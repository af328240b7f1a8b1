"""The one blueprint of interviews; its views stand in several modules, which ``views`` brings together."""

from flask import Blueprint

blueprint = Blueprint("interviews", __name__, url_prefix="/interviews")
