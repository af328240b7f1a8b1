"""How a paper is laid out: columns of options, what may be split, the blanks; every type states its printed form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.item_types.registry import ITEM_TYPES
from question_bank.printing.rules import (
    SPLIT_FROM,
    SQUARES_IN_A_ROW,
    may_split,
    option_columns,
    squares,
    stem_pieces,
    width,
)
from tests.architecture.checks import ROOT


@pytest.mark.parametrize(
    ("texts", "columns"),
    [
        (["三十日", "六十日", "九十日", "一年"], 4),
        (["公务员主管部门", "监察机关", "人民法院", "一二三四五六七八"], 4),
        (["公务员主管部门", "监察机关", "人民法院", "一二三四五六七八九"], 2),
        (["中央公务员主管部门", "省级公务员主管部门", "录用机关"], 3),
        (["中央公务员主管部门", "省级公务员主管部门", "录用机关", "人民法院"], 2),
        (["动议", "推荐", "考察"], 3),
        (["在管理服务活动中故意刁难、吃拿卡要、态度恶劣粗暴的", "短"], 1),
        (["两\n行", "一行", "一", "二"], 1),
        (["对", "错"], 2),
        ([], 1),
    ],
)
def test_options_stand_in_as_many_columns_as_the_longest_allows(texts, columns):
    assert option_columns(texts) == columns


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_a_longer_option_never_makes_more_columns(texts):
    longer = [texts[0] + "甲乙丙", *texts[1:]]
    assert option_columns(longer) <= option_columns(texts)
    assert option_columns(texts) <= max(1, len(texts))


def test_full_width_letters_take_twice_the_room():
    assert width("甲（") == 8
    assert width("ab") == 4


def test_only_a_long_item_may_be_split_between_pages():
    assert not may_split({"stem": "短"})
    assert may_split({"stem": "长" * (SPLIT_FROM - 1), "options": [{"label": "A", "text": "选项"}]})


@pytest.mark.parametrize(
    ("stem", "count"),
    [
        ("不少于800字。", 1000),
        ("字数300—400字", 400),
        ("字数在1000~1200字。", 1200),
        ("五百至六百字", 600),
        ("500字左右", 700),
        ("一千字左右", 1300),
        ("字数：１２００", 1500),
        ("（不超过150字）", 160),
        ("控制在三百五十字以内", 360),
        ("标题20字以内，正文不少于八百字", 1000),
        ("标题20字以内", 0),
        ("全文九千字，约有500名干部参加", 0),
        ("请联系实际写一篇文章。", 0),
    ],
)
def test_a_text_gets_as_many_squares_as_its_stem_asks_for_in_whole_rows(stem, count):
    assert squares(stem) == count


@given(st.text(alphabet="不少于超过0123456789一二两三十百千零字以内左右约-至，", max_size=40))
def test_any_stem_gets_whole_rows_of_squares_and_no_more_than_a_booklet(stem):
    assert squares(stem) % SQUARES_IN_A_ROW == 0
    assert 0 <= squares(stem) <= 5000


def test_a_stem_is_cut_at_its_blanks():
    assert stem_pieces("坚持____，坚持____。") == ["坚持", "，坚持", "。"]


@pytest.mark.parametrize("name", ITEM_TYPES)
def test_every_item_type_states_its_printed_form_and_its_place_on_the_answer_sheet(name):
    template = (ROOT / "templates" / "print" / "items" / f"{name}.html").read_text()
    for part in ("set compact", "macro printed(content)", "macro card(content)"):
        assert part in template
