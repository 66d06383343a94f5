"""The row of a personal token; part of accounts/models.py."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Token(models.Model):
    """A key somebody of the staff made for another system (accounts/tokens.py): kept as a hash, shown once.

    It can do less than its maker, never more: what a call may read or write is asked of them anew each time. It works
    where they worked when they made it, and with the password they had then. Revoked, the row is gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField()
    made_under = models.JSONField(default=list)  # ids of the memberships and ties of that day
    password_sha256 = models.BinaryField(max_length=32, default=b"")
    made_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField()
    used_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)
