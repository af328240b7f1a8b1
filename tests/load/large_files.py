"""``python -m tests.load.large_files``: files of 100 MB in every format, read as an upload is. Printed, never asserted.

Each file is kept, read and compared in a process of its own, so that its highest memory is told apart from the others'.
"""

import base64
import io
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from docx import Document
from PIL import Image

from core.web import uploads
from question_bank.formats.excel_writing import write_items
from question_bank.items.import_views import read_review
from tests.load.bank import installation, items
from tests.load.servers import machine

SIZE = 100 * 1024 * 1024
# A little less than what is refused unread.
TARGET = SIZE - 1024 * 1024
PICTURES = 700
ANSWER = "A"


def picture(number: int) -> bytes:
    """A PNG picture that does not get smaller, of a seven-hundredth part of the size."""
    side = 218
    noise = random.Random(number).randbytes(side * side * 3)  # noqa: S311 (repeatable, nothing secret)
    stream = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(stream, "PNG", compress_level=0)
    return stream.getvalue()


def excel(path: Path) -> None:
    """Twenty thousand items with long rationales, not compressed."""
    packed = io.BytesIO()
    write_items(packed, items(20_000))
    filler = b"<!--" + b"x" * (TARGET // 2) + b"-->"
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data += filler
            target.writestr(name, data)


def word(path: Path) -> None:
    """Seven hundred items, each with a picture."""
    document = Document()
    for number in range(PICTURES):
        document.add_paragraph(f"{number + 1}. 第{number}题的图中是哪一项（　　）。")
        document.add_picture(io.BytesIO(picture(number)))
        for label in "ABCD":
            document.add_paragraph(f"{label}. 选项{label}之{number}")
        document.add_paragraph("答案：A")
    document.save(str(path))


def text(path: Path) -> None:
    """As many items as fit."""
    _repeated(
        path, lambda n: f"{n}. 公务员第{n}题（　　）。\nA. 甲{n}\nB. 乙{n}\nC. 丙\nD. 丁\n答案：A\n解析：见第{n}条\n\n"
    )


def gift(path: Path) -> None:
    """As many items as fit."""
    _repeated(path, lambda n: f"::Q{n}:: 公务员第{n}题是哪一项？ {{ =甲{n} ~乙{n} ~丙 ~丁 }}\n\n")


def moodle(path: Path) -> None:
    """Questions with a picture each, in base64."""

    def question(number: int) -> str:
        data = base64.b64encode(picture(number)).decode()
        answers = "".join(
            f'<answer fraction="{100 if label == ANSWER else 0}" format="html"><text>选项{label}{number}</text></answer>'
            for label in "ABCD"
        )
        return (
            f'<question type="multichoice"><name><text>Q{number}</text></name><questiontext format="html"><text>'
            f'<![CDATA[<p>第{number}题 <img src="@@PLUGINFILE@@/p.png"/></p>]]></text><file name="p.png" path="/" '
            f'encoding="base64">{data}</file></questiontext><single>true</single>{answers}</question>\n'
        )

    _repeated(path, question, "<?xml version='1.0' encoding='UTF-8'?>\n<quiz>\n", "</quiz>\n")


def qti(path: Path) -> None:
    """A package of items with a picture each."""
    resources = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        for number in range(PICTURES):
            choices = "".join(f'<simpleChoice identifier="{c}">选项{c}{number}</simpleChoice>' for c in "ABCD")
            package.writestr(f"images/p{number}.png", picture(number))
            package.writestr(
                f"items/i{number}.xml",
                f'<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i{number}" title="{number}" '
                'adaptive="false" timeDependent="false"><responseDeclaration identifier="RESPONSE" cardinality="single" '
                'baseType="identifier"><correctResponse><value>A</value></correctResponse></responseDeclaration>'
                '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/><itemBody>'
                f'<p>第{number}题 <img src="../images/p{number}.png" alt="图"/></p>'
                f'<choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1">{choices}'
                "</choiceInteraction></itemBody><responseProcessing "
                'template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/></assessmentItem>',
            )
            resources.append(
                f'<resource identifier="r{number}" type="imsqti_item_xmlv2p1" href="items/i{number}.xml">'
                f'<file href="items/i{number}.xml"/><file href="images/p{number}.png"/></resource>'
            )
        package.writestr(
            "imsmanifest.xml",
            '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><organizations/><resources>'
            + "".join(resources)
            + "</resources></manifest>",
        )


FILES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "excel": ("large.xlsx", excel),
    "word": ("large.docx", word),
    "text": ("large.txt", text),
    "gift": ("large.gift", gift),
    "moodle-xml": ("large.xml", moodle),
    "qti": ("large.zip", qti),
}


def _repeated(path: Path, block: Callable[[int], str], start: str = "", end: str = "") -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(start)
        number = 0
        while stream.tell() < TARGET - 2_000_000:
            stream.writelines(block(number + one) for one in range(10))
            number += 10
        stream.write(end)


def measure(path: Path) -> None:
    """Keep a file as an upload and review it; print what came of it, the time and the highest memory."""
    with installation("sqlite") as app, app.app_context(), app.test_request_context():
        base = _highest(resource.RUSAGE_SELF)
        started = time.perf_counter()
        with path.open("rb") as stream:
            token = uploads.keep(1, path.name, stream)
        kept = time.perf_counter() - started
        worked = time.process_time()
        review = read_review(1, token)
        seconds = time.perf_counter() - started - kept
        told = f"{len(review.entries)} items" if review.entries else f"refused: {review.elsewhere[0].reason}"
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{path.name}, {path.stat().st_size / 1e6:.0f} MB: kept in {kept:.1f} s, reviewed in {seconds:.1f} s "
              f"(processor time {used.ru_utime + used.ru_stime:.1f} s in the reader, {time.process_time() - worked:.1f} s here), "
              f"memory at its highest {_highest(resource.RUSAGE_CHILDREN)} MB in the reader, "
              f"{_highest(resource.RUSAGE_SELF)} MB here ({base} MB before); {told}")  # fmt: skip


def _highest(whose: int) -> int:
    return resource.getrusage(whose).ru_maxrss // 1024


def main() -> int:
    """Make and measure every file, or those of the formats named."""
    print(f"files of about {SIZE // 1024 // 1024} MB; {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or FILES:
            filename, make = FILES[name]
            path = Path(folder) / filename
            make(path)
            # A program of ours and a path of our own.
            subprocess.run([sys.executable, "-c", _MEASURE, str(path)], check=True)
            path.unlink()
    return 0


_MEASURE = (
    "import sys; from pathlib import Path; from tests.load.large_files import measure; measure(Path(sys.argv[1]))"
)

if __name__ == "__main__":
    sys.exit(main())
