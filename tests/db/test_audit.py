"""The audit log: entries are chained, and every way of tampering with them is seen."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DatabaseError

from core.accounts.actors import SYSTEM
from core.audit import sealer
from core.audit.models import AuditEntry, AuditSeal
from core.audit.service import record
from core.audit.triggers import creating, dropping
from core.database import db


@pytest.fixture
def sealed(session, clock):
    for number in range(5):
        record(session, SYSTEM, clock, "tested", "thing", number, reason="因为")
    session.commit()
    sealer.seal(session)
    session.commit()
    return session


def test_every_entry_is_sealed_once_and_the_chain_is_whole(sealed, clock):
    assert sealer.seal(sealed) == 0
    found = sealer.verify(sealed, clock)
    assert (found.sealed, found.unsealed, found.problems) == (5, 0, [])
    assert found.head == sealer.head_of_chain(sealed)


def test_the_age_of_the_unsealed_tail_is_told(sealed, clock):
    record(sealed, SYSTEM, clock, "tested", "thing", 6)
    sealed.commit()
    clock.advance(seconds=30)
    found = sealer.verify(sealed, clock)
    assert (found.unsealed, found.oldest_unsealed) == (1, timedelta(seconds=30))


@pytest.mark.parametrize(
    "tamper",
    [
        update(AuditEntry).where(AuditEntry.object_id == "2").values(action="altered"),
        update(AuditEntry).where(AuditEntry.object_id == "2").values(details={"reason": "别的"}),
        update(AuditSeal).where(AuditSeal.position == 3).values(digest="0" * 64),
        update(AuditSeal).where(AuditSeal.position == 5).values(position=6),
    ],
)
def test_tampering_is_seen_and_named(sealed, clock, tamper):
    sealed.execute(tamper)
    sealed.commit()
    assert sealer.verify(sealed, clock).problems


def test_a_removed_entry_is_seen(sealed, clock):
    sealed.execute(text("DELETE FROM audit_seals WHERE position = 2"))
    sealed.commit()
    assert any("缺失" in problem for problem in sealer.verify(sealed, clock).problems)


def test_an_entry_that_commits_late_with_a_lower_number_is_sealed_all_the_same(sealed, clock):
    sealed.execute(text("UPDATE audit_seals SET position = position WHERE 1 = 0"))
    record(sealed, SYSTEM, clock, "tested", "thing", 8)
    sealed.commit()
    assert sealer.anything_to_seal(sealed)
    assert sealer.seal(sealed) == 1


def test_with_the_triggers_of_the_migration_the_database_refuses_to_rewrite(sealed):
    dialect = db.engine.dialect.name
    for statement in creating(dialect):
        sealed.execute(text(statement))
    sealed.commit()
    try:
        for statement in ("UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_seals"):
            with pytest.raises(DatabaseError, match="append-only"):
                sealed.execute(text(statement))
            sealed.rollback()
    finally:
        for statement in dropping(dialect):
            sealed.execute(text(statement))
        sealed.commit()
