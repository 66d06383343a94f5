"""The questions as a working group makes them: change, look at it as a student, publish; and every older version."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entrance import who_is_in
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from intake.services.question_marks import marks_at
from passport import drafting
from passport.draft_changes import changes
from passport.drafting import FIXED, Draft
from passport.forms import AnswerForm
from passport.questionnaire import Question, Questionnaire, of_version
from school.questionnaire_forms import QuestionForm, SectionForm, notes_on

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
STEPS = {"up": -1, "down": 1}


@GET_OR_POST
def questionnaire(request: HttpRequest) -> HttpResponse:
    """Every question in its order, to move or to open; what is not published yet, and the versions there were."""
    by = who_is_in(request)
    drafting.working_group_or_404(by)
    if request.method == "POST":
        return _act(request, by)
    draft = drafting.open_draft(by)
    context = {
        "draft": draft,
        "changed": {change.key for change in _changes(draft)},
        "left_behind": drafting.left_behind(by),
        "versions": drafting.versions(by),
        "back_url": reverse("welcome"),
    }
    return render(request, "school/questionnaire.html", context)


def _act(request: HttpRequest, by: User) -> HttpResponse:
    """A question one place up or down, or everything thrown away."""
    for button, step in STEPS.items():
        if button in request.POST:
            key = request.POST[button]
            drafting.move_question(key=key, step=step, by=by)
            return redirect(f"{reverse('questionnaire')}#part-{key.split('.')[0]}")
    if "throw_away" in request.POST:
        drafting.throw_away(by=by)
        messages.success(request, "Weg. Alles staat weer zoals in de nieuwste versie.")
    return redirect("questionnaire")


@GET_OR_POST
def questionnaire_question(request: HttpRequest, key: str) -> HttpResponse:
    """One question, to change its texts and answers or to switch it off."""
    by = who_is_in(request)
    draft = drafting.open_draft(by)
    question = _question(draft.questions, key)
    form = QuestionForm(
        draft, question, request.POST if request.method == "POST" and "off" not in request.POST else None
    )
    if request.method == "POST":
        if "off" in request.POST:
            return _switched(request, question, by)
        if _kept(
            form, lambda: drafting.change_question(key=key, said=form.said, seen=form.cleaned_data["seen"], by=by)
        ):
            messages.success(request, "Bewaard. Niemand ziet dit, tot u het publiceert.")
            return redirect("questionnaire_question", key)
    context = {
        "form": form,
        "question": question,
        "marks": marks_at(key),
        "back_url": reverse("questionnaire"),
    }
    return render(request, "school/questionnaire_question.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def questionnaire_section(request: HttpRequest, section: str) -> HttpResponse:
    """The texts of one section."""
    by = who_is_in(request)
    draft = drafting.open_draft(by)
    found = next((one for one in draft.questions.sections if one.key == section), None)
    if found is None:
        raise NotHere()
    form = SectionForm(draft, found, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        if _kept(form, lambda: drafting.change_section(key=section, said=form.said, seen=seen, by=by)):
            messages.success(request, "Bewaard. Niemand ziet dit, tot u het publiceert.")
            return redirect("questionnaire_section", section)
    context = {"form": form, "section": found, "back_url": reverse("questionnaire")}
    return render(request, "school/questionnaire_section.html", context, status=400 if form.errors else 200)


@require_safe
def questionnaire_preview(request: HttpRequest, key: str) -> HttpResponse:
    """One question as a student gets it, of the draft. Nothing of anybody is on it, and nothing is kept."""
    draft = drafting.open_draft(who_is_in(request))
    question = _question(draft.questions, key)
    section = next(one for one in draft.questions.sections if one.key == question.section)
    asked = [one.key for one in draft.questions.questions.values() if not one.off]
    here = [one.key for one in section.questions if not one.off]
    after = asked[asked.index(key) + 1 :] if key in asked else []
    context = {
        "form": AnswerForm(draft.questions, question),
        "question": question,
        "section": section,
        "number": here.index(key) + 1 if key in here else 0,
        "total": len(here),
        "next_key": after[0] if after else "",
        "back_url": reverse("questionnaire_question", args=[key]),
    }
    return render(request, "school/questionnaire_preview.html", context)


@GET_OR_POST
def questionnaire_publish(request: HttpRequest) -> HttpResponse:
    """Every change, old beside new; and the button that makes it what every student is asked."""
    by = who_is_in(request)
    refusal = None
    if request.method == "POST":
        try:
            drafting.working_group_or_404(by)
            version = drafting.publish_draft(seen=request.POST.get("seen", ""), by=by)
            messages.success(request, f"Versie {version.version} is gepubliceerd. Elke student krijgt nu deze vragen.")
            return redirect("questionnaire")
        except Refusal as no:
            if no.status == 404:
                raise
            refusal = no
    draft = drafting.open_draft(by)
    rows = [(one, notes_on(one.after) if one.is_read else []) for one in _changes(draft)]
    context = {"draft": draft, "rows": rows, "refusal": refusal, "has_errors": refusal is not None}
    context["back_url"] = reverse("questionnaire")
    return render(request, "school/questionnaire_publish.html", context, status=refusal.status if refusal else 200)


@require_safe
def questionnaire_version(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """One published version, to read: it never changes."""
    asked = drafting.version_or_404(version_id, who_is_in(request))
    return render(request, "school/questionnaire_version.html", {"asked": asked, "back_url": reverse("questionnaire")})


def _question(asked: Questionnaire, key: str) -> Question:
    if key not in asked.questions:
        raise NotHere()
    return asked.questions[key]


def _changes(draft: Draft) -> list[Any]:
    return changes(of_version(draft.base.pk), draft.questions)


def _switched(request: HttpRequest, question: Question, by: User) -> HttpResponse:
    off = request.POST["off"] == "1"
    try:
        drafting.switch_question(key=question.key, off=off, by=by)
        said = "Deze vraag gaat uit" if off else "Deze vraag gaat weer aan"
        messages.success(request, f"{said}, zodra u publiceert.")
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, refusal.sentence)
    return redirect("questionnaire_question", question.key)


def _kept(form: QuestionForm | SectionForm, keep: Any) -> bool:
    """Keeps it, or says at the field what does not fit; a key that was sent is refused by its name."""
    if fixed := form.not_fields():
        form.is_valid()
        form.add_error(None, " ".join(FIXED.format(name) for name in fixed))
        return False
    if not form.is_valid():
        return False
    try:
        keep()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return False
    return True
