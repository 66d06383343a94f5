"""What one thought before, and going back to it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import NotHere
from passport import services
from passport.questionnaire import QuestionType
from passport.views.asked import Asked, own_question, show
from passport.views.reading import read_back
from passport.wording import programme_names


@require_http_methods(["GET", "POST"])
def question_history(request: HttpRequest, key: str) -> HttpResponse:
    """Earlier texts of one question, newest first; a POST puts one back as a new text."""
    asked = own_question(request, key)
    if request.method == "POST":
        _restore(request, asked, request.POST.get("number", ""))
        return redirect(asked.url)
    texts = services.history(asked.passport, asked.key, key)
    shown = services.last_of_sittings(texts)
    names = None
    if asked.question.type is QuestionType.PROGRAMMES:
        names = programme_names({code for text in shown for code in text.value or ()})
    context = {
        "question": asked.question,
        "section": asked.section,
        "rows": [(text, read_back(asked.questions, asked.question, text, names)) for text in shown],
        "revision": texts[0].revision if texts else 0,
        "back_url": asked.url,
    }
    return show(request, asked.passport, asked.key, "passport/question_history.html", context)


@require_POST
def question_undo(request: HttpRequest, key: str) -> HttpResponse:
    """Back to the text from before the last page; to an empty page when there was none."""
    asked = own_question(request, key)
    _restore(request, asked, request.POST.get("before", ""))
    return redirect(reverse("question", args=[key]))


def _restore(request: HttpRequest, asked: Asked, number: str) -> None:
    revision = request.POST.get("revision", "")
    if not all(raw.isascii() and raw.isdecimal() and len(raw) < 10 for raw in (number, revision)):
        raise NotHere()
    try:
        services.restore(
            passport=asked.passport,
            key=asked.key,
            question_key=asked.question.key,
            number=int(number),
            revision=int(revision),
            by=asked.passport.student.user,
        )
    except services.Conflict:
        messages.warning(request, _("Je antwoord is net veranderd. Kijk het na."))
    else:
        messages.success(request, _("Gelukt. Het is weer zoals eerst."))
