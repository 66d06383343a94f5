"""A link: who may be given one, what may go with it, the code, the half hour, and that every no is the same no."""

import json
import logging
import re
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail as outbox
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import vault
from accounts.refusals import NotHere, Refusal
from config.logs import JsonFormatter
from consent import access, links, services
from consent.facts import Code
from consent.ledger import Action, Event, looks_at
from consent.looks import looks_of
from consent.models import Approval, LedgerEntry, Share, ShareItem, ShareLink, ShareState
from consent.purposes import RULES, allows_unit, fits
from intake.services import export, leaving, mail, sharing
from intake.services.handovers import request_handover
from passport.questionnaire import QuestionType
from passport.services import questions_of
from tests import factories
from tests.factories import key_of, share_by_link, share_with_programme, write

TODAY = timezone.localdate
WORDS = "netjes werken"
START = "wil iets met u delen"
NO = "Deze link werkt niet (meer)"


@pytest.fixture(autouse=True)
def nobody_mailed_before():
    cache.clear()


@pytest.fixture
def worker(sam):
    """Sam, with what a workplace may know, and two things it may not."""
    write(sam, "need.internship", ["één vaste begeleider"])
    write(sam, "need.safety", "Ik mag geen noten eten.")
    return sam


@pytest.fixture
def given_link(worker):
    """A live internship share by link; nobody knows its code yet."""
    return share_by_link(worker, "can.strengths", "need.internship", "need.support.quiet")


@pytest.fixture
def code(given_link, worker):
    return make_code(given_link, worker)


def make_code(share, student):
    return services.make_code(share=share, key=key_of(student), by=student.user)


def token_of(share):
    return links.opened_of([share.pk])[share.pk].token


def address_of(share):
    return f"/inzage/{token_of(share)}/"


def another(code):
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def open_with(client, share, code):
    return client.post(address_of(share), {"code": code})


def reading(share, code):
    """Somebody who proved the code, in a browser of their own."""
    client = Client()
    assert open_with(client, share, code).status_code == 302
    return client


def page_of(client, share):
    return client.get(address_of(share)).content.decode()


def closed_page(client, where):
    answer = client.get(where)
    assert answer.status_code == 404
    return answer.content


# --- What may be given -------------------------------------------------------------------------------------


def test_a_purpose_by_link_stands_in_the_contract():
    by_link = {str(purpose) for purpose, kind in RULES if kind == "link"}
    assert by_link == {"internship", "work", "intake"}
    assert not fits("lob", "link") and not fits("internship", "programme") and fits("intake", "programme")


def test_the_database_holds_no_token_no_code_and_no_address(given_link, code):
    row = ShareLink.objects.get(share=given_link)
    kept = b"".join(bytes(one) if isinstance(one, memoryview | bytes) else b"" for one in vars(row).values())
    for word in (token_of(given_link), code, "bakkerij", "Bakkerij"):
        assert word.encode() not in kept
    assert len(links.new_code()) == 6 and len(token_of(given_link)) >= 22  # 128 bits in base64


@pytest.mark.parametrize("purpose", ["internship", "work"])
def test_for_a_workplace_exactly_these_units(worker, purpose):
    questions = questions_of(worker.passport)
    allowed = {
        unit.key for unit in questions.units.values() if allows_unit(purpose, unit.key, sensitive=unit.sensitive)
    }
    needs = {
        unit.key
        for unit in questions.units.values()
        if unit.question.type is QuestionType.NEEDS and unit.part == "support" and not unit.sensitive
    }
    can = {unit for unit in questions.units if unit.startswith("can.")}
    fixed = {"me.name", "me.words", "need.internship", "need.what_to_do", "need.talk_with_me"}
    assert allowed == needs | can | fixed
    assert "need.support.emotions" not in allowed and "need.support.quiet" in allowed
    assert not allows_unit(purpose, "identity.school", sensitive=False)


@pytest.mark.parametrize(
    "unit", ["need.diagnosis", "need.why.quiet", "me.free_time", "identity.official_name", "need.safety"]
)
def test_anything_else_for_a_workplace_is_400(api, worker, unit):
    answer = post_link(api(worker), units=["can.strengths", unit])
    assert (answer.status_code, answer.json()["code"]) == (400, "unit_not_allowed")
    assert not Share.objects.filter(recipient_kind="link").exists()


def test_what_slips_into_the_database_is_not_read(worker):
    """The limits hold in `decide`, not only when giving (rule 1)."""
    share = share_by_link(worker, "can.strengths", "need.diagnosis", "need.safety", purpose="intake")
    assert len(read(share).said) == 3
    Share.objects.filter(pk=share.pk).update(purpose="work")
    assert [one.unit.key for one in read(share).said] == ["can.strengths"]


def read(share, code=Code.SHOWN):
    return access.read(share_id=share.pk, by=None, action=Action.LINK, code=code)


def test_without_a_shown_code_the_door_is_shut(given_link):
    for code in (Code.MISSING, Code.NOT_NEEDED):
        if code is Code.MISSING:
            with pytest.raises(NotHere):
                read(given_link, code)
    with pytest.raises(NotHere):
        access.read_as_recipient(share_id=given_link.pk, release=1)


def test_no_other_share_opens_without_a_reader(given):
    with pytest.raises(NotHere):
        read(given)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_on": None}, "starts_on"),
        ({"starts_on": 200}, "starts_on"),
        ({"starts_on": 10, "valid_until": 9}, "starts_on"),
        ({"starts_on": 0, "valid_until": 365}, "valid_until"),
        ({"valid_until": -1}, "valid_until"),
        ({"purpose": "intake", "starts_on": 0}, "starts_on"),
        ({"purpose": "intake", "valid_until": 31}, "valid_until"),
        ({"email": "geen adres"}, "email"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "email"),
        ({"email": ""}, "email"),
        ({"label": "   "}, "label"),
        ({"label": "Jan, 111222333"}, "label"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(worker, change, field):
    days = {name: TODAY() + timedelta(days=value) for name, value in change.items() if isinstance(value, int)}
    with pytest.raises(Refusal) as refused:
        share_by_link(worker, "can.strengths", **{**change, **days})
    assert (refused.value.field, refused.value.status) == (field, 400)


@pytest.mark.parametrize(
    ("purpose", "starts", "last"), [("internship", 0, 364), ("work", 100, 464), ("work", -7, 1), ("intake", None, 30)]
)
def test_as_long_as_the_contract_says(worker, purpose, starts, last):
    starts_on = None if starts is None else TODAY() + timedelta(days=starts)
    until = TODAY() + timedelta(days=last)
    share = share_by_link(worker, "can.strengths", purpose=purpose, starts_on=starts_on, valid_until=until)
    assert share.state == ShareState.ACTIVE


def test_one_live_share_per_address_and_purpose(worker, given_link):
    with pytest.raises(Refusal) as refused:
        share_by_link(worker, "can.strengths", email="BAAS@Bakkerij.example ")
    assert (refused.value.code, refused.value.status) == ("already_shared", 409)
    assert share_by_link(worker, "can.strengths", email="BAAS@bakkerij.example", purpose="work")
    assert share_by_link(worker, "can.strengths", email="ander@bakkerij.example")
    sharing.withdraw(share=given_link, by=worker.user)
    assert share_by_link(worker, "can.strengths")


def test_a_link_past_its_day_does_not_stand_in_the_way(worker, given_link):
    Share.objects.filter(pk=given_link.pk).update(valid_until=TODAY() - timedelta(days=1))
    assert share_by_link(worker, "can.strengths")


def test_two_students_may_share_with_the_same_address(worker, given_link, noor):
    write(noor, "can.strengths", ["koken"])
    assert share_by_link(noor, "can.strengths")


def test_a_link_is_in_nobodys_list_and_never_warm(given_link, imke, mentor, otto):
    Share.objects.filter(pk=given_link.pk).update(warm_transfer=True)
    assert not [who for who in (imke, mentor, otto, given_link.student.user) if access.open_shares(who).exists()]
    with pytest.raises(Refusal, match="no_warm_transfer"):
        sharing.change(
            share=Share.objects.get(pk=given_link.pk), key=key_of(given_link.student), by=given_link.student.user,
            warm_transfer=True,
        )  # fmt: skip


def test_every_link_has_a_door_of_its_own(worker, given_link):
    other = share_by_link(worker, "can.strengths", email="ander@bakkerij.example")
    names = set(Group.objects.filter(name__startswith="link:").values_list("name", flat=True))
    assert names == {f"link:{given_link.pk}", f"link:{other.pk}"}
    sharing.withdraw(share=given_link, by=worker.user)
    assert not Group.objects.filter(name=f"link:{given_link.pk}").exists()
    assert read(other).said


# --- What others must know for safety, as a last step ------------------------------------------------------


def add_safety(share, student, *more):
    units = ["can.strengths", "need.internship", "need.support.quiet", "need.safety", *more]
    return sharing.change(share=Share.objects.get(pk=share.pk), key=key_of(student), by=student.user, units=units)


def test_safety_comes_alone_once_the_placement_has_started(given_link, worker):
    add_safety(given_link, worker)
    assert "need.safety" in {one.unit.key for one in read(given_link).said}


def test_safety_before_the_first_day_is_refused(worker):
    first = TODAY() + timedelta(days=1)
    share = share_by_link(
        worker, "can.strengths", "need.internship", "need.support.quiet", starts_on=first, valid_until=first
    )
    with pytest.raises(Refusal, match="unit_not_allowed"):
        add_safety(share, worker)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert add_safety(share, worker)


def test_safety_together_with_something_else_is_refused(given_link, worker):
    write(worker, "me.words", ["rustig"])
    with pytest.raises(Refusal, match="safety_apart"):
        add_safety(given_link, worker, "me.words")


def test_safety_is_not_read_before_the_first_day_whoever_put_it_there(given_link, worker):
    add_safety(given_link, worker)
    ShareLink.objects.update(starts_on=TODAY() + timedelta(days=1))
    assert "need.safety" not in {one.unit.key for one in read(given_link).said}


def test_the_step_for_safety_on_the_screen(browser_of, given_link, worker):
    student, where = browser_of(worker), f"/delen/{given_link.pk}/"
    assert f"{where}veiligheid/" in student.get(where).content.decode()
    change = student.get(f"{where}veranderen/").content.decode()
    assert "jouw veiligheid" not in change
    assert "Ik mag geen noten eten." in student.get(f"{where}veiligheid/").content.decode()
    confirm = student.post(f"{where}veiligheid/")["Location"]
    page = student.get(confirm).content.decode()
    assert "Wat moeten mensen weten voor jouw veiligheid?" in page.split("Zo ziet")[0]
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    student.post(confirm, {"answer": "yes", "seen": seen})
    assert "need.safety" in {one.unit.key for one in read(given_link).said}
    assert f"{where}veiligheid/" not in student.get(where).content.decode()
    assert "jouw veiligheid" in student.get(f"{where}veranderen/").content.decode()  # to take it away again
    assert student.get(f"{where}veiligheid/").status_code == 404


# --- The code ----------------------------------------------------------------------------------------------


def test_twenty_looks_at_the_address_use_nothing_up(given_link, code):
    before, looks = ShareLink.objects.values().get(), LedgerEntry.objects.count()
    scanner = Client()
    for _ in range(20):
        answer = scanner.get(address_of(given_link))
        assert answer.status_code == 200 and WORDS not in answer.content.decode()
    assert not answer.cookies and not scanner.cookies
    assert (ShareLink.objects.values().get(), LedgerEntry.objects.count()) == (before, looks)
    assert open_with(scanner, given_link, code).status_code == 302


def test_before_the_code_nothing_of_the_student_stands_there(given_link, code):
    client = Client()
    pages = [client.get(address_of(given_link)), client.post(address_of(given_link), {"open": "1"})]
    pages.append(open_with(client, given_link, another(code)))
    school = given_link.student.user.memberships.get().school_class.institution.name
    for page in pages:
        said = page.content.decode()
        assert not [word for word in ("Sam", "Vos", "Bakkerij", "bakkerij", school, WORDS) if word in said]
    assert START in pages[0].content.decode()


def test_the_road_button_code_page(given_link, code):
    client = Client()
    assert 'name="code"' in client.post(address_of(given_link), {"open": "1"}).content.decode()
    answer = open_with(client, given_link, f"{code[:3]} {code[3:]}")
    assert (answer.status_code, answer["Location"]) == (302, address_of(given_link))
    page = page_of(client, given_link)
    assert WORDS in page and "Sam V." in page and "Bakkerij Jansen, Zwolle" in page
    assert "Hier staat wat Sam V. met u deelt. Dat iets er niet staat, zegt niets." in page
    assert "Ik heb autisme" not in page and "Door mijn autisme" not in page


def test_a_form_without_an_origin_is_let_in(given_link, code):
    """What a browser sends from a page without a referrer; the address is the secret."""
    client = Client(enforce_csrf_checks=True)
    assert client.post(address_of(given_link), {"code": code}, HTTP_ORIGIN="null").status_code == 302


def test_every_opening_is_a_look_with_the_name_the_student_gave(api, browser_of, given_link, code, worker):
    client = reading(given_link, code)
    page_of(client, given_link), page_of(client, given_link)
    look = api(worker).get("/api/v1/views/").json()
    assert (look["count"], {one["action"] for one in look["results"]}) == (2, {"link"})
    assert look["results"][0]["by"] == "Bakkerij Jansen, Zwolle"
    assert look["results"][0]["units"] == ["can.strengths", "need.support.quiet", "need.internship"]
    page = " ".join(browser_of(worker).get("/wie-keek/").content.decode().split())
    assert "<strong>Bakkerij Jansen, Zwolle</strong>, met een link" in page


@pytest.mark.parametrize("sat_down", [False, True])
def test_the_students_own_look_is_no_look_of_the_reader(browser_of, given_link, code, worker, sat_down):
    """Abuse: «Wie keek er?» would name the employer for what the student opened themselves."""
    client = reading(given_link, code) if sat_down else Client()
    client.force_login(worker.user)
    for answer in (client.get(address_of(given_link)), open_with(client, given_link, another(code))):
        assert answer.status_code == 302 and answer.url == f"/delen/{given_link.pk}/"
        assert answer["Referrer-Policy"] == "no-referrer"
    assert not list(looks_at(worker.pk)) and ShareLink.objects.get(share=given_link).wrong_codes == 0


def test_another_student_who_holds_the_link_reads_like_anybody(given_link, code, worker, noor):
    client = Client()
    client.force_login(noor.user)
    open_with(client, given_link, code)
    assert WORDS in page_of(client, given_link) and [look.actor_id for look in looks_at(worker.pk)] == [None]


def test_who_cannot_be_written_down_does_not_read(monkeypatch, given_link, code):
    client = reading(given_link, code)
    client.raise_request_exception = False
    monkeypatch.setattr(access.ledger, "record", lambda *args, **kwargs: 1 / 0)
    answer = client.get(address_of(given_link))
    assert answer.status_code == 500 and WORDS not in answer.content.decode()


def test_the_code_opens_this_browser_and_no_other(given_link, code):
    reading(given_link, code)
    assert WORDS not in page_of(Client(), given_link)


def test_a_code_opens_its_own_link_only(worker, given_link, code):
    other = share_by_link(worker, "can.strengths", email="ander@bakkerij.example")
    client = reading(given_link, code)
    assert WORDS not in page_of(client, other)
    assert reading(other, make_code(other, worker))


def test_two_links_in_one_browser(worker, given_link, code):
    other = share_by_link(worker, "can.strengths", email="ander@bakkerij.example")
    client = reading(given_link, code)
    open_with(client, other, make_code(other, worker))
    assert WORDS in page_of(client, given_link) and WORDS in page_of(client, other)


def test_after_half_an_hour_the_code_is_asked_again(given_link, code):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        client = reading(given_link, code)
    with time_machine.travel(now + timedelta(minutes=29, seconds=59), tick=False):
        assert WORDS in page_of(client, given_link)
    with time_machine.travel(now + timedelta(minutes=30), tick=False):
        page = page_of(client, given_link)
        assert WORDS not in page and START in page


def test_stop_looking_ends_it_in_this_browser(given_link, code):
    client = reading(given_link, code)
    client.post(address_of(given_link), {"stop": "1"})
    assert WORDS not in page_of(client, given_link)


def test_a_new_code_ends_the_old_one_and_who_reads_with_it(given_link, code, worker):
    client, new = reading(given_link, code), make_code(given_link, worker)
    assert WORDS not in page_of(client, given_link)
    if new != code:
        assert open_with(Client(), given_link, code).status_code == 400
    assert reading(given_link, new)


def test_the_session_id_changes_with_the_proof(given_link, code):
    client = Client()
    client.session.save()
    before = client.cookies["session"].value if "session" in client.cookies else ""
    open_with(client, given_link, code)
    assert client.cookies["session"].value not in {"", before}
    assert client.cookies["session"]["max-age"] == ""  # gone with the browser


def test_the_session_holds_ids_and_times_alone(given_link, code):
    kept = dict(reading(given_link, code).session.items())["links"]
    assert set(kept) == {str(given_link.pk)}
    assert set(kept[str(given_link.pk)]) == {"share", "code_made_at", "until"}


@pytest.mark.parametrize("kept", [None, "x", {}, {"until": 3}, {"until": "gisteren", "share": ""}])
def test_a_strange_session_is_no_proof(given_link, kept):
    assert not links.is_sitting(given_link.link, kept)


def test_three_wrong_codes_in_all_lock_the_link(given_link, code, worker):
    wrong = another(code)
    first = open_with(Client(), given_link, wrong).content.decode()
    assert "nog 2 keer" in first and wrong not in first
    assert reading(given_link, code)  # a right one in between wipes nothing
    assert "nog 1 keer" in open_with(Client(), given_link, wrong).content.decode()
    assert open_with(Client(), given_link, wrong).status_code == 404
    assert open_with(Client(), given_link, code).status_code == 404
    assert links.state_of(Share.objects.get(pk=given_link.pk), key_of(worker)).is_locked


def test_a_lock_ends_who_was_reading_and_opens_with_a_new_code(given_link, code, worker, browser_of):
    client = reading(given_link, code)
    for _ in range(3):
        open_with(Client(), given_link, another(code))
    assert client.get(address_of(given_link)).status_code == 404
    page = browser_of(worker).get(f"/delen/{given_link.pk}/").content.decode()
    assert "Er is drie keer een foute code ingevuld." in page
    assert WORDS in page_of(reading(given_link, make_code(given_link, worker)), given_link)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "123 45"])
def test_what_cannot_be_a_code_costs_no_try(given_link, code, typed):
    for _ in range(4):
        assert open_with(Client(), given_link, typed).status_code == 400
    assert ShareLink.objects.get().wrong_codes == 0


def test_ten_tries_at_once_are_three(monkeypatch, given_link, code):
    """All ten found the link open before the first was counted; the locked row counts them, not what they found."""
    stale = links.find_live(token_of(given_link))
    monkeypatch.setattr(links, "find_live", lambda token: stale)
    told = []
    for _ in range(10):
        try:
            told.append(services.try_code(token="", typed=another(code)))
        except NotHere:
            told.append("shut")
    assert told == [(None, 2), (None, 1), *["shut"] * 8]
    assert ShareLink.objects.get().wrong_codes == 3
    with pytest.raises(NotHere):
        services.try_code(token="", typed=code)


def test_before_there_is_a_code_none_opens(given_link):
    for typed in ("000000", "123456"):
        assert open_with(Client(), given_link, typed).status_code == 400


def test_only_the_student_makes_a_code(given_link, given, noor, mentor, worker):
    for who in (noor.user, mentor):
        with pytest.raises(NotHere):
            services.make_code(share=given_link, key=key_of(worker), by=who)
    with pytest.raises(NotHere):
        services.make_code(share=given, key=key_of(worker), by=worker.user)


# --- The no, and the no-longer -----------------------------------------------------------------------------


def withdrawn(share):
    sharing.withdraw(share=share, by=share.student.user)


def expired(share):
    Share.objects.filter(pk=share.pk).update(valid_until=TODAY() - timedelta(days=1))


def swept(share):
    expired(share)
    assert sharing.expire_ended() == 1


def frozen(share):
    leaving.freeze(student=share.student, by=share.student.user)


def gone(share):
    type(share.student.user).objects.filter(pk=share.student.user_id).update(is_active=False)


def shredded(share):
    vault.shred(share.student_id)


def erased(share):
    leaving.erase_student(share.student_id)


def locked(share):
    ShareLink.objects.update(wrong_codes=3)


def waiting(share):
    Share.objects.filter(pk=share.pk).update(state="awaiting_guardian")


ENDS = [withdrawn, expired, swept, frozen, gone, shredded, erased, locked, waiting]


@pytest.mark.parametrize("ends", ENDS, ids=[one.__name__ for one in ENDS])
def test_every_no_is_the_same_page_and_holds_at_once(given_link, code, ends):
    never = closed_page(Client(), f"/inzage/{'x' * 22}/")
    where, client = address_of(given_link), reading(given_link, code)
    assert WORDS in client.get(where).content.decode()
    looks = LedgerEntry.objects.filter(event=Event.LOOK).count()
    ends(given_link)
    assert closed_page(client, where) == never == closed_page(Client(), where)
    for form in ({"open": "1"}, {"code": code}, {"stop": "1"}):
        answer = client.post(where, form)
        assert (answer.status_code, answer.content) == (404, never)
    assert NO in never.decode()
    assert LedgerEntry.objects.filter(event=Event.LOOK).count() == looks


def test_when_the_door_itself_says_no_the_page_is_the_same(monkeypatch, given_link, code):
    """The page before the code asks less than `decide` does; what `decide` refuses looks the same."""
    never = closed_page(Client(), f"/inzage/{'x' * 22}/")
    client = reading(given_link, code)
    access.close_door(given_link)
    assert closed_page(client, address_of(given_link)) == never


def test_after_a_freeze_is_lifted_it_works_again(given_link, code):
    student = given_link.student
    leaving.freeze(student=student, by=student.user)
    leaving.unfreeze(student=student, by=student.user)
    assert WORDS in page_of(reading(given_link, code), given_link)


def test_an_end_leaves_the_name_for_the_students_own_log(given_link, code, worker):
    page_of(reading(given_link, code), given_link)
    withdrawn(given_link)
    look = looks_of(worker.passport, key_of(worker)).look_rows()[0]
    assert (look.by, look.action) == ("Bakkerij Jansen, Zwolle", Action.LINK)
    with pytest.raises(Refusal, match="ended"):
        make_code(Share.objects.get(pk=given_link.pk), worker)


def test_silence_tells_nothing(worker, noor):
    """Emptied, private, later, taken away or never shared: byte for byte the same page."""
    pages = set()
    write(worker, "me.words", ["rustig"])
    for number, status in enumerate([None, "private", "later", "empty", "away"]):
        units = ["can.strengths"] if status is None else ["can.strengths", "me.words"]
        share = share_by_link(worker, *units, email=f"baas{number}@bakkerij.example")
        if status == "away":
            sharing.change(share=share, key=key_of(worker), by=worker.user, units=["can.strengths"])
        elif status:
            write(worker, "me.words", status=status)
        pages.add(page_of(reading(share, make_code(share, worker)), share))
        write(worker, "me.words", ["rustig"])
    assert len(pages) == 1


# --- Beside the page ---------------------------------------------------------------------------------------


def test_the_headers_of_every_page(given_link, code):
    client = Client()
    answers = [
        client.get(address_of(given_link)),
        client.post(address_of(given_link), {"open": "1"}),
        open_with(client, given_link, another(code)),
        open_with(client, given_link, code),
        client.get(address_of(given_link)),
        client.get("/inzage/nothing/"),
    ]
    assert [one.status_code for one in answers] == [200, 200, 400, 302, 200, 404]
    for answer in answers:
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]


def test_the_token_is_in_no_title_no_page_and_no_log(given_link, code, caplog):
    caplog.set_level(logging.DEBUG)
    client = reading(given_link, code)
    pages = [page_of(client, given_link), page_of(Client(), given_link)]
    Client().get(f"{address_of(given_link)}verder/")
    token = token_of(given_link)
    for page in pages:
        assert token not in page
        assert re.search(r"<title>(.*?)</title>", page)[1] == "Iemand deelt iets met u"
        assert not re.search(r'(src|href)="(https?:)?//', page)
    lines = "\n".join(JsonFormatter().format(record) for record in caplog.records if "paspoort" in record.name)
    assert '"route": "link"' in lines
    assert not [word for word in (token, code, "Bakkerij", "bakkerij", str(given_link.pk)) if word in lines]


def test_a_workplace_never_reads_that_it_is_vso(given_link, code, worker):
    school = worker.user.memberships.get().school_class.institution
    assert school.kind == "vso"
    mail.send_link(given_link.pk)
    client = Client()
    start = client.get(address_of(given_link))
    asked = client.post(address_of(given_link), {"open": "1"})
    open_with(client, given_link, code)
    letter = outbox.outbox[-1]
    texts = [str(letter.message()), *(one.content.decode() for one in (start, asked)), page_of(client, given_link)]
    for text in texts:
        assert not re.search(r"\b(v?so|pro)\b|voortgezet|speciaal|praktijkschool", text, re.I)
        assert school.name not in text


def test_intake_by_link_shows_the_school_only_when_it_is_ticked(worker):
    school = worker.user.memberships.get().school_class.institution.name
    without = share_by_link(worker, "can.strengths", purpose="intake")
    assert school not in page_of(reading(without, make_code(without, worker)), without)
    with_school = share_by_link(worker, "can.strengths", "identity.school", purpose="intake", email="b@b.example")
    page = page_of(reading(with_school, make_code(with_school, worker)), with_school)
    assert school in page and "deelt dit met" in page


# --- The mail ----------------------------------------------------------------------------------------------


def test_the_mail_holds_the_link_and_nothing_else(given_link, settings):
    assert mail.send_link(given_link.pk)
    letter = outbox.outbox[-1]
    assert letter.subject == "Iemand wil iets met u delen"
    assert letter.to == ["baas@bakkerij.example"]
    assert f"{settings.BASE_URL}{address_of(given_link)}" in letter.body
    assert not [word for word in ("Sam", "Vos", "Bakkerij", WORDS, str(given_link.pk)) if word in letter.body]


@pytest.mark.parametrize("ends", [withdrawn, expired, frozen, shredded, erased, waiting])
def test_no_mail_for_what_cannot_be_read(given_link, ends):
    ends(given_link)
    assert not mail.send_link(given_link.pk) and not outbox.outbox


def test_the_worker_gets_one_id(monkeypatch, django_capture_on_commit_callbacks, worker):
    sent = []
    monkeypatch.setattr(mail.current_app, "send_task", lambda task, args: sent.append((task, args)))
    with django_capture_on_commit_callbacks(execute=True):
        share = share_by_link(worker, "can.strengths")
    assert sent == [("intake.tasks.send_link", [str(share.pk)])]


def test_the_mail_again_but_not_every_minute(browser_of, given_link, worker, django_capture_on_commit_callbacks):
    student, where = browser_of(worker), f"/delen/{given_link.pk}/mail/"
    with django_capture_on_commit_callbacks() as first:
        student.post(where)
    with django_capture_on_commit_callbacks() as second:
        student.post(where)
    assert (len(first), len(second)) == (1, 0)


# --- Under 16 ----------------------------------------------------------------------------------------------


@pytest.fixture
def young(class_a):
    student = factories.make_pupil(age=15, school_class=class_a)
    write(student, "can.strengths", [WORDS])
    return student


def mails(callbacks):
    """What sends a link, of all that follows a commit."""
    return [one for one in callbacks if "send_link_soon" in one.__qualname__]


def test_under_sixteen_there_is_no_mail_and_no_code_before_a_guardians_yes(
    api, browser_of, young, django_capture_on_commit_callbacks
):
    parent = factories.make_parent(young).user
    with django_capture_on_commit_callbacks() as before:
        answer = post_link(api(young))
    assert not mails(before)
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (201, "awaiting_guardian", None)
    share = Share.objects.get(pk=answer.json()["id"])
    assert Client().get(address_of(share)).status_code == 404
    student, where = browser_of(young), f"/delen/{share.pk}/"
    assert "Maak een code" not in student.get(where).content.decode()
    student.post(f"{where}code/")
    assert not links.has_code(Share.objects.get(pk=share.pk))
    with pytest.raises(Refusal, match="waits"):
        make_code(share, young)
    assert "Bakkerij Jansen, Zwolle" in browser_of(parent).get(f"/thuis/{share.pk}/").content.decode()
    with django_capture_on_commit_callbacks() as after:
        sharing.approve(share_id=share.pk, by=parent)
    assert len(mails(after)) == 1
    assert WORDS in page_of(reading(share, make_code(Share.objects.get(pk=share.pk), young)), share)


def test_a_guardians_no_leaves_a_link_that_never_opens(young):
    parent = factories.make_parent(young).user
    share = share_by_link(young, "can.strengths")
    sharing.decline(share_id=share.pk, by=parent)
    assert closed_page(Client(), address_of(share))


def test_an_approval_that_is_gone_shuts_the_link(young):
    parent = factories.make_parent(young).user
    share = share_by_link(young, "can.strengths")
    sharing.approve(share_id=share.pk, by=parent)
    client = reading(share, make_code(Share.objects.get(pk=share.pk), young))
    assert WORDS in page_of(client, share)
    Approval.objects.all().delete()
    assert closed_page(client, address_of(share))


# --- The API -----------------------------------------------------------------------------------------------


def post_link(client, units=("can.strengths",), **changes):
    body = {
        "recipient": {"kind": "link", "email": "baas@bakkerij.example", "label": "Bakkerij Jansen, Zwolle"},
        "purpose": "internship",
        "units": list(units),
        "valid_until": TODAY() + timedelta(days=20),
        "starts_on": TODAY(),
        **changes,
    }
    return client.post("/api/v1/shares/", {key: value for key, value in body.items() if value is not None}, "json")


def test_a_share_by_link_over_the_api(api, worker):
    answer = post_link(api(worker))
    body = answer.json()
    assert answer.status_code == 201 and re.fullmatch(r"\d{6}", body["code"])
    assert body["recipient"]["label"] == "Bakkerij Jansen, Zwolle" and "email" not in body["recipient"]
    share = Share.objects.get(pk=body["id"])
    assert WORDS in page_of(reading(share, body["code"]), share)
    again = api(worker).get(f"/api/v1/shares/{share.pk}/").json()
    assert "code" not in again and again["recipient"]["label"] == "Bakkerij Jansen, Zwolle"
    assert post_link(api(worker)).status_code == 409


def test_the_code_belongs_to_links_alone(api, worker, care):
    recipient = {"kind": "programme", "id": str(care.pk)}
    answer = post_link(api(worker), recipient=recipient, purpose="intake", starts_on=None)
    assert answer.status_code == 201 and "code" not in answer.json()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recipient": {"kind": "link", "email": "a@b.example"}}, "required"),
        ({"recipient": {"kind": "link", "label": "x"}}, "required"),
        ({"recipient": {"kind": "programme"}}, "required"),
        ({"recipient": {"kind": "link", "email": "a@b.example", "label": "x", "id": str(uuid4())}}, "unknown_field"),
        ({"recipient": {"kind": "link", "email": "a@b.example", "label": "x", "token": "x"}}, "unknown_field"),
        ({"recipient": {"kind": "coach", "id": str(uuid4()), "email": "a@b.example"}}, "unknown_field"),
        ({"starts_on": None}, "no_first_day"),
        ({"purpose": "lob"}, "wrong_purpose"),
        ({"warm_transfer": True}, "no_warm_transfer"),
        ({"units": []}, "no_units"),
        ({"token": "x"}, "unknown_field"),
    ],
)
def test_what_the_api_refuses(api, worker, changes, code):
    answer = post_link(api(worker), **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not ShareLink.objects.exists()


def test_a_link_has_no_file(api, given_link, worker):
    answer = api(worker).post("/api/v1/handovers/", {"share": str(given_link.pk)}, "json")
    assert (answer.status_code, answer.json()["code"]) == (400, "no_file")
    with pytest.raises(Refusal, match="no_file"):
        request_handover(share_id=given_link.pk, by=worker.user)


def test_what_the_student_saw_is_what_they_read(api, given_link, code, worker):
    """Released, not live; and the preview is the same composition."""
    write(worker, "can.strengths", ["iets nieuws"])
    page = page_of(reading(given_link, code), given_link)
    assert WORDS in page and "iets nieuws" not in page
    preview = api(worker).get(f"/api/v1/shares/{given_link.pk}/preview/").json()
    assert [one["value"] for one in preview["fields"]] == [one.value for one in read(given_link).said]


# --- The student's screens ---------------------------------------------------------------------------------


def walk(student, goal="stage", **dates):
    """The five screens up to the yes; the answer to it."""
    who = student.get("/delen/nieuw/").content.decode()
    assert f"/delen/nieuw/met-een-link/{goal}/" in who
    form = {"label": "Bakkerij Jansen, Zwolle", "email": "baas@bakkerij.example"}
    what = student.post(f"/delen/nieuw/met-een-link/{goal}/", form)["Location"]
    page = student.get(what).content.decode()
    assert "checked" not in page
    until = student.post(what, {"units": ["can.strengths"]})["Location"]
    preview = student.post(until, dates)["Location"]
    seen = re.search(r'name="seen" value="(\w+)"', student.get(preview).content.decode())[1]
    confirm = student.post(preview, {"seen": seen})["Location"]
    assert "baas@bakkerij.example" in student.get(confirm).content.decode()
    return student.post(confirm, {"answer": "yes", "seen": seen}), confirm, seen


def test_the_student_sees_the_code_once(browser_of, worker):
    student = browser_of(worker)
    days = {"starts_on": TODAY().isoformat(), "valid_until": (TODAY() + timedelta(days=30)).isoformat()}
    answer, confirm, seen = walk(student, **days)
    page = answer.content.decode()
    told = re.search(r'aria-hidden="true">(\d{3}) (\d{3})<', page)
    share = Share.objects.get(recipient_kind="link")
    assert answer.status_code == 200 and reading(share, told[1] + told[2])
    assert share.link.starts_on == TODAY() and share.valid_until == TODAY() + timedelta(days=30)
    again = student.post(confirm, {"answer": "yes", "seen": seen})
    assert (again.status_code, again["Location"]) == (302, f"/delen/{share.pk}/")
    detail = student.get(f"/delen/{share.pk}/").content.decode()
    assert told[1] + told[2] not in detail and "Maak een nieuwe code" in detail
    assert reading(share, told[1] + told[2])  # the second tap made no new code


def test_a_school_without_an_account_here(browser_of, worker):
    student = browser_of(worker)
    longest = (TODAY() + timedelta(days=30)).isoformat()
    answer, _, _ = walk(student, goal="school", until=longest)
    share = Share.objects.get(recipient_kind="link")
    assert answer.status_code == 200 and (share.purpose, share.valid_until.isoformat()) == ("intake", longest)


def test_the_same_address_twice_leads_to_the_share(browser_of, worker, given_link):
    form = {"label": "Weer die bakker", "email": "Baas@Bakkerij.example"}
    answer = browser_of(worker).post("/delen/nieuw/met-een-link/stage/", form)
    assert answer["Location"] == f"/delen/{given_link.pk}/"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"label": "", "email": "a@b.example"}, "Schrijf op wie het is."),
        ({"label": "x", "email": "geen"}, "Dit is geen mailadres."),
        ({"label": "111222333", "email": "a@b.example"}, "Is het je BSN?"),
    ],
)
def test_a_wrong_address_says_so_at_the_field(browser_of, worker, form, says):
    answer = browser_of(worker).post("/delen/nieuw/met-een-link/werk/", form)
    assert answer.status_code == 200 and says in answer.content.decode()


def test_an_unknown_goal_is_not_there(browser_of, worker):
    assert browser_of(worker).get("/delen/nieuw/met-een-link/verhuur/").status_code == 404


def test_the_placement_screen_asks_two_days(browser_of, worker):
    student = browser_of(worker)
    form = {"label": "Bakkerij", "email": "a@b.example"}
    what = student.post("/delen/nieuw/met-een-link/werk/", form)["Location"]
    until = student.post(what, {"units": ["can.strengths"]})["Location"]
    assert "Wanneer werk je daar?" in student.get(until).content.decode()
    days = {"starts_on": TODAY().isoformat(), "valid_until": (TODAY() + timedelta(days=400)).isoformat()}
    assert "Zo lang mag dit niet." in student.post(until, days).content.decode()
    assert "Kies de eerste dag." in student.post(until, {}).content.decode()


@pytest.mark.parametrize(
    ("first", "last"), [("0001-01-01", "0001-01-01"), ("0001-01-01", "9999-12-31"), ("9999-12-31", "9999-12-31")]
)
def test_a_placement_of_another_age_says_so_at_a_day(browser_of, worker, first, last):
    student = browser_of(worker)
    what = student.post("/delen/nieuw/met-een-link/werk/", {"label": "Kas", "email": "a@b.example"})["Location"]
    until = student.post(what, {"units": ["can.strengths"]})["Location"]
    answer = student.post(until, {"starts_on": first, "valid_until": last})
    assert answer.status_code == 200 and set(answer.context["form"].errors) <= {"starts_on", "valid_until"}
    assert answer.context["form"].errors


def test_a_share_without_a_link_has_no_such_pages(browser_of, given, worker):
    for page in ("code", "mail", "veiligheid"):
        assert browser_of(worker).post(f"/delen/{given.pk}/{page}/").status_code == 404
        assert browser_of(worker).get(f"/delen/{given.pk}/{page}/").status_code == 404


def test_stopping_a_link_names_nobody_in_the_message(browser_of, worker, given_link):
    answer = browser_of(worker).post(f"/delen/{given_link.pk}/stoppen/", follow=True)
    assert "Gestopt. Wie de link heeft ziet je paspoort niet meer." in answer.content.decode()


def test_a_change_of_a_link_share(browser_of, worker, given_link):
    """Taking away holds at once; a later last day within the placement's year is fine, beyond it is not."""
    sharing.change(share=given_link, key=key_of(worker), by=worker.user, units=["can.strengths"])
    assert [one.unit.key for one in read(given_link).said] == ["can.strengths"]
    first = given_link.link.starts_on
    fresh = Share.objects.get(pk=given_link.pk)
    sharing.change(share=fresh, key=key_of(worker), by=worker.user, valid_until=first + timedelta(days=364))
    with pytest.raises(Refusal, match="date_too_late"):
        sharing.change(
            share=Share.objects.get(pk=given_link.pk), key=key_of(worker), by=worker.user,
            valid_until=first + timedelta(days=365),
        )  # fmt: skip


def test_an_added_unit_over_the_screens_needs_the_preview(browser_of, worker, given_link):
    student, where = browser_of(worker), f"/delen/{given_link.pk}/veranderen/"
    write(worker, "me.words", ["rustig"])
    units = ["can.strengths", "need.internship", "need.support.quiet", "me.words"]
    confirm = student.post(where, {"units": units, "until": given_link.valid_until.isoformat()})["Location"]
    seen = re.search(r'name="seen" value="(\w+)"', student.get(confirm).content.decode())[1]
    student.post(confirm, {"answer": "yes", "seen": seen})
    assert "me.words" in {one.unit.key for one in read(given_link).said}


# --- Ledger, receipt, export, report -----------------------------------------------------------------------


def test_receipt_and_ledger_name_the_share_as_the_recipient(api, given_link, worker):
    entry = LedgerEntry.objects.get(event="given", share_id=given_link.pk)
    assert entry.detail["recipient_id"] == str(given_link.pk) and entry.detail["recipient_kind"] == "link"
    receipt = api(worker).get(f"/api/v1/shares/{given_link.pk}/receipt/").json()
    party = receipt["parties"][1]
    assert (party["party_id"], party["type"], party["name"]) == (str(given_link.pk), "link", "Iemand met een link")
    assert "bakkerij" not in json.dumps(receipt).lower()
    withdrawn(given_link)
    assert api(worker).get(f"/api/v1/shares/{given_link.pk}/receipt/").json()["event"]["event_state"] == "withdrawn"


def test_the_export_says_to_whom_and_who_looked(given_link, code, worker):
    page_of(reading(given_link, code), given_link)
    found = export.export_of(worker, key_of(worker))
    share = next(one for one in found["shares"] if one["id"] == str(given_link.pk))
    assert share["with"]["label"] == "Bakkerij Jansen, Zwolle"
    assert share["link"]["email"] == "baas@bakkerij.example"
    assert found["looks"][0]["by"] == "Bakkerij Jansen, Zwolle" and found["looks"][0]["action"] == "link"
    assert token_of(given_link) not in json.dumps(found)


def test_the_report_of_a_leak_names_nobody(given_link, code, worker):
    page_of(reading(given_link, code), given_link)
    out = StringIO()
    call_command("who_read", worker.user.username, stdout=out)
    assert "who held the link" in out.getvalue() and "Bakkerij" not in out.getvalue()


def test_erasing_leaves_nothing_of_a_link(given_link, worker):
    share_id = given_link.pk
    leaving.erase_student(worker.pk)
    assert not ShareLink.objects.exists() and not ShareItem.objects.exists()
    assert not Group.objects.filter(name__contains=str(share_id)).exists()
    assert looks_at(worker.pk).count() == 0


def test_many_links_cost_as_many_queries_as_two(api, worker):
    def count():
        with CaptureQueriesContext(connection) as seen:
            client.get("/api/v1/shares/")
        return len(seen)

    client = api(worker)
    for number in range(2):
        share_by_link(worker, "can.strengths", email=f"a{number}@b.example")
    client.get("/api/v1/shares/")
    few = count()
    for number in range(2, 8):
        share_by_link(worker, "can.strengths", email=f"a{number}@b.example")
    assert count() == few


def test_intake_by_link_and_by_programme_stand_beside_each_other(worker, care):
    assert share_with_programme(worker, care, "can.strengths")
    assert share_by_link(worker, "can.strengths", purpose="intake")


# --- How many in a day -------------------------------------------------------------------------------------


def test_ten_links_a_day_and_tomorrow_again(worker, client):
    """Each link is a mail to somebody outside: one log-in is no way to send hundreds. Ended ones count too."""
    client.force_login(worker.user)
    for number in range(links.MOST_A_DAY):
        assert client.get("/delen/nieuw/met-een-link/stage/").status_code == 200
        given = share_by_link(worker, "can.strengths", email=f"baas{number}@bakkerij.example")
    sharing.withdraw(share=given, by=worker.user)
    assert "Morgen kan het weer." in client.get("/delen/nieuw/met-een-link/stage/").content.decode()
    with pytest.raises(Refusal, match="too_many_links"):
        share_by_link(worker, "can.strengths", email="nog-een@bakkerij.example")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert share_by_link(worker, "can.strengths", email="nog-een@bakkerij.example").pk


def test_the_mail_once_more_waits_ten_minutes_and_goes_five_times_a_day(worker):
    """Also where the cache is in files. Redis forgets by a clock of its own: there the ten minutes are taken away."""
    cache.clear()
    share, now, sent = share_by_link(worker, "can.strengths"), timezone.now(), []
    for minutes in (0, 9, 11, 22, 33, 44, 55, 66):
        if settings.REDIS_URL and minutes > 10:
            cache.delete(f"link-mail-{share.pk}")
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            sent.append(mail.send_link_again(share))
    assert sent == [True, False, True, True, True, True, False, False]
    if not settings.REDIS_URL:
        with time_machine.travel(now + timedelta(days=1, minutes=67), tick=False):  # a day after the last try
            assert mail.send_link_again(share)
