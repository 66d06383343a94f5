"""The words of the house: what may not be said, and the one word for what may."""

import re

# Fixed by the contract or the readability brief: kept to the letter, whatever a rule below says of them.
FIXED = (
    "Dat iets er niet staat, zegt niets.",
    "Vraagt om hulp: leg afspraken vast vóór inschrijving (WEB 8.1.3a)",
    "Deze code is niet (meer) geldig",
    "Zonder je hele naam weten ze niet wie je bent",
    "Is dit een telefoonnummer?",
)

# Forms of a common word that are themselves below the limit, where another word would be worse.
FORMS = {
    "beslis": "beslissen", "doorgegaan": "doorgaan", "drieën": "drie", "kleins": "klein", "logt": "inloggen",
    "nieuwer": "nieuw", "oefen": "oefenen", "overdrachten": "overdracht", "snapte": "snap", "typ": "typen",
}  # fmt: skip
# Words of a trade, in what the API and the administration say.
TRADE = {"brin", "json"}
# The same, on the pages of staff only: who keeps the classes and programmes of a school.
OFFICE = frozenset(
    "crebo csv ingelezen inlezen inlogkaart inlogkaarten klassenlijst kolommen leerlingnummer leerlingsysteem leerweg"
    " logboek roepnaam schakeltraject tussenvoegsel voornamen xlsx".split()
)

# Said letter by letter.
SPELLED = set("mbo vso pdf qr bsn opp ehbo vca vmbo avg uavg wcag pc tv json aa".split())

FORMAL = re.compile(r"\b(?:u|uw|uzelf|Uw?)\b")
INFORMAL = re.compile(r"\b(?:je|jij|jou|jouw|jezelf|jullie)\b", re.IGNORECASE)
NEGATION = re.compile(r"\b(?:niet|geen|nooit|niets|niks|niemand|nergens|noch|zonder|evenmin)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(?:the|and|you|your|with|not|this|that|of the|for|from|please|are|have)\b", re.IGNORECASE)
# «wordt gewist», «worden nog nagekeken»: somebody does it, so say who.
PASSIVE = re.compile(
    r"\b(?:word|wordt|worden|werd|werden)\b(?:\s+[\w’'-]+){0,4}?\s+"
    r"(?:ge\w+(?:d|t|en)|be\w+(?:d|t)|ver\w+(?:d|t)|[a-z]{2,6}ge\w+(?:d|t|en))\b",
    re.IGNORECASE,
)

IDIOMS = (
    "aan de slag", "aan het roer", "achter de rug", "als het goed is", "appeltje eitje", "bij de hand", "boven water",
    "de bal ligt", "de knoop doorhakken", "de lat", "de sprong", "de touwtjes", "door de vingers", "een brug te ver",
    "een handje helpen", "een steekje", "een stapje", "eitje", "gaandeweg", "groen licht", "hand in hand", "het roer",
    "in de gaten", "in het zeil", "in de knoop", "in de knel", "in de steek", "in de vingers", "in goede banen",
    "in het oog", "je hart luchten", "je weg vinden in", "kinderspel", "maatwerk", "met vallen en opstaan",
    "onder de knie",
    "onder de loep", "op de hoogte", "op de plank", "op eigen benen", "op maat", "op je bord", "op weg helpen",
    "opsteken", "over de brug", "rode draad", "rugzak", "steentje bijdragen", "stilstaan bij", "te binnen schiet",
    "uit de brand", "uit je schulp", "uit handen", "van harte", "van start", "vinger aan de pols", "voor de hand",
    "vlieguren", "warm welkom", "zonder omwegen", "zit het wel snor", "gaat mee naar", "in de put", "in zee",
    "de vinger op", "met open armen", "rond de tafel", "het stokje",
)  # fmt: skip

ABBREVIATIONS = (
    r"t/m", r"o\.a", r"d\.m\.v", r"i\.v\.m", r"m\.b\.t", r"t\.a\.v", r"b\.v", r"bijv", r"bv", r"enz", r"etc", r"evt",
    r"incl", r"excl", r"max", r"min", r"nl", r"nr", r"svp", r"s\.v\.p", r"z\.s\.m", r"a\.d\.h\.v", r"en/of", r"ca",
)  # fmt: skip

# One word for one thing, everywhere: wanted -> what others say.
ONE_WORD = {
    "bewaren": ("opslaan", "opgeslagen", "sla op", "slaat op", "archiveren", "vastgehouden"),
    "bekijken": ("inzien", "inzage", "raadplegen", "raadpleeg", "bezichtigen", "previewen", "preview"),
    "stoppen met delen": ("intrekken", "ingetrokken", "trek in", "opzeggen", "delen beëindigen", "herroepen"),
    "delen": ("verstrekken", "verstrekt", "doorsturen", "uitwisselen", "vrijgeven", "sharen"),
    "gesprek": ("gesprekje", "overleg", "meeting", "onderhoud", "kennismaking", "consult"),
    "veranderen": ("wijzigen", "wijzig", "wijziging", "gewijzigd", "aanpassen", "pas aan", "aangepast", "bewerken"),
    "wissen (alles) of weghalen (één ding)": ("verwijderen", "verwijder", "verwijderd", "deleten", "schrappen"),
    "apparaat": ("toestel", "device", "toestellen"),
    "telefoon": ("mobiel", "mobieltje", "gsm", "smartphone"),
    "pagina": ("bladzijde", "bladzijden", "webpagina", "pagina's op het scherm"),
    "mail": ("e-mail", "email", "e-mailbericht"),
    "opleiding": ("studie", "studies", "studierichting"),
    "student": ("leerling", "leerlingen", "cursist", "deelnemer", "deelnemers"),
    "school of mbo": ("onderwijsinstelling", "instelling", "instellingen van"),
    "kiezen": ("selecteren", "selecteer", "geselecteerd"),
    "printen": ("afdrukken", "uitdraai", "uitprinten", "afdruk"),
    "pdf": ("PDF-bestand", "pdf-document"),
    "inloggen": ("aanloggen", "inlog", "login"),
    "wachtwoord": ("password", "toegangscode"),
    "antwoord": ("respons", "reactie", "reacties"),
    "kijk na": ("controleer", "controleren", "checken", "verifiëren", "check"),
    "wachten op": ("in behandeling", "pending"),
    "stil zetten": ("bevriezen", "bevroren", "pauzeren", "deactiveren", "blokkeren"),
    "geldig": ("valide", "rechtsgeldig"),
    "voorbeeld": ("sample", "demonstratie"),
}  # fmt: skip
# On the screens of students also these.
STUDENT_WORDS = {
    "delen, ja zeggen": ("toestemming", "toestemmen", "akkoord", "goedkeuring", "goedkeuren", "instemmen"),
    "ouder": ("gezaghebbende", "wettelijk vertegenwoordiger", "voogd"),
    "mail of bericht": ("notificatie", "melding", "meldingen"),
    "je gegevens": (r"(?<!Autoriteit )persoonsgegevens", "data"),
    "stukken van je paspoort": ("dossier", "dossiers"),
}
