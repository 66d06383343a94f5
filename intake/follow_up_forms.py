"""After the start: the taps of the student, those of the college, and the page of the first day."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.refusals import Refusal
from intake.services.first_day import LONGEST, Page
from intake.services.follow_ups import Answers, Destination, Fits, Goes, Status, Talk
from intake.talk_forms import TalkDayField

TOO_LONG = "Dit is te lang."


def _taps(label: Any, choices: Any, **extra: Any) -> forms.ChoiceField:
    widget = forms.RadioSelect
    return forms.ChoiceField(label=label, choices=choices, widget=widget, required=False, **extra)


def _words(label: Any, rows: int = 3, **extra: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    too_long = {"max_length": _("Dit is te lang. Er passen 300 tekens in.")}
    return forms.CharField(label=label, required=False, max_length=300, widget=widget, error_messages=too_long, **extra)


def _said(form: forms.Form) -> Answers:
    answers = Answers.of(form.cleaned_data)
    if not answers.says_something:
        raise Refusal("blank", "Kies eerst iets.")
    return answers


class FollowUpForm(forms.Form):
    """Three taps; the rest is folded. Nothing is ticked before and nothing is required but one of them."""

    goes = _taps(_("Hoe gaat het?"), [(one.value, _(str(one.label))) for one in Goes])
    fits = _taps(_("Klopt de hulp?"), [(one.value, _(str(one.label))) for one in Fits])
    talk = _taps(_("Wil je praten?"), [(one.value, _(str(one.label))) for one in (Talk.YES, Talk.LATER, Talk.NO)])
    status = _taps(
        _("Zit je nog op deze opleiding?"),
        [
            (Status.ENROLLED.value, _("Ja")),
            (Status.SWITCHED.value, _("Nee, ik doe een andere opleiding")),
            (Status.STOPPED.value, _("Nee, ik ben gestopt")),
            (Status.GRADUATED.value, _("Ik heb mijn diploma")),
        ],
    )
    destination = _taps(
        _("Wat doe je nu?"),
        [
            (Destination.MBO.value, _("Een andere opleiding op het mbo")),
            (Destination.BRIDGING.value, _("Een schakeljaar")),
            (Destination.WORK.value, _("Werk")),
            (Destination.DAY_ACTIVITY.value, _("Dagbesteding")),
            (Destination.CARE.value, _("Ik ben thuis. Of ik krijg zorg.")),
            (Destination.OTHER.value, _("Iets anders")),
        ],
    )
    worked = _words(_("Wat hielp jou goed?"))
    note = _words(_("Wil je nog iets vertellen?"))

    @classmethod
    def of(cls, posted: Any, said: Answers | None) -> "FollowUpForm":
        """What was posted, else what was said before: telling it again starts from there."""
        return cls(posted, initial=said.as_initial() if said else None)

    def answers(self) -> Answers:
        """What was said. Raises Refusal at the field that does not fit, or when nothing was said."""
        return _said(self)


class CollegeFollowUpForm(forms.Form):
    """The three taps of the college."""

    status = _taps("Waar is de student nu?", Status.choices)
    fits = _taps("Klopt de hulp nog?", [("yes", "Ja"), ("partly", "Een beetje"), ("changed", "Nee, er is iets anders")])
    talk = _taps("Is een gesprek nodig?", [("yes", "Ja"), ("later", "Later misschien"), ("no", "Nee")])
    note = forms.CharField(
        label="Wilt u er iets bij zeggen?",
        required=False,
        max_length=300,
        help_text="De student leest dit.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )

    def answers(self) -> Answers:
        """What was said. Raises Refusal at the field that does not fit, or when nothing was said."""
        return _said(self)


class FirstDayForm(forms.Form):
    """What the college says of a first day. The person to call is by default whoever fills it in."""

    day = TalkDayField(
        label="Welke dag?",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Kies een dag.", "invalid": "Deze dag klopt niet."},
    )
    time = forms.CharField(label="Hoe laat?", required=False, max_length=LONGEST["time"])
    where = forms.CharField(
        label="Waar?",
        max_length=LONGEST["where"],
        help_text="Gebouw, ingang en lokaal. Zo kort als het kan.",
        error_messages={"required": "Schrijf waar het is."},
    )
    who = forms.CharField(label="Wie wacht daar op de student?", required=False, max_length=LONGEST["who"])
    bring = forms.CharField(
        label="Wat neemt de student mee?",
        required=False,
        max_length=LONGEST["bring"],
        help_text="Eén ding per regel.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    contact = forms.CharField(
        label="Wie kan de student bellen?",
        max_length=LONGEST["contact"],
        error_messages={"required": "Schrijf wie de student kan bellen."},
    )
    telephone = forms.CharField(label="Op welk nummer?", required=False, max_length=LONGEST["telephone"])

    @classmethod
    def of(cls, page: Page | None, by: User, usual: Mapping[str, str]) -> "FirstDayForm":
        """With what was written before; else with what the programme says of every first day, and whoever fills it in
        as the person to call."""
        known = {name: getattr(page, name) for name in cls.base_fields} if page else {}
        return cls(initial=known or {**usual, "contact": by.staff_name, "telephone": by.staff_telephone})

    def page(self) -> Page:
        """What `write_page` takes."""
        return Page(**self.cleaned_data)
