"""The conversation guide: on the screen per section, and as a booklet to print. Of nobody, so it holds no name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.refusals import NotHere
from intake.views.reading import reader_of
from school import reference


@require_safe
def talk_guides(request: HttpRequest) -> HttpResponse:
    """Which part to talk about, and tips for a student who says little."""
    _for_staff(request)
    context = {"guides": reference.guides(), "tips": reference.says_little()}
    return render(request, "school/talk_guides.html", context)


@require_safe
def talk_guide(request: HttpRequest, section: str) -> HttpResponse:
    _for_staff(request)
    guide = next((one for one in reference.guides() if one.key == section), None)
    if guide is None:
        raise NotHere()
    context = {"guide": guide, "tips": reference.says_little(), "back_url": reverse("talk_guides")}
    return render(request, "school/talk_guide.html", context)


@require_safe
def talk_booklet(request: HttpRequest) -> HttpResponse:
    """Everything in one, for paper, with room to write."""
    _for_staff(request)
    context = {"guides": reference.guides(), "tips": reference.says_little(), "back_url": reverse("talk_guides")}
    return render(request, "school/talk_booklet.html", context)


def _for_staff(request: HttpRequest) -> None:
    """The guide speaks to who leads the talk; a student has their own pages for it."""
    if reader_of(request).is_student:
        raise NotHere()
