"""«Hulp in de regio»: the region keeps it, everybody reads it, and what has ended never looks as if it still ran."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Region, Role, User
from accounts.refusals import NotHere
from intake.models import RegionHelp
from intake.services import region_help
from tests import factories


@pytest.fixture
def linde() -> Region:
    return Region.objects.create(code="linde", name="Regio Lindestreek")


@pytest.fixture
def keeper(linde) -> User:
    return factories.make_staff(Role.REGION, region=linde, name="mevrouw Van Doorn")


@pytest.fixture
def stranger() -> User:
    """Of another region."""
    return factories.make_staff(Role.REGION, region=Region.objects.create(code="hoog", name="Regio Hoogwolde"))


def filled(**more: str) -> dict[str, str]:
    return {
        "kind": "coach", "name": "Coaches", "for_whom": "Je bent 16 of ouder.", "how_in": "Bel zelf.",
        "telephone": "099-555 02 20", "web": "", "funded_until": "", **more,
    }  # fmt: skip


def row(region: Region, **more) -> RegionHelp:
    said = {**filled(), "funded_until": None, **more}
    return RegionHelp.objects.create(region=region, **said)


def new(region: Region) -> str:
    return reverse("region_help_new", args=[region.pk])


def edit(one: RegionHelp) -> str:
    return reverse("region_help_edit", args=[one.pk])


def page(client, **asked: str) -> str:
    html = client.get(reverse("region_help"), asked).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


TODAY = timezone.localdate


# --- The region keeps it -----------------------------------------------------------------------------------


def test_the_region_adds_help_and_everybody_reads_it(browser_of, client, linde, keeper):
    answer = browser_of(keeper).post(new(linde), filled())
    assert answer.url == reverse("region_help_list")
    kept = RegionHelp.objects.get()
    assert (kept.region, kept.written_by, kept.dial) == (linde, keeper, "0995550220")
    seen = page(client)
    for words in ("Coaches", "Je bent 16 of ouder.", "Bel zelf.", "099-555 02 20", "Regio Lindestreek"):
        assert words in seen


def test_the_region_changes_and_takes_away(browser_of, client, linde, keeper):
    one = row(linde)
    browser_of(keeper).post(edit(one), filled(name="Coaches van de streek"))
    assert RegionHelp.objects.get(pk=one.pk).name == "Coaches van de streek"
    browser_of(keeper).post(edit(one), {"remove": "1"})
    assert not RegionHelp.objects.exists() and "Coaches" not in page(client)


@pytest.mark.parametrize("who", ["stranger", "mentor", "imke", "sam"])
def test_nobody_else_keeps_it(request, browser_of, linde, who):
    client, one = browser_of(request.getfixturevalue(who)), row(linde)
    answers = [client.get(new(linde)), client.post(new(linde), filled(name="Anders")), client.get(edit(one))]
    answers += [client.post(edit(one), {"remove": "1"}), client.post(edit(one), filled(name="Anders"))]
    assert [one.status_code for one in answers] == [404] * 5
    assert list(RegionHelp.objects.values_list("name", flat=True)) == ["Coaches"]


def test_who_left_the_region_keeps_nothing_any_longer(browser_of, linde, keeper):
    Membership.objects.filter(user=keeper).update(starts_on="2019-01-01", ends_on="2020-01-01")
    assert browser_of(keeper).post(new(linde), filled()).status_code == 404
    with pytest.raises(NotHere):
        region_help.kept_help(keeper)


def test_the_list_of_a_region_shows_its_own_alone(browser_of, linde, keeper, stranger):
    row(linde)
    row(stranger.memberships.get().region, name="Van een ander")
    html = browser_of(keeper).get(reverse("region_help_list")).content.decode()
    assert "Coaches" in html and "Van een ander" not in html


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"telephone": "", "web": ""}, "telephone"),
        ({"telephone": "bel me"}, "telephone"),
        ({"web": "javascript:alert(1)"}, "web"),
        ({"kind": "magic"}, "kind"),
        ({"how_in": ""}, "how_in"),
        ({"for_whom": "Bel 111222333."}, "for_whom"),
        ({"funded_until": "2026-02-31"}, "funded_until"),
        ({"name": "Al gezegd"}, "name"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(browser_of, linde, keeper, wrong, field):
    row(linde, name="Al gezegd")
    answer = browser_of(keeper).post(new(linde), filled(**wrong))
    assert answer.status_code == 400 and list(answer.context["form"].errors) == [field]
    assert RegionHelp.objects.count() == 1


# --- Never silently stale ----------------------------------------------------------------------------------


def test_the_last_day_is_said_and_still_counts(client, linde):
    row(linde, funded_until=TODAY())
    seen = page(client)
    assert "Loopt tot en met" in seen and "Dit is gestopt" not in seen


def test_the_day_after_it_stands_apart_and_no_longer_says_how_to_get_in(client, linde):
    row(linde, funded_until=TODAY() - timedelta(days=1))
    seen = page(client)
    assert "Dit is gestopt" in seen and "Dit liep tot en met" in seen
    assert "Bel zelf." not in seen and "Loopt tot" not in seen


def test_what_nobody_looked_at_for_a_year_says_so_until_it_is_kept_again(browser_of, client, linde, keeper):
    one = row(linde)
    RegionHelp.objects.update(updated_at=timezone.now() - timedelta(days=366))
    assert "Een jaar lang keek niemand dit na." in page(client)
    assert "Lang geleden bekeken" in browser_of(keeper).get(reverse("region_help_list")).content.decode()
    browser_of(keeper).post(edit(one), filled())
    assert "Een jaar lang keek niemand dit na." not in page(client)


@pytest.mark.parametrize(("days", "words"), [(-1, ">Gestopt<"), (30, ">Stopt bijna<")])
def test_the_region_is_told_what_ended_and_what_soon_ends(browser_of, linde, keeper, days, words):
    row(linde, funded_until=TODAY() + timedelta(days=days))
    assert words in browser_of(keeper).get(reverse("region_help_list")).content.decode()


def test_what_ends_in_a_year_is_no_news(browser_of, linde, keeper):
    row(linde, funded_until=TODAY() + timedelta(days=300))
    html = browser_of(keeper).get(reverse("region_help_list")).content.decode()
    assert "Gestopt" not in html and "Stopt bijna" not in html


# --- For everybody -----------------------------------------------------------------------------------------


def test_with_more_regions_one_chooses_first(client, linde, stranger):
    row(linde)
    row(stranger.memberships.get().region, name="Van een ander")
    assert "Coaches" not in page(client) and "Coaches" in page(client, regio="linde")
    assert "Van een ander" not in page(client, regio="linde") and "Coaches" not in page(client, regio="nergens")


def test_without_any_help_the_page_says_so(client):
    assert "nog geen regio" in page(client)


def test_reading_costs_the_same_for_one_and_for_many(client, linde, django_assert_num_queries):
    for many in (1, 12):
        for place in range(many):
            row(linde, name=f"Coach {many} {place}")
        with django_assert_num_queries(2):
            page(client, regio="linde")
