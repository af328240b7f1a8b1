"""``bank import``: the dry run of a file, and with ``--commit`` its import as drafts."""

import hashlib
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from core.accounts.actors import SYSTEM
from core.cli import Group
from core.clock import clock
from core.database import transaction
from core.errors import BadInput, DomainError
from question_bank.formats import importing as formats
from question_bank.formats.exporting import WRITERS
from question_bank.formats.report import Report
from question_bank.items import importing
from question_bank.items.export_service import Wanted, make_export, record_export
from question_bank.items.reviewing import Choices

group = Group("bank", help="题库")


@group.command("import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "format_name", default="auto", help="auto|excel|word|text|aiken|gift|moodle-xml|qti")
@click.option("--commit", is_flag=True, help="导入为草稿；不加则只试运行，不连接数据库")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def import_files(files: tuple[Path, ...], format_name: str, commit: bool, as_json: bool) -> None:
    """Report what the files hold; with --commit take them as drafts, all or nothing.

    Exit 0 when all is well, 1 when problems were reported (with errors nothing is imported), 2 for wrong usage.
    """
    reports = formats.read_files([str(file) for file in files], format_name, sys.stderr)
    if reports is None:
        sys.exit(2)
    status = formats.tell(reports, [str(file) for file in files], as_json, sys.stdout)
    if not commit:
        sys.exit(status)
    try:
        told = _import(files, reports)
    except DomainError as problem:
        click.echo(f"没有导入任何试题：{problem.message}", err=True)
        sys.exit(1)
    for line in told:
        click.echo(line, err=True)
    sys.exit(status)


@group.command("export")
@click.option("--format", "format_name", required=True, help="|".join(WRITERS))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="写出的文件；已存在则覆盖")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    help="type= knowledge= state= tag= number=，几个值用逗号分隔；可重复，须同时满足",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def export_items(format_name: str, output: Path, conditions: tuple[str, ...], as_json: bool) -> None:
    """Write items with their keys into a file, by default all that are in use; recorded.

    Exit 0 when the file holds everything, 1 when something could not be held, 2 for wrong usage.
    """
    try:
        wanted = Wanted.of(conditions)
        with transaction("write") as session:
            exported = make_export(session, format_name, wanted)
            record_export(session, SYSTEM, clock, exported, wanted)
            output.write_bytes(exported.data)
    except BadInput as problem:
        click.echo(str(problem.message), err=True)
        sys.exit(1 if problem.code == "nothing_wanted" else 2)
    if as_json:
        click.echo(json.dumps(exported.as_json(), ensure_ascii=False, indent=2))
    click.echo(exported.readable(), err=True, nl=False)
    sys.exit(1 if exported.problems else 0)


def _import(files: tuple[Path, ...], reports: Sequence[Report]) -> list[str]:
    faulty = [file.name for file, report in zip(files, reports, strict=True) if report.errors]
    if faulty:
        return [f"没有导入任何试题：{'、'.join(faulty)} 里有错误，请按上面的说明改正后重新导入。"]
    told = []
    with transaction("write") as session:
        for file, report in zip(files, reports, strict=True):
            if not (report.items or report.problems):
                told.append(f"{file.name}：其中的答案已用于试题文件。")
                continue
            with file.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            review = importing.review_of(session, report)
            batch = importing.import_review(
                session,
                SYSTEM,
                clock,
                review,
                Choices(),
                token=f"command:{secrets.token_hex(16)}",
                filename=file.name,
                sha256=sha256,
            )
            told.append(f"{file.name}：已导入 {batch.items} 题为草稿，略去 {batch.left_out} 题（重复）。")
    return told
