"""A network that comes and goes: nothing that was typed is lost, and nothing of a person is left behind."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

import pytest

from tests.journeys.cable import Cable, make_certificate
from tests.journeys.conftest import CHROMIUM, FLAGS, LAPTOP, PHONE, ROOT, Person, Site, _wait, free_port

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
TEXT, OTHER = "/paspoort/vraag/me.others_say/", "/paspoort/vraag/want.expect/"
PASSWORD = "paspoort-demo"
LEFT = """async () => {
  const kept = [];
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys()) kept.push(new URL(url).pathname);
  const answers = [];
  for (const { name } of await indexedDB.databases()) answers.push(name);
  return { local: Object.keys(localStorage), session: Object.keys(sessionStorage), answers, kept };
}"""


def types(somebody: Person, text: str) -> Person:
    somebody.page.locator("textarea[name=value]").fill(text)
    somebody.page.locator("textarea[name=value]").blur()
    return somebody


def status(somebody: Person, text: str, timeout: int = 20_000) -> Person:
    somebody.page.locator("[data-status]", has_text=text).wait_for(timeout=timeout)
    return somebody


def until(somebody: Person, holds: Callable[[], bool]) -> None:
    """Waits at most ten seconds; a string to wait for would be `eval`, which our policy refuses."""
    for _ in range(100):
        if holds():
            return
        somebody.page.wait_for_timeout(100)
    pytest.fail("it never came")


def written(somebody: Person) -> str:
    return str(somebody.page.locator("textarea[name=value]").input_value())


def reads(somebody: Person, path: str) -> str:
    """What the server has, as another device sees it."""
    reply = somebody.get(f"/api/v1/passport/answers/{path.split('/')[-2]}/history/")
    rows = reply.json()["results"]
    return str(rows[0]["value"]) if rows else ""


def keep_the_one_of_this_phone(somebody: Person) -> None:
    with somebody.page.expect_navigation():
        somebody.page.get_by_role("button", name=re.compile("Dit antwoord.*Op deze telefoon")).click()


# --- A device of everybody: in the page, and nowhere else --------------------------------------------------------


def test_what_is_typed_during_a_cut_is_sent_when_it_is_over(person):
    student = person(PHONE).log_in("student.placed")
    student.page.goto(TEXT)
    student.context.set_offline(True)
    status(types(student, "Getypt zonder internet."), "Nog niet bewaard").screen("offline-not-saved")
    types(student, "Getypt zonder internet. En nog meer.")
    student.page.get_by_role("button", name="Verder").click()
    status(student, "Nog niet bewaard")
    assert student.page.url.endswith(TEXT), "the page stays as long as it holds the only copy"
    student.context.set_offline(False)
    status(student, "Bewaard om")
    assert reads(student, TEXT) == "Getypt zonder internet. En nog meer."


def test_leaving_warns_only_while_something_is_not_saved(person):
    student = person(PHONE).log_in("student.placed")
    asked: list[str] = []
    student.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    student.page.goto(TEXT)
    status(types(student, "Nu is er nog internet."), "Bewaard om")
    student.page.goto(OTHER)
    assert asked == []
    student.context.set_offline(True)
    status(types(student, "Zonder internet wil ik weg."), "Nog niet bewaard")
    student.page.evaluate("location.href = '/paspoort/'")
    student.page.wait_for_timeout(500)
    assert asked == ["beforeunload"] and student.page.url.endswith(OTHER)
    student.context.set_offline(False)
    status(student, "Bewaard om")


@pytest.mark.parametrize("answer", [500, 503, 429])
def test_a_server_that_cannot_now_is_tried_again(person, answer):
    student = person(PHONE).log_in("student.placed")
    student.page.goto(TEXT)
    student.page.route("**/api/v1/passport/answers/**", lambda route: route.fulfill(status=answer, body="{}"), times=2)
    status(types(student, f"Ook na een {answer}."), "Nog niet bewaard")
    status(student, "Bewaard om")
    assert reads(student, TEXT) == f"Ook na een {answer}."


def test_a_redirect_is_no_success(person):
    """A school's wifi that wants a log-in of its own, or our own log-in page."""
    student = person(PHONE).log_in("student.placed")
    student.page.goto(TEXT)
    headers = {"Location": "/inloggen/"}
    student.page.route("**/api/**", lambda route: route.fulfill(status=302, headers=headers), times=1)
    status(types(student, "Achter het wifi van school."), "Log weer in")
    student.page.dispatch_event("textarea", "focusout")
    status(student, "Bewaard om")
    assert reads(student, TEXT) == "Achter het wifi van school."


def test_a_session_that_ended_loses_nothing(person):
    """Out while typing: a window to log in again, and back on the same question with every character."""
    student = person(PHONE).log_in("student.placed")
    student.page.goto(TEXT)
    student.context.clear_cookies()
    status(types(student, "Geschreven toen ik al uitgelogd was."), "Log weer in").screen("offline-logged-out")
    with student.context.expect_page() as opened:
        student.page.locator("[data-status] a").click()
    window = opened.value
    window.get_by_label("Je inlognaam").fill("student.placed")
    window.get_by_label("Je wachtwoord").fill(PASSWORD)
    with window.expect_event("close"):
        window.get_by_role("button", name="Inloggen").click()
    status(student, "Bewaard om")
    assert written(student) == "Geschreven toen ik al uitgelogd was."
    assert reads(student, TEXT) == "Geschreven toen ik al uitgelogd was."
    student.tap("Verder").sees("Bewaard om")


def test_what_one_typed_never_lands_in_the_passport_of_another(person):
    """Somebody else logs in beside an open page: its text stays in the page."""
    student = person(PHONE).log_in("student.placed")
    student.page.goto(OTHER)
    beside = student.context.new_page()
    beside.goto("/demo/")
    with beside.expect_navigation():
        beside.get_by_role("button", name="student.left").click()
    status(types(student, "Dit is van mij."), "Log weer in")
    history = student.get("/api/v1/passport/answers/want.expect/history/").json()
    assert "Dit is van mij." not in str(history)
    assert written(student) == "Dit is van mij."


def test_after_logging_out_nothing_is_left_on_a_device_of_everybody(person):
    student = person(PHONE).log_in("student.full")
    for path in ("/vandaag/", "/paspoort/", TEXT, "/delen/", "/wie-keek/"):
        student.page.goto(path)
    student.page.goto(TEXT)
    own = written(student)
    assert own
    before = student.page.evaluate(LEFT)
    assert before["local"] == before["session"] == before["answers"] == []
    student.tap("Stop voor nu").sees("Alles is bewaard")
    assert student.context.cookies() == []
    after = student.page.evaluate(LEFT)
    assert after["local"] == after["session"] == after["answers"] == []
    assert [path for path in after["kept"] if not is_of_nobody(path)] == []
    student.page.go_back()
    student.page.wait_for_load_state()
    student.sees_not(own[:20]).sees_not("Sam")


def test_two_devices_lose_not_one_character(person):
    one, other = "Op mijn telefoon, tijdens de storing.", "Op de computer van school, intussen."
    phone, laptop = (person(size).log_in("student.placed") for size in (PHONE, LAPTOP))
    for device in (phone, laptop):
        device.page.goto(OTHER)
    phone.context.set_offline(True)
    status(types(phone, one), "Nog niet bewaard")
    status(types(laptop, other), "Bewaard om")
    with phone.page.expect_navigation():
        phone.context.set_offline(False)
    phone.sees("Er zijn twee antwoorden").sees(one).sees(other).screen("offline-conflict")
    keep_the_one_of_this_phone(phone)
    history = phone.get("/api/v1/passport/answers/want.expect/history/").json()["results"]
    assert [row["value"] for row in history[:2]] == [one, other]


# --- The service worker ------------------------------------------------------------------------------------------


def is_of_nobody(path: str) -> bool:
    return path.startswith("/static/") or path == "/geen-internet/"


def until_ready(somebody: Person) -> Person:
    ready = "navigator.serviceWorker.getRegistration().then((one) => Boolean(one?.active))"
    until(somebody, lambda: somebody.page.evaluate(ready))
    return somebody


def test_the_browser_keeps_files_and_one_page_of_nobody(person):
    student = person(PHONE).log_in("student.full")
    until_ready(student)
    for path in ("/vandaag/", "/paspoort/", TEXT, "/delen/", "/wie-keek/", "/instellingen/", "/lezen/"):
        student.page.goto(path)
    kept = student.page.evaluate(LEFT)["kept"]
    assert "/geen-internet/" in kept and any(path.endswith(".css") for path in kept)
    assert [path for path in kept if not is_of_nobody(path)] == []
    page = student.page.evaluate("caches.match('/geen-internet/').then((kept) => kept.text())")
    assert "Geen internet" in page and "Sam" not in page and "csrf" not in page and "data-outbox" not in page


def test_without_internet_a_page_says_so(person):
    student = person(PHONE).log_in("student.full")
    until_ready(student).page.goto("/vandaag/")
    student.context.set_offline(True)
    student.page.goto("/paspoort/")
    student.sees("Geen internet").screen("no-network")
    student.context.set_offline(False)
    student.link("Probeer het weer").sees("Het gaat over jou.")


def test_it_can_be_installed_under_a_neutral_name(person):
    visitor = person(PHONE)
    visitor.page.goto("/")
    manifest = visitor.get(visitor.page.locator("link[rel=manifest]").get_attribute("href"))
    told = manifest.json()
    assert told["name"] == told["short_name"] == "Paspoort"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in told["icons"]}
    assert any("maskable" in icon["purpose"] for icon in told["icons"])
    for icon in told["icons"]:
        picture = visitor.get(f"/static/{icon['src']}")
        assert picture.status == 200 and picture.body().startswith(b"\x89PNG")


# --- A phone of one's own: over https an answer waits on it -------------------------------------------------------


@dataclass
class Line:
    """A site behind TLS, and the cable to it."""

    site: Site
    cable: Cable


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """The site as a hoster runs it: BASE_URL is https, TLS is the proxy's. The cable to it can be pulled."""
    var, port = tmp_path_factory.mktemp("https"), free_port()
    cable = Cable(make_certificate(var), port)
    address = f"https://localhost:{cable.port}"
    plain = Site(f"http://localhost:{port}", var, var / "output.log", {"VAR_DIR": str(var)})
    services = {"DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL", "DEMO", "PYTEST_XDIST_WORKER"}
    env = {key: value for key, value in os.environ.items() if key not in services}
    with plain.output.open("wb") as output:
        server = subprocess.Popen(
            ["script/server", "--port", str(port)],
            cwd=ROOT, env={**env, "VAR_DIR": str(var), "BASE_URL": address}, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait(plain, server)
            yield Line(Site(address, var, plain.output, plain.settings), cable)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)
            cable.close()


@pytest.fixture
def own_phone(chromium: Any, line: Line) -> Iterator[Callable[..., Person]]:
    """Somebody with a phone: `own_phone("student.adult")` called theirs, `own_phone(…, own=False)` not."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=[*FLAGS, "--ignore-certificate-errors"]
    )  # a service worker wants more than a page that ignores the certificate

    def one(username: str, own: bool = True, size: dict[str, int] = PHONE) -> Person:
        made = Person(browser, line.site, viewport=size, ignore_https_errors=True).log_in(username)
        if own:
            made.page.goto("/eigen-telefoon/")
            made.tap("Ja")
        return made

    yield one
    line.cable.plug()
    browser.close()


WAITING = """() => new Promise((done) => {
  const opening = indexedDB.open("paspoort");
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = () => done([]);
  opening.onsuccess = () => {
    const all = opening.result.transaction("answers").objectStore("answers").getAll();
    all.onsuccess = () => { opening.result.close(); done(all.result); };
  };
})"""


def waits(somebody: Person) -> list[str]:
    return [one["body"]["value"] for one in somebody.page.evaluate(WAITING)]


def close_the_tab(somebody: Person) -> None:
    """As a thumb closes it; what the page sends while it goes has come to nothing before the cable is back."""
    somebody.page.close()
    somebody.page = somebody.context.new_page()
    somebody.page.wait_for_timeout(1000)


def test_an_answer_outlives_its_tab(own_phone, line):
    student = own_phone("student.adult")
    student.page.goto(TEXT)
    line.cable.pull()
    status(types(student, "In de trein getypt."), "Je antwoord staat op deze telefoon.").screen("outbox-waits")
    types(student, "In de trein getypt. En daarna nog iets.")
    until(student, lambda: waits(student) == ["In de trein getypt. En daarna nog iets."])
    close_the_tab(student)
    line.cable.plug()
    student.page.goto("/vandaag/")
    student.sees("Je antwoord van eerder is nu bewaard.").screen("outbox-sent")
    assert reads(student, TEXT) == "In de trein getypt. En daarna nog iets."
    assert waits(student) == []
    student.page.goto("/paspoort/")
    student.sees_not("Je antwoord van eerder")
    history = student.get("/api/v1/passport/answers/me.others_say/history/").json()["results"]
    assert [row["value"] for row in history].count("In de trein getypt. En daarna nog iets.") == 1


@pytest.mark.slow
def test_a_cut_of_thirty_seconds_with_the_tab_closed_loses_nothing(own_phone, line):
    """Really thirty seconds, so that the tries in between come to nothing too: in two pages, and with none open."""
    student = own_phone("student.placed")
    student.page.goto(TEXT)
    line.cable.pull()
    begun = monotonic()
    said = "Een halve minuut zonder wifi. Met 😀, «haakjes»,\nen een tweede regel."
    status(types(student, "Een halve minuut"), "op deze telefoon")
    types(student, said)
    until(student, lambda: waits(student) == [said])
    student.page.wait_for_timeout(12_000)  # the page tries again meanwhile
    assert waits(student) == [said] and written(student) == said
    close_the_tab(student)
    student.page.wait_for_timeout(30_000 - 1000 * (monotonic() - begun))
    assert monotonic() - begun >= 30
    line.cable.plug()
    student.page.goto("/vandaag/")
    student.sees("Je antwoord van eerder is nu bewaard.")
    assert reads(student, TEXT) == said and waits(student) == []


def test_back_on_its_own_question_the_page_shows_it(own_phone, line):
    student = own_phone("student.adult")
    student.page.goto(TEXT)
    line.cable.pull()
    status(types(student, "Teruggekomen op mijn vraag."), "op deze telefoon")
    close_the_tab(student)
    line.cable.plug()
    student.page.goto(TEXT)
    until(student, lambda: written(student) == "Teruggekomen op mijn vraag.")
    assert waits(student) == []


def test_the_reply_that_got_lost_does_no_harm(own_phone, line):
    """The answer arrived, the reply did not: sent again, it is the same answer, not a second one and no conflict."""
    student = own_phone("student.adult")
    student.page.goto(OTHER)

    def arrives_without_reply(route):
        route.fetch(max_retries=2)
        route.abort()

    student.page.route("**/api/v1/passport/answers/**", arrives_without_reply, times=1)
    status(types(student, "Wel aangekomen."), "op deze telefoon")
    close_the_tab(student)
    student.page.goto("/vandaag/")
    student.sees("Je antwoord van eerder is nu bewaard.")
    rows = student.get("/api/v1/passport/answers/want.expect/history/").json()["results"]
    assert [row["value"] for row in rows].count("Wel aangekomen.") == 1


def test_an_older_base_leads_to_both_answers(own_phone, line):
    one, other = "Onderweg geschreven.", "Thuis geschreven."
    student = own_phone("student.left")
    student.page.goto(TEXT)
    line.cable.pull()
    status(types(student, one), "op deze telefoon")
    close_the_tab(student)
    line.cable.plug()
    laptop = own_phone("student.left", own=False, size=LAPTOP)
    laptop.page.goto(TEXT)
    status(types(laptop, other), "Bewaard om")
    student.page.goto("/vandaag/")
    student.sees("Er zijn twee antwoorden op één vraag.").screen("outbox-two").tap("Kies welk antwoord je houdt")
    student.sees(one).sees(other)
    assert waits(student) == [one], "until a choice is made it stays on the phone"
    student.page.goto("/paspoort/")
    student.tap("Kies welk antwoord je houdt")
    keep_the_one_of_this_phone(student)
    student.sees("Je antwoord van eerder is nu bewaard.")
    assert waits(student) == []
    rows = student.get("/api/v1/passport/answers/me.others_say/history/").json()["results"]
    assert [row["value"] for row in rows[:2]] == [one, other]


def test_what_the_server_refuses_is_shown_and_not_lost(own_phone, line):
    student = own_phone("student.left")
    student.page.goto(OTHER)
    line.cable.pull()
    status(types(student, "Mijn nummer is 111222333."), "op deze telefoon")
    close_the_tab(student)
    line.cable.plug()
    student.page.goto("/vandaag/")
    student.sees("Dit antwoord konden we niet bewaren.").screen("outbox-refused")
    assert student.page.locator(".messages textarea").input_value() == "Mijn nummer is 111222333."
    student.page.get_by_role("button", name="Gooi dit weg").click()
    until(student, lambda: waits(student) == [])


def test_a_device_of_everybody_keeps_nothing_over_https_either(own_phone, line):
    student = own_phone("student.placed", own=False)
    student.page.goto(TEXT)
    line.cable.pull()
    status(types(student, "Op een computer van school."), "Nog niet bewaard. We proberen het zo weer.")
    assert student.page.evaluate(LEFT)["answers"] == []


def test_stop_for_now_first_sends_then_wipes(own_phone, line):
    student = own_phone("student.young")
    asked: list[str] = []
    student.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    student.page.goto(TEXT)
    line.cable.pull()
    status(types(student, "Bijna vergeten."), "op deze telefoon")
    student.page.get_by_role("button", name="Stop voor nu").click()
    until(student, lambda: len(asked) == 1)
    assert "Dan is het weg" in asked[0] and waits(student) == ["Bijna vergeten."]
    line.cable.plug()
    status(student, "Bewaard om")
    student.tap("Stop voor nu").sees("Alles is bewaard")
    assert student.page.evaluate(LEFT)["answers"] == [] and len(asked) == 1


def test_it_goes_when_somebody_else_logs_in(own_phone, line):
    student = own_phone("student.young")
    student.page.goto(OTHER)
    line.cable.pull()
    status(types(student, "Alleen voor mij."), "op deze telefoon")
    assert waits(student) == ["Alleen voor mij."]
    close_the_tab(student)
    line.cable.plug()
    student.page.goto("/demo/")
    student.tap("student.adult")
    assert student.page.evaluate(LEFT)["answers"] == []
    assert "Alleen voor mij." not in student.page.content()


def test_it_goes_after_a_day(own_phone, line):
    student = own_phone("student.young")
    student.page.goto(OTHER)
    line.cable.pull()
    status(types(student, "Van gisteren."), "op deze telefoon")
    close_the_tab(student)
    line.cable.plug()
    student.page.clock.install()
    student.page.clock.fast_forward("25:00:00")
    student.page.goto("/vandaag/")
    until(student, lambda: waits(student) == [])
    assert reads(student, OTHER) != "Van gisteren."


def test_a_session_that_ended_on_ones_own_phone(own_phone, line):
    """The answer waits; after logging in again one is back on the question, with the answer in it."""
    student = own_phone("student.adult")
    student.page.goto(TEXT)
    session = [one for one in student.context.cookies() if "session" in one["name"]]
    student.context.clear_cookies(name=re.compile("session"))
    assert session
    status(types(student, "Ik was eruit."), "Log weer in")
    student.page.locator("[data-status] a").click()
    student.page.get_by_label("Je inlognaam").fill("student.adult")
    student.page.get_by_label("Je wachtwoord").fill(PASSWORD)
    student.tap("Inloggen")
    until(student, lambda: written(student) == "Ik was eruit.")
    assert student.page.url.endswith(TEXT) and waits(student) == []


def test_the_offline_page_over_https(own_phone, line):
    student = until_ready(own_phone("student.adult"))
    student.page.goto("/vandaag/")
    line.cable.pull()
    student.page.goto("/paspoort/")
    student.sees("Geen internet")
    line.cable.plug()
    student.link("Probeer het weer").sees("Het gaat over jou.")
