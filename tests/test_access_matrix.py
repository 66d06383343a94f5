"""Every named URL x every demo account x reading and writing, against a reviewed table (tests/access_matrix.csv).

A URL that is not in the table fails; so does one answer that differs. The rules below say, apart from the table,
who may get through at all. `UPDATE_MATRIX=1 script/test tests/test_access_matrix.py` writes the table anew; the diff is
what a reviewer reads.
"""

import csv
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts import invitations, tokens, vault
from accounts.models import Programme, Region, Tie, User
from accounts.services import class_of
from consent import drafts, links
from consent.models import Share
from consent.services import Wish
from intake.models import Case, CoachMoment, WorkedWell
from intake.services import (
    agreement_files,
    batches,
    fits,
    handovers,
    intake_talk,
    mailday,
    notes,
    remarks,
    sharing,
    talks,
)
from passport.experiences import cards_of
from passport.goals import goals_of
from passport.suggestions import open_suggestions
from school import classlist_draft
from school.models import Lesson
from school.services import passports
from tests import factories
from tests.intake import agreed
from tests.test_house_rules import named_urls

TABLE = Path(__file__).parent / "access_matrix.csv"
ANYBODY = "nobody"
OWNER, READER = "student.full", "intaker.care"
STUDENTS = {f"student.{name}" for name in ("full", "young", "adult", "empty", "left", "work", "placed")}
INTAKERS = {"intaker.care", "intaker.tech", "intaker.other"}
PARENT = "guardian.young"
# Who looks along at a no of intaker.care, beside the other intakers of that college.
SECONDS = {"college.coordinator", "mentor.college"}
OFFICE = {"school.coordinator"}
REGION = {"region.one"}
LINKED = {"share_code", "share_mail", "share_safety"}
TALKED = {"share_talk", "talk_plan", "talk_outcome"}
COACHED = {"coach_student", "coach_moment_new", "coach_moment", "coach_moment_off", "coach_promise"}
ASKED_AT_ONCE = {"mentor.one"}
COACH = {"coach.one"}
STARTED, COLLEGE_MENTOR = {"student.placed"}, {"mentor.college"}
AT_SCHOOL = {"share_readers", "dossier_suggest", "api_dossier_suggestions", "note_write", "transfer_text"}
SUGGESTED = {"suggestion_accept", "suggestion_decline", "api_suggestion_accept", "api_suggestion_decline"}
TEAM = {"mentor.one", "counsellor.one"}
AFTER_START = {"college_student", "college_review", "first_day_write", "back_to_school_one", "api_follow_ups"}
KEEPERS = {"counsellor.one", "college.coordinator"}  # of the day of a college that student.full goes to
ASKED = {"api_share_approve", "api_share_decline", "approval", "approval_stop"}
# Who gets through to what is about one student: the share of student.full with care3.
ONLY = {
    "figures": {"region.one", "school.coordinator", "college.coordinator"},
    "api_figures": {"region.one", "school.coordinator", "college.coordinator"},
    "figures_of": {"region.one"}, "figures_csv": {"region.one"}, "own_token_revoke": {READER},
    "api_share": {OWNER}, "api_share_preview": {OWNER}, "api_share_release": {OWNER}, "api_share_withdraw": {OWNER},
    "api_share_receipt": {OWNER}, "share_receipt": {OWNER}, "share_receipt_file": {OWNER},
    "api_share_replies": {OWNER}, "share": {OWNER}, "share_change": {OWNER}, "share_release": {OWNER},
    "share_stop": {OWNER}, "share_what": {OWNER}, "share_why": {OWNER}, "share_until": {OWNER},
    "share_preview": {OWNER}, "share_confirm": {OWNER}, "share_change_confirm": {OWNER},
    "api_dossier": {READER}, "api_acknowledge": {READER}, "dossier": {READER}, "dossier_reply": {READER},
    "api_case": {READER, "college.coordinator"}, "api_case_brief": {READER}, "case_brief": {READER},
    "case_dossier": {READER},
    "case_text": {READER}, "case_reply": {READER}, "case_step": {READER}, "case_plan": {READER},
    "api_share_approve": {PARENT}, "api_share_decline": {PARENT}, "approval": {PARENT}, "approval_stop": {PARENT},
    "home_approvals": {PARENT, "guardian.full"}, "share_keep": {OWNER},
    "api_handover": {OWNER, READER}, "api_handover_file": {OWNER, READER},
    "handover": {OWNER, READER}, "handover_file": {OWNER, READER},
    "share_code": {"student.work"}, "share_mail": {"student.work"}, "share_safety": {"student.work"},
    "inbox": {*INTAKERS, "college.coordinator"}, "case_assign": {*INTAKERS, "college.coordinator"},
    "case_talk_file": {READER}, "share_intake_talk": {OWNER}, "share_talk_file": {OWNER}, "intake_talk_next": STUDENTS,
    **dict.fromkeys(("region_tips", "region_tip", "region_sentence"), REGION),
    **dict.fromkeys(
        ("questionnaire", "questionnaire_question", "questionnaire_section", "questionnaire_preview",
         "questionnaire_publish", "questionnaire_version"), REGION),
    "dossier_mark": {READER}, "case_mark": {READER},
    "experience": {OWNER}, "experience_take": {OWNER}, "experience_remove": {OWNER},
    "own_login_pin": STUDENTS, "own_login_mail": STUDENTS, "own_login_mail_code": STUDENTS,
    "own_login_mail_remove": STUDENTS,
    **dict.fromkeys(("api_batch", "api_batch_file", "batch", "batch_word", "batch_file"), ASKED_AT_ONCE),
    "batch_start": {*TEAM, "mentor.two", *INTAKERS}, "counsellor": {"counsellor.one"},
    "note_write": TEAM, "transfer_text": TEAM, "remark_write": {"guardian.full"},
    "note_tick": {OWNER}, "note_remove": {OWNER}, "remark_hide": {OWNER},
    **dict.fromkeys(("own_notes", "own_remarks", "own_opinion", "own_proof"), STUDENTS),
    "suggestion_accept": {OWNER}, "suggestion_decline": {OWNER}, "api_suggestion_accept": {OWNER},
    "api_suggestion_decline": {OWNER}, "goal": {OWNER}, "goal_reached": {OWNER}, "goal_remove": {OWNER},
    "goals": STUDENTS, "goal_new": STUDENTS, "api_suggestions": STUDENTS,
    "dossier_suggest": TEAM, "api_dossier_suggestions": TEAM,
    "api_fit": {READER}, "fit_write": {READER}, "share_fits": {OWNER}, "second_look": {"intaker.tech", *SECONDS},
    "second_looks": {*SECONDS, "intaker.care", "intaker.tech", "intaker.other"}, "unmet_needs": {"college.coordinator"},
    "share_review": {OWNER}, "review": STUDENTS, "settings_mail": STUDENTS,
    "share_readers": {OWNER}, "share_talk": {OWNER}, "talk_plan": TEAM, "talk_outcome": TEAM,
    **dict.fromkeys(
        ("class_plan", "lesson_new", "lesson", "lesson_start", "lesson_stop", "lesson_move", "lesson_board"),
        ASKED_AT_ONCE),
    **dict.fromkeys(
        ("after_start", "first_day", "follow_up", "follow_up_next", "follow_up_hears", "after_asked",
         "follow_up_proofs", "follow_up_proof_file", "after_talks_file"),
        STARTED),
    "signal_back": STUDENTS, "signal_heard": {"coach.one"},
    **dict.fromkeys(
        ("college_students", "college_student", "college_review", "first_day_write"), COLLEGE_MENTOR),
    "back_to_school_list": {"counsellor.one"}, "back_to_school_one": {"counsellor.one"},
    "api_follow_ups": {"student.placed", "mentor.college", "counsellor.one"},
    "coach_students": {"coach.one"}, "own_coach": STUDENTS, "own_coach_code": STUDENTS, "own_coach_off": STUDENTS,
    **dict.fromkeys(
        ("coach_student", "coach_moment_new", "coach_moment", "coach_moment_off", "coach_promise"), COACH),
    "own_coach_tick": {OWNER}, "own_coach_remove": {OWNER}, "growth": STUDENTS, "growth_picture": {OWNER},
    "own_agreement": {OWNER}, "own_agreement_review": {OWNER}, "own_agreements": STUDENTS,
    "case_agreement": {READER}, "case_agreement_draft": {READER}, "case_agreement_offer": {READER},
    "case_agreement_sign": {READER}, "case_agreement_review": {READER}, "case_agreement_worked": {READER},
    "home_agreement": {PARENT}, "agreement_list": {*INTAKERS, "mentor.college"},
    "agreement_file": {OWNER, READER}, "api_agreement": {OWNER, READER}, "api_agreement_sign": {OWNER, READER},
    "class_board": TEAM, "desk": {*TEAM, "mentor.two"},
    **dict.fromkeys(("hand", "wish_to_talk", "together", "mentor_sees"), STUDENTS),
    "authority": {"care.one", "school.coordinator"},
    "authority_check": {"care.one", "school.coordinator"}, "authority_end": {"care.one", "school.coordinator"},
    "office": {"school.coordinator", "college.coordinator"}, "keep_passport": STUDENTS,
    **dict.fromkeys(
        ("office_place", "office_classes", "office_staff", "office_post", "office_year", "office_log",
         "class_list_upload", "class_list_columns", "class_list_check"), OFFICE),
    "class_cards": {"mentor.one", "school.coordinator"},
    "office_offers_file": {"college.coordinator"}, "office_offers_upload": {"college.coordinator"},
    "office_offers": {"college.coordinator"}, "office_offer": {"college.coordinator"}, "offers_own": STUDENTS,
    **dict.fromkeys(("region_help_list", "region_help_new", "region_help_edit"), REGION),
    "office_programmes": {"college.coordinator"}, "office_programme": {"college.coordinator"},
    "programme_days": {"college.coordinator", *INTAKERS},
    "programme_day": {"college.coordinator", READER}, "programme_sentence": {"college.coordinator", READER},
    "day_reviews": {"counsellor.one", "care.one"}, "day_review": {"counsellor.one", "care.one"},
    "invite_passport": {"coach.one", "region.one", "college.coordinator"},
    "taster_days": STUDENTS, "taster_day_file": {OWNER}, "taster_card": {OWNER},
    "taster_day": {OWNER, "student.young", "student.adult", "student.empty", "student.work"},
    "taster_kept": KEEPERS, "taster_names": KEEPERS, "taster_name": KEEPERS,
    "taster_new": {"counsellor.one"}, "taster_edit": {"college.coordinator"},
    "people": STUDENTS, "person_end": {OWNER}, "invite_home": STUDENTS, "invite_parent": {*TEAM, "mentor.two"},
    **dict.fromkeys(
        ("own_data", "own_data_freeze", "own_data_json", "own_data_page", "own_data_erase", "own_data_keep",
         "api_passport_export", "api_passport", "api_answer", "api_answer_history", "api_recipients", "api_shares",
         "api_share_plan", "api_views",
         "today", "looks", "share_list", "share_who", "share_link_to", "passport_overview", "passport_start",
         "passport_route", "passport_section", "question", "question_history",
         "experiences", "experience_new", "expectations", "expectation_ticks", "expectation_questions",
         "practice", "practice_question", "practice_done", "practice_print", "practice_print_answers",
         "stories", "story", "help_now"), STUDENTS),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """The demo, once for all rows of this file, rolled back at the end."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        for alias in ("default", "keys"):
            stack.enter_context(transaction.atomic(using=alias))
        call_command("seed_demo", verbosity=0, stdout=StringIO())
        yield _things()
        for alias in ("default", "keys"):
            transaction.set_rollback(True, using=alias)


def _things() -> SimpleNamespace:
    owner = User.objects.get(username=OWNER)
    one = Share.objects.get(student=owner.student, programme__code="care3", state="active")
    handover, _ = handovers.request_handover(share_id=one.pk, by=owner)
    handovers.render_handover(handover.pk)
    key = vault.open_key(owner.student.pk)
    other = Programme.objects.get(code="tech2")
    wish = {"kind": "programme", "units": ["me.name"], "valid_until": timezone.localdate()}
    draft = drafts.make_draft(student=owner.student, key=key, recipient_id=other.pk, **wish)
    widening = drafts.make_draft(student=owner.student, key=key, recipient_id=one.programme_id, share=one.pk, **wish)
    mentor, warm = User.objects.get(username="mentor.one"), Programme.objects.get(code="other4")
    wish = Wish("programme", warm.pk, "intake", ("me.name",), timezone.localdate(), warm_transfer=True)
    talked = sharing.give(student=owner.student, key=key, wish=wish, by=owner)
    talks.plan_talk(share_id=talked.pk, by=mentor)
    lob = Share.objects.get(student=owner.student, purpose="lob")
    home = Share.objects.get(student=owner.student, purpose="home")
    no = {"answer": "no", "comment": "Geen ruimte", "alternative": "Een andere plek"}
    asked_along = fits.put_fit(
        case_id=Case.objects.get(share=one).pk, by=User.objects.get(username=READER), need="internship", **no
    )
    moment = timezone.now() + timedelta(days=5)
    reader = User.objects.get(username=READER)
    intake_talk.plan_talk(case_id=Case.objects.get(share=one).pk, by=reader, at=moment)
    region, month = Region.objects.get(memberships__user__username="region.one"), date(2026, 1, 1)
    *_, said = (WorkedWell.objects.create(region=region, need="quiet", month=month, text="Een lijst") for _ in range(5))
    agreement = agreed.signed(Case.objects.get(share=one), owner.student, reader, review_date=_soon())
    agreement_files.render_agreement(agreement.file.pk)
    at_home = _asked_at_home(warm)
    agreed.offered(Case.objects.get(share=one), reader, "Extra tijd")
    batch = batches.start_batch(by=mentor, school_class=class_of(owner.student).pk)
    note = notes.write_note(
        share_id=lob.pk, by=mentor, held_on=timezone.localdate(), kind="mentor", points=["Bel de opleiding"]
    )
    remarks.write_remark(share_id=home.pk, by=home.person, unit="me.words", text="Mooi")
    asked = invitations.invite(student=owner.student, key=key, email="x@example.nl", label="oom", by=owner)
    lesson = Lesson.objects.filter(school_class__memberships__user=mentor).latest("day")
    proposed = open_suggestions(owner.student.passport, key)[0]
    boss, coach = User.objects.get(username="school.coordinator"), User.objects.get(username="coach.one")
    school = boss.memberships.get().institution
    rows = b"Roepnaam;Achternaam;Klas\nAnna;Berg;B1"
    class_list = classlist_draft.take_in(rows, institution=school, school_year="2026-2027", by=boss)
    for_nobody = passports.invite(email="x@example.nl", by=coach)
    care = Programme.objects.get(code="care3")
    reader, until = User.objects.get(username=READER), timezone.localdate()
    key_for_a_system, _ = tokens.make_token(by=reader, name="x", scopes=[tokens.DOSSIERS], expires_on=until)
    users = sorted(User.objects.exclude(username__startswith="demo-").values_list("username", flat=True))
    young = User.objects.get(username="student.young").student
    unchecked = factories.make_parent(young, authority=False).user
    return SimpleNamespace(
        users=users,
        kwargs={
            "share_id": one.pk,
            "waiting_id": Share.objects.get(student__user__username="student.young", state="awaiting_guardian").pk,
            "linked_id": Share.objects.get(recipient_kind="link").pk,
            "token": next(iter(links.opened_of(Share.objects.values_list("pk", flat=True)).values())).token,
            "goal": "stage",
            "talked_id": talked.pk,
            "lob_id": lob.pk,
            "home_id": home.pk,
            "batch_id": batch.pk,
            "note_id": note.pk,
            "remark_id": home.remarks.get().pk,
            "stop": mailday.stop_link(owner).rstrip("/").rsplit("/", 1)[1],
            "invitation": invitations.opened(asked, key).token,
            "suggestion_id": proposed.id,
            "suggested_key": proposed.question.key,
            "coached_id": Share.objects.get(student=owner.student, purpose="coaching").pk,
            "moment_id": CoachMoment.objects.get(tie__student=owner.student, state="planned").pk,
            "goal_id": goals_of(owner.student.passport, key)[0].id,
            "card_id": cards_of(owner.student.passport, key)[0].id,
            "record_id": one.records.first().pk,
            "case_id": Case.objects.get(share=one).pk,
            "agreement_id": agreement.pk,
            "home_case_id": at_home.pk,
            "fit_id": asked_along.pk,
            "said_id": said.pk,
            "handover_id": handover.pk,
            "draft_id": draft.id,
            "widening_id": widening.id,
            "key": "me.name",
            "place": 1,
            "section": "me",
            "code": "0000",
            "path": "nothing/",
            "class_id": lesson.school_class_id,
            "near_id": Tie.objects.get(student=owner.student, kind="coach").pk,
            "checked_id": Tie.objects.get(student=young, person__username=PARENT).pk,
            "tie_id": Tie.objects.get(person=unchecked).pk,
            "place_id": school.pk,
            "college_id": care.institution_id,
            "programme_id": care.pk,
            "need": "quiet",
            "offer_id": care.offers.first().pk,
            **_after_start(),
            **_taster_days(owner),
            "region_id": care.institution.region_id,
            "help_id": care.institution.region.help.first().pk,
            "sentence_id": care.expectations.get(reviewed_at=None).pk,
            "membership_id": mentor.memberships.get().pk,
            "list_id": class_list,
            "passport_token": passports.opened(for_nobody, vault.open_key(for_nobody.pk)).token,
            "lesson_id": lesson.pk,
            "provider_id": "entree",
            "uidb36": "a1",
            "publication_id": school.region.publications.get().pk,
            "token_id": key_for_a_system.pk,
            "version_id": owner.student.passport.questionnaire_id,
            "pk": 0,
        },
    )


def _after_start() -> dict[str, Any]:
    """What is about student.placed: the start at care3, the share with its mentors, the sign to the coach."""
    placed = User.objects.get(username="student.placed").student
    Programme.objects.filter(code="care3").update(kind=Programme.Kind.ENTREE)  # so there are talks for a calendar
    return {
        "proof_id": placed.hearing_records.first().pk,
        "started_id": Case.objects.get(share__student=placed, status="placed").pk,
        "guided_id": Share.objects.get(student=placed, purpose="guidance").pk,
        "signal_id": placed.coach_signals.get().pk,
        "moment": "w6",
        "about": "guidance",
    }


def _taster_days(owner: User) -> dict[str, Any]:
    """A day of the college that student.full goes to, and one of the school that was."""
    was, coming = owner.student.taster_sign_ups.order_by("day__starts_at")
    return {"day_id": coming.day_id, "sign_up_id": coming.pk, "day_that_was": was.day_id}


def _asked_at_home(programme: Programme) -> Case:
    """An agreement that is offered to student.young: PARENT has to sign it too."""
    young, parent = User.objects.get(username="student.young"), User.objects.get(username=PARENT)
    wish = Wish("programme", programme.pk, "intake", ("me.words",), timezone.localdate())
    share = sharing.give(student=young.student, key=vault.open_key(young.student.pk), wish=wish, by=young)
    sharing.approve(share_id=share.pk, by=parent)
    case = Case.objects.get(share=share)
    agreed.offered(case, User.objects.get(username="intaker.other"))
    return case


def _soon() -> date:
    """A day to look back that is asked about now."""
    return timezone.localdate() + timedelta(days=10)


def address(name: str, pattern: URLPattern, kwargs: dict[str, Any]) -> str:
    """The URL of a pattern, about the owner's own things."""
    if name == "share_change_confirm":
        kwargs = {**kwargs, "draft_id": kwargs["widening_id"]}
    if name == "authority_end":
        kwargs = {**kwargs, "tie_id": kwargs["checked_id"]}
    if name in ASKED:
        kwargs = {**kwargs, "share_id": kwargs["waiting_id"]}
    if name in LINKED:
        kwargs = {**kwargs, "share_id": kwargs["linked_id"]}
    if name in TALKED:
        kwargs = {**kwargs, "share_id": kwargs["talked_id"]}
    if name in AFTER_START:
        kwargs = {**kwargs, "case_id": kwargs["started_id"], "share_id": kwargs["guided_id"]}
    if name == "taster_card":
        kwargs = {**kwargs, "day_id": kwargs["day_that_was"]}
    if name == "follow_up_proof_file":
        kwargs = {**kwargs, "record_id": kwargs["proof_id"]}
    if name in COACHED:
        kwargs = {**kwargs, "share_id": kwargs["coached_id"]}
    if name == "home_agreement":
        kwargs = {**kwargs, "case_id": kwargs["home_case_id"]}
    if name == "remark_write":
        kwargs = {**kwargs, "share_id": kwargs["home_id"]}
    if name == "mail_stop":
        kwargs = {**kwargs, "token": kwargs["stop"]}
    if name in AT_SCHOOL:
        kwargs = {**kwargs, "share_id": kwargs["lob_id"]}
    if name == "passport_invitation":
        kwargs = {**kwargs, "token": kwargs["passport_token"]}
    if name.startswith(("office_programme", "office_offer")):
        kwargs = {**kwargs, "place_id": kwargs["college_id"]}
    if name == "region_sentence":
        kwargs = {**kwargs, "sentence_id": kwargs["said_id"]}
    if name == "invitation":
        kwargs = {**kwargs, "token": kwargs["invitation"]}
    if name in SUGGESTED:
        kwargs = {**kwargs, "key": kwargs["suggested_key"]}
    if name == "need":
        kwargs = {**kwargs, "key": "need.support"}
    wanted = pattern.pattern.converters or pattern.pattern.regex.groupindex
    return reverse(name, kwargs={key: kwargs[key] for key in wanted})


def client_of(username: str) -> Client:
    client = Client(raise_request_exception=False)
    if username != ANYBODY:
        client.force_login(User.objects.get(username=username))
        client.get("/healthz")
    return client


def writer(client: Client, name: str) -> Any:
    """The writing call of a URL: an empty form for a page, an empty JSON body for the API."""
    methods = {
        "api_answer": client.put,
        "api_passport": client.patch,
        "api_share": client.patch,
        "api_case": client.patch,
        "api_agreement": client.put,
        "api_fit": client.put,
        "api_offer": client.patch,
    }
    if not name.startswith("api_"):
        return client.post
    return partial(methods.get(name, client.post), data="{}", content_type="application/json")


def answers(username: str, world: SimpleNamespace) -> dict[tuple[str, str], int]:
    """Status per (url, family) for one account; what a call changed is rolled back after it."""
    client, found = client_of(username), {}
    for name, pattern in named_urls():
        where = address(name, pattern, world.kwargs)
        key = f"{name} {pattern.pattern}" if name == "check" else name
        for family, call in (("read", client.get), ("write", writer(client, name))):
            with transaction.atomic():
                found[key, family] = call(where).status_code
                transaction.set_rollback(True)
            if name == "logout" and username != ANYBODY:
                client.force_login(User.objects.get(username=username))
    return found


def table() -> dict[tuple[str, str], dict[str, int]]:
    with TABLE.open(encoding="utf-8") as file:
        return {
            (row.pop("url"), row.pop("family")): {who: int(status) for who, status in row.items()}
            for row in csv.DictReader(file)
        }


ACCOUNTS = [
    ANYBODY, "admin", "care.one", "coach.one", "college.coordinator", "counsellor.one", "guardian.full",
    "guardian.young", "intaker.care", "intaker.other", "intaker.tech", "mentor.college", "mentor.one", "mentor.two",
    "region.one", "school.coordinator", *sorted(STUDENTS),
]  # fmt: skip
pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def test_the_table_has_a_column_for_every_demo_account(world):
    assert set(world.users) == set(ACCOUNTS) - {ANYBODY}


@pytest.mark.parametrize("username", ACCOUNTS)
def test_every_url_answers_as_the_table_says(world, username):
    found = answers(username, world)
    if os.environ.get("UPDATE_MATRIX"):
        _write(username, found)
    expected = {key: row[username] for key, row in table().items()}
    assert found == expected


@pytest.mark.parametrize("name", ONLY)
def test_only_who_it_is_for_gets_through(name):
    rows = [row for (url, _), row in table().items() if url == name]
    through = {who for row in rows for who, status in row.items() if status not in (302, 401, 404, 405)}
    arrived = through | {who for row in rows for who, status in row.items() if status == 302 and who != ANYBODY}
    assert arrived <= ONLY[name] and arrived


def test_nothing_crashes_for_anybody():
    assert not [key for key, row in table().items() if any(status >= 500 for status in row.values())]


def test_an_unlisted_url_fails():
    listed = {url.split(" ")[0] for url, _ in table()}
    assert {name for name, _ in named_urls()} == listed


def _write(username: str, found: dict[tuple[str, str], int]) -> None:
    known = table() if TABLE.exists() else {}
    rows = [
        {
            "url": url,
            "family": family,
            **{who: known.get((url, family), {}).get(who, 0) for who in ACCOUNTS},
            username: status,
        }
        for (url, family), status in found.items()
    ]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["url", "family", *ACCOUNTS], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
