"""The rules of the architecture as functions over source text: each returns its findings, one sentence a fault.

They take the sources as data, so that tests can plant a fault and see it found.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Float, MetaData, Numeric

from core.web.access import PUBLIC_ENDPOINTS, Access

PACKAGES = ("core", "question_bank", "exam", "grading")
ROOT = Path(__file__).resolve().parents[2]
IMPURE = ("flask", "flask_login", "flask_babel", "sqlalchemy", "time", "core.clock", "core.database", "core.web")
APPEND_ONLY = (
    "AnswerStep",
    "LateStep",
    "PageEvent",
    "LeavingNote",
    "Receipt",
    "OfflineCode",
    "OfflineClaim",
    "ClaimStep",
    "ClaimDecision",
    "AuditEntry",
    "AuditSeal",
    "ItemVersion",
    "ItemReview",
    "SourceVerification",
    "TimeChange",
    "ApprovedLeave",
    "PaperScore",
    "ItemScore",
    "InterviewResult",
    "InterviewSignature",
    "RuleSetVersion",
    "PanelDraw",
    "Proposal",
)


@dataclass(frozen=True)
class Source:
    """One module of the product: its dotted name, its text and its syntax tree."""

    name: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The parsed module."""
        return ast.parse(self.text)

    @property
    def file(self) -> str:
        """The last part of the dotted name: ``rules`` for ``grading.scoring.rules``."""
        return self.name.rsplit(".", 1)[-1]


def read_sources(root: Path = ROOT) -> list[Source]:
    """Every module of the four packages and wsgi.py."""
    paths = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))] + [root / "wsgi.py"]
    return [Source(".".join(path.relative_to(root).with_suffix("").parts), path.read_text()) for path in paths]


def imports_of(source: Source) -> Iterator[tuple[str, int]]:
    """Every imported module (and name in it) with its line."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def within(name: str, package: str) -> bool:
    """Whether a dotted name is the package or lies in it."""
    return name == package or name.startswith(package + ".")


def layer_faults(sources: Iterable[Source]) -> list[str]:
    """Rule 1: a package imports only what stands to its left; no import hides inside a function."""
    faults = []
    for source in sources:
        package = source.name.split(".")[0]
        to_the_right = PACKAGES[PACKAGES.index(package) + 1 :] if package in PACKAGES else ()
        for name, line in imports_of(source):
            if name.split(".")[0] in (*to_the_right, *(("wsgi",) if package in PACKAGES else ())):
                faults.append(f"{source.name}:{line} imports {name}, which stands to its right")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                hidden = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
                faults += [f"{source.name}:{inner.lineno} hides an import inside a function" for inner in hidden]
    return faults


def door_faults(sources: Iterable[Source]) -> list[str]:
    """Rule 2: keys are out of reach of candidates' code; packages meet only at their doors."""
    faults = []
    for source in sources:
        for name, line in imports_of(source):
            where = f"{source.name}:{line} imports {name}"
            to_the_bank = within(source.name, "exam") and within(name, "question_bank")
            if to_the_bank and not within(name, "question_bank.delivery"):
                faults.append(f"{where}; exam enters by question_bank.delivery alone")
            if within(source.name, "grading"):
                if within(name, "exam") and not any(
                    within(name, door) for door in ("exam.handover", "exam.identities")
                ):
                    faults.append(f"{where}; grading enters by exam.handover and exam.identities")
                blind = within(source.name, "grading.scoring") or within(source.name, "grading.interview")
                if blind and within(name, "exam.identities"):
                    faults.append(f"{where}; who scores never learns who it was")
            if name.endswith((".ItemKey", ".ItemExtras")) and source.name != "question_bank.keys":
                faults.append(f"{where}; only question_bank.keys touches the table of keys")
        faults += [
            f"{source.name} names the table {table}"
            for table in ("item_keys", "item_extras")
            if table in source.text and source.name not in ("question_bank.keys", "question_bank.items.models")
        ]
    return faults


def purity_faults(sources: Iterable[Source]) -> list[str]:
    """Rule 3: rules and timing import no web, no database, no clock, not even through another module of ours."""
    modules = {source.name: source for source in sources}
    faults = []

    def reach(source: Source, seen: set[str]) -> Iterator[str]:
        for name, _line in imports_of(source):
            if any(within(name, impure) for impure in IMPURE):
                yield name
            ours = next((part for part in (name, name.rsplit(".", 1)[0]) if part in modules), None)
            if ours and ours not in seen:
                seen.add(ours)
                yield from reach(modules[ours], seen)

    for source in modules.values():
        if source.file in ("rules", "timing", "exact"):
            faults += [f"{source.name} is pure, yet reaches {name}" for name in reach(source, {source.name})]
    return faults


def access_faults(app: Flask, public: Iterable[str]) -> list[str]:
    """Rule 4: every endpoint states its access; what is public stands in one list."""
    faults = []
    public = set(public)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC_ENDPOINTS:
            continue
        access: Access | None = getattr(app.view_functions[rule.endpoint], "access", None)
        if access is None:
            faults.append(f"{rule} ({rule.endpoint}) states no access")
        elif access.public and rule.endpoint not in public:
            faults.append(f"{rule} ({rule.endpoint}) is public without standing in the list")
    return faults


def commit_faults(sources: Iterable[Source]) -> list[str]:
    """Rule 5: one commit at the end; services know neither request nor signed-in user; the hot path stands apart."""
    faults = []
    for source in sources:
        for node in ast.walk(source.tree):
            commits = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "commit"
            if commits and source.name not in ("core.database", "core.jobs.worker"):
                faults.append(f"{source.name}:{node.lineno} commits on its own")
        for name, line in imports_of(source):
            of_the_web = name.split(".")[0] in ("flask", "flask_login") and name != "flask.current_app"
            if of_the_web and source.file in ("service", "rules", "queries"):
                faults.append(f"{source.name}:{line} is a {source.file} and imports {name}")
            if within(name, "core.direct") and source.file != "statements" and source.name != "core.web.factory":
                faults.append(f"{source.name}:{line} uses the direct connection outside statements.py")
    return faults


def audit_faults(sources: Iterable[Source]) -> list[str]:
    """Rule 5: every service function that takes an actor and writes also records, itself or by what it calls."""
    functions: dict[str, set[str]] = {}
    writers: list[tuple[str, str]] = []
    for source in sources:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            calls = {
                call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                for call in ast.walk(node)
                if isinstance(call, ast.Call)
            }
            functions.setdefault(node.name, set()).update(calls)
            parameters = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
            writes = calls & {"add", "add_all", "affected", "insert", "delete", "update"}
            if source.file == "service" and "actor" in parameters and writes and not node.name.startswith("_"):
                writers.append((f"{source.name}.{node.name}", node.name))

    def records(name: str, seen: set[str]) -> bool:
        if name == "record":
            return True
        seen.add(name)
        return any(records(called, seen) for called in functions.get(name, ()) if called not in seen)

    # enqueue only queues: the job records what it does.
    exempt = {"core.jobs.service.enqueue"}
    return [
        f"{where} writes and records nothing"
        for where, name in writers
        if where not in exempt and not records(name, set())
    ]


def concurrency_faults(sources: Iterable[Source]) -> list[str]:
    """Rule 6: state moves by conditional UPDATE; locks and dialects stay inside statements.py."""
    faults = []
    for source in sources:
        for node in ast.walk(source.tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "state":
                    faults.append(f"{source.name}:{node.lineno} assigns a state instead of updating it conditionally")
        if source.file == "statements":
            continue
        for word in ("with_for_update", "FOR UPDATE", "FOR SHARE", "pg_advisory", "LOCK TABLE", "json_agg"):
            if word in source.text:
                faults.append(f"{source.name} uses {word} outside statements.py")
    return faults


def history_faults(sources: Iterable[Source]) -> list[str]:
    """Rule 7: no statement rewrites or deletes a row of an append-only table."""
    faults = []
    for source in sources:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            table = node.args[0]
            if name in ("update", "delete") and isinstance(table, ast.Name) and table.id in APPEND_ONLY:
                faults.append(f"{source.name}:{node.lineno} would {name} {table.id}, which is history")
    return faults


def exactness_faults(sources: Iterable[Source], metadata: MetaData) -> list[str]:
    """Rule 8: no float decides. No float in grading, in pure rules or in a column; nobody rounds half to even."""
    faults = []
    for source in sources:
        if not (within(source.name, "grading") or source.file in ("rules", "timing", "exact")):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                faults.append(f"{source.name}:{node.lineno} holds the float {node.value}")
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("float", "round"):
                faults.append(f"{source.name}:{node.lineno} calls {node.func.id}()")  # type: ignore[attr-defined]
    for table in metadata.sorted_tables:
        for column in table.columns:
            kind: Any = column.type
            if isinstance(kind, Float) or (isinstance(kind, Numeric) and kind.asdecimal is False):
                faults.append(f"{table.name}.{column.name} is a float")
    return faults
