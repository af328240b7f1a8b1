"""Reading a roster that somebody brings: row by row what was understood, what was not, and how to mend it.

Nothing here touches the database: what the exam already holds comes as ``Known``. Any error keeps the whole roster from
being imported; a warning asks to look again.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from core.exact import excerpt
from core.spreadsheet_headers import Header, find_header
from core.spreadsheets import Row, Sheet
from exam.candidates.rules import identity_fault, is_admission_number

COLUMNS = {
    "name": ("姓名", "考生姓名", "名字", "人员姓名", "name"),
    "unit": ("单位", "工作单位", "所在单位", "单位名称", "现工作单位", "工作部门", "部门", "unit"),
    "post": ("职务", "现任职务", "职务职级", "现任职务职级", "职级", "岗位", "单位及职务", "post"),
    "number": ("准考证号", "准考证", "准考证号码", "准考号", "考号", "考生号", "admission number"),
    "identity": ("身份证号", "身份证", "身份证号码", "公民身份号码", "居民身份证号", "居民身份证号码", "证件号码"),
    "session": ("场次", "考试场次", "场次名称", "批次", "session"),
    "room": ("考场", "考场号", "考场名称", "考室", "教室", "机房", "room"),
    "seat": ("座位号", "座位", "座号", "机位", "机位号", "seat"),
    "extra": ("加时", "加时分钟", "加时（分钟）", "延长时间", "延时", "延时分钟", "extra minutes"),
}
TITLES = {
    "name": "姓名",
    "unit": "单位",
    "post": "职务",
    "number": "准考证号",
    "identity": "身份证号",
    "session": "场次",
    "room": "考场",
    "seat": "座位号",
    "extra": "加时(分钟)",
}
LONGEST = {"name": 64, "unit": 200, "post": 200, "number": 32, "room": 100, "seat": 16}
MOST_EXTRA_MINUTES = 240
_BETWEEN_CJK = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


@dataclass(frozen=True)
class Problem:
    """One thing to mend (``error``) or to look at again (``warning``); ``row`` as Excel numbers it, None: the file."""

    row: int | None
    column: str
    severity: str
    reason: str
    mend: str
    value: str = ""
    duplicate: bool = False

    @property
    def tone(self) -> str:
        """How the review page shows it."""
        return "danger" if self.severity == "error" else "warning"

    def as_json(self) -> dict[str, str]:
        """In the shape that imports share: ref, column, severity, reason, mend."""
        ref = "file" if self.row is None else f"row {self.row}"
        return {
            "ref": ref,
            "column": self.column,
            "severity": self.severity,
            "reason": self.reason,
            "mend": self.mend,
        }


@dataclass(frozen=True)
class Entry:
    """One candidate as understood; an empty admission number is to be generated, an empty room is none."""

    row: int
    name: str
    unit: str = ""
    post: str = ""
    number: str = ""
    identity: str = ""
    session_id: int = 0
    room: str = ""
    seat: str = ""
    extra_seconds: int = 0


@dataclass(frozen=True)
class Known:
    """What the exam holds already. ``sessions``: id by name; ``rooms`` and ``seats`` by session id."""

    today: date
    sessions: Mapping[str, int]
    rooms: Mapping[int, Sequence[str]] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()
    seats: frozenset[tuple[int, str, str]] = frozenset()  # (session id, room name, seat)
    people: frozenset[tuple[str, str]] = frozenset()  # (name, unit)


@dataclass(frozen=True)
class Wishes:
    """What the organizer chose: generate the numbers that are missing; the session of rows that name none."""

    generate_numbers: bool = False
    session_id: int | None = None


@dataclass(frozen=True)
class Roster:
    """The whole report of a dry run."""

    read: int
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    new_rooms: tuple[tuple[int, str], ...] = ()
    ignored_columns: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the roster from being imported."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def faulty_rows(self) -> int:
        """How many rows have an error."""
        return len({problem.row for problem in self.errors if problem.row is not None})

    @property
    def duplicate_rows(self) -> int:
        """How many rows repeat a number or a person, in the file or on the roster."""
        return len({problem.row for problem in self.problems if problem.duplicate})

    @property
    def may_be_imported(self) -> bool:
        """Whether there is somebody to import and nothing in the way."""
        return bool(self.entries) and not self.errors


def read_roster(sheet: Sheet, known: Known, wishes: Wishes) -> Roster:
    """Return what a sheet says about candidates, checked against what the exam holds."""
    header = find_header(sheet, COLUMNS)
    if header is None or "name" not in header.columns:
        reason = "前 30 行里没有找到表头（至少要有“姓名”和另一列）"
        mend = "下载名单模板，把内容粘贴进去；或在第一行写上：姓名、单位、职务、准考证号、身份证号"
        return Roster(0, (), (Problem(None, "表头", "error", reason, mend),))
    problems = _header_problems(header, wishes)
    if problems:
        return Roster(len(header.body), (), tuple(problems))
    reader = _Reader(header, known, wishes)
    for row in header.body:
        reader.read(row)
    reader.problems += _damaged_cells(sheet, header)
    order = sorted(reader.problems, key=lambda problem: (problem.severity != "error", problem.row or 0))
    bad = {problem.row for problem in order if problem.severity == "error"}
    entries = tuple(entry for entry in reader.entries if entry.row not in bad)
    if not header.body:
        order = [Problem(None, "", "error", "表头下面没有任何考生", "在表头下面逐行填写考生后重新上传")]
    return Roster(len(header.body), entries, tuple(order), tuple(reader.new_rooms(entries)), header.unknown)


def _header_problems(header: Header, wishes: Wishes) -> list[Problem]:
    found = []
    if "number" not in header.columns and not wishes.generate_numbers:
        found.append(
            Problem(
                header.last_row,
                TITLES["number"],
                "error",
                "没有“准考证号”这一列",
                "补上这一列，或在上传时选择“由系统编排准考证号”",
            )
        )
    for name in header.repeated:
        reason = f"“{excerpt(name)}”与前面的列重复，不知道该用哪一列"
        found.append(Problem(header.last_row, excerpt(name), "error", reason, "删除多余的一列，或改掉它的表头"))
    return found


def _damaged_cells(sheet: Sheet, header: Header) -> list[Problem]:
    """What the reading of the file found in the columns that we use: numbers that Excel has damaged, for one."""
    used = set(header.columns.values())
    first = header.last_row
    return [
        Problem(one.row, header.name_of(one.column), one.severity, one.reason, one.mend)
        for one in sheet.problems
        if one.column in used and one.row > first
    ]


class _Reader:
    """Goes through the rows, remembering what stood above."""

    def __init__(self, header: Header, known: Known, wishes: Wishes) -> None:
        self.header, self.known, self.wishes = header, known, wishes
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self._seen: dict[tuple[str, ...], int] = {}
        self._session_names = {plain(name): session_id for name, session_id in known.sessions.items()}
        self._rooms = {(session, plain(name)): name for session, names in known.rooms.items() for name in names}
        self._people = Counter(known.people)

    def read(self, row: Row) -> None:
        """Understand one row; what is wrong with it is added to the problems."""
        text = {name: plain(row.cell(self.header.columns.get(name))) for name in COLUMNS}
        text["name"] = _BETWEEN_CJK.sub("", text["name"])
        text["number"] = text["number"].upper().replace(" ", "")
        text["identity"] = text["identity"].upper().replace(" ", "")
        if not text["name"]:
            self._error(row, "name", "没有姓名", "补上姓名，或删除这一行")
        for name, longest in LONGEST.items():
            if len(text[name]) > longest:
                self._error(row, name, f"超过 {longest} 个字", "缩短后重新上传", text[name])
        self._check_number(row, text["number"])
        self._check_identity(row, text["identity"])
        session_id = self._session(row, text["session"])
        room = self._rooms.get((session_id, text["room"]), text["room"])
        self._check_seat(row, session_id, room, text["seat"])
        self._check_person(row, text["name"], text["unit"])
        self.entries.append(
            Entry(
                row=row.number,
                name=text["name"],
                unit=text["unit"],
                post=text["post"],
                number=text["number"],
                identity=text["identity"],
                session_id=session_id,
                room=room,
                seat=text["seat"],
                extra_seconds=self._extra(row, text["extra"]),
            )
        )

    def new_rooms(self, entries: Sequence[Entry]) -> list[tuple[int, str]]:
        """The rooms that the entries name and the exam does not have yet, in the order of the file."""
        wanted = dict.fromkeys((entry.session_id, entry.room) for entry in entries if entry.room)
        return [pair for pair in wanted if (pair[0], plain(pair[1])) not in self._rooms]

    def _error(self, row: Row, column: str, reason: str, mend: str, value: str = "") -> None:
        self._say(row, column, "error", reason, mend, value)

    def _say(self, row: Row, column: str, severity: str, reason: str, mend: str, value: str = "") -> None:
        name = self.header.names.get(column, TITLES[column])
        self.problems.append(Problem(row.number, name, severity, reason, mend, excerpt(value)))

    def _repeats(self, row: Row, column: str, reason: str, mend: str, value: str = "") -> None:
        self._error(row, column, reason, mend, value)
        self.problems[-1] = replace(self.problems[-1], duplicate=True)

    def _above(self, row: Row, *key: str) -> int | None:
        """The row above that said the same; None for the first."""
        first = self._seen.setdefault(key, row.number)
        return None if first == row.number else first

    def _check_number(self, row: Row, number: str) -> None:
        if not number:
            if not self.wishes.generate_numbers:
                mend = "补上准考证号，或在上传时选择“由系统编排准考证号”"
                self._error(row, "number", "没有准考证号", mend)
            return
        if not is_admission_number(number):
            mend = "准考证号用 4 至 32 位数字、字母，中间可有短横线"
            self._error(row, "number", "准考证号格式不对", mend, number)
            return
        above = self._above(row, "number", number)
        if above is not None:
            self._repeats(row, "number", f"准考证号与第 {above} 行重复", "核对后改正其中一个", number)
        elif number in self.known.numbers:
            mend = "核对是否已导入过这名考生；如是，删除这一行"
            self._repeats(row, "number", "准考证号已在这场考试的名单里", mend, number)

    def _check_identity(self, row: Row, identity: str) -> None:
        if not identity:
            return
        fault = identity_fault(identity, self.known.today)
        if fault:
            # The number itself is not repeated on the page: it is personal, and the row says where it stands.
            self._error(row, "identity", f"身份证号{fault}", "对照证件核对后改正，或留空")
            return
        above = self._above(row, "identity", identity)
        if above is not None:
            self._repeats(row, "identity", f"身份证号与第 {above} 行相同", "同一人只能有一行，核对后删除或改正")
        elif identity in self.known.identities:
            self._repeats(row, "identity", "身份证号已在这场考试的名单里", "核对是否已导入过这名考生；如是，删除这一行")

    def _session(self, row: Row, name: str) -> int:
        if name:
            if name in self._session_names:
                return self._session_names[name]
            mend = "改成这场考试已有的场次：" + "、".join(self.known.sessions)
            self._error(row, "session", "没有这个场次", mend, name)
            return 0
        if self.wishes.session_id is not None:
            return self.wishes.session_id
        if len(self.known.sessions) == 1:
            return next(iter(self.known.sessions.values()))
        mend = "写明场次（" + "、".join(self.known.sessions) + "），或在上传时选择一个场次"
        self._error(row, "session", "没有写场次", mend)
        return 0

    def _check_seat(self, row: Row, session_id: int, room: str, seat: str) -> None:
        if not seat or not session_id:
            return
        if not room:
            self._error(row, "seat", "有座位号而没有考场", "补上考场，或去掉座位号", seat)
            return
        above = self._above(row, "seat", str(session_id), room, seat)
        if above is not None:
            self._error(row, "seat", f"与第 {above} 行同一考场同一座位", "核对后改正其中一个", f"{room} {seat}")
        elif (session_id, room, seat) in self.known.seats:
            self._error(row, "seat", "这个座位已经有考生", "换一个座位号", f"{room} {seat}")

    def _check_person(self, row: Row, name: str, unit: str) -> None:
        if not name:
            return
        above = self._above(row, "person", name, unit)
        if above is not None:
            self._say(row, "name", "warning", f"与第 {above} 行同名同单位", "核对是不是同一人；如是，删除一行", name)
        elif (name, unit) in self._people:
            self._say(row, "name", "warning", "名单里已有同名同单位的考生", "核对是不是同一人；如是，删除这一行", name)

    def _extra(self, row: Row, text: str) -> int:
        digits = text.removesuffix("分钟").removesuffix("分").strip()
        digits = digits.removesuffix(".0")
        if not digits:
            return 0
        if not (digits.isascii() and digits.isdigit()) or int(digits) > MOST_EXTRA_MINUTES:
            mend = f"写 0 至 {MOST_EXTRA_MINUTES} 的整数，单位是分钟"
            self._error(row, "extra", "加时不是合理的分钟数", mend, text)
            return 0
        return int(digits) * 60


def plain(text: str) -> str:
    """Half-width forms, single blanks, nothing around."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def check_one(texts: Mapping[str, str], known: Known) -> tuple[Entry, list[tuple[str, str]]]:
    """One candidate typed by hand, under the same checks; faults are (field, sentence). A missing number is generated."""
    names = list(COLUMNS)
    header = Header({name: at for at, name in enumerate(names)}, TITLES, (), (), 0, ())
    reader = _Reader(header, known, Wishes(generate_numbers=True))
    reader.read(Row(0, tuple(texts.get(name, "") for name in names)))
    fields = {title: name for name, title in TITLES.items()}
    faults = [(fields[one.column], f"{one.reason}；{one.mend}。") for one in reader.problems if one.severity == "error"]
    return reader.entries[0], faults
