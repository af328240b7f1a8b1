"""The database's own refusal to change or delete what the audit log holds, whoever asks."""

TABLES = ("audit_entries", "audit_seals")

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''% is append-only'', TG_TABLE_NAME; END'
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite()
"""


def creating(dialect: str) -> list[str]:
    """The statements that make the tables append-only, for ``sqlite`` or ``postgresql``."""
    if dialect == "sqlite":
        return [
            _SQLITE.format(table=table, verb=verb, VERB=verb.upper())
            for table in TABLES
            for verb in ("update", "delete")
        ]
    return [_POSTGRESQL_FUNCTION, *(_POSTGRESQL.format(table=table) for table in TABLES)]


def dropping(dialect: str) -> list[str]:
    """The statements that undo ``creating``, before the tables themselves are dropped."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {table}_no_{verb}" for table in TABLES for verb in ("update", "delete")]
    triggers = [f"DROP TRIGGER {table}_append_only ON {table}" for table in TABLES]
    return [*triggers, "DROP FUNCTION refuse_to_rewrite()"]
