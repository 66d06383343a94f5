"""The form of a new key for another system."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.tokens import LONGEST_DAYS, SCOPES


class TokenForm(forms.Form):
    """What it is called, what it may do (nothing is ticked), and until which day it works."""

    name = forms.CharField(
        label="Hoe noemt u deze sleutel?",
        max_length=60,
        help_text="Bijvoorbeeld het systeem dat hem gebruikt. Zet er geen naam van een student in.",
        error_messages={"required": "Geef de sleutel een naam."},
    )
    scopes = forms.MultipleChoiceField(
        label="Wat mag het andere systeem?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Kies wat het andere systeem mag."},
    )
    expires_on = forms.DateField(
        label="Tot en met welke dag?",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Hooguit een jaar. Daarna maakt u een nieuwe.",
        error_messages={"required": "Kies een dag.", "invalid": "Kies een dag."},
    )

    def __init__(self, *args: Any, scopes: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope, SCOPES[scope]) for scope in scopes]  # type: ignore[attr-defined]  # a field that chooses
        today = timezone.localdate()
        longest = today + timedelta(days=LONGEST_DAYS)
        self.fields["expires_on"].widget.attrs |= {"min": today.isoformat(), "max": longest.isoformat()}
