"""A region's own files: in the place of ours, read at the start, and a wrong one stops it by name."""

import re
from datetime import date

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from accounts.models import Institution, Membership, Region, Role
from passport import help_now
from passport.help_now import WrongNumbers
from school import reference, region_files
from school.region_files import WrongFile
from school.services.regions import own_region
from tests import factories
from tests.test_settings import start

POINT = {"name": "Punt Linde", "area": "Lindestreek", "url": "https://linde.example", "checked": "2026-10-01"}
CALL = {"call": "iemand", "telephone": "0800-0000", "when": "Nu?", "about": "Ja.", "hours": "Altijd."}
LINES = [f"Zin {number}." for number in range(1, 8)]
GOOD = {
    "HEADINGS": {"default": {"headings": [{"title": "Jij", "units": ["me."]}], "rest": "Verder"}, "regions": {}},
    "MOMENTS": [{"on": "2027-03-01", "text": "Vandaag.", "remind": 7}],
    "SUPPORT": {"points": [POINT], "sources": []},
    "SEVEN": {"nl": LINES},
    "HELP_NUMBERS": {"numbers": [CALL]},
}


@pytest.fixture
def linde(db) -> Region:
    region = Region.objects.create(code="36", name="Lindestreek")
    Institution.objects.create(name="De Veerstoep", kind="vso", region=region)
    return region


def dumped(content) -> str:
    return yaml.safe_dump(content, allow_unicode=True)


def page(client=None, **query) -> str:
    return re.sub(r"\s+", " ", (client or Client()).get(reverse("parents"), query).content.decode())


def test_headings_and_days_of_the_region_come_in_the_place_of_ours(settings):
    ours = reference.moments(date(2027, 1, 1))
    for name in ("HEADINGS", "MOMENTS"):
        setattr(settings, name, dumped(GOOD[name]))
    [day] = reference.moments(date(2027, 1, 1))
    assert (day.on, day.text) == (date(2027, 3, 1), "Vandaag.") and len(ours) > 1
    assert reference._file("headings")["default"]["rest"] == "Verder"
    settings.HEADINGS = settings.MOMENTS = ""
    assert reference.moments(date(2027, 1, 1)) == ours and reference._file("headings")["default"]["rest"] == "Overig"


def test_a_day_without_quotes_is_a_day_too(settings):
    settings.MOMENTS = "- {on: 2027-03-01, text: Vandaag., remind: 7}"
    assert reference.moments(date(2027, 1, 1))[0].on == date(2027, 3, 1)


def test_the_seven_sentences_of_the_region_stand_on_the_page_and_are_escaped(settings, db):
    assert "Eerst is er een gesprek" in page()
    settings.SEVEN = dumped({"nl": [*LINES[:6], "<b>Zeven</b>"]})
    html = page()
    assert "Zin 1." in html and "&lt;b&gt;Zeven" in html and "Eerst is er een gesprek" not in html
    assert reference.seven("en") == ([*LINES[:6], "<b>Zeven</b>"], "nl")
    settings.SEVEN = dumped({"nl": LINES, "en": [f"Line {number}." for number in range(7)]})
    assert reference.seven("en")[0][0] == "Line 0."


# --- The reader's region -----------------------------------------------------------------------------------


def test_a_visitor_chooses_a_region_and_sees_its_point_above_with_its_days(settings, linde):
    other = {**POINT, "name": "Punt Elders"}
    mine = {**POINT, "regions": ["36"], "days": "maandag en donderdag", "telephone": "099-555 01 21"}
    settings.SUPPORT = dumped({"points": [other, mine], "sources": []})
    html = page()
    assert "In uw regio" not in html and html.index("Punt Elders") < html.index("Punt Linde")
    assert "maandag en donderdag" in html and "099-555 01 21" in html and " selected" not in html
    html = page(regio="36")
    assert html.index("In uw regio") < html.index("Punt Linde") < html.index("Punt Elders")
    assert 'value="36" selected' in html and "Staat uw regio er niet bij?" not in html
    html = page(regio="nergens<script>")
    assert "In uw regio" not in html and "Staat uw regio er niet bij?" in html and "nergens" not in html


def test_who_is_logged_in_gets_their_own_region_and_may_choose_another(settings, linde, sam, class_a, browser_of):
    settings.SUPPORT = dumped({"points": [{**POINT, "regions": ["36"]}], "sources": []})
    parent = factories.make_parent(sam).user
    mentor = factories.make_staff(Role.MENTOR, school_class=class_a)
    boss = factories.make_staff(Role.REGION, region=linde)
    assert [own_region(one) for one in (sam.user, parent, mentor, boss)] == ["", "", "", "36"]
    Institution.objects.filter(pk=class_a.institution_id).update(region=linde)
    for user in (sam.user, parent, mentor, boss):
        client = Client()
        client.force_login(user)
        assert "In uw regio" in page(client) and "In uw regio" not in page(client, regio="")
    Membership.objects.filter(user=mentor).update(starts_on=date(2020, 1, 1), ends_on=date(2020, 1, 2))
    parent.ties.update(starts_on=date(2020, 1, 1), ends_on=date(2020, 1, 2))
    assert own_region(mentor) == own_region(parent) == ""


def test_the_page_has_the_days_that_matter_to_parents(db):
    html = page()
    shown = [one for one in reference.moments() if one.parents]
    assert shown and all(one.parents in html for one in shown)
    assert not any(one.text in html for one in reference.moments() if not one.parents)


@pytest.mark.parametrize("many", [1, 5])
def test_it_costs_one_query_whatever_there_is(db, django_assert_num_queries, many):
    for number in range(many):
        region = Region.objects.create(code=str(number), name=f"Regio {number}")
        Institution.objects.create(name="x", kind="vso", region=region)
    page()
    with django_assert_num_queries(1):
        page()


# --- Whom to call ------------------------------------------------------------------------------------------


def test_a_region_sets_numbers_of_its_own_and_its_line_stands_where_it_says(settings):
    here = {**CALL, "call": "het punt", "telephone": "099-5550121", "regions": ["36"]}
    settings.HELP_NUMBERS = dumped({"numbers": [here, CALL]})
    assert [one.call for one in help_now.numbers_for(15, "36")] == ["het punt", "iemand"]
    assert [one.call for one in help_now.numbers_for(15, "")] == ["iemand"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "no YAML"),
        ({}, "lacks something"),
        ({"numbers": [{"call": "x"}]}, "lacks something"),
        ({"numbers": [{**CALL, "telephone": 800}]}, "number 1: telephone"),
        ({"numbers": [{**CALL, "telephone": "javascript:1"}]}, "number 1: telephone"),
        ({"numbers": [{**CALL, "when": ""}]}, "number 1: call, when"),
        ({"numbers": [{**CALL, "ages": [8, 17]}]}, "somebody of 18"),
        ({"numbers": [{**CALL, "regions": ["36"]}]}, "somebody of 8"),
    ],
)
def test_numbers_that_leave_somebody_alone_are_refused(settings, content, says):
    settings.HELP_NUMBERS = content if isinstance(content, str) else dumped(content)
    with pytest.raises(WrongNumbers, match=says):
        help_now.all_numbers()


# --- A wrong file stops the start --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("headings", "{", "no YAML"),
        ("headings", {"default": {"headings": []}}, "is missing"),
        ("headings", {**GOOD["HEADINGS"], "regions": {36: GOOD["HEADINGS"]["default"]}}, "36: the code"),
        ("headings", {"default": {"rest": "x", "headings": [{"title": "", "units": ["me."]}]}, "regions": {}}, "title"),
        ("moments", {}, "moments must be a list"),
        ("moments", [{"month": 2, "day": 30, "text": "x", "remind": 1}], "1: there is no such day"),
        ("moments", [{"month": 2, "day": 1, "text": "x", "remind": "1"}], "1: remind"),
        ("support", {"points": [{**POINT, "url": "javascript:alert(1)"}], "sources": []}, "points, 1: url"),
        ("support", {"points": [{**POINT, "regions": [36]}], "sources": []}, "points, 1: regions"),
        ("support", {"points": [{**POINT, "days": 3}], "sources": []}, "points, 1: days"),
        ("support", "text", "another shape"),
        ("seven", {"nl": LINES[:6]}, "nl: has 6 sentences"),
        ("seven", {"en": LINES}, "'nl' is missing"),
    ],
)
def test_a_wrong_file_says_where(name, content, says):
    with pytest.raises(WrongFile, match=says):
        region_files.parsed(name, content if isinstance(content, str) and name != "support" else dumped(content))


def test_our_own_files_pass_the_same_check():
    for name in ("headings", "moments", "support"):
        assert region_files.parsed(name, (reference.HERE / f"{name}.yaml").read_text(encoding="utf-8"))


SETUP = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup(); print('started')"


def test_the_start_reads_them_from_files_and_names_each_wrong_one(tmp_path):
    env = {}
    for name, content in GOOD.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(dumped(content), encoding="utf-8")
        env[f"{name}_FILE"] = str(path)
    run = start(tmp_path, SETUP, **env)
    assert run.returncode == 0 and "started" in run.stdout, run.stderr
    (tmp_path / "SEVEN.yaml").write_text("nl: [geheim]", encoding="utf-8")
    (tmp_path / "HELP_NUMBERS.yaml").write_text("{", encoding="utf-8")
    run = start(tmp_path, SETUP, **env, STORIES="[]")
    assert run.returncode == 1 and "started" not in run.stdout and "geheim" not in run.stderr
    assert [line.split(":")[0] for line in run.stderr.strip().splitlines()] == ["SEVEN", "STORIES", "HELP_NUMBERS"]
    run = start(tmp_path, SETUP, SUPPORT_FILE=str(tmp_path / "nowhere.yaml"))
    assert run.returncode == 1 and "SUPPORT_FILE" in run.stderr
