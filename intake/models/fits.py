"""What a programme answers to a need that is shared with it, and how often it answered what, of nobody."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Programme, User
from consent.models import Share


class FitAnswer(models.TextChoices):
    YES = "yes", "Ja, dit doen wij"
    PARTLY = "partly", "Voor een deel"
    EXTERNAL = "external", "Via iemand anders"
    NO = "no", "Nee, dit kan hier niet"


class FitReaction(models.TextChoices):
    THANKS = "thanks", "Dank je"
    WRONG = "wrong", "Dit klopt niet"
    TALK = "talk", "Ik wil hierover praten"


class Fit(models.Model):
    """The college's answer to one shared need; the student's too, so sealed with their key and gone with it.

    `sealed` holds {answer, comment, alternative}; `sealed_line` what a second person of the college says about a no
    that waits; `sealed_reaction` what the student says back. The student sees what is sent, and that alone.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Een collega kijkt mee"
        RETURNED = "returned", "Praat er nog over"
        SENT = "sent", "Verstuurd"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="fits")
    slot = models.BinaryField(max_length=16)
    state = models.CharField(max_length=8, choices=State)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    sealed = models.BinaryField()
    second_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    second_at = models.DateTimeField(null=True, blank=True)
    sealed_line = models.BinaryField(null=True, blank=True)
    sealed_reaction = models.BinaryField(null=True, blank=True)
    reacted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["share", "slot"], condition=Q(state="sent"), name="fit_sent_once_per_need"),
            models.UniqueConstraint(
                fields=["share", "slot"], condition=~Q(state="sent"), name="fit_waits_once_per_need"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class NeedTally(models.Model):
    """How often a programme gave which answer to which need in a school year. It holds no person and outlives them all.

    `sealed` holds {need: {answer: count}} under the key of the figures: of a small programme a count of one would say
    what somebody needs. Shown in whole fives alone (intake/services/rounding.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="need_tallies")
    school_year = models.CharField(max_length=9)
    sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "school_year"], name="need_tally_once_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.school_year}"
