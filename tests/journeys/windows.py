"""Windows of the browser, each with cookies of its own. To open one takes half a second of processor: tests share them."""

from dataclasses import dataclass, field

from playwright.sync_api import Browser, Error, Page

HEIGHT = 900
NOWHERE = "/health/live"  # shows nothing and asks for nothing


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of one browser. One that was given back is empty again: no cookie, no storage, no other tab."""

    browser: Browser
    address: str
    free: dict[bool, list[Page]] = field(default_factory=lambda: {True: [], False: []})

    def take(self, *, width: int, javascript: bool) -> Page:
        """A page in a window that nobody uses."""
        if not self.free[javascript]:
            context = self.browser.new_context(java_script_enabled=javascript)
            self.free[javascript].append(context.new_page())
        page = self.free[javascript].pop()
        page.set_viewport_size({"width": width, "height": HEIGHT})
        return page

    def give_back(self, page: Page, *, javascript: bool) -> None:
        """Empty a window for the next test; one that cannot be emptied is closed."""
        try:
            self._empty(page)
        except Error:
            page.context.close()
        else:
            self.free[javascript].append(page)

    def _empty(self, page: Page) -> None:
        context = page.context
        for other in context.pages:
            if other is not page:
                other.close()
        context.set_offline(False)
        page.unroute_all()
        page.goto(self.address + NOWHERE)
        context.clear_cookies()
        context.clear_permissions()
        session = context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": self.address, "storageTypes": "all"})
        session.detach()
