"""Taking items out of the bank: who may, what is written, what is said about what could not be, and what is recorded."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.clock import clock as the_clock
from core.database import transaction
from core.jobs.files import path_of
from core.jobs.models import JobRun
from core.jobs.worker import registry_of, run_next
from question_bank.formats.importing import import_report
from question_bank.items import service
from question_bank.items.models import KnowledgePoint
from tests.support.bank import CITATION, fill, multiple, single, true_false


@pytest.fixture(autouse=True)
def bank(app, cast, clock):
    """Four items, one for each type, one of them in review, and one that is retired."""
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("author")
        point = KnowledgePoint(code="7", name="考核")
        session.add(point)
        session.flush()
        service.create_item(
            session, actor, the_clock, single(knowledge_point_id=point.id, tags=("重点",), citations=(CITATION,))
        )
        item = service.create_item(session, actor, the_clock, multiple())
        service.submit(session, actor, the_clock, item, item.current_version_id)
        service.create_item(session, actor, the_clock, true_false())
        service.create_item(session, actor, the_clock, fill())
        gone = service.create_item(session, actor, the_clock, single("停用的题（　　）。"))
        service.retire(session, actor, the_clock, gone, gone.current_version_id, "过时")


@pytest.fixture
def export(app, tmp_path):
    def exporting(*arguments, name="out.xlsx"):
        output = tmp_path / name
        done = app.test_cli_runner().invoke(args=["bank", "export", "--output", str(output), *arguments])
        return done, output

    return exporting


def test_everything_in_use_goes_out_and_comes_back_as_it_was(export, app):
    done, output = export("--format", "excel", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"format": "excel", "items": 4, "asked": 4, "problems": []}
    report = import_report(output, output.name)
    assert [item.type for item in report.items] == ["single_choice", "multiple_choice", "true_false", "fill_blank"]
    first = report.items[0]
    assert (first.key, first.points_hundredths, first.tags) == (("A",), 200, ("重点",))
    assert (first.knowledge_points, first.source.regulation) == (("考核",), CITATION.regulation)
    with app.app_context(), transaction("read") as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "items_exported")).all()
        assert (entry.details["count"], entry.details["format"]) == (4, "excel")


@pytest.mark.parametrize(
    ("conditions", "stems"),
    [
        (["type=true_false,multiple_choice"], 2),
        (["state=in_review"], 1),
        (["state=retired"], 1),
        (["knowledge=考核"], 1),
        (["knowledge=7", "tag=重点,别的"], 1),
        (["number=q000002,Q000003"], 2),
        (["number=Q000002", "type=true_false"], 0),
    ],
)
def test_the_items_are_narrowed_by_conditions_that_must_all_hold(export, conditions, stems):
    done, output = export("--format", "gift", *(word for c in conditions for word in ("--where", c)), name="out.gift")
    assert done.exit_code == (0 if stems else 1), done.output
    assert len(import_report(output, output.name).items if stems else []) == stems
    assert output.exists() == bool(stems)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--format", "pages"], "不能导出为“pages”"),
        (["--format", "gift", "--where", "colour=red"], "看不懂筛选条件“colour=red”"),
        (["--format", "gift", "--where", "type"], "看不懂筛选条件“type”"),
        (["--format", "gift", "--where", "type=riddle"], "没有“riddle”这个值"),
        (["--format", "gift", "--where", "knowledge=烹饪"], "没有知识点“烹饪”"),
    ],
)
def test_wrong_usage_is_one_sentence(export, arguments, told):
    done, output = export(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not output.exists()


def test_what_a_format_cannot_hold_is_reported_and_not_hidden(export):
    done, output = export("--format", "aiken", "--json", name="out.txt")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["items"], told["asked"]) == (1, 4)
    assert [p["ref"] for p in told["problems"] if p["severity"] == "error"] == ["Q000002", "Q000003", "Q000004"]
    assert "没有导出 Q000002" in done.stderr
    assert len(import_report(output, output.name).items) == 1


def test_formulas_in_a_workbook_are_text(app, cast, export):
    with app.app_context(), transaction("write") as session:
        service.create_item(session, cast.actor("author"), the_clock, true_false("=cmd|'/c calc'!A1 是危险的。"))
    done, output = export("--format", "excel", "--where", "type=true_false")
    assert done.exit_code == 0, done.output
    sheet = zipfile.ZipFile(output).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert [item.stem for item in import_report(output, output.name).items][-1] == "=cmd|'/c calc'!A1 是危险的。"


def test_a_reviewer_exports_by_a_job_and_the_file_tells_what_is_missing(app, browser, clock):
    reviewer = browser("reviewer")
    assert "导出" in reviewer.get("/bank/items").get_data(as_text=True)
    answer = reviewer.post("/bank/export", {"format": "aiken", "number": "Q000001，Q000002"})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    with app.app_context():
        assert run_next(registry_of(app), the_clock)
        with transaction("read") as session:
            run = session.scalars(select(JobRun)).one()
            assert run.state == "done", run.error
            packed = zipfile.ZipFile(io.BytesIO(path_of(run.id).read_bytes()))
            assert "没有导出 Q000002" in packed.read("导出说明.txt").decode("utf-8-sig")
            assert "ANSWER: A" in packed.read("试题.txt").decode()
            (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "items_exported")).all()
            assert entry.actor_id is not None


def test_who_may_not_print_keys_may_not_export(app, browser):
    for name in ("author", "organizer", "stranger"):
        assert browser(name).get("/bank/export").status_code == 403
        assert browser(name).post("/bank/export", {"format": "excel"}).status_code == 403
    reviewer = browser("reviewer")
    assert reviewer.client.post("/bank/export", data={"format": "excel"}).status_code == 400
    assert reviewer.post("/bank/export", {"format": "burn"}).status_code == 422
    nothing = reviewer.post("/bank/export", {"format": "excel", "tag": "没有的标签"})
    assert nothing.status_code == 422
    assert "没有符合条件的试题" in nothing.get_data(as_text=True)
