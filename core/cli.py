"""Command groups that end every expected failure in one sentence on standard error."""

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from core.errors import DomainError, NotFound


class DatabaseUnavailable(click.ClickException):
    """The command could not even begin."""

    exit_code = 2


class NoSuchThing(click.ClickException):
    """An argument names something that is not there: wrong usage, as a file that is not there."""

    exit_code = 2


class Group(AppGroup):
    """A group of commands in an application context.

    Refusals exit with 1; what an argument names and is not there, and a database that is not there, with 2.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn what was to be expected into a sentence instead of a stack trace."""
        try:
            return super().invoke(ctx)
        except NotFound as problem:
            raise NoSuchThing(str(problem.message)) from problem
        except DomainError as problem:
            raise click.ClickException(str(problem.message)) from problem
        except (OperationalError, ProgrammingError) as problem:
            told = " ".join(str(problem.orig).split())
            raise DatabaseUnavailable(
                f"数据库不可用或尚未建立（{told}）。请检查 DATABASE_URL，并先运行 script/manage db upgrade。"
            ) from problem
        except BrokenPipeError:
            raise  # the reader had enough; click ends quietly
        except OSError as problem:
            raise click.ClickException(
                f"文件“{problem.filename or ''}”不能读写（{problem.strerror or problem}）。请检查路径、权限和剩余空间。"
            ) from problem
