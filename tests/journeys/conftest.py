"""A real browser on a live server."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from demo.people import PASSWORD
from kernel.time import now
from tests.builders import set_the_scene
from tests.journeys.windows import HEIGHT, Windows

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_WIDTH = ["target-size", "scrollable-region-focusable"]
OPTIONS = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
LOOK = "options => axe.run(options).then(found => found.violations)"
SETTLED = (
    "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """A live server of this process, static files served by WhiteNoise as in production."""
    server = LiveServerThread("127.0.0.1", static_handler=lambda application: application)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture(scope="session")
def windows(chromium: Browser, address: str) -> Windows:
    return Windows(chromium, address)


class Visitor:
    """Somebody at a browser. Counts what they do; complains about anything on the console."""

    def __init__(self, page: Page, address: str) -> None:
        self.window = self.page = page
        self.page.set_default_timeout(15_000)
        self.address, self.complaints = address, list[str]()
        self.actions = self.characters = 0
        self.page.on("console", self._hear)
        self.page.on("pageerror", self._hear_fault)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _hear_fault(self, fault: Error) -> None:
        self.complaints.append(str(fault))

    def leave(self) -> Page:
        """The window, which is no longer listened to."""
        self.window.remove_listener("console", self._hear)
        self.window.remove_listener("pageerror", self._hear_fault)
        return self.window

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def arrive(self, username: str) -> None:
        """Signed in, on the page where that role starts; the form for it has journeys of its own."""
        client = Client()
        answer = client.post("/accounts/login/", {"username": username, "password": PASSWORD})
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address}]
        )
        self.go(answer["Location"])

    def sign_in(self, username: str) -> None:
        self.go("/accounts/login/")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "login" not in url)

    def click(self, selector: str) -> None:
        self.actions += 1
        self.page.locator(selector).first.click()

    def choose(self, name: str, value: str) -> None:
        """One action: a radio or a checkbox."""
        self.actions += 1
        self.page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)

    def type(self, name: str, text: str) -> None:
        self.actions += 1
        self.characters += len(text)
        self.page.locator(f'[name="{name}"]').first.fill(text)

    def expect(self, text: str, *, within: str = "body") -> None:
        self.page.locator(within).get_by_text(text).first.wait_for()

    def is_accessible(self) -> None:
        """axe finds nothing, WCAG 2.2 AA and its best practices."""
        if self.page.evaluate("typeof axe === 'undefined'"):
            self.page.evaluate(AXE_SCRIPT)
        self.page.evaluate("globalThis.looked_at = innerWidth")
        faults = [
            f"{fault['id']}: {fault['help']} at {[node['target'] for node in fault['nodes']]}"
            for fault in self.page.evaluate(LOOK, OPTIONS)
        ]
        assert faults == [], f"{self.place}: " + "\n".join(faults)

    def fits_its_width(self) -> None:
        """Nothing has to be scrolled sideways, and what depends on the width is still accessible.

        A look at a page at one width looks again only at another.
        """
        if self.page.evaluate("typeof axe !== 'undefined' && globalThis.looked_at !== innerWidth"):
            only = {"runOnly": {"type": "rule", "values": OF_WIDTH}, "resultTypes": ["violations"]}
            assert self.page.evaluate(LOOK, only) == [], self.place
        root = "document.documentElement"
        overflow = self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
        assert overflow <= 0, f"{self.place}: {overflow} pixels too wide"

    def resize(self, width: int) -> None:
        """As when a tablet is turned; what listens to the size has heard of it afterwards."""
        if width == self.width:
            return
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.evaluate(SETTLED)

    @property
    def width(self) -> int:
        assert self.page.viewport_size is not None
        return self.page.viewport_size["width"]

    @property
    def place(self) -> str:
        return f"{self.page.url} at {self.width} px"


@pytest.fixture
def visitor(windows: Windows, transactional_db: None) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor: `visitor("gp")`, with `width=375` or `javascript=False`."""
    set_the_scene(at=now())
    made: list[tuple[Visitor, bool]] = []

    def make(username: str = "", *, width: int = 1280, javascript: bool = True) -> Visitor:
        somebody = Visitor(windows.take(width=width, javascript=javascript), windows.address)
        made.append((somebody, javascript))
        if username:
            somebody.arrive(username)
        return somebody

    yield make
    complaints = [complaint for somebody, _ in made for complaint in somebody.complaints]
    for somebody, javascript in made:
        windows.give_back(somebody.leave(), javascript=javascript)
    assert complaints == []
