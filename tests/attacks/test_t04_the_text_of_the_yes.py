"""T4: shared as it was, then edited with a canary in it: on no address, in no file, for no reader (rule 2)."""

from io import BytesIO

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from intake.services import handovers
from tests import factories
from tests.consent.test_abuse_cases import addresses

CANARY = "kanarie-van-morgen"
UNITS = ("me.free_time", "me.words", "need.support.quiet", "need.why.quiet", "home.people", "want.dream")


def says(word):
    """Answers to six questions of as many kinds, with a word in each text."""
    return {
        "me.free_time": [f"{word} a"],
        "me.words": [f"{word} b"],
        "want.dream": f"{word} c",
        "home.people": [{"name": f"{word} d", "relation": "tante", "contact": ""}],
        "need.support": [{"need": "quiet", "how_often": "vaak", "what_works": f"{word} e", "why": f"{word} f"}],
    }


@pytest.fixture
def edited(sam, care):
    """Given with the word «eerst»; afterwards every one of these answers holds the canary."""
    for question, value in says("eerst").items():
        factories.write(sam, question, value)
    share = factories.share_with_programme(sam, care, *UNITS)
    for question, value in says(CANARY).items():
        factories.write(sam, question, value)
    return share


def test_no_reader_sees_what_was_written_after_the_yes(edited, imke, otto, mentor):
    handover, _ = handovers.request_handover(share_id=edited.pk, by=imke)
    handovers.render_handover(handover.pk)
    seen = 0
    for who in (imke, otto, mentor):
        client = Client()
        client.force_login(who)
        for name, pk in addresses(edited, handover):
            answer = client.get(reverse(name, args=[pk]))
            assert CANARY.encode() not in answer.content, (who, name)
            seen += b"eerst" in answer.content
        for path in ("/intake/", "/gedeeld/", "/api/v1/intake/cases/", "/api/v1/dossiers/"):
            assert CANARY.encode() not in client.get(path).content
        answer = client.get(reverse("case_text", args=[edited.case.pk]))
        assert CANARY.encode() not in answer.content
    assert seen >= 4


def test_the_paper_holds_the_text_of_the_yes(edited, imke, monkeypatch):
    from intake import handover as renderer

    real, made = renderer.render_html, []
    monkeypatch.setattr(renderer, "render_html", lambda *a: made.append(real(*a)) or made[-1])
    handover, _ = handovers.request_handover(share_id=edited.pk, by=imke)
    handovers.render_handover(handover.pk)
    (html,) = made
    assert CANARY not in html and html.count("eerst") >= 5
    with pikepdf.open(BytesIO(handovers.open_file(handover_id=handover.pk, by=imke))) as paper:
        assert CANARY.encode() not in b"".join(bytes(str(one), "utf-8") for one in (paper.docinfo, paper.Root))


def test_only_a_release_brings_the_new_text(edited, sam, imke):
    client = Client()
    client.force_login(sam.user)
    path = reverse("api_share_release", args=[edited.pk])
    assert client.post(path, {"units": ["want.dream"]}, "application/json").status_code == 200
    reader = Client()
    reader.force_login(imke)
    shown = reader.get(reverse("api_dossier", args=[edited.pk])).content.decode()
    assert f"{CANARY} c" in shown and f"{CANARY} a" not in shown
