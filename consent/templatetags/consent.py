"""What a lower room may show of sharing: who sees an answer now (house.md: through a template tag)."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext, ngettext

from accounts import vault
from consent import notices
from consent.models import NamedReader, RecipientKind, Share, ShareItem
from consent.texts import shareable_units
from passport.questionnaire import Unit
from passport.services import questions_of

register = template.Library()

MOST_NAMED = 2
CACHE = "_who_sees"
# Those who are near come first.
ORDER = [str(kind) for kind in RecipientKind]


class Eyes:
    """The recipients of one student's live shares, by unit, by question and by section."""

    def __init__(self, slots: Mapping[bytes, list[Share]], units: Mapping[str, Unit], key: vault.Key | None) -> None:
        self.shares: dict[str, dict[str, list[Share]]] = {}
        for unit in units.values():
            seen = slots.get(key.slot(unit.key), []) if key else []
            for name in {unit.key, unit.question.key, unit.question.section}:
                self.shares.setdefault(name, {})[unit.key] = seen

    @classmethod
    def of(cls, request: HttpRequest) -> "Eyes":
        """One query for everything a student shares now; the key is opened only when there is something."""
        items = list(_live_items(request.user.pk)) if request.user.is_authenticated else []
        if not items:
            return cls({}, {}, None)
        student = items[0].share.student
        slots: dict[bytes, list[Share]] = {}
        for item in items:
            item.share.has_named = item.has_named
            slots.setdefault(bytes(item.slot), []).append(item.share)
        return cls(slots, shareable_units(questions_of(student.passport)), vault.open_key(student.pk))

    def on(self, keys: tuple[str, ...]) -> tuple[list[Share], bool]:
        """The shares that show something of these, nearest first, and whether they show all of it."""
        units = {unit: shares for key in keys for unit, shares in self.shares.get(key, {}).items()}
        found = {share.pk: share for shares in units.values() for share in shares}
        whole = all({share.pk for share in shares} == set(found) for shares in units.values())
        return sorted(found.values(), key=lambda share: ORDER.index(share.recipient_kind)), whole


@register.simple_tag(takes_context=True)
def who_sees(context: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Who sees these now, for the logged-in student: {"text", "shared"}. Keys of questions, units or sections.

    Says rather too much than too little: an answer that is not filled in yet counts as seen when it is shared.
    """
    request = context["request"]
    if not hasattr(request, CACHE):
        setattr(request, CACHE, Eyes.of(request))
    shares, whole = getattr(request, CACHE).on(keys)
    if not shares:
        return {"text": gettext("Alleen jij ziet dit nu."), "shared": False}
    return {"text": _sentence(shares, whole), "shared": True}


@register.simple_tag
def notice_of(share: Share | str) -> notices.Notice | None:
    """The notice, of a share or of a purpose today, in the language of the page. None when nobody made one."""
    try:
        of_share = notices.setting_of(share) if isinstance(share, Share) else notices.setting_on(share, localdate())
        return notices.notice_of(of_share)
    except notices.WrongPurposes:
        return None


def short_name(share: Share) -> str:
    """A recipient in a few words, in the middle of a sentence; opens no name and asks no query."""
    if share.recipient_kind == RecipientKind.PROGRAMME and share.programme:
        return share.programme.label
    return str(
        {
            RecipientKind.SCHOOL_TEAM: gettext("je mentor en decaan"),
            RecipientKind.COLLEGE_TEAM: gettext("je mentoren op het mbo"),
            RecipientKind.GUARDIAN: gettext("iemand thuis"),
            RecipientKind.COACH: gettext("je coach"),
            RecipientKind.BUDDY: gettext("je buddy"),
            RecipientKind.LINK: gettext("iemand met een link"),
        }[RecipientKind(share.recipient_kind)]
    )


def _readers(share: Share) -> list[str]:
    """With a warm transfer the school team reads along, with the school team who was added by name (contract)."""
    named = [gettext("je zorgcoördinator")] if getattr(share, "has_named", False) else []
    return [short_name(share), *named, *([gettext("je mentor en decaan")] if share.warm_transfer else [])]


def _sentence(shares: list[Share], whole: bool) -> str:
    names = list(dict.fromkeys(name for share in shares for name in _readers(share)))
    several = len(names) > 1 or shares[0].recipient_kind in {RecipientKind.SCHOOL_TEAM, RecipientKind.COLLEGE_TEAM}
    many = 2 if several else 1
    who = names[0]
    if len(names) == MOST_NAMED:
        who = gettext("%(one)s en ook %(other)s") % {"one": names[0], "other": names[1]}
    elif len(names) > MOST_NAMED:
        who = gettext("%(one)s, %(other)s en anderen") % {"one": names[0], "other": names[1]}
    who = who[:1].upper() + who[1:]
    if whole:
        return ngettext("%(who)s ziet dit.", "%(who)s zien dit.", many) % {"who": who}
    return ngettext("%(who)s ziet een deel.", "%(who)s zien een deel.", many) % {"who": who}


def _live_items(user_id: Any) -> Any:
    return (
        ShareItem.objects.filter(share__student__user=user_id, share__student__frozen_at=None)
        .filter(share__in=Share.objects.live(), state=ShareItem.State.GIVEN)
        .select_related("share__programme", "share__student__passport")
        .annotate(has_named=Exists(NamedReader.objects.filter(share=OuterRef("share"))))
        .order_by("share__created_at")
    )
