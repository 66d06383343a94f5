"""Small words for the pages of this room."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def saved_at(moment: datetime | None) -> str:
    """«Bewaard om 10:32», or the day when that was not today; nothing when nothing was saved."""
    if not moment:
        return ""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return _("Bewaard om %(time)s") % {"time": date_format(local, "H:i")}
    return _("Bewaard op %(day)s") % {"day": date_format(local, "j F")}


@register.simple_tag
def saved_now() -> str:
    return saved_at(timezone.now())
