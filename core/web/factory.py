"""Puts the floor under the application: everything of core/ that a Flask app needs, in order."""

import json
import logging
import sys
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, request
from flask.cli import with_appcontext
from flask.json.provider import DefaultJSONProvider
from flask_alembic.cli import cli as alembic_commands
from flask_bootstrap import Bootstrap5
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from core import database, direct, i18n
from core.cli import Group
from core.clock import clock
from core.encryption import Vault
from core.errors import DomainError
from core.migrations import Migrations
from core.settings import REPOSITORY, Settings
from core.web import access, application, navigation
from core.web.cookies import CookieSessions, KnownTokens
from core.web.paging import page_url

TYPE_SIZES = ("normal", "large", "largest")


class PlainUnicodeJSON(DefaultJSONProvider):
    """JSON as people can read it: no ``\\u`` escapes, keys in their own order."""

    ensure_ascii = False
    sort_keys = False


def make_application(settings: Settings) -> application.Application:
    """An application with database, accounts, audit, headers and errors, and no page of its own yet."""
    app = application.Application(
        "hengjian", root_path=str(REPOSITORY), template_folder="templates", static_folder="static"
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="hengjian",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(days=2),
        MAX_CONTENT_LENGTH=settings.largest_upload,
        # A sitting outlasts an hour; the token lives as long as its session.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        BOOTSTRAP_SERVE_LOCAL=True,
        ALEMBIC={"script_location": "migrations"},
        ALEMBIC_CONTEXT={"render_as_batch": True, "compare_type": True},
    )
    app.session_interface = CookieSessions(app)
    app.url_map.converters["int"] = application.IdConverter
    app.before_request(application.allow_files)
    app.before_request(application.refuse_nul)
    app.extensions["settings"] = settings
    app.extensions["vault"] = Vault(settings.data_key)
    app.json = PlainUnicodeJSON(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    database.set_up(app, settings.database_url)
    direct.set_up(app)
    i18n.set_up(app, settings.time_zone)
    KnownTokens(app)
    Bootstrap5(app)
    access.set_up(app)
    Migrations(app, run_mkdir=False, metadatas=database.Model.metadata)
    # Its commands under our group, so that a database that is not there gets a sentence and no stack trace.
    callback = with_appcontext(alembic_commands.callback) if alembic_commands.callback else None
    commands = Group("db", commands=alembic_commands.commands, callback=callback, help="数据库")
    app.cli.add_command(commands)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # after Alembic, which sets its own
    _answer_errors(app)
    _dress_templates(app)
    return app


def quiet_logs() -> None:
    """Structured lines on standard error; standard output belongs to answers."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_readable),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _readable(event: Any, **options: Any) -> str:
    return json.dumps(event, ensure_ascii=False, **options)


def _answer_errors(app: Flask) -> None:
    app.register_error_handler(DomainError, application.answer_domain_error)
    app.register_error_handler(CSRFError, application.answer_csrf_error)
    app.register_error_handler(HTTPException, application.answer_http_exception)
    app.register_error_handler(Exception, application.answer_unexpected)
    app.after_request(application.add_headers)
    app.after_request(access.note_last_seen)
    app.url_defaults(lambda endpoint, values: application.version_static_files(endpoint, values))


def _dress_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["local_time"] = application.local_time
    app.jinja_env.filters["marks"] = application.marks
    app.jinja_env.globals["page_url"] = page_url

    @app.context_processor
    def page_context() -> dict[str, Any]:
        size = request.cookies.get("type_size", "normal")
        return {
            "lang": i18n.short_language(),
            "type_size": size if size in TYPE_SIZES else "normal",
            "high_contrast": request.cookies.get("contrast") == "high",
            "nav_entries": navigation.links(app),
            "current_actor_name": getattr(current_user, "name", "") if current_user.is_authenticated else "",
            "organisation": app.extensions["settings"].organisation,
            "now": clock.now(),
        }
