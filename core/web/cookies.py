"""The signed cookie and the token against forged requests, each proved once.

A candidate's browser sends the same cookie and the same token with every save. Whether they are good follows from their
bytes and the secret key alone: a process need not compute it again for bytes that it has seen.
"""

import hmac
import time
from typing import Any

from flask import Flask, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf, same_origin
from itsdangerous import URLSafeTimedSerializer

from core.kept import Kept

MOST = 8192  # cookies, and tokens: about a kilobyte each
SECRET_HALF = "csrf_token"  # noqa: S105 (where the session holds it)


class KnownCookies(URLSafeTimedSerializer):
    """Signs and reads cookies; one that was signed or read lately is not unpacked again."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._known: Kept[str, tuple[dict[str, Any], float]] = Kept(MOST)

    def dumps(self, obj: Any, *args: Any, **options: Any) -> Any:
        """The cookie of a session."""
        value = super().dumps(obj, *args, **options)
        self._keep(value, obj, time.time())
        return value

    def loads(self, s: Any, *args: Any, max_age: Any = None, **options: Any) -> Any:
        """What a cookie holds. Raises ``BadSignature`` for one that is forged or older than ``max_age`` seconds."""
        known = self._known.get(s)
        if known and max_age is not None and time.time() - known[1] <= max_age:
            return _copied(known[0])
        data, signed = super().loads(s, max_age, return_timestamp=True)
        self._keep(s, data, signed.timestamp())
        return data

    def _keep(self, value: Any, data: dict[str, Any], signed_at: float) -> None:
        if all(map(_is_plain, data.values())):
            self._known.keep(value, (_copied(data), signed_at))


def _is_plain(value: object) -> bool:
    """Whether a copy shares nothing that could change with what it was copied from."""
    if isinstance(value, list):
        return all(isinstance(one, str | int | None) for one in value)
    return isinstance(value, str | int | None)


def _copied(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value.copy() if isinstance(value, list) else value for name, value in data.items()}


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions in signed cookies, with one serializer for all requests."""

    def __init__(self, app: Flask) -> None:
        plain = super().get_signing_serializer(app)
        assert plain is not None  # noqa: S101 (there is no application without a secret key)
        self._serializer = KnownCookies(
            plain.secret_keys, salt=plain.salt, serializer=plain.serializer, signer_kwargs=plain.signer_kwargs
        )

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:
        """The one that knows what it has read."""
        return self._serializer


class KnownTokens(CSRFProtect):  # type: ignore[misc]
    """Looks for the token where scripts put it before it looks for a form in the body: every save comes by here.

    The token that was issued or found good for a session's secret half is known, and found good again.
    """

    def __init__(self, app: Flask) -> None:
        self._good: Kept[str, str] = Kept(MOST)
        super().__init__(app)

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a request that changes something without the token of its session, or from another origin."""
        if self._is_known():
            g.csrf_valid = True
            return
        super().protect(apply_exemptions)
        sent = request.headers.get("X-CSRFToken")
        if sent and g.get("csrf_valid"):
            self._good.keep(session[SECRET_HALF], sent)

    def token(self) -> str:
        """A token for this session: the one that its browser has, where that is known."""
        token = self._good.get(session.get(SECRET_HALF, ""))
        if token is None:
            token = str(generate_csrf())
            self._good.keep(session[SECRET_HALF], token)
        return token

    def _is_known(self) -> bool:
        sent = request.headers.get("X-CSRFToken")
        known = self._good.get(session.get(SECRET_HALF, "")) if sent else None
        if not sent or not known or not hmac.compare_digest(sent.encode(), known.encode()):
            return False
        return not request.is_secure or same_origin(request.referrer or "", f"https://{request.host}/")

    def _get_csrf_token(self) -> str | None:
        return request.headers.get("X-CSRFToken") or super()._get_csrf_token()


def token_of_session() -> str:
    """A token for scripts of this session, to be sent in the header ``X-CSRFToken``."""
    tokens: KnownTokens = current_app.extensions["csrf"]
    return tokens.token()
