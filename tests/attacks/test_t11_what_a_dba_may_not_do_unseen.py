"""T11, what tests/consent/test_abuse_cases.py has not: a byte at many places, and yesterday's text in today's row."""

import pytest
from django.test import Client
from django.urls import reverse

from passport.models import AnswerRevision
from tests.factories import key_of, write


@pytest.fixture
def reader(imke):
    client = Client()
    client.force_login(imke)
    return client


@pytest.fixture
def row(given, sam):
    """The sealed text of «free time» as the reader gets it."""
    return given.items.get(answer__slot=key_of(sam).slot("me.free_time")).revision


def test_any_byte_that_is_flipped_shows_nothing(row, given, reader, caplog):
    whole = bytes(row.sealed)
    for place in (0, 1, 5, 13, len(whole) // 2, len(whole) - 1):
        broken = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        AnswerRevision.objects.filter(pk=row.pk).update(sealed=broken)
        answer = reader.get(reverse("api_dossier", args=[given.pk]))
        assert answer.status_code == 503 and b"muziek" not in answer.content
    AnswerRevision.objects.filter(pk=row.pk).update(sealed=whole)
    assert b"muziek" in reader.get(reverse("api_dossier", args=[given.pk])).content
    assert len([one for one in caplog.records if one.msg == "seal"]) == 6


def test_yesterdays_text_does_not_open_as_todays(row, given, sam, reader):
    """Each revision is sealed for its number: the blob of an older one in this row opens for nobody."""
    before = bytes(row.sealed)
    write(sam, "me.free_time", ["vandaag"])
    newest = AnswerRevision.objects.filter(answer=row.answer).latest("number")
    AnswerRevision.objects.filter(pk=newest.pk).update(sealed=before)
    own = Client()
    own.force_login(sam.user)
    answer = own.get(reverse("api_passport"))
    assert answer.status_code == 503 and b"muziek" not in answer.content
