"""Every page of the access matrix, as each demo account gets it: the page itself, and its answer to an empty form."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from accounts.identity import Identity
from accounts.models import Institution, Programme, Region, SchoolClass, User
from intake.demo.content import load
from passport import words
from passport.questionnaire import of_version, published
from tests.factories import PARENT
from tests.test_access_matrix import address, client_of, table, writer
from tests.test_house_rules import named_urls
from tests.words.check import Known

PARTS = ("calling_name", "prefix", "surname", "official_name")
# Who reads every question, and who sends every question in empty; the others get one of each page.
EVERY = {("student.full", "read"), ("student.empty", "write")}


def pages(username: str, world: SimpleNamespace) -> Iterator[tuple[str, str]]:
    """(name, HTML) of every page this account may open, and of every form it may send in empty."""
    reader, sender, rows = client_of(username), client_of(username), table()
    for name, pattern in named_urls():
        key = f"{name} {pattern.pattern}" if name == "check" else name
        if name.startswith("api_"):
            continue
        for family, call in (("read", reader.get), ("write", writer(sender, name))):
            if rows.get((key, family), {}).get(username, 200) not in (200, 400):
                continue
            for place, kwargs in about(name, (username, family) in EVERY, world):
                yield from _page(f"{key}{place} {family}", call, address(name, pattern, kwargs))


def _page(name: str, call: Any, where: str) -> Iterator[tuple[str, str]]:
    """One answer, when it is a page; what it changed is rolled back."""
    with transaction.atomic():
        answer: HttpResponse = call(where)
        transaction.set_rollback(True)
    if answer.status_code in (200, 400) and answer["Content-Type"].startswith("text/html") and not answer.streaming:
        yield name, answer.content.decode()


def about(name: str, is_every: bool, world: SimpleNamespace) -> Iterator[tuple[str, dict[str, Any]]]:
    """The things a page is about: every question and section, else the one of the access matrix."""
    questions = of_version(published().pk)
    if is_every and name in ("question", "question_history"):
        for key in questions.questions:
            yield f" {key}", {**world.kwargs, "key": key}
    elif name == "passport_section":
        for section in questions.sections:
            yield f" {section.key}", {**world.kwargs, "section": section.key}
    else:
        yield "", world.kwargs


def names() -> re.Pattern[str]:
    """Every name: of people, places and programmes. They are data, and nobody's to make easier."""
    invented, programmes = load("people"), Programme.objects.all()
    students = [Identity(**{part: row[part] for part in PARTS}) for row in invented["students"].values()]
    said = [
        *(name for one in students for name in (one.display_name, one.full_name, one.official_name, one.calling_name)),
        *(row["name"] for group in ("guardians", "staff") for row in invented[group].values()),
        *User.objects.values_list("staff_name", flat=True), *User.objects.values_list("username", flat=True),
        *Institution.objects.values_list("name", flat=True), *Region.objects.values_list("name", flat=True),
        *(text for one in programmes for text in (one.label, one.name, one.place)),
        *SchoolClass.objects.values_list("name", flat=True), "Overstappaspoort", PARENT,
        *(row["label"] for row in load("shares")["links"].values()),
    ]  # fmt: skip
    known = sorted({re.escape(text) for text in said if text}, key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(known)})(?!\w)")


def glossary() -> frozenset[str]:
    """Every word that is explained on the page of words, in all its forms, small."""
    asked = of_version(published().pk).glossary
    forms = {form.lower() for word in words.glossary() for form in (word.word, *word.forms)}
    return frozenset(part for term in {*asked, *forms} for part in (term.lower(), *term.lower().split()))


def questionnaire() -> set[str]:
    """The labels of the questionnaire as the student saw them, what it lets a mentor ask, and the explained words."""
    asked = of_version(published().pk)
    return (
        {word.word for word in words.glossary()}
        | {unit.label for unit in asked.units.values()}
        | {question.label for question in asked.questions.values()}
        | {line for section in asked.sections for line in section.talk}
    )


def written() -> set[str]:
    """How every text begins that the invented students wrote, of five words and more."""
    asked = of_version(published().pk)
    ours = {text for question in asked.questions.values() for text in question.options} | {*asked.need_labels.values()}
    texts = {" ".join(text.split()[:5]) for text in strings(load("answers")) if len(text.split()) >= 5}
    return {text for text in texts if not any(option.startswith(text) for option in ours)}


def strings(value: Any) -> Iterator[str]:
    """Every text in a tree of lists and dicts."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(part)


def known() -> Known:
    """All of it, for the demo that is there now."""
    return Known(names(), glossary(), questionnaire(), written())
