"""Every text where it is written: also the branches that no page of the demo shows."""

import re
from dataclasses import replace

import pytest
import yaml

from passport import words
from tests.words import check, lint, lists, sources

# Where more is said than in templates and code.
OTHERS = ["consent/purposes.yaml", "accounts/demo.py", "intake/follow_up_forms.py", "intake/views/region_help.py"]
# A part that several readers get: nothing is said of «je» and «u».
READERS = {**check.READERS, "": replace(lint.STUDENT, address=check.NO_NAME)}
QUESTIONNAIRES = sorted((sources.ROOT / "passport/questionnaires").glob("*.yaml"))
# What nobody reads in a questionnaire, and in the settings of a purpose.
PURPOSE_KEYS = {"purpose", "notice_version", "notice_language"}
KEYS = {"key", "type", "version", "language", "written_by", "sensitive", "brief", "max", "own", "sources"}


def questionnaire(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def glossary():
    terms = {term.lower() for path in QUESTIONNAIRES for term in questionnaire(path)["glossary"]}
    return terms | {
        part.lower() for word in words.glossary() for form in (word.word, *word.forms) for part in (form, *form.split())
    }


def faults(text, limits, glossary):
    """What is wrong with a text, with its rare words; staff may have some on a page, so not judged here."""
    found = []
    for line in lint.sentences(text.replace("Overstappaspoort", "Sam")):
        found += lint.sentence_faults(line, limits, glossary)
        if limits.rare == 0:
            found += [f"rare word, {word}: {line}" for word in lint.words(line) if lint.is_rare(word, glossary)]
    return found


# What only a coordinator reads: the class list, the office, the file of help, and their log. Its sentences need no «u»
# to be theirs.
FOR_STAFF = re.compile(
    r"school/(classlist\w*|office_\w+|offer_\w+|models|services/(importing|office|offer_import|places|staff|years)"
    r"|views/(classlist|office|offer_files|staff|years))\.py"
)


@pytest.mark.parametrize("name", [name for name in sources.templates() if not name.startswith("config/")])
def test_every_text_of_a_template(name, glossary):
    lines = sources.template_lines(name, sources.templates()[name])
    assert [fault for reader, text in lines for fault in faults(text, READERS[reader], glossary)] == []


# Papers for a board or a privacy officer (docs/papers), and a file that machines read: no screens.
NO_SCREEN = re.compile(r"school/paperwork/|accounts/security_txt\.py")


def test_every_dutch_text_of_the_code(glossary):
    said = [(place, text) for place, text in sources.python_lines() if not NO_SCREEN.match(place)]
    limits = {True: lint.STAFF, False: lint.STUDENT}
    found = [
        (place, faults(text, limits[bool(lists.FORMAL.search(text) or FOR_STAFF.match(place))], glossary))
        for place, text in said
    ]
    assert len(said) > 100 and [row for row in found if row[1]] == []


def test_what_a_purpose_means_in_law(glossary):
    rows = yaml.safe_load((sources.ROOT / "consent/purposes.yaml").read_text(encoding="utf-8"))["settings"]
    said = [text for row in rows for key, text in row.items() if isinstance(text, str) and key not in PURPOSE_KEYS]
    assert [fault for text in said for fault in faults(text, lint.STUDENT, glossary)] == []


@pytest.mark.parametrize("path", sources.contents(), ids=lambda path: path.name)
def test_what_else_a_student_reads(path, glossary):
    """Stories, questions to practise, who to call: everything of more than one word, but no names and numbers."""
    said = [text for _, text in asked(yaml.safe_load(path.read_text(encoding="utf-8"))) if " " in text]
    assert said and [fault for text in said for fault in faults(text, lint.STUDENT, glossary)] == []


@pytest.mark.parametrize("path", sorted((sources.ROOT / "templates/emails").glob("*.txt")), ids=lambda path: path.name)
def test_every_mail(path, glossary):
    text = sources.plain(path.read_text(encoding="utf-8"))
    limits = lint.PARENT if lists.FORMAL.search(text) else lint.STUDENT
    assert [fault for line in text.splitlines() for fault in faults(line, limits, glossary)] == []


# --- The questionnaire ---------------------------------------------------------------------------------------


def asked(value, path=""):
    """(path, text) of everything a questionnaire says."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for part in value:
            yield from asked(part, path)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in KEYS:
                yield from asked(part, f"{path}.{key}")


@pytest.mark.parametrize("path", QUESTIONNAIRES, ids=lambda path: path.stem)
def test_every_text_of_the_questionnaire(path, glossary):
    said = [
        (where, text)
        for where, text in asked(questionnaire(path))
        if not where.endswith((".talk", ".example", ".routes"))
    ]
    assert len(said) > 400
    assert [fault for _, text in said for fault in faults(text, lint.STUDENT, glossary)] == []


@pytest.mark.parametrize("path", QUESTIONNAIRES, ids=lambda path: path.stem)
def test_what_a_mentor_asks_and_an_invented_student_wrote(path, glossary):
    """The mentor says «je» to the student; an example is somebody's own words, but not hard ones."""
    limits = replace(lint.STAFF, address=check.NO_NAME)
    said = [text for where, text in asked(questionnaire(path)) if where.endswith((".talk", ".example"))]
    assert len(said) > 30 and [fault for text in said for fault in faults(text, limits, glossary)] == []


@pytest.mark.parametrize("path", QUESTIONNAIRES, ids=lambda path: path.stem)
def test_the_questionnaire_as_a_whole_is_easy(path, glossary):
    lines = [
        line for where, text in asked(questionnaire(path)) if ".talk" not in where for line in lint.sentences(text)
    ]
    assert lint.page_faults(lines, lint.STUDENT, glossary | {"noor"}) == []


# --- The words that are explained ----------------------------------------------------------------------------


def test_an_explanation_is_easier_than_its_word(glossary):
    found = [
        fault
        for word in (*words.glossary(), *words.fixed_words())
        for fault in faults(word.means, lint.STUDENT, glossary)
    ]
    assert found == []


def test_an_explanation_below_a_page_says_neither_je_nor_u():
    theirs = {term for path in QUESTIONNAIRES for term in questionnaire(path)["glossary"]}
    hard = [word.means for word in words.glossary() if not word.everyday and word.word not in theirs]
    assert [means for means in hard if lists.FORMAL.search(means) or lists.INFORMAL.search(means)] == []


def test_the_five_words_are_the_five():
    assert {word.word for word in words.fixed_words()} == set("delen bekijken bewaren gesprek".split()) | {
        "stoppen met delen"
    }


def test_a_word_stands_once():
    said = [form.lower() for word in words.glossary() for form in {word.word, *word.forms}]
    assert len(said) > 30 and sorted(form for form in set(said) if said.count(form) > 1) == []


@pytest.mark.parametrize("path", QUESTIONNAIRES, ids=lambda path: path.stem)
def test_a_word_means_the_same_on_a_page_and_in_the_questionnaire(path):
    ours = {word.word: word.means for word in words.glossary()}
    theirs = questionnaire(path)["glossary"]
    assert [word for word in ours.keys() & theirs.keys() if ours[word] != theirs[word]] == []


def test_no_word_is_explained_that_is_easy_and_used_nowhere():
    text = " ".join([*sources.templates().values(), *(text for _, text in sources.python_lines())]).lower()
    text += "".join((sources.ROOT / name).read_text(encoding="utf-8").lower() for name in OTHERS)
    text += " ".join(path.read_text(encoding="utf-8").lower() for path in [*QUESTIONNAIRES, *sources.contents()])
    unused = [
        word.word for word in words.glossary() if not any(form.lower() in text for form in (word.word, *word.forms))
    ]
    assert unused == []


def test_a_form_of_a_common_word_is_of_a_common_word():
    assert set(lists.FORMS.values()) <= lint.common() and not set(lists.FORMS) & lint.common()


# --- The test of these tests ---------------------------------------------------------------------------------


def test_every_branch_of_a_template_is_read():
    source = (
        '{% if a %}{% translate "Een" %}{% else %}Twee {{ x }}{% endif %}<p{% if b %} class="c"{% endif %}>Drie</p>'
        "{% blocktranslate count n=1 with w=x %}{{ w }} ziet{% plural %}{{ w }} zien{% endblocktranslate %}{# nooit #}"
        '{% include "a.html" with text="Vier" only %}{% translate "Vijf" as y %}<a title="Zes">{{ y }}</a>'
    )
    lines = [text for _, text in sources.page.read(sources.plain(source)).lines]
    assert lines == ["Een", "Twee Sam", "Drie", "Sam ziet", "Sam zien", "Vier", "Vijf", "Zes", "Sam"]


@pytest.mark.parametrize(
    ("name", "reader"),
    [("passport/question.html", "student"), ("intake/inbox.html", "staff"), ("_parts/note.html", "")],
)
def test_who_a_template_is_for(name, reader):
    assert sources.reader_of(name) == reader


def test_dutch_is_found_and_english_and_docstrings_are_not():
    source = '"""Je mag dit niet."""\nx = _("Je mag dit.")\ny = f"Van {x} voor jou"\nz = "this is not for the screen"\n'
    assert sorted(sources.dutch_in(source)) == [(2, "Je mag dit."), (3, "Van Sam voor jou")]


def test_a_planted_text_is_found(glossary):
    assert faults("Uw data zijn niet zonder toestemming opgeslagen.", lint.STUDENT, glossary)
    assert faults("Dit is plooibaar.", lint.STUDENT, glossary) and not faults("Dit is plooibaar.", lint.STAFF, glossary)
