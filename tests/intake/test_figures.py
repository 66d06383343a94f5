"""The figures: counted at the act, of nobody; published once; read by a region and by coordinators, each their own."""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Institution, Region, Role
from intake.models import Case, Counted, Event, Publication, Tally, Tick
from intake.services import cases, figures, publishing, sharing, tally
from intake.services.need_tally import school_year_of
from tests import factories

YEAR = "2024-2025"


@pytest.fixture
def region(class_a: Any) -> Region:
    found = Region.objects.create(code="99", name="Regio Lindestreek")
    Institution.objects.filter(pk=class_a.institution_id).update(region=found)
    return found


@pytest.fixture
def of_region(region: Region) -> Any:
    return factories.make_staff(Role.REGION, region=region)


def now() -> str:
    return school_year_of(timezone.now())


def totals(place: str, year: str = "") -> dict[str, int]:
    tally.fold()
    return tally.counts_of(year or now()).get(place, {}).get("all", {}).get("all", {})


def counted(case: Case, *events: Event) -> None:
    for event in events:
        tally.count(event, case.pk)


def ticks(region: Region, event: Event, times: int, school: Any = None, college: Any = None, **rows: str) -> None:
    where = tally.What(str(region.pk), str(school.pk) if school else "", str(college.pk) if college else "", rows)
    for _ in range(times):
        tally.add_tick(tally.figures_key(), event, YEAR, where, home=True, college=college is not None)


@pytest.fixture
def published(region: Region, class_a: Any, care: Any) -> Publication:
    school, college = class_a.institution, care.institution
    rows = {"level": "3", "sector": "care", "route": "mbo", "support": "with"}
    ticks(region, Event.STARTED, 41, school, route="mbo")
    ticks(region, Event.SHARED, 33, school, college, **rows)
    ticks(region, Event.AGREED, 3, school, college, **rows)
    publishing.publish(YEAR)
    return Publication.objects.get(region=region)


# --- Counting ----------------------------------------------------------------------------------------------


def test_a_share_and_a_look_count_once_each(sam, care, imke, region, class_a, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        share = factories.share_with_programme(sam, care, "me.free_time", "need.support.quiet")
    with django_capture_on_commit_callbacks(execute=True):
        cases.read_case(case_id=share.case.pk, by=imke)
        cases.read_case(case_id=share.case.pk, by=imke)
    once = {"started": 1, "shared": 1, "read": 1}
    assert totals(f"region {region.pk}") == once
    assert totals(f"institution {class_a.institution_id}") == once
    assert totals(f"institution {care.institution_id}") == {"shared": 1, "read": 1}
    assert tally.counts_of(now())[f"region {region.pk}"]["support"] == {"with": {"shared": 1, "read": 1}}


def test_who_shares_with_two_colleges_counts_once_for_the_region_and_at_each_college(given, sam, care, region):
    other = factories.share_with_programme(sam, factories.make_programme("other2"), "me.free_time")
    counted(given.case, Event.SHARED, Event.SHARED)
    counted(other.case, Event.SHARED)
    assert totals(f"region {region.pk}")["shared"] == 1
    assert totals(f"institution {care.institution_id}") == {"shared": 1}
    assert totals(f"institution {other.programme.institution_id}") == {"shared": 1}


def test_who_started_is_counted_at_night_and_once_in_a_life(sam, noor, region):
    assert tally.count_started() == 1  # Noor answered nothing
    assert tally.count_started() == 0
    assert totals(f"region {region.pk}", school_year_of(timezone.localdate())) == {"started": 1}


def test_a_lesson_does_no_work_for_the_figures(sam):
    factories.write(sam, "me.free_time", ["zwemmen"])
    assert not Tick.objects.exists() and not Counted.objects.exists()


@pytest.mark.parametrize(("status", "event"), [("enrolled", "still_there"), ("stopped", "stopped"), ("graduated", "")])
def test_what_a_follow_up_counts_as(given, region, django_capture_on_commit_callbacks, status, event):
    with django_capture_on_commit_callbacks(execute=True):
        tally.count_follow_up_soon(status, given.case.pk)
    assert set(totals(f"region {region.pk}")) - {"started"} == ({event} if event else set())


def test_totals_stay_when_the_student_is_erased(given, sam, region):
    counted(given.case, Event.SHARED)
    sam.user.delete()
    assert totals(f"region {region.pk}")["shared"] == 1 and not Counted.objects.exists()


def test_a_case_without_a_student_counts_nothing(given, sam):
    case = given.case
    Case.objects.filter(pk=case.pk).update(share=None)
    tally.count(Event.SHARED, case.pk)
    assert not Tick.objects.exists()


def test_a_copy_of_the_database_tells_nothing(given, sam, care, region):
    counted(given.case, Event.SHARED)
    tick = Tick.objects.last()
    assert {bytes(one.sealed)[:1] for one in Tick.objects.all()} == {b"\x01"}
    assert len({len(bytes(one.sealed)) for one in Tick.objects.all()}) == 1  # as long, whatever happened
    assert b"shared" not in bytes(tick.sealed) and str(care.institution_id).encode() not in bytes(tick.sealed)
    slots = {bytes(one.slot) for one in Counted.objects.all()}
    assert slots and not any(b"shared" in slot for slot in slots)
    tally.fold()
    assert not Tick.objects.exists()


# --- Publishing --------------------------------------------------------------------------------------------


def test_numbers_are_rounded_down_and_small_ones_left_out(published):
    shown = published.tables["all"]["all"]
    assert (shown["started"], shown["shared"], shown["agreed"], shown["stopped"]) == (40, 30, None, None)
    assert published.tables["level"]["3"]["shared"] == 30
    assert set(published.tables["support"]["without"].values()) == {None}


def test_a_school_and_a_college_get_totals_alone(published, class_a, care):
    for place in (class_a.institution, care.institution):
        assert set(place.publications.get().tables) == {"all"}


def test_published_is_published(published):
    assert not Tally.objects.filter(school_year=YEAR).exists()
    assert publishing.publish(YEAR) == 0
    with pytest.raises(TypeError):
        published.save()


def test_a_year_that_runs_is_not_published(region):
    with pytest.raises(CommandError):
        call_command("publish_figures", "--year", now())
    with pytest.raises(CommandError):
        call_command("publish_figures", "--year", "2025")


def test_the_timer_publishes_from_september_on_and_once(region, class_a):
    ticks(region, Event.STARTED, 9, class_a.institution, route="mbo")
    assert publishing.publish_due(date(2025, 8, 31)) == 0
    assert publishing.publish_due(date(2025, 9, 1)) > 0
    assert publishing.publish_due(date(2025, 9, 2)) == 0
    assert set(Publication.objects.values_list("school_year", flat=True)) == {YEAR}


def test_nothing_is_published_of_a_year_without_counts(region):
    assert publishing.publish_due(date(2025, 9, 1)) == 0 and not Publication.objects.exists()


def test_what_is_not_rounded_is_never_published():
    with pytest.raises(ValueError, match="rounded"):
        publishing.refuse_unrounded({"all": {"all": {"shared": 3}}})


# --- Reading -----------------------------------------------------------------------------------------------


def test_the_region_reads_its_tables_over_the_api(published, of_region, client):
    client.force_login(of_region)
    said = client.get(f"/api/v1/figures/?region=99&year={YEAR}").json()
    assert (said["region"], said["institution"], said["year"]) == ("99", None, YEAR)
    found = {table["table"]: table["rows"] for table in said["tables"]}
    assert list(found) == ["all", "level", "sector", "route", "support"]
    assert found["all"][0]["figures"]["shared"] == {"value": 30, "suppressed": False}
    assert found["all"][0]["figures"]["agreed"] == {"value": None, "suppressed": True}


@pytest.mark.parametrize("query", ["?region=11", "?year=2020-2021", "?region=99&year=nope"])
def test_what_is_not_theirs_or_not_there_is_not_found(published, of_region, client, query):
    client.force_login(of_region)
    assert client.get(f"/api/v1/figures/{query}").status_code == 404


def test_a_coordinator_reads_the_own_place_alone(published, class_a, client):
    client.force_login(factories.make_staff(Role.COORDINATOR, institution=class_a.institution))
    assert client.get("/api/v1/figures/").json()["institution"] == class_a.institution.name
    assert client.get("/api/v1/figures/?region=99").status_code == 404
    assert client.get(f"/cijfers/{published.pk}/").status_code == 404
    assert client.get(f"/cijfers/{published.pk}/tabellen.csv").status_code == 404


def test_nobody_else_reads_them(published, imke, mentor, sam, client):
    for user in (imke, mentor, sam.user):
        client.force_login(user)
        assert client.get("/api/v1/figures/").status_code == client.get("/cijfers/").status_code == 404


def test_nor_who_was_coordinator(published, class_a, client):
    user = factories.make_staff(Role.COORDINATOR, institution=class_a.institution)
    user.memberships.update(ends_on=date(2026, 1, 1), starts_on=date(2025, 1, 1))
    client.force_login(user)
    assert client.get("/cijfers/").status_code == 404


def test_table_drawing_and_file_hold_the_same_numbers(published, of_region, client):
    client.force_login(of_region)
    page = client.get("/cijfers/").content.decode()
    pattern = r'data-{}="([^"]*)">([^<]*)<'
    table = dict(re.findall(pattern.format("figure"), page))
    drawn = dict(re.findall(pattern.format("bar"), page))
    assert drawn and all(table[key] == value for key, value in drawn.items())
    assert len(table) - len(drawn) == sum(len(one[2]) for one in publishing.SHAPE.values())  # the last rows
    file = client.get(f"/cijfers/{published.pk}/tabellen.csv").content.decode().lstrip("\ufeff")
    numbers = sorted(row[3] or "niet getoond" for row in csv.reader(io.StringIO(file), delimiter=";"))
    assert numbers == sorted([*table.values(), "aantal"])


def test_the_page_says_why_there_are_no_clusters_and_asks_little(
    published, of_region, client, django_assert_max_num_queries
):
    client.force_login(of_region)
    with django_assert_max_num_queries(12):
        page = client.get("/cijfers/").content.decode()
    assert "per cluster" in page and "gegevens over gezondheid" in page and " style=" not in page


def test_before_the_first_of_september_there_is_a_sentence(of_region, client):
    client.force_login(of_region)
    assert "nog geen cijfers" in client.get("/cijfers/").content.decode()
    assert client.get("/api/v1/figures/").json()["tables"] == []


def test_a_bar_is_as_long_as_its_number(published):
    total = figures.tables_of(published)[0]
    lengths = {bar.value: bar.width for bar in total.rows[0].bars}
    assert lengths[40] == figures.WIDE and lengths[30] == round(figures.WIDE * 30 / 40)


def test_giving_is_hooked(monkeypatch, sam, care):
    seen: list[Any] = []
    monkeypatch.setattr(sharing.tally, "count_soon", lambda event, case_id: seen.append(event))
    factories.share_with_programme(sam, care, "me.free_time")
    assert seen == [Event.SHARED]
