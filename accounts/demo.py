"""The demo accounts of the contract as visitors see them: the name to log in with and who that is."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.refusals import NotHere


class Group(TextChoices):
    STUDENT = "student", _("Studenten")
    HOME = "home", _("Ouders")
    SCHOOL = "school", _("School")
    COLLEGE = "college", _("Mbo")
    REGION = "region", _("Regio en beheer")


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    group: Group
    line: str | Promise


ACCOUNTS = (
    Account("student.full", Group.STUDENT, _("Sam, 17, klas A. Alles is klaar en gedeeld.")),
    Account("student.empty", Group.STUDENT, _("Milan, 16, klas A. Begint nog.")),
    Account("student.young", Group.STUDENT, _("Dilara, 15, klas A. Een deel is klaar. Een ouder kijkt mee.")),
    Account("student.adult", Group.STUDENT, _("Giovanni, 18, klas B. Alles is klaar. Deelt nog niets.")),
    Account("student.work", Group.STUDENT, _("Romy, 17, praktijkschool. Wil gaan werken.")),
    Account("student.left", Group.STUDENT, _("Filmon, 19. Werkt nu en wil naar het mbo.")),
    Account("student.placed", Group.STUDENT, _("Ayoub, 18. Zit in het eerste jaar van het mbo.")),
    Account("guardian.full", Group.HOME, _("Moeder van Sam. Leest wat Sam thuis deelt.")),
    Account("guardian.young", Group.HOME, _("Vader van Dilara. Zegt ja of nee, want zij is 15.")),
    Account("mentor.one", Group.SCHOOL, _("Mentor van klas A.")),
    Account("mentor.two", Group.SCHOOL, _("Mentor van klas B.")),
    Account("counsellor.one", Group.SCHOOL, _("Decaan van de school.")),
    Account("care.one", Group.SCHOOL, _("Zorgcoördinator van de school.")),
    Account("school.coordinator", Group.SCHOOL, _("Coördinator van de school. Leest geen paspoorten.")),
    Account("intaker.care", Group.COLLEGE, _("Doet de intake voor Verzorgende IG, niveau 3.")),
    Account("intaker.tech", Group.COLLEGE, _("Doet de intake voor Monteur mechatronica, niveau 2.")),
    Account("intaker.other", Group.COLLEGE, _("Doet de intake bij een ander mbo, in een andere regio.")),
    Account("mentor.college", Group.COLLEGE, _("Mentor op het mbo, bij Verzorgende IG.")),
    Account("college.coordinator", Group.COLLEGE, _("Coördinator van het mbo. Leest geen paspoorten.")),
    Account("coach.one", Group.REGION, _("Coach voor de overstap. Helpt Sam.")),
    Account("region.one", Group.REGION, _("Coördinator van de regio. Ziet alleen aantallen.")),
    Account("admin", Group.REGION, _("Beheert de website. Leest geen paspoorten.")),
)


def get_demo_user_or_404(username: str) -> User:
    """The user of a demo account, for one tap. Raises NotHere outside the demo and for any other name."""
    user = User.objects.filter(username=username, is_active=True).first() if _is_listed(username) else None
    if not settings.DEMO or user is None:
        raise NotHere()
    return user


def accounts_by_group() -> list[tuple[str, list[Account]]]:
    """The accounts that were made here, under the heading of their group."""
    made = set(User.objects.filter(username__in=[one.username for one in ACCOUNTS]).values_list("username", flat=True))
    groups = [
        (str(group.label), [one for one in ACCOUNTS if one.group == group and one.username in made]) for group in Group
    ]
    return [(label, accounts) for label, accounts in groups if accounts]


def _is_listed(username: str) -> bool:
    return any(account.username == username for account in ACCOUNTS)
