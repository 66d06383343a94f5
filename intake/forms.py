"""The forms of sharing. What may be shared with whom the services decide; a form only reads the screen."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusals import Refusal
from consent.links import LONGEST_EMAIL, LONGEST_LABEL, LinkTo, check_to
from consent.models import RecipientKind
from consent.purposes import longest_until
from consent.services import check_placement, check_valid_until

OWN_DATE = "own"
PICK_DATE = gettext_lazy("Kies een dag.")


class ShareWhoForm(forms.Form):
    """Step 1: one recipient, as "kind:id"."""

    to = forms.CharField(max_length=60, error_messages={"required": gettext_lazy("Kies met wie je wilt delen.")})

    def clean_to(self) -> tuple[str, UUID]:
        kind, _colon, row = self.cleaned_data["to"].partition(":")
        try:
            return RecipientKind(kind), UUID(row)
        except ValueError:
            raise ValidationError(_("Deze ontvanger kennen we niet.")) from None


class ShareLinkForm(forms.Form):
    """Step 1 for somebody without an account: who it is, and where the mail goes."""

    label = forms.CharField(
        max_length=LONGEST_LABEL,
        label=gettext_lazy("Naam en plaats"),
        help_text=gettext_lazy("Bijvoorbeeld: Bakkerij Jansen, Zwolle."),
        error_messages={"required": gettext_lazy("Schrijf op wie het is.")},
    )
    email = forms.CharField(
        max_length=LONGEST_EMAIL,
        label=gettext_lazy("E-mailadres"),
        help_text=gettext_lazy("Daar gaat de mail met de link heen."),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Schrijf het mailadres op.")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                data["to"] = check_to(LinkTo(data["email"], data["label"]))
            except Refusal as refusal:
                self.add_error(refusal.field, refusal.sentence)
        return data


class SharePlacementForm(forms.Form):
    """Step 3 for a placement: its first and its last day. Sharing ends with the last."""

    starts_on = forms.DateField(
        label=gettext_lazy("De eerste dag"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Kies de eerste dag."), "invalid": gettext_lazy("Dit is geen dag.")},
    )
    valid_until = forms.DateField(
        label=gettext_lazy("De laatste dag"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Kies de laatste dag."), "invalid": gettext_lazy("Dit is geen dag.")},
    )

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            first, last = data["starts_on"], data["valid_until"]
            try:
                check_placement(self.purpose, RecipientKind.LINK, first, last)
                check_valid_until(self.purpose, RecipientKind.LINK, last, first)
            except Refusal as refusal:
                self.add_error(refusal.field, refusal.sentence)
        return data


class ShareUnitsForm(forms.Form):
    """Step 2: what is ticked on one screen; `allowed` are the units that stand on it."""

    units = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("Dit kun je nu niet delen.")},
    )

    def __init__(self, *args: Any, allowed: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].choices = [(unit, unit) for unit in allowed]  # type: ignore[attr-defined]  # a field that chooses

    @property
    def ticked(self) -> list[str]:
        """What stands ticked on the screen now, also after an error."""
        return [str(unit) for unit in self["units"].value() or []]


class ShareUntilForm(forms.Form):
    """Step 3: one of a few days, or a day of one's own; and whether the mentor may hand it over in person."""

    until = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": PICK_DATE, "invalid_choice": PICK_DATE}
    )
    own = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Dit is geen dag. Kies een dag.")},
    )
    warm = forms.BooleanField(required=False)

    def __init__(
        self,
        *args: Any,
        purpose: str,
        kind: str,
        kept: date | None = None,
        warm: bool = False,
        day: date | None = None,
        **kwargs: Any,
    ) -> None:
        """`day`: when a buddy goes along, which says how long sharing with them may last."""
        self.purpose, self.kind, self.day, self.today = purpose, kind, day, timezone.localdate()
        self.longest = longest_until(purpose, kind, self.today, day)
        days = sensible_days(self.today, self.longest)
        super().__init__(*args, initial=_kept(kept, days, warm), **kwargs)  # type: ignore[misc]  # a mixin
        self.fields["until"].choices = [  # type: ignore[attr-defined]  # a field that chooses
            *((day.isoformat(), label) for day, label in days.items()),
            (OWN_DATE, _("Ik kies zelf een dag")),
        ]
        self.fields["own"].widget.attrs |= {"min": self.today.isoformat(), "max": self.longest.isoformat()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        own = data["until"] == OWN_DATE
        data["valid_until"] = data.get("own") if own else date.fromisoformat(data["until"])
        if data["valid_until"] is None:
            self.add_error("own", PICK_DATE)
            return data
        try:
            check_valid_until(self.purpose, self.kind, data["valid_until"], self.day)
        except Refusal as refusal:
            self.add_error("own" if own else "until", refusal.sentence)
        return data


class ShareChangeForm(ShareUnitsForm):
    """What is shared now, to take away from or add to."""

    until = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": PICK_DATE, "invalid": gettext_lazy("Dit is geen dag. Kies een dag.")},
    )
    warm = forms.BooleanField(required=False)

    def clean_units(self) -> list[str]:
        if not self.cleaned_data["units"]:
            raise ValidationError(_("Er staat niets meer aan. Wil je stoppen met delen?"))
        return list(self.cleaned_data["units"])


class ApprovalForm(forms.Form):
    """A guardian's yes or no; nothing is chosen already."""

    answer = forms.ChoiceField(
        choices=[("yes", "ja"), ("no", "nee")], error_messages={"required": gettext_lazy("Kies ja of nee.")}
    )
    seen = forms.CharField(max_length=64, required=False)
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))


def sensible_days(today: date, longest: date) -> dict[date, str]:
    """Two or three last days to choose from, the longest that is allowed last."""
    days = {}
    for weeks, label in ((1, _("Een week")), (5, _("Ongeveer een maand")), (13, _("Ongeveer drie maanden"))):
        day = today + timedelta(weeks=weeks)
        if day < longest and (weeks > 1 or longest - today < timedelta(weeks=5)):
            days[day] = label
    days[longest] = _("Zo lang als het mag")
    return {day: f"{label}: {_('tot en met')} {date_format(day, 'j F Y')}" for day, label in days.items()}


def _kept(kept: date | None, days: dict[date, str], warm: bool) -> dict[str, Any]:
    """What the student chose before; nothing else is ever chosen already (contract, rule 7)."""
    if kept is None:
        return {"warm": warm}
    known = kept in days
    return {"until": kept.isoformat() if known else OWN_DATE, "own": None if known else kept, "warm": warm}
