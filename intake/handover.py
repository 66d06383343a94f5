"""share -> (html, pdf): the handover a mentor and an intaker lay on the table between them.

WeasyPrint runs in the worker only. It may fetch nothing: no network, no file; fonts and styles come from the
project through a fetcher that knows a fixed list and refuses the rest.
"""

import atexit
from functools import cache
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from consent.recipients import recipient_of
from consent.texts import Dossier
from intake.brief import make_brief
from intake.reading import identity_lines, sections_of

STYLE = "handover/handover.css"
FONTS = {
    "app-asset:regular.woff2": "fonts/atkinson-hyperlegible-next-400.woff2",
    "app-asset:bold.woff2": "fonts/atkinson-hyperlegible-next-700.woff2",
}
# The stamps are backgrounds, so a screen reader skips them; a background does not know the colour of its text.
STAMP_INK = {
    "me": "#A23B2A",
    "can": "#8A5A00",
    "want": "#2F6B3C",
    "need": "#1F5FA8",
    "home": "#8C3B7A",
    "school": "#3F51A3",
    "transition": "#0F5257",
}


class RefusedFetch(Exception):
    """Something in the document asked for a resource: the render fails, nothing is fetched."""


def render(dossier: Dossier, code: str) -> tuple[str, bytes]:
    """The handover of a dossier: its HTML (for tests) and a PDF/UA-1. `code` is printed with a QR to check it.

    Raises RefusedFetch when the document asked for anything outside the project.
    """
    html = render_html(dossier, code)
    return html, render_pdf(html)


def render_html(dossier: Dossier, code: str) -> str:
    """The HTML of a handover, without any name in its title."""
    check_url = f"{settings.BASE_URL}/controle/{code}/"
    context = {
        "dossier": dossier,
        "recipient": recipient_of(dossier.share),
        "brief": make_brief(dossier),
        "identity": identity_lines(dossier),
        "sections": sections_of(dossier),
        "code": code,
        "check_url": check_url,
        "check_base": f"{settings.BASE_URL}/controle/".partition("//")[2],
        "qr": segno.make(check_url, error="m").svg_data_uri(scale=3, border=2, dark="#1B2330"),
        "rendered_on": timezone.localdate(),
    }
    return render_to_string("handover/handover.html", context)


def render_pdf(html: str) -> bytes:
    """HTML to PDF/UA-1 with one font configuration per process (a new one for each leaks memory)."""
    from weasyprint import HTML

    fetcher, font_config, style = _tools()
    fetcher.denied.clear()
    pdf: bytes = HTML(string=html, base_url=None, url_fetcher=fetcher).write_pdf(
        stylesheets=[style], font_config=font_config, pdf_variant="pdf/ua-1"
    )
    if fetcher.denied:
        raise RefusedFetch()
    return pdf


def load_tools() -> None:
    """Loads WeasyPrint, the style and the fonts of this process; the first render would else pay for it."""
    _tools()


def _asset(url: str) -> tuple[bytes, str] | None:
    """A font or stamp of the project, from a fixed list; None for anything else."""
    static = Path(settings.BASE_DIR) / "static"
    if url in FONTS:
        return (static / FONTS[url]).read_bytes(), "font/woff2"
    name = url.removeprefix("app-asset:").removesuffix(".svg")
    if name in STAMP_INK and url == f"app-asset:{name}.svg":
        stamp = (static / "stamps" / f"{name}.svg").read_text(encoding="utf-8")
        return stamp.replace("currentColor", STAMP_INK[name]).encode(), "image/svg+xml"
    return None


@cache
def _tools() -> tuple[Any, Any, Any]:
    """Loaded in the worker only: WeasyPrint costs a second to import and holds the lock while it renders."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurAssets(URLFetcher):
        """Serves the fonts of the project and inline QR images; remembers and refuses everything else."""

        def __init__(self) -> None:
            super().__init__(allow_redirects=False)
            self.denied: list[str] = []

        def fetch(self, url: str, headers: Any = None) -> Any:
            if asset := _asset(url):
                return URLFetcherResponse(url, asset[0], {"Content-Type": asset[1]})
            if url.startswith("data:image/svg+xml"):
                return super().fetch(url, headers)
            self.denied.append("refused")
            raise ValueError("refused")

    fetcher, font_config = OnlyOurAssets(), FontConfiguration()
    # Let go of the fonts while their library is still there; else the process ends with a warning.
    atexit.register(_tools.cache_clear)
    style = CSS(string=render_to_string(STYLE), url_fetcher=fetcher, font_config=font_config)
    return fetcher, font_config, style
