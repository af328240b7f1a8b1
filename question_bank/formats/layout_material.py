"""Which tables of a document are text of an item (figures to be read), and not items, options, keys or the paper's form. Pure."""

import re
from collections.abc import Sequence

from question_bank.formats.layout_blocks import shows_item
from question_bank.formats.layout_fields import segments
from question_bank.formats.layout_headings import heading_of, is_form, is_key_title
from question_bank.formats.layout_lines import Line, flattened, option_marks

_OF_THE_PAPER = frozenset(
    [
        "题号",
        "答案",
        "评卷人",
        "阅卷人",
        "登分人",
        "复核人",
        "准考证号",
        "题型",
        "题干",
        "试题",
        "题目",
        "选项",
        "分值",
    ]
)
# Words of the paper's form that head columns of figures, too.
_OF_BOTH = frozenset(["姓名", "单位", "部门", "职务", "得分", "总分", "分数", "成绩", "日期"])
_KEY = re.compile(r"[A-Ha-h]{1,8}|[√×✓✗✔✘TF]|对|错|正确|错误")
_MOST_CELLS = 2_000


def is_material_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether every cell is plain text of a table of at least two rows and columns."""
    if len(rows) < 2 or max(map(len, rows)) < 2 or sum(map(len, rows)) > _MOST_CELLS:
        return False
    filled = [cell.strip() for cells in rows for cell in cells if cell.strip()]
    own = [cell for cell in filled if _bare(cell) not in _OF_BOTH]
    return len(filled) > 3 and 2 * len(own) > len(filled) and all(map(_is_plain, own))


def _bare(cell: str) -> str:
    return re.sub(r"[\s:：]", "", flattened(cell))


def _is_plain(cell: str) -> bool:
    flat = flattened(cell)
    bare = _bare(cell)
    if bare in _OF_THE_PAPER or _KEY.fullmatch(bare) or len(cell) > 500:
        return False
    line = Line("", cell)
    return not (
        shows_item(line)
        or option_marks(flat)
        or heading_of(flat)
        or is_form(flat)
        or is_key_title(flat)
        or segments(cell, flat)[0].field != "text"
    )
