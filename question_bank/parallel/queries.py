"""Reading what forms are made from, and the sets that were ordered."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from question_bank.enemies.queries import enemies_among
from question_bank.items.models import ItemVersion
from question_bank.papers.drafts import SectionDraft
from question_bank.papers.exposure import Rest, exposures_of
from question_bank.papers.models import Paper
from question_bank.papers.queries import demand_title, eligible_versions, point_names
from question_bank.parallel.models import FormSet, FormSetPaper
from question_bank.parallel.rules import DIFFICULTY_OF_WORD, Candidate, Wanted

AT_ONCE = 5000


def wanted_of(sections: Sequence[SectionDraft], points: Mapping[int, str]) -> tuple[Wanted, ...]:
    """The demands of a blueprint, one after another."""
    return tuple(
        Wanted(demand_title(number, section, demand, points), number, demand.count, section.points_hundredths)
        for number, section in enumerate(sections, 1)
        for demand in section.demands
    )


def candidates(
    session: Session, sections: Sequence[SectionDraft], forms: int, rest: Rest, *, demonstration: bool
) -> tuple[tuple[Candidate, ...], list[list[int]]]:
    """Every published item that meets a demand, by version id, and the groups of enemies among them.

    Of items that no condition tells apart only as many are taken as the forms could use, the least exposed first.
    """
    meeting: dict[int, list[int]] = defaultdict(list)
    versions: dict[int, ItemVersion] = {}
    demands = [(section, demand) for section in sections for demand in section.demands]
    for number, (section, demand) in enumerate(demands):
        for version in eligible_versions(session, section, demand, demonstration=demonstration):
            versions[version.id] = version
            meeting[version.id].append(number)
    used = _exposures(session, sorted(versions))
    found = [
        Candidate(
            version.id,
            tuple(meeting[version.id]),
            DIFFICULTY_OF_WORD[version.difficulty],
            version.knowledge_point_id or 0,
            used[version.id][0] if version.id in used else 0,
            version.id in used and _tired(rest, *used[version.id]),
        )
        for version in versions.values()
    ]
    apart = enemies_among(session, [item.version_id for item in found])
    enemies = {version_id for group in apart for version_id in group}
    counts = [demand.count for section in sections for demand in section.demands]
    alone = _enough([item for item in found if item.version_id not in enemies], counts, forms)
    chosen = [*alone, *(item for item in found if item.version_id in enemies)]
    return tuple(sorted(chosen, key=lambda item: item.version_id)), apart


def _exposures(session: Session, version_ids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    found: dict[int, tuple[int, datetime]] = {}
    for start in range(0, len(version_ids), AT_ONCE):
        found |= exposures_of(session, version_ids[start : start + AT_ONCE])
    return found


def _tired(rest: Rest, sittings: int, last_at: datetime) -> bool:
    """Whether the limits on exposure keep an item at home."""
    often = rest.sittings is not None and sittings >= rest.sittings
    return often or (rest.since is not None and last_at >= rest.since)


def _enough(found: Sequence[Candidate], counts: Sequence[int], forms: int) -> list[Candidate]:
    taken: Counter[tuple[tuple[int, ...], int, int, bool]] = Counter()
    kept = []
    for item in sorted(found, key=lambda item: (item.exposure, item.version_id)):
        alike = (item.demands, item.difficulty, item.point, item.rests)
        if taken[alike] < forms * sum(counts[number] for number in item.demands):
            taken[alike] += 1
            kept.append(item)
    return kept


def form_set(session: Session, form_set_id: int) -> FormSet:
    """Return a set of forms. Raises NotFound."""
    found = session.get(FormSet, form_set_id)
    if found is None:
        raise NotFound(_("没有这组平行卷。请从平行卷列表重新选择。"))
    return found


def papers_of(session: Session, form_set_id: int) -> dict[str, Paper]:
    """The papers of a set, by form."""
    rows = session.execute(
        select(FormSetPaper.form, Paper)
        .join(Paper, Paper.id == FormSetPaper.paper_id)
        .where(FormSetPaper.form_set_id == form_set_id)
        .order_by(FormSetPaper.form)
    )
    return {row.form: row.Paper for row in rows}


def titles(session: Session) -> dict[int, str]:
    """The names of the knowledge points, with a word for none."""
    return {0: _("未标知识点"), **point_names(session)}
