"""Importing: choose a file, review what was read, confirm once, see what was done, undo it while it is untouched."""

import secrets
from io import BytesIO

from flask import flash, g, redirect, render_template, request, send_file, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response

from core.accounts.permissions import Permission
from core.clock import clock
from core.database import after_commit, db, rollback, transaction
from core.errors import Conflict, DomainError
from core.i18n import _, lazy
from core.spreadsheet_writing import XLSX
from core.web import uploads
from core.web.access import current_actor, requires, takes_files
from question_bank.delivery import picture_response
from question_bank.formats.excel_writing import template
from question_bank.formats.importing import import_report, import_with_keys
from question_bank.formats.reading import accepted_suffixes
from question_bank.formats.report import Report
from question_bank.formats.transport import digest_of
from question_bank.images.queries import picture
from question_bank.items import importing, review_store
from question_bank.items.blueprint import blueprint
from question_bank.items.review_pages import review_page
from question_bank.items.reviewing import Choices, Review

Answer = Response | str | tuple[str, int]


class UploadForm(FlaskForm):  # type: ignore[misc]
    """One file, and where need be another one with the keys of its items."""

    file = FileField(
        lazy("试题文件"),
        [FileRequired(lazy("请选择文件。"))],
        description=lazy(
            "支持 %(suffixes)s，不超过 100 MB。严禁上传涉密文件。", suffixes="、".join(accepted_suffixes())
        ),
    )
    keys = FileField(
        lazy("答案文件"),
        description=lazy("试题和答案分在两个文件里时，把只有答案的那个文件选在这里（Word、文本或 Excel）。"),
    )


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Permission.WRITE_ITEMS)
@takes_files
def import_items() -> Answer:
    """Choose a file; it is read and kept for a day, and nothing is written to the bank yet."""
    form = UploadForm()
    if not form.validate_on_submit():
        page = render_template("question_bank/items/import.html", form=form, accept=",".join(accepted_suffixes()))
        return page, 422 if form.is_submitted() else 200
    account_id = current_actor().account_id
    # Reading a large file takes seconds; nobody else's writing waits for it.
    rollback(db.session)
    token = uploads.keep(account_id, form.file.data.filename or "", form.file.data.stream)
    given = review_store.keep_keys(account_id, token, form.keys.data)
    if given and review_store.take_review(account_id, token) is not None:
        _compare_again(token)
    elif review_store.take_review(account_id, token) is None:
        read_review(account_id, token)
    elif review_store.take_choices(account_id, token).made:
        flash(_("这个文件的核对还没有做完，已接着上次的结果；要从头来过，请用页面下方的“放弃这次核对”。"))
    return redirect(url_for("items.review_import", token=token))


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
def review_import(token: str) -> str:
    """What the file holds: problems first, each item as it will look, what was decided about it."""
    return _page(token)


@blueprint.post("/import/<token>")
@requires(Permission.WRITE_ITEMS)
def confirm_import(token: str) -> Answer:
    """Take what was decided, in one transaction. Confirming twice imports once."""
    actor = current_actor()
    own = f"{actor.account_id}:{request.form.get('nonce', '')[:40]}"
    done = importing.import_by_token(db.session, own)
    if done is not None:
        return redirect(url_for("items.imported", import_id=done.id))
    rollback(db.session)
    try:
        batch_id = _import(token, own)
    except DomainError as problem:
        rollback(db.session)
        if problem.code == "stale_review":
            _compare_again(token)
        return _page(token, problem), problem.status
    return redirect(url_for("items.imported", import_id=batch_id))


@blueprint.get("/import/<token>/pictures/<digest>")
@requires(Permission.WRITE_ITEMS)
def review_picture(token: str, digest: str) -> Response:
    """A picture of the file under review, for its bringer alone; of the bank, where an item was mended with one."""
    found = review_store.take_picture(current_actor().account_id, token, digest)
    return picture_response(found or picture(db.session, digest), digest, request.environ)


@blueprint.post("/import/<token>/abandonment")
@requires(Permission.WRITE_ITEMS)
def abandon_import(token: str) -> Response:
    """Forget the file and everything decided about it."""
    uploads.discard(current_actor().account_id, token)
    flash(_("已放弃这次核对，没有导入任何试题。"))
    return redirect(url_for("items.import_items"))


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


def _import(token: str, own: str) -> int:
    """Import what the page showed, and return the import's id. Raises DomainError."""
    actor = current_actor()
    review, choices = kept_review(token)
    if request.form.get("revision") != f"{review.digest}:{choices.revision}":
        raise Conflict(_("这次核对刚刚在另一个窗口里有了改动，没有导入任何试题。下面是现在的样子，请核对后再确认。"))
    filename = uploads.filename_of(actor.account_id, token)
    if digest_of(_report(actor.account_id, token)) != review.digest:
        raise importing.StaleReview(
            _("程序更新后，这个文件读出的内容与您核对的不同，没有导入任何试题。下面是重新读出的内容，请核对后再确认。")
        )
    batch = importing.import_review(
        db.session, actor, clock, review, choices, token=own, filename=filename, sha256=token
    )
    after_commit(db.session, lambda: uploads.discard(actor.account_id, token))
    return batch.id


def kept_review(token: str) -> tuple[Review, Choices]:
    """Return the review of this person's upload and what was decided; the file is read again where need be."""
    account_id = current_actor().account_id
    review = review_store.take_review(account_id, token) or read_review(account_id, token)
    return review, review_store.take_choices(account_id, token)


def pictures_at(token: str) -> str:
    """Where the pictures of a file under review are served: the address without their digest."""
    return url_for("items.review_picture", token=token, digest="-").removesuffix("-")


def read_review(account_id: int, token: str) -> Review:
    """Read an upload, compare it with the bank, and keep the result. Raises BadInput for an upload that is gone."""
    report = _report(account_id, token)
    with transaction("read") as session:
        review = importing.review_of(session, report)
    review_store.keep_review(account_id, token, review)
    return review


def _compare_again(token: str) -> None:
    account_id = current_actor().account_id
    with uploads.alone(account_id, token):
        report = _report(account_id, token)
        old, choices = kept_review(token)
        with transaction("read") as session:
            fresh, kept = importing.review_again(session, report, old, choices)
        review_store.keep_review(account_id, token, fresh)
        review_store.keep_choices(account_id, token, kept)


def _report(account_id: int, token: str) -> Report:
    """Read an upload, with the keys of the file beside it. Raises BadInput for an upload that is gone."""
    filename, file = uploads.opened(account_id, token)
    keys = review_store.take_keys(account_id, token)
    if keys is None:
        return import_report(file, filename)
    with file:
        return import_with_keys((file.read(), filename), keys)


def _page(token: str, problem: DomainError | None = None) -> str:
    review, choices = kept_review(token)
    g.pictures_at = pictures_at(token)
    return render_template(
        "question_bank/items/review_import.html",
        filename=uploads.filename_of(current_actor().account_id, token),
        token=token,
        problem=problem,
        nonce=secrets.token_hex(16),
        earlier=importing.earlier_imports(db.session, token),
        **review_page(db.session, review, choices),
    )
