"""What the tests of the pages share: the published tables of an invented shop, and a real Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.reports.published import publish


@pytest.fixture
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    """The published tables, in memory; a test may change them."""
    con = duckdb.connect()
    try:
        yield publish(con)
    finally:
        con.close()


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium of this machine."""
    path = next(
        (str(one) for one in (Path("/usr/bin/chromium"), shutil.which("chromium")) if one and Path(one).exists()), None
    )
    if path is None:
        message = "no Chromium on this machine"
        if os.environ.get("JOURNEYS_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Opened:
    """A page in the browser, and everything it complained about or asked for."""

    def __init__(self, browser, path: Path, width: int = 1280, **options) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    @property
    def requests_beyond(self) -> list[str]:
        """What was asked for besides the page itself."""
        return self.requests[1:]

    @property
    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.fixture
def open_page(browser, tmp_path):
    """Open an HTML text from disk: `open_page(html, width=390)`; the page is closed with the test."""
    opened: list[Opened] = []

    def open_html(html: str, width: int = 1280, **options) -> Opened:
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        opened.append(Opened(browser, path, width, **options))
        return opened[-1]

    yield open_html
    for one in opened:
        one.context.close()
