"""`{{ text|translated }}`: a text of ours in the language of the page; `|translated_plain` in an attribute."""

from django import template
from django.conf import settings
from django.utils.html import format_html

from passport import translations

register = template.Library()
register.filter("translated", translations.on_page)
register.filter("translated_plain", translations.translated)


@register.filter
def phrase(text: str) -> str:
    """What the page itself said with {% translate %}, where else somebody's own words stand."""
    return translations.Phrase(text)


@register.filter
def marked(line: str) -> str:
    """A line of an answer: an option in the language of the page as it is, own words as Dutch."""
    if translations.is_dutch() or isinstance(line, translations.Phrase):
        return line
    return format_html('<span lang="{}" dir="auto">{}</span>', settings.LANGUAGE_CODE, line)


@register.simple_tag
def dutch(text: str = "") -> str:
    """The attributes of what somebody wrote, on a page in another language: we never ask in which language they write,
    and at school that is Dutch (WCAG 3.1.2). Nothing on a Dutch page, nor for an option that was translated.
    """
    if translations.is_dutch() or isinstance(text, translations.Phrase):
        return ""
    return format_html(' lang="{}" dir="auto"', settings.LANGUAGE_CODE)
