"""Start from the person: the passport of whoever is logged in. No URL of a student carries a passport's id."""

from django.http import HttpRequest

from accounts import vault
from accounts.refusals import NotHere
from passport.models import Passport


def own_passport(request: HttpRequest) -> tuple[Passport, vault.Key]:
    """The logged-in student's passport and opened key. Raises NotHere for anybody who is not a student."""
    passport = (
        Passport.objects.select_related("student__user").filter(student__user=request.user.pk).first()
        if request.user.is_authenticated
        else None
    )
    if passport is None:
        raise NotHere()
    return passport, vault.open_key(passport.student_id)
