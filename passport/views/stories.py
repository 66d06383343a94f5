"""Short stories to read, one a page; for students."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from passport import stories as told
from passport.owner import own_passport
from passport.views.asked import show


@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    """Every story by its title."""
    passport, key = own_passport(request)
    context = {"stories": told.all_stories(), "back_url": reverse("passport_overview")}
    return show(request, passport, key, "passport/stories.html", context)


@require_safe
def story(request: HttpRequest, place: int) -> HttpResponse:
    """One story; it says whether it is made up."""
    passport, key = own_passport(request)
    one, last = told.story_or_404(place), len(told.all_stories())
    context = {
        "story": one,
        "next_url": reverse("story", args=[place + 1]) if place < last else "",
        "back_url": reverse("stories"),
    }
    return show(request, passport, key, "passport/story.html", context)
