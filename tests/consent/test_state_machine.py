"""The life of shares, played at random against a model of forty lines (hypothesis, stateful).

After every step each reader's real view (the list, and what opens) is what the model says. Four things hold throughout:
no share, no read; staff never gives; who may give may withdraw; a no, an end or a withdrawal never adds a reader.
500 steps in an ordinary run, 10,000 with `script/test --all`.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings as site
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts import erasure
from accounts.identity import identity_of
from accounts.models import Membership, Role, Tie, User
from accounts.prepared import prepared
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.facts import Code
from consent.ledger import Action
from consent.links import LinkTo
from consent.models import Share
from consent.purposes import PURPOSE_OF
from consent.services import Wish
from intake import handover as renderer
from intake.services import handovers, leaving, sharing
from tests import factories
from tests.factories import change_identity, key_of

BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.get_fixed_timezone(60))
UNITS = {"me.free_time": list, "can.strengths": list, "me.proud": str}
READER = {"programme": "intaker", "school_team": "mentor", "coach": "coach", "link": "holder"}


# --- The model ---------------------------------------------------------------------------------------------

LIVE, GONE = "the newest", "not in the share"


@dataclass
class Given:
    """A share as the model knows it. `now`: what holds, `asked`: what waits on top; units beside `until` and `warm`."""

    pk: UUID
    to: str
    live: bool
    state: str
    now: dict[str, Any]
    asked: dict[str, Any] = field(default_factory=dict)


@dataclass
class Model:
    birthday: date
    said: dict[str, str | None] = field(default_factory=dict)
    shares: list[Given] = field(default_factory=list)
    role: dict[str, date] = field(default_factory=dict)  # the last day of who has one
    frozen: bool = False

    def view(self, who: str, today: date) -> dict[UUID, dict[str, str]]:
        """What somebody reads today: by share, by unit."""
        if self.frozen or today > self.role.get(who, today):
            return {}
        mine = [s for s in self.shares if READER[s.to] == who or (s.now["warm"] and who == "mentor")]
        mine = [s for s in mine if s.state == "live" and today <= s.now["until"]]
        return {s.pk: {u: self.said[u] if s.now[u] is LIVE else s.now[u] for u in self.spoken(s)} for s in mine}

    def spoken(self, s: Given) -> list[str]:
        return [unit for unit in UNITS if s.now.get(unit) and self.said.get(unit)]

    def waits(self, to: str, today: date) -> bool:
        return to != "school_team" and today < self.birthday

    def write(self, unit: str, text: str | None) -> None:
        """What falls silent leaves every share at once, and comes back only where the newest text is read."""
        self.said[unit] = text
        for part in [part for s in self.shares for part in (s.now, s.asked)] if text is None else []:
            part.update({unit: None} if part.get(unit, LIVE) is not LIVE else {})

    def give(self, pk: UUID, to: str, today: date, terms: dict[str, Any], units: list[str]) -> None:
        live = to == "school_team" or (to == "coach" and not self.waits(to, today))
        now = terms | {unit: LIVE if live else self.said[unit] for unit in units}
        self.shares.append(Given(pk, to, live, "waits" if self.waits(to, today) else "live", now))

    def change(self, s: Given, today: date, more: dict[str, Any], less: dict[str, Any]) -> None:
        """What is less holds at once. Under 16 what is more waits, once somebody said yes."""
        s.asked = s.asked if self.waits(s.to, today) else {}
        s.now = {name: what for name, what in (s.now | less).items() if what is not GONE}
        s.asked = {name: what for name, what in s.asked.items() if name not in less}
        (s.asked if self.waits(s.to, today) and s.state == "live" else s.now).update(more)

    def approve(self, s: Given) -> None:
        s.state, s.now, s.asked = "live", s.now | s.asked, {}

    def decline(self, s: Given) -> None:
        s.state, s.asked = s.state if s.asked else "over", {}


# --- The machine -------------------------------------------------------------------------------------------


def less(act: Callable[..., None]) -> Callable[..., None]:
    """Marks an act after which nobody may read more than before it."""

    @wraps(act)
    def marked(self: "Life", *found: Any, **drawn: Any) -> None:
        self.only_less = True
        act(self, *found, **drawn)

    return marked


def text(unit: str, word: str) -> Any:
    return [word] if UNITS[unit] is list else word


words = st.sampled_from(["rood", "blauw", "groen"])
units = st.sampled_from(list(UNITS))
which = st.integers(0, 11)
Where = Callable[["Life", Given], bool]


def about(where: Where = lambda self, s: True, **drawn: Any) -> Callable[..., Any]:
    """A rule about one open share that `where` lets through; it is not chosen while there is none."""

    def ruled(act: Callable[..., None]) -> Any:
        @precondition(lambda self: bool(self.open_ones(where)))
        @rule(at=which, **drawn)
        @wraps(act)
        def on_one(self: "Life", at: int, **given: Any) -> None:
            found = self.open_ones(where)
            one = found[at % len(found)]
            act(self, one, Share.objects.get(pk=one.pk), **given)

        return on_one

    return ruled


class Life(RuleBasedStateMachine):
    """One student, from 15 to 16, and everybody who may read. `counted` counts the steps of all lives together."""

    counted = 0

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(BEGIN, tick=False)
        self.time = self.clock.start()
        self.points = [(db, transaction.savepoint(using=db)) for db in ("default", "keys")]
        self.only_less, self.seen = False, {}
        self.files: dict[UUID, tuple[Any, dict[str, str]]] = {}

    def teardown(self) -> None:
        assert ledger.verify() is None
        for db, point in reversed(self.points):
            transaction.savepoint_rollback(point, using=db)
        Path(site.ERASURE_LIST).unlink(missing_ok=True)
        self.clock.stop()

    @initialize(first=st.lists(st.sampled_from(list(READER)), unique=True, min_size=1), yes=st.booleans())
    def world(self, first: list[str], yes: bool) -> None:
        self.care, self.class_a = factories.make_programme("care3"), factories.make_class()
        self.people = {
            "intaker": factories.make_staff(Role.INTAKER, programme=self.care),
            "mentor": factories.make_staff(Role.MENTOR, school_class=self.class_a),
            "coach": factories.make_user(staff_name="Coach"),
        }
        place = self.class_a.institution
        self.strangers = [factories.make_staff(role, institution=place) for role in (Role.CARE, Role.COORDINATOR)]
        self.strangers += [factories.make_staff(Role.INTAKER, programme=factories.make_programme())]
        self.strangers += [factories.make_user(is_superuser=True), factories.make_pupil().user]
        self.arrive()
        for to in first:
            self._give(to, list(UNITS)[:2], self.today + timedelta(days=20), warm=False)
        for s in self.open_ones(Life.asks) if yes else []:
            sharing.approve(share_id=s.pk, by=self.guardians[0])
            self.model.approve(s)

    def arrive(self) -> None:
        """A new student of 15, whose birthday is near."""
        birthday = self.today + timedelta(days=6)
        self.student = factories.make_pupil(age=15, school_class=self.class_a)
        born = birthday.replace(year=birthday.year - 16)
        key, known = key_of(self.student), identity_of(self.student, key_of(self.student))
        self.student = change_identity(student=self.student, key=key, identity=replace(known, birth_date=str(born)))
        self.guardians = [factories.make_parent(self.student).user for _ in range(2)]
        factories.make_tie(self.student, self.people["coach"], Tie.Kind.COACH)
        gone = {who: last for who, last in self.model.role.items() if who != "coach"} if hasattr(self, "model") else {}
        self.model = Model(birthday, role=gone)
        self.files = {}
        for unit in UNITS:
            self._write(unit, "geel")

    # --- What the rules ask -------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return timezone.localdate()

    def open_ones(self, where: Where = lambda self, s: True) -> list[Given]:
        """The shares that are live, or wait for a yes that somebody can still give, and are not past."""
        lasting = [s for s in self.model.shares if s.state != "over" and s.now["until"] >= self.today]
        lasting = [s for s in lasting if s.state == "live" or self.model.waits(s.to, self.today)]
        return [s for s in lasting if where(self, s)]

    def asks(self, s: Given) -> bool:
        """Whether a guardian has a say over this share today."""
        return self.model.waits(s.to, self.today) and not self.model.frozen

    def free(self) -> list[str]:
        """With whom the student may share now. What waited before the birthday is in nobody's way any more."""
        taken = {s.to for s in self.open_ones()}
        gone = {"coach"} if self.today > self.model.role.get("coach", self.today) else set()
        return [] if self.model.frozen else [to for to in READER if to not in taken | gone]

    def named(self, s: Given) -> list[str]:
        """The units of a share as the student asked for it."""
        asked = s.asked if self.model.waits(s.to, self.today) else {}
        return [unit for unit in UNITS if unit in s.now or unit in asked]

    def sayable(self, s: Given) -> list[str]:
        """The units that can be added."""
        return [u for u in UNITS if u not in self.named(s) and (s.to == "school_team" or self.model.said[u])]

    def newest(self, s: Given, unit: str) -> dict[str, Any]:
        return {unit: LIVE if s.live else self.model.said[unit]}

    def _write(self, unit: str, word: str | None, status: str = "answered") -> None:
        factories.write(self.student, unit, text(unit, word) if word else None, status)
        self.model.write(unit, word)

    def _give(self, to: str, chosen: list[str], until: date, warm: bool) -> None:
        recipient = {"programme": self.care.pk, "school_team": self.class_a.institution_id, "link": None}
        link = LinkTo("iemand@example.org", "Een mbo verderop") if to == "link" else None
        pk, purpose = recipient.get(to, self.people["coach"].pk), PURPOSE_OF.get(to, "intake")
        wish = Wish(to, pk, purpose, tuple(chosen), until, warm, link)
        share = sharing.give(student=self.student, key=key_of(self.student), wish=wish, by=self.student.user)
        self.model.give(share.pk, to, self.today, {"until": until, "warm": warm}, chosen)

    def _change(self, s: Given, share: Share, more: dict[str, Any], less: dict[str, Any], **asked: Any) -> None:
        asks = self.model.waits(s.to, self.today) and s.state == "live"
        sharing.change(share=share, key=key_of(self.student), by=self.student.user, **asked)
        if not asks or any(name in s.now for name in less):
            self.files.pop(s.pk, None)
        self.model.change(s, self.today, more, less)

    # --- What the student does ----------------------------------------------------------------------------

    @rule(unit=units, word=words)
    def write(self, unit: str, word: str) -> None:
        self._write(unit, word)

    @rule(unit=units, status=st.sampled_from(["empty", "later", "private"]))
    @less
    def fall_silent(self, unit: str, status: str) -> None:
        self._write(unit, None, status)

    @precondition(lambda self: self.free() and any(self.model.said.values()))
    @rule(at=which, chosen=st.lists(units, unique=True, min_size=1), until=st.integers(0, 30), warm=st.booleans())
    def give(self, at: int, chosen: list[str], until: int, warm: bool) -> None:
        to = self.free()[at % len(self.free())]
        chosen = [unit for unit in chosen if to == "school_team" or self.model.said[unit]]
        chosen = chosen or [unit for unit in UNITS if self.model.said[unit]]
        self._give(to, chosen, self.today + timedelta(days=until), warm and to == "programme")

    @about(lambda self, s: bool(self.sayable(s)), unit=which)
    def add_a_unit(self, s: Given, share: Share, unit: int) -> None:
        unit_key = self.sayable(s)[unit % len(self.sayable(s))]
        self._change(s, share, self.newest(s, unit_key), {}, units=[*self.named(s), unit_key])

    @about(lambda self, s: len(self.named(s)) > 1, unit=which)
    @less
    def take_a_unit_away(self, s: Given, share: Share, unit: int) -> None:
        named = self.named(s)
        gone = named.pop(unit % len(named))
        self._change(s, share, {}, {gone: GONE}, units=named)

    @about(lambda self, s: bool(self.named(s)))
    @less
    def take_everything_away(self, s: Given, share: Share) -> None:
        """As on the page where something else is chosen in its place: the share stays and says nothing."""
        terms = {"valid_until": s.now["until"], "warm_transfer": s.now["warm"]}
        sharing.clear(share=share, key=key_of(self.student), by=self.student.user, **terms)
        self.files.pop(s.pk, None)
        s.now, s.asked = {name: what for name, what in s.now.items() if name not in UNITS}, {}

    @about(lambda self, s: bool(self.named(s)), days=st.integers(1, 9))
    def a_later_end(self, s: Given, share: Share, days: int) -> None:
        until = s.now["until"] + timedelta(days=days)
        if s.to != "link":  # thirty days at most, and they may be used up
            self._change(s, share, {"until": until}, {}, valid_until=until)

    @about(lambda self, s: s.now["until"] > self.today and bool(self.named(s)), left=st.integers(0, 3))
    @less
    def a_sooner_end(self, s: Given, share: Share, left: int) -> None:
        until = min(self.today + timedelta(days=left), s.now["until"] - timedelta(days=1))
        self._change(s, share, {}, {"until": until}, valid_until=until)

    @about(lambda self, s: s.to == "programme" and not s.now["warm"] and bool(self.named(s)))
    def warm(self, s: Given, share: Share) -> None:
        self._change(s, share, {"warm": True}, {}, warm_transfer=True)

    @about(lambda self, s: s.now["warm"] and bool(self.named(s)))
    @less
    def no_longer_warm(self, s: Given, share: Share) -> None:
        self._change(s, share, {}, {"warm": False}, warm_transfer=False)

    @about(lambda self, s: any(u in s.now and self.model.said[u] for u in UNITS), unit=which)
    def release(self, s: Given, share: Share, unit: int) -> None:
        there = [one for one in UNITS if one in s.now and self.model.said[one]]
        asks = self.model.waits(s.to, self.today) and s.state == "live"
        chosen = there[unit % len(there)]
        sharing.release(share=share, key=key_of(self.student), units=[chosen], by=self.student.user)
        self.model.change(s, self.today, self.newest(s, chosen), {})
        if not asks:
            self.files.pop(s.pk, None)

    @about()
    @less
    def withdraw(self, s: Given, share: Share) -> None:
        sharing.withdraw(share=share, by=self.student.user)
        s.state = "over"

    @precondition(lambda self: self.model.frozen or len(self.open_ones()) > 1)
    @rule()
    def stand_still_or_go_on(self) -> None:
        self.only_less = not self.model.frozen
        act = leaving.unfreeze if self.model.frozen else leaving.freeze
        act(student=self.student, by=self.student.user)
        self.model.frozen, self.files = not self.model.frozen, {}

    @precondition(lambda self: len(self.model.shares) > 4)
    @rule(restored=st.booleans())
    @less
    def erase(self, restored: bool) -> None:
        """The student goes. Or a backup of before puts both databases back, and the list of erasures is replayed."""
        old, shares = self.student.pk, [s.pk for s in self.model.shares]
        points = [(db, transaction.savepoint(using=db)) for db in ("default", "keys")]
        leaving.erase_student(old)
        if restored:
            for db, point in reversed(points):
                transaction.savepoint_rollback(point, using=db)
            assert not erasure.are_replayed() and leaving.replay_erasures() > 0
        assert erasure.are_replayed() and not Share.objects.filter(pk__in=shares).exists()
        assert not any(self.opens(pk, who) for pk in shares for who in self.people)
        self.arrive()

    # --- What guardians do --------------------------------------------------------------------------------

    @about(asks, who=st.integers(0, 1))
    def approve(self, s: Given, share: Share, who: int) -> None:
        sharing.approve(share_id=share.pk, by=self.guardians[who])
        if s.asked:
            self.files.pop(s.pk, None)
        self.model.approve(s)

    @about(asks, who=st.integers(0, 1))
    @less
    def decline(self, s: Given, share: Share, who: int) -> None:
        sharing.decline(share_id=share.pk, by=self.guardians[who])
        self.model.decline(s)

    @about(asks, who=st.integers(0, 1))
    @less
    def a_guardian_stops_it(self, s: Given, share: Share, who: int) -> None:
        sharing.withdraw(share=share, by=self.guardians[who])
        s.state = "over"

    @about(lambda self, s: not self.asks(s), who=st.integers(0, 1))
    def a_guardian_without_a_say(self, s: Given, share: Share, who: int) -> None:
        """Inside school, after the birthday, or while everything stands still."""
        for act in (sharing.approve, sharing.decline):
            with pytest.raises(NotHere):
                act(share_id=share.pk, by=self.guardians[who])

    # --- What time does -----------------------------------------------------------------------------------

    @rule(passed=st.integers(1, 4))
    @less
    def days_pass(self, passed: int) -> None:
        """Also over the birthday."""
        self.time.shift(timedelta(days=passed))

    @precondition(lambda self: self.today < self.model.birthday and len(self.open_ones()) > 1)
    @rule()
    @less
    def the_birthday(self) -> None:
        """Its first moment, in Amsterdam."""
        self.time.move_to(datetime.combine(self.model.birthday, time(), timezone.get_default_timezone()))

    @rule()
    @less
    def the_night(self) -> None:
        """What the timer does; it changes nothing that anybody reads."""
        sharing.expire_ended()
        sharing.end_what_waited()

    @rule(who=st.sampled_from(["intaker", "mentor", "coach"]), last=st.integers(-1, 2))
    def a_role_ends_or_begins_again(self, who: str, last: int) -> None:
        self.only_less = who not in self.model.role
        ends = None if who in self.model.role else self.today + timedelta(days=last)
        rows, person = (Tie.objects, "person") if who == "coach" else (Membership.objects, "user")
        rows.filter(**{person: self.people[who]}).update(starts_on=date(2026, 10, 1), ends_on=ends)
        self.model.role = {one: day for one, day in self.model.role.items() if one != who} | (
            {who: ends} if ends else {}
        )

    # --- Paper --------------------------------------------------------------------------------------------

    @about(lambda self, s: s.to == "programme" and s.state == "live" and not self.model.frozen)
    def render(self, s: Given, share: Share) -> None:
        """The HTML of the handover is stored where the PDF would be."""
        handover, _ = handovers.request_handover(share_id=share.pk, by=self.student.user)
        handovers.render_handover(handover.pk)
        shown = {unit: s.now[unit] for unit in self.model.spoken(s)}
        self.files[share.pk] = (handover.pk, shown)

    @precondition(lambda self: self.files)
    @rule(at=which, who=st.sampled_from(["intaker", "intaker", "mentor", "coach"]))
    def download(self, at: int, who: str) -> None:
        """A file opens for who reads the share now, while it holds exactly what they read."""
        share_id, (handover, shown) = sorted(self.files.items())[at % len(self.files)]
        try:
            got = handovers.open_file(handover_id=handover, by=self.people[who]).decode()
        except (NotHere, Refusal):
            got = None
        reads = self.model.view(who, self.today).get(share_id)
        assert (got is not None) == (reads is not None and reads == shown)
        assert got is None or all(word in got for word in shown.values())

    # --- The four that always hold ------------------------------------------------------------------------

    @about(who=which)
    def staff_never_gives(self, s: Given, share: Share, who: int) -> None:
        others = [*self.people.values(), *self.strangers, *self.guardians]
        by, key = others[who % len(others)], key_of(self.student)
        wish = Wish("programme", self.care.pk, "intake", ("me.proud",), self.today)
        acts = [
            lambda: sharing.give(student=self.student, key=key, wish=wish, by=by),
            lambda: sharing.change(share=share, key=key, units=list(UNITS), by=by),
            lambda: sharing.release(share=share, key=key, units=["me.proud"], by=by),
        ]
        if by not in self.guardians:
            acts.append(lambda: sharing.approve(share_id=share.pk, by=by))
            acts.append(lambda: sharing.withdraw(share=share, by=by))
        for act in acts:
            with pytest.raises(NotHere):
                act()

    @about(who=st.integers(0, 2))
    def who_may_give_may_withdraw(self, s: Given, share: Share, who: int) -> None:
        by = self.guardians[who] if who < 2 and self.asks(s) else self.student.user
        with undone():
            assert sharing.withdraw(share=share, by=by).state == "withdrawn"
            assert not any(self.opens(share.pk, reader) for reader in [*self.people, "holder"])

    def opens(self, share_id: UUID, who: str) -> dict[str, str] | None:
        """What really opens: None for a shut door."""
        code, by = (Code.SHOWN, None) if who == "holder" else (Code.MISSING, self.people[who])
        try:
            said = access.read(share_id=share_id, by=by, action=Action.READ, code=code).said
        except NotHere:
            return None
        return {one.unit.key: one.value[0] if UNITS[one.unit.key] is list else one.value for one in said}

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        Life.counted += 1
        seen = {}
        for who, person in self.people.items():
            listed = open_to(person)
            expected = self.model.view(who, self.today)
            assert listed == set(expected), who
            seen[who] = {pk: self.opens(pk, who) for pk in listed}
            assert seen[who] == expected, who
        links = [s.pk for s in self.model.shares if s.to == "link" and s.state != "over"]
        opened = {pk: self.opens(pk, "holder") for pk in links}
        seen["holder"] = {pk: said for pk, said in opened.items() if said is not None}
        assert seen["holder"] == self.model.view("holder", self.today)
        shut = [(s.pk, who) for s in self.model.shares for who in self.people if s.pk not in seen[who]]
        pk, who = shut[Life.counted % len(shut)] if shut else (None, "")
        assert pk is None or self.opens(pk, who) is None
        assert not open_to(self.strangers[Life.counted % len(self.strangers)])
        if self.only_less:
            assert all(
                said.items() <= self.seen[who].get(pk, {}).items() for who in seen for pk, said in seen[who].items()
            )
        self.only_less, self.seen = False, seen
        for s in self.open_ones():
            self.stands_as_the_model_says(s, Share.objects.get(pk=s.pk))

    def stands_as_the_model_says(self, s: Given, share: Share) -> None:
        """The end and the warm transfer, which a reader sees too, and what waits for a guardian."""
        assert (share.valid_until, share.warm_transfer) == (s.now["until"], s.now["warm"])
        if self.model.waits(s.to, self.today):
            asked = (
                share.waiting_valid_until,
                share.waiting_warm_transfer,
                share.items.filter(state="waiting").count(),
            )
            assert asked == (s.asked.get("until"), "warm" in s.asked, sum(unit in s.asked for unit in UNITS))


def open_to(by: User) -> set[UUID]:
    """What stands in somebody's list today; the SQL of the list is composed once, asked at every step."""
    return {share.pk for share in prepared(_listed, (UUID, date)).rows(by.pk, timezone.localdate())}


def _listed(by: UUID, on: date) -> QuerySet[Share]:
    return access.open_shares(by, on=on)


@contextmanager
def undone() -> Iterator[None]:
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


@pytest.fixture
def paper(monkeypatch, tmp_path, settings):
    """The page of a handover instead of its PDF, and a list of erasures of this test alone."""
    monkeypatch.setattr(renderer, "render_pdf", lambda html: html.encode())
    settings.ERASURE_LIST = tmp_path / "erased"


def play(steps: int, number: int) -> None:
    """Lives of 25 steps, ten at a time, until there are enough steps; `number` is the first seed."""
    Life.counted = 0
    plan = settings(
        max_examples=10,
        stateful_step_count=25,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    while Life.counted < steps:
        run_state_machine_as_test(seed(number)(Life), settings=plan)
        number += 1


def test_five_hundred_steps(paper):
    play(500, number=1)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_steps(part, paper):
    """Other lives every time; a failure prints its steps."""
    play(2500, number=random.randrange(10**9))
