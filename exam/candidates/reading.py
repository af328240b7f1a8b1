"""The dry run of a roster file against what an exam holds."""

from datetime import date

from sqlalchemy.orm import Session

from core.encryption import Vault
from core.spreadsheets import UnreadableFile, read_sheet
from exam.candidates.queries import known
from exam.candidates.roster import Problem, Roster, Wishes, read_roster
from exam.schedule.models import Exam


def dry_run(
    session: Session, exam: Exam, filename: str, data: bytes, wishes: Wishes, *, vault: Vault, today: date
) -> Roster:
    """What a file says about candidates of the exam; nothing is written. A file that cannot be read is one problem."""
    held = known(session, exam, vault, today)
    if not held.sessions:
        return _only(Problem(None, "", "error", "这场考试还没有场次", "先安排场次，再导入名单"))
    try:
        sheet = read_sheet(data, filename)
    except UnreadableFile as problem:
        reason, _semicolon, mend = str(problem).partition("；")
        return _only(Problem(None, "", "error", reason.rstrip("。"), mend.rstrip("。") or "换一个文件后重新上传"))
    return read_roster(sheet, held, wishes)


def _only(problem: Problem) -> Roster:
    return Roster(0, (), (problem,))
