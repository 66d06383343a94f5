"""«Hulp in de regio»: for everybody to read, and for the region to keep."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entrance import who_is_in
from accounts.models import Region, User
from accounts.refusals import Refusal
from intake.models import RegionHelp
from intake.region_help_forms import RegionHelpForm
from intake.services import region_help as service

KINDS = {
    RegionHelp.Kind.BRIDGING: (_("Schakeltraject"), _("Je leert eerst rustig wat je nodig hebt voor het mbo.")),
    RegionHelp.Kind.TRY_OUT: (_("Een dag meedoen"), _("Zo zie je of het bij je past.")),
    RegionHelp.Kind.COACH: (_("Coach"), _("Iemand die je een tijd helpt.")),
    RegionHelp.Kind.YOUTH_DESK: (_("Jongerenpunt"), _("Hier kun je met elke vraag komen.")),
    RegionHelp.Kind.SUPPORT_POINT: (_("Ouder- en jeugdsteunpunt"), _("Voor vragen over hulp op school.")),
}
GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@require_safe
def region_help(request: HttpRequest) -> HttpResponse:
    """Who helps in a region, for whom, how to get in and until when; what has ended stands apart."""
    regions = service.regions_with_help()
    chosen = next((one for one in regions if one.code == request.GET.get("regio", "")), None)
    region = chosen or (regions[0] if len(regions) == 1 else None)
    running, ended = service.help_in(region) if region else ([], [])
    context = {
        "regions": regions,
        "region": region,
        "running": _by_kind(running),
        "ended": ended,
    }
    return render(request, "intake/region_help.html", context)


@require_safe
def region_help_list(request: HttpRequest) -> HttpResponse:
    """What the region of who is in keeps, with what ended, ends soon or was not looked at for a year."""
    today = timezone.localdate()
    kept = [
        (region, [(one, one.has_ended(today), service.ends_soon(one, today), service.is_unseen(one)) for one in rows])
        for region, rows in service.kept_help(who_is_in(request))
    ]
    return render(request, "intake/region_help_list.html", {"kept": kept, "on_help": True})


@GET_OR_POST
def region_help_new(request: HttpRequest, region_id: UUID) -> HttpResponse:
    """One more place where somebody helps."""
    by = who_is_in(request)
    region = service.get_region_or_404(region_id, by)
    form = RegionHelpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _saved(request, form, region, by):
        return redirect("region_help_list")
    context = {"form": form, "region": region, "back_url": reverse("region_help_list"), "on_help": True}
    return render(request, "intake/region_help_new.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def region_help_edit(request: HttpRequest, help_id: UUID) -> HttpResponse:
    """Changes one, says that it is still right, or takes it away."""
    by = who_is_in(request)
    row = service.get_help_or_404(help_id, by)
    if request.method == "POST" and "remove" in request.POST:
        service.remove_help(help_id=row.pk, by=by)
        messages.success(request, "De hulp is weg.")
        return redirect("region_help_list")
    said = {name: getattr(row, name) for name in RegionHelpForm.base_fields}
    form = RegionHelpForm(request.POST if request.method == "POST" else None, initial=said)
    if request.method == "POST" and _saved(request, form, row.region, by, row.pk):
        return redirect("region_help_list")
    context = {"form": form, "row": row, "back_url": reverse("region_help_list"), "on_help": True}
    context["is_unseen"] = service.is_unseen(row)
    return render(request, "intake/region_help_edit.html", context, status=400 if form.errors else 200)


def _by_kind(rows: list[RegionHelp]) -> list[tuple[str, str, list[tuple[RegionHelp, bool]]]]:
    """(kind, what that is, its rows), in the order of the kinds."""
    found = [(kind, [(one, service.is_unseen(one)) for one in rows if one.kind == kind]) for kind in KINDS]
    return [(str(KINDS[kind][0]), str(KINDS[kind][1]), some) for kind, some in found if some]


def _saved(request: HttpRequest, form: RegionHelpForm, region: Region, by: User, help_id: UUID | None = None) -> bool:
    if not form.is_valid():
        return False
    try:
        service.write_help(region=region, said=form.cleaned_data, by=by, help_id=help_id)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field or None, refusal.sentence)
        return False
    messages.success(request, "Bewaard. Iedereen ziet dit nu.")
    return True
