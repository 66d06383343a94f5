"""Every page with a name, for somebody of each role, on phone and laptop, by day and by night, and in big letters.

Axe, the width, the console; and a picture of each with SCREENSHOTS=dir, as script/test --all asks for (var/screens).

Who gets which page is in tests/access_matrix.csv. The pages themselves are found as people find them: from the first
screen along the links. What only a form leads to is walked (`draft_of_a_share`), or named in ELSEWHERE.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from playwright.sync_api import Error

from passport.questionnaire import newest_file
from tests.journeys.conftest import PHONE, ROOT, WAYS, Person, Site
from tests.test_house_rules import named_urls

pytestmark = pytest.mark.journey
ANYBODY, HERE = "nobody", Path(__file__).parent
GROUPS = {
    "visitor": [ANYBODY],
    "student": ["student.full", "student.young", "student.work", "student.empty", "student.left", "student.placed"],
    "home": ["guardian.young", "guardian.full", "coach.one"],
    "school": ["mentor.one", "counsellor.one", "care.one", "school.coordinator", "region.one"],
    "college": ["intaker.care", "college.coordinator", "mentor.college", "admin"],
}
# Looked at for every account: what stands there differs.
HUBS = {"today", "share_list", "share", "passport_overview", "inbox", "looks", "desk", "home_approvals"}
NO_SCREEN = dict.fromkeys(
    ("healthz", "readyz", "service_worker", "own_data_json", "handover_file", "share_receipt_file", "mail_stop",
     "own_data_page", "api_openapi", "agreement_file", "case_talk_file", "share_talk_file",
     "after_talks_file", "follow_up_proof_file", "taster_day_file", "growth_picture",
     "figures_csv", "office_offers_file"), "no page",
)  # fmt: skip
# Shown elsewhere: everything is forgotten, a mail has to come first, a file has to be made, a talk to be planned, or a
# list of one agreement goes on to it by itself. The
# journey that comes there looks at it in the same ways: test_what_is_shown_elsewhere_is_looked_at_there.
ELSEWHERE = {
    "goodbye": "test_main_road.py", "erased": "test_leaving.py", "link": "test_link.py",
    "approval_stop": "test_behind_a_form.py", "share_talk": "test_behind_a_form.py",
    "handover": "test_main_road.py", "badge": "test_log_in.py",
    "account_reset_password_from_key": "test_behind_a_form.py", "lesson": "test_lesson.py",
    "lesson_board": "test_lesson.py", "class_list_check": "test_class_list.py",
    "class_list_columns": "test_class_list.py", "batch": "test_home_and_counsellor.py",
    "passport_invitation": "test_behind_a_form.py", "passport_invitation_code": "test_behind_a_form.py",
    "passport_invitation_answer": "test_behind_a_form.py", "invitation": "test_every_screen.py",
    "share_intake_talk": "test_intake_talk.py",
    "second_look": "test_fits.py", "buddy_days": "test_taster_day.py",
    "share_safety": "test_behind_a_form.py", "programme_sentence": "test_behind_a_form.py",
    "follow_up_next": "test_after_placement.py",
    **dict.fromkeys(
        ("home_agreement", "own_agreement", "own_agreement_review", "case_agreement_review"), "test_agreement.py"),
}  # fmt: skip
TYPES = {
    question["key"]: question["type"]
    for section in yaml.safe_load(newest_file().read_text())["sections"]
    for question in section["questions"]
}


def pages_of(username: str) -> set[str]:
    """The names of the pages this account may read, by the matrix."""
    with (ROOT / "tests/access_matrix.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["family"] == "read" and row[username] == "200"]
    names = {row["url"].split(" ")[0] for row in rows}
    return {name for name in names if not name.startswith("api_") or name == "api_docs"} - set(NO_SCREEN)


def plain_addresses() -> Iterator[tuple[str, str]]:
    """Name and address of every page that needs nothing to be named."""
    for name, _ in named_urls():
        try:
            yield name, reverse(name)
        except NoReverseMatch:
            continue


def named(path: str) -> tuple[str, str]:
    """What makes a page one of its own: its name, and for a question the type of its answer."""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return "", ""
    return str(match.url_name), TYPES.get(str(match.kwargs.get("key", "")), "")


class Walk:
    """One group of people who go along all links, and which pages they saw."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.seen: set[tuple[str, str]] = set()
        self.wrong: list[str] = []

    def everything_of(self, somebody: Person, username: str) -> None:
        page, may = somebody.page, pages_of(username)
        page.on("console", lambda line: self.wrong.append(f"{page.url} {line.text}") if line.type == "error" else None)
        ahead = [path for name, path in plain_addresses() if name in may]
        if username != ANYBODY:
            somebody.log_in(username)
            ahead.insert(0, urlsplit(page.url).path)
            self.seen.discard(named(ahead[0]))
        if "question" in may:
            ahead += [reverse("question", kwargs={"key": key}) for key in TYPES]
            ahead += [reverse("question_history", kwargs={"key": "me.name"})]
        if "expectation_questions" in may:
            ahead += [reverse("expectation_questions", kwargs={"place": 1})]
        hubs: set[str] = set()
        while ahead:
            path = ahead.pop(0)
            name, kind = named(path)
            if not name or name in ELSEWHERE | NO_SCREEN or path in hubs:
                continue
            if (name, kind) in self.seen and name not in HUBS:
                continue
            hubs.add(path)
            if not self.visit(somebody, path):
                continue
            self.look(somebody, f"{self.group}-{name}{kind and '-' + kind}-{username}")
            self.seen |= {(name, kind)}
            ahead += page.eval_on_selector_all("a[href^='/']", "all => all.map(one => one.getAttribute('href'))")

    def visit(self, somebody: Person, path: str) -> bool:
        """Goes there; False for what is no page but a file, or another page than was asked."""
        try:
            answer = somebody.page.goto(path)
        except Error as error:
            if "Download is starting" in str(error):
                return False
            raise
        if answer is None or answer.status != 200:
            self.wrong.append(f"{path}: a link that leads to {answer and answer.status}")
        return named(somebody.page.url) == named(path)

    def look(self, somebody: Person, name: str) -> None:
        """The screen as it is now, in all ways: loaded once."""
        try:
            somebody.in_all_ways(name)
        except AssertionError as finding:
            self.wrong.append(str(finding))


def draft_of_a_share(student: Person, walk: Walk) -> None:
    """The steps of giving, which only buttons lead to; nothing is given."""

    def look(name: str) -> None:
        walk.look(student, f"student-{name}")
        walk.seen.add((name, ""))

    student.page.goto("/delen/nieuw/?q=tech2")
    student.page.locator("button[name=to][value^=programme]").first.click()
    student.page.locator("input[name=units]").first.wait_for()
    look("share_what")
    student.tap("Ook iets delen dat gevoelig is")
    look("share_why")
    student.page.go_back()
    student.page.locator("input[name=units]:visible").first.check()
    student.tap("Verder")
    look("share_until")
    student.page.locator("input[name=until]").first.check()
    student.tap("Verder")
    look("share_preview")
    student.tap("Dit is goed")
    look("share_confirm")
    student.page.goto("/delen/")
    student.link("Bekijk of verander").link("Verander iets")
    student.page.locator("input[name=units]:not(:checked):visible").first.check()
    student.tap("Bewaar")
    look("share_change_confirm")


@pytest.mark.parametrize("group", GROUPS)
def test_every_screen(person: Any, group: str) -> None:
    walk = Walk(group)
    for username in GROUPS[group]:
        somebody = person(PHONE, service_workers="block", reduced_motion="reduce")
        walk.everything_of(somebody, username)
        if username == "student.full":
            draft_of_a_share(somebody, walk)
        somebody.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)
    wanted = set().union(*(pages_of(username) for username in GROUPS[group])) - set(ELSEWHERE)
    assert sorted(wanted - {name for name, _ in walk.seen}) == []


def test_the_page_of_an_invitation(person: Any, site: Site) -> None:
    student = person(PHONE).log_in("student.adult")
    student.page.goto(reverse("invite_home"))
    student.page.get_by_label("Wie is het?").fill("tante")
    student.page.get_by_label("Wat is het mailadres?").fill("tante.ria@example.nl")
    student.tap("Stuur de mail").screen("student-invite_home-sent")
    aunt = person(PHONE, service_workers="block", reduced_motion="reduce")
    aunt.page.goto(site.mail_to("tante.ria@example.nl", r"/uitnodiging/[\w-]{20,}/"))
    aunt.in_all_ways("invitation")


def test_what_is_hard_to_read_in_the_dark_alone_is_found(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the dark only what hangs on colour is looked at again; this page must fail there, and nowhere else."""
    monkeypatch.setitem(Person.screen.__globals__, "SHOTS", None)
    somebody = person(PHONE)
    dark = "@media (prefers-color-scheme: dark) { body { background: #222; color: #333 } }"
    page = f"<title>x</title><style>{dark}</style><main><h1>Een kop</h1><p>Een zin.</p></main>"
    somebody.page.set_content(f'<!doctype html><html lang="nl">{page}</html>')
    with pytest.raises(AssertionError) as found:
        somebody.in_all_ways("example")
    said = str(found.value)
    assert all(f"example-{way}" in said for way, (_, scheme, _) in WAYS.items() if scheme == "dark")
    assert "-light" not in said and "-200" not in said


def test_what_is_shown_elsewhere_is_looked_at_there() -> None:
    for name, journey in ELSEWHERE.items():
        assert f'.in_all_ways("{name}")' in (HERE / journey).read_text(encoding="utf-8"), f"{name}: {journey}"
