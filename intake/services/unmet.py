"""Which help a college could not give: for its coordinator, per programme and need, in whole fives and of nobody."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Membership, Programme, Role, User
from accounts.refusals import NotHere
from intake.services import need_tally, tally
from intake.services.need_tally import Unmet
from passport import questionnaire


@dataclass(frozen=True, slots=True)
class Row:
    """One need at one programme."""

    label: str
    counted: Unmet


@dataclass(frozen=True, slots=True)
class UnmetPage:
    """One school year. `years` are those to choose from, the newest first; without one there is nothing to show yet."""

    year: str
    years: tuple[str, ...]
    programmes: tuple[tuple[Programme, tuple[Row, ...]], ...]


def unmet_of(by: User, year: str = "") -> UnmetPage:
    """What the colleges this user coordinates could not give in a year that is over (the newest one).

    Raises NotHere for who coordinates none, and for a year that is not there.
    """
    colleges = [row.institution_id for row in _colleges(by)]
    if not colleges:
        raise NotHere()
    programmes = list(Programme.objects.filter(institution__in=colleges).order_by("name", "level", "pk"))
    years = need_tally.years_over(programmes)
    if year and year not in years:
        raise NotHere()
    chosen = year or (years[0] if years else "")
    found = need_tally.unmet(programmes, chosen, tally.figures_key()) if chosen else {}
    labels = questionnaire.of_version(questionnaire.published().pk).need_labels
    rows = [
        (one, tuple(Row(labels.get(unmet.need, unmet.need), unmet) for unmet in found[one.pk]))
        for one in programmes
        if found.get(one.pk)
    ]
    return UnmetPage(chosen, tuple(years), tuple(rows))


def _colleges(by: User) -> QuerySet[Membership]:
    here = Membership.objects.current().filter(user=by, role=Role.COORDINATOR)
    return here.filter(Exists(Programme.objects.filter(institution=OuterRef("institution"))))
