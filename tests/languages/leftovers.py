"""What of a page in another language is still Dutch, and is not marked as Dutch."""

import re
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SILENT = {"script", "style", "textarea", "template"}
SPOKEN = ("aria-label", "alt", "title", "placeholder")
# Words that hardly a Dutch sentence does without, and that are no English words.
DUTCH = frozenset(
    "het een niet jij je jou jouw uw zijn wat dit dat deze voor met ook nog wie waar naar geen van maar bij kunt heeft"
    " hebt wil mag kan kun moet wij jullie hij zij weet kies terug klaar verder bewaar bekijk vraag vragen antwoord"
    " delen deel gedeeld paspoort iemand niemand andere alles niets meer leeg tot dag nu thuis gesprek leest ziet"
    " hulp opleiding overstap ouder jaar naam mijn zelf als dan daar hier".split()
)
# What is called so in every language: what stands on somebody else's door or number, and the password of the demo.
NAMED = re.compile(r"«[^»]*»|paspoort-demo|Veilig Thuis|Alles Oké|ouder- en jeugdsteunpunt")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


class _Reader(HTMLParser):
    def __init__(self, language: str) -> None:
        super().__init__(convert_charrefs=True)
        self.language, self.open, self.said = language, [("", language, False)], []

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        _tag, language, quiet = self.open[-1]
        language = said.get("lang", language)
        quiet = quiet or tag in SILENT or said.get("translate") == "no"
        if language == self.language and not quiet:
            spoken = [text for name, text in said.items() if name in SPOKEN or name.startswith("data-say-")]
            spoken += [said["value"]] if tag == "input" and said.get("type") in {"submit", "button"} else []
            self.said += spoken
        if tag not in VOID:
            self.open.append((tag, language, quiet))

    def handle_endtag(self, tag):
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def handle_data(self, data):
        _tag, language, quiet = self.open[-1]
        if language == self.language and not quiet and data.strip():
            self.said.append(" ".join(data.split()))


def dutch_in(html: str, names: re.Pattern[str], language: str = "en") -> list[str]:
    """Every text of a page that says it is in another language and reads as Dutch. `names` are nobody's language."""
    reader = _Reader(language)
    reader.feed(html)
    found = []
    for text in reader.said:
        words = {word.lower() for word in WORD.findall(NAMED.sub(" ", names.sub(" ", text)))}
        if words & DUTCH:
            found.append(text)
    return found
