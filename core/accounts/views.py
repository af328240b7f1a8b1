"""Signing in, signing out, one's own password."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core.accounts import service, sign_in
from core.accounts.forms import ChangePasswordForm, SignInForm
from core.accounts.models import Account
from core.audit.service import record
from core.clock import clock
from core.database import db
from core.errors import BadInput, LockedOut
from core.i18n import _
from core.web.access import accounts_only, current_actor, forget, public, remember

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@public
def sign_in_page() -> Response | str | tuple[str, int]:
    """The door for everybody who works here."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("core/sign_in.html", form=form), 422 if form.is_submitted() else 200
    account, row = sign_in.sign_in_account(
        db.session,
        clock,
        form.username.data.strip(),
        form.password.data,
        address=request.remote_addr or "",
        device=request.user_agent.string,
    )
    remember(row, account.name)
    return redirect(_safe_target(request.args.get("next", "")))


@blueprint.post("/sign-out")
@accounts_only
def sign_out() -> Response:
    """End this session on the server and empty the cookie."""
    actor = current_actor()
    sign_in.end(db.session, clock, actor.sign_in or "", "signed_out")
    record(db.session, actor, clock, "sign_out", "account", actor.id)
    forget()
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/account/password", methods=["GET", "POST"])
@accounts_only
def change_password() -> Response | str | tuple[str, int]:
    """Change one's own password; forced at the first sign-in."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        account = db.session.get_one(Account, current_actor().account_id)
        service.change_password(
            db.session, current_actor(), clock, account, current=form.current.data, new=form.new.data
        )
        flash(_("密码已更改，其他设备上的登录已退出。"), "success")
        return redirect(url_for("home.index"))
    page = render_template("core/change_password.html", form=form, first=current_user.must_change_password)
    return page, 422 if form.is_submitted() else 200


for _view in (sign_out, change_password):
    _view.before_password_change = True  # type: ignore[attr-defined]


def refuse_on_page(problem: BadInput | LockedOut) -> tuple[str, int]:
    """Answer a refused sign-in or password on its own page, with the sentence above the form."""
    if request.endpoint == "accounts.sign_in":
        return render_template("core/sign_in.html", form=SignInForm(), problem=str(problem.message)), problem.status
    form = ChangePasswordForm()
    first = current_user.must_change_password
    return render_template(
        "core/change_password.html", form=form, problem=str(problem.message), first=first
    ), problem.status


blueprint.register_error_handler(BadInput, refuse_on_page)
blueprint.register_error_handler(LockedOut, refuse_on_page)


def _safe_target(target: str) -> str:
    parts = urlsplit(target)
    if target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme:
        return target
    return url_for("home.index")
