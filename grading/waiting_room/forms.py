"""Forms of the waiting room."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from core.i18n import lazy


class DrawForm(FlaskForm):  # type: ignore[misc]
    """Why the draw is repeated; the candidates' own fields are ``drawn`` and ``number-<blind number>``."""

    reason = StringField(lazy("重新抽签的理由"), [Length(max=500)])
