"""Printed documents: HTML to PDF. Nothing is fetched from anywhere; pictures and style sheets come along as data: URLs."""

import base64

from weasyprint import HTML
from weasyprint.urls import URLFetcher


def render_pdf(html: str) -> bytes:
    """Return the PDF of a whole HTML document, fonts embedded. The same HTML gives the same bytes.

    The document's dates are what the HTML says in ``<meta name="dcterms.created">``; fonts carry SOURCE_DATE_EPOCH where
    the environment sets it. Every address but ``data:`` is left out.
    """
    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"data"}))
    pdf: bytes = document.write_pdf()
    return pdf


def data_url(content: bytes, media_type: str) -> str:
    """``content`` as a ``data:`` address, to stand in the ``src`` of a picture."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
