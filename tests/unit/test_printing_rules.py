"""How a paper is laid out: columns of options, what may be split, the blanks; every type states its printed form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.item_types.registry import ITEM_TYPES
from question_bank.printing.rules import SPLIT_FROM, may_split, option_columns, stem_pieces, width
from tests.architecture.checks import ROOT


@pytest.mark.parametrize(
    ("texts", "columns"),
    [
        (["三十日", "六十日", "九十日", "一年"], 4),
        (["公务员主管部门", "监察机关", "人民法院", "一二三四五六七八"], 4),
        (["公务员主管部门", "监察机关", "人民法院", "一二三四五六七八九"], 2),
        (["中央公务员主管部门", "省级公务员主管部门", "录用机关"], 2),
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


def test_a_stem_is_cut_at_its_blanks():
    assert stem_pieces("坚持____，坚持____。") == ["坚持", "，坚持", "。"]


@pytest.mark.parametrize("name", ITEM_TYPES)
def test_every_item_type_states_its_printed_form_and_its_place_on_the_answer_sheet(name):
    template = (ROOT / "templates" / "print" / "items" / f"{name}.html").read_text()
    for part in ("set compact", "macro printed(content)", "macro card(content)"):
        assert part in template
