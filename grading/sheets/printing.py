"""A document as PDF, laid out in portions: a table of thousands of rows at once would take a gigabyte and minutes.

Each portion begins with the row that began the last, incomplete page of the portion before, so that pages stay full;
page numbers are stamped at the end, when their total is known.
"""

from collections.abc import Callable, Sequence

from flask import current_app
from weasyprint import HTML
from weasyprint.document import Document as Layout
from weasyprint.document import Page
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from grading.sheets.model import Document, Sheet, Stamp, as_text

PORTION = 200
Tell = Callable[[int, int], None]


def write_pdf(document: Document, stamp: Stamp, created: str, tell: Tell | None = None) -> bytes:
    """Return the PDF, fonts embedded, 第 x 页 共 y 页 on every page. ``created``: ISO 8601; ``tell(rows done, rows)``."""
    fonts = FontConfiguration()
    first: Layout | None = None
    pages: list[Page] = []
    whole = sum(len(sheet.lines) for sheet in document.sheets)
    done = 0
    for sheet in document.sheets:
        start = 0
        while True:
            if tell:
                tell(done + start, whole)
            end = min(start + PORTION, len(sheet.lines))
            layout = _lay_out(_html(document, sheet, stamp, created, start, end), fonts)
            first = first or layout
            if end == len(sheet.lines):
                pages += layout.pages
                break
            start = _first_row(layout.pages[-1], start)
            pages += layout.pages[:-1]
        done += len(sheet.lines)
    assert first is not None  # noqa: S101 (a document has a sheet)
    _stamp(pages, created, fonts)
    pdf: bytes = first.copy(pages).write_pdf()
    return pdf


def _lay_out(html: str, fonts: FontConfiguration) -> Layout:
    fetcher = URLFetcher(allowed_protocols={"data"})
    return HTML(string=html, url_fetcher=fetcher).render(font_config=fonts)


def _html(document: Document, sheet: Sheet, stamp: Stamp, created: str, start: int, end: int) -> str:
    rows = [
        (number, [as_text(cell, column) for cell, column in zip(line.cells, sheet.columns, strict=True)], line.detail)
        for number, line in enumerate(sheet.lines[start:end], start)
    ]
    return _render(
        "print/sheets/sheet.html",
        document=document,
        sheet=sheet,
        rows=rows,
        begins=start == 0,
        ends=end == len(sheet.lines),
        stamp=stamp,
        created=created,
    )


def _render(template: str, **values: object) -> str:
    # Not flask's render_template: its context belongs to requests, and sheets are made by jobs and commands.
    return current_app.jinja_env.get_template(template).render(**values)


def _first_row(page: Page, start: int) -> int:
    """The number of the row that begins a page, from the anchors that the template gives its rows."""
    numbers = [int(name.removeprefix("row-")) for name in page.anchors if name.startswith("row-")]
    return max(min(numbers), start + 1)


def _stamp(pages: Sequence[Page], created: str, fonts: FontConfiguration) -> None:
    """Draw 第 x 页 共 y 页 over each page from a document that holds nothing but these numbers."""
    numbers = _lay_out(_render("print/sheets/numbers.html", count=len(pages), created=created), fonts).pages
    for page, number in zip(pages, numbers, strict=True):
        page.paint = _both(page.paint, number.paint)


def _both(one: Callable[..., None], other: Callable[..., None]) -> Callable[..., None]:
    def paint(stream: object, *arguments: object, **options: object) -> None:
        one(stream, *arguments, **options)
        other(stream, *arguments, **options)

    return paint
