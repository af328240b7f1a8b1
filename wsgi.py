"""The composition root: the only file that knows every package. Servers load ``wsgi:create_app()``."""

import os
from collections.abc import Mapping

from flask import Flask

from core import processes
from core.accounts import admin_views as account_admin
from core.accounts import cli as account_cli
from core.accounts import views as accounts
from core.accounts.permissions import Permission
from core.audit import cli as audit_cli
from core.audit import sealer
from core.audit import views as audit_log
from core.home import views as home
from core.i18n import lazy
from core.jobs import files as job_files
from core.jobs import views as jobs
from core.jobs.worker import registry_of
from core.settings import Settings, SettingsError
from core.ticker import Tick, ticks_of
from core.web import api
from core.web.factory import make_application, quiet_logs
from core.web.navigation import Entry, entries_of
from question_bank import cli as bank_cli
from question_bank.items import tasks as item_tasks
from question_bank.items import views as items
from question_bank.papers import views as papers
from exam.admission import views as admission
from exam.answers import models as answers_tables
from exam.invigilation import models as invigilation_tables
from exam.schedule import models as schedule_tables
from exam.sittings import api as sitting_api
from exam.sittings import closing
from exam.sittings import models as sittings_tables
from exam.sittings import views as sittings
from grading.interview import models as interview_tables
from grading.outcomes import models as outcomes_tables
from grading.scoring import models as scoring_tables
from question_bank.items import models as items_tables
from question_bank.papers import models as papers_tables

# Migrations compare the database with every table, whichever page uses it.
TABLES = (
    items_tables,
    papers_tables,
    schedule_tables,
    sittings_tables,
    answers_tables,
    invigilation_tables,
    scoring_tables,
    interview_tables,
    outcomes_tables,
)


def create_app(config: Settings | Mapping[str, str] | None = None) -> Flask:
    """Build the application from settings, or from an environment (the process's own by default)."""
    if config is None:
        try:
            config = Settings.from_environment(os.environ)
        except SettingsError as problem:
            raise SystemExit(f"配置有误，程序没有启动：{problem}") from problem
    elif not isinstance(config, Settings):
        config = Settings.from_environment(config)
    quiet_logs()
    app = make_application(config)
    _register_blueprints(app)
    _register_ticks(app)
    _register_jobs(app)
    _register_navigation(app)
    _register_commands(app)
    return app


def _register_blueprints(app: Flask) -> None:
    for blueprint in (
        home.blueprint,
        accounts.blueprint,
        account_admin.blueprint,
        audit_log.blueprint,
        items.blueprint,
        papers.blueprint,
        api.blueprint,
        jobs.blueprint,
        admission.blueprint,
        sitting_api.blueprint,
        sittings.blueprint,
    ):
        app.register_blueprint(blueprint)


def _register_ticks(app: Flask) -> None:
    ticks_of(app).extend(
        [
            Tick("close overdue", closing.anything_overdue, closing.close_overdue),
            Tick(
                "seal audit", lambda session, _clock: sealer.anything_to_seal(session), lambda s, _clock: sealer.seal(s)
            ),
        ]
    )


def _register_jobs(app: Flask) -> None:
    registry = registry_of(app)
    registry.register_sweep(job_files.discard_old)


def _register_navigation(app: Flask) -> None:
    app.extensions.setdefault("task_finders", []).append(item_tasks.find_tasks)
    administration = frozenset({Permission.MANAGE_ACCOUNTS, Permission.ASSIGN_ROLES})
    entries_of(app).extend(
        [
            Entry(lazy("试题"), "items.index", frozenset({Permission.READ_ITEMS})),
            Entry(lazy("组卷"), "papers.blueprint_index", frozenset({Permission.ASSEMBLE_PAPERS})),
            Entry(lazy("账号"), "account_admin.index", administration),
            Entry(lazy("审计日志"), "audit_log.index", frozenset({Permission.READ_AUDIT})),
        ]
    )


def _register_commands(app: Flask) -> None:
    for group in (account_cli.group, audit_cli.group, bank_cli.group, processes.jobs_group, processes.ticker_group):
        app.cli.add_command(group)
