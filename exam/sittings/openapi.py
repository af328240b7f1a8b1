"""The description of the sitting's endpoints, OpenAPI 3.1."""

from typing import Any

from exam.leaving.rules import KINDS, LONGEST_SECONDS, MOST_EVENTS, MOST_KEPT

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}
INSTANT: dict[str, Any] = {"type": "string", "format": "date-time"}
DIGEST: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
SITTING_STATE = {"enum": ["registered", "admitted", "open", "paused", "closed"]}
ERROR_CODES = [
    "late",
    "closed",
    "paused",
    "not_open",
    "other_device",
    "signed_out",
    "csrf",
    "conflict",
    "unknown_slot",
    "bad_response",
    "too_large",
    "safe_browser",
    # Not of the sitting itself: the sign-in, what is not there, and bodies of another shape.
    "wrong_credentials",
    "locked_out",
    "not_found",
    "bad_input",
]


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _refers(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answers(schema: dict[str, Any], description: str, **others: str) -> dict[str, Any]:
    refused = {"description": "Refused; nothing was stored that counts.", "content": _json(_refers("Error"))}
    answers: dict[str, Any] = {"200": {"description": description, "content": _json(schema)}}
    answers |= {status: {"description": text} for status, text in others.items()}
    return answers | dict.fromkeys(("400", "401", "403", "404", "409", "413", "422", "429"), refused)


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _call(summary: str, body: dict[str, Any] | None, answers: dict[str, Any]) -> dict[str, Any]:
    call: dict[str, Any] = {"summary": summary, "responses": answers}
    if body is not None:
        call["requestBody"] = {"required": True, "content": _json(body)}
        call["parameters"] = [{"name": "X-CSRFToken", "in": "header", "required": True, "schema": TEXT}]
    return call


RESPONSE = {
    "type": "array",
    "items": {"anyOf": [TEXT, {"type": "array"}]},
    "description": "Choice: displayed letters. true_false: ['true'] or ['false']. fill_blank: one text per blank. "
    "numeric, short_answer, essay: one text. matching: pairs [left, right] of labels. ordering: all labels in order. "
    "case: one response per part, [] for an unanswered one. []: withdrawn.",
}

SCHEMAS = {
    "Error": _object(
        {
            "error": _object(
                {"code": {**TEXT, "examples": ERROR_CODES}, "message": TEXT, "retry": {"type": "boolean"}},
                {
                    "digest": DIGEST,
                    "exam_session": {**NUMBER, "description": "With safe_browser: the session that asks for it."},
                    "held": {
                        "type": "object",
                        "description": "With conflict on submission: the final step that the server holds, by slot.",
                        "additionalProperties": _object({"binding": NUMBER, "seq": NUMBER}),
                    },
                },
            )
        }
    ),
    "SignedIn": _object(
        {
            "candidate": NUMBER,
            "exams": _list(
                _object(
                    {
                        "exam": NUMBER,
                        "title": TEXT,
                        "sitting": NUMBER,
                        "state": SITTING_STATE,
                        "opens_at": INSTANT,
                        "closes_at": INSTANT,
                        "commitment": {**TEXT, "description": "The text to be signed; its SHA-256 (UTF-8) begins."},
                    }
                )
            ),
        }
    ),
    "Slot": _object(
        {"slot": TEXT, "type": TEXT, "points": TEXT},
        {
            "options": _list(TEXT),
            "blanks": NUMBER,
            "left": _list(TEXT),
            "right": _list(TEXT),
            "most": {**NUMBER, "description": "The most characters that a text may have."},
            "parts": {"type": "array", "description": "Of a case: its parts, told as slots are."},
        },
    ),
    "Sitting": _object(
        {
            "state": SITTING_STATE,
            "server_time": INSTANT,
            "deadline": {"anyOf": [INSTANT, {"type": "null"}]},
            "grace_seconds": NUMBER,
            "binding": NUMBER,
            "acknowledged": NUMBER,
            "sitting": NUMBER,
            "paper": {"anyOf": [DIGEST, {"type": "null"}]},
            "nonce": {"type": ["string", "null"]},
            "slots": _list(_refers("Slot")),
            "answers": {
                "type": "object",
                "additionalProperties": _object({"response": RESPONSE, "binding": NUMBER, "seq": NUMBER}),
            },
        }
    ),
    "Steps": _object(
        {
            "binding": {**NUMBER, "minimum": 1},
            "steps": {
                **_list(_object({"seq": {**NUMBER, "minimum": 1}, "slot": TEXT, "response": RESPONSE}, {"at": TEXT})),
                "maxItems": 200,
            },
        }
    ),
    "Saved": _object(
        {
            "acknowledged": NUMBER,
            "rejected": _list(_object({"seq": NUMBER, "code": TEXT})),
            "server_time": INSTANT,
            "deadline": INSTANT,
            "state": SITTING_STATE,
        }
    ),
    "Events": _object(
        {
            "page": {
                **TEXT,
                "pattern": "^[0-9a-z]{8,32}$",
                "description": "A name of the client's own; numbers count in it.",
            },
            "events": {
                **_list(
                    _object(
                        {
                            "number": {**NUMBER, "minimum": 1, "description": "Stored once, however often it is sent."},
                            "kind": {"enum": list(KINDS)},
                            "at": {**INSTANT, "description": "By the server's clock, as the client knows it."},
                        },
                        {
                            "seconds": {
                                "type": ["integer", "null"],
                                "minimum": 0,
                                "maximum": LONGEST_SECONDS,
                                "description": "How long it lasted; asked for with hidden, blur and fullscreen.",
                            }
                        },
                    )
                ),
                "maxItems": MOST_EVENTS,
            },
        }
    ),
    "EventsTaken": _object(
        {"rejected": _list(_object({"number": NUMBER, "code": TEXT})), "server_time": INSTANT},
    ),
    "Receipt": _object(
        {
            "receipt": _object(
                {
                    "code": TEXT,
                    "digest": DIGEST,
                    "nonce": TEXT,
                    "received_at": INSTANT,
                    "closed_by": {"enum": ["candidate", "clock", "invigilator"]},
                }
            )
        }
    ),
}

SITTING_ID = {"name": "id", "in": "path", "required": True, "schema": NUMBER}
BEGIN = _object(
    {}, {"commitment": {**DIGEST, "description": "SHA-256 of the commitment's text; absent if signed before"}}
)
SIGN_IN = _object({"admission_number": TEXT, "ticket_code": TEXT})
HAND_IN = _object({"digest": DIGEST}, {"final": {"type": "boolean", "description": "Nothing more can be supplied."}})

DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "衡鉴 · sitting",
        "version": "1",
        "description": "Session cookie, and the header X-CSRFToken from GET /api/v1/csrf; fetch it anew after signing in. "
        "Where a session asks for Safe Exam Browser, every call carries its X-SafeExamBrowser-ConfigKeyHash (and "
        "-RequestHash), or X-Safe-Browser-Page with the keys that its page read; 403 safe_browser otherwise.",
    },
    "paths": {
        "/api/v1/csrf": {"get": _call("The CSRF token", None, _answers(_object({"token": TEXT}), "The token"))},
        "/api/v1/sign-in": {
            "post": _call(
                "Sign in with admission number and ticket code",
                SIGN_IN,
                _answers(_refers("SignedIn"), "Signed in; 429: locked after too many failures"),
            )
        },
        "/api/v1/sittings/{id}/start": {
            "parameters": [SITTING_ID],
            "post": _call("Begin, or go on", BEGIN, _answers(_refers("Sitting"), "The sitting")),
        },
        "/api/v1/sittings/{id}": {
            "parameters": [SITTING_ID],
            "get": _call(
                "The sitting",
                None,
                _answers(_refers("Sitting"), "The sitting", **{"304": "Unchanged but for the time"}),
            ),
        },
        "/api/v1/sittings/{id}/answers": {
            "parameters": [SITTING_ID],
            "put": _call(
                "Save steps", _refers("Steps"), _answers(_refers("Saved"), "Stored, but for what is rejected")
            ),
        },
        "/api/v1/sittings/{id}/events": {
            "parameters": [SITTING_ID],
            "post": _call(
                f"Tell that the page was left, pasted into, printed; {MOST_KEPT} a sitting",
                _refers("Events"),
                _answers(_refers("EventsTaken"), "Kept, but for what is rejected (bad_input; too_large: no more room)"),
            ),
        },
        "/api/v1/sittings/{id}/submission": {
            "parameters": [SITTING_ID],
            "post": _call("Hand in", HAND_IN, _answers(_refers("Receipt"), "The receipt, always the same")),
        },
    },
    "components": {"schemas": SCHEMAS},
}
