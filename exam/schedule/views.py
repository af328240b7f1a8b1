"""The organizer's pages of an exam. Each part has a module of its own; all stand on one blueprint."""

from exam.candidates import views as candidates
from exam.schedule import exam_views, session_views, ticket_views
from exam.schedule.blueprint import blueprint

__all__ = ["blueprint", "candidates", "exam_views", "session_views", "ticket_views"]
