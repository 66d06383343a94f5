"""From a class list to students in classes: first what it would do, then all of it or nothing.

Somebody is the same student as before when the school's number is the same (noughts in front do not count; it is kept
only as a digest under the school's key) and the birth date, or the surname where a date is missing; else when name and
birth date are; else when the name is and only one student who is here has it without another number or date. A name
alone never finds somebody who left. Only students this school has or had are looked at: whoever comes from another
school gets a passport here, and keeps the old one with their own log-in. So does who left this one and can log in
without the school: no list puts their passport back in reach of a class.

No import makes a share, and none fills a passport in (contract, rule 11).
"""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.identity import AgeBand, Identity, age_band, identity_of, seal_identity
from accounts.models import Institution, Membership, Role, SchoolClass, Student, User
from accounts.own_ways import with_own_way
from accounts.refusals import NotHere, Refusal
from intake.services.birth_dates import close_what_was_alone, tell_soon
from passport.services import make_passports
from school.classlist import Entry
from school.classlist_columns import plain
from school.classlist_draft import OpenList, school_key, throw_away
from school.models import ClassListDraft, OfficeEvent, SchoolNumber
from school.services.office import get_school_or_404, record
from school.services.years import end_before, first_day_of

TWO_OF_THEM = "Er zijn twee studenten met deze naam. Vul een leerlingnummer in, of wanneer zij geboren zijn."
OTHER_PERSON = "Dit leerlingnummer is op school van iemand anders: de naam of de geboortedag klopt niet. Kijk het na."
TWICE = "Deze student staat ook in rij {}."


class Fate(StrEnum):
    """What the list means for one student."""

    NEW = "new"
    MOVED = "moved"
    BACK = "back"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Known:
    """A student this school has, or had. Personal: never in a log."""

    student: Student
    key: vault.Key = field(repr=False)
    identity: Identity = field(repr=False)
    digest: bytes = field(repr=False)
    now: Membership | None
    is_here: bool = True  # in a class today or later

    @property
    def same_name(self) -> str:
        who = self.identity
        return Entry(0, calling_name=who.calling_name, prefix=who.prefix, surname=who.surname).same_name


@dataclass(frozen=True, slots=True)
class Placed:
    """One row and what becomes of it."""

    entry: Entry
    fate: Fate
    known: Known | None = None
    renamed: bool = False

    @property
    def old_name(self) -> str:
        """The name it was, where the list changes it."""
        old = self.known.identity.full_name if self.known else ""
        return old if old != self.entry.full_name else ""

    @property
    def new_band(self) -> tuple[AgeBand, AgeBand] | None:
        """The age band it was and becomes. Unknown counts as under 16 already (contract, rule 10)."""
        if self.known is None:
            return None
        old, new = age_band(self.known.identity.born), age_band(self.entry.identity(self.known.identity).born)
        return None if old == new or {old, new} == {AgeBand.UNKNOWN, AgeBand.UNDER_16} else (old, new)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would do from a day on. `wrong` holds the rows that do not come in, with their sentences."""

    institution: Institution
    school_year: str
    day: date
    rows: Sequence[Placed]
    wrong: Sequence[Entry]
    missing: Sequence[Known]  # in a class of this list today, and not on it
    stamp: frozenset[Any] = frozenset()

    def of(self, fate: Fate) -> list[Placed]:
        return [one for one in self.rows if one.fate is fate]

    @property
    def new_bands(self) -> list[Placed]:
        """Who counts as older or younger from now on: other rules for a guardian follow."""
        return [one for one in self.rows if one.new_band]

    @property
    def without_birth_date(self) -> int:
        return sum(not one.entry.identity(one.known.identity if one.known else None).birth_date for one in self.rows)


def make_plan(opened: OpenList) -> Plan:
    """What this list would do; changes nothing. Opens the names of the school's own students, to find them again."""
    day = max(timezone.localdate(), first_day_of(opened.school_year))
    stamp, known = _stamp(opened.institution.pk), _known_at(opened.institution, day)
    found, wrong = _match(opened.entries(), known, school_key(opened.institution.pk))
    rows = [_placed(entry, one, opened.school_year) for entry, one in found]
    on_it = {one.known.student.pk for one in rows if one.known}
    classes = {one.entry.class_name.casefold() for one in rows}
    missing = [
        one
        for one in known
        if one.now and one.now.school_class and one.student.pk not in on_it
        and one.now.school_class.name.casefold() in classes
    ]  # fmt: skip
    missing.sort(key=lambda one: (one.now.school_class.name, one.same_name))  # type: ignore[union-attr]  # read just above
    return Plan(opened.institution, opened.school_year, day, rows, wrong, missing, stamp)


def import_list(
    opened: OpenList, *, left: Collection[UUID], skip_wrong: bool, by: User, new_bands: bool = False
) -> Plan:
    """Brings the whole list in, once. `left`: who of the missing is no longer at school. Returns what was done.

    The keys of new students are committed first, in their own database; what goes wrong after that destroys them.
    Whose age band changes hears that something changed, and so do their guardians. Raises NotHere for a list that is
    gone or who runs the school no more, Refusal when a row is wrong and not skipped, an age band changes without a yes
    (`new_bands`), or when somebody else changed the classes since the page was shown.
    """
    plan = make_plan(opened)
    if plan.wrong and not skip_wrong:
        raise Refusal("wrong_rows", "Er zijn nog rijen met een fout.", field="skip_wrong")
    if plan.new_bands and not new_bands:
        raise Refusal("new_bands", "Kijk eerst de leeftijden na die veranderen.", field="new_bands")
    if not plan.rows:
        raise Refusal("no_rows", "Er is geen rij om in te lezen.")
    fresh = {uuid4(): one for one in plan.of(Fate.NEW)}
    keys, number_key = vault.create_keys(fresh), school_key(opened.institution.pk)
    done = False
    try:
        _import(plan, fresh, keys, number_key, opened.id, left, by)
        done = True
    finally:
        if not done:
            for student_id in fresh:
                vault.shred(student_id)
    throw_away(opened.id)
    tell_soon([one.known.student for one in plan.new_bands if one.known])
    return plan


# --- Who is who --------------------------------------------------------------------------------------------


def _known_at(institution: Institution, day: date) -> list[Known]:
    """Every student who is or was in a class of this school and whose key lives; not who left with an own log-in."""
    ever = Membership.objects.filter(role=Role.STUDENT, school_class__institution=institution, user__is_active=True)
    here = set(ever.exclude(ends_on__lt=timezone.localdate()).values_list("user_id", flat=True))
    students = list(Student.objects.filter(user__in=ever.values("user")).select_related("user").order_by("pk"))
    away = with_own_way(one.user_id for one in students if one.user_id not in here)
    students = [one for one in students if one.user_id not in away]
    now = {row.user_id: row for row in ever.current(day).select_related("school_class").order_by("starts_on")}
    digests = dict(SchoolNumber.objects.filter(institution=institution).values_list("student_id", "digest"))
    keys = vault.open_keys(student.pk for student in students)
    return [
        Known(
            student,
            keys[student.pk],
            identity_of(student, keys[student.pk]),
            bytes(digests.get(student.pk, b"")),
            now.get(student.user_id),
            student.user_id in here,
        )
        for student in students
        if student.pk in keys
    ]


def _match(
    entries: Iterable[Entry], known: Sequence[Known], key: vault.Key
) -> tuple[list[tuple[Entry, Known | None]], list[Entry]]:
    """Each row with who it is, or None for somebody new; and the rows that cannot come in."""
    numbers = {one.digest: one for one in known if one.digest}
    names: dict[str, list[Known]] = {}
    for one in known:
        names.setdefault(one.same_name, []).append(one)
    found: list[tuple[Entry, Known | None]] = []
    wrong, taken = [], dict[UUID, int]()
    for entry in entries:
        errors = list(entry.errors)
        who = None
        if not errors:
            who, error = _who(entry, numbers, names, number_digest(key, entry.same_number))
            errors += [error] if error else []
        if who and not errors and taken.setdefault(who.student.pk, entry.row) != entry.row:
            errors.append(TWICE.format(taken[who.student.pk]))
        if errors:
            wrong.append(replace(entry, errors=tuple(errors)))
        else:
            found.append((entry, who))
    return found, wrong


def _who(
    entry: Entry, numbers: dict[bytes, Known], names: dict[str, list[Known]], digest: bytes
) -> tuple[Known | None, str]:
    by_number = numbers.get(digest) if digest else None
    if by_number:
        return (by_number, "") if _may_be(entry, by_number) else (None, OTHER_PERSON)
    alike = names.get(entry.same_name, [])
    born = [one for one in alike if entry.birth_date and one.identity.birth_date == entry.birth_date]
    if born:
        return (born[0], "") if len(born) == 1 else (None, TWO_OF_THEM)
    # Without two dates to compare the name alone counts, and only while nothing speaks against it.
    open_ones = [
        one
        for one in alike
        if one.is_here
        and not (entry.birth_date and one.identity.birth_date) and not (digest and one.digest)
    ]  # fmt: skip
    if len(open_ones) > 1:
        return None, TWO_OF_THEM
    return (open_ones[0] if open_ones else None), ""


def _may_be(entry: Entry, known: Known) -> bool:
    """A mistyped number must not write over who has it: born on one day, or where that is not known one surname."""
    who = known.identity
    if entry.birth_date and who.birth_date:
        return entry.birth_date == who.birth_date
    return plain(entry.surname) == plain(who.surname)


def number_digest(key: vault.Key, number: str) -> bytes:
    """A school's number as it is kept: nobody without the key of this school can try numbers on it."""
    return key.mac("school number", number.encode()) if number else b""


def _placed(entry: Entry, known: Known | None, school_year: str) -> Placed:
    if known is None:
        return Placed(entry, Fate.NEW)
    renamed = entry.identity(known.identity) != known.identity
    if known.now is None:
        return Placed(entry, Fate.BACK, known, renamed)
    here = known.now.school_class
    same = here and here.name.casefold() == entry.class_name.casefold() and here.school_year == school_year
    return Placed(entry, Fate.SAME if same else Fate.MOVED, known, renamed)


def _stamp(institution_id: UUID) -> frozenset[Any]:
    """Where everybody of a school is, and who has a number: when it moved, a plan is no longer true."""
    rows = Membership.objects.filter(role=Role.STUDENT, school_class__institution=institution_id)
    numbers = SchoolNumber.objects.filter(institution=institution_id)
    return frozenset(
        [*rows.values_list("pk", "school_class", "starts_on", "ends_on"), *numbers.values_list("pk", "student")]
    )


# --- Bringing it in ----------------------------------------------------------------------------------------


@transaction.atomic
def _import(
    plan: Plan,
    fresh: dict[UUID, Placed],
    keys: dict[UUID, vault.Key],
    number_key: vault.Key,
    list_id: UUID,
    left: Collection[UUID],
    by: User,
) -> None:
    get_school_or_404(plan.institution.pk, by)
    Institution.objects.select_for_update(no_key=True).get(pk=plan.institution.pk)
    if not ClassListDraft.objects.filter(pk=list_id, by=by).delete()[0]:
        raise NotHere()  # «Lees in» was pressed twice: the first one did it
    if _stamp(plan.institution.pk) != plan.stamp:
        raise Refusal("changed", "De klassen zijn net veranderd. Bekijk de lijst nog een keer.", status=409)
    classes = _classes(plan)
    students = _make_students(fresh, keys)
    people = {id(one): students[pk] for pk, one in fresh.items()}
    people |= {id(one): one.known.student for one in plan.rows if one.known}
    moving = [one for one in plan.rows if one.fate is not Fate.SAME]
    # Where an end was planned already, it stays: another class of next year may follow on it.
    planned = {id(one): one.known.now.ends_on for one in moving if one.known and one.known.now}
    end_before(plan.day, [one.known.now for one in moving if one.known and one.known.now])
    gone = [one for one in plan.missing if one.student.pk in left]
    end_before(plan.day, [one.now for one in gone if one.now])
    _cancel_later(plan, [one.student for one in gone])
    Membership.objects.bulk_create(
        [
            Membership(
                user=people[id(one)].user,
                role=Role.STUDENT,
                school_class=classes[one.entry.class_name.casefold()],
                starts_on=plan.day,
                ends_on=planned.get(id(one)),
            )
            for one in moving
        ],
        batch_size=500,
    )
    _rename([one for one in plan.rows if one.renamed], by)
    _keep_numbers(plan, people, number_key)
    record(plan.institution, OfficeEvent.What.LIST_READ, by=by, detail=_in_words(plan, len(gone)))


def _cancel_later(plan: Plan, students: Iterable[Student]) -> None:
    """Who left is in no class of this school of next year either."""
    rows = Membership.objects.filter(role=Role.STUDENT, school_class__institution=plan.institution)
    rows.filter(user__in=[one.user_id for one in students], starts_on__gte=plan.day).delete()


def _classes(plan: Plan) -> dict[str, SchoolClass]:
    rows = SchoolClass.objects.filter(institution=plan.institution, school_year=plan.school_year)
    known = {one.name.casefold(): one for one in rows}
    for one in plan.rows:
        name = one.entry.class_name
        if name.casefold() not in known:
            made = SchoolClass(institution=plan.institution, name=name, school_year=plan.school_year)
            made.save(force_insert=True)
            known[name.casefold()] = made
    return known


def _make_students(fresh: dict[UUID, Placed], keys: dict[UUID, vault.Key]) -> dict[UUID, Student]:
    """Students with an empty passport and a log-in nobody can use yet: the card comes later."""
    made = {}
    for pk, one in fresh.items():
        user = User(username=f"student-{secrets.token_hex(8)}", password=make_password(None))
        made[pk] = Student(pk=pk, user=user, sealed_identity=seal_identity(keys[pk], pk, one.entry.identity()))
    User.objects.bulk_create([student.user for student in made.values()], batch_size=500)
    Student.objects.bulk_create(made.values(), batch_size=500)
    make_passports(list(made.values()))
    return made


def _rename(rows: Iterable[Placed], by: User) -> None:
    """Corrected names and birth dates. What was shared keeps the text the student released (contract, rule 2).

    Who turns out to be under 16 shares outside school with a guardian from now on (rule 10).
    """
    for one in rows:
        if one.known:
            student, key = one.known.student, one.known.key
            student.sealed_identity = seal_identity(key, student.pk, one.entry.identity(one.known.identity))
            student.save(update_fields=["sealed_identity"])
            if one.new_band:
                close_what_was_alone(student=student, key=key, before=one.new_band[0], by=by)


def _keep_numbers(plan: Plan, people: dict[int, Student], key: vault.Key) -> None:
    new = {
        people[id(one)].pk: digest
        for one in plan.rows
        if (digest := number_digest(key, one.entry.same_number)) and digest != (one.known.digest if one.known else b"")
    }
    old = SchoolNumber.objects.filter(institution=plan.institution)
    (old.filter(student__in=new) | old.filter(digest__in=new.values())).delete()
    SchoolNumber.objects.bulk_create(
        [SchoolNumber(institution=plan.institution, student_id=pk, digest=digest) for pk, digest in new.items()],
        batch_size=500,
    )


def _in_words(plan: Plan, gone: int) -> str:
    counts = Counter(one.fate for one in plan.rows)
    return (
        f"{plan.school_year}: {counts[Fate.NEW]} nieuw, {counts[Fate.MOVED]} naar een andere klas,"
        f" {counts[Fate.BACK]} terug, {counts[Fate.SAME]} bleven, {gone} van school"
    )
