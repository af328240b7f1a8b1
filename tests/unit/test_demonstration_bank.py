"""The demonstration bank says what the law says, letter by letter, and is well made."""

import json
import os
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from question_bank.demonstration.bank import (
    BANK_FILE,
    BLANK,
    DemonstrationBank,
    DemonstrationItem,
    Excerpts,
    read_bank,
    read_excerpts,
    verify_quotations,
)
from question_bank.item_types.registry import ITEM_TYPES

REPOSITORY = Path(__file__).resolve().parents[2]
REGULATIONS = Path(os.environ.get("HENGJIAN_REGULATIONS") or REPOSITORY.parent / "shared" / "regulations")
needs_sources = pytest.mark.skipif(not REGULATIONS.is_dir(), reason="the regulations' source files are not here")


@pytest.fixture(scope="module")
def bank() -> DemonstrationBank:
    return read_bank()


@pytest.fixture(scope="module")
def excerpts() -> Excerpts:
    return read_excerpts()


def of_type(bank: DemonstrationBank, name: str) -> list[DemonstrationItem]:
    return [item for item in bank.items if item.type == name]


def with_citation(bank: DemonstrationBank, **changes: object) -> DemonstrationBank:
    first = bank.items[0]
    citation = replace(first.citation, **changes)  # type: ignore[arg-type]
    return replace(bank, items=(replace(first, citation=citation), *bank.items[1:]))


def with_first_excerpt(excerpts: Excerpts, **changes: object) -> Excerpts:
    key, excerpt = next(iter(excerpts.articles.items()))
    return replace(excerpts, articles={**excerpts.articles, key: replace(excerpt, **changes)})  # type: ignore[arg-type]


def test_the_bank_is_marked_as_an_unverified_demonstration(bank: DemonstrationBank) -> None:
    assert bank.status == "演示·未核对"


def test_the_bank_holds_enough_items_of_every_type_and_both_laws(bank: DemonstrationBank) -> None:
    types = Counter(item.type for item in bank.items)
    laws = Counter(item.citation.regulation for item in bank.items)

    assert len(bank.items) >= 120
    assert set(types) == {"single_choice", "multiple_choice", "true_false", "fill_blank"}
    assert types["single_choice"] >= 50
    assert types["multiple_choice"] >= 35
    assert types["true_false"] >= 30
    assert types["fill_blank"] >= 20
    assert set(laws) == {"中华人民共和国公务员法", "中华人民共和国公职人员政务处分法"}
    assert min(laws.values()) * 4 > len(bank.items)


def test_every_quotation_is_in_its_article_letter_by_letter(bank: DemonstrationBank, excerpts: Excerpts) -> None:
    assert verify_quotations(bank, excerpts, None) == []


@needs_sources
def test_every_quotation_and_excerpt_is_in_the_source_file_letter_by_letter(
    bank: DemonstrationBank, excerpts: Excerpts
) -> None:
    assert verify_quotations(bank, excerpts, REGULATIONS) == []


def test_one_altered_letter_in_a_quotation_is_found(bank: DemonstrationBank, excerpts: Excerpts) -> None:
    quotation = bank.items[0].citation.quotation
    planted = with_citation(bank, quotation="某" + quotation[1:])

    assert ["D001" in problem for problem in verify_quotations(planted, excerpts, None)] == [True]


def test_a_shifted_offset_of_a_quotation_is_found(bank: DemonstrationBank, excerpts: Excerpts) -> None:
    cited = bank.items[0].citation

    for change in ({"start": cited.start - 1}, {"end": cited.end - 1}, {"start": cited.start + 1}, {"end": 10**9}):
        assert len(verify_quotations(with_citation(bank, **change), excerpts, None)) == 1, change


def test_a_wrong_article_edition_or_digest_is_found(bank: DemonstrationBank, excerpts: Excerpts) -> None:
    for change in ({"article": "第九百条"}, {"edition": "2005"}, {"source_sha256": "0" * 64}, {"article": "第六条"}):
        assert verify_quotations(with_citation(bank, **change), excerpts, None), change


def test_an_altered_excerpt_is_found_without_the_source_file(bank: DemonstrationBank, excerpts: Excerpts) -> None:
    excerpt = next(iter(excerpts.articles.values()))

    assert verify_quotations(bank, with_first_excerpt(excerpts, text=excerpt.text[:-1]), None)
    assert verify_quotations(bank, with_first_excerpt(excerpts, start=excerpt.start - 1), None)


@needs_sources
def test_an_excerpt_altered_outside_every_quotation_is_found_in_the_source_file(
    bank: DemonstrationBank, excerpts: Excerpts
) -> None:
    excerpt = next(iter(excerpts.articles.values()))
    altered = with_first_excerpt(excerpts, text=excerpt.text[:-1] + "！")

    assert any("摘录与来源文件" in problem for problem in verify_quotations(bank, altered, REGULATIONS))


@needs_sources
def test_an_altered_or_missing_source_file_is_found(
    bank: DemonstrationBank, excerpts: Excerpts, tmp_path: Path
) -> None:
    names = [source.source_file for source in excerpts.sources.values()]
    for name in names:
        shutil.copyfile(REGULATIONS / name, tmp_path / name)
    assert verify_quotations(bank, excerpts, tmp_path) == []

    altered = tmp_path / names[0]
    altered.write_text(altered.read_text(encoding="utf-8").replace("公务员", "公务人员", 1), encoding="utf-8")
    (tmp_path / names[1]).unlink()

    problems = verify_quotations(bank, excerpts, tmp_path)
    assert ["SHA-256" in problem for problem in problems] == [True, False]
    assert names[1] in problems[1]


def test_every_excerpt_is_used_and_states_its_provenance(bank: DemonstrationBank, excerpts: Excerpts) -> None:
    assert set(excerpts.articles) == {(item.citation.source_sha256, item.citation.article) for item in bank.items}
    for source in excerpts.sources.values():
        assert source.provenance
        assert "未与官方文本逐字校对" in source.completeness


def test_refs_and_stems_are_unique(bank: DemonstrationBank) -> None:
    assert len({item.ref for item in bank.items}) == len(bank.items)
    assert len({re.sub(r"\s", "", item.stem) for item in bank.items}) == len(bank.items)


def test_every_choice_item_has_four_different_options_and_a_key_among_them(bank: DemonstrationBank) -> None:
    for item in bank.items:
        if item.type in {"single_choice", "multiple_choice"}:
            labels = [option.label for option in item.options]
            assert labels == ["A", "B", "C", "D"], item.ref
            assert len({option.text for option in item.options}) == 4, item.ref
            assert set(item.key) <= set(labels), item.ref
            assert list(item.key) == sorted(set(labels) & set(map(str, item.key))), item.ref
            assert len(item.key) == 1 if item.type == "single_choice" else 2 <= len(item.key) <= 4, item.ref
        else:
            assert item.options == (), item.ref


def test_every_true_false_key_is_one_truth_value_and_neither_dominates(bank: DemonstrationBank) -> None:
    items = of_type(bank, "true_false")
    keys = Counter(item.key for item in items)

    assert set(keys) == {("true",), ("false",)}
    assert all(0.4 <= count / len(items) <= 0.6 for count in keys.values())


def test_every_blank_has_accepted_texts_and_the_first_is_the_laws_own_word(bank: DemonstrationBank) -> None:
    for item in of_type(bank, "fill_blank"):
        assert item.stem.count(BLANK) == len(item.key) >= 1, item.ref
        for accepted in item.key:
            assert len(set(accepted)) == len(accepted) >= 1, item.ref
            assert accepted[0] in item.citation.quotation, item.ref
            assert accepted[0] not in item.stem, item.ref


def test_the_right_letters_are_balanced(bank: DemonstrationBank) -> None:
    singles = of_type(bank, "single_choice")
    letters = Counter(str(item.key[0]) for item in singles)
    shares = Counter(str(label) for item in of_type(bank, "multiple_choice") for label in item.key)

    assert set(letters) == set("ABCD")
    assert max(letters.values()) <= 0.4 * len(singles)
    assert min(letters.values()) >= 0.15 * len(singles)
    assert max(shares.values()) <= 1.5 * min(shares.values())


def test_the_right_option_of_a_single_choice_is_not_given_away_by_its_length(bank: DemonstrationBank) -> None:
    def is_longest(item: DemonstrationItem) -> bool:
        lengths = {option.label: len(option.text) for option in item.options}
        right = lengths.pop(str(item.key[0]))
        return right > max(lengths.values())

    singles = of_type(bank, "single_choice")
    assert sum(map(is_longest, singles)) <= 0.3 * len(singles)


def test_the_outline_is_a_tree_and_every_leaf_has_items(bank: DemonstrationBank) -> None:
    codes = [point.code for point in bank.knowledge_points]
    parents = {point.parent for point in bank.knowledge_points if point.parent}
    used = {item.knowledge_point for item in bank.items}

    assert len(set(codes)) == len(codes)
    assert parents <= set(codes)
    assert used == set(codes) - parents
    assert all(point.code.startswith(f"{point.parent}.") for point in bank.knowledge_points if point.parent)


def test_every_rationale_names_the_cited_article(bank: DemonstrationBank) -> None:
    for item in bank.items:
        law = item.citation.regulation.removeprefix("中华人民共和国")
        assert item.rationale.startswith(f"《{law}》"), item.ref
        assert item.citation.article in item.rationale, item.ref
        assert item.rationale.endswith("。"), item.ref


def test_no_rationale_speaks_of_options_by_place_because_papers_shuffle_them(bank: DemonstrationBank) -> None:
    by_place = re.compile(r"[前后][一二两三四][项种]|选项|[A-D]")
    assert [item.ref for item in bank.items if item.options and by_place.search(item.rationale)] == []


def test_difficulty_and_points_are_in_their_scales(bank: DemonstrationBank) -> None:
    assert {item.difficulty for item in bank.items} == {"易", "中", "难"}
    assert {item.points_hundredths for item in bank.items} == {100, 200}
    raw = json.loads(BANK_FILE.read_text(encoding="utf-8"))
    assert {item["points"] for item in raw["items"]} == {"1.00", "2.00"}


def test_every_item_passes_the_validation_of_its_type(bank: DemonstrationBank) -> None:
    for item in bank.items:
        faults = ITEM_TYPES[item.type].validate(item.content(), item.key_document())
        assert [str(fault) for fault in faults] == [], item.ref


def test_the_key_of_every_item_is_a_response_its_type_accepts(bank: DemonstrationBank) -> None:
    for item in bank.items:
        key = [accepted if isinstance(accepted, str) else accepted[0] for accepted in item.key]
        assert ITEM_TYPES[item.type].check_response(item.content(), key) == key, item.ref
