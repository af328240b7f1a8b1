"""Taking the pictures: a browser, people signed in, and files that stay small."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from script.pictures.day import PASSWORD
from script.pictures.instance import Failed, Instance

DESK = (1366, 768)
PHONE = (390, 844)
LARGEST = 150_000  # bytes of one picture


@dataclass
class Studio:
    """The instance, the browser, and what has been made of it."""

    instance: Instance
    browser: Browser
    output: Path
    made: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    _signed_in: dict[str, BrowserContext] = field(default_factory=dict)

    def staff(self, username: str) -> Page:
        """A fresh page of an account of the demonstration, signed in."""
        if username in self._signed_in:
            return self._signed_in[username].new_page()
        page = self.stranger(DESK, 1)
        page.goto(self.instance.url("accounts.sign_in"))
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("form.panel button[type=submit]")
        page.wait_for_url(self.instance.base + "/")
        self._signed_in[username] = page.context
        return page

    def stranger(self, size: tuple[int, int], scale: float) -> Page:
        """A page of somebody who has not signed in, in a browser without a past."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=scale,
            locale="zh-CN",
            reduced_motion="reduce",
        )
        context.set_default_timeout(8000)
        return context.new_page()

    def shoot(self, page: Page, name: str) -> None:
        """Keep what the window shows."""
        page.wait_for_load_state("load")
        self.keep(page.screenshot(animations="disabled", caret="hide"), name)

    def keep(self, png: bytes, name: str) -> None:
        """Write a picture with as many colours as fit into the limit."""
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        small = b""
        for colours in (256, 128, 64, 32, 16):
            reduced = picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            stream = io.BytesIO()
            reduced.save(stream, "PNG", optimize=True)
            small = stream.getvalue()
            if len(small) < LARGEST:
                break
        self.output.mkdir(parents=True, exist_ok=True)
        (self.output / f"{name}.png").write_bytes(small)
        self.made.append(f"{name}.png  {len(small) // 1000} kB")

    @contextmanager
    def scene(self, name: str) -> Iterator[None]:
        """One picture or one act; what goes wrong is reported and does not stop the others."""
        try:
            yield
        except Exception as problem:
            self.missing.append(f"{name}: {type(problem).__name__}: {str(problem).splitlines()[0][:200]}")

    def visit(self, name: str, username: str, endpoint: str, at: str = "", **values: Any) -> None:
        """Show a page to an account and keep the picture; ``at`` selects what stands at its top."""
        with self.scene(name):
            page = self.staff(username)
            answer = page.goto(self.instance.url(endpoint, **values))
            if answer is None or not answer.ok:
                raise Failed(f"{endpoint} answers {answer.status if answer else 'nothing'}")
            if at:
                scroll_to(page, at)
            self.shoot(page, name)
            page.close()


def scroll_to(page: Page, selector: str) -> None:
    """Bring something to the top of the window, with some air above it."""
    page.locator(selector).first.evaluate("it => window.scrollTo(0, it.getBoundingClientRect().top + scrollY - 90)")


def first_page(pdf: bytes) -> bytes:
    """The first page of a document as a picture."""
    command = [shutil.which("pdftoppm") or "pdftoppm", "-png", "-r", "80", "-f", "1", "-l", "1", "-"]
    return subprocess.run(command, input=pdf, stdout=subprocess.PIPE, check=True).stdout
