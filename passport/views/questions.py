"""One question on a page: what was written comes back until it is kept."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.refusals import NotHere, Refusal
from passport import services
from passport.forms import AnswerForm, Draft, NeedForm
from passport.help_now import help_now_for
from passport.pictures import need_pictures
from passport.questionnaire import QuestionType
from passport.services import Conflict, Text
from passport.suggestions import Proposal, suggestions_at
from passport.translations import on_page
from passport.values import Status, clean_answer
from passport.views.asked import Asked, own_question, remember_saved, show
from passport.views.reading import read_back
from passport.views.suggestions import beside, close_adapted
from passport.wording import programme_names, terms_in

NEED_PARTS = ("how_often", "what_works", "why")


@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, key: str) -> HttpResponse:
    """One question. A POST keeps the answer and goes on; what does not fit comes back as it was typed."""
    asked = own_question(request, key)
    if request.method == "POST":
        return _keep_question(request, asked)
    return _show_question(request, asked, AnswerForm(asked.questions, asked.question, asked.open_text()))


@require_http_methods(["GET", "POST"])
def need(request: HttpRequest, key: str, place: int) -> HttpResponse:
    """More about one chosen need, found by its place: a URL may not tell which need it is."""
    asked = own_question(request, key)
    text = asked.open_text()
    if request.method == "POST":
        return _keep_need(request, asked, text, place)
    row = _need_at(asked, text, place)
    form = NeedForm(initial={**row, "revision": text.revision, "before": text.revision})
    return _show_need(request, asked, text, place, form)


# --- Keeping -------------------------------------------------------------------------------------------------


def _keep_question(request: HttpRequest, asked: Asked) -> HttpResponse:
    if "clear" in request.POST:
        return _keep(request, asked, Status.EMPTY, None, asked.url)
    if "answer" in request.POST:
        return _keep(request, asked, *_picked(request.POST["answer"]), asked.next_url)
    # What a need says stands on other pages, so it is read from what was kept; the other types are all here.
    text = asked.open_text() if asked.question.type is QuestionType.NEEDS else None
    form = AnswerForm(asked.questions, asked.question, text, request.POST)
    if form.is_typed_on or not form.is_valid():
        return _show_question(request, asked, form)
    draft: Draft = form.cleaned_data["value"]
    if form.is_list_act:
        status = Status.ANSWERED if draft.value else Status.EMPTY
        return _keep(request, asked, status, draft.value or None, asked.url, form)
    return _keep(request, asked, draft.status, draft.value, "", form)


def _keep(
    request: HttpRequest, asked: Asked, status: str, value: Any, url: str, form: AnswerForm | None = None
) -> HttpResponse:
    try:
        text = _save(request, asked, status, value)
    except Conflict as conflict:
        return _show_conflict(request, asked, status, value, conflict.current)
    except Refusal as refusal:
        form = form or AnswerForm(asked.questions, asked.question, asked.open_text(), request.POST)
        form.add_error("value", refusal.sentence)
        return _show_question(request, asked, form)
    return _go_on(request, asked, text, url or _after(asked, text))


def _save(request: HttpRequest, asked: Asked, status: str, value: Any) -> Text:
    """Keeps it; when the very same text was kept meanwhile (by autosave) that is not a conflict."""
    try:
        return services.save_answer(
            passport=asked.passport,
            key=asked.key,
            question_key=asked.question.key,
            status=status,
            value=None if status in (Status.LATER, Status.PRIVATE) else value,
            revision=_number(request, "revision"),
            by=asked.passport.student.user,
        )
    except Conflict as conflict:
        current = conflict.current
        fits = services.cleaned_of(asked.passport, asked.question, status, value, current)
        if fits == (current.status, current.value):
            return current
        raise


def _go_on(request: HttpRequest, asked: Asked, text: Text, url: str) -> HttpResponse:
    response = redirect(url)
    close_adapted(request, asked)
    before = _number(request, "before")
    if text.revision > before:
        remember_saved(response, asked.passport, asked.key, text, before)
    return response


def _after(asked: Asked, text: Text) -> str:
    """The chosen needs come first, from the first one nothing was told about."""
    if asked.question.type is QuestionType.NEEDS and text.value:
        for place, row in enumerate(text.value, 1):
            if not (row["how_often"] or row["what_works"] or row["why"]):
                return reverse("need", args=[asked.question.key, place])
    return asked.next_url


def _number(request: HttpRequest, name: str) -> int:
    raw = request.POST.get(name, "")
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0


def _keep_need(request: HttpRequest, asked: Asked, text: Text, place: int) -> HttpResponse:
    """The page names the need it is about: on another phone the list may have changed."""
    need_key, rows = request.POST.get("need", ""), list(text.value or ())
    if asked.question.type is not QuestionType.NEEDS or need_key not in asked.questions.need_labels:
        raise NotHere()
    if "remove" in request.POST:
        rest = [row for row in rows if row["need"] != need_key]
        return _keep(request, asked, Status.ANSWERED if rest else Status.EMPTY, rest or None, asked.url)
    form = NeedForm(request.POST)
    form.is_valid()
    told = {"need": need_key} | {part: form.cleaned_data.get(part, "") for part in NEED_PARTS}
    if "why" not in request.POST:  # that field is not on the page while somebody sits beside the student
        told["why"] = next((row.get("why", "") for row in rows if row["need"] == need_key), "")
    value = [told if row["need"] == need_key else row for row in rows]
    value = value if told in value else [*value, told]
    try:
        kept = _save(request, asked, Status.ANSWERED, value)
    except Conflict as conflict:
        return _show_conflict(request, asked, Status.ANSWERED, value, conflict.current)
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return _show_need(request, asked, text, place, form)
    url = reverse("need", args=[asked.question.key, place + 1]) if place < len(value) else asked.next_url
    return _go_on(request, asked, kept, url)


def _picked(raw: str) -> tuple[str, Any]:
    """The answer a student picked on the page with two answers."""
    try:
        picked = json.loads(raw)
        return str(picked["status"]), picked["value"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", None


def _need_at(asked: Asked, text: Text, place: int) -> dict[str, str]:
    is_there = asked.question.type is QuestionType.NEEDS and text.value and 0 < place <= len(text.value)
    if not is_there:
        raise NotHere()
    row: dict[str, str] = text.value[place - 1]
    return row


# --- Showing -------------------------------------------------------------------------------------------------


def _show_question(request: HttpRequest, asked: Asked, form: AnswerForm) -> HttpResponse:
    siblings = [question.key for question in asked.siblings]
    key = asked.question.key
    waiting = suggestions_at(asked.passport, asked.key, key)
    context = {
        "form": form,
        "adapting": beside(request, waiting),
        "suggestions": [(one, _where_to_adapt(asked, form.text, one)) for one in waiting],
        "question": asked.question,
        "section": asked.section,
        "number": siblings.index(key) + 1 if key in siblings else 0,
        "total": len(siblings),
        "terms": terms_in(asked.questions, asked.question),
        "need_labels": asked.questions.need_labels,
        "kept": _kept(asked, form) if asked.question.off else "",
        "help": help_now_for(asked.passport.student, asked.key) if asked.question.sensitive else None,
        "back_url": reverse("passport_section", args=[asked.section.key]),
        "next_url": asked.next_url,
    }
    return show(request, asked.passport, asked.key, "passport/question.html", context)


def _kept(asked: Asked, form: AnswerForm) -> str:
    """What stands at a question that is switched off, to read back."""
    return _card(asked, form.text)["text"] if form.text and form.text.is_answered else ""


def _where_to_adapt(asked: Asked, text: Text | None, one: Proposal) -> str:
    """The page where the student writes with this suggestion beside it; nowhere for what a mentor writes."""
    url = f"{asked.url}?voorstel={one.id}"
    if asked.question.written_by != "student":
        return ""
    if one.unit.part != "support":
        return url
    needs = [row["need"] for row in (text.value if text else None) or ()]
    if one.unit.need not in needs:
        return ""
    return f"{reverse('need', args=[asked.question.key, needs.index(one.unit.need) + 1])}?voorstel={one.id}"


def _show_need(request: HttpRequest, asked: Asked, text: Text, place: int, form: NeedForm) -> HttpResponse:
    row = _need_at(asked, text, place)
    adapting = beside(request, suggestions_at(asked.passport, asked.key, asked.question.key))
    chosen = form["how_often"].value()
    often = [
        {"value": word, "label": on_page(word), "id": f"id_often_{number}", "checked": word == chosen}
        for number, word in enumerate(_with_kept(asked.question.how_often, row.get("how_often")))
    ]
    need_key = row["need"]
    is_sensitive = any(option.key == need_key and option.sensitive for option in asked.questions.needs)
    context = {
        "form": form,
        "question": asked.question,
        "section": asked.section,
        "adapting": adapting if adapting and adapting.unit.need == need_key else None,
        "label": asked.questions.need_labels.get(need_key, need_key),
        "picture": need_pictures().get(need_key, ""),
        "is_sensitive": is_sensitive,
        "help": help_now_for(asked.passport.student, asked.key) if is_sensitive else None,
        "how_often": often,
        "place": place,
        "total": len(text.value),
        "need_key": need_key,
        "base": json.dumps(text.value, ensure_ascii=False),
        "support_unit": f"{asked.question.key}.{need_key}",
        "why_unit": f"{asked.question.section}.why.{need_key}",
        "back_url": asked.url,
    }
    return show(request, asked.passport, asked.key, "passport/need.html", context)


def _with_kept(words: tuple[str, ...], kept: str | None) -> tuple[str, ...]:
    """What one can choose, with what was chosen in an earlier version."""
    return words if not kept or kept in words else (*words, kept)


def _show_conflict(request: HttpRequest, asked: Asked, status: str, value: Any, current: Text) -> HttpResponse:
    """Both texts, to pick from. Both are kept by then: whoever closes this page has lost nothing."""
    mine = Text(asked.question.key, Status(status), value)
    newest = _lay_aside(asked, status, value, current)
    if (newest.status, newest.value) != (current.status, current.value):
        current = newest  # a third phone
    context = {
        "question": asked.question,
        "section": asked.section,
        "mine": _card(asked, mine),
        "kept": _card(asked, current),
        "both": _both(asked, mine, current),
        "current": current,
        "revision": newest.revision,
        "before": _number(request, "before"),
        "back_url": asked.url,
        "next_url": asked.next_url,
    }
    return show(request, asked.passport, asked.key, "passport/question_conflict.html", context, status=409)


def _lay_aside(asked: Asked, status: str, value: Any, current: Text) -> Text:
    """The newest text, with the other one kept below it. Who saves a third one at this very moment comes first."""
    while True:
        try:
            return services.lay_aside(
                passport=asked.passport,
                key=asked.key,
                question_key=asked.question.key,
                status=status,
                value=None if status in (Status.LATER, Status.PRIVATE) else value,
                current=current,
                by=asked.passport.student.user,
            )
        except Conflict as conflict:
            current = conflict.current


def _card(asked: Asked, text: Text) -> dict[str, Any]:
    is_list = text.is_answered and asked.question.type is QuestionType.PROGRAMMES
    names = programme_names(text.value) if is_list else None
    text = services.as_shown(asked.passport, text)
    answer = json.dumps({"status": text.status, "value": text.value}, ensure_ascii=False)
    return {"text": read_back(asked.questions, asked.question, text, names), "answer": answer}


def _both(asked: Asked, mine: Text, current: Text) -> str:
    """The two lists in one, for chips, when together they still fit the question; else nothing."""
    if asked.question.type is not QuestionType.CHIPS or not (mine.is_answered and current.is_answered):
        return ""
    together = list(dict.fromkeys([*current.value, *mine.value]))
    try:
        clean_answer(asked.questions, asked.question, Status.ANSWERED, together, current.value)
    except Refusal:
        return ""
    return json.dumps({"status": Status.ANSWERED, "value": together}, ensure_ascii=False)
