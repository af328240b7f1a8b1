"""Roles and what each may do: the one truth table. What is not listed is refused."""

from collections.abc import Iterable
from enum import StrEnum

from core.i18n import lazy


class Role(StrEnum):
    """A standing role of an account. Candidates have no account and no role."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    ORGANIZER = "organizer"
    INVIGILATOR = "invigilator"
    EXAMINER = "examiner"
    INTERVIEW_STAFF = "interview_staff"
    SUPERVISOR = "supervisor"
    DECISION_RECORDER = "decision_recorder"
    DECISION_CHECKER = "decision_checker"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ROLE_NAMES = {
    Role.AUTHOR: lazy("命题员"),
    Role.REVIEWER: lazy("审题员"),
    Role.ORGANIZER: lazy("考务管理员"),
    Role.INVIGILATOR: lazy("监考员"),
    Role.EXAMINER: lazy("考官"),
    Role.INTERVIEW_STAFF: lazy("计时计分复核员"),
    Role.SUPERVISOR: lazy("监督员"),
    Role.DECISION_RECORDER: lazy("决定录入员"),
    Role.DECISION_CHECKER: lazy("决定核对员"),
    Role.SYSTEM_ADMIN: lazy("系统管理员"),
    Role.SECURITY_ADMIN: lazy("安全管理员"),
    Role.AUDIT_ADMIN: lazy("审计管理员"),
}


class Permission(StrEnum):
    """One thing that somebody may do; every endpoint names the one it asks for."""

    MANAGE_ACCOUNTS = "manage_accounts"
    ASSIGN_ROLES = "assign_roles"
    READ_AUDIT = "read_audit"
    READ_ITEMS = "read_items"
    WRITE_ITEMS = "write_items"
    REVIEW_ITEMS = "review_items"
    VERIFY_SOURCES = "verify_sources"
    ASSEMBLE_PAPERS = "assemble_papers"
    PRINT_KEYS = "print_keys"
    MANAGE_EXAMS = "manage_exams"
    INVIGILATE = "invigilate"
    SCORE_INTERVIEWS = "score_interviews"
    RUN_INTERVIEWS = "run_interviews"
    CONFIRM_INTERVIEWS = "confirm_interviews"
    READ_RESULTS = "read_results"
    RECORD_DECISIONS = "record_decisions"
    CHECK_DECISIONS = "check_decisions"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AUTHOR: frozenset({Permission.READ_ITEMS, Permission.WRITE_ITEMS}),
    Role.REVIEWER: frozenset(
        {Permission.READ_ITEMS, Permission.REVIEW_ITEMS, Permission.VERIFY_SOURCES, Permission.PRINT_KEYS}
    ),
    Role.ORGANIZER: frozenset({Permission.ASSEMBLE_PAPERS, Permission.MANAGE_EXAMS, Permission.READ_RESULTS}),
    Role.INVIGILATOR: frozenset({Permission.INVIGILATE}),
    Role.EXAMINER: frozenset({Permission.SCORE_INTERVIEWS}),
    Role.INTERVIEW_STAFF: frozenset({Permission.RUN_INTERVIEWS}),
    Role.SUPERVISOR: frozenset({Permission.CONFIRM_INTERVIEWS}),
    Role.DECISION_RECORDER: frozenset({Permission.READ_RESULTS, Permission.RECORD_DECISIONS}),
    Role.DECISION_CHECKER: frozenset({Permission.READ_RESULTS, Permission.CHECK_DECISIONS}),
    Role.SYSTEM_ADMIN: frozenset({Permission.MANAGE_ACCOUNTS}),
    Role.SECURITY_ADMIN: frozenset({Permission.ASSIGN_ROLES}),
    Role.AUDIT_ADMIN: frozenset({Permission.READ_AUDIT}),
}

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """The union of what the roles may do."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))


def conflicting_roles(roles: Iterable[Role]) -> frozenset[Role]:
    """The roles that one person must not hold together.

    三员 (system, security, audit administrator): never two in one person, and none together with exam content.
    """
    chosen = frozenset(roles)
    administrators = chosen & ADMINISTRATORS
    if len(administrators) > 1:
        return administrators
    return chosen if administrators and chosen - ADMINISTRATORS else frozenset()
