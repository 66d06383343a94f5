"""The passport as a whole: its start, an example, the seven sections, and reading a section back."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.identity import identity_of
from accounts.refusals import NotHere
from passport import services
from passport.forms import RouteForm
from passport.owner import own_passport
from passport.questionnaire import Question, Questionnaire, QuestionType, Section
from passport.services import Sheet, Text
from passport.suggestions import open_suggestions
from passport.values import Status
from passport.views.asked import asked_in, show
from passport.views.reading import read_back
from passport.wording import programme_names


@require_safe
def passport_start(request: HttpRequest) -> HttpResponse:
    """The first page of all: what this is and what is promised."""
    passport, key = own_passport(request)
    has_route = services.route_of(passport, key) is not None
    context = {"next_url": reverse("passport_overview" if has_route else "passport_route")}
    return show(request, passport, key, "passport/passport_start.html", context)


@require_safe
def passport_example(request: HttpRequest) -> HttpResponse:
    """A passport of a made-up student, made from the examples of the questionnaire."""
    passport, key = own_passport(request)
    questions = services.questions_of(passport)
    sections = [(section, _example_rows(questions, section)) for section in questions.sections]
    context = {"sections": sections, "back_url": reverse("passport_start")}
    return show(request, passport, key, "passport/passport_example.html", context)


@require_safe
def passport_overview(request: HttpRequest) -> HttpResponse:
    """The seven sections, each with how far it is; no counting."""
    passport, key = own_passport(request)
    sheet = services.open_sheet(passport, key)
    sections = [(section, _state(sheet, section)) for section in sheet.questions.sections]
    routes = {option.key: option.label for option in sheet.questions.routes}
    context = {
        "name": identity_of(passport.student, key).calling_name,
        "sections": sections,
        "is_new": all(state == "empty" for _, state in sections),
        "route": routes.get(sheet.route or ""),
        "route_key": sheet.route,
        "suggestions": open_suggestions(passport, key),
        "back_url": "/",
    }
    return show(request, passport, key, "passport/passport_overview.html", context)


@require_http_methods(["GET", "POST"])
def passport_route(request: HttpRequest) -> HttpResponse:
    """Where to after this school: it decides which questions are asked."""
    passport, key = own_passport(request)
    data = request.POST if request.method == "POST" else None
    form = RouteForm(services.questions_of(passport), services.route_of(passport, key), data)
    if data is not None and form.is_valid():
        services.choose_route(passport=passport, key=key, route=form.chosen, by=passport.student.user)
        return redirect("passport_overview")
    context = {"form": form, "back_url": reverse("passport_overview")}
    return show(request, passport, key, "passport/passport_route.html", context)


@require_safe
def passport_section(request: HttpRequest, section: str) -> HttpResponse:
    """One section to read back, with the next question that is still empty."""
    passport, key = own_passport(request)
    sheet = services.open_sheet(passport, key)
    found = next((one for one in sheet.questions.sections if one.key == section), None)
    if found is None:
        raise NotHere()
    asked = asked_in(found, sheet.route)
    empty = [question for question in _own(asked) if sheet.text(question.key).status is Status.EMPTY]
    # What was answered before a question was switched off is still the student's, to read and to take away.
    shown = [one for one in found.questions if one in asked or (one.off and sheet.text(one.key).is_answered)]
    names = _programme_names(sheet, shown)
    context = {
        "section": found,
        "state": _state(sheet, found),
        "rows": [(question, *_row(sheet, question, names)) for question in shown],
        "next_question": empty[0] if empty else None,
        "back_url": reverse("passport_overview"),
    }
    return show(request, passport, key, "passport/passport_section.html", context)


def _own(questions: list[Question]) -> list[Question]:
    return [question for question in questions if question.written_by == "student"]


def _state(sheet: Sheet, section: Section) -> str:
    """«Klaar voor nu» when the student said something to every question, also «Weet ik nog niet»."""
    asked = _own(asked_in(section, sheet.route))
    said = [sheet.text(question.key).status is not Status.EMPTY for question in asked]
    return "done" if all(said) else "busy" if any(said) else "empty"


def _row(sheet: Sheet, question: Question, names: Mapping[str, str]) -> tuple[str, bool]:
    text = sheet.text(question.key)
    return read_back(sheet.questions, question, text, names), text.status is Status.EMPTY


def _programme_names(sheet: Sheet, asked: list[Question]) -> dict[str, str]:
    lists = [sheet.text(question.key).value for question in asked if question.type is QuestionType.PROGRAMMES]
    return programme_names({code for codes in lists for code in codes or ()})


def _example_rows(questions: Questionnaire, section: Section) -> list[tuple[Question, str]]:
    texts = ((question, _example(questions, question)) for question in section.questions if not question.off)
    return [(question, text) for question, text in texts if text]


def _example(questions: Questionnaire, question: Question) -> str:
    """What the made-up student says: the example, else the first things one can choose."""
    if question.example:
        return question.example
    value: Any = None
    if question.type is QuestionType.CHIPS:
        value = list(question.options[:2])
    elif question.type is QuestionType.CHOICE:
        value = question.options[0]
    elif question.type is QuestionType.SCALE:
        levels = [level.key for level in question.levels]
        value = {one.key: levels[place % 2] for place, one in enumerate(question.statements)}
    elif question.type is QuestionType.NEEDS:
        needs = zip(questions.needs[1:3], question.how_often, strict=False)
        value = [{"need": need.key, "how_often": often} for need, often in needs]
    text = Text(question.key, Status.ANSWERED, value)
    return read_back(questions, question, text) if value else ""
