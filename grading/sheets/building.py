"""The sheets of an exam, built from what was gathered, without I/O: names of columns and signatures as the field writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.exact import from_hundredths, places, round_half_up, show
from exam.handover import ExamFacts
from exam.identities import Identity
from grading.interview.queries import PanelSheets, TurnSheet
from grading.interview.rules import TRIMS
from grading.outcomes.models import Decision, Proposal
from grading.outcomes.rule_sets import TIES, RuleSet
from grading.outcomes.rules import LABELS, Kind, Standing, rank
from grading.scoring.queries import PaperResult
from grading.sheets.model import Cell, Column, Document, Line, Sheet

NAMES: Mapping[str, str] = {
    "papers": "成绩册",
    "interviews": "面试成绩汇总表",
    "handling": "暂缓建议表",
    "ranking": "综合成绩排名表",
}
SIGNATURES = ("制表人", "复核人", "监督员", "负责人")
PANEL_SIGNATURES = ("计时员", "计分员", "复核员", "主考官", "监督员")

_ATTENDANCE = {"absent": "缺考", "leave": "请假缓考", "expected": "未到考", "sitting": "考试中", "present": "待评分"}
_TURNS = {"absent": "面试缺考", "stopped": "面试中止", "confirmed": ""}
_DECIDED = {"qualified": "合格", "deferral": "暂缓提拔", "cancellation": "取消提拔资格", "approved_leave": "请假缓考"}
_PERSON = (
    Column("序号", "center", 6, 5),
    Column("准考证号", "text", 18, 13),
    Column("姓名", "text", 12, 9),
    Column("单位", "wrap", 28, 18),
    Column("职务", "wrap", 18, 12),
)


@dataclass(frozen=True)
class Material:
    """Everything that the sheets of one exam are built from. ``panels``: those that are closed."""

    exam: ExamFacts
    identities: Sequence[Identity]
    papers: Mapping[str, PaperResult]
    rules: RuleSet | None
    proposals: Mapping[int, Proposal]
    outdated: int
    decisions: Mapping[int, Decision]
    panels: Sequence[PanelSheets]
    open_panels: Sequence[str]


def refusal(code: str, material: Material) -> str:
    """Why a sheet cannot be made now, in one sentence; empty when it can."""
    if code == "papers":
        return "" if material.identities else "名单里还没有考生，没有成绩可以列表。"
    if code == "interviews":
        if material.open_panels:
            return (
                f"考官组“{'、'.join(material.open_panels)}”尚未结束，各考官的评分暂不能查看或导出。"
                "请在全部考生面试并由监督员确认、结束该考官组后再生成。"
            )
        return "" if material.panels else "这场考试没有面试考官组，没有面试成绩可以汇总。"
    if material.rules is None:
        return "还没有设定结果规则，请先在“处理建议”中设定。"
    if not material.proposals:
        return "还没有计算处理建议，请先在“处理建议”中计算。"
    if material.outdated:
        return f"成绩、考勤或规则有变化，{material.outdated} 人的处理建议有待更新，请先重新计算，再生成本表。"
    return ""


def build(code: str, material: Material) -> Document:
    """The document of this code; the caller has seen that nothing refuses it."""
    builders = {"papers": _papers, "interviews": _interviews, "handling": _handling, "ranking": _ranking}
    return Document(code, NAMES[code], tuple(builders[code](material)))


def _facts(material: Material, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return (("考试", material.exam.title), ("考试代码", material.exam.code), *more)


def _person(number: int, one: Identity) -> tuple[Cell, ...]:
    return (number, one.admission_number, one.name, one.unit, one.post)


def _mark(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else from_hundredths(hundredths)


def _papers(material: Material) -> list[Sheet]:
    lines = []
    for number, one in enumerate(material.identities, 1):
        result = material.papers.get(one.blind_number) if one.attendance != "leave" else None
        place = " ".join(text for text in (one.session_name, one.room, one.seat) if text)
        score = _mark(result.total_hundredths) if result else None
        greatest = _mark(result.max_hundredths) if result else None
        lines.append(
            Line((*_person(number, one), place, score, greatest, "" if result else _ATTENDANCE[one.attendance]))
        )
    attendance = [one.attendance for one in material.identities]
    waiting = sum(line.cells[-1] in ("待评分", "考试中", "未到考") for line in lines)
    people = (
        f"应到 {len(lines) - attendance.count('leave')} 人，实考 {attendance.count('present')} 人，"
        f"缺考 {attendance.count('absent')} 人，另有请假缓考 {attendance.count('leave')} 人"
    )
    notes = [f"还有 {waiting} 人没有考完或没有评分，本表不是最终成绩册。"] if waiting else []
    columns = (
        *_PERSON,
        Column("场次 考场 座位", "wrap", 24, 17),
        Column("笔试得分", "mark", 10, 9),
        Column("满分", "mark", 10, 8),
        Column("备注", "text", 12, 9),
    )
    heading = f"{material.exam.title}成绩册"
    return [
        Sheet("成绩册", heading, columns, tuple(lines), _facts(material, ("人数", people)), tuple(notes), SIGNATURES)
    ]


def _interviews(material: Material) -> list[Sheet]:
    who = {one.blind_number: one for one in material.identities}
    return [_panel(material, panel, who) for panel in material.panels]


def _panel(material: Material, panel: PanelSheets, who: Mapping[str, Identity]) -> Sheet:
    seats = [seat for seat, _name, _chief in panel.examiners]
    share = max(4, 40 // max(1, len(seats)))
    columns = (
        Column("抽签号", "center", 8, 6),
        Column("准考证号", "text", 18, 13),
        Column("姓名", "text", 12, 8),
        *(Column(f"考官{seat}", "exact", 9, share) for seat in seats),
        Column("去掉最高", "exact", 10, 7),
        Column("去掉最低", "exact", 10, 7),
        Column("面试成绩", "mark", 10, 8),
        Column("备注", "wrap", 14, 8),
    )
    examiners = "、".join(f"考官{seat} {name}{'（主考官）' if chief else ''}" for seat, name, chief in panel.examiners)
    facts = _facts(material, ("考官组", panel.panel_name), ("计分规则", TRIMS[panel.rule.trim]), ("考官", examiners))
    lines = tuple(_turn(turn, seats, who) for turn in panel.turns)
    heading = f"{material.exam.title}面试成绩汇总表"
    return Sheet(panel.panel_name, heading, columns, lines, facts, (), PANEL_SIGNATURES, "本组没有考生。")


def _turn(turn: TurnSheet, seats: Sequence[int], who: Mapping[str, Identity]) -> Line:
    one = who.get(turn.blind_number)
    dropped = sorted((Fraction(entry["value"]) for entry in turn.dropped if "element" not in entry), reverse=True)
    high, low = (dropped[0], dropped[-1]) if len(dropped) > 1 else (None, None)
    recused = turn.state == "confirmed" and None in turn.totals.values()
    remark = "；".join(
        text for text in (_TURNS.get(turn.state, "未完成"), turn.reason, "有考官回避" if recused else "") if text
    )
    cells: tuple[Cell, ...] = (
        turn.draw_number,
        one.admission_number if one else "",
        one.name if one else "",
        *(_exact(turn.totals.get(seat)) for seat in seats),
        _exact_value(high),
        _exact_value(low),
        _mark(turn.result_hundredths),
        remark,
    )
    return Line(cells, turn.arithmetic)


def _exact(total: str | None) -> Cell:
    return None if total is None else _exact_value(Fraction(total))


def _exact_value(value: Fraction | None) -> Cell:
    """The unrounded number with at least two decimals; a fraction stays a fraction."""
    if value is None:
        return None
    needed = places(value)
    return str(value) if needed is None else round_half_up(value, max(2, needed))


def _handling(material: Material) -> list[Sheet]:
    concerned = [
        (one, proposal)
        for one in material.identities
        if (proposal := material.proposals.get(one.candidate_id)) and proposal.kind in ("deferral", "cancellation")
    ]
    lines = [
        Line(
            (
                *_person(number, one),
                *_scores(proposal),
                _label(proposal),
                *_decided(material.decisions.get(one.candidate_id)),
            ),
            "；".join((proposal.arithmetic, *proposal.reasons)),
        )
        for number, (one, proposal) in enumerate(concerned, 1)
    ]
    columns = (
        *_PERSON,
        Column("笔试", "mark", 9, 7),
        Column("面试", "mark", 9, 7),
        Column("综合", "mark", 9, 7),
        Column("处理建议", "text", 10, 8),
        Column("会议决定", "wrap", 14, 8),
        Column("会议、日期、纪要编号", "wrap", 30, 14),
    )
    heading = f"{material.exam.title}暂缓（取消）建议表"
    deferred = sum(proposal.kind == "deferral" for _one, proposal in concerned)
    facts = _facts(
        material,
        ("人数", f"建议暂缓 {deferred} 人，建议取消 {len(concerned) - deferred} 人"),
        ("规则", _rule_words(material)),
    )
    notes = ("本表所列是系统按规则计算的处理建议，须由会议研究决定；“会议决定”一栏空白的，尚无经核对的决定。",)
    return [
        Sheet(
            "暂缓建议表", heading, columns, tuple(lines), facts, notes, SIGNATURES, "没有建议暂缓或取消提拔资格的考生。"
        )
    ]  # fmt: skip


def _ranking(material: Material) -> list[Sheet]:
    rules = material.rules
    people = {one.candidate_id: one for one in material.identities}
    standings = [
        Standing(
            candidate_id,
            _mark(proposal.composite_hundredths),
            None
            if proposal.paper_hundredths is None or not proposal.paper_max_hundredths
            else Fraction(proposal.paper_hundredths, proposal.paper_max_hundredths),
            None if proposal.interview_hundredths is None else Fraction(proposal.interview_hundredths),
        )
        for candidate_id in people
        if (proposal := material.proposals.get(candidate_id))
    ]
    lines = []
    for place in rank(standings, rules.ties if rules else "none"):
        one, proposal = people[place.key], material.proposals[place.key]
        cells = (place.rank, *_person(0, one)[1:], *_scores(proposal), _label(proposal), place.tie)
        lines.append(Line(cells))
    columns = (
        Column("名次", "center", 6, 5),
        *_PERSON[1:],
        Column("笔试", "mark", 9, 8),
        Column("面试", "mark", 9, 8),
        Column("综合", "mark", 9, 8),
        Column("处理建议", "text", 10, 9),
        Column("备注", "wrap", 18, 10),
    )
    heading = f"{material.exam.title}综合成绩排名表"
    facts = _facts(material, ("人数", f"{len(lines)} 人"), ("规则", _rule_words(material)))
    return [Sheet("综合成绩排名表", heading, columns, tuple(lines), facts, (), SIGNATURES)]


def _scores(proposal: Proposal) -> tuple[Cell, Cell, Cell]:
    return (
        _mark(proposal.paper_hundredths),
        _mark(proposal.interview_hundredths),
        _mark(proposal.composite_hundredths),
    )


def _label(proposal: Proposal) -> str:
    kinds: dict[str, Kind] = {kind: kind for kind in LABELS}
    return LABELS[kinds[proposal.kind]]


def _decided(decision: Decision | None) -> tuple[str, str]:
    if decision is None or decision.state != "checked":
        return "", ""
    return _DECIDED[decision.kind], f"{decision.meeting}，{decision.meeting_date}，{decision.minutes_number}"


def _rule_words(material: Material) -> str:
    rules = material.rules
    if rules is None:
        return ""
    return f"{rules.name}（第 {rules.version} 版），合格线 {show(rules.cut, rules.decimals)}，{TIES[rules.ties]}"
