"""Pages whose middle is asked for again every few seconds: an unchanged one costs a line, a changed one is sent whole."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, make_response, render_template, request

from core.clock import clock, to_milliseconds

Context = Callable[[], Mapping[str, Any]]


def live_page(page: str, fragment: str, key: object, context: Context) -> Response:
    """The page, or with ``?live=1`` its fragment, or 304 when the caller has this state of it already.

    ``key`` names the state; it is compared before ``context`` is asked. Every answer carries the server's time.
    """
    etag = hashlib.sha256(repr((fragment, key, request.cookies.get("language", "zh"))).encode()).hexdigest()[:24]
    asked_again = "live" in request.args
    if asked_again and request.if_none_match.contains_weak(etag):
        answer = make_response("", 304)
    else:
        answer = make_response(render_template(fragment if asked_again else page, live_etag=etag, **context()))
    answer.set_etag(etag)
    answer.headers["X-Server-Time"] = str(to_milliseconds(clock.now()))
    return answer
