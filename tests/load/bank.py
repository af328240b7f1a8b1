"""``python -m tests.load.bank``: how long a large import, and a search in a large bank, take. Printed, never asserted.

The database is SQLite, or with ``--database postgresql`` a PostgreSQL of its own; both are thrown away.
"""

import argparse
import os
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM
from core.clock import clock
from core.database import Model, db, is_sqlite, transaction
from core.settings import Settings
from question_bank.duplicates import Entry, find_duplicates, marks, normal_form
from question_bank.formats.excel_writing import write_items
from question_bank.formats.exporting import WRITERS
from question_bank.formats.exporting import write_items as write_exchange
from question_bank.formats.importing import import_report
from question_bank.formats.report import ImportedItem, ImportedOption
from question_bank.items import importing, queries, text_index
from question_bank.items.digests import digest_of_form
from question_bank.items.models import Item, ItemText, ItemVersion, KnowledgePoint, VersionMark
from question_bank.items.resemblance import resembling
from question_bank.items.reviewing import Choices
from question_bank.items.searching import searchable
from tests.load.installation import SECRETS
from tests.load.servers import machine
from tests.support.postgres import start_postgres
from wsgi import create_app

T = TypeVar("T")
SEED = 20261126
WORDS = re.split(
    " ",
    "公务员 考核 任免 升降 奖励 惩戒 培训 交流 回避 工资 福利 保险 辞职 辞退 退休 申诉 控告 聘任 法律 责任 监督 录用 "
    "职务 职级 级别 编制 机关 单位 部门 程序 权限 条件 标准 原则 公开 平等 竞争 择优 德才 兼备 事业 为上 公道 正派 "
    "处分 警告 记过 撤职 开除 期限 解除 影响 情节 严重 轻微 主动 交代 配合 调查 证据 线索 移送 审理 决定 执行",
)
RARE = "䶮𠮷"
SEARCHES = (
    ("a word of many items", "考核"),
    ("a word of two characters that nobody wrote", "䶮䶮"),
    ("two words", "考核 撤职"),
    ("a word of three characters", "考核撤"),
    ("one character", "考"),
    ("a phrase of one item", RARE),
    ("a number", "Q050000"),
    ("nothing typed", ""),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    print(f"{options.items} items to import, a bank of {options.bank}, {options.database}; {machine()}")
    with installation(options.database) as app, app.app_context(), tempfile.TemporaryDirectory() as folder:
        measure_import(Path(folder), options.items)
        measure_exchange(Path(folder), options.items)
        with transaction("write") as session:
            fill(session, options.bank)
        measure_indexing()
        settle()
        measure_search(options.runs)
        measure_saving(options.runs)
        measure_exchange(Path(folder), options.items)
    return 0


@contextmanager
def installation(database: str) -> Iterator[Flask]:
    """An application on an empty database that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        environment = SECRETS | {"HENGJIAN_INSTANCE": folder}
        if database == "sqlite":
            yield from _with_tables(create_app(Settings.from_environment(environment)))
            return
        with start_postgres() as server:
            environment["DATABASE_URL"] = server.create_database(f"bank_{os.getpid()}")
            yield from _with_tables(create_app(Settings.from_environment(environment)))


def _with_tables(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        Model.metadata.create_all(db.engine)
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def measure_import(folder: Path, count: int) -> None:
    """A workbook of so many items: dry run, then the comparison with the bank and the commit."""
    file = folder / "bank.xlsx"
    with file.open("wb") as stream:
        write_items(stream, items(count))
    begun = _children()
    report, seconds = timed(lambda: import_report(file, file.name))
    print(f"excel, {len(report.items)} items, {file.stat().st_size / 1e6:.1f} MB: dry run {seconds:.1f} s "
          f"({_children() - begun:.1f} s of processor time in the readers), {len(report.problems)} problems")  # fmt: skip
    before = time.process_time()
    with transaction("read") as session:
        review, seconds = timed(lambda: importing.review_of(session, report))
    worked = time.process_time() - before
    print(f"excel, compared with an empty bank: {seconds:.1f} s ({worked:.1f} s of processor time here)")

    def commit() -> None:
        with transaction("write") as session:
            importing.import_review(
                session, SYSTEM, clock, review, Choices(), token="load", filename=file.name, sha256="0" * 64
            )

    before = time.process_time()
    _done, seconds = timed(commit)
    print(f"excel, commit: {seconds:.1f} s ({time.process_time() - before:.1f} s of processor time here)")
    print(f"memory at its highest: readers {_highest(resource.RUSAGE_CHILDREN)} MB, "
          f"the process that asked {_highest(resource.RUSAGE_SELF)} MB")  # fmt: skip


def measure_exchange(folder: Path, count: int) -> None:
    """Files of so many items in the formats of other systems: dry run, then the comparison with the bank as it is."""
    made = items(count, SEED + 2)
    for name in ("gift", "moodle-xml"):
        file = folder / f"bank{WRITERS[name].suffix}"
        file.write_bytes(write_exchange(name, made)[0])
        report, seconds = timed(lambda file=file: import_report(file, file.name))
        before = time.process_time()
        with transaction("read") as session:
            review, compared = timed(lambda report=report, session=session: importing.review_of(session, report))
        worked = time.process_time() - before
        print(f"{name}, {len(report.items)} items, {file.stat().st_size / 1e6:.1f} MB: dry run {seconds:.1f} s, "
              f"comparison with the bank {compared:.1f} s ({worked:.1f} s of processor time here), "
              f"{sum(entry.twin is not None for entry in review.entries)} repeats")  # fmt: skip


def measure_saving(runs: int) -> None:
    """What saving one item asks the bank: a new one, and one that is nearly there already."""
    dice = random.Random(SEED + 3)  # noqa: S311 (repeatable, nothing secret)
    with transaction("read") as session:
        content = session.scalars(select(ItemVersion.content).where(ItemVersion.type == "single_choice")).first() or {}
    there = Entry("", content["stem"] + "某", tuple(option["text"] for option in content["options"]))
    fresh = Entry("", _sentence(dice, 16), tuple(_sentence(dice, 4) for _ in range(4)))
    for what, entry in (("a new item", fresh), ("an item that is nearly there", there)):
        waited, worked, near = [], [], []
        for _ in range(runs):
            with transaction("read") as session:
                before, started = time.process_time(), time.perf_counter()
                near = find_duplicates([entry], resembling(session, [entry], "single_choice"))
                waited.append(time.perf_counter() - started)
                worked.append(time.process_time() - before)
        print(f"save, {what} ({len(near)} repeated): {statistics.median(waited) * 1000:.0f} ms by the clock, "
              f"{statistics.median(worked) * 1000:.0f} ms of processor time here")  # fmt: skip


def measure_indexing() -> None:
    """The job that indexes what the bank says."""

    def index() -> int:
        portions = 0
        while text_index.index_portion():
            portions += 1
        return portions

    portions, seconds = timed(index)
    print(f"index of the texts: {portions} portions of {text_index.PORTION} in {seconds:.1f} s")


def measure_search(runs: int) -> None:
    """What the list of items asks the database for one page: the page with its count, and the counts on the chips.

    By the clock, and in processor time of this process, which on SQLite is all of it.
    """
    for what, words in SEARCHES:
        waited, worked = [], []
        for _ in range(runs):
            with transaction("read") as session:
                before, started = time.process_time(), time.perf_counter()
                found = _search(session, queries.Filters(words=words))
                waited.append(time.perf_counter() - started)
                worked.append(time.process_time() - before)
        print(f"search, {what} ({found} found): {statistics.median(waited) * 1000:.0f} ms by the clock, "
              f"{statistics.median(worked) * 1000:.0f} ms of processor time here")  # fmt: skip


def _search(session: Session, filters: queries.Filters) -> int:
    filters = queries.looked_up(session, filters)
    counts = queries.count_items(session, filters)
    return queries.list_items(session, filters, 1, counts.total).total


def items(count: int, seed: int = SEED) -> list[ImportedItem]:
    """Items of four types, no two alike, always the same ones."""
    dice = random.Random(seed)  # noqa: S311 (repeatable, nothing secret)
    return [_item(dice, number) for number in range(count)]


def _item(dice: random.Random, number: int) -> ImportedItem:
    kind = ("single_choice", "multiple_choice", "true_false", "fill_blank")[number % 4]
    stem = f"{_sentence(dice, 16)}，第{number}题"
    options = tuple(ImportedOption(letter, _sentence(dice, 4) + letter) for letter in "ABCD") if number % 4 < 2 else ()
    key = {
        "single_choice": (dice.choice("ABCD"),),
        "multiple_choice": ("A", "C"),
        "true_false": (dice.choice(("true", "false")),),
        "fill_blank": ((_sentence(dice, 1),),),
    }[kind]
    stem += "____。" if kind == "fill_blank" else "（　）。" if options else "。"
    return ImportedItem(
        f"row {number}", kind, stem, options, key, 200, _sentence(dice, 20), (dice.choice(WORDS[:20]),), "中"
    )


def _sentence(dice: random.Random, words: int) -> str:
    return "".join(dice.choice(WORDS) for _ in range(words))


def fill(session: Session, count: int) -> None:
    """Put so many published items into the bank by plain INSERTs."""
    point = KnowledgePoint(code="999", name="容量")
    session.add(point)
    session.flush()
    start = 1_000_000
    now = clock.now()
    dice = random.Random(SEED + 1)  # noqa: S311 (repeatable, nothing secret)
    for first in range(0, count, 2000):
        rows, versions, texts, marked = [], [], [], []
        for number in range(first, min(first + 2000, count)):
            made = _item(dice, number)
            content = made.content_json()
            if number == count // 2:
                content["stem"] += RARE
            said = "\n".join([content["stem"], *(f"{o.label}. {o.text}" for o in made.options)])
            name = f"Q{number:06d}X" if number != 50_000 else "Q050000"
            texts.append(
                {"item_id": start + number, "version_id": start + number, "text": searchable(f"{said} {name}")}
            )
            form = normal_form(content["stem"], [option.text for option in made.options])
            marked += [{"mark": mark, "version_id": start + number} for mark in marks(form)]
            rows.append(
                {
                    "id": start + number,
                    "number": name,
                    "type": made.type,
                    "state": "published",
                    "demonstration": False,
                    "created_at": now,
                }
            )
            versions.append(
                {
                    "id": start + number,
                    "item_id": start + number,
                    "version": 1,
                    "type": made.type,
                    "content": content,
                    "content_digest": digest_of_form(form),
                    "knowledge_point_id": point.id,
                    "difficulty": "中",
                    "points_hundredths": 200,
                    "tags": [],
                    "created_at": now,
                }
            )
        session.execute(insert(Item), rows)
        session.execute(insert(ItemVersion), versions)
        session.execute(insert(ItemText), texts)
        session.execute(insert(VersionMark), marked)
        session.execute(
            text("UPDATE items SET current_version_id = id WHERE id >= :first AND current_version_id IS NULL"),
            {"first": start + first},
        )


def settle() -> None:
    """Let the database count what it holds, as it does by itself after a while."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if is_sqlite() else "VACUUM ANALYZE"))


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what some work gives, and the seconds it took by the clock."""
    started = time.perf_counter()
    done = work()
    return done, time.perf_counter() - started


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _highest(whose: int) -> int:
    return resource.getrusage(whose).ru_maxrss // 1024


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.load.bank", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--items", type=int, default=10_000, help="items of the workbook that is imported")
    parser.add_argument("--bank", type=int, default=100_000, help="items of the bank that is searched")
    parser.add_argument("--runs", type=int, default=7, help="searches of each kind; the median is printed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
