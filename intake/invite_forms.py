"""What is asked when somebody is invited, and what they answer."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.invitations import Pupil
from accounts.languages import offered

EMAIL_WRONG = _("Dit is geen mailadres. Kijk het na.")


class InviteForm(forms.Form):
    """Who it is to the student, and where the mail goes; in the words of the student's own page."""

    label = forms.CharField(
        label=_("Wie is het?"),
        help_text=_("Bijvoorbeeld: moeder, oom of stiefvader."),
        max_length=40,
        error_messages={"required": _("Schrijf op wie het is."), "max_length": _("Dit is te lang.")},
    )
    email = forms.EmailField(
        label=_("Wat is het mailadres?"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": EMAIL_WRONG, "invalid": EMAIL_WRONG, "max_length": EMAIL_WRONG},
    )
    language = forms.ChoiceField(
        label=_("In welke taal is de mail?"),
        required=False,
        error_messages={"invalid_choice": _("Kies een taal uit de lijst.")},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        names = [(one.code, one.name) for one in offered(to_student=False)]
        self.fields["language"].choices = [("", _("Weet ik niet")), *names]  # type: ignore[attr-defined]  # a field that chooses


class SchoolInviteForm(InviteForm):
    """The same, for a student of one's own class or school."""

    student = forms.ChoiceField(
        label="Voor welke student?",
        error_messages={"required": "Kies een student.", "invalid_choice": "Deze student kennen we niet."},
    )
    field_order = ["student", "label", "email", "language"]

    def __init__(self, pupils: Iterable[Pupil], data: Any = None) -> None:
        super().__init__(data)
        named = [(str(one.student.pk), f"{one.name} ({one.class_name})") for one in pupils]
        self.fields["student"].choices = [("", "Kies een student"), *named]  # type: ignore[attr-defined]  # a field that chooses


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Wat is de code?"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Schrijf de code op."), "max_length": _("Deze code is te lang.")},
    )


class InvitationAnswerForm(forms.Form):
    """Yes or no; nothing is chosen already. A name only for who has no log-in here yet."""

    answer = forms.ChoiceField(
        choices=[("yes", "ja"), ("no", "nee")], error_messages={"required": _("Kies ja of nee.")}
    )
    name = forms.CharField(
        label=_("Hoe heet u?"),
        help_text=_("Zo ziet de student dat u het bent."),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("Dit is te lang.")},
    )
