"""What a coordinator fills in: a class list, staff and their days, classes, programmes, the new school year."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from accounts.models import Institution, Programme, SchoolClass
from intake.services.expectations import LONGEST_QUESTION, LONGEST_TEXT
from intake.services.sentences import LONGEST_REMARK
from school.classlist_columns import FIELDS, Columns, letter
from school.services.staff import NewPerson, Post
from school.services.years import next_year, year_of

EMAIL_WRONG = "Dit is geen mailadres. Kijk het na."
DATE_WRONG = {"required": "Kies een dag.", "invalid": "Dit is geen dag. Kijk het na."}


def _date(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
        error_messages=DATE_WRONG,
    )


def _line(label: str, longest: int, *, required: bool = True, help_text: str = "", **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
        error_messages={"required": "Dit is nog leeg.", "max_length": f"Er passen {longest} tekens in."},
    )


class UploadForm(forms.Form):
    school_year = forms.ChoiceField(
        label="Voor welk schooljaar?", error_messages={"required": "Kies een jaar.", "invalid_choice": "Kies een jaar."}
    )
    file = forms.FileField(
        label="Het bestand",
        help_text="Een csv- of xlsx-bestand, hoogstens 5 MB en 5.000 studenten.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={
            "required": "Kies een bestand van hoogstens 5 MB.",
            "empty": "Dit bestand is leeg.",
            "invalid": "Kies een bestand.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = year_of()
        self.fields["school_year"].choices = [(one, one) for one in (now, next_year(now))]  # type: ignore[attr-defined]  # a field that chooses


class ColumnsForm(forms.Form):
    """One choice per column of the file; what is not chosen is not read."""

    def __init__(self, headings: Sequence[str], columns: Columns, one_class: str, data: Any = None) -> None:
        super().__init__(data)
        self.places = [place for place, heading in enumerate(headings) if heading]
        for place in self.places:
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=f"Kolom {letter(place)}: {headings[place][:60]}",
                choices=[("", "Niet inlezen"), *FIELDS.items()],
                required=False,
                initial=columns.get(place, ""),
                error_messages={"invalid_choice": "Kies wat in deze kolom staat."},
            )
        self.fields["one_class"] = _line("Staat de klas niet in het bestand? Schrijf de klas hier.", 40, required=False)
        self.fields["one_class"].initial = one_class

    @property
    def columns(self) -> Columns:
        return {place: what for place in self.places if (what := self.cleaned_data[f"column_{place}"])}


class ImportForm(forms.Form):
    """The yes. Nothing is ticked: nobody leaves school and no row is skipped by itself."""

    left = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Deze student staat hier niet meer. Bekijk de lijst opnieuw."},
    )
    skip_wrong = forms.BooleanField(label="Sla de rijen met een fout over", required=False)
    new_bands = forms.BooleanField(label="Ik heb deze leeftijden nagekeken. Zij kloppen.", required=False)

    def __init__(self, missing: Iterable[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        self.fields["left"].choices = list(missing)  # type: ignore[attr-defined]  # a field that chooses


class StaffForm(forms.Form):
    email = forms.EmailField(
        label="Mailadres van het werk",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": EMAIL_WRONG, "invalid": EMAIL_WRONG, "max_length": EMAIL_WRONG},
    )
    name = _line("Naam", 120, help_text="Zo zien studenten wie dit is. Bijvoorbeeld: mevrouw De Vries.")
    function = _line("Functie", 120, required=False)
    telephone = _line("Telefoon op het werk", 32, required=False)
    post = forms.ChoiceField(
        label="Welke rol?", error_messages={"required": "Kies een rol.", "invalid_choice": "Kies een rol."}
    )
    starts_on = _date("Eerste dag")
    ends_on = _date("Laatste dag", required=False, help_text="Voor een invaller: dezelfde dag. Leeg is zonder einde.")

    def __init__(self, posts: Iterable[Post], data: Any = None) -> None:
        super().__init__(data, initial={"starts_on": timezone.localdate()})
        choices = [("", "Kies een rol"), *((one.code, one.label) for one in posts)]
        self.fields["post"].choices = choices  # type: ignore[attr-defined]  # a field that chooses

    @property
    def person(self) -> NewPerson:
        said = self.cleaned_data
        return NewPerson(said["email"], said["name"].strip(), said["function"].strip(), said["telephone"].strip())


class EndForm(forms.Form):
    ends_on = _date("Laatste dag")


class ClassForm(forms.Form):
    name = _line("Naam van de klas", 40)
    school_year = forms.ChoiceField(label="Schooljaar", error_messages={"required": "Kies een jaar."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = year_of()
        self.fields["school_year"].choices = [(one, one) for one in (now, next_year(now))]  # type: ignore[attr-defined]  # a field that chooses


class PlaceForm(forms.ModelForm):  # type: ignore[type-arg]  # Django itself takes no [Institution] there
    class Meta:
        model = Institution
        fields = ["name", "place"]
        labels = {"name": "Naam", "place": "Plaats"}
        error_messages = {"name": {"required": "Schrijf de naam op."}}


class ProgrammeForm(forms.ModelForm):  # type: ignore[type-arg]  # nor [Programme]
    class Meta:
        model = Programme
        fields = ["name", "code", "kind", "level", "sector", "learning_route", "crebo", "place"]
        labels = {
            "name": "Naam van de opleiding",
            "code": "Korte code",
            "kind": "Soort",
            "level": "Niveau",
            "sector": "Sector",
            "learning_route": "Leerweg",
            "crebo": "Crebo",
            "place": "Plaats",
        }
        help_texts = {"code": "Kleine letters en cijfers. De code verandert niet meer.", "level": "1 tot en met 4."}
        error_messages = {
            "name": {"required": "Schrijf de naam op."},
            "code": {
                "required": "Schrijf een code op.",
                "unique": "Deze code is al van een opleiding.",
                "invalid": "Gebruik alleen kleine letters, cijfers en streepjes.",
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["code"]

    def clean_level(self) -> int | None:
        level: int | None = self.cleaned_data["level"]
        if level is not None and not 1 <= level <= 4:
            raise forms.ValidationError("Een niveau is 1, 2, 3 of 4.")
        return level


class SentenceForm(forms.Form):
    """One sentence about a day at a programme, and what a student can ask about it."""

    text = _line(
        "Wat vraagt een dag?",
        LONGEST_TEXT,
        help_text="Eén korte zin voor de student. Bijvoorbeeld: veel staan en lopen.",
    )
    question = _line(
        "Welke vraag kan een student hierover stellen?",
        LONGEST_QUESTION,
        help_text="Voor wie dit lastig vindt. Bijvoorbeeld: Wanneer kan ik even zitten?",
    )


class RemarkForm(forms.Form):
    """One of these stands under every sentence, so each has an id of its own."""

    remark = _line("Wat klopt er niet?", LONGEST_REMARK, help_text="Over de zin. Nooit over een student.")

    def __init__(self, sentence_id: UUID, data: Any = None) -> None:
        super().__init__(data, auto_id=f"id_%s_{sentence_id.hex}")


class RollForm(forms.Form):
    """What becomes of one class; nothing is chosen already."""

    what = forms.ChoiceField(
        label="Wat gebeurt er met deze klas?",
        choices=[("class", "Naar een klas in het nieuwe schooljaar"), ("leave", "Deze studenten gaan van school")],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies wat er met de klas gebeurt."},
    )
    to_name = _line("Naam van de nieuwe klas", 40, required=False)
    mentors_too = forms.BooleanField(label="De mentor gaat mee", required=False)

    def __init__(self, school_class: SchoolClass, data: Any = None) -> None:
        super().__init__(data, prefix=str(school_class.pk)[:8])

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("what") == "class" and not said.get("to_name", "").strip():
            self.add_error("to_name", "Schrijf de naam van de nieuwe klas op.")
        return said
