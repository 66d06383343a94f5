"""Which region somebody is in: for a page that says where parents can ask, also without a log-in."""

from django.db.models import Q

from accounts.entrance import ties_at_home
from accounts.models import Membership, Region, User


def all_regions() -> list[Region]:
    """Every region with a school, by name."""
    return list(Region.objects.filter(institutions__isnull=False).distinct().order_by("name"))


def own_region(user: User) -> str:
    """The code of the region of who is logged in, "" when there is none.

    Of a student and staff the region of their school, college or programme today; of a parent that of their child's.
    """
    home = ties_at_home(user).values("student__user")
    places = Membership.objects.current().filter(Q(user=user) | Q(user__in=home)).order_by("-starts_on", "pk")
    found = places.values_list(
        "region__code",
        "institution__region__code",
        "school_class__institution__region__code",
        "programme__institution__region__code",
    )
    return next((code for row in found for code in row if code), "")
