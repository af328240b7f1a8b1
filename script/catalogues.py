"""The English catalogue of the interface, whose source texts are Chinese.

.venv/bin/python script/catalogues.py update   collect the texts of code and templates into the catalogue
.venv/bin/python script/catalogues.py check    fail if a text lacks its English, or holds other placeholders
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "translations"
ENGLISH = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
SOURCES = ("core", "question_bank", "exam", "grading", "templates", "wsgi.py")


def pybabel(*arguments: str | Path) -> None:
    subprocess.run([Path(sys.executable).with_name("pybabel"), "-q", *arguments], cwd=ROOT, check=True)


def extract(template: Path) -> None:
    """Collect the texts; without places and dates, which would change with every edit."""
    sources = [name for name in SOURCES if (ROOT / name).exists()]
    options = ("--no-location", "--sort-output", "--project=hengjian", "--version=1")
    pybabel("extract", "-F", "pyproject.toml", "-k", "lazy", *options, "-o", template, *sources)


def update(template: Path) -> int:
    if ENGLISH.exists():
        options = ("--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date")
        pybabel("update", "-i", template, "-d", TRANSLATIONS, "-l", "en", "-w", "120", *options)
    else:
        pybabel("init", "-i", template, "-d", TRANSLATIONS, "-l", "en", "-w", "120")
    untranslated = lacking(read(template), read(ENGLISH, "en"))
    print(f"{ENGLISH.relative_to(ROOT)}: {len(untranslated)} texts without English")
    return 0


def check(template: Path) -> int:
    texts = [message for message in read(template) if message.id]
    if not ENGLISH.exists():
        print(f"There is no {ENGLISH.relative_to(ROOT)}; script/catalogues.py update makes it.", file=sys.stderr)
        return 0 if not texts or not TRANSLATIONS.exists() else 1
    english = read(ENGLISH, "en")
    problems = [f"without English: {message.id}" for message in lacking(read(template), english)]
    problems += [
        f"other placeholders in English: {message.id}" for message in english if not same_placeholders(message)
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def lacking(template: Catalog, english: Catalog) -> list[Message]:
    """The texts in use whose English is missing, incomplete or marked as uncertain."""
    found = []
    for message in template:
        if not message.id:
            continue
        translated = english.get(message.id)
        texts = translated.string if translated else ()
        complete = all(texts) if isinstance(texts, (list, tuple)) else bool(texts)
        if not texts or not complete or (translated and translated.fuzzy):
            found.append(message)
    return found


def same_placeholders(message: Message) -> bool:
    """Whether every form of the English holds exactly the placeholders of the Chinese."""
    source = message.id if isinstance(message.id, str) else message.id[-1]
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return not source or all(
        set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(source)) for text in texts if text
    )


def read(path: Path, locale: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def main() -> int:
    commands = {"update": update, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        return commands[sys.argv[1]](template)


if __name__ == "__main__":
    sys.exit(main())
