"""The export in words: what its codes and moments say to a student who reads the page."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

register = template.Library()

WORDS = {
    # what the student is called
    "calling_name": _("Voornaam"), "surname": _("Achternaam"), "prefix": _("Stukje voor je achternaam"),
    "official_name": _("Hele naam"), "birth_date": _("Dag van je geboorte"), "application_ref": _("Nummer bij het mbo"),
    "username": _("Inlognaam"), "email": _("Mail"), "since": _("Hier sinds"),
    "last_login": _("Laatste keer ingelogd"), "frozen_at": _("Staat stil sinds"),
    "erase_after": _("We wissen alles op"),
    "mail_on_look": _("Een mail als er is gekeken"), "look_mailed_at": _("Laatste mail daarover"),
    "together_since": _("Samen invullen mag sinds"), "mentor_sees_hand": _("Je mentor ziet je hand sinds"),
    "mentor_sees_talk": _("Je mentor ziet dat je wilt praten sinds"),
    "mentor_sees_progress": _("Je mentor ziet hoe ver je bent sinds"),
    "card_made_at": _("Je kaart is gemaakt"), "pin_set_at": _("Je koos je pincode"),
    "pin_reset_at": _("School haalde je pincode weg"), "passkeys": _("Passkeys"),
    "school_logins": _("Inloggen met school"),
    "mbo": _("Ik wil naar het mbo"), "work": _("Ik wil gaan werken"),
    # an answer
    "answered": _("Antwoord"), "later": _("Weet ik nog niet"), "private": _("Wil ik niet zeggen"), "empty": _("Leeg"),
    # a share
    "active": _("Je deelt dit nu"), "awaiting_guardian": _("Wacht op je ouder"), "withdrawn": _("Gestopt"),
    "declined": _("Een ouder zei nee"), "expired": _("De laatste dag was voorbij"),
    # what happened to it
    "requested": _("Gevraagd om meer te delen"), "assented": _("Ja gezegd. Een ouder moest ook ja zeggen."),
    "given": _("Gedeeld"), "approved": _("Een ouder zei ja"), "refused": _("Nee gezegd"), "changed": _("Veranderd"),
    "released": _("Nieuwe tekst gedeeld"), "reconfirmed": _("Gezegd dat het zo blijft"),
    "replied": _("Terug geschreven"), "suggested": _("Iets voorgesteld bij je antwoord"),
    # a request by law
    "access": _("Wat er over jou staat"), "court": _("Voor een rechter of officier"),
    "meldcode": _("Voor je veiligheid"),
    # where somebody is after the start
    "enrolled": _("Nog op deze opleiding"), "switched": _("Op een andere opleiding"),
    "stopped": _("Gestopt met school"), "graduated": _("Diploma gehaald"), "unknown": "",
    "bridging": _("Een schakeljaar"), "day_activity": _("Dagbesteding"), "care": _("Thuis, of met zorg"),
    "other": _("Iets anders"),
    # a look
    "read": _("Las dit"), "download": _("Haalde het bestand op"), "link": _("Las dit met een link"),
    "print": _("Maakte een print"),
}  # fmt: skip


@register.filter
def in_words(code: str) -> str:
    """What a code of the export means; the code itself when nobody wrote it down here."""
    return str(WORDS.get(code, code))


@register.filter
def moment(text: str | None) -> str:
    """A day or a moment of the export, as people write it; anything else stays as it is."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return text or ""
    return date_format(at, "j F Y" if len(text or "") == 10 else "j F Y, H:i")
