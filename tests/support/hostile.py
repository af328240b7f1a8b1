"""Files that people bring by mistake or by malice, made here so that none lies about: each with its name."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

MANY = 30_000
BANK = Path(__file__).parents[1] / "data" / "bank"

CONTENT_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Override PartName="/word/document.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
BOMB = '<!DOCTYPE a [<!ENTITY b "哈哈哈哈哈哈哈哈哈哈">' + "".join(
    f'<!ENTITY {chr(99 + n)} "{f"&{chr(98 + n)};" * 10}">' for n in range(9)
)


def archive(files: dict[str, bytes]) -> bytes:
    """A ZIP file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in files.items():
            written.writestr(name, data)
    return stream.getvalue()


def good_files() -> dict[str, bytes]:
    """The files of tests/data/bank by name: what the mutations start from."""
    files = [path for path in sorted(BANK.rglob("*")) if path.is_file() and "expected" not in path.parts]
    return {path.name: path.read_bytes() for path in files if path.suffix not in (".md", ".json")}


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every hostile file."""
    yield from _archives()
    yield from _xml()
    yield from _texts()
    for name, data in good_files().items():
        yield f"truncated {name}", data[: len(data) // 2]
        yield f"wrong suffix {name}.xlsx", data
        yield f"wrong suffix {name}.xml", data
        yield f"wrong suffix {name}.docx", data


def _archives() -> Iterator[tuple[str, bytes]]:
    nothing = b"\0" * (30 * 1024 * 1024)
    inner = archive({"deeper.zip": archive({"deepest.zip": archive({"a": nothing})})})
    for suffix in ("xlsx", "docx", "zip"):
        yield f"bomb.{suffix}", archive({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": nothing})
        yield f"nested.{suffix}", archive({"[Content_Types].xml": CONTENT_TYPES, "inner.zip": inner})
        yield f"crowded.{suffix}", archive({f"{number}.xml": b"<a/>" for number in range(3000)})
        yield f"outward.{suffix}", archive({"../../etc/passwd": b"x", "[Content_Types].xml": CONTENT_TYPES})
        yield f"bare.{suffix}", archive({})
        body = f"{BOMB}]><w:document>&k;</w:document>".encode()
        yield f"entities.{suffix}", archive({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": body})
    for name in ("macros.docm", "macros.xlsm", "macros.docx", "macros.xlsx"):
        yield name, archive({"[Content_Types].xml": CONTENT_TYPES, "word/vbaProject.bin": b"x"})


def _xml() -> Iterator[tuple[str, bytes]]:
    external = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    many = " ".join(f"a{number}=''" for number in range(MANY // 3))
    for root in ("quiz", "assessmentItem", "qti-assessment-item"):
        yield f"entities {root}.xml", f"{BOMB}]><{root}>&k;</{root}>".encode()
        yield f"external {root}.xml", f"{external}<{root}>&x;</{root}>".encode()
        yield f"deep {root}.xml", (f"<{root}>" + "<b>" * MANY).encode()
        yield f"deep but closed {root}.xml", f"<{root}>{'<b>' * 5000}{'</b>' * 5000}</{root}>".encode()
        yield f"wide {root}.xml", f"<{root}>{'<b/>' * MANY}</{root}>".encode()
        yield f"attributes {root}.xml", f"<{root} {many}/>".encode()
        yield f"wrong encoding {root}.xml", f'<?xml version="1.0" encoding="utf-16"?><{root}/>'.encode()
    question = "<question type='multichoice'><questiontext><text>甲</text></questiontext>{}</question>"
    answers = "".join(f"<answer fraction='0'><text>{number}</text></answer>" for number in range(10_000))
    yield "options.moodle.xml", f"<quiz>{question.format(answers)}</quiz>".encode()
    yield "tags.moodle.xml", f"<quiz>{question.format('&lt;b&gt;' * MANY)}</quiz>".encode()
    broken = "<questiontext format='html'><text><![CDATA[" + "<p><img src='" * 20_000 + "]]></text></questiontext>"
    yield "markup.moodle.xml", f"<quiz><question type='essay'>{broken}</question></quiz>".encode()


def _texts() -> Iterator[tuple[str, bytes]]:
    texts = {
        "options aiken": "题干\n" + "".join(f"A) 选项{number}\n" for number in range(10_000)) + "ANSWER: A\n",
        "options gift": "题干{" + "".join(f"~选项{number}" for number in range(10_000)) + "=对}",
        "options text": "1. 题干（ ）\n" + "".join(f"A. 选项{number} " for number in range(10_000)) + "\n答案：A\n",
        "braces": "{" * MANY + "}" * MANY,
        "brackets": "1. " + "（" * MANY + "A" + "）" * MANY,
        "blanks": "1. " + "____" * (MANY // 4) + "\n答案：" + "；".join("甲" * 10_000),
        "equals": "::t::q{" + "=" * MANY + "}",
        "tildes": "q{" + "~%-100%" * (MANY // 7) + "}",
        "escapes": "q{=" + "\\" * MANY + "}",
        "colons": ":" * MANY,
        "numbers": "\n".join(f"{number}. 甲" for number in range(20_000)),
        "one line": "甲" * 1_000_000,
        "spaces": "1. 甲" + " " * 500_000 + "乙\n答案：A",
        "empty lines": "\n" * 500_000 + "甲",
        "dots": "1." * MANY,
        "keys": "1-" * MANY + "\n参考答案\n" + "1-5 ABCDE " * 10_000,
        "range": "一、单选题\n1. 甲（ ）\nA. 乙 B. 丙\n参考答案\n1-999999999 A",
        "headings": "一、单项选择题（每题2分）\n" * 20_000,
        "points": "（2分）" * 30_000,
        "digits": "1. 甲{#" + "9" * MANY + ":" + "9" * MANY + "}",
        "exponent": "甲 {#1e999999999:1e999999999}",
        "controls": "".join(map(chr, range(1, 32))) + "1. 甲\x0b\x0c\x1c\x85\u2028乙\nA. \x00丙",
        "bidi": "\u202e1. 甲\u2066（ ）\u2069\nA. 乙\u200b\nB. 丙\ufeff\n答案：\u202dB",
        "full width": "１．甲（　）\nＡ．乙　Ｂ．丙\n【答案】Ａ" * 2_000,
        "surrogates": "1. 甲\U0010ffff\U000e0001\nA. \ufffe乙 B. \uffff丙\n答案：A",
        "formulas": "=cmd|'/c calc'!A1\n+1+1\n-2\n@SUM(A1)\n=HYPERLINK(\"x\")",
    }
    for name, text in texts.items():
        data = text.encode("utf-8", "surrogatepass")
        for suffix in ("txt", "gift", "aiken", "csv"):
            yield f"{name}.{suffix}", data
    mixed = "1. 甲乙丙丁\n".encode() + "2. 戊己庚辛\n".encode("gb18030") + b"\xff\xfe3."
    for suffix in ("txt", "gift", "csv", "xml", "docx"):
        yield f"mixed encodings.{suffix}", mixed
        yield f"zeros.{suffix}", bytes(10_000)
        yield f"utf-16.{suffix}", "1. 甲{=乙 ~丙}\n".encode("utf-16")[:-1]
    formulas = "题型,题干,选项A,选项B,答案\n单选题,=cmd|'/c calc'!A1,+1,@SUM(A1),A\n"
    yield "formulas.csv", formulas.encode()
    yield "columns.csv", (",".join("题干" for _ in range(20_000)) + "\n").encode()
    yield "quotes.csv", ("题型,题干,答案\n" + '"' * MANY).encode()
