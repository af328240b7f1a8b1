"""Printed documents fetch nothing and come out alike."""

import logging

from core.documents import data_url, render_pdf

PAGE = "<meta charset=utf-8><style>body {font-family: 'Noto Serif CJK SC'}</style><p>准考证"


def test_a_page_becomes_a_pdf_and_the_same_page_the_same_bytes():
    first = render_pdf(PAGE)
    assert first.startswith(b"%PDF-")
    assert render_pdf(PAGE) == first


def test_pictures_come_as_data_and_from_nowhere_else(tmp_path, caplog):
    secret = tmp_path / "secret.svg"
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    secret.write_bytes(drawing)
    own = data_url(drawing, "image/svg+xml")
    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        render_pdf(f"{PAGE}<img src='{own}'>")
        assert not caplog.records
        for foreign in (secret.as_uri(), "http://127.0.0.1:9/x.svg"):
            render_pdf(f"{PAGE}<img src='{foreign}'>")
            assert "disallowed protocol" in caplog.records[-1].getMessage()
