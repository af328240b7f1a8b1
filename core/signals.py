"""Announcements between packages that do not know each other; sent after the commit, connected in wsgi.py."""

from blinker import Namespace

_names = Namespace()

# Sent with session_id: some sittings of this exam session were closed and await scoring.
sittings_closed = _names.signal("sitting.closed")
