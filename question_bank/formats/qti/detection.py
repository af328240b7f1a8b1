"""Whether an XML file is QTI, by its first element."""

import re
from pathlib import Path

_HEAD = 8_192
_PROLOGUE = re.compile(rb"<\?.*?\?>|<!--.*?-->|<![^<>\[]*(?:\[.*?\]\s*)?>", re.DOTALL)
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:qti-)?(?:assessment[-A-Z]|questestinterop\b|manifest\b)")


def looks_like_qti(source: Path | str | bytes) -> bool:
    """Return whether the first element of a file is one of QTI (of version 1 too, which is then refused in words)."""
    if isinstance(source, bytes):
        head = source[:_HEAD]
    else:
        with Path(source).open("rb") as stream:
            head = stream.read(_HEAD)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "replace").encode()
    body = _PROLOGUE.sub(b"", head)
    start = re.search(rb"<[A-Za-z_]", body)
    return start is not None and _ROOT.match(body, start.start()) is not None
