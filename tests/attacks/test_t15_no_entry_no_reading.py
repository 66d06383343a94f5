"""T15: the database refuses to write the ledger. Then nobody reads a text, and what shows no text still works."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from consent.models import LedgerEntry
from intake.models import Case
from intake.services import handovers
from tests.consent.test_abuse_cases import addresses

TEXTS = (b"muziek", b"Een hoek bij het raam", b"autisme")


@pytest.fixture
def no_ledger():
    """As if the right to INSERT was revoked: the statement itself is refused."""

    def refuse(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith("INSERT") and LedgerEntry._meta.db_table in sql:
            raise OperationalError("permission denied for table consent_ledgerentry")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@pytest.fixture
def handed(given, imke):
    made, _ = handovers.request_handover(share_id=given.pk, by=imke)
    handovers.render_handover(made.pk)
    return made


@pytest.fixture
def reader(imke):
    client = Client(raise_request_exception=False)
    client.force_login(imke)
    return client


OPENS = ["api_dossier", "dossier", "api_case_brief", "case_brief", "case_dossier", "api_handover_file", "handover_file"]


@pytest.mark.services
@pytest.mark.parametrize("name", OPENS)
def test_what_cannot_be_written_down_is_not_read(name, given, handed, reader, no_ledger):
    pk = dict(addresses(given, handed))[name]
    answer = reader.get(reverse(name, args=[pk]))
    assert answer.status_code in (500, 503)
    assert not [text for text in (*TEXTS, b"%PDF", b"Sam V.") if text in answer.content]


@pytest.mark.parametrize(
    "path", ["/", "/intake/", "/gedeeld/", "/privacy/", "/hulp/", "/api/v1/me/", "/api/v1/intake/cases/"]
)
def test_ordinary_navigation_still_works(path, given, reader, no_ledger):
    answer = reader.get(path, follow=True)
    assert answer.status_code == 200 and not [text for text in TEXTS if text in answer.content]


def test_the_student_still_writes_and_still_reads_what_is_their_own(given, sam, no_ledger):
    student = Client(raise_request_exception=False)
    student.force_login(sam.user)
    assert b"autisme" in student.get("/api/v1/passport/").content
    body = {"status": "answered", "value": "Ik schrijf door.", "revision": 0}
    assert student.put("/api/v1/passport/answers/me.proud/", body, "application/json").status_code == 200


def test_nothing_is_given_without_an_entry_either(given, sam, care, no_ledger):
    student = Client(raise_request_exception=False)
    student.force_login(sam.user)
    assert student.post(reverse("api_share_withdraw", args=[given.pk]), {}, "application/json").status_code in (
        500,
        503,
    )
    given.refresh_from_db()
    assert given.state == "active" and Case.objects.filter(share=given).exists()


def test_when_it_works_again_everything_reads(given, reader):
    assert TEXTS[0] in reader.get(reverse("api_dossier", args=[given.pk])).content
