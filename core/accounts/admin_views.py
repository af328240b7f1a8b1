"""Administration of accounts: the system administrator opens and closes them, the security administrator gives roles."""

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from core.accounts import importing, queries, service
from core.accounts.actors import Actor
from core.accounts.admin_forms import AccountForm, AccountsFileForm, RolesForm
from core.accounts.permissions import ROLE_NAMES, Permission, Role
from core.clock import clock
from core.database import after_commit, db
from core.errors import BadInput, Conflict
from core.i18n import _
from core.spreadsheets import UnreadableFile, write_sheet
from core.web import uploads
from core.web.access import current_actor, requires
from core.web.paging import paginate, requested_page

blueprint = Blueprint("account_admin", __name__, url_prefix="/accounts")
Page = str | tuple[str, int]


@blueprint.get("")
@requires(Permission.MANAGE_ACCOUNTS, Permission.ASSIGN_ROLES)
def index() -> str:
    """All accounts."""
    words, role, state = (request.args.get(name, "") for name in ("q", "role", "state"))
    page = paginate(db.session, queries.accounts_matching(words, role, state), requested_page())
    return render_template(
        "core/accounts/index.html", page=page, roles=ROLE_NAMES, may_create=_may(Permission.MANAGE_ACCOUNTS)
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def create() -> Page:
    """Open one account; its password is shown once."""
    form = AccountForm()
    if form.validate_on_submit():
        try:
            account, password = service.create_account(
                db.session,
                current_actor(),
                clock,
                username=form.username.data,
                name=form.name.data,
                unit=form.unit.data or "",
            )
        except (BadInput, Conflict) as problem:
            form.username.errors = [str(problem.message)]
            return render_template("core/accounts/new.html", form=form), problem.status
        return render_template("core/accounts/password.html", rows=[(account, password)])
    return render_template("core/accounts/new.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/<int:account_id>")
@requires(Permission.MANAGE_ACCOUNTS, Permission.ASSIGN_ROLES)
def show(account_id: int) -> str:
    """One account with what may be done to it."""
    account = queries.account(db.session, account_id)
    form = RolesForm(roles=[held.role for held in account.roles])
    return _account_page(account_id, form)


@blueprint.post("/<int:account_id>/roles")
@requires(Permission.ASSIGN_ROLES)
def assign_roles(account_id: int) -> Response | Page:
    """Give the account exactly the ticked roles."""
    account = queries.account(db.session, account_id)
    form = RolesForm()
    if not form.validate_on_submit():
        return _account_page(account_id, form), 422
    roles = [Role(role) for role in form.roles.data or []]
    try:
        _refuse_own_account(current_actor(), account_id)
        service.assign_roles(db.session, current_actor(), clock, account, roles)
    except Conflict as problem:
        form.roles.errors = [str(problem.message)]
        return _account_page(account_id, form), problem.status
    flash(_("角色已更改，对方下一次操作时生效。"), "success")
    return redirect(url_for("account_admin.show", account_id=account_id))


@blueprint.post("/<int:account_id>/password")
@requires(Permission.MANAGE_ACCOUNTS)
def reset_password(account_id: int) -> str:
    """A new generated password, shown once."""
    account = queries.account(db.session, account_id)
    password = service.reset_password(db.session, current_actor(), clock, account)
    return render_template("core/accounts/password.html", rows=[(account, password)])


@blueprint.post("/<int:account_id>/<any(open, close):what>")
@requires(Permission.MANAGE_ACCOUNTS)
def set_active(account_id: int, what: str) -> Response:
    """Close the account, or open it again."""
    account = queries.account(db.session, account_id)
    service.set_active(db.session, current_actor(), clock, account, active=what == "open")
    flash(_("账号已启用。") if what == "open" else _("账号已停用，其所有登录已退出。"), "success")
    return redirect(url_for("account_admin.show", account_id=account_id))


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def import_accounts() -> Page:
    """Read a spreadsheet of accounts: a dry run that writes nothing."""
    form = AccountsFileForm()
    if not form.validate_on_submit():
        return render_template("core/accounts/import.html", form=form), 422 if form.is_submitted() else 200
    upload = form.file.data
    filename, data = upload.filename or "", upload.read()
    try:
        rows, problems = importing.read_accounts(data, filename, queries.usernames(db.session))
    except UnreadableFile as problem:
        form.file.errors = [str(problem.message)]
        return render_template("core/accounts/import.html", form=form), problem.status
    token = "" if problems else uploads.keep(current_actor().account_id, filename, data)
    page = render_template("core/accounts/import.html", form=form, rows=rows, problems=problems, token=token, read=True)
    return page, 422 if problems else 200


@blueprint.post("/import/<token>")
@requires(Permission.MANAGE_ACCOUNTS)
def commit_import(token: str) -> Page:
    """Open all accounts of the file that was checked, or none; their passwords are shown once."""
    actor = current_actor()
    filename, data = uploads.take(actor.account_id, token)
    rows, problems = importing.read_accounts(data, filename, queries.usernames(db.session))
    if problems:
        page = render_template(
            "core/accounts/import.html", form=AccountsFileForm(), rows=rows, problems=problems, read=True
        )
        return page, 422
    created = [
        service.create_account(db.session, actor, clock, username=row.username, name=row.name, unit=row.unit)
        for row in rows
    ]
    after_commit(db.session, lambda: uploads.discard(actor.account_id, token))
    return render_template("core/accounts/password.html", rows=created)


@blueprint.get("/template.xlsx")
@requires(Permission.MANAGE_ACCOUNTS)
def template() -> Response:
    """The spreadsheet to fill in."""
    stream = io.BytesIO()
    write_sheet(stream, "账号", ["用户名", "姓名", "单位"], [])
    stream.seek(0)
    return send_file(stream, as_attachment=True, download_name="账号导入模板.xlsx")


def _may(permission: Permission) -> bool:
    return current_actor().may(permission)


def _account_page(account_id: int, form: RolesForm) -> str:
    return render_template(
        "core/accounts/show.html",
        account=queries.account(db.session, account_id),
        form=form,
        roles=ROLE_NAMES,
        may_manage=_may(Permission.MANAGE_ACCOUNTS),
        may_assign=_may(Permission.ASSIGN_ROLES),
    )


def _refuse_own_account(actor: Actor, account_id: int) -> None:
    if actor.id == account_id:
        raise Conflict(_("不能更改自己的角色，未作更改。请由另一位安全管理员办理。"))
