"""The composition root: the only file that knows every package. Servers load ``wsgi:create_app()``."""

import gc
import os
from collections.abc import Mapping
from dataclasses import asdict
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app
from sqlalchemy.orm import Session

from core import processes
from core.accounts import admin_views as account_admin
from core.accounts import cli as account_cli
from core.accounts import views as accounts
from core.accounts.actors import SYSTEM, Actor
from core.accounts.demonstration import DemonstrationAccount, create_demonstration_accounts
from core.accounts.permissions import Permission, Role
from core.accounts.queries import usernames
from core.audit import cli as audit_cli
from core.audit import sealer
from core.audit import views as audit_log
from core.cli import Group
from core.clock import clock
from core.database import transaction
from core.errors import Conflict
from core.home import views as home
from core.i18n import lazy
from core.jobs import files as job_files
from core.jobs import views as jobs
from core.jobs.worker import registry_of
from core.settings import Settings, SettingsError
from core.signals import sittings_closed
from core.ticker import Tick, ticks_of
from core.tls import cli as tls_cli
from core.web import api
from core.web.factory import make_application, quiet_logs
from core.web.navigation import Entry, entries_of
from exam import cli as exam_cli
from exam import demonstration as exam_demonstration
from exam.admission import views as admission
from exam.answers import models as answers_tables
from exam.claims import decision_views as offline_claims
from exam.claims import models as claims_tables
from exam.claims import room_views as offline_room
from exam.claims.keys import make_missing_keys
from exam.invigilation import models as invigilation_tables
from exam.invigilation import tasks as invigilation_tasks
from exam.invigilation import views as invigilation
from exam.leaving import models as leaving_tables
from exam.readiness import mock_views as mock
from exam.readiness import views as readiness
from exam.room_records import views as room_records
from exam.safe_browser import models as safe_browser_tables
from exam.safe_browser import room_views as safe_browser_room
from exam.safe_browser import views as safe_browser
from exam.schedule import models as schedule_tables
from exam.schedule import timeline
from exam.schedule import views as exams
from exam.schedule.queries import unended_exams_of_papers
from exam.schedule.tickets import make_tickets
from exam.sittings import api as sitting_api
from exam.sittings import bells, closing
from exam.sittings import models as sittings_tables
from exam.sittings import views as sittings
from grading import cli as grading_cli
from grading import demonstration as grading_demonstration
from grading import progress as grading_progress
from grading.interview import contributions as interview_contributions
from grading.interview import models as interview_tables
from grading.interview import views as interviews
from grading.outcomes import decision_views as decisions
from grading.outcomes import models as outcomes_tables
from grading.outcomes import views as outcomes
from grading.results import views as results
from grading.scoring import jobs as scoring_jobs
from grading.scoring import models as scoring_tables
from grading.sheets import jobs as sheet_jobs
from grading.sheets import views as sheets
from grading.waiting_room import views as waiting_room
from question_bank import cli as bank_cli
from question_bank.demonstration import loading as bank_demonstration
from question_bank.enemies import models as enemies_tables
from question_bank.fixed_papers import models as fixed_papers_tables
from question_bank.fixed_papers import views as fixed_papers
from question_bank.images import models as images_tables
from question_bank.images import views as pictures
from question_bank.items import export_jobs, resemblance, text_index
from question_bank.items import models as items_tables
from question_bank.items import tasks as item_tasks
from question_bank.items import views as items
from question_bank.papers import models as papers_tables
from question_bank.papers import views as papers
from question_bank.parallel import jobs as parallel_jobs
from question_bank.parallel import models as parallel_tables
from question_bank.parallel import service as parallel_service
from question_bank.parallel import views as parallel
from question_bank.printing import jobs as printing_jobs
from question_bank.printing import views as printing
from question_bank.sources import models as sources_tables
from question_bank.sources import uses as source_uses
from question_bank.sources import views as sources

# Migrations compare the database with every table, whichever page uses it.
TABLES = (
    sources_tables,
    items_tables,
    enemies_tables,
    images_tables,
    papers_tables,
    fixed_papers_tables,
    parallel_tables,
    schedule_tables,
    sittings_tables,
    answers_tables,
    claims_tables,
    invigilation_tables,
    leaving_tables,
    safe_browser_tables,
    scoring_tables,
    interview_tables,
    outcomes_tables,
)


def create_app(config: Settings | Mapping[str, str] | None = None) -> Flask:
    """Build the application from settings, or from an environment (the process's own by default)."""
    served = config is None
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
    if served:
        # What a process has loaded stays: to look through 300,000 such objects again stops every thread for 0.1 s.
        gc.collect()
        gc.freeze()
    return app


def _register_blueprints(app: Flask) -> None:
    for blueprint in (
        home.blueprint,
        accounts.blueprint,
        account_admin.blueprint,
        audit_log.blueprint,
        items.blueprint,
        pictures.blueprint,
        sources.blueprint,
        papers.blueprint,
        fixed_papers.blueprint,
        parallel.blueprint,
        printing.blueprint,
        printing.keys_blueprint,
        api.blueprint,
        jobs.blueprint,
        exams.blueprint,
        invigilation.blueprint,
        offline_room.blueprint,
        offline_claims.blueprint,
        safe_browser.blueprint,
        safe_browser_room.blueprint,
        room_records.blueprint,
        admission.blueprint,
        sitting_api.blueprint,
        sittings.blueprint,
        readiness.blueprint,
        mock.blueprint,
        interviews.blueprint,
        waiting_room.blueprint,
        results.blueprint,
        outcomes.blueprint,
        decisions.blueprint,
        sheets.blueprint,
    ):
        app.register_blueprint(blueprint)


def _register_ticks(app: Flask) -> None:
    ticks_of(app).extend(
        [
            Tick(
                "hand-in keys",
                due=lambda _session, _clock: False,
                act=make_missing_keys,
                at_start=make_missing_keys,
            ),
            Tick("close overdue", closing.anything_overdue, closing.close_overdue),
            Tick(
                "seal audit",
                due=lambda session, _clock: sealer.anything_to_seal(session),
                act=lambda session, _clock: sealer.seal(session),
                at_start=lambda session, _clock: sealer.seal(session, everything=True),
            ),
        ]
    )


def _register_jobs(app: Flask) -> None:
    registry = registry_of(app)
    registry.register("exam.tickets", make_tickets)
    registry.register(scoring_jobs.JOB, scoring_jobs.run, urgent=True)
    registry.register(sheet_jobs.JOB, sheet_jobs.run)
    registry.register(parallel_service.JOB, parallel_jobs.run)
    registry.register(printing_jobs.PAPER_JOB, printing_jobs.print_paper)
    registry.register(printing_jobs.KEY_JOB, printing_jobs.print_key)
    registry.register(export_jobs.JOB, export_jobs.run)
    registry.register(text_index.JOB, text_index.run)
    registry.register(resemblance.JOB, resemblance.run)
    registry.register_sweep(job_files.discard_old)
    registry.register_sweep(text_index.sweep)
    registry.register_sweep(scoring_jobs.sweep)
    registry.register_sweep(bells.take_down_old)
    sittings_closed.connect(_nudge_scoring)


def _nudge_scoring(_sender: object, **_about: object) -> None:
    scoring_jobs.nudge(clock)


def _grading_steps(session: Session, exam_id: int) -> list[timeline.Step]:
    return [timeline.Step(**asdict(stage)) for stage in grading_progress.stages(session, exam_id)]


def _interview_steps(session: Session, exam_id: int) -> list[timeline.Step]:
    return [timeline.Step(**asdict(step)) for step in interview_contributions.exam_steps(session, exam_id)]


def _exams_of_papers(session: Session, paper_ids: list[int]) -> list[source_uses.PaperUse]:
    return [source_uses.PaperUse(**asdict(use)) for use in unended_exams_of_papers(session, clock, paper_ids)]


def _register_navigation(app: Flask) -> None:
    app.extensions.setdefault("task_finders", []).extend([item_tasks.find_tasks, invigilation_tasks.find_tasks])
    app.extensions["task_finders"].extend([offline_claims.find_tasks, grading_progress.find_tasks])
    app.extensions["task_finders"].append(interview_contributions.find_tasks)
    source_uses.paper_users(app).append(_exams_of_papers)
    timeline.timeline_contributors(app).extend([timeline.schedule_steps, _interview_steps, _grading_steps])
    timeline.exam_links(app).extend(
        [offline_claims.exam_pages, interview_contributions.exam_pages, grading_progress.links]
    )
    administration = frozenset({Permission.MANAGE_ACCOUNTS, Permission.ASSIGN_ROLES})
    interviewing = frozenset(
        {
            Permission.MANAGE_EXAMS,
            Permission.SCORE_INTERVIEWS,
            Permission.RUN_INTERVIEWS,
            Permission.CONFIRM_INTERVIEWS,
        }
    )
    entries_of(app).extend(
        [
            Entry(lazy("试题"), "items.index", frozenset({Permission.READ_ITEMS}), beside=frozenset({"sources"})),
            Entry(
                lazy("组卷"),
                "papers.blueprint_index",
                frozenset({Permission.ASSEMBLE_PAPERS}),
                beside=frozenset({"paper_printing", "parallel_forms", "fixed_papers"}),
            ),
            Entry(lazy("参考答案"), "paper_keys.index", frozenset({Permission.PRINT_KEYS})),
            Entry(
                lazy("考试"),
                "exams.index",
                frozenset({Permission.MANAGE_EXAMS}),
                beside=frozenset({"offline_claims", "safe_browser"}),
            ),
            Entry(
                lazy("监考"),
                "invigilation.index",
                frozenset({Permission.INVIGILATE, Permission.MANAGE_EXAMS}),
                beside=frozenset({"offline_room", "room_records", "safe_browser_room"}),
            ),
            Entry(lazy("面试"), "interviews.index", interviewing, beside=frozenset({"waiting_room"})),
            Entry(
                lazy("成绩与结果"),
                "results.index",
                frozenset({Permission.READ_RESULTS}),
                beside=frozenset({"outcomes", "decisions", "sheets"}),
            ),
            Entry(lazy("账号"), "account_admin.index", administration),
            Entry(lazy("审计日志"), "audit_log.index", frozenset({Permission.READ_AUDIT})),
        ]
    )


def _register_commands(app: Flask) -> None:
    bank_cli.group.add_command(grading_cli.score)
    for group in (
        account_cli.group,
        audit_cli.group,
        bank_cli.group,
        exam_cli.group,
        grading_cli.exam_group,
        grading_cli.interview_group,
        processes.jobs_group,
        processes.ticker_group,
        tls_cli.group,
        demonstration_group,
    ):
        app.cli.add_command(group)


demonstration_group = Group("demonstration", help="演示")


@demonstration_group.command("load")
@click.option("--first-time", is_flag=True, help="已有任何账号时什么也不做")
def load_demonstration(first_time: bool) -> None:
    """Load the worked demonstration and print its passwords and ticket codes, once."""
    with transaction("write") as session:
        if usernames(session):
            if first_time:
                return
            raise Conflict("数据库里已有账号，没有载入演示。演示只能载入空的数据库。")
        people = create_demonstration_accounts(session, SYSTEM, clock)
        exams = _load_demonstration_exams(session, {name: one.account.id for name, one in people.items()})
    _print_demonstration(people, exams)


def _load_demonstration_exams(session: Session, ids: dict[str, int]) -> list[exam_demonstration.DemonstrationExam]:
    settings = current_app.extensions["settings"]
    organizer = Actor("account", ids["organizer"], frozenset({Role.ORGANIZER}))
    place = exam_demonstration.Place(
        current_app.extensions["vault"], ZoneInfo(settings.time_zone), settings.ticket_secret
    )
    ability_paper, quiz_paper = bank_demonstration.load_demonstration(session, SYSTEM, clock).papers.values()
    ability = exam_demonstration.load_ability_test(
        session, organizer, clock, place, ability_paper, [ids["invigilator1"], ids["invigilator2"]]
    )
    quiz = exam_demonstration.load_quiz(session, organizer, clock, place, quiz_paper)
    examiners = [ids[f"examiner{seat}"] for seat in range(1, 8)]
    staff = {
        "timekeeper": ids["timekeeper"],
        "score_clerk": ids["scoreclerk"],
        "checker": ids["checker"],
        "supervisor": ids["supervisor"],
    }
    grading_demonstration.load_panel(session, organizer, clock, ability.exam_id, examiners, staff)
    grading_demonstration.load_rules(session, organizer, clock, ability.exam_id, "default")
    grading_demonstration.load_rules(session, organizer, clock, quiz.exam_id, "qualification")
    return [ability, quiz]


def _print_demonstration(
    people: dict[str, DemonstrationAccount], exams: list[exam_demonstration.DemonstrationExam]
) -> None:
    click.echo("演示数据已载入（试题均为“演示·未核对”，人员均为虚构）。以下密码和登录码只显示这一次。")
    click.echo("Demonstration loaded. These passwords and ticket codes are shown once.\n")
    click.echo("工作人员 / staff: /sign-in（首次登录须更改密码）")
    for username, one in people.items():
        click.echo(f"  {username:<16} {one.password}  {one.roles}")
    zone = ZoneInfo(current_app.extensions["settings"].time_zone)
    for exam in exams:
        opens, closes = (instant.astimezone(zone).strftime("%m-%d %H:%M") for instant in (exam.starts_at, exam.ends_at))
        click.echo(f"\n考生 / candidates: /candidate　{exam.title}（{opens} 至 {closes}）")
        for ticket in exam.tickets:
            click.echo(f"  {ticket.admission_number:<10} {ticket.code}  {ticket.name}")
