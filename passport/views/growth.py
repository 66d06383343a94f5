"""«Zo groei ik»: skills then and now, for the student, and the same as a picture to keep."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.refusals import NotHere
from passport.growth import Grown, Way, growth_of
from passport.owner import own_passport
from passport.views.asked import show

WORDS = {Way.EASIER: _("Gaat nu beter"), Way.SAME: _("Is hetzelfde"), Way.HARDER: _("Nu lastiger. Dat mag.")}
# Of the drawing: where the stones lie, and how high its lines are.
STONES_FROM, STONES_APART, HEAD, LINE, BETWEEN = 400, 100, 100, 44, 70


@require_safe
def growth(request: HttpRequest) -> HttpResponse:
    """Per skill then and now, in a small drawing and in words."""
    passport, key = own_passport(request)
    found = [(one, [(skill, WORDS[skill.way]) for skill in one.skills]) for one in growth_of(passport, key)]
    context = {"grown": found, "back_url": reverse("passport_section", args=["can"])}
    return show(request, passport, key, "passport/growth.html", context)


@require_safe
def growth_picture(request: HttpRequest) -> HttpResponse:
    """The whole as one drawing, a file to keep; its name tells nothing of whom. Raises NotHere without a growth yet."""
    passport, key = own_passport(request)
    found = growth_of(passport, key)
    if not found:
        raise NotHere()
    blocks, height = _placed(found)
    context = {"blocks": blocks, "height": height, "stones_from": STONES_FROM}
    answer = render(request, "passport/growth.svg", context, content_type="image/svg+xml")
    answer["Content-Disposition"] = 'attachment; filename="zo-groei-ik.svg"'
    return answer


def _placed(found: list[Grown]) -> tuple[list[dict[str, object]], int]:
    """Where everything stands on the paper: per question its top, the stones, and each skill with two places."""
    blocks, top = [], HEAD
    for one in found:
        stones = [(STONES_FROM + STONES_APART * place, label) for place, label in enumerate(one.stones)]
        rows = [
            {
                "skill": skill,
                "word": WORDS[skill.way],
                "y": top + BETWEEN + LINE * place,
                "before": stones[skill.before_at][0],
                "now": stones[skill.now_at][0],
            }
            for place, skill in enumerate(one.skills)
        ]
        blocks.append({"grown": one, "y": top, "stones": stones, "rows": rows})
        top += BETWEEN + LINE * len(rows) + LINE
    return blocks, top + LINE
