"""Last year's figures of the demo: an invented crowd is counted and published as a real one; no number is typed."""

from random import Random

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Institution, Programme
from intake.models import Event, Publication, Tally, Tick
from intake.services import publishing, tally
from intake.services.tally import OTHER, ROUTE, SUPPORT, What

STARTERS = 260
# How many of those who came to one step come to the next.
ON = ((Event.SHARED, 0.72), (Event.READ, 0.95), (Event.ANSWERED, 0.88), (Event.AGREED, 0.74), (Event.STILL_THERE, 0.86))


def make_figures(year: str = "", starters: int = STARTERS) -> int:
    """Publishes a year that is over (the last one) when nothing of it is; returns how many publications were made."""
    year = year or publishing.last_year(timezone.localdate())
    if any(model.objects.filter(school_year=year).exists() for model in (Publication, Tally, Tick)):
        return 0
    rng = Random(year)  # noqa: S311 no secret: the same year is the same crowd
    schools = list(Institution.objects.filter(kind__in=["vso", "pro"], region__isnull=False).order_by("name"))
    programmes = list(Programme.objects.select_related("institution").order_by("code"))
    if not schools or not programmes:
        return 0
    key = tally.figures_key()
    with transaction.atomic():
        for _ in range(starters):
            _one(key, rng, year, rng.choice(schools), rng.choice(programmes))
    return publishing.publish(year)


def _one(key: vault.Key, rng: Random, year: str, school: Institution, programme: Programme) -> None:
    region = str(school.region_id)
    at = str(school.pk) if rng.random() > 0.1 else ""  # one in ten left the school already
    route = rng.choices(["mbo", "work", OTHER], [7, 2, 1])[0]
    tally.add_tick(key, Event.STARTED, year, What(region, at, "", {ROUTE: route}), home=True, college=False)
    support = tally.WITH if rng.random() < 0.7 else tally.WITHOUT
    what = What(region, at, str(programme.institution_id), {ROUTE: route, SUPPORT: support} | tally.rows_of(programme))
    for event, chance in ON:
        if rng.random() > chance:
            if event == Event.STILL_THERE:
                other = rng.choice([Event.SWITCHED, Event.STOPPED])
                tally.add_tick(key, other, year, what, home=True, college=True)
            return
        tally.add_tick(key, event, year, what, home=True, college=True)
