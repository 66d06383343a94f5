"""What was mailed, so that it is one a day."""

from django.db import models

from accounts.models import User


class MailDay(models.Model):
    """When somebody last had a mail that could wait, so that it is one a day at most; `stopped_at`: no more of them."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="mail_day")
    last_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)
