"""T9: SSRF, files, attachments, CSS, SVG and EPS typed into every text field of the passport.

A listener counts requests: none. The PDF holds no file, no script and no link but ours, and the text stands there as it
was typed. Every payload stands in some field, and every field holds some payload; each in each with `-m slow`.
"""

import http.client
import re
import socketserver
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from weasyprint import HTML
from weasyprint.formatting_structure.boxes import TextBox

from intake import handover as renderer
from intake.services import handovers
from passport.questionnaire import QuestionType, of_version
from tests.attacks.payloads import FETCHES, spelled
from tests.factories import share_with_programme, write


class Listener(socketserver.ThreadingTCPServer):
    """Counts whoever knocks."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        self.hits: list[bytes] = []
        super().__init__(("127.0.0.1", 0), Heard)

    @property
    def at(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Heard(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.server.hits.append(self.rfile.readline())
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        running.start()
        yield server
        server.shutdown()
        running.join()


def knock(at: str) -> None:
    line = http.client.HTTPConnection(at, timeout=5)
    line.request("GET", "/x")
    line.getresponse().read()
    line.close()


def answers(student: Any, texts: list[str], at: str) -> dict[str, Any]:
    """An answer to every question that takes words of one's own, each with the next text in it, as long as it fits."""
    questions = of_version(student.passport.questionnaire_id)
    line, found = iter(texts * 20), {}
    said = lambda most: spelled(next(line), at)[:most]  # noqa: E731
    for question in questions.questions.values():
        if question.written_by != "student":
            continue
        if question.type is QuestionType.SHORT_TEXT:
            found[question.key] = said(80)
        if question.type is QuestionType.LONG_TEXT:
            found[question.key] = said(1000)
        if question.type is QuestionType.CHIPS and question.own:
            found[question.key] = [said(80)]
        if question.type is QuestionType.PEOPLE:
            found[question.key] = [{"name": said(80), "relation": said(80), "contact": ""}]
        if question.type is QuestionType.NEEDS:
            keys = ("what_works", "why")
            needs = [one.key for one in questions.needs[:5]]
            found[question.key] = [
                {"need": need, "how_often": "vaak", **{key: said(80) for key in keys}} for need in needs
            ]
    return found


def told(student: Any, texts: list[str], at: str) -> list[str]:
    """Writes them; gives the units they can be shared as."""
    units = []
    for question, value in answers(student, texts, at).items():
        write(student, question, value)
        if isinstance(value, list) and isinstance(value[0], dict) and "need" in value[0]:
            units += [f"need.{part}.{one['need']}" for one in value for part in ("support", "why")]
        else:
            units.append(question)
    return units


def words_on(html: str) -> str:
    """All text as it was laid out, without the breaks of its lines."""
    pages = HTML(string=html, url_fetcher=renderer._tools()[0]).render().pages
    found = (box.text for page in pages for box in page._page_box.descendants() if isinstance(box, TextBox))
    return re.sub(r"\s+", "", "".join(found))


ORDER = list(FETCHES.values())
TURNS = [0, *(pytest.param(turn, marks=pytest.mark.slow) for turn in range(1, len(ORDER)))]


@pytest.mark.parametrize("turn", TURNS)
def test_no_text_makes_the_paper_fetch_attach_or_run_anything(turn, sam, care, imke, listener, monkeypatch):
    real, pages = renderer.render_html, []
    monkeypatch.setattr(renderer, "render_html", lambda *a: pages.append(real(*a)) or pages[-1])
    units = told(sam, ORDER[turn:] + ORDER[:turn], listener.at)
    share = share_with_programme(sam, care, *units)
    handover, _ = handovers.request_handover(share_id=share.pk, by=imke)
    handovers.render_handover(handover.pk)
    pdf = handovers.open_file(handover_id=handover.pk, by=imke)
    assert listener.hits == []
    with pikepdf.open(BytesIO(pdf)) as paper:
        assert len(paper.attachments) == 0 and "/Names" not in paper.Root and "/AA" not in paper.Root
        assert not [one for one in actions_of(paper) if one not in {"/GoTo"}]
    shown = words_on(pages[0])
    for value in answers(sam, ORDER[turn:] + ORDER[:turn], listener.at).values():
        for text in texts_in(value):
            assert re.sub(r"\s+", "", text) in shown, text


def texts_in(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    if isinstance(value, dict):
        return [value[key] for key in ("name", "relation", "what_works", "why") if value.get(key)]
    return [value]


def actions_of(paper: pikepdf.Pdf) -> list[str]:
    """The kind of every action in the file: a link, a script, a launch."""
    found = []
    for one in paper.objects:
        if isinstance(one, pikepdf.Dictionary) and "/S" in one and str(one.get("/Type", "")) != "/StructElem":
            found.append(str(one["/S"]))
        if isinstance(one, pikepdf.Dictionary) and ("/JS" in one or "/EF" in one):
            found.append("/JS or /EF")
    return [
        kind for kind in found if kind in {"/URI", "/JavaScript", "/Launch", "/GoToR", "/GoToE", "/GoTo", "/JS or /EF"}
    ]


@pytest.mark.parametrize("name", [name for name in FETCHES if name not in {"script", "link-js", "base", "meta", "url"}])
def test_as_markup_it_is_refused_or_does_nothing(name, listener):
    """Even if a text would ever reach the paper as markup: the renderer has one fetcher, and it knows our fonts."""
    page = f'<html lang="nl"><title>x</title><body>{spelled(FETCHES[name], listener.at)}</body></html>'
    try:
        pdf = renderer.render_pdf(page)
    except (renderer.RefusedFetch, ValueError):
        pdf = b""
    assert listener.hits == []
    if pdf:
        with pikepdf.open(BytesIO(pdf)) as paper:
            assert len(paper.attachments) == 0 and b"root:" not in pdf


def test_the_listener_hears(listener):
    knock(listener.at)
    assert len(listener.hits) == 1


def test_every_payload_and_every_field_has_its_turn(sam, listener):
    written = " ".join(text for value in answers(sam, ORDER, listener.at).values() for text in texts_in(value))
    assert not [text for text in ORDER if spelled(text, listener.at)[:80] not in written]
