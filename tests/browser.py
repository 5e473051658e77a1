"""The one browser of a test process: Playwright allows no second one beside it."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "")
# Chromium draws parts of its own window as web pages, in processes that each new context would start and nobody
# sees. The flag replaces Playwright's list, of which the last lines are what concerns pages on this machine.
UNSEEN = [
    "InitialWebUI",
    "PreloadTopChromeWebUI",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
    "WebUIReloadButton",
    "WebUISplitTabsButton",
    "WebUIToolbar",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
FLAGS = [
    f"--disable-features={','.join(UNSEEN)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--min-semi-space-size=32 --max-semi-space-size=64",  # axe makes much and keeps little: a tenth less work
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, once a process; skipped without it, and failed where CI promises it."""
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("the browser tests need Chromium")
        pytest.skip(os.environ.get("NO_BROWSER") or "run the browser tests with ./test, which finds Chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
