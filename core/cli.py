"""Command groups that end every expected failure in one sentence on standard error."""

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from core.errors import DomainError


class DatabaseUnavailable(click.ClickException):
    """The command could not even begin."""

    exit_code = 2


class Group(AppGroup):
    """A group of commands in an application context: refusals exit with 1, a database that is not there with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn what was to be expected into a sentence instead of a stack trace."""
        try:
            return super().invoke(ctx)
        except DomainError as problem:
            raise click.ClickException(str(problem.message)) from problem
        except (OperationalError, ProgrammingError) as problem:
            raise DatabaseUnavailable(
                f"数据库不可用或尚未建立：{problem.orig}。请检查 DATABASE_URL，并先运行 script/manage db upgrade。"
            ) from problem
