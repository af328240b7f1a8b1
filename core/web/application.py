"""The Flask application class: one transaction a request, errors answered in one place, strict headers."""

import gzip
import hashlib
import time
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, Response, current_app, g, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map
from werkzeug.security import safe_join

from core.archives import MEGABYTE
from core.bounded import LARGEST_FILE
from core.database import commit, db, rollback, transaction, transaction_mode
from core.errors import Afterwards, BadInput, DomainError, Forbidden, NotFound, TooLarge
from core.i18n import _
from core.web.access import who_asks
from core.web.joining import Joined, joined
from core.web.numbers import LARGEST_ID
from core.web.packing import takes_gzip

log = structlog.get_logger(__name__)
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# The file, and the few fields of its form.
LARGEST_REQUEST = LARGEST_FILE + MEGABYTE
PACKED_SUFFIXES = frozenset({".css", ".js", ".svg"})
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
STRICT_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("Cache-Control", "no-store"),
)


class Application(Flask):
    """Flask with the platform's transaction rule.

    A request begins in reading mode for GET and in writing mode otherwise (``@writes`` lets a GET write), commits once
    when its view has returned, and rolls back on any exception before an error handler answers.
    """

    def full_dispatch_request(self) -> Response:
        with transaction_mode(self._mode()):
            return super().full_dispatch_request()

    def _mode(self) -> Any:
        view = self.view_functions.get(request.endpoint or "")
        reading = request.method in READING_METHODS and not getattr(view, "writes", False)
        return "read" if reading else "write"

    def ensure_sync(self, func: Any) -> Any:
        """The function as it is: none of ours is asynchronous, and Flask would ask at every hook of every request."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        answer = self.make_response(super().dispatch_request())
        if "_sqlalchemy_sessions" in g:
            commit(db.session)
        return answer

    def send_static_file(self, filename: str) -> Response:
        """A static file; scripts also in the folder that is named by their digest."""
        folder, _, rest = filename.partition("/")
        versioned = folder.startswith("~") and rest.startswith("js/")
        g.cached_for_ever = "v" in request.args or (versioned and folder == scripts_folder())
        filename = rest if versioned else filename
        whole = joined(self.static_folder or "", filename)
        if whole:
            return send_joined(whole, "text/javascript" if filename.endswith(".js") else "text/css")
        response = super().send_static_file(filename)
        # As Flask found it: an address may lead through folders that are none ("none/../css/base.css").
        path = Path(safe_join(self.static_folder or "", filename) or "")
        return send_packed(response, path) if path.suffix in PACKED_SUFFIXES else response

    def handle_user_exception(self, e: Exception) -> Any:
        if "_sqlalchemy_sessions" in g:
            rollback(db.session)
        if isinstance(e, DomainError) and e.afterwards:
            e = _write_afterwards(e, e.afterwards)
        return super().handle_user_exception(e)


def _write_afterwards(problem: DomainError, afterwards: Afterwards) -> Exception:
    """Write what must be kept of a refusal, in a transaction of its own; what the person is to be answered.

    Whoever may not do something is told so whether or not that could be written: nothing was done either way, and the
    log says who asked for what. Any other refusal fails with its writing: a wrong password that is not counted must not
    be told from a right one.
    """
    try:
        with transaction("write") as own:
            afterwards(own)
    except Exception as failure:
        if not isinstance(problem, Forbidden):
            return failure
        about = {"code": problem.code, "endpoint": request.endpoint, "arguments": request.view_args, "by": who_asks()}
        log.exception("a refused access could not be recorded", **about)
    return problem


class IdConverter(IntegerConverter):
    """``<int:…>`` in an address: a number that a database can hold. A longer one names nothing: 404."""

    def __init__(self, rules: Map, *args: Any, **options: Any) -> None:
        super().__init__(rules, *args, **{"max": LARGEST_ID, **options})


def allow_files() -> None:
    """Raise the limit on a request's body where a view takes files and somebody of the staff is signed in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False) and "_user_id" in session and "candidate" not in session:
        request.max_content_length = max(LARGEST_REQUEST, current_app.config["MAX_CONTENT_LENGTH"])


def refuse_nul() -> None:
    """Refuse the character NUL wherever text comes in: PostgreSQL cannot store it and no keyboard types it.

    Raises ``BadInput``. A body is looked at only if it is a form; JSON is checked by who reads it.
    """
    texts = [request.path]
    if b"%00" in request.query_string:
        texts.extend(text for pair in request.args.items(multi=True) for text in pair)
    if "form" in (request.content_type or "").lower() and request.mimetype in FORM_TYPES:
        texts.extend(text for pair in request.form.items(multi=True) for text in pair)
        texts.extend(upload.filename or "" for upload in request.files.values())
    if any("\x00" in text for text in texts):
        raise BadInput(_("提交的文字中有不能保存的控制字符（NUL），操作未执行。请删去后重新输入。"), code="nul")


def public_origin() -> str:
    """Scheme, host and port under which candidates reach the server: as configured, else as this request came."""
    settings = current_app.extensions["settings"]
    return settings.public_address or request.host_url.rstrip("/")


def wants_json() -> bool:
    """Whether the caller is a program rather than a person's browser loading a page."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def answer_domain_error(problem: DomainError) -> tuple[Any, int]:
    """The error as JSON for programs, as a page for people."""
    if wants_json():
        return problem.as_json(), problem.status
    page = render_template("errors/error.html", status=problem.status, message=str(problem.message), code=problem.code)
    return page, problem.status


def answer_csrf_error(_problem: CSRFError) -> tuple[Any, int]:
    """The page was opened before a sign-in or in another browser: nothing was done."""
    message = _("页面的安全校验已失效，本次操作未执行。请刷新页面后重试；已保存的内容不受影响。")
    refused = DomainError(message, code="csrf", retry=True)
    return answer_domain_error(refused)


def answer_http_exception(problem: HTTPException) -> tuple[Any, int]:
    """Werkzeug's own errors (404, 405, 413 and the like) in our words."""
    if isinstance(problem, RequestEntityTooLarge):
        return answer_domain_error(TooLarge(_too_large()))
    if problem.code == 404:
        return answer_domain_error(NotFound(_("没有这个页面或内容。请检查网址，或返回首页。")))
    other = DomainError(_("请求无法处理，未作任何更改。请返回上一页重试。"), code="bad_request")
    answer, _status = answer_domain_error(other)
    return answer, problem.code or 400


def _too_large() -> str:
    most = request.max_content_length or LARGEST_REQUEST
    return str(
        _(
            "提交的内容超过 %(most)s MB，未被接收，什么也没有写入。请减小文件，或拆成几个文件分别上传。",
            most=most // MEGABYTE,
        )
    )


def answer_unexpected(problem: Exception) -> tuple[Any, int]:
    """Anything else is a fault of ours: logged whole, told in one sentence."""
    log.error("unexpected error", exc_info=problem, endpoint=request.endpoint)
    message = _("系统发生意外错误，本次操作未执行，已保存的内容不受影响。请稍后重试；如仍不行，请联系系统管理员。")
    fault = DomainError(message, code="internal", retry=True)
    answer, _status = answer_domain_error(fault)
    return answer, 500


def add_headers(response: Response) -> Response:
    """Strict headers on every answer; nothing but static files may be cached."""
    headers = response.headers
    if request.endpoint in ("static", "bootstrap.static"):
        for_ever = g.get("cached_for_ever", "v" in request.args) and response.status_code in (200, 304)
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if for_ever else "no-cache"
    present = {name.lower() for name, _value in headers}
    for name, value in STRICT_HEADERS:
        if name.lower() not in present:
            headers.add(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def send_packed(response: Response, path: Path) -> Response:
    """A static file that was found, compressed for whoever takes it so.

    Its tag is weak: packed and plain are the same to a reader, and not the same bytes to one who asks for a part.
    """
    response.vary.add("Accept-Encoding")
    tag, _weak = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)
    if response.status_code == 200 and takes_gzip(request.headers.get("Accept-Encoding", "")):
        packed = _packed_file(path, path.stat().st_mtime)
        close = getattr(response.response, "close", None)
        if close:
            close()
        response.direct_passthrough = False
        response.set_data(packed)
        response.headers["Content-Encoding"] = "gzip"
    return response


def send_joined(whole: Joined, mimetype: str) -> Response:
    """A script or stylesheet with all its parts, compressed for whoever takes it so."""
    packed = takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = Response(whole.packed if packed else whole.plain, mimetype=mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(whole.digest, weak=True)
    response.make_conditional(request)
    return response


@lru_cache(maxsize=1024)
def _packed_file(path: Path, _modified: float) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


@lru_cache(maxsize=1024)
def _file_digest(path: Path, _modified: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def version_static_files(endpoint: str, values: dict[str, Any]) -> None:
    """Give every static file's address a digest of its content, so that it may be cached for ever.

    Modules import each other by relative addresses: theirs begin with a folder named by the digest of all scripts.
    """
    filename = values.get("filename")
    if endpoint != "static" or not filename or not current_app.static_folder:
        return
    path = Path(current_app.static_folder, filename)
    if filename.startswith("js/"):
        values["filename"] = f"{scripts_folder()}/{filename}"
    elif whole := joined(current_app.static_folder, filename):
        values["v"] = whole.digest
    elif path.is_file():
        values["v"] = _file_digest(path, path.stat().st_mtime)


def scripts_folder() -> str:
    """``~`` and the digest of all scripts as they were within this second: every page asks several times."""
    return _scripts_folder(current_app.static_folder or "", int(time.monotonic()))


@lru_cache(maxsize=2)
def _scripts_folder(static_folder: str, _second: int) -> str:
    scripts = sorted(Path(static_folder, "js").rglob("*.js"))
    whole = "".join(_file_digest(path, path.stat().st_mtime) for path in scripts)
    return "~" + hashlib.sha256(whole.encode()).hexdigest()[:12]


def local_time(instant: datetime | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """An instant in the configured zone; empty for none."""
    if instant is None:
        return ""
    zone = ZoneInfo(current_app.extensions["settings"].time_zone)
    return instant.astimezone(zone).strftime(form)


def marks(hundredths: int | None) -> str:
    """``1.50`` for 150; a dash for none."""
    if hundredths is None:
        return "—"
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"
