"""A row of the inbox, drawn here: fifty of them as a template took more than half the time of the page."""

from datetime import datetime

from django import template
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.html import format_html, format_html_join

from intake.models import Case
from intake.services.cases import CaseRow

register = template.Library()

NONE = "–"
CELL = '<td role="cell" data-label="{}">{}</td>'
ROW = '<tr role="row"><th role="rowheader" scope="row">{}</th>{}</tr>\n'
PICK = (
    '<div class="choice"><input type="checkbox" name="case" value="{case}" id="case-{number}">'
    '<label for="case-{number}"><span class="vh">Kies intake {number}</span></label></div>'
)
ANYBODY = format_html("Een {}", "student")  # of whom this reader may not know the name


@register.simple_tag
def inbox_row(row: CaseRow, number: int) -> str:
    """One case as a row of the table; of one that ended only the programme and the day it came are told."""
    case, goes_on = row.case, row.is_open or row.is_live
    cells = (
        ("Opleiding", case.programme.label),
        ("Stap", _step(row) if goes_on else NONE),
        ("Gekregen", dateformat.format(timezone.localtime(case.received_at), "j F")),
        ("Gesprek", _moment(case.intake_at) if goes_on and case.intake_at else NONE),
        ("Van wie", case.assigned_to.staff_name if goes_on and case.assigned_to else NONE),
        ("Geef", format_html(PICK, case=case.pk, number=number) if goes_on else NONE),
    )
    return format_html(ROW, _who(row), format_html_join("", CELL, cells))


def _who(row: CaseRow) -> str:
    if row.is_open:
        return format_html('<a href="{}">{}</a>', reverse("case_brief", args=[row.case.pk]), row.display_name)
    return ANYBODY if row.is_live else format_html('<span class="muted">{}</span>', row.status_label)


def _step(row: CaseRow) -> str:
    kind = " tag-act" if row.status == Case.Status.NEW else ""
    return format_html('<span class="tag{}">{}</span>', kind, row.status_label)


def _moment(at: datetime) -> str:
    return dateformat.format(timezone.localtime(at), "j F, H:i")
