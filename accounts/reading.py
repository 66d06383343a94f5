"""«Hoe wil jij lezen?»: how pages look and sound for one person, and where that is kept."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import languages
from accounts.models import User

SESSION_NAME = "look"


def _radios(label: Any, *choices: tuple[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, required=False)


def _kept_as(code: str) -> str:
    return "" if code == settings.LANGUAGE_CODE else code


class ReadingForm(forms.Form):
    """The empty value is the house's own choice. What is in no field here is never kept."""

    language = _radios(_("Taal"), ("", "Nederlands"))
    size = _radios(_("Hoe groot is de letter?"), ("", _("Gewoon")), ("l", _("Groot")), ("xl", _("Heel groot")))
    space = _radios(_("Ruimte tussen de regels"), ("", _("Gewoon")), ("wide", _("Meer ruimte")))
    font = _radios(_("Welke letter?"), ("", _("Van het paspoort")), ("phone", _("Van dit apparaat")))
    theme = _radios(
        _("Licht of donker?"),
        ("", _("Zoals dit apparaat")),
        ("light", _("Licht")),
        ("dark", _("Donker")),
        ("contrast", _("Veel contrast")),
    )
    calm = _radios(_("Rustig beeld"), ("", _("Uit")), ("on", _("Aan: minder tekening")))
    icons = _radios(_("Kleine plaatjes bij woorden"), ("", _("Aan")), ("off", _("Uit")))
    aloud = _radios(_("Voorlezen"), ("", _("Aan")), ("off", _("Uit")))
    speed = _radios(_("Hoe snel lezen we voor?"), ("slow", _("Langzaam")), ("", _("Gewoon")), ("fast", _("Snel")))
    voice = _radios(_("Welke stem?"), ("", _("Een stem van dit apparaat")), ("net", _("Ook een stem van internet")))

    def __init__(self, *args: Any, to_student: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        names = [(_kept_as(one.code), one.name) for one in languages.offered(to_student=to_student)]
        self.fields[languages.NAME].choices = names  # type: ignore[attr-defined]  # a field that chooses


KNOWN = {name: {value for value, _label in field.choices} for name, field in ReadingForm.base_fields.items()}  # type: ignore[attr-defined]  # a field that chooses
KNOWN[languages.NAME] = {_kept_as(one.code) for one in languages.all_languages() if one.is_offered}


def known_only(raw: Mapping[str, Any]) -> dict[str, str]:
    """What of `raw` is a setting with a value it can have. An invented name or value is left out, never an error."""
    given = {name: raw[name] for name in KNOWN if name in raw}
    return {name: value for name, value in given.items() if isinstance(value, str) and value in KNOWN[name]}


def reading_of(request: HttpRequest) -> dict[str, str]:
    """How this person likes to read: the account's own when somebody is in, else what this browser's visit chose.

    A page of an error may be drawn before the session and the person are known.
    """
    user, session = getattr(request, "user", None), getattr(request, "session", None)
    kept = user.reading if isinstance(user, User) else session.get(SESSION_NAME, {}) if session is not None else {}
    return {name: value for name, value in known_only(kept).items() if value}


def keep_reading(request: HttpRequest, raw: Mapping[str, Any]) -> dict[str, str]:
    """Changes what `raw` names and leaves the rest as it was; on the account when somebody is in."""
    reading = {name: value for name, value in {**reading_of(request), **known_only(raw)}.items() if value}
    if isinstance(request.user, User):
        request.user.reading = reading
        request.user.save(update_fields=["reading"])
    else:
        request.session[SESSION_NAME] = reading
    return reading


def take_over(request: HttpRequest, user: User) -> None:
    """At a log-in: what the visitor chose goes with somebody who never chose; a choice of one's own wins."""
    chosen = known_only(request.session.pop(SESSION_NAME, {}))
    if chosen and not user.reading:
        user.reading = chosen
        user.save(update_fields=["reading"])
