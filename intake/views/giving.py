"""Giving a share in five screens: with whom, what, until when, this is what they see, is this right.

What is chosen lives in a sealed draft (consent/drafts.py): never in a session, a URL or a hidden field.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import step_up, vault
from accounts.identity import AgeBand, age_band, identity_of
from accounts.models import Student
from accounts.refusals import Refusal
from accounts.services import class_of
from consent.choices import Choices, choices_for
from consent.drafts import Draft, change_draft, delete_draft, make_draft, read_draft, spend_draft
from consent.given import Called, called
from consent.links import LinkTo
from consent.models import RecipientKind, Share, ShareState
from consent.purposes import WORKPLACES, is_live
from consent.recipients import Recipient, find_recipient, of_link, recipients_for
from consent.reviews import will_be_asked
from consent.services import Plan, day_with, digest_of, make_code, open_share_to
from consent.suggestions import because, has_suggestions, only_suggested, suggested, with_suggestions
from consent.texts import Dossier
from intake.brief import make_brief
from intake.forms import SharePlacementForm, ShareUnitsForm, ShareUntilForm, ShareWhoForm
from intake.once_more import asks_once_more
from intake.reading import identity_lines, sections_of
from intake.services import sharing
from intake.services.cases import placed_programmes
from passport.owner import own_passport
from passport.services import open_sheet, questions_of

STEPS = 5
SHOWN, FOUND = 8, 30
# Which screen to go back to when the services say no there.
SCREEN_OF = {"units": "share_what", "valid_until": "share_until", "starts_on": "share_until", "seen": "share_preview"}


@dataclass(frozen=True)
class Step:
    """One screen of one draft: whose it is, and with whom."""

    student: Student
    key: vault.Key
    draft: Draft
    recipient: Recipient

    @property
    def called(self) -> Called:
        return called(self.recipient)

    @property
    def at_work(self) -> bool:
        return self.draft.purpose in WORKPLACES

    def choices(self) -> Choices:
        return choices_for(open_sheet(self.student.passport, self.key), self.key, self.draft.purpose)

    def plan(self) -> Plan:
        """What would be shared. Raises Refusal at the screen that is wrong."""
        return sharing.plan(student=self.student, key=self.key, wish=self.draft.wish())

    def change(self, **fields: Any) -> Draft:
        return change_draft(self.draft, student=self.student, key=self.key, **fields)

    def context(self, now: int, back: str) -> dict[str, Any]:
        return {
            "draft": self.draft,
            "recipient": self.recipient,
            "called": self.called,
            "now": now,
            "total": STEPS,
            "back_url": back,
        }

    def to(self, name: str) -> HttpResponse:
        return redirect(name, draft_id=self.draft.id)


def on_draft(view: Callable[[HttpRequest, Step], HttpResponse]) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """A screen of a draft of the logged-in student; a draft that was given already leads to its share."""

    @wraps(view)
    def screen(request: HttpRequest, draft_id: UUID) -> HttpResponse:
        passport, key = own_passport(request)
        draft = read_draft(passport.student, key, draft_id)
        if draft.given:
            return redirect("share", share_id=draft.given)
        recipient = _recipient(passport.student, draft)
        if recipient is None:
            messages.warning(request, _("Met deze ontvanger kun je nu niet delen."))
            return redirect("share_who")
        return view(request, Step(passport.student, key, draft, recipient))

    return require_http_methods(["GET", "POST"])(screen)


@require_http_methods(["GET", "POST"])
def share_who(request: HttpRequest) -> HttpResponse:
    """Screen 1: with whom."""
    passport, key = own_passport(request)
    form = ShareWhoForm(request.POST or None)
    if form.is_valid():
        kind, recipient_id = form.cleaned_data["to"]
        if find_recipient(passport.student, kind, recipient_id, placed_programmes(passport.student_id)):
            there = open_share_to(passport.student, key, kind, recipient_id, also=sharing.end)
            if there:
                return redirect("share", share_id=there.pk)
            draft = make_draft(student=passport.student, key=key, kind=kind, recipient_id=recipient_id)
            return redirect("share_what", draft_id=draft.id)
        form.add_error("to", _("Deze ontvanger kennen we niet."))
    context = {"form": form, "now": 1, "total": STEPS, "back_url": reverse("share_list")}
    return render(
        request, "intake/share_who.html", context | _recipients(passport.student, key, request.GET.get("q", ""))
    )


@on_draft
def share_what(request: HttpRequest, step: Step) -> HttpResponse:
    """Screen 2: unit by unit, nothing ticked. What is delicate is on the second half of this screen."""
    known = questions_of(step.student.passport).units.values()
    choices = with_suggestions(step.choices(), suggested(step.draft.purpose, known))
    here = choices.keys("plain", "identity")
    delicate = [unit for unit in step.draft.units if unit in choices.keys("sensitive")]
    form = _units_form(request, step.draft, here)
    if form.is_valid():
        units = [*form.cleaned_data["units"], *delicate]
        step.change(units=units)
        if "show" in request.POST:
            return _to_shown(request, step)
        if "why" in request.POST:
            return step.to("share_why")
        if units:
            return step.to("share_until")
        form.add_error("units", _("Kies eerst wat je wilt delen."))
    context = step.context(2, reverse("share_who"))
    only = has_suggestions(choices) and request.GET.get("voorstel") == "1"
    extra = {
        "form": form,
        "choices": only_suggested(choices, form.ticked) if only else choices,
        "delicate": delicate,
        "only": only,
        "because": because(step.draft.purpose) if has_suggestions(choices) else "",
    }
    return render(request, "intake/share_what.html", context | extra)


@on_draft
def share_why(request: HttpRequest, step: Step) -> HttpResponse:
    """Screen 2, second half: what is delicate, and the reasons; only for whoever asks for it."""
    choices = step.choices()
    here = choices.keys("sensitive")
    form = _units_form(request, step.draft, here)
    if form.is_valid():
        elsewhere = choices.keys("plain", "identity")
        units = [unit for unit in step.draft.units if unit in elsewhere] + form.cleaned_data["units"]
        step.change(units=units)
        return step.to("share_until" if units else "share_what")
    context = step.context(2, reverse("share_what", args=[step.draft.id]))
    return render(request, "intake/share_why.html", context | {"form": form, "choices": choices})


@on_draft
def share_until(request: HttpRequest, step: Step) -> HttpResponse:
    """Screen 3: until when, and apart from it whether the mentor may hand it over in person."""
    if step.draft.link and step.at_work:
        return _placement(request, step, step.draft.link)
    form = ShareUntilForm(
        request.POST or None,
        purpose=step.draft.purpose,
        kind=step.draft.kind,
        kept=step.draft.valid_until,
        warm=step.draft.warm_transfer,
        day=day_with(step.student, step.draft.kind, step.draft.recipient_id),
    )
    warm_asked = may_warm(step.draft.kind, step.student)
    if form.is_valid():
        warm = warm_asked and form.cleaned_data["warm"]
        step.change(valid_until=form.cleaned_data["valid_until"], warm_transfer=warm)
        return step.to("share_preview")
    context = step.context(3, reverse("share_what", args=[step.draft.id]))
    extra = {"form": form, "longest": form.longest, "purpose": step.draft.purpose, "may_warm": warm_asked}
    return render(request, "intake/share_until.html", context | extra)


@on_draft
def share_preview(request: HttpRequest, step: Step) -> HttpResponse:
    """Screen 4: the reader's own page. «Dit is goed» keeps which preview that was said of."""
    try:
        plan = step.plan()
    except Refusal as refusal:
        return _back_to(request, step, refusal)
    dossier = plan.dossier(step.key)
    seen = digest_of(dossier, step.key).hex()
    if request.method == "POST":
        if request.POST.get("seen") == seen:
            step.change(seen=seen)
            return step.to("share_confirm")
        return _back_to(request, step, changed())
    unseen = [row for row in step.choices().answered() if row.unit not in step.draft.units]
    context = step.context(4, reverse("share_until", args=[step.draft.id]))
    return render(request, "intake/share_preview.html", context | as_read(dossier) | {"seen": seen, "unseen": unseen})


@on_draft
def share_confirm(request: HttpRequest, step: Step) -> HttpResponse:
    """Screen 5: yes or no, equally easy. The yes carries the digest of the preview."""
    if request.method == "POST" and request.POST.get("answer") != "yes":
        delete_draft(step.student, step.draft.id)
        messages.info(request, _("Je hebt niets gedeeld."))
        return redirect("share_list")
    if asks_once_more(request, step.student.passport, step.draft.units):
        return step_up.ask(request, request.path)
    try:
        plan = step.plan()
        if not step.draft.seen:
            return step.to("share_preview")
        if request.method == "POST":
            return _give(request, step)
    except Refusal as refusal:
        return _back_to(request, step, refusal)
    context = step.context(5, reverse("share_preview", args=[step.draft.id]))
    waits = plan.share.approval_required
    extra = {
        "plan": plan,
        "waits": waits,
        "live": is_live(step.draft.purpose, step.draft.kind) and not waits,
        "age": _age(step) if waits else "",
        "looks_again": will_be_asked(plan.slots.values(), plan.sheet.questions.units, plan.share.valid_until),
    }
    return render(request, "intake/share_confirm.html", context | extra)


def as_read(dossier: Dossier) -> dict[str, Any]:
    """What the reader's own templates need, for the student's preview."""
    return {
        "dossier": dossier,
        "brief": make_brief(dossier) if dossier.share.recipient_kind == RecipientKind.PROGRAMME else None,
        "sections": sections_of(dossier),
        "identity": identity_lines(dossier),
        "preview": True,
    }


def changed() -> Refusal:
    return Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")


def _to_shown(request: HttpRequest, step: Step) -> HttpResponse:
    """The same screen with all rows or only what is suggested; what was ticked is in the draft by now."""
    only = "?voorstel=1" if request.POST["show"] == "suggested" else ""
    return redirect(f"{reverse('share_what', args=[step.draft.id])}{only}")


def may_warm(kind: str, student: Student) -> bool:
    """Whether there is a mentor who could hand this over in person."""
    return kind == RecipientKind.PROGRAMME and class_of(student) is not None


def show_code(request: HttpRequest, share: Share, key: vault.Key, to: Called) -> HttpResponse:
    """The one page on which the student sees a new code; asked again it shows another one. Raises Refusal."""
    code = make_code(share=share, key=key, by=request.user)  # type: ignore[arg-type]  # who is in
    context = {"code": code, "called": to, "share": share, "back_url": reverse("share", args=[share.pk])}
    return render(request, "intake/share_code.html", context)


def _recipient(student: Student, draft: Draft) -> Recipient | None:
    """With whom a draft is, while the student may choose them."""
    if draft.link:
        return of_link(draft.id, draft.link)
    if draft.recipient_id is None:
        return None
    return find_recipient(student, draft.kind, draft.recipient_id, placed_programmes(student.pk))


def _placement(request: HttpRequest, step: Step, to: LinkTo) -> HttpResponse:
    """Screen 3 for a placement: the first and the last day. It ends by itself after the last."""
    initial = {"starts_on": to.starts_on, "valid_until": step.draft.valid_until}
    data = request.POST if request.method == "POST" else None
    form = SharePlacementForm(data, purpose=step.draft.purpose, initial=initial)
    if form.is_valid():
        days = form.cleaned_data
        step.change(link=replace(to, starts_on=days["starts_on"]), valid_until=days["valid_until"])
        return step.to("share_preview")
    context = step.context(3, reverse("share_what", args=[step.draft.id]))
    return render(request, "intake/share_placement.html", context | {"form": form})


def _give(request: HttpRequest, step: Step) -> HttpResponse:
    """A live link shows its code at once. Raises Refusal: `changed` when a text moved since the preview, also when the
    form lost its digest."""
    share = sharing.give(
        student=step.student,
        key=step.key,
        wish=step.draft.wish(),
        by=request.user,  # type: ignore[arg-type]  # who is in
        seen=request.POST.get("seen") or "-",
    )
    spend_draft(step.draft, student=step.student, key=step.key, given=share.pk)
    if step.draft.link and share.state == ShareState.ACTIVE:
        return show_code(request, share, step.key, step.called)
    return redirect("share", share_id=share.pk)


def _back_to(request: HttpRequest, step: Step, refusal: Refusal) -> HttpResponse:
    """The sentence of a no, on the screen where it can be mended."""
    messages.warning(request, refusal.sentence)
    if refusal.code == "already_shared":
        delete_draft(step.student, step.draft.id)
        return redirect("share_list")
    return step.to(SCREEN_OF.get(refusal.field, "share_what"))


def _units_form(request: HttpRequest, draft: Draft, allowed: Iterable[str]) -> ShareUnitsForm:
    data = request.POST if request.method == "POST" else None
    return ShareUnitsForm(data, allowed=allowed, initial={"units": list(draft.units)})


def _recipients(student: Student, key: vault.Key, q: str) -> dict[str, Any]:
    """Those who are near and the student's own programmes first; then what was searched for."""
    q = q.strip()[:100]
    found = recipients_for(student, q=q, placed=placed_programmes(student.pk))
    wanted = open_sheet(student.passport, key).text("want.programmes").value or []
    near = [one for one in found if one.kind != RecipientKind.PROGRAMME]
    programmes = [one for one in found if one.kind == RecipientKind.PROGRAMME]
    own = sorted((one for one in programmes if one.code in wanted), key=lambda one: wanted.index(one.code))
    others = [one for one in programmes if one.code not in wanted]
    there = {(share.recipient_kind, share.recipient_id): share for share in student.shares.open_ended()}
    groups = [
        (_("Dicht bij jou"), near),
        (_("Jouw opleidingen"), own),
        (_("Andere opleidingen"), others[: FOUND if q else SHOWN]),
    ]
    return {
        "q": q,
        "groups": [(title, [(one, there.get((one.kind, one.id))) for one in rows]) for title, rows in groups if rows],
        "more": len(others) > (FOUND if q else SHOWN),
    }


def _age(step: Step) -> str:
    band = age_band(identity_of(step.student, step.key).born)
    return {AgeBand.UNDER_16: "under_16", AgeBand.UNKNOWN: "unknown"}.get(band, "represented")
