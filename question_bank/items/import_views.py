"""Importing: choose a file, look at the dry run, confirm, see what was done, undo it while it is untouched."""

import secrets
from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import after_commit, db, rollback
from core.errors import DomainError
from core.i18n import _, lazy
from core.web import uploads
from core.web.access import current_actor, requires
from question_bank.formats.excel_writing import template
from question_bank.formats.importing import import_report, readable_ref
from question_bank.items import importing, words
from question_bank.items.blueprint import blueprint

Answer = Response | str | tuple[str, int]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200


class UploadForm(FlaskForm):  # type: ignore[misc]
    """One file."""

    file = FileField(
        lazy("试题文件"),
        [FileRequired(lazy("请选择文件。"))],
        description=lazy("支持 .xlsx、.xls、.csv，不超过 20 MB。严禁上传涉密文件。"),
    )


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Permission.WRITE_ITEMS)
def import_items() -> Answer:
    """Choose a file; it is kept for a day, and nothing is written to the bank yet."""
    form = UploadForm()
    if not form.validate_on_submit():
        return render_template("question_bank/items/import.html", form=form), 422 if form.is_submitted() else 200
    filename = form.file.data.filename or ""
    token = uploads.keep(current_actor().account_id, filename, form.file.data.read())
    return redirect(url_for("items.dry_run", token=token))


@blueprint.get("/import/template.xlsx")
@requires(Permission.WRITE_ITEMS)
def import_template() -> Response:
    """The workbook that authors fill in."""
    stream = BytesIO()
    template(stream)
    stream.seek(0)
    return send_file(stream, mimetype=XLSX, as_attachment=True, download_name="试题导入模板.xlsx")


@blueprint.get("/import/<token>")
@requires(Permission.WRITE_ITEMS)
def dry_run(token: str) -> str:
    """What the file holds: problems first, then the items, and what repeats what."""
    return _dry_run_page(token)


@blueprint.post("/import/<token>")
@requires(Permission.WRITE_ITEMS)
def confirm_import(token: str) -> Answer:
    """Read the kept file again and take it in one transaction. Confirming twice imports once."""
    actor = current_actor()
    own = f"{actor.account_id}:{request.form.get('nonce', '')[:40]}"
    done = importing.import_by_token(db.session, own)
    if done is not None:
        return redirect(url_for("items.imported", import_id=done.id))
    # Reading a large workbook takes seconds; nobody else's writing waits for it.
    rollback(db.session)
    filename, data = uploads.take(actor.account_id, token)
    report = import_report(data, filename)
    try:
        batch = importing.import_items(
            db.session,
            actor,
            clock,
            importing.plan_import(db.session, report),
            token=own,
            filename=filename,
            data=data,
            skip_repeating="skip_repeating" in request.form,
        )
    except DomainError as problem:
        rollback(db.session)
        return _dry_run_page(token, problem), problem.status
    after_commit(db.session, lambda: uploads.discard(actor.account_id, token))
    return redirect(url_for("items.imported", import_id=batch.id))


def _dry_run_page(token: str, problem: DomainError | None = None) -> str:
    filename, data = uploads.take(current_actor().account_id, token)
    report = import_report(data, filename)
    plan = importing.plan_import(db.session, report)
    return render_template(
        "question_bank/items/dry_run.html",
        filename=filename,
        plan=plan,
        problems=[_problem(entry.as_json()) for entry in plan.problems[:SHOWN]],
        problems_in_all=len(plan.problems),
        shown=plan.ready[:SHOWN],
        place=_place,
        earlier=importing.earlier_imports(db.session, data),
        nonce=secrets.token_hex(16),
        token=token,
        problem=problem,
        words=words,
    )


def _problem(entry: dict[str, Any]) -> dict[str, Any]:
    row = entry["ref"].removeprefix("row ") if entry["ref"].startswith("row ") else None
    tone = "warning" if entry["severity"] == "warning" else "danger"
    return {"row": row, "column": entry["column"], "reason": entry["reason"], "mend": entry["mend"], "tone": tone}


def _place(ref: str) -> str:
    """Where an item stands, in Chinese: 第 12 行 of the file, or the number of an item of the bank."""
    return readable_ref(ref) if " " in ref else _("题库 %(number)s", number=ref)


@blueprint.get("/imports/<int:import_id>")
@requires(Permission.WRITE_ITEMS)
def imported(import_id: int) -> str:
    """What an import did, and the button that takes it back."""
    batch = importing.import_of(db.session, import_id)
    return render_template(
        "question_bank/items/imported.html", batch=batch, undoable=importing.undoable(db.session, batch)
    )


@blueprint.post("/imports/<int:import_id>/undo")
@requires(Permission.WRITE_ITEMS)
def undo_import(import_id: int) -> Response:
    """Discard all items of an import while they are untouched drafts."""
    batch = importing.import_of(db.session, import_id)
    importing.undo_import(db.session, current_actor(), clock, batch)
    flash(_("已撤销导入，%(count)s 道草稿不再出现在题库中。", count=batch.items))
    return redirect(url_for("items.imported", import_id=batch.id))
