"""The abuse cases of the security study (§2), from outside: one test per case that touches this door, by its number.

Not here, because the door is not in it: 16, the half about a browser's own memory (tests/journeys/test_main_road.py);
17, the lost log-in card, and 22, two identity providers with one address (log-in, later issues); 18 and 19, the halves
about log-in mail and cards (accounts; the halves about a link's code are here); 21, the half about a CSV file (no
export writes one yet). Other tests prove much of this from inside; here only requests and services are used.
"""

import json
import logging
import re
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
import time_machine
from django.conf import settings as site
from django.core import mail as outbox
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import erasure
from accounts.identity import identity_of
from accounts.models import Membership, Role, Tie
from accounts.refusals import NotHere, Refusal
from accounts.services import record_authority
from config.logs import JsonFormatter
from consent import access, ledger, links, services
from consent.asked import asked_of
from consent.drafts import make_draft
from consent.ledger import Action, Event
from consent.models import LedgerEntry, Share, ShareGroupObjectPermission, ShareLink
from intake import handover as renderer
from intake.models import Case, Handover
from intake.services import handovers, leaving, mail, sharing
from passport.models import AnswerRevision
from tests import factories
from tests.factories import change_identity, key_of, share_by_link, share_with_programme, write

V1 = "/api/v1"
TODAY = timezone.localdate
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
SECRET = "Ik heb autisme."


@pytest.fixture
def client_of():
    """A function: one browser per person, that stays logged in as long as the test."""
    known: dict[Any, Client] = {}

    def browser(who):
        user = getattr(who, "user", who)
        if user.pk not in known:
            known[user.pk] = Client()
            known[user.pk].force_login(user)
        return known[user.pk]

    return browser


@pytest.fixture
def young(class_a):
    """15, with one answer."""
    student = factories.make_pupil(age=15, school_class=class_a)
    write(student, "me.free_time", ["muziek"])
    return student


def addresses(share, handover=None):
    """Every address that is about one share: its id, its case and its file, as names with their arguments."""
    case = Case.objects.filter(share=share).first()
    found = [(name, share.pk) for name in ("api_share", "api_share_preview", "api_share_receipt", "api_share_replies")]
    found += [(name, share.pk) for name in ("api_dossier", "dossier", "share", "share_receipt", "approval")]
    if case:
        found += [(name, case.pk) for name in ("api_case", "api_case_brief", "case_brief", "case_dossier")]
    if handover:
        names = ("api_handover", "api_handover_file", "handover", "handover_file")
        found += [(name, handover.pk) for name in names]
    return found


def ask(client, name, pk):
    answer = client.get(reverse(name, args=[pk]))
    return answer.status_code, TOKEN.sub(b"", answer.content).replace(str(pk).encode(), b"")


def seen_by(client):
    """All that stands in somebody's lists."""
    lists = (f"{V1}/dossiers/", f"{V1}/intake/cases/", "/gedeeld/", "/intake/", "/thuis/")
    return b"".join(client.get(url).content for url in lists)


def reads(client, share):
    """The units somebody reads, or None; the page and the API agree."""
    answer = client.get(f"{V1}/dossiers/{share.pk}/")
    assert client.get(f"/gedeeld/{share.pk}/").status_code == answer.status_code
    if answer.status_code == 404:
        return None
    return {one["unit"]: one["value"] for one in answer.json()["fields"]}


def ready_file(share, by):
    handover, _ = handovers.request_handover(share_id=share.pk, by=by)
    handovers.render_handover(handover.pk)
    return Handover.objects.get(pk=handover.pk, status="ready")


@pytest.fixture
def quick(monkeypatch):
    """The page of a handover stands for its PDF, where the PDF itself does not matter."""
    monkeypatch.setattr(renderer, "render_pdf", lambda html: html.encode())


# --- Who is somebody else ----------------------------------------------------------------------------------


def test_case_01_student_b_opens_what_is_of_a_by_its_id(given, imke, noor, otto, client_of, quick):
    """404, and the same body as for an id that never existed."""
    ready = ready_file(given, imke)
    for who in (noor, otto):
        for name, pk in addresses(given, ready):
            there, never = ask(client_of(who), name, pk), ask(client_of(who), name, uuid4())
            assert there[0] == 404 and there == never, name
    assert not ledger.looks_at(given.student_id).exists()


def test_case_02_a_mentor_opens_a_student_of_another_class_or_school(sam, class_a, care, client_of):
    """404, and in no list, count or search."""
    other_class = factories.make_class("B")
    type(other_class).objects.filter(pk=other_class.pk).update(institution=class_a.institution)
    shares = [
        factories.share(sam, "school_team", class_a.institution_id, "me.free_time"),
        share_with_programme(sam, care, "me.free_time", warm_transfer=True),
    ]
    for place in (other_class, factories.make_class("C")):
        stranger = client_of(factories.make_staff(Role.MENTOR, school_class=place))
        assert [reads(stranger, share) for share in shares] == [None, None]
        assert b"Sam" not in seen_by(stranger) and stranger.get(f"{V1}/dossiers/").json()["count"] == 0
        assert stranger.post("/intake/", {"q": "sam"}).status_code == 404


def test_case_03_a_mentor_left_yesterday_and_is_still_logged_in(sam, class_a, mentor, client_of):
    """The next request of the same session is refused."""
    share = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    session = client_of(mentor)
    assert reads(session, share) and b"Sam V." in seen_by(session)
    Membership.objects.filter(user=mentor).update(ends_on=TODAY() - timedelta(days=1))
    assert reads(session, share) is None and b"Sam V." not in seen_by(session)
    assert session.post(reverse("dossier_reply", args=[share.pk]), {"reply": "Gelezen"}).status_code == 404


def test_case_03_an_intaker_left_yesterday_and_is_still_logged_in(given, imke, client_of, quick):
    """Also what they asked for themselves is not there any more."""
    session, ready = client_of(imke), ready_file(given, imke)
    assert {ask(session, name, pk)[0] for name, pk in addresses(given, ready)[-4:]} == {200}
    Membership.objects.filter(user=imke).update(ends_on=TODAY() - timedelta(days=1))
    assert {ask(session, name, pk)[0] for name, pk in addresses(given, ready)} == {404}


def test_case_04_an_intaker_reads_what_another_college_or_another_course_was_given(given, care, otto, client_of):
    """Nothing, as if it was never filled in."""
    course = type(care).objects.create(institution=care.institution, code="tech9", name="Techniek", level=2)
    for by in (otto, factories.make_staff(Role.INTAKER, programme=course)):
        client = client_of(by)
        never = client_of(factories.make_staff(Role.INTAKER, programme=factories.make_programme()))
        assert reads(client, given) is None
        assert client.get(f"{V1}/intake/cases/").content == never.get(f"{V1}/intake/cases/").content
        assert ask(client, "case_brief", given.case.pk)[0] == 404


def test_case_05_an_intaker_infers_a_hidden_field(sam, care, imke, client_of):
    """Length, order, number, headers: as for somebody who never filled it in (all of it: intake/test_silence.py)."""
    twin = factories.make_pupil()
    write(twin, "me.free_time", ["muziek", "koken"])
    hidden = share_with_programme(sam, care, "me.free_time", "need.diagnosis")
    write(sam, "need.diagnosis", status="private")
    pages = [
        client_of(imke).get(f"{V1}/dossiers/{share.pk}/")
        for share in (hidden, share_with_programme(twin, care, "me.free_time"))
    ]
    assert pages[0].json()["fields"] == pages[1].json()["fields"]
    assert len(pages[0].content) == len(pages[1].content)
    for page in pages:
        assert len(page["X-Request-ID"]) == 32
        del page["X-Request-ID"]
    assert {name: pages[0][name] for name in pages[0].headers} == {name: pages[1][name] for name in pages[1].headers}
    assert "ETag" not in pages[0].headers


# --- Taking back -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["queued", "rendering", "ready"])
def test_case_06_the_student_withdraws_while_the_pdf_is_made(moment, given, sam, imke, client_of, quick, monkeypatch):
    """The job ends void, the file is destroyed, the reader gets nothing."""
    handover, _ = handovers.request_handover(share_id=given.pk, by=imke)
    stop = lambda: sharing.withdraw(share=given, by=sam.user)  # noqa: E731
    if moment == "queued":
        stop()
    if moment == "rendering":
        monkeypatch.setattr(renderer, "render_pdf", lambda html: (stop(), html.encode())[1])
    handovers.render_handover(handover.pk)
    name = Handover.objects.get(pk=handover.pk).file
    if moment == "ready":
        assert client_of(imke).get(f"{V1}/handovers/{handover.pk}/file/").status_code == 200
        stop()
    handovers.destroy_files()
    row = Handover.objects.get(pk=handover.pk)
    assert (row.status, row.file) == ("void", "") and not (name and default_storage.exists(name))
    assert client_of(imke).get(f"{V1}/handovers/{handover.pk}/file/").status_code == 410
    assert reads(client_of(imke), given) is None


def test_case_07_the_student_edits_a_shared_field_and_adds_something_private(given, sam, imke, client_of):
    """The reader keeps the text of the release; never the new one."""
    before = reads(client_of(imke), given)
    write(sam, "me.free_time", ["muziek", SECRET])
    write(sam, "need.support", [{"need": "quiet", "how_often": "altijd", "what_works": SECRET, "why": SECRET}])
    assert reads(client_of(imke), given) == before
    for name in ("case_brief", "case_dossier", "api_case_brief"):
        assert SECRET.encode() not in ask(client_of(imke), name, given.case.pk)[1]


def test_case_08_an_old_job_or_an_old_yes_comes_after_the_withdrawal(given, sam, young, care, imke, client_of, quick):
    """What was asked for before the end has no effect after it."""
    handover, _ = handovers.request_handover(share_id=given.pk, by=imke)
    api, wish = client_of(sam), {"purpose": "intake", "units": ["me.free_time"], "valid_until": str(given.valid_until)}
    wish |= {"recipient": {"kind": "programme", "id": str(care.pk)}}
    seen = api.post(f"{V1}/shares/preview/", wish, content_type="application/json")["ETag"].strip('"')
    sharing.withdraw(share=given, by=sam.user)
    write(sam, "me.free_time", [SECRET])
    handovers.render_handover(handover.pk)
    late = api.post(f"{V1}/shares/", {**wish, "seen": seen}, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (409, "changed")
    assert Handover.objects.get().status == "void" and reads(client_of(imke), given) is None

    waiting, parent = share_with_programme(young, care, "me.free_time"), factories.make_parent(young).user
    _, seen = services.preview_for_yes(share_id=waiting.pk, by=parent)
    sharing.withdraw(share=waiting, by=young.user)
    with pytest.raises(Refusal, match="ended"):
        sharing.approve(share_id=waiting.pk, by=parent, seen=seen)
    assert reads(client_of(imke), waiting) is None


def test_case_09_two_tabs_give_and_withdraw_at_once(given, sam, care, imke, client_of):
    """One after the other on the same rows; the last one wins, and the ledger has both."""
    old_tab = Share.objects.get(pk=given.pk)
    with pytest.raises(Refusal, match="already_shared"), transaction.atomic():
        share_with_programme(sam, care, "can.strengths")
    sharing.withdraw(share=given, by=sam.user)
    for act in (
        lambda: sharing.release(share=old_tab, key=key_of(sam), units=["me.free_time"], by=sam.user),
        lambda: sharing.change(share=old_tab, key=key_of(sam), units=["can.strengths"], by=sam.user),
    ):
        with pytest.raises(Refusal, match="ended"):
            act()
    assert reads(client_of(imke), given) is None
    again = share_with_programme(sam, care, "can.strengths")
    sharing.withdraw(share=again, by=sam.user)
    sharing.withdraw(share=again, by=sam.user)
    events = list(LedgerEntry.objects.exclude(event=Event.LOOK).order_by("seq").values_list("event", flat=True))
    assert events == [Event.GIVEN, Event.WITHDRAWN, Event.GIVEN, Event.WITHDRAWN]
    assert reads(client_of(imke), again) is None and ledger.verify() is None


# --- Guardians and ages ------------------------------------------------------------------------------------


def test_case_10_a_student_under_16_shares_alone(young, care, imke, mentor, client_of):
    """It waits; nothing flows: no reader, no list, no case, no file, no door."""
    share = share_with_programme(young, care, "me.free_time", warm_transfer=True)
    assert share.state == "awaiting_guardian"
    for reader in (imke, mentor):
        assert reads(client_of(reader), share) is None and b"Sam" not in seen_by(client_of(reader))
        with pytest.raises(NotHere):
            handovers.request_handover(share_id=share.pk, by=reader)
    assert not Case.objects.exists() and not ShareGroupObjectPermission.objects.exists()


def test_case_11_parent_a_says_yes_and_parent_b_says_no(young, care, imke, mentor, client_of):
    """It is blocked, and no page of staff tells who said what."""
    one, other = factories.make_parent(young).user, factories.make_parent(young).user
    share = share_with_programme(young, care, "me.free_time", warm_transfer=True)
    sharing.approve(share_id=share.pk, by=one)
    assert reads(client_of(imke), share)
    sharing.decline(share_id=share.pk, by=other, note="Ik wil dit niet.")
    for reader in (imke, mentor):
        shown = seen_by(client_of(reader)) + ask(client_of(reader), "dossier", share.pk)[1]
        assert reads(client_of(reader), share) is None
        assert [word for word in (b"Noor", b"moeder", b"Ik wil dit niet") if word in shown] == []
    with pytest.raises(Refusal):
        sharing.approve(share_id=share.pk, by=one)


def test_case_12_a_parent_without_authority_or_an_ex_partner_guesses_the_address(young, care, mentor, client_of):
    """No way in; and staff make none without the recorded check of the school."""
    share = share_with_programme(young, care, "me.free_time")
    without = factories.make_parent(young, authority=False).user
    former = factories.make_parent(young).user
    Tie.objects.filter(person=former).update(ends_on=TODAY() - timedelta(days=1))
    for person in (without, former, factories.make_user()):
        client = client_of(person)
        assert [ask(client, name, pk)[0] for name, pk in addresses(share)] == [404] * len(addresses(share))
        for act in ("approve", "decline", "withdraw"):
            assert client.post(f"{V1}/shares/{share.pk}/{act}/").status_code == 404
    elsewhere = factories.make_staff(Role.CARE, institution=factories.make_class().institution)
    for staff in (mentor, elsewhere):
        with pytest.raises(Refusal):
            record_authority(student=young, person=without, by=staff)
    own = factories.make_staff(Role.CARE, institution=mentor.memberships.get().school_class.institution)
    Tie.objects.filter(person=without).update(confirmed_at=None)
    with pytest.raises(Refusal):
        record_authority(student=young, person=without, by=own)
    assert not Tie.objects.get(person=without).authority_checked_at


def turns(student, years, day):
    key = key_of(student)
    known = {name: getattr(identity_of(student, key), name) for name in identity_of(student, key).__slots__}
    born = date(day.year - years, day.month, day.day).isoformat()
    change_identity(student=student, key=key, identity=type(identity_of(student, key))(**{**known, "birth_date": born}))


def test_case_13_the_student_turns_16_tonight(young, care, imke, client_of):
    """The guardian's say ends at 00:00 in Amsterdam; what runs is laid before the student; what waits is over."""
    parent, own = factories.make_parent(young).user, client_of(young)
    running = share_with_programme(young, care, "me.free_time")
    sharing.approve(share_id=running.pk, by=parent)
    waiting = share_with_programme(young, factories.make_programme(), "me.free_time")
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    turns(young, 16, midnight.date())
    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        assert {one.share.pk for one in asked_of(parent)} == {running.pk, waiting.pk}
    with time_machine.travel(midnight, tick=False):
        browser = Client()
        browser.force_login(parent)
        assert asked_of(parent) == []
        for act in ("approve", "decline", "withdraw"):
            assert browser.post(f"{V1}/shares/{waiting.pk}/{act}/").status_code == 404
            assert browser.post(f"{V1}/shares/{running.pk}/{act}/").status_code == 404
        own.force_login(young.user)
        page = own.get("/vandaag/").content.decode()
        assert own.get(f"{V1}/shares/{waiting.pk}/").json()["status"] == "expired"
        assert reverse("share_keep", args=[running.pk]) in page
        assert access.read(share_id=running.pk, by=imke, action=Action.READ).said


def test_case_13_the_student_turns_18_tonight(sam, care):
    """At 16 and 17 the student decides alone; from 18 a recorded representative has a say over what is given then."""
    person = factories.make_user()
    tie = factories.make_tie(sam, person, Tie.Kind.REPRESENTATIVE)
    Tie.objects.filter(pk=tie.pk).update(authority_checked_at=timezone.now())
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    turns(sam, 18, midnight.date())
    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        assert share_with_programme(sam, care, "me.free_time").state == "active" and asked_of(person) == []
    with time_machine.travel(midnight, tick=False):
        assert share_with_programme(sam, factories.make_programme(), "me.free_time").state == "awaiting_guardian"
        assert any(one.waits for one in asked_of(person))


# --- Staff, outsiders and the wrong fields -----------------------------------------------------------------


def test_case_14_a_mentor_gives_on_behalf_of_the_student(given, sam, care, mentor, imke, client_of):
    """No address does it: a staff session never makes a yes."""
    wish = {"recipient": {"kind": "programme", "id": str(care.pk)}, "purpose": "intake", "units": ["can.strengths"]}
    wish |= {"valid_until": str(TODAY() + timedelta(days=9))}
    draft = make_draft(student=sam, key=key_of(sam), kind="programme", recipient_id=care.pk, purpose="intake")
    before = LedgerEntry.objects.count()
    for staff in (mentor, imke, factories.make_staff(Role.COORDINATOR, institution=care.institution)):
        api = client_of(staff)
        assert api.post(f"{V1}/shares/", wish, content_type="application/json").status_code == 404
        for change in ({"units": ["can.strengths"]}, {"warm_transfer": True}):
            where = f"{V1}/shares/{given.pk}/"
            assert api.patch(where, change, content_type="application/json").status_code == 404
        for act, body in (("release", {"units": ["me.free_time"]}), ("approve", {}), ("withdraw", {})):
            where = f"{V1}/shares/{given.pk}/{act}/"
            assert api.post(where, body, content_type="application/json").status_code == 404
        for name in ("share_what", "share_why", "share_until", "share_preview", "share_confirm"):
            assert api.post(reverse(name, args=[draft.id]), {"answer": "yes"}).status_code == 404
        for name in ("share_change", "share_release", "share_stop"):
            assert api.post(reverse(name, args=[given.pk]), {"units": ["can.strengths"]}).status_code == 404
    assert LedgerEntry.objects.count() == before and Share.objects.get() == given


@pytest.mark.parametrize(
    "field",
    ["student", "owner", "state", "status", "consent", "approval_required", "field_key", "release", "recipient"],
)
def test_case_15_mass_assignment(field, given, sam, noor, imke, client_of):
    """A key that is unknown or not to be set is 400, and nothing changed."""
    before = Share.objects.filter(pk=given.pk).values().get()
    for value in (str(noor.pk), "active", True, {"kind": "programme"}):
        body = {"valid_until": str(given.valid_until), field: value}
        answer = client_of(sam).patch(f"{V1}/shares/{given.pk}/", body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    case = client_of(imke).patch(
        f"{V1}/intake/cases/{given.case.pk}/", {"status": "read", "share": "x"}, content_type="application/json"
    )
    reply = client_of(imke).post(
        f"{V1}/dossiers/{given.pk}/acknowledge/", {"reply": "Gelezen", "by": "x"}, content_type="application/json"
    )
    assert case.status_code == reply.status_code == 400
    assert Share.objects.filter(pk=given.pk).values().get() == before and not given.replies.exists()


def test_case_16_a_classmate_presses_back_after_the_log_out(given, sam, imke, client_of):
    """No page with text may be kept, logging out wipes the browser, and nothing runs that could keep it."""
    for who, urls in ((imke, addresses(given)), (sam, [("share", given.pk), ("api_share_preview", given.pk)])):
        browser = client_of(who)
        opened = [reverse(name, args=[pk]) for name, pk in urls if ask(browser, name, pk)[0] == 200]
        assert opened
        for url in opened:
            assert browser.get(url)["Cache-Control"] == "no-store, private"
        assert '"cache"' in browser.post(reverse("logout"))["Clear-Site-Data"]
        assert {browser.get(url).status_code for url in opened} <= {302, 401}
    scripts = {path.name: path.read_text() for path in (Path(site.BASE_DIR) / "static").rglob("*.js")}
    # The one script that keeps pages keeps what is static (tests/journeys/test_offline.py looks in the browser).
    assert [name for name, text in scripts.items() if "caches." in text] == ["sw.js"]


# --- A link and its code -----------------------------------------------------------------------------------


@pytest.fixture
def by_link(sam):
    """A live link of Sam's with its code and its address."""
    share = share_by_link(sam, "can.strengths")
    code = services.make_code(share=share, key=key_of(sam), by=sam.user)
    return share, code, f"/inzage/{links.opened_of([share.pk])[share.pk].token}/"


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_case_18_guessing_the_code_of_a_link(by_link):
    """Three tries; then, and for an address that never was, the same words, also with the right code."""
    share, code, address = by_link
    answers = [Client().post(address, {"code": wrong(code)}) for _ in range(3)]
    assert [one.status_code for one in answers] == [400, 400, 404]
    locked, never = Client().post(address, {"code": code}), Client().post(f"/inzage/{'x' * 22}/", {"code": code})
    assert locked.status_code == never.status_code == 404 and locked.content == never.content
    assert not ledger.looks_at(share.student_id).exists()


def test_case_18_a_mail_scanner_opens_the_link(by_link):
    """Looking, however often, uses nothing up, shows nothing and writes no look."""
    share, code, address = by_link
    for _ in range(9):
        shown = Client().get(address).content.decode()
        assert "Sam" not in shown and "netjes werken" not in shown
    assert ShareLink.objects.get(share=share).wrong_codes == 0 and not ledger.looks_at(share.student_id).exists()
    reader = Client()
    assert reader.post(address, {"code": code}).status_code == 302
    assert "netjes werken" in reader.get(address).content.decode()


def test_case_19_a_bully_locks_a_link_on_purpose(by_link, sam, care, imke, client_of):
    """Only that link is locked: not the student, not another share; a new code of the student opens it again."""
    share, code, address = by_link
    given = share_with_programme(sam, care, "me.free_time")
    for _ in range(3):
        Client().post(address, {"code": wrong(code)})
    assert client_of(sam).get("/delen/").status_code == 200 and reads(client_of(imke), given)
    fresh = services.make_code(share=share, key=key_of(sam), by=sam.user)
    assert Client().post(address, {"code": fresh}).status_code == 302


# --- Hostile text ------------------------------------------------------------------------------------------

HOSTILE = [
    "<img src=http://169.254.169.254/latest/>",
    "</p><link rel=attachment href=file:///etc/passwd>",
    "<style>@import url(http://127.0.0.1:9/x.css)</style>",
    "<svg onload=alert(1)><image href='http://127.0.0.1:9/x.png'/></svg>",
    "{{ 7 }}{% load static %}",
    "omge\u202ekeerd",
    "Z" + "\u0351" * 60 + "algo",
]


def test_case_20_hostile_text_in_an_answer(sam, care, imke, client_of):
    """It is plain text on the page and on paper: nothing is fetched, nothing attached, and the render ends."""
    write(sam, "me.proud", "\n".join(HOSTILE[:5]))
    for strange in HOSTILE[5:]:  # what turns a line around, or piles up on it, never comes in
        with pytest.raises(Refusal, match="bad_characters"):
            write(sam, "me.name", strange)
    share = share_with_programme(sam, care, "me.proud", "me.free_time")
    for name, pk in addresses(share):
        status, shown = ask(client_of(imke), name, pk)
        if status == 200 and not name.startswith("api_"):
            assert b"<img src=http" not in shown and b"<svg onload" not in shown and b"<style>" not in shown
    page = client_of(imke).get(reverse("case_dossier", args=[share.case.pk])).content.decode()
    assert "&lt;img src=http://169.254.169.254/latest/&gt;" in page and "{{ 7 }}" in page
    ready_file(share, imke)  # raises RefusedFetch when anything was asked for
    pdf = client_of(imke).get(f"{V1}/handovers/{Handover.objects.get().pk}/file/").content
    with pikepdf.open(BytesIO(pdf)) as paper:
        assert list(paper.attachments) == [] and "/Names" not in paper.Root


def test_case_21_a_line_break_in_what_goes_into_a_mail(sam, django_capture_on_commit_callbacks):
    """No header is made of it; the mail holds nothing the student typed."""
    label = "Bakkerij\r\nBcc: alle@example.org\r\n\r\n=HYPERLINK(1)"
    with django_capture_on_commit_callbacks(execute=True):
        share = share_by_link(sam, "can.strengths", label=label)
    mail.send_link(share.pk)
    [sent] = outbox.outbox
    raw = sent.message().as_bytes()
    assert sent.recipients() == ["baas@bakkerij.example"] and b"alle@example.org" not in raw and b"HYPERLINK" not in raw
    for address in ("baas@x.example\nBcc: alle@example.org", "a@x.example, b@x.example"):
        with pytest.raises(Refusal, match="no_email"):
            share_by_link(sam, "can.strengths", email=address)


# --- Whoever holds the database, a backup or the logs ------------------------------------------------------


@pytest.mark.parametrize("swap", ["another student's text", "yesterday's text"])
def test_case_23_a_dba_copies_a_sealed_text_into_another_row(swap, sam, noor, care, imke, client_of, caplog):
    """It does not open: no page at all, an alarm, no look."""
    write(noor, "me.free_time", ["van Noor"])
    share = share_with_programme(sam, care, "me.free_time", "can.strengths")
    mine = share.items.get(answer__slot=key_of(sam).slot("me.free_time")).revision
    write(sam, "me.free_time", ["gisteren"])
    other = AnswerRevision.objects.filter(answer__student=noor if swap.startswith("another") else sam)
    blob = other.exclude(pk=mine.pk).filter(answer__slot__in=_slots(sam, noor)).order_by("-number").first()
    AnswerRevision.objects.filter(pk=mine.pk).update(sealed=bytes(blob.sealed))
    for name in ("api_dossier", "dossier"):
        status, shown = ask(client_of(imke), name, share.pk)
        assert status == 503 and b"netjes werken" not in shown and b"Noor" not in shown and b"gisteren" not in shown
    assert [one.reason for one in caplog.records if one.msg == "seal"] == ["Tampered"] * 2
    assert not ledger.looks_at(sam.pk).exists()


def _slots(*students):
    return [key_of(one).slot("me.free_time") for one in students]


def test_case_24_a_backup_of_before_an_erasure_comes_back(given, sam, imke, tmp_path, settings):
    """The dump holds no text; after a restore the list is replayed before anybody reads, and nobody does."""
    settings.ERASURE_LIST = tmp_path / "erased"
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - {"passport_questionnaireversion"}:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert not any(word in str(row) for row in cursor.fetchall() for word in ("Samuel", "muziek", "autisme"))
    points = [(db, transaction.savepoint(using=db)) for db in ("default", "keys")]
    leaving.erase_student(sam.pk)
    for db, point in reversed(points):
        transaction.savepoint_rollback(point, using=db)
    assert Share.objects.filter(pk=given.pk).exists() and not erasure.are_replayed()
    leaving.replay_erasures()
    assert erasure.are_replayed() and not Share.objects.exists()
    with pytest.raises(NotHere):
        access.read(share_id=given.pk, by=imke, action=Action.READ)


def test_case_25_an_administrator_edits_or_cuts_the_ledger(given, sam, imke, django_capture_on_commit_callbacks):
    """The database refuses; around its triggers, the verifier names the first entry that does not hold."""
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert ledger.verify() is None
    for sql in ("UPDATE consent_ledgerentry SET event='x' WHERE seq=2", "DELETE FROM consent_ledgerentry WHERE seq=4"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        with transaction.atomic(), connection.cursor() as cursor:
            _without_triggers(cursor)
            cursor.execute(sql)
            broken = ledger.verify()
            assert broken is not None and broken.seq == (2 if sql.startswith("UPDATE") else 4)
            transaction.set_rollback(True)
    assert ledger.verify() is None


def _without_triggers(cursor):
    if connection.vendor == "postgresql":
        cursor.execute("ALTER TABLE consent_ledgerentry DISABLE TRIGGER USER")
    else:
        cursor.execute("DROP TRIGGER consent_ledgerentry_no_update")
        cursor.execute("DROP TRIGGER consent_ledgerentry_no_delete")


def test_case_26_a_superuser_reads_texts(given, client_of):
    """There is no admin site, and the door does not know what a superuser is."""
    root = client_of(factories.make_user(is_superuser=True))
    assert root.get("/admin/").status_code == root.get("/admin/login/").status_code == 404
    assert {ask(root, name, pk)[0] for name, pk in addresses(given)} == {404}
    assert reads(root, given) is None and b"Sam" not in seen_by(root)
    assert not hasattr(access.Facts, "is_superuser")


def test_case_27_text_in_a_log_line_or_an_error(given, sam, imke, otto, client_of, caplog):
    """Reading, a refusal and a seal that does not open: no text, no name, no path in any line."""
    caplog.set_level(logging.DEBUG)
    reads(client_of(imke), given)
    reads(client_of(otto), given)
    item = given.items.filter(revision__isnull=False).first()
    AnswerRevision.objects.filter(pk=item.revision_id).update(sealed=b"\x01" + bytes(40))
    broken = ask(client_of(imke), "api_dossier", given.pk)
    assert broken[0] == 503
    lines = "\n".join(JsonFormatter().format(record) for record in caplog.records if record.name.startswith("paspoort"))
    assert len(lines.splitlines()) >= 5 and json.loads(lines.splitlines()[0])
    for word in ("muziek", "Sam", "raam", "free_time", "quiet", "/gedeeld/", "/dossiers/", str(given.pk)):
        assert word not in lines + broken[1].decode()


def test_case_28_somebody_types_a_bsn(given, sam, young, care, imke, client_of):
    """It is refused with friendly words wherever words go through this door; and nothing is ticked beforehand."""
    bsn, parent = "Zijn nummer is 111222333", factories.make_parent(young).user
    reply = client_of(imke).post(
        f"{V1}/dossiers/{given.pk}/acknowledge/", {"reply": bsn}, content_type="application/json"
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "bsn")
    waiting = share_with_programme(young, care, "me.free_time")
    with pytest.raises(Refusal, match="bsn"):
        sharing.decline(share_id=waiting.pk, by=parent, note=bsn)
    with pytest.raises(Refusal, match="bsn"):
        share_by_link(sam, "can.strengths", label="111222333")
    with pytest.raises(Refusal, match="bsn"):
        write(sam, "home.worries", bsn)
    draft = make_draft(student=sam, key=key_of(sam), kind="programme", recipient_id=care.pk, purpose="intake")
    for name in ("share_what", "share_why"):
        shown = client_of(sam).get(reverse(name, args=[draft.id])).content.decode()
        assert 'type="checkbox"' in shown and " checked" not in shown
