"""``roster import EXAM FILE``: the dry run of a roster, and with ``--commit`` its import."""

import hashlib
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM
from core.cli import Group
from core.clock import clock
from core.database import transaction
from core.errors import DomainError
from core.web.application import local_time
from exam.candidates.reading import dry_run
from exam.candidates.roster import Roster, Wishes
from exam.candidates.service import import_roster
from exam.schedule.models import Exam
from exam.schedule.queries import sessions_of

group = Group("roster", help="考生名单")


@group.command("import")
@click.argument("exam_code", metavar="EXAM")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--commit", is_flag=True, help="写入；不加时只检查")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option("--generate-numbers", is_flag=True, help="没有准考证号的由系统编排")
@click.option("--session", "session_name", default="", help="没有写场次的考生归入这个场次")
def import_(exam_code: str, file: Path, commit: bool, as_json: bool, generate_numbers: bool, session_name: str) -> None:
    """Check the roster FILE of the exam with the code EXAM; exit 0 when it is clean, 1 when problems were reported."""
    with transaction("write" if commit else "read") as session:
        # By its code or, as for the other commands, by its number.
        exam = session.scalar(
            select(Exam)
            .where(or_(Exam.code == exam_code, cast(Exam.id, String) == exam_code))
            .order_by(Exam.code != exam_code)
        )
        if exam is None:
            raise click.UsageError(f"没有代码或编号为“{exam_code}”的考试，没有写入任何内容。请在考试列表里核对。")
        if not file.is_file():
            raise click.UsageError(f"没有文件“{file}”，没有写入任何内容。请核对路径。")
        data = file.read_bytes()
        wishes = Wishes(generate_numbers, _session_id(session, exam, session_name))
        today = date.fromisoformat(local_time(clock.now(), "%Y-%m-%d"))
        roster = dry_run(session, exam, file.name, data, wishes, vault=current_app.extensions["vault"], today=today)
        imported, refusal = 0, ""
        if commit and roster.may_be_imported:
            try:
                imported = import_roster(
                    session,
                    SYSTEM,
                    clock,
                    exam,
                    roster,
                    vault=current_app.extensions["vault"],
                    zone=ZoneInfo(current_app.extensions["settings"].time_zone),
                    source_digest=hashlib.sha256(data).hexdigest(),
                )
            except DomainError as problem:
                session.rollback()
                refusal = str(problem.message)
    _report(exam_code, roster, imported, refusal, as_json=as_json, commit=commit)
    sys.exit(1 if refusal or not roster.may_be_imported else 0)


def _session_id(session: Session, exam: Exam, name: str) -> int | None:
    if not name:
        return None
    names = {row.name: row.id for row in sessions_of(session, exam.id)}
    if name not in names:
        raise click.UsageError(
            f"这场考试没有名为“{name}”的场次，没有写入任何内容。现有场次：{'、'.join(names) or '无'}。"
        )
    return names[name]


def _report(code: str, roster: Roster, imported: int, refusal: str, *, as_json: bool, commit: bool) -> None:
    if as_json:
        document: dict[str, Any] = {
            "exam": code,
            "rows": roster.read,
            "ready": len(roster.entries) if roster.may_be_imported else 0,
            "imported": imported,
            "new_rooms": [name for _session, name in roster.new_rooms],
            "problems": [problem.as_json() for problem in roster.problems],
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    for problem in roster.problems:
        word = "错误" if problem.severity == "error" else "请核对"
        where = "".join([f"第 {problem.row} 行" if problem.row is not None else "文件", f" {problem.column}".rstrip()])
        click.echo(f"{word}：{where}：{problem.reason}；{problem.mend}。", err=True)
    if refusal:
        click.echo(refusal, err=True)
    elif not roster.may_be_imported:
        click.echo(f"读到 {roster.read} 行，有 {len(roster.errors)} 处错误，没有写入任何内容。", err=True)
    elif commit:
        click.echo(f"已导入 {imported} 名考生。", err=True)
    else:
        click.echo(f"检查通过：可导入 {len(roster.entries)} 名考生。加 --commit 写入。", err=True)
