"""What a student shares: the list, one share, changing it, letting the newest text be seen, and stopping."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import step_up, vault
from accounts.entrance import who_is_in
from accounts.models import Student, User
from accounts.refusals import Refusal
from accounts.together import refuse_together
from consent import links
from consent.anew import answer_anew
from consent.choices import Choices, choices_for
from consent.drafts import Draft, delete_draft, make_draft, read_draft
from consent.given import Given, get_given_or_404, given_page
from consent.models import Share
from consent.purposes import SAFETY, WORKPLACES, is_live, longest_until
from consent.services import care_readers, day_with, digest_of, due, keep_share, plan_change, something_waits
from intake.forms import ShareChangeForm
from intake.once_more import asks_once_more
from intake.services import fits, intake_talk, sharing, talks
from intake.views.giving import as_read, may_warm
from passport.owner import own_passport
from passport.services import open_sheet

# So long a parent's no stands on top of the list; after that it is folded away.
NEWS = timedelta(days=14)


@dataclass(frozen=True)
class Wanted:
    """What a student wants a share to become, laid beside what it is."""

    had: frozenset[str]
    units: frozenset[str]
    ended: date
    until: date
    was_warm: bool
    warm: bool

    @property
    def widens(self) -> bool:
        return bool(self.units - self.had) or self.until > self.ended or (self.warm and not self.was_warm)

    @property
    def narrows(self) -> bool:
        return bool(self.had - self.units) or self.until < self.ended or (self.was_warm and not self.warm)

    @property
    def kept(self) -> frozenset[str]:
        return self.units & self.had

    def shorter(self) -> dict[str, Any]:
        """Of the terms what can hold at once: only what gets less."""
        return {"valid_until": min(self.until, self.ended), "warm_transfer": self.warm and self.was_warm}


@require_safe
def share_list(request: HttpRequest) -> HttpResponse:
    """Everything shared now, each with its stop; what ended is folded away, without a reason."""
    passport, key = own_passport(request)
    number = request.GET.get("bladzijde", "")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    given = given_page(passport, key, news=timezone.now() - NEWS, page=page - 1)
    context = {
        "now": given.now,
        "no": given.refused,
        "ended": given.ended,
        "page": page,
        "next": page + 1 if given.is_more else None,
        "back_url": reverse("today" if page == 1 else "share_list"),
    }
    return render(request, "intake/share_list.html", context)


@require_safe
def share(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """One share: with whom, until when, what, and what came back."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    live = is_live(given.share.purpose, given.share.recipient_kind) and not given.share.approval_required
    context = {
        "one": given,
        "seen": given.seen_after,
        "live": live,
        "named": care_readers(given.share),
        "due": due(given.share, key),
        "talk": talks.own_talk(given.share, key),
        "fits": fits.fits_for_student(given.share, key),
        "intake_case": intake_talk.planned_case(given.share),
        "link": links.state_of(given.share, key),
        "safety": may_add_safety(given, key),
        "back_url": reverse("share_list"),
    }
    return render(request, "intake/share_detail.html", context)


@require_http_methods(["GET", "POST"])
def share_stop(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Stopping: one question, and it holds at once."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    if request.method == "POST":
        sharing.withdraw(share=given.share, by=request.user)  # type: ignore[arg-type]  # who is in
        messages.success(request, _stopped(given))
        return redirect("share_list")
    if not given.is_now:
        return redirect("share", share_id=share_id)
    return render(request, "intake/share_stop.html", {"one": given, "back_url": reverse("share_list")})


@require_POST
def share_keep(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """«Houd het zo»: asked once, after the birthday from which the student decides alone."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    keep_share(share=given.share, key=key, by=request.user)  # type: ignore[arg-type]  # who is in
    messages.success(request, _("Bewaard. Je blijft dit delen."))
    return redirect("today")


@require_POST
def share_anew(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """After a school year, asked once: a yes leads to the screens of sharing with nothing ticked, a no to nothing."""
    passport, key = own_passport(request)
    refuse_together(passport.student)
    old = answer_anew(passport=passport, share_id=share_id, by=who_is_in(request))
    if request.POST.get("answer") != "yes":
        messages.success(request, _("Goed. Er is niets gedeeld."))
        return redirect("today")
    draft = make_draft(student=passport.student, key=key, kind=old.recipient_kind, recipient_id=old.recipient_id)
    return redirect("share_what", draft_id=draft.id)


@require_http_methods(["GET", "POST"])
def share_release(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """The old and the new text side by side; a yes carries the digest of what will be seen."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    if not given.newer:
        return redirect("share", share_id=share_id)
    units = [one.unit.key for one in given.newer]
    if request.POST.get("answer", "yes") == "yes" and asks_once_more(request, passport, units):
        return step_up.ask(request, request.path)
    if request.method == "POST":
        return _release(request, given, key)
    context = {"one": given, "seen": given.seen_after, "back_url": reverse("share", args=[share_id])}
    return render(request, "intake/share_release.html", context)


@require_http_methods(["GET", "POST"])
def share_change(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Taking away holds at once; what is added waits for a yes to the preview."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    if not given.is_now:
        return redirect("share", share_id=share_id)
    choices = _choices(passport.student, key, given.share, given.wished["units"])
    # What is shared stays tickable when its answer was emptied since.
    allowed = [*choices.keys("plain", "sensitive", "identity"), *given.wished["units"]]
    form = _change_form(request, given, allowed)
    if form.is_valid():
        answer = _change(request, passport.student, key, given, form)
        if answer:
            return answer
    here = set(choices.keys("plain", "sensitive", "identity"))
    context = {
        "one": given,
        "called": given.called,
        "form": form,
        "choices": choices,
        "orphans": [unit for unit in given.units if unit.key not in here],
        "may_warm": may_warm(given.share.recipient_kind, passport.student) or given.wished["warm"],
        "longest": _longest(given.share),
        "back_url": reverse("share", args=[share_id]),
    }
    return render(request, "intake/share_change.html", context)


@require_http_methods(["GET", "POST"])
def share_change_confirm(request: HttpRequest, share_id: UUID, draft_id: UUID) -> HttpResponse:
    """How the reader's page becomes, and yes or no to what is new."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    draft = read_draft(passport.student, key, draft_id, share=share_id)
    wish = {"units": draft.units, "valid_until": draft.valid_until, "warm_transfer": draft.warm_transfer}
    new = set(draft.units) - set(given.wished["units"])
    if request.POST.get("answer", "yes") == "yes" and asks_once_more(request, passport, new):
        return step_up.ask(request, request.path)
    try:
        if request.method == "POST":
            if request.POST.get("answer") == "yes":
                seen = request.POST.get("seen") or "-"
                sharing.change(share=given.share, key=key, by=request.user, seen=seen, **wish)  # type: ignore[arg-type]  # who is in
            delete_draft(passport.student, draft_id)
            return redirect("share", share_id=share_id)
        plan = plan_change(share=given.share, key=key, **wish)  # type: ignore[arg-type]  # as the form made it
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
        if refusal.code == "changed":
            return redirect("share_change_confirm", share_id=share_id, draft_id=draft_id)
        return redirect("share_change", share_id=share_id)
    dossier = plan.dossier(key)
    had, until = set(given.wished["units"]), given.wished["until"]
    context = as_read(dossier) | {
        "one": given,
        "draft": draft,
        "seen": digest_of(dossier, key).hex(),
        "added": [
            row for row in _rows(passport.student, key, given, draft) if row.unit in draft.units and row.unit not in had
        ],
        "later": draft.valid_until if draft.valid_until and draft.valid_until > until else None,
        "warmer": draft.warm_transfer and not given.wished["warm"],
        "back_url": reverse("share_change", args=[share_id]),
    }
    return render(request, "intake/share_change_confirm.html", context)


# --- The parts ---------------------------------------------------------------------------------------------


def _release(request: HttpRequest, given: Given, key: vault.Key) -> HttpResponse:
    share_id = given.share.pk
    if request.POST.get("answer") != "yes":
        return redirect("share", share_id=share_id)
    units = [one.unit.key for one in given.newer]
    try:
        seen = request.POST.get("seen") or "-"
        after = sharing.release(share=given.share, key=key, units=units, by=request.user, seen=seen)  # type: ignore[arg-type]  # who is in
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("share_release", share_id=share_id)
    if something_waits(after):
        messages.success(request, _("Bewaard. We wachten op je ouder."))
        return redirect("share_list")
    who = given.called
    text = ngettext("%(who)s ziet nu je nieuwe tekst.", "%(who)s zien nu je nieuwe tekst.", who.count)
    messages.success(request, text % {"who": who.public})
    return redirect("share_list")


def _stopped(given: Given) -> str:
    who = given.called
    text = ngettext(
        "Gestopt. %(who)s ziet je paspoort niet meer.", "Gestopt. %(who)s zien je paspoort niet meer.", who.count
    )
    return text % {"who": who.public}


def _change_form(request: HttpRequest, given: Given, allowed: list[str]) -> ShareChangeForm:
    data = request.POST if request.method == "POST" else None
    return ShareChangeForm(data, allowed=allowed, initial=given.wished)


def _change(
    request: HttpRequest, student: Student, key: vault.Key, given: Given, form: ShareChangeForm
) -> HttpResponse | None:
    """Applies what is taken away, and puts what is added in a draft. None: an error stands in the form."""
    old, data = given.share, form.cleaned_data
    wanted = Wanted(
        had=frozenset(given.wished["units"]),
        units=frozenset(data["units"]),
        ended=given.wished["until"],
        until=data["until"],
        was_warm=given.wished["warm"],
        warm=data["warm"],
    )
    wish = {"units": wanted.units, "valid_until": wanted.until, "warm_transfer": wanted.warm}
    try:
        plan_change(share=old, key=key, **wish)  # type: ignore[arg-type]  # as the form made it
        if wanted.narrows:
            _take_away(old, key, request.user, wanted)  # type: ignore[arg-type]  # who is in
    except Refusal as refusal:
        form.add_error({"units": "units", "valid_until": "until"}.get(refusal.field), refusal.sentence)
        return None
    if not wanted.widens:
        messages.success(request, _("Bewaard. Dit geldt nu meteen."))
        return redirect("share", share_id=old.pk)
    if wanted.narrows:
        messages.info(request, _("Wat nu uit staat, zien ze niet meer."))
    draft = make_draft(
        student=student,
        key=key,
        kind=old.recipient_kind,
        recipient_id=old.recipient_id,
        purpose=old.purpose,
        share=old.pk,
        **wish,  # type: ignore[arg-type]  # as the form made it
    )
    return redirect("share_change_confirm", share_id=old.pk, draft_id=draft.id)


def _take_away(share: Share, key: vault.Key, by: User, wanted: Wanted) -> None:
    """What is unticked is gone from here on, also when nothing stays and what is new waits for a yes."""
    if wanted.kept:
        sharing.change(share=share, key=key, by=by, units=wanted.kept, **wanted.shorter())
    else:
        sharing.clear(share=share, key=key, by=by, **wanted.shorter())


def _rows(student: Student, key: vault.Key, given: Given, draft: Draft) -> Any:
    choices = _choices(student, key, given.share, draft.units)
    groups = (*choices.plain, *choices.sensitive)
    return [*(row for group in groups for row in (*group.rows, *group.blanks)), *choices.identity]


def _choices(student: Student, key: vault.Key, share: Share, units: Container[str]) -> Choices:
    """What can stand on: safety at a workplace only among units that came through its own step."""
    return choices_for(open_sheet(student.passport, key), key, share.purpose, started=SAFETY in units)


def may_add_safety(given: Given, key: vault.Key) -> bool:
    """Whether the step for safety is there: a workplace, begun, something to say, and not shared yet (rule 1)."""
    share = given.share
    begun = share.purpose in WORKPLACES and share.has_started and given.is_now and not given.is_waiting
    if not begun or SAFETY in given.wished["units"]:
        return False
    return SAFETY in open_sheet(share.student.passport, key).said


def _longest(share: Share) -> date:
    """The last day this share could have had when it was given."""
    starts_on = share.starts_on or day_with(share.student, share.recipient_kind, share.person_id)
    return longest_until(share.purpose, share.recipient_kind, share.created_at.date(), starts_on)
