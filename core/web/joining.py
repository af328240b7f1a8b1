"""A script or stylesheet with all that it imports in one answer: for pages that thousands open in the same minute.

``js/sitting/main.joined.js`` is ``js/sitting/main.js`` with its modules in it, ``css/sitting_page.joined.css`` is
``css/sitting_page.css`` with its stylesheets in it. Nothing is built beforehand: the files are served as they are too, and
are joined when the first browser asks. All that changes is how modules name each other; whole lines of comment stay
behind, and so does what indents the others.

Modules keep to a few forms, and ``ValueError`` names what does not: ``import { a, b as c } from "./other.js";`` and
``import "./other.js";`` at the start of a line, no circles, ``export`` before a function, a class or a const, no text that goes
on in the next line (in backticks, or behind a backslash).
"""

import gzip
import hashlib
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_NAME = re.compile(r"(js|css)/[\w/]+\.joined\.\1")
_IMPORT = re.compile(r'^@?import (?:\{([^}]*)\} from )?"([^"]+)";\n', re.M)
_EXPORT = re.compile(r"^export ((?:(?:async )?function|class|const) (\w+))", re.M)
_REMARKS = (re.compile(r"^[ \t]*//.*\n", re.M), re.compile(r"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*\n", re.M | re.S))
_INDENT = re.compile(r"^[ \t]+", re.M)
_OTHER_FORM = re.compile(r"^(?:@?import|export)\b.*|^[^`\n]*`(?:[^`\n]*`[^`\n]*`)*[^`\n]*$|^.*\\$", re.M)


@dataclass(frozen=True, slots=True)
class Joined:
    """The text as it is sent, the same compressed, and a digest that names it."""

    plain: bytes
    packed: bytes
    digest: str


def joined(static_folder: str, filename: str) -> Joined | None:
    """What a name stands for; None if it is no name of something joined."""
    if not _NAME.fullmatch(filename):
        return None
    path = Path(static_folder, filename.replace(".joined.", "."))
    folder = Path(static_folder, filename.partition("/")[0])
    return _joined(path, _last_change(folder, int(time.monotonic()))) if path.is_file() else None


@lru_cache(maxsize=4)
def _last_change(folder: Path, _second: int) -> int:
    """When a file of the folder last changed (ns), as of this second: every page asks several times."""
    return max(path.stat().st_mtime_ns for path in folder.rglob("*.*"))


@lru_cache(maxsize=64)
def _joined(path: Path, _last_change: int) -> Joined:
    parts: dict[Path, str] = {}
    _gather(path.resolve(), parts)
    text = _modules(parts) if path.suffix == ".js" else _IMPORT.sub("", "".join(parts.values()))
    other = _OTHER_FORM.search(text)
    if other:
        raise ValueError(f"{path.name} cannot be joined: {other.group()}")
    plain = _INDENT.sub("", text).encode()
    return Joined(plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:12])


def _gather(path: Path, parts: dict[Path, str], importing: tuple[Path, ...] = ()) -> None:
    """Add the text of a file, without its comments, behind the texts of the files that it imports."""
    if path in importing:
        raise ValueError(f"{path.name} cannot be joined: it imports itself by way of {importing[-1].name}")
    if path in parts:
        return
    text = path.read_text("utf-8")
    for remark in _REMARKS:
        text = remark.sub("", text)
    for _names, address in _IMPORT.findall(text):
        _gather((path.parent / address).resolve(), parts, (*importing, path))
    parts[path] = text


def _modules(parts: dict[Path, str]) -> str:
    """Each module as a function of its own that gives what it exports."""
    variable = {path: f"module{number}" for number, path in enumerate(parts)}
    made = []
    for path, text in parts.items():

        def taken(found: re.Match[str], path: Path = path) -> str:
            names, address = found.groups()
            other = variable[(path.parent / address).resolve()]
            return f"const {{{names.replace(' as ', ': ')}}} = {other};\n" if names else ""

        given = ", ".join(name for _declaration, name in _EXPORT.findall(text))
        body = _EXPORT.sub(r"\1", _IMPORT.sub(taken, text))
        made.append(f"const {variable[path]} = (() => {{\n{body}\nreturn {{ {given} }};\n}})();\n")
    return "".join(made)
