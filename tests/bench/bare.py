"""Bare WeasyPrint: the same html and css, fonts and stamps as files, its own fetcher, one font configuration."""

import re
from functools import cache
from pathlib import Path
from typing import Any

ASSET = re.compile(r"app-asset:[\w.-]+")
_kept: dict[str, Any] = {}


@cache
def css_with_files(folder: Path) -> str:
    """The style of a handover with every asset laid down as a file: bare WeasyPrint knows no other address."""
    from django.template.loader import render_to_string

    from intake import handover

    css = render_to_string(handover.STYLE)
    folder.mkdir(exist_ok=True)
    for url in set(ASSET.findall(css)):
        asset = handover._asset(url)
        if asset is None:
            raise LookupError(url)
        (folder / url.partition(":")[2]).write_bytes(asset[0])
    return ASSET.sub(lambda found: (folder / found[0].partition(":")[2]).as_uri(), css)


def prepare(css: str) -> None:
    """Once per process."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    _kept["fonts"] = FontConfiguration()
    _kept["style"] = CSS(string=css, font_config=_kept["fonts"])


def render(html: str) -> int:
    """The size of the PDF."""
    from weasyprint import HTML

    pdf: bytes = HTML(string=html).write_pdf(
        stylesheets=[_kept["style"]], font_config=_kept["fonts"], pdf_variant="pdf/ua-1"
    )
    return len(pdf)


def let_go() -> None:
    """Before the process ends: Pango is gone by the time Python would clean up."""
    _kept.clear()
