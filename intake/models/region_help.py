"""Who in a region helps on the way to the next place: public, kept by the region."""

import uuid
from datetime import date

from django.db import models
from django.utils import timezone

from accounts.models import Region, User


class RegionHelp(models.Model):
    """One place one can go to, for whom, how to get in, and until when there is money for it."""

    class Kind(models.TextChoices):
        BRIDGING = "bridging", "Schakeltraject"
        TRY_OUT = "try_out", "Een dag meedoen"
        COACH = "coach", "Coach"
        YOUTH_DESK = "youth_desk", "Jongerenpunt"
        SUPPORT_POINT = "support_point", "Ouder- en jeugdsteunpunt"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="help")
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=80)
    for_whom = models.CharField(max_length=200)
    how_in = models.CharField(max_length=200)
    telephone = models.CharField(max_length=20, blank=True)
    web = models.URLField(max_length=200, blank=True)
    # The last day that is paid for; without one the region said that it just goes on.
    funded_until = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "kind", "name"], name="region_help_said_once")]

    def __str__(self) -> str:
        return str(self.pk)

    def has_ended(self, today: date | None = None) -> bool:
        """Whether its last paid day is over: from then on it is never shown as if it still ran."""
        return self.funded_until is not None and self.funded_until < (today or timezone.localdate())

    @property
    def dial(self) -> str:
        """The telephone number as a telephone dials it."""
        return "".join(char for char in self.telephone if char.isdigit() or char == "+")
