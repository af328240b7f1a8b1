"""``exam grade``, ``exam sheets``, ``bank score`` and ``interview compute``."""

import sys
from pathlib import Path

import click
from flask import current_app

from core.accounts.actors import SYSTEM
from core.cli import Group
from core.clock import clock
from core.database import transaction
from grading.interview import compute
from grading.scoring import bank_score
from grading.scoring.jobs import score_waiting
from grading.scoring.queries import scored_count
from grading.sheets import service
from grading.sheets.building import NAMES, refusal
from grading.sheets.service import CONTENT_TYPES

exam_group = Group("exam", help="考试")
interview_group = Group("interview", help="面试")


@exam_group.command("grade")
@click.argument("exam")
def grade(exam: str) -> None:
    """Score what is closed and has no score yet, known problems anew; exit 1 when something cannot be scored."""
    with transaction("read") as session:
        exam_id = service.exam_id_of(session, exam)
    stored = score_waiting(SYSTEM, clock, exam_id, again=True)
    with transaction("read") as session:
        click.echo(f"本次评分 {stored.scored} 份，共已评分 {scored_count(session, exam_id)} 份。", err=True)
    for sentence in stored.sentences:
        click.echo(f"不能评分：{sentence}", err=True)
    if stored.problems:
        click.echo(f"有 {stored.problems} 份答卷没有评分，也没有记 0 分；改正后请再运行一次。", err=True)
    sys.exit(1 if stored.problems else 0)


@exam_group.command("sheets")
@click.argument("exam")
@click.option("--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="写到哪个文件夹")
def sheets(exam: str, output: Path) -> None:
    """Write every sheet that can be made as .xlsx and .pdf; the files' names go to standard output.

    Exit 1 when one cannot be made yet: the reason goes to standard error.
    """
    with transaction("write") as session:
        exam_id = service.exam_id_of(session, exam)
        gathered = service.gather(session, SYSTEM, clock, current_app.extensions["settings"], exam_id, "sheets_command")
    output.mkdir(parents=True, exist_ok=True)
    digests, refused = dict[str, str](), False
    for code, name in NAMES.items():
        why = refusal(code, gathered.material)
        if why:
            click.echo(f"{name}没有生成：{why}", err=True)
            refused = True
            continue
        document = gathered.document(code)
        digests[code] = document.digest
        for kind in CONTENT_TYPES:
            path = output / f"{name}.{kind}"
            path.write_bytes(service.file_of(gathered, document, kind))
            click.echo(str(path))
    if digests:
        with transaction("write") as session:
            service.record_made(session, SYSTEM, clock, exam_id, digests)
    sys.exit(1 if refused else 0)


@click.command("score")
@click.argument("files", nargs=-1, required=True)
@click.option("--responses", required=True, help="作答文件（JSON）")
@click.option("--policy", default=None, help="计分规则；不写时各题型用默认规则")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def score(files: tuple[str, ...], responses: str, policy: str | None, as_json: bool) -> None:
    """Score responses to the items of import files, without the database."""
    sys.exit(bank_score.main(files, responses, policy, as_json, sys.stdout, sys.stderr))


@interview_group.command("compute")
@click.argument("panel", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def compute_panel(panel: Path, as_json: bool) -> None:
    """The result of a panel under a named rule, with its arithmetic, without the database."""
    sys.exit(compute.main(panel, as_json, sys.stdout, sys.stderr))
