"""Where Chromium is, and what a page must not do while a test drives it."""

from __future__ import annotations

import os
import shutil
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# What htmx says of a request given up for a newer one; what really fails also says "sendError".
_GIVEN_UP = ("htmx:afterRequest,", "htmx:sendAbort,")
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


# In one piece: what Playwright waits for by itself it evaluates in the page, whose policy forbids that.
_STICKS_OUT = """() => new Promise(tell => {
  const end = performance.now() + 3000;
  const look = () => {
    const out = document.documentElement.scrollWidth > innerWidth;
    if (out && performance.now() < end) requestAnimationFrame(look); else tell(out);
  };
  look();
})"""


def sticks_out(page: Page) -> bool:
    """Whether the page scrolls sideways, and goes on to: a chart follows its box a moment after the window."""
    return bool(page.evaluate(_STICKS_OUT))


def executable() -> str | None:
    """CHROMIUM, or the first browser of the usual names on the path."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


class Watch:
    """Notes everything a page does that a user or an administrator would complain about."""

    def __init__(self, page: Page, *, origin: str) -> None:
        self._origin = urlsplit(origin).netloc
        self.complaints: list[str] = []
        # The page's own refusals (422, 403, 404) are answers, and the test that asked for them names them.
        self.expected_statuses: set[int] = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or message.text.startswith(_GIVEN_UP):
            return
        if any(f"status of {status}" in message.text for status in self.expected_statuses):
            return
        self.complaints.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self._origin:
            self.complaints.append(f"request to another host: {request.url}")

    def _failed(self, request: Request) -> None:
        # Leaving a page, or a newer request in its place, is not a failure.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected_statuses:
            self.complaints.append(f"{response.status} for {response.request.method} {response.url}")
