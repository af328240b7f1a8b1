"""Proposals and decisions in the browser: what is typed stays, two people are needed, nothing is called a decision early."""

import pytest
from sqlalchemy import select

from exam.identities import identities_of_exam
from grading.outcomes import queries
from grading.outcomes.models import Decision
from grading.outcomes.presets import PRESETS
from grading.outcomes.service import compute_proposals, set_rules
from tests.support.results import database, make_world, scored_world

RULES = {
    "name": "任职资格测试",
    "paper_weight": "100",
    "cut": "60",
    "decimals": "2",
    "ties": "none",
    "below": "deferral",
    "failed_again": "cancellation",
    "absent": "deferral",
    "based_on": "0",
}


@pytest.fixture
def world(app, cast, clock):
    return scored_world(app, cast, clock)


@pytest.fixture
def proposed(app, cast, clock, world):
    organizer = cast.actor("organizer")
    with database(app) as session:
        set_rules(session, organizer, clock, world.exam_id, PRESETS["qualification"], "", 0)
        everybody = identities_of_exam(session, organizer, clock, world.exam_id, "test")
        compute_proposals(session, organizer, clock, world.exam_id, everybody)
    return world


def decisions(app):
    with database(app) as session:
        return list(session.scalars(select(Decision)))


def text(answer):
    return answer.get_data(as_text=True)


def a_decision(app, world, number, kind, reason="", based_on=0, at=0):
    with database(app) as session:
        proposal = queries.current_proposals(session, world.exam_id)[world.candidates[number - 1].id]
    line = f"lines-{at}-"
    return {
        line + "candidate_id": str(world.candidates[number - 1].id),
        line + "proposal_id": str(proposal.id),
        line + "based_on": str(based_on),
        line + "kind": kind,
        line + "difference_reason": reason,
    }


MEETING = {
    "meeting": "市委常委会会议",
    "meeting_date": "2026-11-20",
    "minutes_number": "常纪〔2026〕18 号",
    "basis": "干部任用条例第十二条",
}


def test_the_organizer_sets_rules_and_computes(browser, world):
    window, url = browser("organizer"), f"/exams/{world.exam_id}/outcomes"
    assert "还没有结果规则" in text(window.get(url))
    assert window.post(f"{url}/rules", RULES).status_code == 302
    assert "计算处理建议" in text(window.get(url))
    assert window.post(f"{url}/runs").status_code == 302
    page = text(window.get(url))
    for words in ("100.00", "55.00", "+40.00", "-5.00", "建议暂缓", "合格", "请假缓考", "与成绩一致"):
        assert words in page


def test_proposals_are_never_called_conclusions_or_decisions(browser, proposed):
    page = text(browser("organizer").get(f"/exams/{proposed.exam_id}/outcomes"))
    assert "结论" not in page
    cells = page.split("<tbody>")[1].replace("须由会议研究决定", "")
    assert "决定" not in cells.split("</tbody>")[0]


def test_a_change_shows_that_the_proposals_are_out_of_date(app, browser, proposed):
    window, url = browser("organizer"), f"/exams/{proposed.exam_id}/outcomes"
    failures = {"failures": "1", "basis": "2025 年成绩册"}
    assert window.post(f"{url}/{proposed.candidates[1].id}/previous-failures", failures).status_code == 302
    assert "1 人的处理建议需要重新计算" in text(window.get(url))
    window.post(f"{url}/runs")
    assert "建议取消" in text(window.get(f"{url}?kind=cancellation"))
    page = text(window.get(f"{url}/{proposed.candidates[1].id}"))
    assert "此前已有 1 次不合格" in page
    assert "以前的处理建议" in page


def test_wrong_rules_are_refused_with_what_was_typed(browser, world):
    window, url = browser("organizer"), f"/exams/{world.exam_id}/outcomes/rules"
    for changes, sentence in (
        ({"paper_weight": "70", "name": "自定规则"}, "各部分权重之和是 70%"),
        ({"cut": "101"}, "合格线是 101 分"),
        ({"cut": "六十"}, "不是数字"),
        ({"name": ""}, "请填写规则名称"),
    ):
        answer = window.post(url, RULES | changes)
        assert answer.status_code == 422
        assert sentence in text(answer)
    assert 'value="自定规则"' in text(window.post(url, RULES | {"paper_weight": "70", "name": "自定规则"}))


def test_a_second_version_needs_a_reason(browser, world):
    window, url = browser("organizer"), f"/exams/{world.exam_id}/outcomes/rules"
    window.post(url, RULES)
    changed = RULES | {"cut": "80", "based_on": "1"}
    assert "更改规则必须写明理由" in text(window.post(url, changed))
    assert window.post(url, changed | {"reason": "提高要求"}).status_code == 302
    assert window.post(url, changed | {"cut": "70", "reason": "又改"}).status_code == 409
    page = text(window.get(url))
    assert "提高要求" in page
    assert "第 2 版" in page


def test_presets_fill_the_form(browser, world):
    page = text(browser("organizer").get(f"/exams/{world.exam_id}/outcomes/rules?preset=double_pass"))
    for words in ('value="理论"', 'value="70"', 'value="40"', 'value="24"'):
        assert words in page


def test_proposals_are_exported(browser, proposed):
    answer = browser("organizer").get(f"/exams/{proposed.exam_id}/outcomes/export.xlsx?kind=deferral")
    assert answer.data[:2] == b"PK"


def test_the_recorder_records_beside_the_proposal_and_the_checker_confirms(app, browser, proposed):
    url = f"/exams/{proposed.exam_id}/decisions"
    recorder, checker = browser("decision_recorder"), browser("decision_checker")
    ids = [one.id for one in proposed.candidates]
    form = text(recorder.get(f"{url}/new?candidate={ids[1]}&candidate={ids[3]}"))
    assert "严禁上传或录入涉密内容" in form
    assert "乙二" in form
    assert "丁四" in form
    lines = a_decision(app, proposed, 2, "deferral") | a_decision(app, proposed, 4, "deferral", at=1)
    waiting = '等待录入会议决定的考生</span><span class="task-count num">{}<'
    assert waiting.format(3) in text(recorder.get("/"))
    assert recorder.post(url, MEETING | lines).status_code == 302
    assert waiting.format(1) in text(recorder.get("/"))
    assert "待核对" in text(recorder.get(url))
    assert "等待核对的会议决定" in text(checker.get("/"))
    page = text(checker.get(f"{url}/checks"))
    assert page.count('name="decision"') == 2
    ids = [str(row.id) for row in decisions(app)]
    done = checker.post(f"{url}/checks", {"decision": ids, "verdict": "confirm"})
    assert done.status_code == 302
    listed = text(checker.get(url))
    assert "已核对" in listed
    assert "常纪〔2026〕18 号" in listed


def test_a_difference_without_reason_is_refused_beside_its_line_and_nothing_is_lost(app, browser, proposed):
    url = f"/exams/{proposed.exam_id}/decisions"
    window = browser("decision_recorder")
    answer = window.post(url, MEETING | a_decision(app, proposed, 2, "qualified"))
    assert answer.status_code == 422
    page = text(answer)
    assert "请写明会议的理由" in page
    assert "常纪〔2026〕18 号" in page
    assert not decisions(app)
    assert window.post(url, MEETING | a_decision(app, proposed, 2, "qualified", "会议另有考虑")).status_code == 302
    assert "与建议不同" in text(window.get(url))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("meeting", "", "请写明作出决定的会议"),
        ("meeting_date", "", "请填写会议日期"),
        ("meeting_date", "2026-11-24", "会议日期在今天之后"),
        ("minutes_number", "", "请写明会议纪要"),
        ("basis", "", "请写明依据"),
    ],
)
def test_the_meeting_must_be_named(app, browser, proposed, field, value, sentence):
    lines = a_decision(app, proposed, 2, "deferral")
    answer = browser("decision_recorder").post(f"/exams/{proposed.exam_id}/decisions", MEETING | lines | {field: value})
    assert answer.status_code == 422
    assert sentence in text(answer)


def test_a_returned_record_comes_back_to_the_recorder(app, browser, proposed):
    url = f"/exams/{proposed.exam_id}/decisions"
    recorder, checker = browser("decision_recorder"), browser("decision_checker")
    recorder.post(url, MEETING | a_decision(app, proposed, 2, "deferral"))
    (row,) = decisions(app)
    empty = checker.post(f"{url}/checks", {"decision": str(row.id), "verdict": "return"})
    assert empty.status_code == 422
    assert "退回必须写明意见" in text(empty)
    returned = {"decision": str(row.id), "verdict": "return", "comment": "纪要编号有误"}
    assert checker.post(f"{url}/checks", returned).status_code == 302
    assert "被退回、等待更正的会议决定" in text(recorder.get("/"))
    assert "纪要编号有误" in text(recorder.get(f"{url}?state=returned"))
    again = a_decision(app, proposed, 2, "deferral", based_on=1)
    assert recorder.post(url, MEETING | again).status_code == 302
    assert "第 2 次录入（更正）" in text(checker.get(f"{url}/checks"))


def test_decisions_are_recorded_and_checked_by_their_roles_alone(app, browser, proposed):
    url = f"/exams/{proposed.exam_id}/decisions"
    lines = a_decision(app, proposed, 2, "deferral")
    for name in ("organizer", "decision_checker", "examiner", "stranger"):
        assert browser(name).post(url, MEETING | lines).status_code == 403
        assert browser(name).get(f"{url}/new?candidate=1").status_code == 403
    for name in ("organizer", "decision_recorder", "stranger"):
        assert browser(name).get(f"{url}/checks").status_code == 403
        assert browser(name).post(f"{url}/checks", {"decision": "1", "verdict": "confirm"}).status_code == 403
    window = browser("decision_recorder")
    assert window.client.post(url, data=MEETING | lines).status_code == 400
    assert not decisions(app)


@pytest.mark.parametrize("path", ["outcomes", "outcomes/rules", "outcomes/export.xlsx", "decisions"])
def test_results_are_read_by_those_who_may(browser, proposed, path):
    url = f"/exams/{proposed.exam_id}/{path}"
    for name in ("organizer", "decision_recorder", "decision_checker"):
        assert browser(name).get(url).status_code == 200
    for name in ("author", "invigilator", "stranger"):
        assert browser(name).get(url).status_code == 403
    assert browser().get(url).status_code == 302


def test_rules_and_runs_belong_to_the_organizer(browser, world):
    url = f"/exams/{world.exam_id}/outcomes"
    for name in ("decision_recorder", "stranger"):
        assert browser(name).post(f"{url}/rules", RULES).status_code == 403
        assert browser(name).post(f"{url}/runs").status_code == 403
    window = browser("organizer")
    assert window.client.post(f"{url}/runs").status_code == 400
    assert window.post(f"{url}/runs").status_code == 409


def test_ids_of_another_exam_are_not_found(app, browser, cast, clock, proposed):
    with database(app) as session:
        other = make_world(session, cast, clock, code="E2")
    window = browser("organizer")
    assert window.get(f"/exams/{other.exam_id}/outcomes/{proposed.candidates[0].id}").status_code == 404
    url = f"/exams/{other.exam_id}/outcomes/{proposed.candidates[0].id}/previous-failures"
    assert window.post(url, {"failures": "1", "basis": "x"}).status_code == 404
    lines = a_decision(app, proposed, 2, "deferral")
    assert browser("decision_recorder").post(f"/exams/{other.exam_id}/decisions", MEETING | lines).status_code == 404


def test_the_exam_page_tells_how_far_the_results_are(browser, proposed):
    page = text(browser("organizer").get(f"/exams/{proposed.exam_id}"))
    assert "已评分 3 / 3 份" in page
    assert "建议暂缓 3 人" in page
    assert f"/exams/{proposed.exam_id}/sheets" in page
