"""Translated texts: Chinese is the source language of the interface, English the second."""

from babel import Locale
from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

__all__ = ["_", "lazy", "ngettext", "set_up", "short_language"]

CHINESE = "zh_Hans_CN"
# Parsed once: every request asks.
LANGUAGES = {"zh": Locale.parse(CHINESE), "en": Locale.parse("en")}


def _choose_locale() -> Locale:
    return LANGUAGES[chosen_language() if has_request_context() else "zh"]


def chosen_language() -> str:
    """``zh`` or ``en``, as this request's browser chose."""
    return "en" if request.cookies.get("language") == "en" else "zh"


def short_language() -> str:
    """``zh-CN`` or ``en``, for the ``lang`` attribute."""
    return "en" if str(get_locale() or "") == "en" else "zh-CN"


def set_up(app: Flask, time_zone: str) -> None:
    """Attach translations; the language comes from a cookie, the time zone from the settings."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_locale=CHINESE, default_timezone=time_zone, locale_selector=_choose_locale)
