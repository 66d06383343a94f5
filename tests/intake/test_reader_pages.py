"""What an intaker, a mentor and a guardian meet on their pages; and what they do not."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Membership, Programme, Role, Student, User
from consent import access, ledger, texts
from consent.ledger import Action
from consent.models import LedgerEntry, Share
from intake.brief import MOST_WORDS, make_brief
from intake.models import Case, Layer, Offer
from intake.reader_forms import ReplyForm
from intake.reading import ReadField, sections_of
from intake.services import cases, sharing
from passport.translations import Phrase
from tests import factories

FORBIDDEN_IN_TITLES = ("Sam", "Vos", "Noor")


@pytest.fixture
def as_imke(imke: User, client: Client) -> Client:
    client.force_login(imke)
    return client


@pytest.fixture
def case(given: Share) -> Case:
    return Case.objects.get(share=given)


def page(who: Any) -> Client:
    client = Client()
    client.force_login(getattr(who, "user", who))
    return client


def text(response: Any) -> str:
    return response.content.decode()


def actions() -> list[str]:
    looks = LedgerEntry.objects.filter(event=ledger.Event.LOOK).order_by("seq")
    return [look.detail["action"] for look in looks]


def read(share: Share, by: User) -> access.Dossier:
    return access.read(share_id=share.pk, by=by, action=Action.READ)


# --- The inbox ---------------------------------------------------------------------------------------------


def test_inbox_names_who_shared(as_imke: Client, given: Share) -> None:
    answer = as_imke.get("/intake/")
    assert answer.status_code == 200
    assert "Sam V." in text(answer)


@pytest.mark.parametrize("somebody", ["mentor", "noor", "sam"])
def test_inbox_is_not_there_for_others(somebody: str, request: pytest.FixtureRequest, given: Share) -> None:
    assert page(request.getfixturevalue(somebody)).get("/intake/").status_code == 404


def test_inbox_closes_when_the_membership_ends(as_imke: Client, imke: User, given: Share) -> None:
    Membership.objects.filter(user=imke).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert as_imke.get("/intake/").status_code == 404


def test_inbox_of_another_programme_is_empty(otto: User, given: Share) -> None:
    assert "Sam" not in text(page(otto).get("/intake/"))


def test_ended_case_has_no_name_and_no_link(as_imke: Client, case: Case, sam: Student) -> None:
    sharing.withdraw(share=case.share, by=sam.user)
    shown = text(as_imke.get("/intake/"))
    assert "Niet meer gedeeld" in shown
    assert "Sam" not in shown
    assert str(case.pk) not in shown


def test_name_is_searched_by_post_alone(as_imke: Client, given: Share) -> None:
    assert "Sam V." in text(as_imke.post("/intake/", {"q": "sam"}))
    assert "Sam V." not in text(as_imke.post("/intake/", {"q": "noor"}))
    assert "Sam V." in text(as_imke.get("/intake/?q=noor"))


def test_filters_without_a_name_go_into_the_url(as_imke: Client, given: Share) -> None:
    answer = as_imke.post("/intake/", {"q": "", "status": "new", "programme": "care3"})
    assert answer.url == "/intake/?status=new&programme=care3"
    assert "Sam V." in text(as_imke.get(answer.url))
    assert "Sam V." not in text(as_imke.get("/intake/?status=placed"))


def test_unknown_filter_is_refused_at_the_field(as_imke: Client, given: Share) -> None:
    assert as_imke.get("/intake/?ordering=need").status_code == 400


def add_cases(care: Programme, many: int) -> None:
    """Students who share one answer with `care`."""
    for number in range(many):
        student = factories.make_pupil(calling_name=f"Naam{number:02}", surname="X")
        factories.write(student, "can.strengths", ["koken"])
        factories.share_with_programme(student, care, "can.strengths")


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connections["default"]) as data, CaptureQueriesContext(connections["keys"]) as keys:
        assert client.get(url).status_code == 200
    return len(data) + len(keys)


def test_inbox_costs_the_same_for_2_and_60(as_imke: Client, care: Programme) -> None:
    as_imke.get("/intake/")  # the first page of a session also writes the session
    add_cases(care, 2)
    few = queries_of(as_imke, "/intake/")
    add_cases(care, 58)
    assert queries_of(as_imke, "/intake/") == few


def test_inbox_has_pages_of_fifty(as_imke: Client, care: Programme) -> None:
    add_cases(care, 52)
    for url, rows in (("/intake/", 50), ("/intake/?page=2", 2)):
        assert len(re.findall(r"Naam\d\d X\.", text(as_imke.get(url)))) == rows


def test_names_sort_without_minding_capitals_and_ended_last(imke: User, care: Programme) -> None:
    for name in ("bram", "Anna", "Cas"):
        student = factories.make_pupil(calling_name=name, surname="X")
        factories.write(student, "can.strengths", ["koken"])
        share = factories.share_with_programme(student, care, "can.strengths")
    sharing.withdraw(share=share, by=share.student.user)
    for ordering, names in (("student", ["Anna X.", "bram X.", None]), ("-student", ["bram X.", "Anna X.", None])):
        assert [row.display_name for row in cases.list_cases(imke, ordering=ordering)] == names


# --- The brief ---------------------------------------------------------------------------------------------


def test_first_look_makes_a_case_read_and_is_logged(as_imke: Client, case: Case) -> None:
    shown = text(as_imke.get(reverse("case_brief", args=[case.pk])))
    case.refresh_from_db()
    assert case.status == Case.Status.READ
    assert actions() == ["read"]
    assert "Sam V. ziet dat u dit bekijkt." in shown
    assert "Hier staat wat Sam V. met u deelt. Dat iets er niet staat, zegt niets." in shown


def test_brief_speaks_of_help_only_when_a_need_is_shared(
    as_imke: Client, case: Case, care: Programme, noor: Student
) -> None:
    law = "leg afspraken vast vóór inschrijving"
    assert law in text(as_imke.get(reverse("case_brief", args=[case.pk])))
    factories.write(noor, "can.strengths", ["koken"])
    other = factories.share_with_programme(noor, care, "can.strengths")
    shown = text(as_imke.get(reverse("case_brief", args=[other.case.pk])))
    assert law not in shown
    assert "Dit helpt mij" not in shown
    assert "Gebruik dit om de start goed te regelen, niet om iemand af te wijzen." in shown


@pytest.mark.parametrize("status", ["later", "private", "empty"])
def test_silence_looks_the_same(status: str, sam: Student, care: Programme, imke: User) -> None:
    units = ("me.free_time", "can.strengths", "need.support.quiet")
    share = factories.share_with_programme(sam, care, *units)
    never = read(factories.share(_twin(), "programme", care.pk, *units[1:]), imke)
    factories.write(sam, "me.free_time", None, status)
    now = read(share, imke)
    for name in ("_brief", "_dossier"):
        assert _render(name, now) == _render(name, never)


def _twin() -> Student:
    """Somebody with the same name and answers who never filled in free time."""
    twin = factories.make_pupil()
    factories.write(twin, "can.strengths", ["netjes werken"])
    need = {"need": "quiet", "how_often": "vaak", "what_works": "Een hoek bij het raam", "why": ""}
    factories.write(twin, "need.support", [need])
    return twin


def _render(name: str, dossier: access.Dossier) -> str:
    context = {"dossier": dossier, "brief": make_brief(dossier), "sections": sections_of(dossier), "identity": []}
    return render_to_string(f"intake/{name}.html", context)


def test_offer_of_the_programme_stands_beside_the_need(imke: User, given: Share, care: Programme) -> None:
    Offer.objects.create(programme=care, need="quiet", layer=Layer.EXTERNAL, text="Iemand van buiten.")
    Offer.objects.create(programme=care, need="quiet", layer=Layer.EXTRA, text="Een stille kamer. Met een kaart.")
    Offer.objects.create(programme=care, need="maths", layer=Layer.BASIC, text="Rekenhulp.")
    dossier = read(given, imke)
    assert make_brief(dossier).needs[0].offers == ({"layer": "extra", "text": "Een stille kamer."},)
    shown = _render("_dossier", dossier)
    assert shown.index("Met een kaart.") < shown.index("Iemand van buiten.")
    assert "Rekenhulp" not in shown


def test_strengths_come_first_in_the_second_column(imke: User, sam: Student, care: Programme) -> None:
    factories.write(sam, "me.name", "Sam")
    factories.write(sam, "need.signals", ["ik word stil"])
    share = factories.share_with_programme(sam, care, "me.name", "can.strengths", "need.signals")
    brief = make_brief(read(share, imke))
    assert [one.unit for one in brief.second_column] == ["can.strengths", "me.name"]
    assert [one.unit for one in brief.first_column] == ["need.signals"]
    assert brief.words <= MOST_WORDS


def test_print_is_logged_as_print(as_imke: Client, case: Case) -> None:
    as_imke.get(reverse("case_brief", args=[case.pk]) + "?print=1")
    assert actions() == ["print"]


@pytest.mark.parametrize("route", ["case_brief", "case_dossier", "case_text", "case_reply", "case_step", "case_plan"])
def test_case_is_not_there_for_others_nor_after_the_end(
    route: str, case: Case, otto: User, mentor: User, imke: User, sam: Student
) -> None:
    ask = "get" if route in {"case_brief", "case_dossier"} else "post"
    url = reverse(route, args=[case.pk])
    for somebody in (otto, mentor, sam.user):
        assert getattr(page(somebody), ask)(url, {}).status_code == 404
    sharing.withdraw(share=case.share, by=sam.user)
    sent = {"reply": "Gelezen", "status": "invited"} if ask == "post" else {}
    assert getattr(page(imke), ask)(url, sent).status_code == 404
    assert actions() == []


def test_titles_hold_no_name(as_imke: Client, case: Case) -> None:
    for route in ("case_brief", "case_dossier"):
        shown = text(as_imke.get(reverse(route, args=[case.pk])))
        title = re.search(r"<title>(.*?)</title>", shown, re.S)
        assert title and not any(name in title.group(1) for name in FORBIDDEN_IN_TITLES)


# --- What an intaker does ----------------------------------------------------------------------------------


def test_reply_reaches_the_student_and_stays_in_view(as_imke: Client, case: Case) -> None:
    answer = as_imke.post(reverse("case_reply", args=[case.pk]), {"reply": "Gelezen. Tot dinsdag."}, follow=True)
    assert "«Gelezen. Tot dinsdag.»" in text(answer)
    assert "Uw antwoord is verstuurd." in text(answer)


@pytest.mark.parametrize(
    ("reply", "said"), [("  ", "Schrijf eerst iets."), ("x" * 301, "niet meer dan 300 tekens")], ids=["blank", "long"]
)
def test_reply_with_a_mistake_comes_back_with_what_was_typed(
    as_imke: Client, case: Case, reply: str, said: str
) -> None:
    answer = as_imke.post(reverse("case_reply", args=[case.pk]), {"reply": reply})
    assert answer.status_code == 400
    assert said in text(answer)
    assert reply.strip() in text(answer)
    assert "<title>Fout:" in text(answer)


def test_case_goes_one_step_and_no_further(as_imke: Client, case: Case) -> None:
    url = reverse("case_step", args=[case.pk])
    as_imke.get(reverse("case_brief", args=[case.pk]))
    assert "De stap is nu: Uitgenodigd." in text(as_imke.post(url, {"status": "invited"}, follow=True))
    assert "Deze stap kan nu niet." in text(as_imke.post(url, {"status": "placed"}, follow=True))
    case.refresh_from_db()
    assert case.status == Case.Status.INVITED


def test_talk_is_planned_with_a_colleague(as_imke: Client, imke: User, case: Case) -> None:
    url = reverse("case_plan", args=[case.pk])
    sent = {"day": "2027-03-08", "time": "10:30", "assigned_to": str(imke.pk)}
    assert as_imke.post(url, sent).status_code == 302
    case.refresh_from_db()
    assert timezone.localtime(case.intake_at).strftime("%d-%m %H:%M") == "08-03 10:30"
    assert case.assigned_to == imke


@pytest.mark.parametrize(
    "sent",
    [
        {"day": "2027-03-08"},
        {"time": "10:30"},
        {"day": "gisteren", "time": "10:30"},
        {"day": "0001-01-01", "time": "00:00"},
        {"day": "9999-12-31", "time": "23:59"},
    ],
)
def test_half_a_moment_is_refused_at_the_field(as_imke: Client, case: Case, sent: dict[str, str]) -> None:
    answer = as_imke.post(reverse("case_plan", args=[case.pk]), sent)
    assert answer.status_code == 400
    case.refresh_from_db()
    assert case.intake_at is None


def test_case_cannot_go_to_somebody_elsewhere(as_imke: Client, case: Case, otto: User) -> None:
    answer = as_imke.post(reverse("case_plan", args=[case.pk]), {"assigned_to": str(otto.pk)})
    assert answer.status_code == 400
    assert "Otto Haan" not in text(answer)


def test_text_is_taken_by_post_and_logged_as_download(as_imke: Client, case: Case) -> None:
    url = reverse("case_text", args=[case.pk])
    assert as_imke.get(url).status_code == 405
    shown = text(as_imke.post(url))
    assert actions() == ["download"]
    assert "Een hoek bij het raam" in shown
    assert "autisme" not in shown
    assert "readonly" in shown


# --- Everybody else who reads ------------------------------------------------------------------------------


@pytest.fixture
def lob(sam: Student, mentor: User, class_a: Any) -> Share:
    return factories.share(sam, "school_team", class_a.institution_id, "me.free_time")


def test_mentor_reads_what_is_shared_and_sees_that_it_is_live(mentor: User, lob: Share) -> None:
    client = page(mentor)
    assert "Sam V." in text(client.get("/gedeeld/"))
    shown = text(client.get(reverse("dossier", args=[lob.pk])))
    assert "muziek" in shown
    assert "U ziet steeds de nieuwste tekst." in shown
    assert "Maak PDF" not in shown
    assert actions() == ["read"]


def test_mentor_reads_nothing_without_a_share(mentor: User, sam: Student, given: Share) -> None:
    client = page(mentor)
    assert "Sam" not in text(client.get("/gedeeld/"))
    assert client.get(reverse("dossier", args=[given.pk])).status_code == 404


def test_mentor_reads_nothing_after_the_end(mentor: User, lob: Share, sam: Student) -> None:
    sharing.withdraw(share=lob, by=sam.user)
    client = page(mentor)
    assert "Sam" not in text(client.get("/gedeeld/"))
    assert client.get(reverse("dossier", args=[lob.pk])).status_code == 404
    assert client.post(reverse("dossier_reply", args=[lob.pk]), {"reply": "Gelezen"}).status_code == 404


def test_guardian_reads_and_answers(sam: Student) -> None:
    guardian = factories.make_parent(sam)
    share = factories.share(sam, "guardian", guardian.user_id, "me.free_time")
    client = page(guardian.user)
    assert "Thuis meelezen" in text(client.get("/gedeeld/"))
    sent = client.post(reverse("dossier_reply", args=[share.pk]), {"reply": "Mooi, Sam."}, follow=True)
    assert "«Mooi, Sam.»" in text(sent)
    assert client.post(reverse("dossier_reply", args=[share.pk]), {"reply": ""}).status_code == 400


def test_list_costs_the_same_however_long(class_a: Any, mentor: User) -> None:
    def shared() -> None:
        pupil = factories.make_pupil(school_class=class_a)
        factories.write(pupil, "can.strengths", ["koken"])
        factories.share(pupil, "school_team", class_a.institution_id, "can.strengths")

    shared()
    few = queries_of(page(mentor), "/gedeeld/")
    for _ in range(9):
        shared()
    assert queries_of(page(mentor), "/gedeeld/") == few


def test_warm_transfer_is_offered_to_the_school_team_alone(
    sam: Student, care: Programme, mentor: User, otto: User
) -> None:
    share = factories.share_with_programme(sam, care, "can.strengths", warm_transfer=True)
    assert str(share.pk) in text(page(mentor).get("/gedeeld/"))
    assert str(share.pk) not in text(page(otto).get("/gedeeld/"))
    sharing.change(share=share, key=factories.key_of(sam), by=sam.user, warm_transfer=False)
    assert str(share.pk) not in text(page(mentor).get("/gedeeld/"))


def test_former_mentor_hands_nothing_over(sam: Student, care: Programme, mentor: User) -> None:
    factories.share_with_programme(sam, care, "can.strengths", warm_transfer=True)
    Membership.objects.filter(user=mentor, role=Role.MENTOR).update(
        ends_on=date(2026, 1, 1), starts_on=date(2025, 1, 1)
    )
    assert "Sam" not in text(page(mentor).get("/gedeeld/"))


def test_reader_without_a_log_in_is_sent_to_log_in(client: Client, case: Case) -> None:
    for url in ("/intake/", "/gedeeld/", reverse("case_brief", args=[case.pk])):
        assert client.get(url).url.startswith("/inloggen/")


# --- What is drawn in Python or by hand, because it stands on every dossier ------------------------------------


def test_the_box_for_a_reply_is_the_one_of_its_form(imke: User, given: Share) -> None:
    form = ReplyForm()
    drawn = render_to_string("_parts/field.html", {"field": form["reply"]}).strip()
    assert drawn in text(page(imke).get(f"/gedeeld/{given.pk}/"))


def test_a_reply_that_was_refused_comes_back_as_it_was_typed(imke: User, given: Share) -> None:
    answer = page(imke).post(f"/gedeeld/{given.pk}/gelezen/", {"reply": "<b>" * 200})
    assert answer.status_code == 400
    assert (
        "&lt;b&gt;" * 200 in text(answer)
        and "Dit is te lang." in text(answer)
        and 'aria-invalid="true"' in text(answer)
    )


def test_every_need_is_read_from_one_opened_text(
    imke: User, sam: Student, care: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = [
        {"need": need, "how_often": "vaak", "what_works": "Rust", "why": ""} for need in ("quiet", "steps", "time")
    ]
    factories.write(sam, "need.support", needs)
    share = factories.share_with_programme(sam, care, *(f"need.support.{row['need']}" for row in needs))
    opened: list[str] = []
    plainly = texts.open_revision
    monkeypatch.setattr(texts, "open_revision", lambda key, name, row: opened.append(name) or plainly(key, name, row))
    assert [said.value["what_works"] for said in read(share, imke).said] == ["Rust"] * 3
    assert opened == ["need.support"]


@pytest.mark.parametrize(
    ("shown", "html"),
    [
        (
            ReadField("me.proud", "Waar ben je trots op?", "long_text", ("<i>koken</i>", "en bakken")),
            '<div><dt>Waar ben je trots op?</dt><dd translate="no"><blockquote class="own">&lt;i&gt;koken&lt;/i&gt;'
            "\nen bakken</blockquote></dd></div>",
        ),
        (
            ReadField("can.strengths", "Sterk", "chips", ("netjes & snel", "koken")),
            '<div><dt>Sterk</dt><dd translate="no">netjes &amp; snel · koken</dd></div>',
        ),
        (
            ReadField(
                "need.support.quiet",
                "Rust",
                "needs",
                ("vaak", "Een <plek>"),
                "vaak",
                (Offer(layer="extra", text="<x>"),),
            ),
            '<div><dt>Rust · vaak</dt><dd translate="no"><span>«Een &lt;plek&gt;»</span></dd>'
            '<dd class="none" data-reader="student">Opleiding, extra hulp: <span lang="nl" dir="auto">&lt;x&gt;'
            "</span></dd></div>",
        ),
        (ReadField("need.support.time", "Tijd", "needs", ()), "<div><dt>Tijd</dt></div>"),
    ],
    ids=["own words", "chips", "a need with help", "a need alone"],
)
def test_a_text_of_a_dossier_is_drawn_and_nothing_in_it_is_html(shown: ReadField, html: str) -> None:
    drawn = engines["django"].from_string("{% load reader %}{% read_field field %}").render({"field": shown})
    assert drawn == html


def test_a_text_in_another_language_says_whose_words_it_holds() -> None:
    own = ReadField("can.strengths", "Eigen vraag", "chips", ("netjes & snel", Phrase("cooking")))
    with translation.override("en"):
        drawn = engines["django"].from_string("{% load reader %}{% read_field field %}").render({"field": own})
    assert '<span lang="nl" dir="auto">netjes &amp; snel</span> · cooking</dd>' in drawn
    assert '<dt><span lang="nl" dir="auto">Eigen vraag</span></dt>' in drawn
