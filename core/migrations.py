"""Running migrations: on SQLite a changed table is built anew, which its foreign keys forbid while rows refer to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from flask_alembic import Alembic
from sqlalchemy import Connection, event


class Migrations(Alembic):
    """Flask-Alembic that works on an SQLite database with rows."""

    def run_migrations(self, fn: Callable[..., Any], **kwargs: Any) -> None:
        """Run the migrations that ``fn`` names; one after which a reference leads nowhere is rolled back."""
        with ExitStack() as stack:
            for context in self.migration_contexts.values():
                if context.connection is not None and context.dialect.name == "sqlite":
                    stack.enter_context(_checked_at_the_end(context.connection))
            super().run_migrations(fn, **kwargs)


@contextmanager
def _checked_at_the_end(connection: Connection) -> Iterator[None]:
    """Have foreign keys looked at before each commit instead of at each statement."""
    # SQLite ignores the setting inside a transaction; what was read before has begun one.
    connection.rollback()
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    event.listen(connection, "commit", _refuse_orphans)
    try:
        yield
    finally:
        event.remove(connection, "commit", _refuse_orphans)
        connection.rollback()
        driver.rollback()  # a refused commit: SQLAlchemy takes it for done
        driver.execute("PRAGMA foreign_keys=ON")


def _refuse_orphans(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        raise RuntimeError(f"the migration would leave {len(orphans)} references that lead nowhere: {orphans[:5]}")
