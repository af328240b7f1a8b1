"""Items in running text, as Chinese question banks are written: lines in, a report out. Pure.

`layout_lines` knows the marks of numbers and options, `layout_fields` 答案：and its like, `layout_headings` the titles,
`layout_keys` lists of keys; `layout_walk` divides the lines among items, `layout_keylist` gives each item its key, and
`layout_items` makes of a block of lines an item of the report. Each line belongs to an item, a heading or a list of
keys, or is named in a problem.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest

from question_bank.formats.cells import CellError, hundredths
from question_bank.formats.layout_blocks import Section, shows_item
from question_bank.formats.layout_fields import segments
from question_bank.formats.layout_headings import heading_of, is_page_mark
from question_bank.formats.layout_items import BlockReader
from question_bank.formats.layout_keylist import KeyZone, assign
from question_bank.formats.layout_keys import by_parts
from question_bank.formats.layout_lines import Line, clean, flattened, number_of, option_marks
from question_bank.formats.layout_looks import with_looks
from question_bank.formats.layout_media import Shown, with_pictures
from question_bank.formats.layout_state import Document
from question_bank.formats.layout_walk import Walker
from question_bank.formats.report import Problem, Report

MAX_LINES = 200_000


def read_layout(
    lines: Sequence[Line], format_name: str, keys: Iterable[KeyZone] = (), media: Sequence[Shown] = ()
) -> Report:
    """Return the report of a document. `keys` are lists of keys from other files, for the items that it holds; `media`
    the pictures and tables that its lines name by number."""
    report = Report(format_name)
    if len(lines) > MAX_LINES:
        return Report.unreadable(
            format_name, f"文件有 {len(lines)} 行，超过上限 {MAX_LINES} 行", "拆成几个文件分别导入"
        )
    lines = _cleaned(lines, report)
    lines, repeated = _without_running_heads(lines)
    document = Walker(by_parts(lines)).run()
    document.furniture.extend(repeated)
    for zone in document.zones:
        report.problems.extend(assign(zone))
    for zone in keys:
        zone.scope = document.sections
        report.problems.extend(_of_other_file(problem, zone.filename) for problem in assign(zone))
    own = _lines_of_blocks(lines, document) if any(line.looks for line in lines) else {}
    for section in document.sections:
        _read_section(section, report, media, own)
    report.problems.extend(document.problems)
    _tell_leftovers(document, report)
    return report


def tell_if_empty(report: Report, anything: bool) -> Report:
    """Say so where a file gave no items and no error tells why; `anything` is whether it holds any text."""
    if not report.items and not report.errors:
        reason = "没有找到试题" if anything else "文件是空的"
        mend = "每题写明题号、题干、选项和答案，例如“1. …（　）A.… B.… 答案：A”"
        report.problems.insert(0, Problem("file", "", "error", reason, mend))
    return report


def read_keys(lines: Sequence[Line]) -> KeyZone | None:
    """Return the keys of a file that holds nothing but keys by number, None for any other file."""
    zone = KeyZone("file", (), lasting=True)
    seen = [replace(line, text=clean(line.text)[0]) for line in lines[:MAX_LINES]]
    seen = [line for line in by_parts(seen) if not line.blank and not is_page_mark(line.flat)]
    skip = False
    for line, below in zip_longest(seen, seen[1:]):
        if skip:
            skip = False
        elif below is not None and zone.take_rows(line, below):
            skip = True
        elif _shows_options(line.flat):
            return None
        else:
            zone.take(line)
    zone.finish()
    items = any(_shows_options(flattened(entry.text)) for entry in zone.entries)
    return zone if zone.entries and not items else None


def _shows_options(flat: str) -> bool:
    """Whether a text holds an option with words of its own before the next: A. 甲 B. 乙, yet not the key A、B."""
    marks = option_marks(flat)
    return len(marks) > 1 and bool(flat[marks[0].end : marks[1].start].strip())


def _of_other_file(problem: Problem, filename: str) -> Problem:
    kind, _, number = problem.ref.partition(" ")
    words = {"line": f"第 {number} 行", "row": f"第 {number} 行", "paragraph": f"第 {number} 段"}.get(kind, "")
    return replace(problem, ref="file", reason=f"答案文件 {filename} {words}：{problem.reason}")


def _cleaned(lines: Sequence[Line], report: Report) -> list[Line]:
    found: list[Line] = []
    told = 0
    for line in lines:
        text, dropped = clean(line.text)
        found.append(line if text == line.text else replace(line, text=text))
        told += dropped
        if dropped and told <= 20:
            reason = "含有不可见的控制字符，已去掉"
            report.problems.append(Problem(line.ref, "", "warning", reason, "核对这一处的文字"))
    return found


def _without_running_heads(lines: list[Line]) -> tuple[list[Line], list[str]]:
    """Leave out the title where printing repeats it at the head of each page."""
    titles = [line.text.strip() for line in [line for line in lines if not line.blank][:3]]
    counts = Counter(line.text.strip() for line in lines)
    repeated = {title for title in titles if counts[title] >= 3 and _may_be_head(title)}
    # Behind or before a page number wherever it stands, but for once.
    beside: Counter[str] = Counter()
    for pair in pairwise(lines):
        for mark, neighbour in (pair, pair[::-1]):
            beside[neighbour.text.strip()] += is_page_mark(mark.flat)
    for text, times in beside.items():
        least = 1 if text in titles else 2
        if times >= max(least, counts[text] - 1) and counts[text] >= 2 and _may_be_head(text):
            repeated.add(text)
    kept: list[Line] = []
    left: list[str] = []
    seen: set[str] = set()
    for line in lines:
        text = line.text.strip()
        if text in repeated and text in seen:
            left.append(line.ref)
        else:
            kept.append(line)
        seen.add(text)
    return kept, left


def _may_be_head(text: str) -> bool:
    """Whether a text bears no mark of an item, a heading or a field, and is of the length of a title."""
    line = Line("", text)
    return 4 <= len(text) <= 60 and not (
        shows_item(line)
        or number_of(line.flat)
        or option_marks(line.flat)
        or heading_of(line.flat)
        or segments(text, line.flat)[0].field != "text"
    )


def _lines_of_blocks(lines: Sequence[Line], document: Document) -> dict[str, Sequence[Line]]:
    """The lines from where each item begins to where the next one does, by the item's ref."""
    first: dict[str, int] = {}
    for at, line in enumerate(lines):
        first.setdefault(line.ref, at)
    starts = sorted(
        {first[block.ref] for section in document.sections for block in section.blocks if block.ref in first}
    )
    return {lines[at].ref: lines[at:end] for at, end in zip_longest(starts, starts[1:])}


def _read_section(
    section: Section, report: Report, media: Sequence[Shown], lines: Mapping[str, Sequence[Line]]
) -> None:
    points = _points_of(section)
    for block in section.blocks:
        reader = BlockReader(block, points)
        item = reader.read()
        report.problems.extend(reader.problems)
        for read, kept in ((item, report.items), (reader.unfinished, report.unfinished)):
            if read is not None:
                looking = with_looks(read, lines.get(block.ref, ()))
                shown, lost = with_pictures(looking, media) if media else (looking, [])
                kept.append(shown)
                report.problems.extend(lost)


def _points_of(section: Section) -> int | None:
    """Return the points of one item of a section: stated for each, or the total divided by the number of items."""
    heading = section.heading
    each = heading.each
    if each is None and heading.total is not None and heading.each_blank is None:
        count = heading.count or (1 if len(section.blocks) == 1 else None)
        each = heading.total / count if count else None
    try:
        return None if each is None else hundredths(each, str(each))
    except CellError:
        return None


def _tell_leftovers(document: Document, report: Report) -> None:
    if document.furniture:
        reason = f"{_places(document.furniture)}是页码、页眉之类，没有导入"
        report.problems.append(Problem(document.furniture[0], "", "warning", reason, "核对这些地方没有试题的内容"))
    if document.ignored:
        reason = f"{_places(document.ignored)}写着作答、得分或出题人，没有导入"
        report.problems.append(Problem(document.ignored[0], "其他", "warning", reason, "核对后不需要改动"))
    for line, count in _runs(document.strays):
        shown = " ".join(line.text.split())[:30]
        more = f"等 {count} 处" if count > 1 else ""
        reason = f"“{shown}”{more}看不出属于哪一题，没有导入"
        mend = "若是试题，写上题号、选项和答案；若不是，删去"
        report.problems.append(Problem(line.ref, "", "warning", reason, mend))


def _runs(strays: Sequence[Line]) -> list[tuple[Line, int]]:
    """Lines that follow each other are named once."""
    runs: list[tuple[Line, int]] = []
    previous = -2
    for line in strays:
        number = int(line.ref.rpartition(" ")[2] or 0) if line.ref.rpartition(" ")[2].isdecimal() else -2
        if runs and number - previous in (0, 1, 2):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((line, 1))
        previous = number
    return runs


def _places(refs: Sequence[str]) -> str:
    numbers = [ref.rpartition(" ")[2] for ref in refs]
    word = "段" if refs[0].startswith("paragraph") else "行"
    more = f"等 {len(numbers)} " if len(numbers) > 10 else ""
    return f"第 {'、'.join(numbers[:10])} {more}{word}"
