"""The one blueprint of interviews; its views stand in several modules, which ``views`` brings together."""

from flask import Blueprint

from core.clock import to_milliseconds

blueprint = Blueprint("interviews", __name__, url_prefix="/interviews")
# Instants as browsers count them, for the timers.
blueprint.add_app_template_filter(to_milliseconds, "milliseconds")
