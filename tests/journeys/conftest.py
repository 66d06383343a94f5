"""A real browser against a real `script/server` process with its own VAR_DIR and port, never live_server."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 800}
ROOT = Path(__file__).parent.parent.parent
SHOTS = Path(os.environ["SCREENSHOTS"]) if os.environ.get("SCREENSHOTS") else None
# WCAG 2.2 A and AA and the best practices. target-size is off in axe unless asked for.
AXE = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
}
# All that can differ between light and dark, on a page that is otherwise the same: what hangs on colour.
AXE_COLOURS = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}

# How every screen is looked at: the size, the scheme, and how big the letters are.
WAYS = {
    "phone-light": (PHONE, "light", ""), "phone-dark": (PHONE, "dark", ""), "phone-200": (PHONE, "light", "200%"),
    "laptop-light": (LAPTOP, "light", ""), "laptop-dark": (LAPTOP, "dark", ""),
}  # fmt: skip
# The ordinary run looks at each size and each scheme; the other ways are for script/test --all. Letters at 200 % are
# looked at in test_large_text.py always.
if not os.environ.get("ALL_WAYS"):
    WAYS = {name: WAYS[name] for name in ("phone-light", "laptop-dark")}
WIDE = "document.documentElement.scrollWidth - innerWidth"
LETTERS = "(size) => { document.documentElement.style.fontSize = size }"


@dataclass(frozen=True)
class Site:
    """A running site: where it listens, where it keeps its things, all it said, and what its commands need."""

    address: str
    var: Path
    output: Path
    settings: dict[str, str]

    def mail_to(self, address: str, finds: str) -> str:
        """What a pattern finds in the newest mail to this address; mail is on the console (contract, Settings)."""
        for _ in range(100):
            said = self.output.read_text(errors="replace").replace("=\n", "")
            own = [mail for mail in said.split("Subject: ")[1:] if f"To: {address}" in mail]
            found = [match[0] for mail in own if (match := re.search(finds, mail))]
            if found:
                return found[-1]
            time.sleep(0.2)
        return pytest.fail("no mail came")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as a stranger starts it, with the demo in it; stopped with Ctrl-C. Every xdist worker has its own."""
    var, port = tmp_path_factory.mktemp("site"), free_port()
    env = {key: value for key, value in os.environ.items() if key not in ("BASE_URL", "PYTEST_XDIST_WORKER")}
    settings = {"VAR_DIR": str(var), "DEMO": "1", **_own_databases()}
    one = Site(f"http://localhost:{port}", var, var / "output.log", settings)
    with one.output.open("wb") as output:
        server = subprocess.Popen(
            ["script/server", "--port", str(port)],
            cwd=ROOT, env={**env, **settings}, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait(one, server)
            yield one
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def _own_databases() -> dict[str, str]:
    """On the second run the site gets databases of its own, on the same PostgreSQL and Redis as the tests."""
    if not os.environ.get("TEST_SERVICES"):
        return {}
    import psycopg

    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    queue = 15 - int(worker.removeprefix("gw"))  # a site that read another one's queue would drop its messages
    own = {"REDIS_URL": f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{queue}"}
    for name in ("DATABASE_URL", "KEYS_DATABASE_URL"):
        database = f"site_{worker}_{os.environ[name].rsplit('/', 1)[1]}"
        with psycopg.connect(os.environ[name], autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database}")
        own[name] = f"{os.environ[name].rsplit('/', 1)[0]}/{database}"
    return own


def _wait(one: Site, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(1500):  # five minutes: two sites may start at once on a busy machine
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{one.address}/readyz", timeout=5) as answer:
                if answer.status == 200 and b"runs on" in one.output.read_bytes():
                    return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the site did not start: {one.output.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    # Playwright leaves its event loop running in this thread; the other tests of this process use no async at all.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Person:
    """Somebody at a screen: logs in with one tap, reads, taps, and every screen they meet is checked with axe."""

    def __init__(self, browser: Any, site: Site, **options: Any) -> None:
        self.scripts, self.scheme = options.get("java_script_enabled", True), options.get("color_scheme", "light")
        self.context = browser.new_context(base_url=site.address, locale="nl-NL", **options)
        self.page = self.context.new_page()
        self.switch: Any = None
        self.page.set_default_timeout(15_000)
        self.wrong: list[str] = []
        self.foreign: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda line: self.wrong.append(line.text) if "Content Security" in line.text else None)
        self.page.on("request", lambda request: self._note(request.url, site.address))

    def _note(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:")):
            self.foreign.append(url)

    def log_in(self, username: str) -> "Person":
        self.page.goto("/demo/")
        return self.tap(username)

    def tap(self, name: str, role: str = "button") -> "Person":
        """Presses what leads to another page, and waits until that page is there."""
        with self.page.expect_navigation():
            self.page.get_by_role(role, name=name, exact=False).first.click()
        return self

    def link(self, name: str) -> "Person":
        return self.tap(name, "link")

    def tick(self, name: str) -> "Person":
        self.page.get_by_label(name, exact=True).first.check()
        return self

    def sees(self, text: str) -> "Person":
        self.page.get_by_text(text, exact=False).first.wait_for()
        return self

    def sees_not(self, text: str) -> "Person":
        assert text not in self.page.inner_text("body")
        return self

    def get(self, path: str) -> Any:
        """Fetches an address with this person's cookies. Tries again when the server just closed a kept connection."""
        return self.context.request.get(path, max_retries=2)

    def screen(self, name: str, picture: bool = True, asks: dict[str, Any] = AXE) -> "Person":
        """This screen is right: no axe finding, no script error, nothing from elsewhere; and a picture of it."""
        assert self.wrong == [] and self.foreign == [], f"{name}: {self.wrong} {self.foreign}"
        found = self._axe(asks)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        if SHOTS and picture:
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SHOTS / f"{name}.jpg", full_page=True, type="jpeg", quality=50)
        return self

    def _axe(self, asks: dict[str, Any]) -> Any:
        """What axe finds. Of a page that came without scripts too: ours never ran, and only axe itself may."""
        if self.scripts:
            return self._run_axe(asks)
        if self.switch is None:  # a session of its own that stays: what it set goes when it goes
            self.switch = self.context.new_cdp_session(self.page)
            self.switch.send("Emulation.setScriptExecutionDisabled", {"value": True})
        self.switch.send("Emulation.setScriptExecutionDisabled", {"value": False})
        try:
            return self._run_axe(asks)
        finally:
            self.switch.send("Emulation.setScriptExecutionDisabled", {"value": True})

    def _run_axe(self, asks: dict[str, Any]) -> Any:
        """Axe comes into a page once, however often one looks at it."""
        from axe_playwright_python.base import AxeResults
        from axe_playwright_python.sync_playwright import Axe

        if not self.page.evaluate("Boolean(window.axe)"):
            self.page.evaluate(Axe().axe_script)
        return AxeResults(self.page.evaluate("(options) => axe.run(options)", asks))

    def in_all_ways(self, name: str) -> "Person":
        """This screen is right on phone and laptop, light and dark, and at 200 % (WAYS); then as it was."""
        size, wrong = self.page.viewport_size, []
        self.page.emulate_media(reduced_motion="reduce")  # axe reads colours, and none halfway
        for way, (viewport, scheme, letters) in WAYS.items():
            self.page.set_viewport_size(viewport)
            self.page.emulate_media(color_scheme=scheme)
            self.page.evaluate(LETTERS, letters)
            try:
                self.screen(f"{name}-{way}", picture=not letters, asks=AXE_COLOURS if scheme == "dark" else AXE)
            except AssertionError as finding:
                wrong.append(str(finding))
            if (wide := self.page.evaluate(WIDE)) > 0:
                wrong.append(f"{name}-{way} scrolls sideways: {wide} px")
        self.page.set_viewport_size(size)
        self.page.emulate_media(color_scheme=self.scheme)
        assert not wrong, "\n".join(wrong)
        return self


@pytest.fixture
def person(chromium: Any, site: Site) -> Iterator[Callable[..., Person]]:
    """Makes people at screens: `person(PHONE)`; closes their browsers after the test."""
    people: list[Person] = []

    def one(viewport: dict[str, int], **options: Any) -> Person:
        people.append(Person(chromium, site, viewport=viewport, **options))
        return people[-1]

    yield one
    for made in people:
        made.context.close()
