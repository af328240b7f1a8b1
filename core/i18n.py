"""Translated texts: Chinese is the source language of the interface, English the second."""

from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

__all__ = ["_", "lazy", "ngettext", "set_up", "short_language"]

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}


def _choose_locale() -> str:
    chosen = request.cookies.get("language", "zh") if has_request_context() else "zh"
    return LANGUAGES.get(chosen, "zh_Hans_CN")


def short_language() -> str:
    """``zh-CN`` or ``en``, for the ``lang`` attribute."""
    return "en" if str(get_locale() or "") == "en" else "zh-CN"


def set_up(app: Flask, time_zone: str) -> None:
    """Attach translations; the language comes from a cookie, the time zone from the settings."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_locale="zh_Hans_CN", default_timezone=time_zone, locale_selector=_choose_locale)
