"""The invigilator's desk. Nobody is voided from here."""

from exam.invigilation import act_views, incident_views, people_views, room_views, turnout_views
from exam.invigilation.blueprint import blueprint

__all__ = ["act_views", "blueprint", "incident_views", "people_views", "room_views", "turnout_views"]
