"""The test of the tests: every kind of fault is planted in a page that has none, and must be found."""

import re

import pytest

from passport import words
from tests.words import check, lint, page

# Counted by hand, a hyphen between the syllables.
COUNTED = """
    aan-dacht ac-count al-leen ant-woord ap-pa-raat be-ant-woor-den be-drijf be-ge-lei-der be-kij-ken be-wa-ren
    be-stand blad boe-ken bood-schap brief bu-reau co-ör-di-na-tor coach com-pu-ter de-caan de-len dui-de-lijk
    ei-gen één erg fiets ge-heim ge-luid ge-mak-ke-lijk ge-sprek ge-ïn-te-res-seerd groot groe-pen hui-zen i-dee
    i-dee-ën in-log-gen in-stel-lin-gen in-ta-ke ja-nu-a-ri jouw kie-zen leer-ling lees-baar men-tor moei-lijk mooi
    mooi-e mu-ziek na-tuur-lijk ni-veau nieuw nieu-we oe-fe-nen o-plei-ding ou-der pas-poort pri-va-cy ra-di-o
    roos-ter rus-tig sta-ge stu-dent te-le-foon toe-gan-ke-lijk-heid toets tui-nen uit-leg va-kan-tie ver-trou-wen
    vraag wacht-woord we-ken zeeuws zoe-ken zwaai-en
""".split()

CLEAN = """<!doctype html><html lang="nl"><head><title>Mijn school</title></head><body class="student"><main>
<h1>Wat helpt jou op school?</h1>
<p>Schrijf hier wat jou helpt. Je mag ook iets anders kiezen. Het is van jou. Niemand leest dit nu.</p>
<p>Je mentor helpt je graag. Vraag het als je iets niet weet. Je kunt altijd stoppen.</p>
<p>Vraag het je decaan.</p><details><summary>Wat is een decaan?</summary>
<dl><div data-word="decaan"><dt>decaan</dt><dd>Iemand op school die helpt bij het kiezen.</dd></div></dl></details>
<h2>Dit schreef je eerder</h2>
<blockquote translate="no">De quarantaine verergerde onverwachts mijn claustrofobie.</blockquote>
<form><label for="q">Jouw antwoord</label><input id="q" name="q"><img src="x.svg" alt="Een boek">
<a href="/x/">Ga verder met de vraag</a><button>Bewaar</button></form>
<p lang="en">The English words of another page, for you and your mother.</p>
</main><footer><a href="/woorden/">Moeilijke woorden</a></footer></body></html>"""

OWN = "De quarantaine verergerde onverwachts mijn"
KNOWN = check.Known(
    names=re.compile("Verzorgende Individuele Gezondheidszorg"),
    glossary={"intake", "decaan"},
    questions={"Waar ben je goed in bij het organiseren van bijeenkomsten voor een hele grote groep mensen?"},
    written={OWN},
)

P = "<p>Je mentor helpt je graag."
# (kind, what stands there, what is planted, what must be said of it)
PLANTED = [
    ("sentence too long", P, "<p>Je mentor of een leraar van school helpt je heel graag als je wilt.", "14 words"),
    ("mean too long", "Schrijf hier wat jou helpt. Je mag ook iets anders kiezen. Het is van jou.",
     "Schrijf hier wat jou helpt en wat je van school wilt. " * 15, "mean sentence"),
    ("hard to read", "Het is van jou. Niemand leest dit nu.", "Duidelijke communicatie organiseren medewerkers. "
     "Belangrijke informatie verzamelen organisaties. Bijzondere onderwerpen bespreken deelnemende.", "Flesch-Douma"),
    ("rare word", P, "<p>Je mentor helpt je graag met empathie en plooibaarheid.", "rare words"),
    ("word of five syllables", P, "<p>Je mentor heeft verantwoordelijkheid.", "syllables, verantwoordelijkheid"),
    ("idiom", P, "<p>Je mentor houdt een oogje in het zeil en houdt je op de hoogte.", "idiom"),
    ("figure of speech", P, "<p>Aan de slag met je mentor.", "idiom"),
    ("abbreviation", P, "<p>Je mentor helpt je t/m mei.", "abbreviation"),
    ("double negation", P, "<p>Je mentor zegt niet dat het niet mag.", "double negation"),
    ("never without", P, "<p>Doe dit nooit zonder je mentor.", "double negation"),
    ("passive", P, "<p>Je wordt door je mentor goed geholpen.", "passive"),
    ("English", P, "<p>You are the best and this is for you.", "English without lang"),
    ("capitals", P, "<p>Je mentor helpt je ALTIJD graag.", "capitals"),
    ("emoji", P, "<p>Je mentor helpt je graag 🙂.", "emoji"),
    ("u to a student", P, "<p>Uw mentor helpt u graag.", "wrong address"),
    ("toestemming to a student", P, "<p>Je mentor vraagt toestemming.", "not «toestemming»"),
    ("another word for bewaren", "<button>Bewaar", "<button>Opslaan", "not «Opslaan»"),
    ("another word for delen", P, "<p>Je mentor mag dit doorsturen.", "not «doorsturen»"),
    ("another word for stoppen", P, "<p>Je kunt dit intrekken.", "not «intrekken»"),
    ("another word for bekijken", P, "<p>Je mentor mag dit inzien.", "not «inzien»"),
    ("another word for gesprek", P, "<p>Je hebt een overleg met je mentor.", "not «overleg»"),
    ("another word for wissen", P, "<p>Je mag dit verwijderen.", "not «verwijderen»"),
    ("another word for student", P, "<p>De leerling kiest zelf.", "not «leerling»"),
    ("hard word, not explained", P, "<p>Je intake is bij je nieuwe school.", "«intake» is not explained here"),
    ("no page of words", '<a href="/woorden/">Moeilijke woorden</a>', "", "no link to the page of hard words"),
    ("own words not marked", ' translate="no"', "", "own words that are not marked"),
    ("wrong lang", 'html lang="nl"', 'html lang="en"', "does not say lang=nl"),
    ("no lang", 'html lang="nl"', "html", "does not say lang=nl"),
    ("lang of a part", '<p lang="en">', '<p lang="xx">', "unknown lang"),
    ("no title", "<title>Mijn school</title>", "<title> </title>", "no title"),
    ("error without Fout", "<h2>Dit", '<p class="error">Kies eerst iets.</p><h2>Dit', "does not say Fout:"),
    ("no h1", "<h1>Wat helpt jou op school?</h1>", "<p>Wat helpt jou op school?</p>", "0 h1"),
    ("two h1", "<h2>Dit schreef je eerder</h2>", "<h1>Dit schreef je eerder</h1>", "2 h1"),
    ("level left out", "<h2>Dit schreef je eerder</h2>", "<h3>Dit schreef je eerder</h3>", "h3 after h1"),
    ("empty heading", "<h2>Dit schreef je eerder</h2>", "<h2> </h2>", "empty h2"),
    ("field without label", '<label for="q">Jouw antwoord</label>', "", "no label that can be seen"),
    ("placeholder as label", '<label for="q">Jouw antwoord</label><input', '<input placeholder="Jouw antwoord"',
     "no label that can be seen"),
    ("placeholder and label", '<input id="q"', '<input placeholder="Bijvoorbeeld rust" id="q"', "has a placeholder"),
    ("label only heard", '<label for="q">Jouw antwoord</label><input', '<input aria-label="Jouw antwoord"',
     "no label that can be seen"),
    ("label hidden", '<label for="q">', '<label class="vh" for="q">', "says nothing that can be seen"),
    ("empty label", ">Jouw antwoord</label>", "> </label>", "says nothing that can be seen"),
    ("label of nothing", 'for="q"', 'for="p"', "label for «p»"),
    ("id twice", '<a href="/x/">', '<a id="q" href="/x/">', "stands twice"),
    ("vague link", "Ga verder met de vraag", "Klik hier", "says only «Klik hier»"),
    ("empty button", "<button>Bewaar</button>", "<button> </button>", "button without words"),
    ("tabindex", '<a href="/x/">', '<a tabindex="2" href="/x/">', "tabindex above 0"),
    ("no alt", ' alt="Een boek"', "", "img without alt"),
]  # fmt: skip


@pytest.mark.parametrize("word", COUNTED)
def test_syllables_are_counted_as_people_do(word):
    assert lint.syllables(word.replace("-", "")) == word.count("-") + 1


@pytest.mark.parametrize(("word", "said"), [("mbo", 3), ("QR", 2), ("vmbo", 4), ("2027", 1), ("pdf's", 3)])
def test_letters_are_said_apart_and_a_number_is_one(word, said):
    assert lint.syllables(word) == said


def test_the_known_miss_of_the_counter():
    assert lint.syllables("museum") == 2  # mu-se-um: two sounds that look like one


def test_the_clean_page_has_no_fault():
    assert check.page_faults(CLEAN, KNOWN) == []


@pytest.mark.parametrize(("kind", "old", "new", "said"), PLANTED, ids=[row[0] for row in PLANTED])
def test_every_planted_fault_is_found(kind, old, new, said):
    assert CLEAN.count(old) == 1
    assert [fault for fault in check.page_faults(CLEAN.replace(old, new), KNOWN) if said in fault]


def test_there_are_enough_kinds():
    assert len({kind for kind, *_ in PLANTED}) >= 40


@pytest.mark.parametrize("text", ["Jij mag dit zien.", "Dit is jouw keuze.", "Wat kun je doen?"])
def test_je_on_a_page_for_parents_and_staff_is_found(text):
    html = CLEAN.replace('class="student"', 'class="staff"').replace(P, f"<p>{text}")
    assert [fault for fault in check.page_faults(html, KNOWN) if "wrong address" in fault]


def test_two_pages_with_one_title_are_found():
    other = CLEAN.replace("Mijn school", "Mijn huis")
    assert check.same_titles([("a read", CLEAN), ("b read", CLEAN), ("c read", other)])
    assert check.same_titles([("a read", CLEAN), ("a write", CLEAN), ("c read", other)]) == []


# --- What is no fault --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Hier staat wat Sam met je deelt. Dat iets er niet staat, zegt niets.",  # fixed by the contract
        "Kies «Weet ik nog niet» of «Wil ik niet zeggen».",  # names of buttons
        "Verzorgende Individuele Gezondheidszorg ziet dit.",  # a name, however long
        "</p><p>Waar ben je goed in bij het organiseren van bijeenkomsten voor een hele grote groep mensen?</p><p>",
        "Zo dacht je er eerder over: Wat doe je graag in je vrije tijd?",  # a colon before a capital ends a line
    ],
)
def test_what_is_fixed_a_name_or_a_question_is_let_through(text):
    assert check.page_faults(CLEAN.replace(P, f"<p>{text}"), KNOWN) == []


def test_a_part_for_another_reader_is_judged_for_that_reader():
    said = "U leest hier wat de student met u wil delen op de dag van het gesprek."
    html = CLEAN.replace(P, f'<p data-reader="staff">{said}</p><p>')
    assert check.page_faults(html, KNOWN) == []
    assert [f for f in check.page_faults(html.replace("U leest", "Je leest"), KNOWN) if "wrong address" in f]


def test_a_word_of_the_glossary_may_stand_when_the_page_explains_it():
    html = CLEAN.replace(P, "<p>Je intake is bij je nieuwe school.</p><p data-word='intake'>Het eerste gesprek.")
    assert check.page_faults(html, KNOWN) == []


def test_staff_may_meet_a_rare_word_but_not_many():
    text = "De decaan zet voor u klaar wat de student op het mbo nodig heeft. " * 4
    assert lint.page_faults(lint.sentences(text + "Zij doen dit zorgvuldig en tactvol."), lint.STAFF, {"decaan"}) == []
    assert lint.page_faults(lint.sentences("Wees tactvol en empathisch."), lint.STAFF)


def test_own_words_and_other_languages_are_kept_out_of_the_measure():
    found = page.read(CLEAN)
    assert found.own and not [text for _, text in found.lines if "quarantaine" in text or "English" in text]


def test_a_part_is_one_line_and_a_word_in_a_sentence_is_not():
    found = page.read("<p>Dit is <b>heel</b> goed.</p><button>Sam<span>Klas A</span></button><p>Een<br>twee</p>")
    assert [text for _, text in found.lines] == ["Dit is heel goed.", "Sam", "Klas A", "Een", "twee"]


# --- The glossary of the product ---------------------------------------------------------------------------


def test_the_words_of_a_page_are_found_in_every_form_but_not_in_own_words():
    html = '<p>De intakes zijn gewist.</p><p translate="no">AVG</p><textarea>BSN</textarea><a href="/intaker/">x</a>'
    assert [word.word for word in words.words_in(html)] == ["intake", "wissen"]
    assert words.words_in(html, explained=["intake", "wissen"]) == []
