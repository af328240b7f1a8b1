"""Items and papers for tests, made by the services themselves."""

from typing import Any

from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from question_bank.items.drafts import CitationDraft, Draft
from question_bank.items.models import Item, KnowledgePoint
from question_bank.items.service import create_item, publish, submit, verify_source

CITATION = CitationDraft(
    "中华人民共和国公务员法", "2018-12-29修订", "第五条", "公务员的管理，坚持公开、平等、竞争、择优的原则"
)


def options(*texts: str) -> list[dict[str, str]]:
    """Options under A, B, C …"""
    return [{"label": "ABCDEFGH"[number], "text": text} for number, text in enumerate(texts)]


def single(stem: str = "公务员的管理，坚持（　　）的原则。", **changes: Any) -> Draft:
    """A sound single choice without citation."""
    return Draft(
        **{
            "type": "single_choice",
            "content": {"stem": stem, "options": options("公开、平等", "公平、公正", "民主、集中", "激励、约束")},
            "key": {"key": ["A"]},
            "points_hundredths": 200,
            "rationale": "A项符合第五条，B项、C项不符。",
            "difficulty": "易",
        }
        | changes
    )


def multiple(stem: str = "公务员的考核方式包括（　　）。", **changes: Any) -> Draft:
    """A sound multiple choice."""
    content = {"stem": stem, "options": options("平时考核", "专项考核", "定期考核", "随机抽签")}
    return single(**{"type": "multiple_choice", "content": content, "key": {"key": ["A", "B", "C"]}} | changes)


def true_false(stem: str = "公务员可以兼任企业职务并领取报酬。", **changes: Any) -> Draft:
    """A sound true or false."""
    return single(**{"type": "true_false", "content": {"stem": stem}, "key": {"key": ["false"]}} | changes)


def fill(stem: str = "考核分为平时考核、____和____。", **changes: Any) -> Draft:
    """A sound fill in the blank."""
    key = {"key": [["专项考核"], ["定期考核", "年度考核"]], "order_free": True}
    return single(**{"type": "fill_blank", "content": {"stem": stem, "blanks": 2}, "key": key} | changes)


def knowledge_point(session: Session, code: str, name: str, parent: KnowledgePoint | None = None) -> KnowledgePoint:
    """A node of the outline."""
    point = KnowledgePoint(code=code, name=name, parent_id=parent.id if parent else None)
    session.add(point)
    session.flush()
    return point


def published(session: Session, cast: Any, clock: Any, draft: Draft, *, verified: bool = False) -> Item:
    """An item that the author wrote and the reviewer published, with its citation verified if wanted."""
    author: Actor = cast.actor("author")
    reviewer: Actor = cast.actor("reviewer")
    item = create_item(session, author, clock, draft)
    assert item.current_version_id
    submit(session, author, clock, item, item.current_version_id)
    publish(session, reviewer, clock, item, item.current_version_id)
    if verified:
        verify_source(session, reviewer, clock, item, item.current_version_id, "国务院公报 2019 年第 2 号")
    return item
