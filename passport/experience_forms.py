"""A card on a page, and the choice of what to take over from it. What fits is decided in passport/experiences.py."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refusal
from passport.experiences import FELT, FIRST_DAY, KINDS, LONGEST, Card
from passport.texts import clean_text
from passport.translations import on_page

DAY = _("Dit is geen dag.")
ISO = "%Y-%m-%d"


class ExperienceForm(forms.Form):
    """`own` is a kind in the student's own words: written, it stands before a choice above it."""

    card = forms.CharField(required=False, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    kind = forms.CharField(required=False, label=_("Wat was het?"), widget=forms.RadioSelect)
    own = forms.CharField(required=False, label=_("Anders, namelijk"))
    on = forms.DateField(
        required=False,
        label=_("Wanneer was het?"),
        help_text=_("Weet je de dag niet? Laat het leeg."),
        input_formats=[ISO, "%d-%m-%Y", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date", "min": FIRST_DAY.isoformat()}, format=ISO),
        error_messages={"invalid": DAY},
    )
    did = forms.CharField(required=False, label=_("Wat deed je?"), widget=forms.Textarea(attrs={"rows": 3}))
    felt = forms.CharField(required=False, label=_("Hoe vond je het?"))
    learned = forms.CharField(required=False, label=_("Wat leerde je?"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, card: Card | None = None, data: Any = None) -> None:
        known: dict[str, Any] = {"card": uuid4(), "revision": 0}
        if card:
            own = card.kind if card.kind not in KINDS else ""
            known = {"card": card.id, "revision": card.revision, **card.content, "own": own}
        super().__init__(data, initial=known)

    @property
    def kinds(self) -> list[dict[str, Any]]:
        chosen = self["kind"].value()
        return [
            {"value": kind, "label": on_page(kind), "id": f"id_kind_{place}", "checked": kind == chosen}
            for place, kind in enumerate(KINDS)
        ]

    @property
    def faces(self) -> tuple[Any, ...]:
        return FELT

    def clean_card(self) -> UUID:
        """The id this page was made with; a page without one makes a card like any other."""
        try:
            return UUID(self.cleaned_data["card"])
        except ValueError:
            return uuid4()

    def clean_own(self) -> str:
        return self._text("own", LONGEST["kind"])

    def clean_did(self) -> str:
        return self._text("did", LONGEST["did"])

    def clean_learned(self) -> str:
        return self._text("learned", LONGEST["learned"])

    def _text(self, name: str, longest: int) -> str:
        try:
            return clean_text(self.cleaned_data[name], longest=longest, field=name)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.sentence) from None

    @property
    def content(self) -> dict[str, Any]:
        """What the page says, for the service."""
        said = self.cleaned_data
        kind = said["own"] or said["kind"]
        return {"kind": kind, **{name: said[name] for name in ("on", "did", "felt", "learned")}}

    def show(self, refusal: Refusal) -> None:
        """A no of the service, at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)


class TakeOverForm(forms.Form):
    """Sentences of one card; `revision` is the answer that the student saw."""

    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    sentence = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, sentences: Sequence[str], revision: int, data: Any = None) -> None:
        super().__init__(data, initial={"revision": revision})
        field: Any = self.fields["sentence"]
        field.choices = [(one, one) for one in sentences]
        field.error_messages |= dict.fromkeys(("required", "invalid_choice"), _("Kies een zin."))

    @property
    def rows(self) -> list[dict[str, Any]]:
        field: Any = self.fields["sentence"]
        chosen = self["sentence"].value() or []
        return [
            {"text": value, "id": f"id_sentence_{place}", "checked": value in chosen}
            for place, (value, _label) in enumerate(field.choices)
        ]
