"""What script/lighthouse runs: logs in, lets Lighthouse look at four pages as a cheap phone, holds them to ux.md §4."""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

PAGES = {
    "start": "/", "question": "/paspoort/vraag/me.free_time/", "overview": "/paspoort/", "share": "/delen/nieuw/",
}  # fmt: skip
# At least, of 100; at most, in ms (CLS has no unit).
SCORES = {"performance": 95, "accessibility": 100, "best-practices": 100}
LIMITS = {"largest-contentful-paint": 1800, "total-blocking-time": 100, "cumulative-layout-shift": 0.02}


def wait_for(address: str) -> None:
    """Until the site answers; five minutes for a machine that still has to install things."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    sys.exit("the site did not start")


def cookies_of(address: str, username: str) -> str:
    """The cookie header of somebody who just logged in with one tap on the demo page."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{address}/demo/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    form = {"csrfmiddlewaretoken": token[1] if token else "", "username": username}
    browser.open(
        urllib.request.Request(
            f"{address}/demo/", urllib.parse.urlencode(form).encode(), {"Referer": f"{address}/demo/"}
        )
    )
    return "; ".join(f"{one.name}={one.value}" for one in jar)


def look(address: str, path: str, cookies: str, tool: Path, report: Path) -> dict[str, float]:
    """One look of Lighthouse: the scores of 100, and the measures. The whole report stays in `report`."""
    headers = json.dumps({"Cookie": cookies}) if cookies else "{}"
    command = [
        tool / "node_modules/.bin/lighthouse", f"{address}{path}", "--quiet", "--output=json",
        f"--output-path={report}", f"--only-categories={','.join(SCORES)}", f"--extra-headers={headers}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]  # fmt: skip
    for tries_left in (2, 1, 0):  # the browser now and then gives no trace: that look measured nothing
        done = subprocess.run(command, env={**os.environ, "CI": "1"}, stdout=subprocess.DEVNULL)
        if done.returncode == 0:
            break
        if not tries_left:
            sys.exit(f"lighthouse could not look at {path}")
    found: dict[str, Any] = json.loads(report.read_text())
    if urllib.parse.urlsplit(found["finalDisplayedUrl"]).path != path:
        sys.exit(f"{path} led to {found['finalDisplayedUrl']}")
    scores = {name: round(100 * found["categories"][name]["score"]) for name in SCORES}
    return {**scores, **{name: found["audits"][name]["numericValue"] for name in LIMITS}}


def missed(figures: dict[str, float]) -> list[str]:
    """The budgets these figures do not keep."""
    low = [name for name, least in SCORES.items() if figures[name] < least]
    return low + [name for name, most in LIMITS.items() if figures[name] > most]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--tool", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3, help="looks per page; the middle one counts")
    chosen = parser.parse_args()
    wait_for(chosen.address)
    cookies = cookies_of(chosen.address, "student.full")
    wrong = {}
    sys.stdout.write("page       perf  a11y  best   LCP ms  TBT ms    CLS\n")
    for name, path in PAGES.items():
        looks = [
            look(
                chosen.address, path, "" if name == "start" else cookies, chosen.tool,
                chosen.tool.resolve() / f"{name}-{run}.json",
            )
            for run in range(chosen.runs)
        ]  # fmt: skip
        middle = {key: statistics.median(one[key] for one in looks) for key in looks[0]}
        one, two, three, lcp, tbt, cls = middle.values()
        sys.stdout.write(f"{name:10} {one:4.0f}  {two:4.0f}  {three:4.0f}  {lcp:7.0f} {tbt:7.0f}  {cls:5.3f}\n")
        sys.stdout.flush()
        if found := missed(middle):
            wrong[name] = found
    sys.exit("\n".join(f"{name}: missed {', '.join(found)}" for name, found in wrong.items()) or 0)


if __name__ == "__main__":
    main()
