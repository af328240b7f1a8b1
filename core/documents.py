"""Printed documents: HTML to PDF. Nothing is fetched from anywhere; pictures and style sheets come along as data: URLs."""

import base64
from typing import Any

from weasyprint import HTML
from weasyprint.urls import URLFetcher


class Layout:
    """A document laid out part by part, so that long work can tell its progress; each part begins on a new page."""

    def __init__(self) -> None:
        self._parts: list[Any] = []

    def add(self, html: str) -> None:
        """Lay out one whole HTML document as the next part."""
        fetcher = URLFetcher(allowed_protocols={"data"})
        self._parts.append(HTML(string=html, url_fetcher=fetcher).render())

    def pdf(self) -> bytes:
        """All parts as one PDF, fonts embedded. Title and dates are those of the first."""
        pages = [page for part in self._parts for page in part.pages]
        pdf: bytes = self._parts[0].copy(pages).write_pdf()
        return pdf


def render_pdf(html: str) -> bytes:
    """Return the PDF of a whole HTML document, fonts embedded. The same HTML gives the same bytes.

    The document's dates are what the HTML says in ``<meta name="dcterms.created">``; fonts carry SOURCE_DATE_EPOCH where
    the environment sets it. Every address but ``data:`` is left out.
    """
    layout = Layout()
    layout.add(html)
    return layout.pdf()


def data_url(content: bytes, media_type: str) -> str:
    """``content`` as a ``data:`` address, to stand in the ``src`` of a picture."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
