"""The web blueprint of the question bank's items, shared by its modules of views."""

from flask import Blueprint

blueprint = Blueprint("items", __name__, url_prefix="/bank")
