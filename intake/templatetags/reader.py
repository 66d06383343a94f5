"""What the pages of readers share."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, cast

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from intake.models import Layer, MarkKind
from intake.reading import ReadField
from intake.services.cases import lists_of
from intake.services.tips import Beside
from passport.templatetags.translated import dutch, marked
from passport.translations import is_dutch, on_page

register = template.Library()

END_OF_HEADING, END_OF_ROW = format_html("</dt>{}", ""), format_html("</div>{}", "")
OWN_WORDS = {
    "long_text": '<blockquote class="own"{}>{}</blockquote>',
    "why": '<blockquote class="own"{}>{}</blockquote>',
    "needs": "<span{}>«{}»</span>",
}
MARK = (
    '<dd class="act no-print" data-reader="staff"><button class="link" form="marks" name="mark" value="{} {} {}">'
    '{}<span class="vh">: {}</span></button></dd>'
)
MARKS = ((MarkKind.HELPED, "hielp mij"), (MarkKind.MISSED, "miste ik"))
OFFER = '<dd class="none" data-reader="student">{} <span lang="nl" dir="auto">{}</span></dd>'
TIP = (
    '<details><summary>{}</summary><div class="in stack-s" lang="nl"><p class="muted">{}</p><ul>{}</ul></div></details>'
)
OFFER_FROM = {
    Layer.BASIC: _("Opleiding, voor iedereen:"),
    Layer.EXTRA: _("Opleiding, extra hulp:"),
    Layer.EXTERNAL: _("Van buiten de school:"),
}


@register.inclusion_tag("intake/_reader_nav.html", takes_context=True)
def reader_nav(context: Any) -> dict[str, Any]:
    """The lists a reader may have; the inbox only for who does an intake today, «Thuis» only for a guardian."""
    request = context["request"]
    path, lists = request.path, cast(Any, lists_of(request.user))  # what the statement adds stands on the row
    return {
        "is_home": lists.is_guardian or lists.is_tied_at_home,
        "on_home": path.startswith("/thuis/"),
        "is_intaker": lists.is_intaker,
        "on_inbox": path.startswith("/intake/"),
        "on_list": path.startswith("/gedeeld/"),
        "is_at_school": lists.is_at_school,
        "is_counsellor": lists.is_counsellor,
        "is_college_mentor": lists.is_college_mentor,
        "is_coach": lists.is_coach or lists.is_tied_coach,
        "on_coach": path.startswith("/coach/"),
        "on_college": path.startswith("/mbo/"),
        "on_counsellor": path.startswith("/decaan/"),
        "on_class": path.startswith(("/klas/", "/les/")),
    }


@register.filter
def at(places: Mapping[str, int], key: str) -> int | None:
    """The place of a key; none when it is not there."""
    return places.get(key)


@register.simple_tag(takes_context=True)
def read_field(context: Any, field: ReadField) -> str:
    """One text of a dossier: its heading, the text, and what stands beside it.

    Drawn here: a dossier holds dozens of these, and as a template they took half the time of the whole page.
    """
    language, text = get_language(), field.text
    row = _heading(field.label, language)
    if field.how_often:
        row += format_html(" · {}", on_page(field.how_often))
    if field.is_outdated:
        row += format_html(" {}", _part(context, "intake/_outdated.html", field))
    row += END_OF_HEADING
    if text:
        row += format_html('<dd translate="no">{}</dd>', _said(field, text))
    for offer in field.offers:
        row += format_html(OFFER, offer_from(offer.layer), offer.text)
    if field.unit == "home.worries" or context.get("suggest_places"):
        row += _part(context, "intake/_dossier_beside.html", field)
    if field.unit in context.get("marks", ()):
        row += _marks(field.version, field.question, field.label, language)
    return row + END_OF_ROW


@lru_cache(maxsize=4096, typed=True)
def _heading(label: str, language: str | None) -> str:
    """How a text begins: only a label of ours goes in here, for it keeps what it made."""
    return format_html("<div><dt>{}", on_page(label))


@lru_cache(maxsize=4096, typed=True)
def _marks(version: str, question: str, label: str, language: str | None) -> str:
    """What a reader may say of the question itself; one form at the end of the page sends it. Keeps what it made."""
    rows = ((kind, version, question, word, on_page(label)) for kind, word in MARKS)
    return format_html_join("", MARK, rows)


@register.simple_tag
def tip(one: Beside) -> str:
    """What helps with one need, shut until a tap; a tip is our text or a region's, public and of nobody."""
    return _tip(one.label, one.about, tuple(map(str, one.lines)), get_language())


@lru_cache(maxsize=512, typed=True)
def _tip(label: str, about: str, lines: tuple[str, ...], language: str | None) -> str:
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html(TIP, on_page(label), about, items)


@register.filter
def offer_from(layer: str) -> str:
    """Who gives what is offered for a need, in the words of a reader."""
    return str(OFFER_FROM[Layer(layer)])


@register.simple_tag
def stamp_heading(section: str, title: str, sprite: str, level: int = 2) -> str:
    """The heading of a section with its picture; `sprite` is the address of the file with pictures."""
    return _stamped(section, on_page(title), sprite, level)


@cache
def _stamped(section: str, title: str, sprite: str, level: int) -> str:
    """Only texts of ours go in here: it keeps what it made."""
    heading = (
        '<h{level}><svg aria-hidden="true" focusable="false"><use href="{sprite}#stamp-{section}"></use></svg>'
        "{title}</h{level}>"
    )
    return format_html(heading, level=level, sprite=sprite, section=section, title=title)


def _part(context: Any, name: str, field: ReadField) -> str:
    with context.push(field=field):
        part: str = context.template.engine.get_template(name).render(context)
    return part


def _said(field: ReadField, text: str) -> str:
    if field.kind in OWN_WORDS:
        return format_html(OWN_WORDS[field.kind], dutch(text), text)
    if field.kind != "chips":
        return marked(text)
    if is_dutch():
        return " · ".join(field.lines)
    return format_html_join(" · ", "{}", ((marked(line),) for line in field.lines))
