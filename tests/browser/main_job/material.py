"""What people bring: the items of the bank, the workbooks, the roster. Whatever is graded is computed here by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from openpyxl import Workbook

HEADINGS = ("题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "分值", "解析", "难度", "知识点",
            "法规名称", "版本", "条款", "原文摘录")  # fmt: skip
LAW, EDITION = "中华人民共和国公务员法", "2018年修订"
PRINCIPLE = ("第五条", "公务员的管理，坚持公开、平等、竞争、择优的原则，依照法定的权限、条件、标准和程序进行。")


@dataclass(frozen=True)
class Question:
    """An item as its author writes it; ``right`` holds the texts of the right options, or true/false, or the blanks."""

    kind: str
    stem: str
    options: tuple[str, ...]
    right: tuple[str, ...]
    citation: tuple[str, str] = ("", "")

    @property
    def row(self) -> tuple[str, ...]:
        """The item as a row of the workbook."""
        if self.kind == "填空题":
            answer = "；".join(self.right)
        elif self.kind == "判断题":
            answer = self.right[0]
        else:
            answer = "".join("ABCD"[self.options.index(text)] for text in self.right)
        options = (*self.options, "", "", "", "")[:4]
        law = (LAW, EDITION) if self.citation[0] else ("", "")
        return (self.kind, self.stem, *options, answer, "2", "见条文。", "中", "公务员管理", *law, *self.citation)


QUESTIONS = (
    Question("单选题", "公务员的管理，坚持（　　）的原则。", ("公开、平等、竞争、择优", "公开、公平、公正", "民主集中", "激励约束"),
             ("公开、平等、竞争、择优",), PRINCIPLE),
    Question("单选题", "公务员的任用，坚持（　　）的原则。", ("以德为先", "德才兼备、以德为先", "注重资历", "群众公认"),
             ("德才兼备、以德为先",)),
    Question("单选题", "中央公务员主管部门负责（　　）公务员的综合管理工作。", ("全国", "本级", "所属", "本系统"), ("全国",)),
    Question("单选题", "新录用的公务员试用期为（　　）。", ("三个月", "六个月", "一年", "二年"), ("一年",)),
    Question("单选题", "公务员定期考核的结果应当（　　）通知公务员本人。", ("口头", "以书面形式", "以电话形式", "不必"),
             ("以书面形式",)),
    Question("多选题", "公务员的考核方式包括（　　）。", ("平时考核", "专项考核", "定期考核", "随机抽签"),
             ("平时考核", "专项考核", "定期考核"),
             ("第三十六条", "公务员的考核分为平时考核、专项考核和定期考核等方式。")),
    Question("多选题", "对公务员的奖励坚持（　　）相结合的原则。", ("定期奖励与及时奖励", "精神奖励与物质奖励", "以精神奖励为主", "平均分配"),
             ("定期奖励与及时奖励", "精神奖励与物质奖励", "以精神奖励为主")),
    Question("判断题", "公务员可以在企业兼职并领取报酬。", (), ("错误",)),
    Question("判断题", "公务员职务、职级与级别是确定公务员工资以及其他待遇的依据。", (), ("正确",)),
    Question("填空题", "公务员领导职务实行____制、聘任制和任期制，其中机关任命的实行____。", (), ("选任", "委任制")),
    Question("判断题", "公务员辞去公职，应当向任免机关提出书面申请。", (), ("正确",),
             ("第八十五条", "公务员辞去公职，应当向任免机关提出书面申请。")),
)  # fmt: skip
# Published, but its citation is never verified: it must not get into a paper.
UNVERIFIED = QUESTIONS[-1]
BAD_ROW = (
    "单选题",
    "公务员法自哪一年起施行？",
    "2018年",
    "2019年",
    "2020年",
    "",
    "E",
    "2",
    "",
    "易",
    "公务员管理",
    "",
    "",
    "",
    "",
)


def workbook(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> bytes:
    """A workbook as somebody saves it in Excel."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "试题"
    sheet.append(list(headings))
    for row in rows:
        sheet.append([cell or None for cell in row])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def bank_file(*, faulty: bool) -> bytes:
    """The bank; the faulty one has a row whose answer names no option."""
    rows = [question.row for question in QUESTIONS]
    if faulty:
        rows.insert(3, BAD_ROW)
    return workbook(HEADINGS, rows)


def question_of(shown: str) -> Question:
    """The item whose stem is shown somewhere in a text; the gaps of a blank are numbered there."""
    plain = "".join(shown.split())
    return next(one for one in QUESTIONS if all("".join(part.split()) in plain for part in one.stem.split("____")))


@dataclass(frozen=True)
class Person:
    """Somebody on the roster."""

    number: str
    name: str
    unit: str
    post: str
    seat: str


ROOM = "第一考场"
PEOPLE = (
    Person("20260001", "沈一鸣", "市财政局", "预算科科长", "1"),
    Person("20260002", "陆二妹", "市审计局", "综合科副科长", "2"),
    Person("20260003", "顾三省", "市司法局", "法制科科长", "3"),
    Person("20260004", "秦四方", "市民政局", "救助科科长", "4"),
    Person("20260005", "许五常", "市水利局", "工程科副科长", "5"),
    Person("20260006", "何六合", "市交通局", "运输科科长", "6"),
    Person("20260007", "吕七星", "市教育局", "人事科科长", "7"),
)
BEST, PHONE_USER, MOVER, SLEEPER, FORCED, ABSENT, EXCUSED = PEOPLE
ROSTER_HEADINGS = ("姓名", "单位", "职务", "准考证号", "身份证号", "考场", "座位号")


def roster_file(*, faulty: bool) -> bytes:
    """The roster; the faulty one gives the third candidate the number of the second."""
    rows = []
    for person in PEOPLE:
        number = PHONE_USER.number if faulty and person is MOVER else person.number
        rows.append((person.name, person.unit, person.post, number, "", ROOM, person.seat))
    return workbook(ROSTER_HEADINGS, rows)


# ---- what comes out, computed by hand

# Four single choices of 10, two multiple choices of 15 (half for incomplete), two of 5, two blanks of 10 each.
PAPER = {
    BEST: "100.00",
    PHONE_USER: "57.50",  # 3 x 10 + 0; 7.50 incomplete + 0 with a wrong one; 2 x 5; one blank of two
    MOVER: "80.00",  # 4 x 10; 7.50 + 7.50 incomplete; 5 + 0; both blanks
    SLEEPER: "20.00",  # 2 x 10, the rest not answered
    FORCED: "25.00",  # 10 + 15, the rest not answered
}
# Marks in tenths of a point: the same for all five elements of 浙江 (weights 25, 25, 20, 15, 15; 10 is the greatest),
# and for 综合分析 (25) so many steps more or less by seat: 0, +1.25, -1.25, +2.50, -2.50, 0, +1.25 of 100. Without the
# highest (+2.50) and the lowest (-2.50) there remain 0 + 1.25 - 1.25 + 0 + 1.25 = 1.25 over five: +0.25.
MARKS = {BEST: 85, PHONE_USER: 70, MOVER: 60, SLEEPER: 75, FORCED: 80}
SEAT_STEPS = (0, 5, -5, 10, -10, 0, 5)
INTERVIEW = {BEST: "85.25", PHONE_USER: "70.25", MOVER: "60.25", SLEEPER: "75.25", FORCED: "80.25"}
# Half and half; every third decimal is a five and goes up.
COMPOSITE = {
    BEST: "92.63",  # (100.00 + 85.25) / 2 = 92.625
    PHONE_USER: "63.88",  # (57.50 + 70.25) / 2 = 63.875
    MOVER: "70.13",  # (80.00 + 60.25) / 2 = 70.125
    SLEEPER: "47.63",  # (20.00 + 75.25) / 2 = 47.625
    FORCED: "52.63",  # (25.00 + 80.25) / 2 = 52.625
}
PROPOSED = {
    BEST: "合格",
    PHONE_USER: "合格",
    MOVER: "合格",
    SLEEPER: "建议暂缓",
    FORCED: "建议暂缓",
    ABSENT: "建议暂缓",
    EXCUSED: "请假缓考",
}
