"""A real browser for tests that look at a page: Debian's Chromium, without any background traffic."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

WAIT = (
    300_000.0  # milliseconds; a guard: nothing waits so long, but on a machine that others use, too
)
expect.set_options(timeout=WAIT)
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; a test is skipped where the system has none (CI installs it)."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program,
            args=[*QUIET, *(["--no-sandbox"] if os.getuid() == 0 else [])],
            timeout=WAIT,
        )
        _be_patient(browser)
        try:
            yield browser
        finally:
            browser.close()


def _be_patient(browser: Browser) -> None:
    """Whatever is done to a page of it may take as long as what is expected of one."""
    new_context, new_page = browser.new_context, browser.new_page

    def context(**options: Any) -> BrowserContext:
        made = new_context(**options)
        made.set_default_timeout(WAIT)
        return made

    def page(**options: Any) -> Page:
        made = new_page(**options)
        made.set_default_timeout(WAIT)
        return made

    browser.new_context, browser.new_page = context, page  # type: ignore[method-assign]
