"""Inviting somebody from home, by the student or the school, and the way in of whoever is invited.

The link and the code are those of accounts/doors/invited.py.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import invitations, vault
from accounts.doors.entering import come_in
from accounts.doors.invited import Invited
from accounts.identity import identity_of
from accounts.invitations import Pupil
from accounts.models import Invitation, Student
from accounts.places import places_in
from accounts.refusals import NotHere, Refusal
from intake.invite_forms import CodeForm, InvitationAnswerForm, InviteForm, SchoolInviteForm
from intake.services import inviting
from intake.views.reading import reader_of
from passport.owner import own_passport

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# --- Asking ------------------------------------------------------------------------------------------------


@GET_OR_POST
def invite_home(request: HttpRequest) -> HttpResponse:
    """The student asks somebody from home, sees who was asked, and takes it back."""
    passport, key = own_passport(request)
    student = passport.student
    form = InviteForm(request.POST if "email" in request.POST else None)
    if request.method == "POST":
        if "back" in request.POST:
            return _taken_back(request, "invite_home")
        if _invited(request, form, student, key):
            messages.success(request, _("De mail is onderweg."))
            return redirect("invite_home")
    waiting = [(row, invitations.opened(row, key)) for row in invitations.waiting_for([student])]
    context = {
        "form": form,
        "home": invitations.people_at_home(student),
        "waiting": [(row, to, not invitations.is_by_school(row)) for row, to in waiting],
        "back_url": reverse("share_list"),
    }
    return render(request, "intake/invite_home.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def invite_parent(request: HttpRequest) -> HttpResponse:
    """The school team asks a parent of a student under 16, or the representative of an adult."""
    by = reader_of(request)
    if not invitations.may_invite(places_in(request)):
        raise NotHere()
    pupils = {str(one.student.pk): one for one in invitations.pupils_of(by)}
    form = SchoolInviteForm(pupils.values(), request.POST if "email" in request.POST else None)
    if request.method == "POST":
        if "back" in request.POST:
            return _taken_back(request, "invite_parent")
        student = pupils[form.cleaned_data["student"]].student if form.is_valid() else None
        if student and _invited(request, form, student, vault.open_key(student.pk)):
            messages.success(request, "De mail is onderweg.")
            return redirect("invite_parent")
    context = {"form": form, "waiting": _waiting(pupils), "back_url": reverse("dossier_list")}
    return render(request, "intake/invite_parent.html", context, status=400 if form.errors else 200)


def _invited(request: HttpRequest, form: InviteForm, student: Student, key: vault.Key) -> bool:
    if not form.is_valid():
        return False
    data = form.cleaned_data
    try:
        inviting.invite(student=student, key=key, by=reader_of(request), **_asked_of(data))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return False
    return True


def _asked_of(data: dict[str, Any]) -> dict[str, str]:
    return {name: data[name] for name in ("email", "label", "language")}


def _taken_back(request: HttpRequest, where: str) -> HttpResponse:
    try:
        invitations.take_back(invitation_id=UUID(request.POST["back"]), by=reader_of(request))
    except ValueError:
        raise NotHere() from None
    messages.success(request, _("Weggehaald. De link werkt niet meer."))
    return redirect(where)


def _waiting(pupils: dict[str, Pupil]) -> list[tuple[Pupil, Invitation]]:
    """What the school asked and nobody answered yet."""
    rows = invitations.waiting_for(one.student for one in pupils.values())
    return [(pupils[str(row.student_id)], row) for row in rows if invitations.is_by_school(row)]


# --- Answering ---------------------------------------------------------------------------------------------


def _asks(row: Invitation, key: vault.Key) -> dict[str, Any]:
    """Who asks and what it means, for whoever proved the code."""
    return {
        "name": identity_of(row.student, key).calling_name,
        "by_student": not invitations.is_by_school(row),
        "label": invitations.opened(row, key).label,
        "asks_name": invitations.asks_name(row, key),
        "represents": row.kind == "representative",
    }


def _accepted(request: HttpRequest, row: Invitation, form: Form) -> HttpResponse:
    user = inviting.accept(invitation_id=row.pk, name=form.cleaned_data["name"])
    DOOR.forget(request)
    return come_in(request, user, by="invitation")


DOOR = Invited(
    name="invitation",
    folder="intake",
    find=invitations.find_invitation,
    get=invitations.get_invitation,
    ask=inviting.send_code,
    try_code=invitations.try_code,
    form=CodeForm,
    wrong=gettext_lazy("Deze code klopt niet, of is te oud. Kijk het na of vraag een nieuwe."),
    answer_form=InvitationAnswerForm,
    says_no=lambda said: said.get("answer") == "no",
    decline=invitations.decline,
    accept=_accepted,
    shows=_asks,
    language=invitations.language_for,
)
# What is read at the link says nothing of anybody; the yes logs in.
invitation, invitation_code, invitation_answer = DOOR.views()
