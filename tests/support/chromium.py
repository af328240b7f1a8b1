"""How the browser tests start Debian's Chromium: no download, no sandbox as root, no calls home."""

import os
import shutil
from typing import TypedDict

NAMES = ("chromium", "chromium-browser", "google-chrome")


class LaunchOptions(TypedDict):
    """Keyword arguments of Playwright's ``chromium.launch``."""

    executable_path: str
    headless: bool
    args: list[str]


def launch_options(*, headless: bool = True) -> LaunchOptions:
    """Options for ``playwright.chromium.launch(**launch_options())``; RuntimeError where there is no Chromium."""
    arguments = [
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        # Names other than loopback do not resolve: no test reaches beyond this machine.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ]
    if os.getuid() == 0:
        arguments.append("--no-sandbox")
    return {"executable_path": find_chromium(), "headless": headless, "args": arguments}


def find_chromium() -> str:
    """Path of the installed browser."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise RuntimeError("There is no Chromium on this machine; script/setup --test installs one.")
