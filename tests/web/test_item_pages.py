"""The item pages: who may see and do what, nothing typed is lost, everything by way of the form."""

import re

import lxml.html
import pytest
from sqlalchemy import select

from core.clock import clock as the_clock
from core.database import transaction
from question_bank.item_types.registry import ITEM_TYPES, item_type
from question_bank.items import service
from question_bank.items.drafts import Draft
from question_bank.items.models import Item, ItemReview, ItemVersion, SourceVerification
from question_bank.keys import key_of_version
from tests.support.bank import CITATION, fill, knowledge_point, multiple, published, single, true_false
from tests.unit.test_item_types import SOUND

SINGLE = {
    "stem": "公务员的考核由谁组织（　　）。",
    "options-0": "甲机关",
    "options-1": "乙机关",
    "options-2": "丙机关",
    "correct": "B",
    "rationale": "B项正确。",
    "points": "1.5",
    "difficulty": "中",
    "knowledge_point": "",
    "tags": "考核；机关",
}


@pytest.fixture(autouse=True)
def everybody(cast):
    """The cast exists before anybody signs in."""


@pytest.fixture
def made(app, cast, clock):
    """Make something in a transaction of its own and return what the function returned."""

    def make(function, *arguments, **options):
        with app.app_context(), transaction("write") as session:
            return function(session, *arguments, **options)

    return make


@pytest.fixture
def draft_id(made, cast):
    return made(lambda s: service.create_item(s, cast.actor("author"), the_clock, single(citations=(CITATION,))).id)


@pytest.fixture
def read(app):
    def reading(statement):
        with app.app_context(), transaction("read") as session:
            return session.scalars(statement).all()

    return reading


def submitted(made, cast, item_id):
    def submit(session):
        item = session.get_one(Item, item_id)
        service.submit(session, cast.actor("author"), the_clock, item, item.current_version_id)
        return item.current_version_id

    return made(submit)


MATCHING = {
    "stem": "配对。", "left-0": "甲", "right-0": "木", "left-1": "丙", "right-1": "火", "left-2": "乙", "right-2": "木",
    "surplus": "土\n金", "points": "3",
}  # fmt: skip
CASE = {
    "stem": "材料。",
    "parts-0-type": "single_choice", "parts-0-stem": "选。", "parts-0-options-0": "甲", "parts-0-options-1": "乙",
    "parts-0-correct": "B", "parts-0-points": "1.5", "parts-0-rationale": "第二项对",
    "parts-1-type": "fill_blank", "parts-1-stem": "应当____。", "parts-1-blanks": "回避", "parts-1-points": "2",
}  # fmt: skip


PAGES = [
    ("GET", "/bank/items", {"author", "reviewer"}),
    ("GET", "/bank/items/{id}", {"author", "reviewer"}),
    ("GET", "/bank/items/{id}/preview", {"author", "reviewer"}),
    ("GET", "/bank/items/{id}/history", {"author", "reviewer"}),
    ("GET", "/bank/items/new", {"author"}),
    ("GET", "/bank/items/new?type=fill_blank", {"author"}),
    ("GET", "/bank/items/{id}/edit", {"author"}),
    ("GET", "/bank/items/{id}/review", {"reviewer"}),
    ("GET", "/bank/items/{id}/verification", {"reviewer"}),
    ("GET", "/bank/items/{id}/retirement", {"reviewer"}),
    ("GET", "/bank/items/{id}/enemies", {"author", "reviewer"}),
    ("GET", "/bank/knowledge-points", {"author", "reviewer"}),
    ("GET", "/bank/import", {"author"}),
    ("GET", "/bank/import/template.xlsx", {"author"}),
]


@pytest.mark.parametrize(("method", "url", "allowed"), PAGES)
def test_each_page_opens_for_its_roles_alone(browser, draft_id, method, url, allowed):
    for name in ("author", "reviewer", "organizer", "stranger"):
        answer = browser(name).get(url.format(id=draft_id))
        assert answer.status_code == (200 if name in allowed else 403), (name, url)
    assert browser().get(url.format(id=draft_id)).status_code == 302


ACTS = [
    ("/bank/items/{id}/submission", "reviewer"),
    ("/bank/items/{id}/withdrawal", "reviewer"),
    ("/bank/items/{id}/edit", "reviewer"),
    ("/bank/items/new?type=single_choice", "reviewer"),
    ("/bank/items/{id}/review", "author"),
    ("/bank/items/{id}/verification", "author"),
    ("/bank/items/{id}/retirement", "author"),
    ("/bank/items/{id}/enemies", "invigilator"),
    ("/bank/items/{id}/enemies/removal", "invigilator"),
    ("/bank/knowledge-points", "reviewer"),
]


@pytest.mark.parametrize(("url", "colleague"), ACTS)
def test_an_act_is_refused_to_a_colleague_a_stranger_and_without_its_token(browser, draft_id, read, url, colleague):
    address = url.format(id=draft_id)
    for name in (colleague, "stranger", "organizer"):
        assert browser(name).post(address, {"version": "1", "name": "x", "code": "9"}).status_code == 403, name
    signed_in = browser("author")
    assert signed_in.client.post(address, data={"version": "1"}).status_code == 400
    assert read(select(Item.state)) == ["draft"]
    assert len(read(select(ItemVersion.id))) == 1


def test_an_unknown_item_and_a_version_of_another_item_are_not_found(browser, made, cast, draft_id):
    other = made(lambda s: service.create_item(s, cast.actor("author"), the_clock, true_false()).current_version_id)
    author = browser("author")
    assert author.get("/bank/items/999").status_code == 404
    assert author.get(f"/bank/items/{draft_id}/versions/{other}").status_code == 404
    assert author.get(f"/bank/items/{draft_id}/history?from={other}").status_code == 404


def test_an_author_writes_an_item_of_each_type(app, browser, read):
    author = browser("author")
    forms = {
        "single_choice": SINGLE,
        "multiple_choice": SINGLE | {"stem": "多选（　　）。", "correct": ["A", "C"]},
        "true_false": {"stem": "判断句。", "truth": "false", "points": "１"},
        "fill_blank": {
            "stem": "考核分为____和______。",
            "blanks": "平时/日常\n定期\\/年度/季度{0.5}",
            "order_free": "y",
            "points": "2",
        },
        "numeric": {
            "stem": "试用期几年？",
            "number-0": "1",
            "number-1": "１.5",
            "tolerance-1": "0.5",
            "share-1": "0.5",
            "points": "2",
        },
        "matching": MATCHING,
        "ordering": {"stem": "排序。", "options-0": "动议", "options-1": "考察", "options-2": "任职", "points": "2"},
        "short_answer": {"stem": "简述。", "points": "5", "rationale": "要点"},
        "essay": {"stem": "写一篇通知。", "points": "30"},
        "description": {"stem": "请看下面的材料。"},
        "case": CASE,
    }
    for type_name, data in forms.items():
        answer = author.post(f"/bank/items/new?type={type_name}", data)
        assert answer.status_code == 302, answer.get_data(as_text=True)
    versions = {version.type: version for version in read(select(ItemVersion))}
    assert versions["single_choice"].content["options"][2] == {"label": "C", "text": "丙机关"}
    assert versions["single_choice"].points_hundredths == 150
    assert versions["single_choice"].tags == ["考核", "机关"]
    assert versions["fill_blank"].content == {"stem": "考核分为____和____。", "blanks": 2}
    with app.app_context(), transaction("read") as session:
        keys = {name: key_of_version(session, version.id).key for name, version in versions.items()}
    assert keys == {
        "single_choice": {"key": ["B"]},
        "multiple_choice": {"key": ["A", "C"]},
        "true_false": {"key": ["false"]},
        "fill_blank": {
            "key": [["平时", "日常"], ["定期/年度", {"text": "季度", "fraction": "0.5"}]],
            "order_free": True,
        },
        "numeric": {"key": [{"low": "1", "high": "1"}, {"low": "1", "high": "2", "fraction": "0.5"}]},
        "matching": {"key": [["1", "A"], ["2", "B"], ["3", "A"]]},
        "ordering": {"key": ["A", "B", "C"]},
        "short_answer": {"key": []},
        "essay": {"key": []},
        "description": {"key": []},
        "case": {"key": [{"key": ["B"], "rationale": "第二项对"}, {"key": [["回避"]], "order_free": False}]},
    }
    assert (versions["case"].points_hundredths, versions["description"].points_hundredths) == (350, 0)
    for version in versions.values():
        shown = author.get(f"/bank/items/{version.item_id}").get_data(as_text=True)
        assert version.content["stem"].split("____")[0] in shown
        assert author.get(f"/bank/items/{version.item_id}/preview").status_code == 200
        assert author.get(f"/bank/items/{version.item_id}/edit").status_code == 200


def _form_of(page: str) -> dict[str, list[str]]:
    """The fields of the last form of a page as a browser would send them."""
    form = lxml.html.fromstring(page).forms[-1]
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


@pytest.mark.parametrize("name", ITEM_TYPES)
def test_an_item_opened_and_saved_unchanged_stays_what_it_was(app, browser, made, cast, read, name):
    content, key = SOUND[name]
    points = item_type(name).fixed_points(content)
    draft = Draft(name, content, key, 300 if points is None else points, "解析")
    item_id = made(lambda s: service.create_item(s, cast.actor("author"), the_clock, draft).id)
    author = browser("author")
    page = author.get(f"/bank/items/{item_id}/edit").get_data(as_text=True)
    assert author.post(f"/bank/items/{item_id}/edit", _form_of(page)).status_code == 302
    before, after = read(select(ItemVersion).order_by(ItemVersion.version))
    with app.app_context(), transaction("read") as session:
        keys = [key_of_version(session, version.id).key for version in (before, after)]
    told = [item_type(name).key_text(version.content, own) for version, own in zip((before, after), keys, strict=True)]
    assert after.points_hundredths == before.points_hundredths
    if name == "ordering":
        # It is written in its right order, so its labels become A, B, C.
        texts = {option["label"]: option["text"] for option in before.content["options"]}
        assert [option["text"] for option in after.content["options"]] == [texts[label] for label in keys[0]["key"]]
        return
    assert after.content == before.content or name in ("matching", "case")
    assert told[1] == told[0]


def test_parts_of_a_case_are_added_and_taken_away_without_losing_what_was_typed(browser, read):
    author = browser("author")
    page = author.post("/bank/items/new?type=case", {"stem": "材料。", "part_type": "matching", "add_part": "1"})
    assert page.status_code == 200
    sent = _form_of(page.get_data(as_text=True)) | {
        "parts-0-stem": ["配对。"],
        "part_type": ["essay"],
        "add_part": ["1"],
    }
    sent = _form_of(author.post("/bank/items/new?type=case", sent).get_data(as_text=True))
    assert (sent["parts-0-stem"], sent["parts-0-type"], sent["parts-1-type"]) == (["配对。"], ["matching"], ["essay"])
    sent = _form_of(author.post("/bank/items/new?type=case", sent | {"drop_part": ["0"]}).get_data(as_text=True))
    assert sent["parts-0-type"] == ["essay"]
    assert "parts-1-type" not in sent
    refused = author.post("/bank/items/new?type=case", sent | {"parts-0-stem": ["写。"], "parts-0-points": ["许多"]})
    assert refused.status_code == 422
    assert "第 1 小题：" in refused.get_data(as_text=True)
    assert author.post("/bank/items/new?type=case", {"stem": "材料。"}).status_code == 422
    assert read(select(Item.id)) == []


@pytest.mark.parametrize(
    ("type_name", "changes", "sentence"),
    [
        ("numeric", {"stem": "几？", "points": "1"}, "请至少填写一个正确的数值"),
        ("numeric", {"stem": "几？", "points": "1", "number-0": "三"}, "第 1 行的数值或误差不是数字"),
        ("matching", {"stem": "配。", "points": "1", "left-0": "甲"}, "第 1 对只写了一边"),
        ("ordering", {"stem": "排。", "points": "1", "options-0": "甲"}, "只有 1 个选项"),
        ("true_false", {"stem": "对吗。", "points": "1"}, "请选择“正确”或“错误”"),
    ],
)
def test_a_faulty_answer_of_a_type_is_told_beside_its_field(browser, type_name, changes, sentence):
    answer = browser("author").post(f"/bank/items/new?type={type_name}", changes)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stem": ""}, "请填写题干"),
        ({"correct": "H"}, "答案 H 不在选项"),
        ({"correct": []}, "没有答案"),
        ({"options-1": ""}, "选项 B 空着"),
        ({"options-1": "", "options-2": ""}, "只有 1 个选项"),
        ({"points": "两分"}, "不是数字"),
        ({"points": "0"}, "分值应大于 0"),
        ({"points": "1.005"}, "最多两位小数"),
        ({"citations-0-quotation": "有摘录无名称"}, "请填写法规名称"),
    ],
)
def test_a_faulty_form_comes_back_with_its_sentence_and_what_was_typed(browser, read, changes, sentence):
    answer = browser("author").post(
        "/bank/items/new?type=single_choice", SINGLE | {"rationale": "打了很久的解析"} | changes
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert "打了很久的解析" in page
    assert read(select(Item.id)) == []


def test_blanks_and_their_answers_must_agree(browser):
    data = {"stem": "只有一个____。", "blanks": "甲\n乙", "points": "1"}
    page = browser("author").post("/bank/items/new?type=fill_blank", data).get_data(as_text=True)
    assert "题干里有 1 个空，这里有 2 行答案" in page


def test_fields_are_as_high_as_what_stands_in_them(browser):
    data = {"stem": "长" * 400 + "____", "blanks": "一\n二\n三\n四\n五", "weights": "1:2", "points": "1"}
    page = browser("author").post("/bank/items/new?type=fill_blank", data).get_data(as_text=True)
    assert re.search(r'<textarea[^>]*name="stem"[^>]*rows="11"|<textarea[^>]*rows="11"[^>]*name="stem"', page)
    assert re.search(r'<textarea[^>]*name="blanks"[^>]*rows="5"', page)
    assert re.search(r'<input[^>]*name="weights" value="1:2"', page)


def test_an_item_like_one_of_the_bank_is_saved_only_when_the_author_says_so(browser, made, cast, read, clock):
    author = browser("author")
    assert author.post("/bank/items/new?type=single_choice", SINGLE).status_code == 302
    spaced = SINGLE | {"stem": "公务员的考核  由谁组织( )。"}
    answer = author.post("/bank/items/new?type=single_choice", spaced)
    assert answer.status_code == 422
    assert "题库里已有内容相同的试题" in answer.get_data(as_text=True)
    assert len(read(select(Item.id))) == 1
    assert author.post("/bank/items/new?type=single_choice", spaced | {"accept_duplicates": "y"}).status_code == 302


def test_editing_appends_a_version_and_keeps_the_place_of_an_unchanged_citation(app, browser, draft_id, read):
    author = browser("author")
    page = author.get(f"/bank/items/{draft_id}/edit").get_data(as_text=True)
    assert "公务员的管理，坚持（　　）的原则。" in page
    assert "公务员的管理，坚持公开、平等、竞争、择优的原则" in page
    (first,) = read(select(ItemVersion.id))
    answer = author.post(f"/bank/items/{draft_id}/edit", SINGLE | {"based_on": str(first)})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert read(select(ItemVersion.version).order_by(ItemVersion.id)) == [1, 2]
    history = author.get(f"/bank/items/{draft_id}/history").get_data(as_text=True)
    assert "<del>" in history
    assert "<ins>" in history


def test_a_stale_edit_is_refused_and_nothing_typed_is_lost(browser, made, cast, draft_id, read):
    (first,) = read(select(ItemVersion.id))

    def change(session):
        item = session.get_one(Item, draft_id)
        draft = single("同事先改了（　　）。")
        service.new_version(session, cast.actor("author"), the_clock, item, draft, based_on=first)

    made(change)
    answer = browser("author").post(f"/bank/items/{draft_id}/edit", SINGLE | {"based_on": str(first)})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "已有更新的版本" in page
    assert SINGLE["stem"] in page
    assert f'name="based_on" type="hidden" value="{first}"' in page
    assert len(read(select(ItemVersion.id))) == 2


def test_an_item_goes_from_draft_to_published_through_two_people(browser, draft_id, read):
    author, reviewer = browser("author"), browser("reviewer")
    (version,) = read(select(ItemVersion.id))
    assert author.post(f"/bank/items/{draft_id}/submission", {"version": version}).status_code == 302
    assert "1" in reviewer.get("/").get_data(as_text=True)
    page = reviewer.get(f"/bank/items/{draft_id}/review").get_data(as_text=True)
    assert "A项符合第五条" in page
    answer = reviewer.post(f"/bank/items/{draft_id}/review", {"version": version, "decision": "publish"})
    assert answer.status_code == 302
    assert read(select(Item.state)) == ["published"]
    assert read(select(ItemReview.step).order_by(ItemReview.id)) == ["submitted", "published"]


def test_a_return_needs_a_comment_and_reaches_the_author(browser, made, cast, draft_id, read):
    version = submitted(made, cast, draft_id)
    reviewer = browser("reviewer")
    refused = reviewer.post(f"/bank/items/{draft_id}/review", {"version": version, "decision": "return"})
    assert refused.status_code == 422
    assert "请写明退回的原因" in refused.get_data(as_text=True)
    data = {"version": version, "decision": "return", "comment": "选项 B 有歧义"}
    assert reviewer.post(f"/bank/items/{draft_id}/review", data).status_code == 302
    author = browser("author")
    assert "被退回、等待修改的试题" in author.get("/").get_data(as_text=True)
    assert "选项 B 有歧义" in author.get(f"/bank/items/{draft_id}").get_data(as_text=True)


def test_a_reviewer_who_wrote_it_may_not_publish_it(browser, made, cast, read):
    def make(session):
        item = service.create_item(session, cast.actor("reviewer"), the_clock, single())
        service.submit(session, cast.actor("author"), the_clock, item, item.current_version_id)
        return item.id, item.current_version_id

    item_id, version = made(make)
    answer = browser("reviewer").post(f"/bank/items/{item_id}/review", {"version": version, "decision": "publish"})
    assert answer.status_code == 403
    assert "不能由您发布" in answer.get_data(as_text=True)
    assert read(select(Item.state)) == ["in_review"]


def test_a_review_of_a_version_that_was_withdrawn_is_refused(browser, made, cast, draft_id, read):
    version = submitted(made, cast, draft_id)
    assert browser("author").post(f"/bank/items/{draft_id}/withdrawal", {"version": version}).status_code == 302
    answer = browser("reviewer").post(f"/bank/items/{draft_id}/review", {"version": version, "decision": "publish"})
    assert answer.status_code == 409
    assert "还没有送审" in answer.get_data(as_text=True)


def test_a_verification_records_the_person_and_the_text(browser, made, cast, draft_id, read):
    version = submitted(made, cast, draft_id)
    reviewer = browser("reviewer")
    empty = reviewer.post(f"/bank/items/{draft_id}/verification", {"version": version, "compared_with": ""})
    assert (empty.status_code, "正式文本" in empty.get_data(as_text=True)) == (422, True)
    data = {"version": version, "compared_with": "全国人大常委会公报 2019 年第 1 号"}
    assert reviewer.post(f"/bank/items/{draft_id}/verification", data).status_code == 302
    (verification,) = read(select(SourceVerification))
    assert verification.verified_by == cast.accounts["reviewer"].id
    assert "全国人大常委会公报" in browser("author").get(f"/bank/items/{draft_id}").get_data(as_text=True)


def test_retiring_needs_a_reason(browser, draft_id, read):
    reviewer = browser("reviewer")
    (version,) = read(select(ItemVersion.id))
    assert reviewer.post(f"/bank/items/{draft_id}/retirement", {"version": version, "reason": " "}).status_code == 422
    assert (
        reviewer.post(f"/bank/items/{draft_id}/retirement", {"version": version, "reason": "过时"}).status_code == 302
    )
    assert read(select(Item.state)) == ["retired"]


def test_the_candidates_view_of_an_item_shows_no_key(browser, draft_id):
    page = browser("author").get(f"/bank/items/{draft_id}/preview").get_data(as_text=True)
    assert "公开、平等" in page
    assert "A项符合第五条" not in page
    assert "option-key" not in page


def test_the_list_searches_filters_sorts_and_says_what_to_do_when_empty(browser, made, cast, clock):
    author = browser("author")
    assert "题库里还没有试题" in author.get("/bank/items").get_data(as_text=True)

    def make(session):
        point = knowledge_point(session, "1", "公务员法总则")
        published(session, cast, clock, single(knowledge_point_id=point.id, citations=(CITATION,)), verified=True)
        for draft in (multiple(), true_false(), fill()):
            service.create_item(session, cast.actor("author"), the_clock, draft)
        return point.id

    point = made(make)

    def page(query):
        return author.get("/bank/items" + query).get_data(as_text=True)

    assert '<strong class="num">4</strong>' in page("")
    assert '<strong class="num">1</strong>' in page("?q=激励、约束")
    assert '<strong class="num">1</strong>' in page("?type=fill_blank&state=draft")
    assert '<strong class="num">1</strong>' in page("?source=yes")
    assert '<strong class="num">1</strong>' in page(f"?knowledge_point={point}")
    assert "没有符合条件的试题" in page("?q=没有这个词")
    for sort in ("number", "-points", "difficulty", "changed", "nonsense"):
        assert '<strong class="num">4</strong>' in page(f"?sort={sort}")
    assert "没有符合条件" not in page("?type=nonsense&state=nonsense&source=nonsense&knowledge_point=x&page=0")


def test_a_knowledge_point_is_added_once(browser):
    author = browser("author")
    assert author.post("/bank/knowledge-points", {"code": "1", "name": "公务员法", "parent": ""}).status_code == 302
    again = author.post("/bank/knowledge-points", {"code": "1", "name": "另一个", "parent": ""})
    assert (again.status_code, "已被使用" in again.get_data(as_text=True)) == (422, True)
    wrong = author.post("/bank/knowledge-points", {"code": "一", "name": "另一个", "parent": ""})
    assert (wrong.status_code, "由数字和点组成" in wrong.get_data(as_text=True)) == (422, True)


def test_enemies_are_set_and_freed_on_a_page_that_loses_nothing_typed(browser, made, cast, draft_id, read):
    other = made(lambda s: service.create_item(s, cast.actor("author"), the_clock, true_false()).number)
    own = read(select(Item.number).where(Item.id == draft_id))[0]
    reviewer = browser("reviewer")
    refused = reviewer.post(f"/bank/items/{draft_id}/enemies", {"numbers": f"{other} Q999999", "reason": "同一条"})
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert "没有编号为 Q999999 的试题" in page
    assert f"{other} Q999999" in page
    assert "同一条" in page
    assert reviewer.post(f"/bank/items/{draft_id}/enemies", {"numbers": ""}).status_code == 422
    done = reviewer.post(f"/bank/items/{draft_id}/enemies", {"numbers": f"{other.lower()}、{own}", "reason": "同一条"})
    assert done.headers["Location"] == f"/bank/items/{draft_id}"
    page = reviewer.get(f"/bank/items/{draft_id}").get_data(as_text=True)
    assert other in page
    assert "原因：同一条" in page
    assert reviewer.post(f"/bank/items/{draft_id}/enemies/removal").status_code == 302
    assert reviewer.post(f"/bank/items/{draft_id}/enemies/removal").status_code == 409
    assert other not in reviewer.get(f"/bank/items/{draft_id}").get_data(as_text=True)
    assert reviewer.get("/bank/items/999/enemies").status_code == 404
