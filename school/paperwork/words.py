"""The words of intake/data_map/lines.py in Dutch, for the papers that a school reads."""

from collections.abc import Iterable, Mapping

from intake.data_map.lines import Kind

KINDS: Mapping[str, str] = {
    Kind.READABLE: "leesbaar",
    Kind.SEALED: "versleuteld",
    Kind.SLOT: "slot",
    Kind.HASHED: "hash",
}

HOW_LONG: Mapping[str, str] = {
    "as long as the account": "zolang het account er is",
    "as long as the institution is listed": "zolang de school of instelling erin staat",
    "as long as the passport": "zolang het paspoort er is",
    "an hour at most counts; emptied by a tap or at logging out": (
        "telt hooguit een uur; leeg na een tik of uitloggen"
    ),
    "stays after its end date, as history": "blijft na de einddatum staan",
    "until they answer, or two weeks": "tot het antwoord, of twee weken",
    "until it is used, or the next one is asked for after a quarter of an hour": (
        "tot gebruik, of tot de volgende aanvraag na een kwartier"
    ),
    "until erased; the row stays as a tombstone": "tot het wissen; een lege regel blijft",
    "until it is revoked, or with the log-in; it works for a year at most": (
        "tot het intrekken of tot het account weg is; werkt hooguit een jaar"
    ),
    "stays: published versions are never changed": "blijft: een gepubliceerde versie verandert nooit",
    "as long as the passport; texts in between of one sitting go at night": (
        "zolang het paspoort er is; tussentijdse teksten gaan 's nachts weg"
    ),
    "until the student takes it away, else as long as the passport": (
        "tot de student het weghaalt, anders zolang het paspoort er is"
    ),
    "until a month after the student decided, else as long as the passport": (
        "tot een maand na het besluit van de student, anders zolang het paspoort er is"
    ),
    "until the hand goes down, the lesson stops, or the end of the day": "tot het eind van de les of de dag",
    "until they talked, the student takes it back, or a month": "tot na het gesprek, hooguit een maand",
    "until the student turns it off": "tot de student het uitzet",
    "until it is published or thrown away": "tot het gepubliceerd of weggegooid is",
    "until the first night of the next month, then a count of nobody": (
        "tot de eerste nacht van de volgende maand, daarna een getal over niemand"
    ),
    "until a month after the day": "tot een maand na de dag",
    "until the student takes the name back or was reached, at most a month after the day": (
        "tot de student de naam eraf haalt of gesproken is, hooguit een maand na de dag"
    ),
    "as long as the share's row: after its end too, as proof for the student": (
        "zolang het paspoort er is, ook na het eind van het delen, als bewijs voor de student"
    ),
    "while the share is live": "zolang er gedeeld wordt",
    "emptied at yes, gone at no, else gone at night after a day": "weg bij ja of nee, anders na een dag",
    "stays: what a purpose meant on a day must stay readable": "blijft: wat een doel op een dag betekende",
    "stays as proof, under an id that leads to nobody once the student is erased": (
        "blijft als bewijs, na wissen onder een nummer dat naar niemand leidt"
    ),
    "until the region takes it away": "tot de regio het weghaalt",
    "as long as the share's row; no name shows after the share ended": (
        "zolang het paspoort er is; na het eind van het delen zonder naam in beeld"
    ),
    "until the student takes it back, or a month": "tot de student het terugneemt, hooguit een maand",
    "as long as the share's row": "zolang het paspoort er is, ook na het eind van het delen",
    "until the share changes or ends, the intake is over, or 90 days": (
        "tot het delen verandert of stopt, de intake klaar is, of 90 dagen"
    ),
    "until the warm transfer goes off, else as long as the share's row": (
        "tot de warme overdracht uit gaat, anders zolang het paspoort er is"
    ),
    "a day": "een dag",
    "until the student takes it away, else as long as the share's row": (
        "tot de student het weghaalt, anders zolang het paspoort er is"
    ),
    "stays: a count of nobody": "blijft: een telling van niemand",
    "until the night, then a count of nobody": "tot de nacht, daarna een telling van niemand",
    "until the figures of the year are published, else as long as the passport": (
        "tot de cijfers van het jaar er zijn, anders zolang het paspoort er is"
    ),
    "until the figures of the year are published": "tot de cijfers van het jaar er zijn",
    (
        "unsigned: until the share ends; signed: until AGREEMENT_YEARS (2) after the last day to look back, "
        "erased or not"
    ): (
        "niet getekend: tot het delen stopt; getekend: tot `AGREEMENT_YEARS` (2) na de laatste dag om terug "
        "te kijken, ook na wissen"
    ),
    "until then": "tot het tekenen of weigeren",
    "as long as the agreement; gone when the student is erased": "zolang de afspraak er is; weg als de student wist",
    "until it is brought in or thrown away, an hour at most; its key first": (
        "tot het inlezen of weggooien, hooguit een uur"
    ),
}


# What is kept outside the databases, by its place in the data map: where, what, how and how long, in Dutch.
PLACES: Mapping[str, tuple[str, str, str, str]] = {
    "`STORAGE_URL` (`VAR_DIR/files`)": (
        "`STORAGE_URL`, anders `VAR_DIR/files`",
        "pdf's onder willekeurige namen",
        "versleuteld",
        "tot het delen verandert of stopt, de intake klaar is, of 90 dagen",
    ),
    "`VAR_DIR/ledger.anchor`": (
        "`VAR_DIR/ledger.anchor`",
        "het anker van het logboek: controlegetallen, nummers van wat eindigde, teruggezette back-ups",
        "hash",
        "blijft",
    ),
    "backups of the data (`script/backup`)": (
        "back-up van de gegevens (`script/backup`)",
        "de database, versleutelde bestanden, anker, wislijst",
        "zoals in de database zelf",
        "35 dagen",
    ),
    "backups of the keys (`script/backup`)": (
        "back-up van de sleutels (`script/backup`)",
        "de sleuteldatabase en de wislijst",
        "ingepakt met `FIELD_KEYS`, die in geen back-up staat",
        "7 dagen",
    ),
    "`ERASURE_LIST` (`VAR_DIR/erasures.list`)": (
        "`ERASURE_LIST`, anders `VAR_DIR/erasures.list`",
        "wanneer wie gewist is: tijd en willekeurig nummer",
        "leesbaar, leidt naar niemand",
        "blijft",
    ),
    "`VAR_DIR/secrets/`": (
        "`VAR_DIR/secrets/`",
        "sleutels, alleen als u er zelf geen instelt",
        "leesbaar voor wie de server beheert",
        "tot u ze weghaalt",
    ),
    "broker (`VAR_DIR/broker` or Redis)": (
        "wachtrij (Redis, anders `VAR_DIR/broker`)",
        "één willekeurig nummer per bericht",
        "leesbaar",
        "tot het werk begint",
    ),
    "cache (`VAR_DIR/cache` or Redis)": (
        "tellers (Redis, anders `VAR_DIR/cache`)",
        "aantallen inlogpogingen",
        "leesbaar",
        "minuten",
    ),
    "logs (standard output)": (
        "logs",
        "naam van de route, status, tijd; geen pad en geen persoon",
        "leesbaar",
        "kiest de hoster",
    ),
    "the browser": (
        "de browser",
        "sessie, apparaatcookie, een melding tot die gezien is; niets wat een student schreef",
        "ondertekend",
        "de sessie; het apparaatcookie hooguit een jaar",
    ),
}


class Untranslated(Exception):
    """A term of the data map has no Dutch words yet; the message names it."""


def places(known: Iterable[str]) -> list[tuple[str, str, str, str]]:
    """These places beside the databases in Dutch, in their order. Raises Untranslated."""
    found = list(known)
    if new := [place for place in found if place not in PLACES]:
        raise Untranslated(f"say in school/paperwork/words.py in Dutch: {'; '.join(new)}")
    return [PLACES[place] for place in found]


def how_long(terms: Iterable[str]) -> list[str]:
    """These terms in Dutch, each once, in their order. Raises Untranslated."""
    found = list(dict.fromkeys(terms))
    if new := [term for term in found if term not in HOW_LONG]:
        raise Untranslated(f"say in school/paperwork/words.py in Dutch: {'; '.join(new)}")
    return list(dict.fromkeys(HOW_LONG[term] for term in found))
