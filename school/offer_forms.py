"""What a coordinator fills in about a programme: its help per need, in three layers, and its facts."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import Programme
from intake.models import Layer, PartTime, ProgrammeFacts
from intake.services.facts import FIRST_DAY, LONGEST_STARTS, LONGEST_TRAVEL, NUMBERS, ROUTES
from intake.services.first_day import LONGEST as ON_THE_PAGE
from intake.services.offers import LONGEST

HINTS = {
    Layer.BASIC: "Wat elke student krijgt, zonder iets te vragen.",
    Layer.EXTRA: "Wat u afspreekt met een student die dit nodig heeft.",
    Layer.EXTERNAL: "Wie van buiten de school kan helpen, en hoe u die vraagt.",
}


class NeedForm(forms.Form):
    """The texts of one need. The field of a layer has its name; empty is: this programme does not give that."""

    def __init__(self, texts: Mapping[str, str], data: Any = None) -> None:
        super().__init__(data, initial=dict(texts))
        for layer, label in Layer.choices:
            self.fields[layer] = forms.CharField(
                label=label,
                help_text=HINTS[Layer(layer)],
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={"max_length": f"Er passen {LONGEST} tekens in."},
            )


def _number(label: str, most: int) -> forms.IntegerField:
    wrong = f"Schrijf een getal van 1 tot en met {most}."
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=most,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric", "min": 1, "max": most}),
        error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},
    )


def _line(label: str, longest: int, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=longest,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": f"Er passen {longest} tekens in."},
    )


def _route(*more: tuple[str, str]) -> forms.ChoiceField:
    choices = [("", "Weet ik niet"), *ROUTES.items(), *more]
    return forms.ChoiceField(label="BOL of BBL", required=False, choices=choices)


class FactsForm(forms.Form):
    """What a week is like; nothing is required."""

    starts = _line("Wanneer kan een student beginnen?", LONGEST_STARTS, "Bijvoorbeeld: in september en in februari.")
    days_a_week = _number("Dagen in de week", 7)
    hours_a_week = _number("Uren in de week, met stage of werk", 60)
    group_size = _number("Studenten in een groep", 60)
    travel = _line("Hoe komt een student er?", LONGEST_TRAVEL, "Bijvoorbeeld: vijf minuten lopen van het station.")
    learning_route = _route()
    part_time = forms.ChoiceField(
        label="Kan iemand minder dagen komen?", required=False, choices=[("", "Weet ik niet"), *PartTime.choices]
    )
    first_day_time = _line("Hoe laat begint de eerste dag?", ON_THE_PAGE["time"], "")
    first_day_where = _line("Waar komt een nieuwe student binnen?", ON_THE_PAGE["where"], "Gebouw, ingang en lokaal.")
    first_day_who = _line("Naar wie vraagt een nieuwe student?", ON_THE_PAGE["who"], "Bijvoorbeeld: de balie van Zorg.")

    def __init__(self, programme: Programme, facts: ProgrammeFacts, data: Any = None) -> None:
        known = {name: getattr(facts, name) for name in ("starts", "travel", "part_time", *NUMBERS, *FIRST_DAY)}
        route = programme.learning_route.lower()
        super().__init__(data, initial={**known, "learning_route": route})
        if route and route not in ROUTES:  # of a file; saving another fact does not wipe it
            self.fields["learning_route"] = _route((route, programme.learning_route))
        self.on_first_day = [self[name] for name in FIRST_DAY]
        self.to_compare = [field for field in self if field.name not in FIRST_DAY]


class OffersFileForm(forms.Form):
    file = forms.FileField(
        label="Het bestand",
        help_text="Een csv- of xlsx-bestand, hoogstens 5 MB en 5.000 teksten.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={
            "required": "Kies een bestand van hoogstens 5 MB.",
            "empty": "Dit bestand is leeg.",
            "invalid": "Kies een bestand.",
        },
    )


class OffersYesForm(forms.Form):
    """The yes to what was shown, which comes back with it. Nothing is ticked: a text goes only by a tick."""

    waiting = forms.CharField(widget=forms.HiddenInput, strip=False)
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    take_away = forms.BooleanField(label="Haal ook weg wat niet in het bestand staat", required=False)
