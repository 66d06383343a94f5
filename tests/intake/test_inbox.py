"""The inbox: tabs, filters and giving a case to somebody; 500 cases cost what 60 cost; a coordinator sees no name."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.models import Institution, Membership, Role, User
from accounts.refusals import NotHere, Refusal
from consent.models import Share
from intake.models import Case
from intake.services import cases, fits, leaving, sharing
from tests import factories


@pytest.fixture
def case(given) -> Case:
    return Case.objects.get(share=given)


@pytest.fixture
def colleague(care) -> User:
    return factories.make_staff(Role.INTAKER, programme=care, name="Bo Prins")


@pytest.fixture
def boss(care) -> User:
    """Coordinator of the college: gives cases to intakers and opens none."""
    return factories.make_staff(Role.COORDINATOR, institution=care.institution, name="Cor Berg")


def arrivals(care: Any, *names: str) -> list[Case]:
    """A case for each of these names."""
    made = []
    for name in names:
        student = factories.make_pupil(calling_name=name, surname="X")
        factories.write(student, "can.strengths", ["koken"])
        made.append(factories.share_with_programme(student, care, "can.strengths").case)
    return made


def names(rows: Iterable[cases.CaseRow]) -> list[str | None]:
    return [row.display_name for row in rows]


def text(answer: Any) -> str:
    return answer.content.decode()


# --- Tabs and filters --------------------------------------------------------------------------------------


def test_tabs_show_new_mine_and_this_week(care, imke):
    new, mine, week, later = arrivals(care, "Nieuw", "Mijn", "Week", "Later")
    Case.objects.exclude(pk=new.pk).update(status=Case.Status.READ)
    Case.objects.filter(pk=mine.pk).update(assigned_to=imke)
    monday = timezone.localtime() - timedelta(days=timezone.localdate().weekday())
    Case.objects.filter(pk=week.pk).update(intake_at=monday.replace(hour=9))
    Case.objects.filter(pk=later.pk).update(intake_at=monday.replace(hour=9) + timedelta(days=7))
    found = {tab: names(cases.list_cases(imke, tab=tab)[:50]) for tab in ("new", "mine", "week")}
    assert found == {"new": ["Nieuw X."], "mine": ["Mijn X."], "week": ["Week X."]}


def test_an_ended_case_is_on_no_tab_and_in_no_step(given, sam, imke, case):
    Case.objects.update(assigned_to=imke, intake_at=timezone.now())
    sharing.withdraw(share=given, by=sam.user)
    for tab in ("new", "mine", "week"):
        assert not cases.list_cases(imke, tab=tab)
    assert not cases.list_cases(imke, status="new")
    assert [row.status for row in cases.list_cases(imke, status="ended")[:50]] == ["ended"]
    assert len(cases.list_cases(imke)) == 1


def test_filters_go_together(care, imke):
    _first, second = arrivals(care, "Anna", "Bram")
    Case.objects.filter(pk=second.pk).update(status=Case.Status.INVITED, assigned_to=imke)
    assert names(cases.list_cases(imke, tab="mine", status="invited", programme=care.code)[:50]) == ["Bram X."]
    assert not cases.list_cases(imke, tab="mine", status="new")
    assert not cases.list_cases(imke, programme="elders")
    assert names(cases.list_cases(imke, q="ANN", status="new")) == ["Anna X."]


def test_an_unknown_tab_is_refused(imke, browser_of):
    with pytest.raises(Refusal):
        cases.list_cases(imke, tab="best")
    assert browser_of(imke).get("/intake/?tab=best").status_code == 400


def test_the_page_keeps_the_tab_in_its_address_and_never_a_name(care, imke, browser_of):
    arrivals(care, "Anna")
    client = browser_of(imke)
    assert client.post("/intake/", {"tab": "new", "status": "", "q": ""}).url == "/intake/?tab=new"
    shown = text(client.post("/intake/", {"tab": "new", "q": "anna"}))
    assert "Anna X." in shown and "q=anna" not in shown
    assert 'href="/intake/?tab=mine"' in shown and 'aria-current="page">Nieuw</a>' in shown


def test_the_inbox_leads_to_the_expectations_of_the_college(given, imke, boss, browser_of):
    for somebody in (imke, boss):
        client = browser_of(somebody)
        assert reverse("programme_days") in text(client.get("/intake/"))
        assert client.get(reverse("programme_days"), follow=True).status_code == 200


# --- Giving a case to somebody -----------------------------------------------------------------------------


def give(client: Client, *chosen: Case, to: User | None, **filters: str) -> Any:
    return client.post(
        reverse("case_assign"), {"case": [str(one.pk) for one in chosen], "to": str(to.pk) if to else "", **filters}
    )


def test_several_at_once_and_back_to_the_same_list(care, imke, colleague, browser_of):
    first, second, third = arrivals(care, "Anna", "Bram", "Cas")
    answer = give(browser_of(imke), first, second, to=colleague, tab="new", status="new")
    assert answer.url == "/intake/?tab=new&status=new"
    assert set(Case.objects.filter(assigned_to=colleague)) == {first, second}
    give(browser_of(imke), first, to=None)
    assert list(Case.objects.filter(assigned_to=colleague)) == [second] and third.assigned_to is None


@pytest.mark.parametrize("who", ["otto", "mentor"])
def test_never_to_somebody_who_does_no_intake_there(request, care, imke, case, who, browser_of):
    give(browser_of(imke), case, to=request.getfixturevalue(who))
    case.refresh_from_db()
    assert case.assigned_to is None


@pytest.mark.parametrize("who", ["otto", "mentor", "sam"])
def test_nobody_else_gives_it(request, case, imke, who, browser_of):
    Case.objects.update(assigned_to=imke)
    assert give(browser_of(request.getfixturevalue(who)), case, to=None).status_code == 404
    case.refresh_from_db()
    assert case.assigned_to == imke


def test_all_of_them_or_none(care, given, sam, imke, colleague):
    [other] = arrivals(care, "Anna")
    sharing.withdraw(share=given, by=sam.user)
    with pytest.raises(NotHere):
        cases.assign_cases(case_ids=[other.pk, given.case.pk], to=colleague, by=imke)
    assert not Case.objects.filter(assigned_to=colleague).exists()


def test_not_when_one_of_the_programmes_is_not_theirs(care, imke, colleague):
    other = factories.make_programme()
    Membership.objects.create(user=imke, role=Role.INTAKER, programme=other)
    chosen = [*arrivals(care, "Anna"), *arrivals(other, "Bert")]
    with pytest.raises(Refusal) as no:
        cases.assign_cases(case_ids=[one.pk for one in chosen], to=colleague, by=imke)
    assert no.value.code == "not_an_intaker" and not Case.objects.filter(assigned_to=colleague).exists()


def test_an_intaker_who_coordinates_too_gives_both_at_once(care, imke, colleague):
    other = factories.make_programme()
    Membership.objects.create(user=imke, role=Role.COORDINATOR, institution=other.institution)
    Membership.objects.create(user=colleague, role=Role.INTAKER, programme=other)
    chosen = [*arrivals(care, "Anna"), *arrivals(other, "Bert")]
    assert cases.assign_cases(case_ids=[one.pk for one in chosen], to=colleague, by=imke) == 2


def test_fifty_cost_what_one_costs_and_open_no_name(given, imke, colleague, monkeypatch):
    copies(given, 50)
    monkeypatch.setattr(vault, "open_keys", lambda owners: pytest.fail("a name was opened"))
    chosen = list(Case.objects.exclude(share=given).values_list("pk", flat=True))
    with CaptureQueriesContext(connections["default"]) as data:
        assert cases.assign_cases(case_ids=chosen, to=colleague, by=imke) == len(chosen) == 50
    assert len(data) <= 12


# --- The share ends between looking and writing ------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"status": Case.Status.PLACED}, {"intake_at": timezone.now()}, {"assigned_to": None}]
)
def test_a_case_stays_as_it_was_when_the_share_ended_since(given, case, sam, imke, change):
    Case.objects.update(status=Case.Status.DONE, assigned_to=imke)
    row = cases.get_open_case_or_404(imke, case.pk)
    sharing.withdraw(share=given, by=sam.user)
    with pytest.raises(NotHere):
        cases.change_case(case=row.case, by=imke, **change, fields=change)
    case.refresh_from_db()
    assert (case.status, case.intake_at, case.assigned_to) == (Case.Status.DONE, None, imke)


def test_the_share_is_locked_before_the_case(case, imke, colleague):
    with CaptureQueriesContext(connections["default"]) as data:
        cases.assign_cases(case_ids=[case.pk], to=colleague, by=imke)
    first, second = [one["sql"] for one in data if one["sql"].startswith("SELECT")][:2]
    assert 'FROM "consent_share"' in first and 'FROM "intake_case"' in second


def test_who_may_only_give_a_case_changes_nothing_else(case, boss):
    with pytest.raises(NotHere):
        cases.change_case(
            case=case, by=boss, status=Case.Status.READ, assigned_to=None, fields=["status", "assigned_to"]
        )


@pytest.mark.parametrize("ordering", ["intake_at", "-intake_at"])
def test_the_order_does_not_tell_when_the_talk_of_an_ended_case_was(care, imke, ordering):
    """With every moment an ended case can have had, it stands where it stands without any."""
    first, ended, last = arrivals(care, "Anna", "Bram", "Cas")
    now = timezone.now()
    for case, days in ((first, 2), (last, 9)):
        Case.objects.filter(pk=case.pk).update(intake_at=now + timedelta(days=days))
    sharing.withdraw(share=ended.share, by=ended.share.student.user)
    orders = []
    for days in (None, 0, 5, 20):
        moment = None if days is None else now + timedelta(days=days)
        Case.objects.filter(pk=ended.pk).update(intake_at=moment)
        orders.append([row.case.pk for row in cases.list_cases(imke, ordering=ordering)[:50]])
    open_ones = [first.pk, last.pk] if ordering == "intake_at" else [last.pk, first.pk]
    assert orders == [[*open_ones, ended.pk]] * 4


def test_over_the_api_an_ended_case_has_no_moment(given, case, sam, imke, api):
    cases.change_case(case=case, by=imke, intake_at=timezone.now(), fields=["intake_at"])
    client, address = api(imke), reverse("api_case", args=[case.pk])
    assert client.get(address).json()["intake_at"]
    sharing.withdraw(share=given, by=sam.user)
    ended = client.get(address).json()
    assert (ended["status"], ended["intake_at"]) == ("ended", None)


@pytest.mark.parametrize("sent", [{}, {"case": ["no id"]}])
def test_nothing_chosen_says_so(case, imke, colleague, browser_of, sent):
    client = browser_of(imke)
    assert client.post(reverse("case_assign"), {"to": str(colleague.pk), **sent}).status_code == 302
    case.refresh_from_db()
    assert case.assigned_to is None


def test_the_brief_names_who_can_look_along_and_neither_reader_nor_writer(given, imke, care, browser_of):
    said = {"comment": "Kwetalokalen zijn vol", "alternative": "De bibliotheek is stil"}
    bo = factories.make_staff(Role.INTAKER, programme=care, name="Bo Prins")
    fits.put_fit(case_id=given.case.pk, by=imke, need="quiet", answer="no", **said)
    address = reverse("case_brief", args=[given.case.pk])
    writer, reader = text(browser_of(imke).get(address)), text(browser_of(bo).get(address))
    assert "Meekijken kan: Bo Prins." in writer and reverse("second_looks") not in writer
    assert "Meekijken kan" not in reader and reverse("second_looks") in reader
    Membership.objects.filter(user=bo).delete()
    assert "nog niemand die mee kan kijken" in text(browser_of(imke).get(address))


# --- The coordinator of the college ------------------------------------------------------------------------


def test_a_coordinator_gives_and_sees_no_name(case, boss, imke, browser_of):
    client = browser_of(boss)
    shown = text(client.get("/intake/"))
    assert "Een student" in shown and "Sam" not in shown and 'name="q"' not in shown
    assert give(client, case, to=imke).status_code == 302
    case.refresh_from_db()
    assert case.assigned_to == imke
    for name in ("case_brief", "case_dossier", "case_plan", "case_talk_file"):
        assert client.get(reverse(name, args=[case.pk])).status_code == 404


def test_a_coordinator_finds_nobody_by_name(case, boss, browser_of):
    assert names(cases.list_cases(boss, q="sam")[:50]) == [None]
    assert names(cases.list_cases(boss, ordering="student")[:50]) == [None]
    assert "Sam" not in text(browser_of(boss).post("/intake/", {"q": "sam"}))


def test_a_coordinator_sees_every_end_alike(given, case, boss, sam, imke):
    assert [row.status for row in cases.list_cases(boss)[:50]] == ["new"]
    leaving.freeze(student=sam, by=sam.user)
    frozen = [(row.status, row.is_live) for row in cases.list_cases(boss)[:50]]
    leaving.unfreeze(student=sam, by=sam.user)
    sharing.withdraw(share=given, by=sam.user)
    assert frozen == [(row.status, row.is_live) for row in cases.list_cases(boss)[:50]] == [("ended", False)]
    with pytest.raises(NotHere):
        cases.assign_cases(case_ids=[case.pk], to=imke, by=boss)


def test_over_the_api_a_coordinator_assigns_only(case, boss, imke, api):
    client, address = api(boss), reverse("api_case", args=[case.pk])
    [row] = client.get("/api/v1/intake/cases/").json()["results"]
    assert (row["student"], row["share"], row["status"]) == (None, None, "new")
    assert client.get(address).json()["student"] is None
    for body in ({"status": "read"}, {"intake_at": None}, {"assigned_to": str(imke.pk), "status": "read"}):
        assert client.patch(address, body, format="json").status_code == 403
    assert client.patch(address, {"assigned_to": str(imke.pk)}, format="json").json()["student"] is None
    assert client.get(reverse("api_case_brief", args=[case.pk])).status_code == 404
    case.refresh_from_db()
    assert (case.assigned_to, case.status) == (imke, Case.Status.NEW)


@pytest.mark.parametrize("place", ["elsewhere", "ended"])
def test_no_coordinator_of_another_college_and_not_afterwards(case, boss, browser_of, place):
    if place == "elsewhere":
        college = Institution.objects.create(name="Elders", kind=Institution.Kind.MBO)
        Membership.objects.filter(user=boss).update(institution=college)
    else:
        Membership.objects.filter(user=boss).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert browser_of(boss).get("/intake/").status_code == 404
    with pytest.raises(NotHere):
        cases.get_case_to_give_or_404(boss, case.pk)


# --- Five hundred ------------------------------------------------------------------------------------------


def copies(given: Share, many: int) -> None:
    """As many cases more, each of a student of their own; only what the inbox reads of them."""
    arrivals_before = Case.objects.count()
    for number in range(many):
        student = factories.make_pupil(calling_name=f"Naam{arrivals_before + number:03}", surname="X")
        factories.write(student, "can.strengths", ["koken"])
        factories.share_with_programme(student, given.programme, "can.strengths")


def cost_of(client: Client, address: str, opened: list[int]) -> tuple[int, int]:
    """How many statements a page costs, and how many keys it opens."""
    opened.clear()
    with CaptureQueriesContext(connections["default"]) as data, CaptureQueriesContext(connections["keys"]) as keys:
        assert client.get(address).status_code == 200
    return len(data) + len(keys), sum(opened)


@pytest.mark.parametrize("address", ["/intake/", "/intake/?tab=new", "/intake/?status=new&programme=care3"])
def test_a_page_costs_the_same_and_opens_no_more_names_than_it_shows(given, imke, browser_of, monkeypatch, address):
    opened: list[int] = []
    real = vault.open_keys

    def counted(owners: Iterable[Any]) -> Any:
        found = set(owners)
        opened.append(len(found))
        return real(found)

    monkeypatch.setattr(vault, "open_keys", counted)
    copies(given, 51)
    client = browser_of(imke)
    client.get(address)
    few = cost_of(client, address, opened)
    copies(given, 40)
    assert cost_of(client, address, opened) == few and few[1] == 50
    shown = text(client.get(f"{address}{'&' if '?' in address else '?'}page=2"))
    assert len(re.findall(r">Naam\d{3} X\.<", shown)) == 42


def test_each_case_asks_for_its_own_share_alone(given, imke):
    """Of an EXISTS PostgreSQL makes the set of all open shares: several times slower at 40,000 (docs/scale.md)."""
    with CaptureQueriesContext(connections["default"]) as asked:
        rows = list(cases.list_cases(imke)[:50])
    [statement] = [one["sql"] for one in asked if '"intake_case"."status"' in one["sql"]]
    assert [row.is_open for row in rows] == [True]
    assert ") IS NOT NULL" in statement
    assert not re.search(r'EXISTS\s*\(SELECT [^(]* FROM "consent_share"', statement)
