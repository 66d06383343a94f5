"""What an intaker says to one need, what a second person says to a no, and what the student says back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import shorten
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.texts import Dossier
from intake.fit_reading import Answered, fits_on
from intake.models import Layer, Offer
from intake.reading import offers_of
from intake.services.fits import LONGEST
from passport.questionnaire import Unit

TOO_LONG = "Dit is te lang. Gebruik niet meer dan 300 tekens."
AREA = {"rows": 3, "maxlength": LONGEST}


def _text(label: str, *, required: str = "", help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(required),
        max_length=LONGEST,
        widget=forms.Textarea(attrs=AREA),
        error_messages={"max_length": TOO_LONG, "required": required},
    )


class FitForm(forms.Form):
    """Yes, partly or by somebody else: what is in the offer stands there already, nothing has to be typed."""

    comment = _text("Wat doet u wel?")


class NoForm(forms.Form):
    """The one answer that is typed: why not, and what then."""

    comment = _text(
        "Waarom kan dit niet?",
        required="Schrijf waarom dit niet kan.",
        help_text="Schrijf geen naam op. Een collega leest dit mee.",
    )
    alternative = _text(
        "Wat kan er dan wel?",
        required="Schrijf wat er dan wel kan.",
        help_text="Iets anders van u, een andere opleiding, of wie wel kan helpen.",
    )


class SecondForm(forms.Form):
    line = _text("Wilt u er iets bij zeggen?")


class ReactionForm(forms.Form):
    text = forms.CharField(
        label=_("Wil je er iets bij schrijven?"),
        help_text=_("Dat hoeft niet."),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs=AREA),
        error_messages={"max_length": _("Dit is te lang. Gebruik niet meer dan 300 tekens.")},
    )


@dataclass(frozen=True)
class Box:
    """Where an intaker answers one need: what stands there, and the forms with the own offer in them."""

    unit: Unit = field(repr=False)
    place: int
    offers: tuple[Offer, ...] = ()
    sent: Answered | None = field(default=None, repr=False)
    waiting: Answered | None = field(default=None, repr=False)
    wrong: forms.Form | None = field(default=None, repr=False)

    @property
    def now(self) -> Answered | None:
        """What was written last."""
        return self.waiting or self.sent

    @property
    def offered(self) -> str:
        """The own offer as a comment."""
        return _of(self.offers)

    @property
    def from_outside(self) -> str:
        """What comes from outside the school, where the offer tells."""
        return _of([one for one in self.offers if one.layer == Layer.EXTERNAL])

    @property
    def fit_form(self) -> forms.Form:
        if isinstance(self.wrong, FitForm):
            return self.wrong
        was = self.now.comment if self.now and not self.now.is_no else ""
        return FitForm(initial={"comment": was or self.offered}, auto_id=f"wel-{self.place}_%s")

    @property
    def no_form(self) -> forms.Form:
        if isinstance(self.wrong, NoForm):
            return self.wrong
        was = self.now if self.now and self.now.is_no else None
        initial = {"comment": was.comment, "alternative": was.alternative} if was else {}
        return NoForm(initial=initial, auto_id=f"niet-{self.place}_%s")


def boxes_of(dossier: Dossier, wrong: Mapping[str, forms.Form] | None = None) -> dict[str, Box]:
    """A box for every need of a dossier that is open before its intaker, by unit; `wrong`: forms with a mistake."""
    units = [said.unit for said in dossier.said if said.unit.part == "support"]
    sent, waiting = fits_on(dossier), fits_on(dossier, sent=False)
    offers, wrong = offers_of(dossier), wrong or {}
    return {
        unit.key: Box(
            unit,
            place,
            tuple(offers.get(unit.need, ())),
            sent.get(unit.key),
            waiting.get(unit.key),
            wrong.get(unit.need),
        )
        for place, unit in enumerate(units, 1)
    }


def shown(boxes: Mapping[str, Box], on_brief: Iterable[str], by_id: UUID) -> dict[str, list[Box]]:
    """The boxes as a page needs them: not on the brief, with a no that waits, and with a word back.

    A no of this reader's own waits for a colleague; one of a colleague they may look at themselves.
    """
    first, waiting = set(on_brief), [box for box in boxes.values() if box.waiting]
    return {
        "more_boxes": [box for unit, box in boxes.items() if unit not in first],
        "waiting_boxes": waiting,
        "own_waiting": [box for box in waiting if box.waiting and box.waiting.by_id == by_id],
        "others_waiting": [box for box in waiting if box.waiting and box.waiting.by_id != by_id],
        "reaction_boxes": [box for box in boxes.values() if box.sent and box.sent.reaction],
    }


def _of(offers: tuple[Offer, ...] | list[Offer]) -> str:
    return shorten(offers[0].text, LONGEST, placeholder="…") if offers else ""
