"""Scripts and stylesheets joined to one: what each says stays, how they name each other changes."""

import gzip
import os
import time

import pytest

from core.settings import REPOSITORY
from core.web import joining
from core.web.joining import joined

STATIC = REPOSITORY / "static"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes files below a folder of static files; gives what a joined name stands for at the next second."""
    seconds = iter(range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))

    def write(name, **files):
        for path, text in files.items():
            place = tmp_path / path.replace("__", "/").replace("_dot_", ".")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        return joined(str(tmp_path), name)

    yield write
    joining._joined.cache_clear()
    joining._last_change.cache_clear()


def test_a_stylesheet_stands_behind_what_it_imports_and_each_stands_once(written):
    page = written(
        "css/page.joined.css",
        css__page_dot_css='/* All. */\n@import "a.css";\n@import "b.css";\n.page {}\n',
        css__a_dot_css="/* Of\n   two lines. */\n.a { width: 1px; /* kept */ }\n",
        css__b_dot_css='@import "a.css";\n.b {\n  width:\t1px;\n}\n',
    )
    assert page.plain.decode() == ".a { width: 1px; /* kept */ }\n.b {\nwidth:\t1px;\n}\n.page {}\n"
    assert gzip.decompress(page.packed) == page.plain


def test_a_module_takes_from_the_others_what_it_names(written):
    page = written(
        "js/page/main.joined.js",
        js__page__main_dot_js='// The page.\n\nimport { one as first, Two } from "./parts.js";\nimport "../other.js";\nrun(first, Two);\n',
        js__page__parts_dot_js="export const one = 1;\nconst own = 2;\nexport async function three() {}\nexport class Two {}\n",
        js__other_dot_js="window.other = true;\n",
    )
    text = page.plain.decode()
    assert "const {first, Two}" not in text
    assert "const { one: first, Two } = module0;" in text
    assert "return { one, three, Two };" in text
    assert text.index("window.other") < text.index("run(first, Two)")
    assert "import" not in text
    assert "export" not in text
    assert "// The page." not in text


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        "export let changing = 1;",
        "export { a };",
        'import * as all from "./a.js";',
        'import a from "./a.js";',
        "import { a } from './a.js';",
        "say(`first\n  second`);",
        "say(`whole`, `first\n  second`);",
        "say('first\\\n  second');",
    ],
)
def test_a_form_that_cannot_be_joined_is_named(written, line):
    with pytest.raises(ValueError, match=r"main\.js cannot be joined: (import|export|say)"):
        written("js/main.joined.js", js__main_dot_js=f"{line}\n", js__a_dot_js="export const a = 1;\n")


def test_a_circle_of_imports_is_named(written):
    with pytest.raises(ValueError, match=r"main\.js cannot be joined: it imports itself by way of a\.js"):
        written("js/main.joined.js", js__main_dot_js='import "./a.js";\n', js__a_dot_js='import "./main.js";\n')


@pytest.mark.parametrize(
    "name",
    [
        "css/page.css",
        "css/none.joined.css",
        "css/../css/page.joined.css",
        "img/page.joined.svg",
        "css/page.joined.js",
        "",
    ],
)
def test_other_names_stand_for_nothing(written, name):
    assert written(name, css__page_dot_css=".a {}\n") is None


def test_a_changed_part_changes_the_whole_and_its_digest(written, tmp_path):
    before = written("css/page.joined.css", css__page_dot_css='@import "a.css";\n', css__a_dot_css=".a {}\n")
    later = time.time_ns() + 10**9
    (tmp_path / "css/a.css").write_text(".b {}\n")
    os.utime(tmp_path / "css/a.css", ns=(later, later))
    after = written("css/page.joined.css")
    assert after.plain == b".b {}\n"
    assert after.digest != before.digest


def test_every_script_and_stylesheet_of_ours_can_be_joined():
    files = [path for kind in ("js", "css") for path in (STATIC / kind).rglob(f"*.{kind}")]
    assert len(files) > 50
    for path in files:
        name = path.relative_to(STATIC).with_suffix(f".joined{path.suffix}")
        assert joined(str(STATIC), str(name)), name
