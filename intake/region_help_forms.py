"""What a region fills in about one place where somebody helps."""

import re

from django import forms

from intake.models import RegionHelp
from intake.services.region_help import LONGEST

TELEPHONE = re.compile(r"\+?[\d ()-]{3,20}")


def _line(label: str, name: str, help_text: str = "", *, required: bool = True) -> forms.CharField:
    longest = LONGEST[name]
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=longest,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Dit is nog leeg.", "max_length": f"Er passen {longest} tekens in."},
    )


class RegionHelpForm(forms.Form):
    kind = forms.ChoiceField(
        label="Soort hulp",
        choices=[("", "Kies een soort"), *RegionHelp.Kind.choices],
        error_messages={"required": "Kies een soort.", "invalid_choice": "Kies een soort."},
    )
    name = _line("Naam", "name", "Zo heet het bij u.")
    for_whom = _line("Voor wie is het?", "for_whom", "Korte zinnen. Studenten lezen dit.")
    how_in = _line("Hoe komt iemand erbij?", "how_in", "Bijvoorbeeld: Bel zelf voor een gesprek.")
    telephone = _line("Telefoon", "telephone", "Van een balie of een team. Nooit van iemand thuis.", required=False)
    web = forms.URLField(
        label="Website",
        max_length=LONGEST["web"],
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Dit is geen adres van een website.", "max_length": "Dit adres is te lang."},
    )
    funded_until = forms.DateField(
        label="Tot wanneer is er geld voor?",
        help_text="De laatste dag. Daarna staat het bij «Dit is gestopt». Leeg is zonder einde.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Dit is geen dag. Kijk het na."},
    )

    def clean_telephone(self) -> str:
        said: str = self.cleaned_data["telephone"].strip()
        if said and not TELEPHONE.fullmatch(said):
            raise forms.ValidationError("Dit nummer klopt niet. Kijk het na.")
        return said
