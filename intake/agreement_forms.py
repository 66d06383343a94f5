"""What the college fills in for a support agreement, and what both sides say when they look back."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refusal
from intake.models import Agreement
from intake.services.agreement_drafting import Proposal
from intake.services.agreement_reviews import LONGEST_NOTE, VERDICTS
from intake.services.agreement_texts import FIELDS, LONGEST, MOST_ROWS, Content, Row
from intake.talk_forms import TalkDayField

SIGNERS = [
    (Agreement.Signer.INTAKER, "Ik, of een collega van deze opleiding"),
    (Agreement.Signer.COORDINATOR, "De coördinator van het mbo. Die leest de afspraken dan ook."),
]
SOMETHING_WENT = (
    "U leest nu minder van deze student dan toen u begon. Regels die daarbij hoorden, zijn leeg."
    " Wat u verder typte, staat er nog. Kijk of alles nog klopt en bewaar dan."
)
LABELS = {
    "what": ("Wat spreekt u af?", "Welke hulp is er bij de stage?"),
    "who": ("Wie doet dit?", "Wie zoekt een stage?"),
    "starts_on": ("Vanaf welke dag?", "Vanaf welke dag?"),
    "works": ("Hoe merkt u samen dat het werkt?", "Hoe merkt u samen dat het werkt?"),
}


def _day(label: str, **options: Any) -> TalkDayField:
    date_input = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return TalkDayField(label=label, widget=date_input, error_messages={"invalid": "Deze dag klopt niet."}, **options)


class AgreementForm(forms.Form):
    """One fieldset for each agreement, the internship last. A row that is left empty is none; «Nog een regel» adds."""

    def __init__(self, proposal: Proposal, data: Any = None) -> None:
        rows = [row for row in proposal.rows if not row.is_internship]
        internship = [row for row in proposal.rows if row.is_internship]
        count = _count(data) if data is not None else len(rows) + (1 if len(rows) < MOST_ROWS else 0)
        self.count = min(count + ("more" in (data or ())), MOST_ROWS)
        super().__init__(data)
        for place in range(self.count + 1):
            self._add_row(place, is_internship=place == self.count)
        for place, row in [*enumerate(rows), *((self.count, row) for row in internship)]:
            self.initial.update({f"{name}-{place}": getattr(row, name) for name in (*FIELDS, "starts_on", "need")})
        self.fields["count"] = forms.IntegerField(widget=forms.HiddenInput, initial=self.count, required=False)
        self.fields["shared"] = forms.CharField(widget=forms.HiddenInput, initial=proposal.shared, required=False)
        self.fields["review_date"] = _day(
            "Op welke dag kijkt u samen terug?",
            required=False,
            help_text="Binnen een jaar.",
            initial=proposal.review_on,
        )
        self.fields["signer"] = forms.ChoiceField(
            label="Wie tekent voor het mbo?",
            choices=SIGNERS,
            widget=forms.RadioSelect,
            initial=proposal.signer,
            error_messages={"required": "Kies wie er tekent."},
        )

    def _add_row(self, place: int, *, is_internship: bool) -> None:
        label = {name: both[is_internship] for name, both in LABELS.items()}
        area = forms.Textarea(attrs={"rows": 3})
        self.fields[f"what-{place}"] = forms.CharField(label=label["what"], required=False, widget=area)
        self.fields[f"who-{place}"] = forms.CharField(label=label["who"], required=False, max_length=LONGEST["who"])
        self.fields[f"starts_on-{place}"] = _day(label["starts_on"], required=False)
        works = forms.Textarea(attrs={"rows": 2})
        self.fields[f"works-{place}"] = forms.CharField(label=label["works"], required=False, widget=works)
        self.fields[f"need-{place}"] = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fieldsets of the page: a heading and the fields under it."""
        for place in range(self.count + 1):
            heading = "De stage" if place == self.count else f"Afspraak {place + 1}"
            yield heading, [self[f"{name}-{place}"] for name in ("what", "who", "starts_on", "works", "need")]

    def rows(self) -> tuple[list[int], list[Row]]:
        """The rows that say something, and the place of each on the page; the one for the internship always."""
        data, places = self.cleaned_data, []
        for place in range(self.count + 1):
            if place == self.count or any(data.get(f"{name}-{place}") for name in (*FIELDS, "starts_on")):
                places.append(place)
        return places, [self._row(place) for place in places]

    def _row(self, place: int) -> Row:
        data = self.cleaned_data
        said = {name: data.get(f"{name}-{place}") or "" for name in (*FIELDS, "need")}
        return Row(**said, starts_on=data.get(f"starts_on-{place}"), is_internship=place == self.count)

    def without(self, proposal: Proposal, places: Iterable[int]) -> "AgreementForm":
        """The same form with these rows emptied, as of what is read now; everything else as it was typed."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # bound, so a QueryDict
        data["shared"] = proposal.shared
        for place in places:
            for name in (*FIELDS, "starts_on", "need"):
                data[f"{name}-{place}"] = ""
        form = AgreementForm(proposal, data)
        form.add_error(None, SOMETHING_WENT)
        return form

    def refused(self, refusal: Refusal, places: list[int]) -> None:
        """Puts a refusal of the service at the field it is about."""
        name, _sep, number = refusal.field.partition("-")
        if number.isdigit() and int(number) < len(places):
            self.add_error(f"{name}-{places[int(number)]}", refusal.sentence)
        else:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)


def _count(data: Any) -> int:
    raw = str(data.get("count", ""))
    return int(raw) if raw.isdecimal() and len(raw) < 3 else 0


class ReviewForm(forms.Form):
    """One choice for each agreement, nothing chosen before; the college says what happens next."""

    def __init__(self, content: Content, data: Any = None, *, is_college: bool) -> None:
        super().__init__(data)
        for place in range(len(content.rows)):
            self.fields[f"verdict-{place}"] = forms.ChoiceField(
                label=_("Klopt dit nog?"),
                choices=[(value, _(label)) for value, label in VERDICTS.items()],
                widget=forms.RadioSelect,
                error_messages={"required": _("Kies wat klopt.")},
            )
        self.fields["note"] = forms.CharField(
            label=_("Wil je er iets bij zeggen?") if not is_college else "Wat wilt u erbij zeggen?",
            required=False,
            max_length=LONGEST_NOTE,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"max_length": _("Dit is te lang. Er passen 300 tekens in.")},
        )
        if is_college:
            self.fields["keep_until"] = _day(
                "Blijft het zo? Kies dan een nieuwe dag om terug te kijken.",
                required=False,
                help_text="Binnen een jaar. Laat dit leeg als u nieuwe afspraken maakt.",
            )

    def verdicts(self) -> dict[int, str]:
        data = self.cleaned_data
        return {int(name.partition("-")[2]): value for name, value in data.items() if name.startswith("verdict-")}

    def pairs(self, content: Content) -> list[tuple[Row, forms.BoundField]]:
        """Each agreement beside its choice."""
        return [(row, self[f"verdict-{place}"]) for place, row in enumerate(content.rows)]

    @property
    def keep_until(self) -> date | None:
        found: date | None = self.cleaned_data.get("keep_until")
        return found


class WorkedForm(forms.Form):
    """«Werkte goed»: one sentence about nobody."""

    place = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    sentence = forms.CharField(
        label="Wat werkte goed?",
        max_length=160,
        help_text="Eén zin zonder naam. De regio maakt er een tip van.",
        error_messages={"required": "Schrijf eerst iets.", "max_length": "Dit is te lang. Er passen 160 tekens in."},
    )
