"""A link: the student who gives it, and somebody without an account who reads with it.

The reader's page has one address for everything. Looking at it changes nothing and uses nothing up, so a mail scanner
may; a tap on its button asks for the code. Every no is the same page (contract, rule 4).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import vault
from accounts.refusals import NotHere, Refusal
from consent import access, links
from consent.drafts import make_draft
from consent.facts import Code
from consent.given import Given, get_given_or_404
from consent.ledger import Action
from consent.models import Purpose, RecipientKind, Share, ShareLink
from consent.purposes import SAFETY, WORKPLACES
from consent.services import open_link_share, try_code
from intake.forms import ShareLinkForm
from intake.reader_forms import LinkCodeForm
from intake.reading import identity_lines, sections_of
from intake.services import mail, tips
from intake.views.giving import STEPS, show_code
from intake.views.sharing import may_add_safety
from passport.owner import own_passport
from passport.services import open_sheet

GOALS = {"stage": Purpose.INTERNSHIP, "werk": Purpose.WORK, "school": Purpose.INTAKE}
SESSION = "links"
View = Callable[..., HttpResponse]


# --- The student -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def share_link_to(request: HttpRequest, goal: str) -> HttpResponse:
    """Screen 1 for somebody without an account: who it is, and where the mail goes."""
    passport, key = own_passport(request)
    if goal not in GOALS:
        raise NotHere()
    links.refuse_more_today(passport.student_id)
    purpose = GOALS[goal]
    form = ShareLinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        to = form.cleaned_data["to"]
        there = open_link_share(passport.student_id, purpose, key, to.email)
        if there and get_given_or_404(passport, key, there.pk).is_now:
            messages.info(request, _("Je deelt dit al. Je kunt het hier veranderen."))
            return redirect("share", share_id=there.pk)
        draft = make_draft(
            student=passport.student, key=key, kind=RecipientKind.LINK, recipient_id=None, purpose=purpose, link=to
        )
        return redirect("share_what", draft_id=draft.id)
    context = {"form": form, "goal": goal, "now": 1, "total": STEPS, "back_url": reverse("share_who")}
    return render(request, "intake/share_link_to.html", context)


@require_http_methods(["GET", "POST"])
def share_code(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """A new code, shown once; the old one stops. Who comes here without asking for one goes to the share."""
    given, key = _own_link(request, share_id)
    if request.method == "POST":
        try:
            return show_code(request, given.share, key, given.called)
        except Refusal as refusal:
            messages.warning(request, refusal.sentence)
    return redirect("share", share_id=share_id)


@require_http_methods(["GET", "POST"])
def share_mail(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Sends the mail with the link once more."""
    given, _key = _own_link(request, share_id)
    if request.method == "POST" and given.is_now and not given.is_waiting:
        if mail.send_link_again(given.share):
            messages.success(request, _("De mail is onderweg."))
        else:
            messages.info(request, _("We stuurden net een mail. Wacht even."))
    return redirect("share", share_id=share_id)


@require_http_methods(["GET", "POST"])
def share_safety(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """What a workplace must know to keep the student safe: a step of its own, once the placement has started."""
    given, key = _own_link(request, share_id)
    if not may_add_safety(given, key):
        raise NotHere()
    if request.method == "POST":
        wished = given.wished
        draft = make_draft(
            student=given.share.student,
            key=key,
            kind=given.share.recipient_kind,
            recipient_id=None,
            purpose=given.share.purpose,
            units=[*wished["units"], SAFETY],
            valid_until=wished["until"],
            share=share_id,
        )
        return redirect("share_change_confirm", share_id=share_id, draft_id=draft.id)
    said = open_sheet(given.share.student.passport, key).said[SAFETY]
    context = {"one": given, "said": said, "back_url": reverse("share", args=[share_id])}
    return render(request, "intake/share_safety.html", context)


def _own_link(request: HttpRequest, share_id: UUID) -> tuple[Given, vault.Key]:
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    if given.share.recipient_kind != RecipientKind.LINK:
        raise NotHere()
    return given, key


# --- The reader --------------------------------------------------------------------------------------------


def _kept_apart(view: View) -> View:
    """No search engine, and no other site, not even a page of ours, hears the address; every no is the same page."""

    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except NotHere:
            response = render(request, "intake/link_closed.html", status=404)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return page


# The address is the secret: whoever can forge this POST can make it. And without a referrer a browser names no origin,
# so the usual check would refuse everybody.
@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
@_kept_apart
def link(request: HttpRequest, token: str) -> HttpResponse:
    """One button, then the code, then half an hour of reading in this browser; «Stop met bekijken» ends it.

    The student who gave it is led to their own page of it: «Wie keek er?» names nobody else for what they opened.
    """
    found, _key = links.find_live(token)
    if found.share.student.user_id == request.user.pk:  # their own look would be told as the reader's
        return redirect("share", share_id=found.share_id)
    if request.method == "GET":
        if links.is_sitting(found, _sittings(request).get(_id(found))):
            return _read(request, found)
        return render(request, "intake/link_start.html")
    if "stop" in request.POST:
        request.session[SESSION] = {share: one for share, one in _sittings(request).items() if share != _id(found)}
        messages.info(request, _("U bent gestopt met bekijken."))
        return redirect("link", token)
    if "code" not in request.POST:
        return render(request, "intake/link_code.html", {"form": LinkCodeForm()})
    return _try(request, token)


def _try(request: HttpRequest, token: str) -> HttpResponse:
    form = LinkCodeForm(request.POST)
    if form.is_valid():
        sitting, left = try_code(token=token, typed=form.cleaned_data["code"])
        if sitting:
            _sit_down(request, sitting)
            return redirect("link", token)
        form.add_error("code", _wrong(left))
    form.data = QueryDict()  # a wrong code does not come back on the screen
    return render(request, "intake/link_code.html", {"form": form}, status=400)


def _sit_down(request: HttpRequest, sitting: links.Sitting) -> None:
    """The proof stays with this browser session; one that was there before gets another id."""
    request.session.cycle_key()
    request.session[SESSION] = {**_sittings(request), str(sitting.share): sitting.as_json()}
    if not request.user.is_authenticated:
        request.session.set_expiry(0)


def _sittings(request: HttpRequest) -> dict[str, Any]:
    """What this browser session proved, by the id of the share: random ids and times, nothing of a person."""
    kept: dict[str, Any] = request.session.get(SESSION, {})
    return kept


def _id(found: ShareLink) -> str:
    return str(found.share_id)


def _read(request: HttpRequest, found: ShareLink) -> HttpResponse:
    """Every opening is a look of its own, written before anything is shown."""
    dossier = access.read(share_id=found.share_id, by=None, action=Action.LINK, code=Code.SHOWN)
    context: dict[str, Any] = {
        "dossier": dossier,
        "sections": sections_of(dossier),
        "identity": identity_lines(dossier),
        "to": _to(dossier.share),
        "at_work": dossier.share.purpose in WORKPLACES,
        "tips": tips.beside(dossier, None),
    }
    return render(request, "intake/link_read.html", context)


def _to(share: Share) -> links.LinkTo | None:
    opened = links.opened_of([share.pk]).get(share.pk)
    return opened.to if opened else None


def _wrong(left: int) -> str:
    if left == 1:
        return _("Deze code klopt niet. U kunt het nog 1 keer proberen.")
    return _("Deze code klopt niet. U kunt het nog %(n)s keer proberen.") % {"n": left}
