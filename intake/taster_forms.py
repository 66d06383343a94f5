"""What staff fill in about a day to look, and the one tick of a student who puts their name down."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.models import TasterDay
from intake.services.taster_buddies import Buddy
from intake.services.taster_keeping import LONGEST, MOST_PLACES

EMPTY = "Dit is nog leeg."


def _line(label: str, name: str, help_text: str = "") -> forms.CharField:
    longest = LONGEST[name]
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=longest,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": EMPTY, "max_length": f"Er passen {longest} tekens in."},
    )


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "Kies een tijd.", "invalid": "Deze tijd klopt niet."},
    )


class TasterDayForm(forms.Form):
    kind = forms.ChoiceField(
        label="Waar is het?",
        choices=TasterDay.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies er een.", "invalid_choice": "Kies er een."},
    )
    name = _line("Hoe heet deze dag?", "name", "Bijvoorbeeld: Kijken in de bakkerij.")
    day = forms.DateField(
        label="Welke dag?",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Kies een dag.", "invalid": "Deze dag klopt niet."},
    )
    starts = _time("Hoe laat begint het?")
    ends = _time("Hoe laat is het klaar?")
    places = forms.IntegerField(
        label="Hoeveel studenten kunnen er mee?",
        min_value=1,
        max_value=MOST_PLACES,
        widget=forms.NumberInput(attrs={"class": "short"}),
        error_messages={
            "required": "Vul een getal in.",
            "invalid": "Vul een getal in.",
            "min_value": "Kies ten minste één plek.",
            "max_value": f"Kies een getal van 1 tot en met {MOST_PLACES}.",
        },
    )
    town = _line("In welke plaats?", "town")
    where = _line("Op welk adres?", "where")
    doing = forms.CharField(
        label="Wat doet de student die dag?",
        help_text="Korte zinnen. Studenten lezen dit.",
        max_length=LONGEST["doing"],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": EMPTY, "max_length": f"Er passen {LONGEST['doing']} tekens in."},
    )
    travel = _line("Hoe komt de student er?", "travel", "Bijvoorbeeld: Bus 4 stopt voor de deur.")
    along = _line("Wie gaat er mee?", "along", "Bijvoorbeeld: een docent. Schrijf geen naam van een student.")

    @staticmethod
    def said_of(day: TasterDay) -> dict[str, Any]:
        """A day as this form shows it."""
        starts, ends = timezone.localtime(day.starts_at), timezone.localtime(day.ends_at)
        known = {name: getattr(day, name) for name in ("kind", "places", *LONGEST)}
        return known | {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}


class NameDownForm(forms.Form):
    """The name to somebody outside school is a tick of its own, never set beforehand (contract, rule 7)."""

    name_to_host = forms.BooleanField(required=False)

    def __init__(self, host: str, data: Any = None) -> None:
        super().__init__(data)
        self.fields["name_to_host"].label = _("%(host)s mag mijn naam ook zien") % {"host": host}


class BuddyForm(forms.Form):
    buddy = forms.TypedChoiceField(
        label="Wie kan er mee?",
        coerce=UUID,
        error_messages={"required": "Kies een buddy.", "invalid_choice": "Kies een buddy."},
    )

    def __init__(self, buddies: Sequence[Buddy], data: Any = None, *, prefix: str) -> None:
        super().__init__(data, prefix=prefix)
        # Nobody is chosen beforehand: one tap too many would ask a student about somebody.
        rows = [("", "Kies een buddy"), *((str(one.person_id), f"{one.name}, {one.school}") for one in buddies)]
        self.fields["buddy"].choices = rows  # type: ignore[attr-defined]  # what a ChoiceField has
