"""``audit verify``: proves the audit log whole."""

import json
import sys

import click

from core.audit import sealer
from core.cli import Group
from core.clock import clock
from core.database import transaction

group = Group("audit", help="审计日志")


@group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def verify(as_json: bool) -> None:
    """Walk the chain; exit 0 when it is whole, 1 when it is not."""
    with transaction("read") as session:
        found = sealer.verify(session, clock)
    age = None if found.oldest_unsealed is None else f"{found.oldest_unsealed.total_seconds():.3f}"
    if as_json:
        document = {
            "whole": not found.problems,
            "sealed": found.sealed,
            "head": found.head,
            "unsealed": found.unsealed,
            "oldest_unsealed_seconds": age,
            "problems": found.problems,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        click.echo(f"已封存 {found.sealed} 条，链头 {found.head}")
        click.echo(f"尚未封存 {found.unsealed} 条" + (f"，最早的已等待 {age} 秒" if age else ""))
    for problem in found.problems:
        click.echo(problem, err=True)
    if not found.problems and not as_json:
        click.echo("审计链完整。")
    sys.exit(1 if found.problems else 0)
