"""The truth table of the door: `decide`, its set-wise twin and HTTP against a reviewed file (golden.txt).

`verdict` asks all of them about one share and one reader, and they must say the same. Every row is built through the
services; what no service can make (an ended share with its door still open) is forced by an update and says so.
`UPDATE_GOLDEN=1 pytest -n0 tests/consent/test_golden.py` writes the file anew: the diff is what a reviewer reads.
"""

import itertools
import os
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import vault
from accounts.identity import AgeBand
from accounts.models import Membership, Region, Role, Tie
from accounts.refusals import NotHere
from consent import access, links, purposes, services
from consent.access import Facts, Reason
from consent.facts import Code, Consent, Life, Standing
from consent.ledger import Action
from consent.links import LinkTo
from consent.models import (
    Approval,
    NamedReader,
    Purpose,
    RecipientKind,
    Share,
    ShareGroupObjectPermission,
    ShareLink,
    ShareState,
)
from consent.services import Wish
from consent.texts import IDENTITY_UNITS, TextFact
from intake.services import leaving, sharing
from passport import questionnaire
from tests import factories
from tests.consent.test_access import DOMAIN, everything
from tests.factories import key_of, write

GOLDEN = Path(__file__).parent / "golden.txt"
KINDS = [str(kind) for kind in RecipientKind]
RIGHT = {**purposes.PURPOSE_OF, "link": "intake"}
TO = LinkTo("iemand@example.org", "Een mbo verderop")
AGES = {AgeBand.UNKNOWN: None, AgeBand.UNDER_16: 15, AgeBand.FROM_16: 17, AgeBand.ADULT: 18}


# --- The file ----------------------------------------------------------------------------------------------


def golden(name: str) -> list[list[str]]:
    """One section of the file: its rows, the head first."""
    section = GOLDEN.read_text().split(f"[{name}]\n", 1)[1].split("\n[", 1)[0]
    return [line.split() for line in section.splitlines() if line.strip() and not line.startswith("#")]


def agree(name: str, rows: Iterable[Iterable[Any]]) -> None:
    """The rows of a section are those of the file, no more and no less."""
    found = [[str(cell) for cell in row] for row in rows]
    if os.environ.get("UPDATE_GOLDEN"):
        _write_anew(name, found)
    assert found == golden(name)


def _write_anew(name: str, rows: list[list[str]]) -> None:
    before, _, rest = GOLDEN.read_text().partition(f"[{name}]\n")
    old, mark, after = rest.partition("\n[")
    comments = [line for line in old.splitlines() if line.startswith("#")]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    GOLDEN.write_text(f"{before}[{name}]\n" + "\n".join([*comments, *lines]) + "\n" + mark + after)


# --- One share, one reader, all who decide -----------------------------------------------------------------


@pytest.fixture
def judged(monkeypatch):
    """Every question the door asked of `decide`, with the answer."""
    asked: list[tuple[Facts, Reason]] = []
    real = access.decide

    def decide(known):
        asked.append((known, real(known)))
        return asked[-1][1]

    monkeypatch.setattr(access, "decide", decide)
    return asked


@pytest.fixture
def verdict(judged):
    """A function: why this reader may or may not open this share, after asking everyone who decides about it."""
    clients: dict[Any, Client] = {}

    def ask(share, by, *, http=True, twin=True):
        by_link = share.recipient_kind == RecipientKind.LINK
        assert not by_link or read(share, by, Code.MISSING) is None, "a link reads without its code"
        judged.clear()
        opened = read(share, by) is not None
        reason = judged[0][1] if judged else "no_key"
        assert opened == (reason is Reason.ALLOWED)
        if judged and twin:
            listed = access.open_shares(by).filter(pk=share.pk).exists()
            assert listed == (opened and not by_link), "the twin says otherwise"
        if http and by_link:
            assert link_page(share) == ("reads" if opened else "closed")
        elif http:
            client = clients.setdefault(by.pk, Client())
            client.force_login(by)
            status = {client.get(url).status_code for url in (f"/api/v1/dossiers/{share.pk}/", f"/gedeeld/{share.pk}/")}
            assert status == {200 if opened else 404}
            listed = {row["share"] for row in client.get("/api/v1/dossiers/?page_size=200").json()["results"]}
            assert (str(share.pk) in listed) == opened
        return reason

    return ask


def read(share, by, code=Code.SHOWN):
    """The dossier, or None: as this person, or as whoever holds the link and its code."""
    reader = None if share.recipient_kind == RecipientKind.LINK else by
    try:
        return access.read(share_id=share.pk, by=reader, action=Action.READ, code=code)
    except NotHere:
        return None


def texts(share, by):
    """What is read, by unit; nothing when the door is shut."""
    dossier = read(share, by)
    return {one.unit.key: one.value for one in dossier.said} if dossier else {}


def link_page(share, code=None, client=None):
    """What the page of a link shows after a code, the right one unless another is named."""
    client = client or Client()
    key = vault.open_keys([share.student_id]).get(share.student_id)
    address = f"/inzage/{links.open_link(share.link, key).token}/" if key else "/inzage/nothing/"
    if code is None and key:
        code = "123456"
        mac = links.code_digest(share.pk, key, code)
        ShareLink.objects.filter(share=share).update(code_mac=mac, wrong_codes=0)
    client.post(address, {"code": code})
    return shown_by(client.get(address))


def shown_by(answer):
    """Whether the page of a link is closed, asks for a code, or reads: something, or nothing any more."""
    page = answer.content.decode()
    if answer.status_code == 404 or "Hier staat wat" not in page:
        return "closed" if answer.status_code == 404 else "asks"
    return "reads" if "netjes" in page or "muziek" in page else "nothing"


@pytest.fixture
def rita(care, class_a):
    """She stands in every recipient: intaker and mentor of `care`, mentor of class A, and tied to who shares."""
    user = factories.make_staff(Role.INTAKER, programme=care, name="Rita")
    add_role(user, Role.MENTOR, programme=care)
    add_role(user, Role.MENTOR, school_class=class_a)
    return user


def add_role(user, role, starts=-30, ends=None, **place):
    dates = {"starts_on": day(starts), "ends_on": None if ends is None else day(ends)}
    return Membership.objects.create(user=user, role=role, **dates, **place)


def day(days):
    return timezone.localdate() + timedelta(days=days)


def pupil(rita, class_a, age=17):
    student = factories.make_pupil(age=age, school_class=class_a)
    write(student, "me.free_time", ["muziek"])
    for kind in (Tie.Kind.GUARDIAN, Tie.Kind.COACH, Tie.Kind.BUDDY):
        factories.make_tie(student, rita, kind)
    return student


def give(student, kind, rita, care, class_a, units=("me.free_time",), **extra):
    """The student shares, as somebody who starts with `care` and so may choose its team too."""
    places = {"school_team": class_a.institution_id, "programme": care.pk, "college_team": care.pk, "link": None}
    until = purposes.longest_until(RIGHT[kind], kind, timezone.localdate())
    extra |= {"link": TO} if kind == "link" else {}
    wish = Wish(kind, places.get(kind, rita.pk), RIGHT[kind], tuple(units), until, **extra)
    return services.give_share(student=student, key=key_of(student), wish=wish, by=student.user, placed=[care.pk])


# --- Pure --------------------------------------------------------------------------------------------------


def test_the_table_of_decide():
    """Every value of every fact stands in the table; each row of the whole product is in exactly one line."""
    head, *lines = golden("decide")
    assert head == [*DOMAIN, "verdict", "rows"]
    cells = [[None if cell == "*" else cell.split("|") for cell in line[:-2]] for line in lines]
    named = {(head[at], one) for line in cells for at, cell in enumerate(line) for one in cell or ()}
    assert named == {(name, word(value)) for name, values in DOMAIN.items() for value in values}
    counts: Counter[int] = Counter()
    for known in everything():
        words = [word(getattr(known, name)) for name in DOMAIN]
        fits = [all(c is None or w in c for w, c in zip(words, line, strict=True)) for line in cells]
        fitting = [at for at, one in enumerate(fits) if one]
        assert len(fitting) == 1, words
        assert str(access.decide(known)) == lines[fitting[0]][-2], words
        counts[fitting[0]] += 1
    assert [str(counts[at]) for at in range(len(lines))] == [line[-1] for line in lines]


def word(value):
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def test_the_table_of_purposes():
    fits = [[kind, *(word(purposes.fits(purpose, kind)) for purpose in Purpose)] for kind in RecipientKind]
    agree("purposes", [["recipient", *Purpose], *fits])


def test_the_table_of_units():
    """Every unit of the questionnaire and of who somebody is; what is alike stands on one line."""
    units = {**IDENTITY_UNITS, **questionnaire.of_version(questionnaire.published().pk).units}
    rows = {}
    for unit in units.values():
        may = [_allowed(purpose, unit) for purpose in Purpose]
        alike = unit.part or unit.key in IDENTITY_UNITS
        name = f"{unit.key.rpartition('.')[0]}.*" if alike else unit.key
        rows[(name, word(unit.sensitive), *may)] = None
    agree("units", [["unit", "sensitive", *Purpose], *rows])


def _allowed(purpose, unit):
    now, later = (purposes.allows_unit(purpose, unit.key, sensitive=unit.sensitive, started=s) for s in (False, True))
    return "when_started" if later and not now else word(now and later)


# --- Ages and guardians ------------------------------------------------------------------------------------


@pytest.fixture
def world(rita, care, class_a):
    """What `give` needs."""
    return rita, care, class_a


def undone(act):
    """What an act comes to, without leaving anything behind."""
    point = transaction.savepoint()
    try:
        return act()
    finally:
        transaction.savepoint_rollback(point)


def says_yes(share, person, verdict, by):
    try:
        sharing.approve(share_id=share.pk, by=person)
    except NotHere:
        return "no_say"
    return str(verdict(share, by, http=False))


def represent(student, checked):
    person = factories.make_user()
    tie = factories.make_tie(student, person, Tie.Kind.REPRESENTATIVE)
    Tie.objects.filter(pk=tie.pk).update(authority_checked_at=timezone.now() if checked else None)
    return person


def test_the_table_of_ages(world, verdict):
    """Whoever is how old, with or without a legal representative, shares with each kind of recipient."""
    head = ["given_as", "alone", "guardian_says_yes"]
    rows = [["age", "recipient", *head, *(f"represented:{name}" for name in [*head, "representative_says_yes"])]]
    for age, years in AGES.items():
        free, represented, unchecked = (pupil(*world[::2], age=years) for _ in range(3))
        people = {one: [factories.make_parent(one).user] for one in (free, represented, unchecked)}
        people[represented].append(represent(represented, checked=True))
        people[unchecked].append(represent(unchecked, checked=False))
        for kind in KINDS:
            cells = {one: _said_of(give(one, kind, *world), said, world[0], verdict) for one, said in people.items()}
            assert cells[unchecked] == [*cells[free], "no_say"], "nobody represents whose authority was not checked"
            rows.append([age, kind, *cells[free], *cells[represented]])
    agree("ages", rows)


def _said_of(share, people, by, verdict):
    """How a share was given, who reads it so, and after each person's yes."""
    alone = verdict(share, by, http=len(people) == 1)
    return [share.state, alone, *(undone(lambda: says_yes(share, one, verdict, by)) for one in people)]  # noqa: B023


TIES: dict[str, dict[str, Any]] = {
    "confirmed, authority checked": {},
    "its last day": {"ends_on": 0},
    "its first day": {"starts_on": 0},
    "not confirmed": {"confirmed_at": None},
    "authority not checked": {"authority_checked_at": None},
    "ended": {"ends_on": -1},
    "not begun": {"starts_on": 1},
    "a coach": {"kind": "coach"},
    "a representative": {"kind": "representative"},
    "of somebody else": {"student": None},
}


def test_the_table_of_guardians(world, verdict, noor):
    """Under 16, outside school: whose yes opens the door; and a yes that was given stays when the tie ends."""
    rows = [["tie", "says_yes", "tie_becomes_so_after_the_yes"]]
    for name, change in TIES.items():
        student = pupil(*world[::2], age=15)
        parent = factories.make_parent(student).user
        share = give(student, "programme", *world)
        change = {k: day(v) if k.endswith("_on") else noor if k == "student" else v for k, v in change.items()}
        become = lambda: Tie.objects.filter(person=parent).update(**change)  # noqa: B023, E731
        before = undone(lambda: (become(), says_yes(share, parent, verdict, world[0]))[1])  # noqa: B023
        sharing.approve(share_id=share.pk, by=parent)
        become()
        rows.append([name.replace(" ", "_"), before, verdict(share, world[0], http=False)])
    agree("guardians", rows)


WORDS = {
    "yes": lambda share, by: sharing.approve(share_id=share.pk, by=by),
    "no": lambda share, by: sharing.decline(share_id=share.pk, by=by),
    "stop": lambda share, by: sharing.withdraw(share=share, by=by),
    "widen": lambda share, by: sharing.change(
        share=share, key=key_of(share.student), by=share.student.user, units=["me.free_time", "can.strengths"]
    ),
}


def test_the_table_of_answers(world, verdict):
    """What two guardians (a, b) and the student (s) say, in that order; the door asks for it at every reading."""
    said = ["a:yes", "a:no", "a:yes b:yes", "a:yes b:no", "a:yes b:stop", "a:yes a:stop", "a:yes s:stop", "s:stop"]
    said += ["a:yes s:widen", "a:yes s:widen a:yes", "a:yes s:widen a:no", "a:yes s:widen b:no", "a:yes s:widen b:stop"]
    rows = [["said", "state", "verdict", "units"]]
    for words in said:
        student = pupil(*world[::2], age=15)
        write(student, "can.strengths", ["helpen"])
        people = {"a": factories.make_parent(student).user, "b": factories.make_parent(student).user, "s": student.user}
        share = give(student, "programme", *world)
        for who, what in (one.split(":") for one in words.split()):
            share = Share.objects.get(pk=share.pk)
            WORDS[what](share, people[who])
        share.refresh_from_db()
        rows.append([words.replace(" ", ","), share.state, verdict(share, world[0]), len(texts(share, world[0]))])
    agree("answers", rows)


# --- Whose role is when ------------------------------------------------------------------------------------

# Who: the kind of recipient, the role, where it is held, and whether they stand beside a warm transfer.
WHO = {
    "intaker": ("programme", Role.INTAKER, "programme", False),
    "mentor_of_programme": ("college_team", Role.MENTOR, "programme", False),
    "mentor_of_class": ("school_team", Role.MENTOR, "school_class", False),
    "counsellor": ("school_team", Role.COUNSELLOR, "institution", False),
    "care_by_name": ("school_team", Role.CARE, "institution", False),
    "warm:mentor_of_class": ("programme", Role.MENTOR, "school_class", True),
    "warm:counsellor": ("programme", Role.COUNSELLOR, "institution", True),
    "warm,college:mentor_of_class": ("college_team", Role.MENTOR, "school_class", True),
    "warm,college:counsellor": ("college_team", Role.COUNSELLOR, "institution", True),
}
DATES = {
    "begins_tomorrow": [(1, None)],
    "begins_today": [(0, None)],
    "today_alone": [(0, 0)],
    "ends_today": [(-30, 0)],
    "ended_yesterday": [(-30, -1)],
    "ended,and_again": [(-30, -10), (-1, None)],
    "ended,again_tomorrow": [(-30, -1), (1, None)],
}


@pytest.fixture
def standing(judged, verdict):
    """A function: this reader's place in the recipient, after all who decide agreed that only `current` reads."""

    def ask(share, by, *, http=False):
        reason = verdict(share, by, http=http)
        found = judged[0][0].standing
        assert (reason is Reason.ALLOWED) == (found is Standing.CURRENT)
        return found

    return ask


def places(world):
    _, care, class_a = world
    return {"programme": care, "school_class": class_a, "institution": class_a.institution}


def given_to(who, world, reader):
    """A share of a new pupil with the recipient in which `who` stands."""
    kind, _, _, warm = WHO[who]
    share = give(pupil(*world[::2]), kind, *world)
    Share.objects.filter(pk=share.pk).update(warm_transfer=warm)
    if who == "care_by_name":
        NamedReader.objects.create(share=share, person=reader)
    return Share.objects.get(pk=share.pk)


def test_the_table_of_roles(world, standing):
    rows = [["who", *DATES, "no_more"]]
    for who, (_, role, place, _) in WHO.items():
        reader = factories.make_user(staff_name="Ria")
        share, cells = given_to(who, world, reader), []
        for dates in [*DATES.values(), []]:
            Membership.objects.filter(user=reader).delete()
            for starts, ends in dates:
                add_role(reader, role, starts, ends, **{place: places(world)[place]})
            cells.append(standing(share, reader, http=who in {"intaker", "counsellor"}))
        rows.append([who, *cells])
    agree("roles", rows)


def test_the_table_of_ties(world, standing):
    rows = [["who", *list(DATES)[:5], "not_confirmed", "no_more"]]
    for kind in ("guardian", "coach", "buddy"):
        share = give(pupil(*world[::2]), kind, *world)
        tie, cells = Tie.objects.filter(student=share.student, person=world[0], kind=kind), []
        for [(starts, ends)] in list(DATES.values())[:5]:
            tie.update(starts_on=day(starts), ends_on=None if ends is None else day(ends))
            cells.append(standing(share, world[0], http=True))
        tie.update(starts_on=day(-30), ends_on=None, confirmed_at=None)
        cells.append(standing(share, world[0]))
        tie.delete()
        rows.append([kind, *cells, standing(share, world[0])])
    agree("ties", rows)


def test_the_table_of_where_the_student_is(world, standing):
    """The school team reads while the student is there; it goes along with them through the school, not to another."""
    _, _, class_a = world
    other, elsewhere = factories.make_class("B"), factories.make_class("C")
    type(other).objects.filter(pk=other.pk).update(institution=class_a.institution)
    where = {
        "in_class": [(class_a, -60, None)],
        "last_day_today": [(class_a, -60, 0)],
        "left_yesterday": [(class_a, -60, -1)],
        "begins_tomorrow": [(class_a, 1, None)],
        "other_class": [(class_a, -60, -1), (other, 0, None)],
        "other_school": [(class_a, -60, -1), (elsewhere, 0, None)],
        "in_class_as_a_buddy": [(class_a, -60, None)],
        "nowhere": [],
    }
    for place in (class_a, other, elsewhere):
        factories.make_pupil(school_class=place)  # who else is in a class opens nothing
    rows = [["who", *where]]
    for who, (_, role, place, _) in WHO.items():
        if place == "programme":
            continue
        reader = factories.make_user(staff_name="Ria")
        add_role(reader, role, **{place: places(world)[place]})
        share, cells = given_to(who, world, reader), []
        for classes in where.values():
            Membership.objects.filter(user=share.student.user).delete()
            role_there = Role.BUDDY if classes is where["in_class_as_a_buddy"] else Role.STUDENT
            for school_class, starts, ends in classes:
                add_role(share.student.user, role_there, starts, ends, school_class=school_class)
            cells.append(standing(share, reader))
        rows.append([who, *cells])
    agree("where the student is", rows)


def test_the_table_of_roles_and_places(world, verdict):
    """Every role at every kind of place, today: what it opens of one student who shares with everybody."""
    student = pupil(*world[::2])
    shares = {kind: give(student, kind, *world) for kind in KINDS}
    warm = give(pupil(*world[::2]), "programme", *world, warm_transfer=True)
    shares["programme,warm"] = warm
    here = {**places(world), "region": Region.objects.create(name="Rijn")}
    here["college"] = world[1].institution
    rows, others = [["role", "at", *shares]], 0
    for role, (name, place) in itertools.product(Role, here.items()):
        reader = factories.make_user(staff_name="Ria")
        add_role(reader, role, **{"institution" if name == "college" else name: place})
        opened = set(access.open_shares(reader).values_list("pk", flat=True))
        asked = [one for kind, one in shares.items() if kind != "link"] if opened else [warm]
        assert all((verdict(share, reader, http=False) is Reason.ALLOWED) == (share.pk in opened) for share in asked)
        rows += [[role, name, *(word(share.pk in opened) for share in shares.values())]] if opened else []
        others += not opened
    rows.append(["all_others", others, *["no"] * len(shares)])
    agree("roles and places", rows)


def test_two_half_roles_do_not_make_a_whole_one(world, standing, verdict, noor):
    """Each of these has something of what it takes, for this student or this share, but not all of it."""
    rita, care, class_a = world
    student = pupil(rita, class_a)
    given, coached = give(student, "programme", *world), give(student, "coach", *world)
    mentor = factories.make_staff(Role.MENTOR, school_class=class_a, name="Ria")
    add_role(mentor, Role.INTAKER, -30, -1, programme=care)
    assert standing(given, mentor) is Standing.ENDED, "no warm transfer, and no intaker any more"
    colleague = factories.make_user(staff_name="Coach")
    factories.make_tie(student, colleague, Tie.Kind.COACH)
    assert standing(coached, colleague) is Standing.NONE, "a coach of this student, but not whom it was shared with"
    mine = Tie.objects.filter(person=rita, student=student)
    mine.filter(kind="coach").delete()
    assert standing(coached, rita) is Standing.NONE, "a buddy and a guardian of this student, and no coach"
    factories.make_tie(noor, rita, Tie.Kind.COACH)
    assert standing(coached, rita) is Standing.NONE, "the coach of another student"


def test_nobody_is_no_reader_and_a_handover_is_of_one_release(world):
    """`by` None is the holder of a link alone; a job gets the release it was made for, or nothing."""
    given = give(pupil(*world[::2]), "programme", *world)
    for code in Code:
        with pytest.raises(NotHere):
            access.read(share_id=given.pk, by=None, action=Action.LINK, code=code)
    assert access.read_as_recipient(share_id=given.pk, release=given.release).said
    for release in (given.release - 1, given.release + 1):
        with pytest.raises(NotHere):
            access.read_as_recipient(share_id=given.pk, release=release)


# --- A link and its code -----------------------------------------------------------------------------------


def test_the_table_of_codes(sam):
    """What the page of a link shows to somebody who types a code, or comes back, after each thing that happened."""
    rows, later = [["happened", "right_code", "wrong_code", "who_read_before"]], timezone.now() + timedelta(minutes=31)
    happened = {
        "nothing": lambda share: None,
        "twice_wrong": lambda share: [link_page(share, other) for _ in range(2)],
        "three_times_wrong": lambda share: [link_page(share, other) for _ in range(3)],
        "a_new_code": lambda share: services.make_code(share=share, key=key_of(sam), by=sam.user),
        "31_minutes_later": lambda share: None,
        "withdrawn": lambda share: sharing.withdraw(share=share, by=sam.user),
        "its_text_emptied": lambda share: write(sam, "can.strengths", status="empty"),
    }
    share = factories.share_by_link(sam, "can.strengths")
    rows.append(["no_code_yet", *(link_page(share, typed) for typed in ("000001", "000002")), "-"])
    code = services.make_code(share=share, key=key_of(sam), by=sam.user)
    other = f"{(int(code) + 1) % 10**6:06}"
    for name, act in happened.items():
        point, before = transaction.savepoint(), Client()
        assert link_page(share, code, before) == "reads"
        with time_machine.travel(later if "later" in name else timezone.now(), tick=False):
            act(share)
            again = _reload(before, share)
            cells = [undone(lambda typed=typed: link_page(share, typed)) for typed in (code, other)]
        rows.append([name, *cells, again])
        transaction.savepoint_rollback(point)
    agree("codes", rows)


def _reload(client, share):
    return shown_by(client.get(f"/inzage/{links.open_link(share.link, key_of(share.student)).token}/"))


# --- Which text --------------------------------------------------------------------------------------------

OLD, NEW = ["muziek"], ["lezen"]


def released(share):
    write(share.student, "me.free_time", NEW)
    sharing.release(share=share, key=key_of(share.student), by=share.student.user, units=["me.free_time"])


def silent(status, then=None):
    def act(share):
        write(share.student, "me.free_time", status=status)
        if then is not None:
            write(share.student, "me.free_time", then)

    return act


def again_and_released(share):
    silent("empty")(share)
    released(share)


SINCE = {
    "nothing": lambda share: None,
    "edited": lambda share: write(share.student, "me.free_time", NEW),
    "edited,released": released,
    "emptied": silent("empty"),
    "later": silent("later"),
    "private": silent("private"),
    "emptied,same_again": silent("empty", OLD),
    "private,written_anew": silent("private", NEW),
    "emptied,anew,released": again_and_released,
    "taken_away": lambda share: sharing.change(
        share=share, key=key_of(share.student), by=share.student.user, units=["me.name"]
    ),
}


def test_the_table_of_texts(world, class_a):
    """What a reader sees of one unit after the student did something with it: the old text, the new one, or nothing."""
    warm = factories.make_staff(Role.COUNSELLOR, institution=class_a.institution)
    modes = {kind: (17, kind, world[0]) for kind in KINDS}
    modes["programme,warm"] = (17, "programme", warm)
    modes |= {f"{kind},under_16": (15, kind, world[0]) for kind in ("programme", "coach", "link")}
    shares = {}
    for mode, (age, kind, _) in modes.items():
        student = pupil(*world[::2], age=age)
        write(student, "me.name", "Sam")
        shares[mode] = give(student, kind, *world, ["me.name", "me.free_time"], warm_transfer=mode.endswith("warm"))
        if age < 16:
            sharing.approve(share_id=shares[mode].pk, by=factories.make_parent(student).user)
    names = {str(OLD): "old", str(NEW): "new", "None": "-"}
    rows = [["since", *modes]]
    for since, act in SINCE.items():
        cells = []
        for mode, share in shares.items():
            there = Share.objects.get(pk=share.pk)
            seen = undone(lambda: (act(there), texts(there, modes[mode][2]))[1])  # noqa: B023
            assert seen.pop("me.name") == "Sam"
            cells.append(names[str(seen.get("me.free_time"))])
        rows.append([since, *cells])
    agree("texts", rows)


@pytest.mark.parametrize(
    ("purpose", "kind", "unit", "value"),
    [("orientation", "buddy", "can.strengths", ["helpen"]), ("orientation", "buddy", "need.diagnosis", "Autisme")],
)
def test_a_unit_that_the_purpose_bars_is_not_read_even_when_it_stands_in_the_share(
    purpose, kind, unit, value, world, judged
):
    student = pupil(*world[::2])
    write(student, unit, value)
    share, other = give(student, kind, *world), give(student, "guardian", *world, [unit])
    assert texts(other, world[0])
    other.items.update(share=share)
    assert list(texts(share, world[0])) == ["me.free_time"]
    assert Reason.UNIT_BARRED in [reason for _, reason in judged]


# --- The whole product -------------------------------------------------------------------------------------

# A purpose that does not fit, and that no other share of the same student with the same recipient has.
WRONG = {"school_team": "home", "guardian": "lob", "coach": "intake", "buddy": "guidance", "programme": "lob"}
WRONG |= {"college_team": "home", "link": "lob"}


def test_the_whole_product_of_what_the_database_can_hold(world, noor, judged, verdict):
    """Every state, day, door, place of the reader, purpose, life and consent, for each kind of recipient.

    One reader, 84 shares, 160 worlds: the twin is asked in each world, `decide` and HTTP on the way, and all must say
    what `decide` says of the facts as they were meant. Somebody else's door is open all the time.
    """
    rita, known = world[0], _shares_of_every_life_and_consent(world)
    write(noor, "me.free_time", ["muziek"])
    factories.share_with_programme(noor, factories.make_programme(), "me.free_time")
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    worlds = itertools.product([True, False], Standing, [True, False], ShareState, [False, True])
    for number, (door, place, fits, state, over) in enumerate(worlds):
        _make_it_so(world, known, door, place, fits, state, over)
        facts = {}
        for (life, consent, kind), share in known.items():
            # Whoever holds a link has no role that can end, and a code instead.
            own = (Standing.CURRENT, Code.SHOWN) if kind == "link" else (place, Code.NOT_NEEDED)
            facts[share] = Facts(state, over, door, own[0], fits, life, consent, own[1], True, TextFact.DOOR)
        meant = {share: access.decide(one) for share, one in facts.items()}
        allowed = {share.pk for share, reason in meant.items() if reason is Reason.ALLOWED}
        allowed -= {share.pk for (_, _, kind), share in known.items() if kind == "link"}
        assert set(access.open_shares(rita).values_list("pk", flat=True)) == allowed
        away = [door, place is Standing.CURRENT, fits, state is ShareState.ACTIVE, not over].count(False)
        for at, ((life, consent, kind), share) in enumerate(known.items()):
            counts[kind][str(meant[share])] += 1
            far = away + (life is not Life.ACTIVE) + (consent in {Consent.MISSING, Consent.REFUSED})
            if far <= 1 or (number + at) % 17 == 0:
                http = far == 0 or (far == 1 and at % 5 == 0)
                assert verdict(share, rita, http=http, twin=False) is meant[share]
                assert judged[0][0] == facts[share]
    reasons = [reason for reason in Reason if any(counts[kind][reason] for kind in KINDS)]
    agree("product", [["recipient", *reasons], *([kind, *(counts[kind][r] for r in reasons)] for kind in KINDS)])


def _shares_of_every_life_and_consent(world):
    """A student for each life and each consent, with a share for each kind of recipient."""
    known = {}
    for life, consent in itertools.product(Life, Consent):
        student = pupil(*world[::2], age=17 if consent is Consent.NOT_NEEDED else 15)
        people = [factories.make_parent(student).user for _ in range(2)]
        for kind in KINDS:
            share = give(student, kind, *world)
            if share.state == ShareState.AWAITING_GUARDIAN and consent is not Consent.MISSING:
                sharing.approve(share_id=share.pk, by=people[0])
            elif consent in {Consent.GIVEN, Consent.REFUSED}:  # at school and at home nobody asks: forced
                Approval.objects.create(share=share, person=people[0], yes=True, release=1, at=timezone.now())
            if consent is Consent.REFUSED:  # a real no ends the share: forced
                Approval.objects.create(share=share, person=people[1], yes=False, release=1, at=timezone.now())
            known[life, consent, kind] = share
        Share.objects.filter(student=student).update(approval_required=consent is not Consent.NOT_NEEDED)
        if life is Life.FROZEN:
            leaving.freeze(student=student, by=student.user)
        elif life is Life.ERASED:
            type(student.user).objects.filter(pk=student.user_id).update(is_active=False)
    return known


def _make_it_so(world, known, door, place, fits, state, over):
    """Forces what no service makes: each fact of every share, apart from life and consent."""
    rita, care, class_a = world
    shares = Share.objects.filter(pk__in=[share.pk for share in known.values()])
    if not door:
        ShareGroupObjectPermission.objects.filter(content_object__in=shares).delete()
    elif ShareGroupObjectPermission.objects.filter(content_object__in=shares).count() < len(known):
        for share in known.values():
            access.open_door(share)
    starts, ends = {Standing.FUTURE: (1, 9), Standing.ENDED: (-9, -1)}.get(place, (-9, 9))
    there = place is not Standing.NONE
    confirmed = timezone.now() if there else None
    Tie.objects.filter(person=rita).update(starts_on=day(starts), ends_on=day(ends), confirmed_at=confirmed)
    Membership.objects.filter(user=rita).delete()
    for role, where in ((Role.INTAKER, care), (Role.MENTOR, care), (Role.MENTOR, class_a)) if there else ():
        add_role(rita, role, starts, ends, **{"programme" if where is care else "school_class": where})
    for kind in KINDS:
        shares.filter(recipient_kind=kind).update(purpose=RIGHT[kind] if fits else WRONG[kind])
    ended = None if state in {ShareState.ACTIVE, ShareState.AWAITING_GUARDIAN} else timezone.now()
    shares.update(state=state, ended_at=ended, valid_until=day(-1 if over else 1))
