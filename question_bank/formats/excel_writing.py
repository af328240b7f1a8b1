"""The Excel template, and items in its layout: what is written here reads back as the same items."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO

from core.spreadsheet_writing import Column, SheetToWrite, Value, write_workbook
from question_bank.formats.cells import blank_key_text
from question_bank.formats.report import ImportedItem, ImportedOption, ImportedSource
from question_bank.formats.type_cells import key_text, weighted_text
from question_bank.formats.typed_numbers import numbered

_TEMPLATE_OPTIONS = 6
_TYPE_WORDS = {
    "single_choice": "单选题",
    "multiple_choice": "多选题",
    "true_false": "判断题",
    "fill_blank": "填空题",
    "numeric": "数值题",
    "matching": "匹配题",
    "ordering": "排序题",
    "short_answer": "简答题",
    "essay": "论述写作题",
    "case": "案例题",
    "description": "说明文字",
}
_TYPE_NAMES = tuple(_TYPE_WORDS.values())

_LAW = "中华人民共和国公务员法"
_EDITION = "2018年修订"
EXAMPLES = (
    ImportedItem(
        ref="row 2",
        type="single_choice",
        stem="《中华人民共和国公务员法》（2018年修订）自（　）起施行。",
        options=(
            ImportedOption("A", "2018年12月29日"),
            ImportedOption("B", "2019年1月1日"),
            ImportedOption("C", "2019年6月1日"),
            ImportedOption("D", "2020年1月1日"),
        ),
        key=("C",),
        points_hundredths=200,
        rationale="示例行，导入前请删除。",
        knowledge_points=("公务员法",),
        difficulty="易",
        source=ImportedSource(_LAW, _EDITION, "第一百一十三条", "本法自2019年6月1日起施行。"),
    ),
    ImportedItem(
        ref="row 3",
        type="multiple_choice",
        stem="公务员的考核方式包括（　）。",
        options=(
            ImportedOption("A", "平时考核"),
            ImportedOption("B", "专项考核"),
            ImportedOption("C", "定期考核"),
            ImportedOption("D", "随机抽签"),
        ),
        key=("A", "B", "C"),
        points_hundredths=200,
        rationale="示例行，导入前请删除。",
        knowledge_points=("考核、任免、升降与奖励",),
        difficulty="中",
        source=ImportedSource(_LAW, _EDITION, "第三十六条", "公务员的考核分为平时考核、专项考核和定期考核等方式。"),
    ),
    ImportedItem(
        ref="row 4",
        type="fill_blank",
        stem="公务员的考核分为平时考核、____和____等方式。",
        key=(("专项考核",), ("定期考核",)),
        points_hundredths=200,
        rationale="示例行，导入前请删除。",
        knowledge_points=("考核、任免、升降与奖励",),
        difficulty="中",
        source=ImportedSource(_LAW, _EDITION, "第三十六条", "公务员的考核分为平时考核、专项考核和定期考核等方式。"),
        order_free=True,
    ),
)

_GUIDE = (
    ("一行一题", "从表头的下一行起，每行填写一道试题；三行示例请在导入前删除。列的先后可以调整，不用的列可以删去。"),
    ("题型", "、".join(_TYPE_WORDS.values()) + "，可从下拉列表中选择。"),
    ("题干", "纯文本。填空题的空写作 ____（四个下划线），也可以写空括号（　）。题干里不要写答案。"),
    ("选项A 至 选项F", "单选题、多选题至少填两个选项，依次填写，中间不要空；可以增加“选项G”“选项H”等列。"),
    ("答案：单选题、多选题", "正确选项的字母，例如 A 或 ABC（A,B、A;B、A|B 也可以）。"),
    ("答案：判断题", "正确 或 错误（对/错、√/×、T/F 也可以）。"),
    (
        "答案：填空题",
        "各空的答案用分号（；）分隔；同一空有几个可接受的答案时用斜杠（/）分隔。答案本身含有 ； / | 时，前面加反斜杠 \\。",
    ),
    ("答案：数值题", "一个数，或 12±0.5、12～13；几个范围用分号（；）分隔，只得一部分分的在后面写 {0.5}。不写单位。"),
    ("答案：匹配题", "每对写作 左＝右，各对用分号（；）分隔；多余的右项写作 ＝右。"),
    ("答案：排序题", "各项写在选项列，答案按正确的先后写字母，例如 CAB。"),
    ("答案：简答题、论述写作题", "参考答案和评分要点，由阅卷员评分；导入后写在解析里。"),
    ("案例题", "材料写一行，题型填“案例题”；各小题写在紧接着的几行，“小题”列填 1、2……，每行有自己的题型、答案和分值。"),
    ("按选项计分", "选择题的答案写作 A{1}；B{0.5} 时，按各选项的得分比例计分。"),
    ("不分顺序", "填空题各空的答案可以互换位置时填“是”，否则留空。"),
    ("分值", "大于 0 的数字，最多两位小数，例如 2 或 1.5。"),
    ("难度", "易、中、难之一。"),
    ("知识点、标签", "有几个时用分号（；）分隔。"),
    ("法规名称、版本、条款、原文摘录", "试题所依据的法规；原文摘录逐字抄录条文。"),
    ("注意", "严禁填写和上传涉密内容。"),
)


def template(stream: IO[bytes]) -> None:
    """Write the template that authors fill in: headings, drop-downs, three examples, and a sheet that explains them."""
    columns = [Column(title, 22) for title in ("项目", "填写说明")]
    columns[1] = Column("填写说明", 90)
    guide = SheetToWrite("填写说明", columns, _GUIDE)
    write_workbook(stream, [_items_sheet(EXAMPLES, _TEMPLATE_OPTIONS), guide])


def write_items(stream: IO[bytes], items: Iterable[ImportedItem]) -> None:
    """Write items as a workbook in the layout of the template. Raises ValueError for a text longer than a cell holds."""
    written = list(items)
    rows = [one for item in written for one in (item, *item.parts)]
    most = max((len(item.options) for item in rows), default=0)
    write_workbook(stream, [_items_sheet(written, max(most, 4))])


def _items_sheet(items: Sequence[ImportedItem], options: int) -> SheetToWrite:
    columns = [
        Column("题型", 10, _TYPE_NAMES),
        Column("题干", 48),
        *(Column(f"选项{chr(65 + number)}", 18) for number in range(options)),
        Column("答案", 14),
        Column("分值", 8),
        Column("解析", 32),
        Column("难度", 8, ("易", "中", "难")),
        Column("知识点", 20),
        Column("法规名称", 24),
        Column("版本", 12),
        Column("条款", 14),
        Column("原文摘录", 40),
        Column("标签", 14),
        Column("不分顺序", 10, ("是", "否")),
        Column("小题", 8),
    ]
    stems = iter(numbered(one.stem for item in items for one in (item, *item.parts)))
    return SheetToWrite("试题", columns, (row for item in items for row in _rows(item, options, stems)))


def _rows(item: ImportedItem, options: int, stems: Iterator[str]) -> list[list[Value]]:
    case = _row(item, next(stems), options)
    return [case, *(_row(part, next(stems), options, number) for number, part in enumerate(item.parts, 1))]


def _row(item: ImportedItem, stem: str, options: int, part: int | None = None) -> list[Value]:
    texts = {option.label: option.text for option in item.options}
    source = item.source or ImportedSource("")
    return [
        _TYPE_WORDS[item.type],
        stem,
        *(texts.get(chr(65 + number), "") for number in range(options)),
        _key_text(item),
        Decimal(item.points_hundredths).scaleb(-2) if item.points_hundredths else None,
        item.rationale,
        item.difficulty,
        "；".join(item.knowledge_points),
        source.regulation,
        source.edition,
        source.article,
        source.quotation,
        "；".join(item.tags),
        "是" if item.order_free else "",
        None if part is None else Decimal(part),
    ]


def _key_text(item: ImportedItem) -> str:
    written = key_text(item)
    if written is not None:
        return written
    if item.type == "fill_blank":
        return blank_key_text(item.key)
    if item.type == "true_false":
        return "正确" if item.key == ("true",) else "错误"
    return weighted_text(item) or "".join(item.key)
