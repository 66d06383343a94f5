"""What follows from where somebody belongs today."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Membership, Role
from accounts.services import staff_places
from tests import factories


def test_somebody_who_works_in_two_places_is_named_with_the_newest(class_a, care):
    user = factories.make_staff(Role.INTAKER, programme=care, starts_on=timezone.localdate() - timedelta(days=9))
    old, new = timezone.localdate() - timedelta(days=90), timezone.localdate() - timedelta(days=3)
    Membership.objects.create(user=user, role=Role.MENTOR, school_class=class_a, starts_on=old)
    assert staff_places([user.pk]) == {user.pk: care.institution.name}
    Membership.objects.filter(user=user, school_class=class_a).update(starts_on=new)
    assert staff_places([user.pk]) == {user.pk: class_a.institution.name}
