"""What script/lighthouse runs next: bad wifi and a slow phone (ux.md §4), for students and for staff.

The largest paint on 400 kbit/s and 400 ms, and the longest wait after a tap, both with the processor six times slower.
Chromium measures both itself; nobody waits for a fixed time, and no test depends on it.
"""

import argparse
import statistics
import sys
import urllib.parse
from typing import Any

from tests.lighthouse import cookies_of, wait_for

WIFI = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
SLOWER = 6
SLOWEST_TAP = 200
# Who looks, where, and the largest paint in ms; after «>» the first link on it whose address begins so.
PAGES = {
    "start": ("", "/", 3000), "question": ("student.full", "/paspoort/vraag/me.free_time/", 3000),
    "overview": ("student.full", "/paspoort/", 3000), "share": ("student.full", "/delen/nieuw/", 3000),
    "desk": ("mentor.one", "/klas/", 4000), "dossier": ("mentor.one", "/gedeeld/ > /gedeeld/", 4000),
    "inbox": ("intaker.care", "/intake/", 4000), "brief": ("intaker.care", "/intake/ > /intake/", 4000),
}  # fmt: skip
PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
WATCH = """() => {
  window.slowest = 0;
  const see = (list) => { window.slowest = Math.max(window.slowest, ...list.getEntries().map((one) => one.duration)); };
  new PerformanceObserver(see).observe({ type: "event", durationThreshold: 16 });
}"""
PAINT = """() => new Promise((done) => new PerformanceObserver(
  (list) => done(list.getEntries().at(-1).startTime)).observe({ type: "largest-contentful-paint", buffered: true }))"""
# Two frames and a moment: what was painted after the last tap has been reported then.
SLOWEST = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
  () => setTimeout(() => done(window.slowest), 100))))"""
# What is tapped without going to another page: what opens, what is ticked, and some letters typed.
TAPS = "main summary, main input[type=checkbox]:not(:disabled), main input[type=radio]:not(:disabled)"
MOST_TAPS = 8


def page_of(browser: Any, address: str, username: str, path: str) -> tuple[Any, str]:
    """A page of somebody who is logged in and never was here with this browser, and the address to open in it."""
    size = PHONE if not username or username.startswith("student") else LAPTOP
    context = browser.new_context(base_url=address, viewport=size, has_touch=size is PHONE, service_workers="block")
    if username:
        pairs = [one.split("=", 1) for one in cookies_of(address, username).split("; ")]
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in pairs])
    where, _, begin = path.partition(" > ")
    if begin:
        with_link = browser.new_context(base_url=address, storage_state=context.storage_state())
        other = with_link.new_page()
        other.goto(where)
        where = other.locator(f"main a[href^='{begin}']").first.get_attribute("href")
        with_link.close()
    return context.new_page(), where


def measure(page: Any, path: str) -> tuple[float, float, int]:
    """The largest paint in ms, the longest wait after a tap in ms, and how many taps there were."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", WIFI)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(path, wait_until="load", timeout=60_000)
    if urllib.parse.urlsplit(page.url).path != path:
        sys.exit(f"{path} led to {page.url}")
    paint = page.evaluate(PAINT)
    page.evaluate(WATCH)
    taps = 0
    for one in page.locator(TAPS).all():
        if taps < MOST_TAPS and one.is_visible():
            one.click(force=True)
            taps += 1
    if page.locator("main textarea:visible").count():
        page.locator("main textarea:visible").first.press_sequentially("Ik kook graag.")
        taps += 1
    if taps == 0:  # a page that only reads: a tap beside everything still has to be answered
        page.locator("h1").first.click(force=True)
        taps = 1
    return float(paint), float(page.evaluate(SLOWEST)), taps


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--chromium", required=True)
    parser.add_argument("--runs", type=int, default=3, help="looks per page; the middle one counts")
    chosen = parser.parse_args()
    wait_for(chosen.address)
    wrong = []
    sys.stdout.write("bad wifi   LCP ms  most    tap ms  most  taps\n")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, (username, path, most) in PAGES.items():
            looks = []
            for _ in range(chosen.runs):
                page, where = page_of(browser, chosen.address, username, path)
                looks.append(measure(page, where))
                page.context.close()
            paint, tap, taps = (statistics.median(one[at] for one in looks) for at in range(3))
            sys.stdout.write(f"{name:10} {paint:6.0f}  {most:4}  {tap:8.0f}  {SLOWEST_TAP:4}  {taps:4.0f}\n")
            sys.stdout.flush()
            wrong += [f"{name}: missed LCP on bad wifi"] if paint > most else []
            wrong += [f"{name}: missed the longest tap"] if tap > SLOWEST_TAP else []
        browser.close()
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
