"""What the start refuses that only the database tells: a demo that became a real site."""

from django.conf import settings
from django.db import DatabaseError

from accounts.demo import ACCOUNTS
from accounts.models import User
from config.env import WrongSetting
from intake.demo.people import PASSWORD

REFUSED = "DEMO: this database holds demo accounts with the password everybody knows; start with an empty one"


def refuse_demo_accounts() -> None:
    """With DEMO=0 nobody comes in with the password of the demo. Raises WrongSetting (contract, Demo accounts).

    A database that is not there or not migrated yet holds nobody; /readyz tells about those.
    """
    if settings.DEMO:
        return
    try:
        people = list(User.objects.filter(username__in=[one.username for one in ACCOUNTS], is_active=True))
    except DatabaseError:
        return
    if any(one.check_password(PASSWORD) for one in people):
        raise WrongSetting(REFUSED)
