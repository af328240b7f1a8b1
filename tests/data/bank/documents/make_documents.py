"""Writes the documents of this folder anew: `.venv/bin/python tests/data/bank/documents/make_documents.py`. README.md says what is in each."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from struct import pack
from typing import Any

import docx
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

HERE = Path(__file__).parent
MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def element(tag: str, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


class Book:
    """A document with lists of its own."""

    def __init__(self) -> None:
        self.document = docx.Document()
        self.numbering = self.document.part.numbering_part.element
        self.numbering.clear()
        self.lists = 0

    def abstract(self, identity: int, *levels: tuple[str, str]) -> None:
        made = element("w:abstractNum", abstractNumId=str(identity))
        for at, (number_format, text) in enumerate(levels):
            level = element("w:lvl", ilvl=str(at))
            for tag, value in (("w:start", "1"), ("w:numFmt", number_format), ("w:lvlText", text)):
                level.append(element(tag, val=value))
            made.append(level)
        self.numbering.insert(identity, made)

    def list_of(self, abstract: int, restart: bool = False) -> str:
        self.lists += 1
        made = element("w:num", numId=str(self.lists))
        made.append(element("w:abstractNumId", val=str(abstract)))
        if restart:
            override = element("w:lvlOverride", ilvl="0")
            override.append(element("w:startOverride", val="1"))
            made.append(override)
        self.numbering.append(made)
        return str(self.lists)

    def say(self, text: str = "", in_list: str = "", level: int = 0) -> Any:
        paragraph = self.document.add_paragraph(text)
        if in_list:
            properties = element("w:numPr")
            properties.append(element("w:ilvl", val=str(level)))
            properties.append(element("w:numId", val=in_list))
            paragraph._p.get_or_add_pPr().append(properties)
        return paragraph

    def table(self, rows: Sequence[Sequence[str]]) -> Any:
        table = self.document.add_table(len(rows), len(rows[0]))
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                table.cell(number, column).text = text
        return table

    def save(self, name: str) -> None:
        self.document.save(str(HERE / name))


def automatic_numbers() -> None:
    book = Book()
    book.abstract(0, ("chineseCounting", "%1、"), ("decimal", "%2．"))
    book.abstract(1, ("upperLetter", "%1．"))
    outline = book.list_of(0)
    book.document.add_heading("公务员法考试题", 0)
    book.say("单项选择题（每题2分，共4分）", outline)
    book.say("公务员的年度考核结果分为（  ）个等次。", outline, 1)
    options = book.list_of(1, restart=True)
    for text in ("二", "三", "四", "五"):
        book.say(text, options)
    book.say("答案：C")
    book.say("解析：优秀、称职、基本称职和不称职。")
    book.say("公务员法自（  ）起施行。", outline, 1)
    options = book.list_of(1, restart=True)
    for text in ("2018年12月29日", "2019年6月1日"):
        book.say(text, options)
    book.say("答案：B")
    book.say("多项选择题（每题3分，共3分）", outline)
    book.say("公务员的考核方式有（  ）。", outline, 1)
    options = book.list_of(1, restart=True)
    for text in ("平时考核", "专项考核", "定期考核"):
        book.say(text, options)
    book.say("答案：ABC")
    book.say("难度：易")
    book.say("知识点：考核")
    book.say("依据：《中华人民共和国公务员法》（2018年修订）第三十六条")
    book.save("automatic_numbers.docx")


def ranges_at_the_end() -> None:
    book = Book()
    for text in (
        "公务员法知识测试",
        "姓名：________  单位：________",
        "一、单项选择题（每题1分）",
        "1．公务员职务分为领导职务和（  ）。",
        "A．职级  B．级别  C．职称  D．岗位",
        "2．下列不属于公务员条件的是（  ）。",
        "A．年满十八周岁\tB．具有良好的品行",
        "C．具有中国国籍\tD．担任过领导职务",
        "3．公务员辞去公职，应当向（  ）提出书面申请。",
        "A．任免机关",
        "B．上级机关",
        "C．同级机关",
        "二、多项选择题（每题2分）",
        "1．公务员享有的权利有（  ）。",
        "A．申请辞职  B．参加培训  C．提出申诉  D．获得工资报酬",
        "2．公务员应当履行的义务有（  ）。",
        "A．忠于宪法  B．忠于国家  C．忠于人民  D．从事营利活动",
        "三、判断题（每题1分）",
        "1．公务员可以在企业兼职取酬。",
        "2．公务员应当忠于宪法。",
        "参考答案",
        "一、单项选择题",
        "1-3 ADA",
        "二、多项选择题",
        "1-2 ABCD ABC",
        "三、判断题",
        "1—2：×√",
    ):
        book.say(text)
    book.save("ranges_at_the_end.docx")


def table_of_keys() -> None:
    book = Book()
    book.say("第一部分 单选题")
    for number, (stem, options) in enumerate(
        (
            ("甲说的是（ ）。", "甲 乙 丙"),
            ("乙说的是（ ）。", "一 二 三"),
            ("丙说的是（ ）。", "子 丑 寅"),
            ("丁说的是（ ）。", "天 地 人"),
        ),
        1,
    ):
        book.say(f"{number}、{stem}")
        book.table([[f"{letter}、{text}" for letter, text in zip("ABC", options.split(), strict=True)]])
    book.say("附：标准答案")
    book.table([["题号", "1", "2", "3", "4"], ["答案", "A", "B", "C", "A"]])
    book.save("table_of_keys.docx")


def table_of_items() -> None:
    book = Book()
    book.document.add_heading("题库（表格）", 1)
    book.table(
        [
            ["序号", "题型", "题目", "选项A", "选项B", "选项C", "正确答案", "难易度"],
            ["1", "单选题", "公务员的级别根据（ ）确定。", "所任职务", "年龄", "学历", "A", "易"],
            ["2", "多选题", "公务员的奖励有（ ）。", "嘉奖", "记功", "罚款", "A、B", "中"],
            ["3", "判断题", "公务员实行职务与职级并行制度。", "", "", "", "√", "易"],
            ["4", "填空题", "公务员的考核以____考核和____考核为基础。", "", "", "", "平时；专项", "难"],
        ]
    )
    book.say("一、单选题")
    book.say("1. 表格之后的题（ ）。")
    book.say("A. 甲")
    book.say("B. 乙")
    book.say("答案：B")
    book.save("table_of_items.docx")


def change(paragraph: Any, kind: str, text: str) -> None:
    tag = "w:delText" if kind == "del" else "w:t"
    paragraph._p.append(
        parse_xml(
            f'<w:{kind} {nsdecls("w")} w:id="9" w:author="审稿人" w:date="2026-01-01T00:00:00Z">'
            f'<w:r><{tag} xml:space="preserve">{text}</{tag}></w:r></w:{kind}>'
        )
    )


def tables_without_heads() -> None:
    """Tables in which no row names the columns, each below the heading of its part; the last one is none of items for certain."""
    book = Book()
    book.document.add_heading("2024年科级干部任职资格考试复习题", 1)
    book.say("一、单项选择题（每题2分）")
    book.table(
        [
            ["1", "新录用公务员的试用期为（ ）。\nA．6个月\nB．1年\nC．2年", "B"],
            ["2", "公务员的定期考核以（ ）考核为基础。A、平时、专项 B、年终 C、届中", "Ａ"],
        ]
    )
    book.say("二、多项选择题")
    book.table(
        [
            ["3.", "下列属于处分的有", "警告", "记过", "诫勉", "开除", "A、B、D"],
            ["4.", "公务员的奖励包括", "嘉奖", "记功", "授予称号", "", "ABC"],
        ]
    )
    book.say("三、判断题（每题1分）")
    book.table(
        [["（5）", "公务员辞去公职，应当向任免机关提出书面申请。", "√"], ["（6）", "公务员可以在企业兼职取酬。", "错"]]
    )
    book.say("四、填空题")
    book.table(
        [["7", "公务员的考核分为平时考核、____和定期考核。", "专项考核"], ["8", "受撤职处分的期间为____个月。", "24"]]
    )
    book.say("五、综合题")
    book.table(
        [
            ["单选题（每题3分）", "", ""],
            ["1", "回避的种类不包括（ ）A.任职回避 B.年龄回避", "B"],
            ["2", "公务员职务分为（ ）A.两类 B.三类", ""],
        ]
    )
    book.table([["1", "张三同志本年度履职情况", "A"], ["2", "李四同志本年度履职情况", "B"]])
    book.save("tables_without_heads.docx")


def tables_of_one_item() -> None:
    """A table for each item, a row for each of its fields."""
    book = Book()
    for number, (stem, options, key) in enumerate(
        [
            ("公务员法何时施行（ ）", "A.2018年 B.2019年 C.2020年", "B"),
            ("处分的种类有（ ）", "A.警告 B.记过 C.罚款", "AB"),
        ],
        1,
    ):
        book.table([["题号", str(number)], ["题干", stem], ["选项", options], ["答案", key]])
        book.say()
    book.save("tables_of_one_item.docx")


def review_questions() -> None:
    """Review questions as a training centre hands them out: long headings, keys in three places, a case with points, a table and 【问题】."""
    book = Book()
    book.document.add_heading("××市2024年新任科级干部任职培训结业考试复习题", 0)
    for line in REVIEW.splitlines():
        book.say(line)
    book.table([["科室", "参加考核人数", "优秀人数"], ["办公室", "10", "2"], ["人事科", "8", "1"]])
    for line in REVIEW_ANSWERS.splitlines():
        book.say(line)
    book.save("review_questions.docx")


def table_with_pictures() -> None:
    """A table of items with a picture in a stem and one as an option."""
    book = Book()
    book.say("一、单项选择题（共2题，共6分）")
    table = book.table(
        [
            ["题号", "题干", "选项A", "选项B", "答案"],
            ["1", "下图所示标志的含义是（ ）。", "禁止", "警告", "A"],
            ["2", "下列图形中，表示警告的是（ ）。", "", "以上都不是", "A"],
        ]
    )
    picture = HERE / "picture.png"
    picture.write_bytes(png())
    table.cell(1, 1).paragraphs[0].add_run().add_picture(str(picture))
    table.cell(2, 2).paragraphs[0].add_run().add_picture(str(picture))
    book.save("table_with_pictures.docx")
    picture.unlink()


def tracked_changes() -> None:
    book = Book()
    book.say("一、单选题")
    paragraph = book.say("1. 公务员的定期考核")
    change(paragraph, "del", "每月")
    change(paragraph, "ins", "每年")
    paragraph.add_run("进行（ ）次。")
    book.say("A. 一")
    paragraph = book.say("B. ")
    change(paragraph, "del", "二")
    change(paragraph, "ins", "两")
    paragraph = book.say("答案：")
    change(paragraph, "del", "B")
    change(paragraph, "ins", "A")
    book.save("tracked_changes.docx")


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 14)) + chunk(b"IEND", b"")


def pictures_and_formulas() -> None:
    picture = HERE / "_picture.png"
    picture.write_bytes(png())
    book = Book()
    book.say("一、单选题")
    book.say("1. 下图表示（ ）。")
    book.document.add_paragraph().add_run().add_picture(str(picture))
    paragraph = book.say("A. ")
    paragraph.add_run().add_picture(str(picture))
    book.say("B. 以上都不是")
    book.say("答案：B")
    paragraph = book.say("2. 已知 ")
    paragraph._p.append(
        parse_xml(
            f"<m:oMath {MATH}><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:sSup><m:e><m:r><m:t>b</m:t></m:r></m:e>"
            "<m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:den></m:f></m:oMath>"
        )
    )
    paragraph.add_run(" 等于 1，则面积为（ ）m")
    raised = paragraph.add_run("2")
    raised.font.superscript = True
    paragraph.add_run("。")
    paragraph = book.say("A. ")
    paragraph._p.append(
        parse_xml(
            f"<m:oMath {MATH}><m:rad><m:radPr><m:degHide m:val='1'/></m:radPr><m:deg/><m:e><m:r><m:t>2</m:t></m:r></m:e>"
            "</m:rad></m:oMath>"
        )
    )
    book.say("B. 1")
    book.say("答案：A")
    book.save("pictures_and_formulas.docx")
    picture.unlink()


def words(paragraph: Any, *runs: tuple[str, str]) -> None:
    """Write runs of words, each with how it looks: strong, italic, under, dots, sub, sup, or nothing."""
    for text, look in runs:
        run = paragraph.add_run(text)
        run.bold, run.italic, run.underline = (
            look == "strong" or None,
            look == "italic" or None,
            look == "under" or None,
        )
        if look in ("sub", "sup"):
            setattr(run.font, "subscript" if look == "sub" else "superscript", True)
        if look == "dots":
            run._r.get_or_add_rPr().append(element("w:em", val="dot"))


def looks_and_material() -> None:
    book = Book()
    words(book.say(), ("一、单项选择题", "strong"))
    words(book.say(), ("1. 下列", ""), ("不", "dots"), ("属于公务员考核方式的是（ ）。", ""))
    book.say("A. 平时考核    B. 专项考核    C. 随机抽签")
    book.say("答案：C")
    words(book.say(), ("2. 公务员的考核以什么为基础（ ）。", "strong"))
    words(book.say(), ("A. ", ""), ("平时考核", "under"))
    book.say("B. 抽签")
    book.say("答案：A")
    words(book.say(), ("3. 记第 ", ""), ("k", "italic"), (" 年的人数为 x", ""), ("k", "sub"), ("，面积为 5 m", ""), ("2", "sup"), ("，", ""),
          ("最多", "under"), ("的是（ ", ""), ("B", "strong"), (" ）。", ""))  # fmt: skip
    words(book.say(), ("A. 甲", ""), ("不", "strong"), ("是", ""))
    words(book.say(), ("B. x", ""), ("n", "sup"))
    book.say("二、判断题")
    words(book.say(), ("4. 公务员", ""), ("一律", "dots"), ("不得兼职。（×）", ""))
    book.say("三、案例分析题")
    words(book.say(), ("5. 阅读", ""), ("材料", "strong"), ("，回答问题。（5分）", ""))
    book.table([["年度", "参加考核人数", "优秀等次人数"], ["2024", "106", "16"], ["2025", "120", "18"]])
    book.say("该单位认为优秀等次的比例合乎规定。")
    words(book.say(), ("（1）优秀等次的比例", ""), ("一般", "dots"), ("掌握在百分之几以内（ ）。（2分）", ""))
    book.say("A. 10    B. 20")
    book.say("答案：B")
    book.say("（2）请说明理由。（3分）")
    book.say("答案：按规定，一般掌握在百分之二十以内。")
    book.say("难度：中")
    book.say("知识点：考核")
    book.save("looks_and_material.docx")


def blanks_and_boxes() -> None:
    book = Book()
    book.say("三、填空题（每空1分）")
    paragraph = book.say("1. 公务员的考核分为平时考核、")
    paragraph.add_run("          ").underline = True
    paragraph.add_run("和")
    paragraph.add_run("\t").underline = True
    paragraph.add_run("等方式。")
    book.say("答案：专项考核 定期考核")
    paragraph = book.say("2. 公务员法自\t起施行。")
    tabs = element("w:tabs")
    tabs.append(element("w:tab", val="left", leader="underscore", pos="3000"))
    paragraph._p.get_or_add_pPr().append(tabs)
    book.say("参考答案：2019年6月1日")
    book.say("3. 公务员辞去公职，任免机关应当在（      ）日内审批。")
    paragraph = book.say("答案：")
    paragraph._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")}><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
            "<w:p><w:r><w:t>三十</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        )
    )
    book.save("blanks_and_boxes.docx")


def soft_breaks() -> None:
    book = Book()
    paragraph = book.say()
    lines = (
        "１．公务员被辞退后，可以领取（　　）。［单选］（２分）", "Ａ．辞退费", "Ｂ．退休金", "【答案】Ａ", "【解析】或者享受失业保险。",
    )  # fmt: skip
    for number, line in enumerate(lines):
        run = paragraph.add_run(line)
        if number + 1 < len(lines):
            run.add_break()
    paragraph = book.say("２．公务员的处分有（　　）。［多选］")
    content = paragraph._p
    content.addnext(
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Ａ．警告　　Ｂ．记过</w:t></w:r></w:p>"
            "<w:p><w:r><w:t>Ｃ．罚款　　Ｄ．开除</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        )
    )
    book.document.add_paragraph("【答案】ＡＢＤ【难度】中【知识点】惩戒")
    book.save("soft_breaks.docx")


def keys_alone() -> None:
    book = Book()
    book.say("公务员法测试参考答案")
    book.say("一、单选题")
    book.say("1-2 AB")
    book.say("二、判断题")
    book.say("1.√ 2.×")
    book.say("三、填空题")
    book.say("1. 平时考核；专项考核")
    book.save("second_file_answers.docx")


QUESTIONS = """公务员法测试
一、单选题
1. 第一题说的是（ ）
A. 甲 B. 乙
2. 第二题说的是（ ）
A. 甲 B. 乙
二、判断题
1. 公务员应当忠于宪法。
2. 公务员可以经商。
三、填空题
1. 考核有____和____。
"""
KEYS_IN_STEMS = """公务员法练习题

一、单项选择题
1、公务员的任职，应当在规定的编制限额和（ B ）内进行。
A、岗位数 B、职数
C、人数 D、名额
2、机关招录公务员，采取公开考试、严格考察、平等竞争、（ D ）的办法。
A、领导决定　　B、民主推荐
C、组织任命　　D、择优录取
二、多项选择题
3、公务员的职务晋升，应当具备拟任职务所要求的（A、B、C）等方面的条件。
A、思想政治素质 B、工作能力 C、文化程度和任职经历 D、家庭背景
三、判断题
4、公务员的职级晋升，根据个人德才表现、工作实绩和任职资历。（√）
5、国家公务员可以组织罢工。 （ × ）
四、填空题
6、公务员晋升领导职务，应当具备拟任职务所要求的（思想政治素质）和工作能力。
"""
UNNUMBERED = """[单选题] 公务员应当按照规定的权限和程序认真履行职责，这属于公务员的
A) 义务
B) 权利
C) 条件
答案：A

[多选] 公务员有下列情形之一的，不得辞去公职：
A) 未满国家规定的最低服务年限的
B) 在涉及国家秘密等特殊职位任职的
C) 年满六十周岁的
答案：A，B

[判断] 公务员工资应当按时足额发放。
答案：T

[填空] 公务员实行国家统一规定的____制度。
答案：工资/薪酬
"""
EXPORTS = """1. 公务员的基本工资包括什么？ [单选题] *
○A.职务工资和级别工资(正确答案)
○B.津贴
○C.补贴

2. 公务员的津贴有哪些？ [多选题] *
□A.地区附加津贴 (正确答案)
□B.艰苦边远地区津贴 (正确答案)
□C.加班费

3. (判断题) 公务员可以不服从上级。
正确答案: 错
答案解析: 第十四条规定了公务员的义务。

4. (单选题, 2分) 公务员法共有多少章？
A. 十八章
B. 十七章
我的答案: B
正确答案: A:十八章;
知识点: 总则
"""
OPEN_ITEMS = """四、简答题（本大题共2小题，每小题10分，共20分）
1. 简述公务员的主要义务。
【答案要点】
（1）忠于宪法，模范遵守、自觉维护宪法和法律；
（2）忠于国家，维护国家的安全、荣誉和利益；
（3）忠于人民，全心全意为人民服务。
（每点3分，语言1分）
2. 什么是公务员的回避？
答：公务员的回避包括：
1. 任职回避；
2. 地域回避；
3. 公务回避。
五、论述题（20分）
1. 结合实际，论述如何落实党管干部原则。
参考答案：略。
评分标准：观点10分，论证10分。
六、案例分析题（共10分）
案例一：王某，某县税务局公务员，2023年度考核被确定为不称职，
2024年度考核又被确定为不称职。
（1）对王某应当如何处理？（4分）
答案：予以辞退。
（2）下列说法正确的是（ ）。（6分）
A. 王某可以申请复核
B. 王某可以提出申诉
C. 王某不得申诉
答案：AB
"""
FAULTY = """第一部分 单项选择题（每题2分）
1. 没有答案的题（ ）。
A. 甲 B. 乙
2. 答案前后不一（ A ）。
A. 甲 B. 乙
答案：B
3. 只有一个选项（ ）。
A. 甲
答案：A
- 1 -
5. 前面缺一题（ ）。
A. 甲 C. 丙
答案：C
5. 题号重复（ ）。
A. 甲 B. 乙
答案：D
6. 难度看不懂（ ）。
A. 甲 B. 乙
答案：A
难度：一般般
7. 前面缺一题（ ）。
A. 甲 C. 丙
答案：C

以上试题由题库室整理。
"""
CHAPTERS = """第一章 总则
一、单选题
1. 甲（ ）
A. 一 B. 二
2. 乙（ ）
A. 一 B. 二
二、判断题
1. 丙。
参考答案
一、单选题 1.A 2.B
二、判断题 1.√
第二章 考核
一、单选题
1. 丁（ ）
A. 一 B. 二
二、判断题
1. 戊。
2. 己。
参考答案
一、单选题 1.B
二、判断题 1.× 2.√
"""
WRAPPED = """                公务员法题库

1. 公务员因工作需要在机关外兼职，应当经有关机关批准，并不
得领取（  ）。
A. 兼职报酬                       B. 交通补贴，包括因为兼职而发
生的一切费用
C. 差旅费
D. 误餐费

                                          第 1 页，共 2 页
                公务员法题库
答案：A
解析：公务员法第四十四条规定，公务员因工作需要在机关外兼职，
应当经有关机关批准，并不得领取兼职报酬。
依据：《公务员法》第四十四条

2. 公务员申诉的受理机关审查认定人事处理有错误的，原处理机关
应当（  ）予以纠正。 A. 及时  B. 一年内
答案：A   难度：中   分值：2
"""


CIRCLED = """一、单项选择题（每题2分）

1. 公务员的考核方式有：①平时考核；②专项考核；③定期考核；④随机抽签。正确的是（　）
A. ①②  B. ①②③  C. ②④  D. ①②③④
答案：B

2. 下列说法正确的是（　）。
①公务员有权申诉
②公务员有权控告
③公务员有权罢工
A．①②
B．①③
C．②③
D．①②③
【答案】A
【解析】③没有依据。

3. 公务员的级别根据（　）确定。
①所任职务 ②年龄 ③学历
答案：①

二、多项选择题

4. 公务员的奖励有（　）。
①嘉奖
②记功
③罚款
答案：①②

三、不定项选择题

5. 公务员有权（　）。
A. 申诉  B. 罢工  C. 兼职取酬
答案：A

6. 考核的结果分为（　）。
A. 优秀  B. 称职  C. 满分  D. 不称职
答案：ABD
"""


REVIEW = """（供内部学习使用，时间90分钟，满分100分）
一、单项选择题（本大题共3小题，每小题2分，共6分。在每小题列出的四个备选项中只有一个是符合题目要求的，请将其代码填写在题后的括号内。）
1．公务员年度考核的结果分为优秀、称职、（    ）和不称职四个等次。【 C 】
A．良好\tB．合格
C．基本称职\tD．一般
2．下列不属于公务员处分种类的是（D）
A.警告    B.记过    C.降级    D.罚款
3．机关聘任公务员,应当订立书面的聘任合同,聘任合同期限为(   )。
A.1年至3年
B.1年至5年
C.3年至5年
【参考答案】：B。【解析】聘任合同期限为一年至五年。
二、判断题（对的打√，错的打×，每题1分）
（ × ）4．公务员可以兼任企业顾问并领取报酬。
（ √ ）5．公务员辞职后按规定期限内不得到与原工作业务直接相关的企业任职。
三、案例分析题（共20分）
6．阅读下列材料，回答问题。（20分）
某局2023年度考核情况如下表："""
REVIEW_ANSWERS = """【问题】
（1）该局优秀等次的比例是否符合规定？为什么？（10分）
（2）如果人事科小王连续两年被确定为不称职，应当如何处理？（10分）
【参考答案】
（1）符合。优秀等次一般不超过20%。
（2）予以辞退。
以下无正文"""


STUDY = """党的二十届三中全会应知应会100题

一、单选
1.党的二十届三中全会于（  ）在北京举行。
A.2024年7月15日至18日
B.2024年7月10日至13日
C.2024年8月15日至18日
正确答案：A
2.进一步全面深化改革的总目标是（        ）和发展中国特色社会主义制度，推进国家治理体系和治理能力现代化。正确答案：A
A.继续完善
B.坚持
C.巩固
3．到（ ）年，完成本决定提出的改革任务。
A．二〇二七 B．二〇二九 C．二〇三五
答案:B
解析:到二〇二九年中华人民共和国成立八十周年时，
完成本决定提出的改革任务。
二、多选
4.七个聚焦包括（      ）
A.聚焦构建高水平社会主义市场经济体制
B.聚焦发展全过程人民民主
C.聚焦建设社会主义文化强国
D.以上均不正确
答案：A、B、C
三、判断
5.坚持党的全面领导是改革的根本保证。 答案：对
6.（判断）改革要以经济建设为中心。  （错）
7.改革没有完成时。T
四、填空
8.科学社会主义在二十一世纪的中国焕发出新的__________。
【答案】蓬勃生机（或：生机活力）
9.全会提出，高水平社会主义市场经济体制是中国式现代化的重要________。
答：保障
五、简答题
10.简述进一步全面深化改革的原则。
答：
1.坚持党的全面领导；
2.坚持以人民为中心；
3.坚持守正创新。
11.什么是新质生产力？
要点：……
"""


RECALLED = """2024年度考试真题（回忆版）

【单选题】
（1）以下属于公务员纪律的是（）
(A)保密 (B)经商 (C)罢工 (D)受贿
★答案：A

（2）公务员实行（  ）工资制。
(A)年薪 (B)职级 (C)国家统一规定的 (D)绩效
★答案：C  ★解析：第七十九条。

【判断题】
（3）公务员有批评建议权。
★答案：正确
【多选题】
（4）公务员的考核内容（）
(A)德 (B)能 (C)勤 (D)绩 (E)廉
★答案：ABCDE
【材料题】
材料一：某市开展公务员考核。
材料二：考核结果不合格者若干。
（5）考核的重点是（ ）
(A)德 (B)绩
★答案：B
（6）结合材料谈谈考核的意义。
★参考答案：促进履职。
"""
INSTRUCTED = """一、判断题
1. 公务员可以经商。（×）
2. 公务员应当保密。（√）
二、案例分析题
请结合所学知识，阅读材料后作答。
3. 某局违规聘任甲。
（1）是否合法？
（2）如何处理？
答案：（1）否。（2）撤销。
4. 某局处分乙。
（1）是否合法？
（2）如何救济？
答案：（1）是。（2）申诉。
三、简答题
5. 简述义务。
答案：略。
"""
NUMBERED_FIELDS = """一、单选题
题号：1
题干：公务员法何时施行
A.甲
B.乙
答案：B
题号：2
题干：公务员
A.甲
B.乙
答案：A
"""


TAGGED = """1.[单选]  "放管服"改革中"放"指的是：（A）[1分]
A.简政放权；B.放管结合；C.优化服务
2.[多选]  下列属于行政强制措施的种类有（ＡＢＤ）[2分]
A.限制公民人身自由；
B.查封场所、设施或者财物；
C.罚款；
D.扣押财物。
3.[判断] 行政机关可以委托。(N)[1分]
4.[填空] 行政处罚的追诉时效为【2】年。[1分]
5.[单选]  依法行政的"法"包括
A. 法律
B. 法规
  C. 规章
D. 以上都是
标准答案: D.
知识点:依法行政  难度:0.6
6.[案例] 张某因违法经营被处以罚款。
问题1：张某可以申请行政复议吗？
问题2：复议期限多长？
答案：问题1：可以。问题2：60日。
"""
KEYS_BY_CHAPTER = """第一章 总则
一、单选题
1、公务员法的立法依据是（ ）
A、宪法   B、法律
C、行政法规  D、规章
2、公务员的主管部门是（ ）
A、组织部门
B、人社部门
C、纪检部门
D、公务员主管部门
二、判断题
1、公务员法适用于所有人。
2、公务员应当为人民服务。
答案
一、单选题
1、A（第一条）  2、D（第十二条）
二、判断题
1、错。理由：只适用于公务员。
2、对

第二章 条件、义务与权利
一、单选题
1、公务员应当年满（ ）周岁
A、16  B、18  C、20  D、22
二、多选题
1、公务员应当具备的条件
A、国籍 B、年龄 C、健康 D、学历
答案
一、1、B
二、1、ABC
"""
TYPES_AS_WORDS = """1. 单选题  公务员考核结果不包括
A 优秀
B 良好
C 称职
D 不称职
【正确答案】B
【答案解析】无良好。
【难易程度】易
【所属章节】考核
2. 判断题  公务员可以参与经营
【正确答案】错误
3. 填空题  公务员法共___章___条
【正确答案】18章|113条
4. 多选题 领导职务层次包括
A 国家级正职
B 省部级正职
C 一级科员
【正确答案】A B
5. 简答题  简述公务员辞职的条件
【正确答案】
（1）提出申请；
（2）批准。
【评分标准】每点2分
6. 名词解释  公务员
【正确答案】依法履行公职、纳入国家行政编制、由国家财政负担工资福利的工作人员。
"""


def types_as_words() -> None:
    """An export of a course platform: number, type and room before the stem, letters and room before the options."""
    book = Book()
    for line in TYPES_AS_WORDS.splitlines():
        book.say(line)
    book.save("types_as_words.docx")


def texts() -> None:
    for name, text, encoding in (
        ("keys_in_stems_gb18030.txt", KEYS_IN_STEMS.replace("\n", "\r\n"), "gb18030"),
        ("study_questions_gb18030.txt", STUDY.replace("\n", "\r\n"), "gb18030"),
        ("recalled_questions_gb18030.txt", RECALLED, "gb18030"),
        ("cases_below_an_instruction.txt", INSTRUCTED, "utf-8"),
        ("fields_below_numbers.txt", NUMBERED_FIELDS, "utf-8"),
        ("questions_of_cases_gb18030.txt", TAGGED, "gb18030"),
        ("keys_by_chapter_gb18030.txt", KEYS_BY_CHAPTER, "gb18030"),
        ("unnumbered_utf16.txt", UNNUMBERED, "utf-16"),
        ("survey_exports_bom.txt", EXPORTS.replace("\n", "\r\n"), "utf-8-sig"),
        ("open_items.txt", OPEN_ITEMS, "utf-8"),
        ("faulty.txt", FAULTY, "utf-8"),
        ("chapters.txt", CHAPTERS, "utf-8"),
        ("circled_options.txt", CIRCLED, "utf-8"),
        ("wrapped_lines.txt", WRAPPED, "utf-8"),
        ("second_file_questions.txt", QUESTIONS, "utf-8"),
    ):
        (HERE / name).write_bytes(text.encode(encoding))


if __name__ == "__main__":
    automatic_numbers()
    ranges_at_the_end()
    table_of_keys()
    table_of_items()
    tables_without_heads()
    tables_of_one_item()
    types_as_words()
    review_questions()
    table_with_pictures()
    tracked_changes()
    pictures_and_formulas()
    looks_and_material()
    blanks_and_boxes()
    soft_breaks()
    keys_alone()
    texts()
