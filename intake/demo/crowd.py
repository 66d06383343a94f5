"""Many made-up students at once (`seed_demo --students N`): nobody can log in as them, all is sealed for real."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import vault
from accounts.identity import Identity, seal_identity
from accounts.models import Institution, Membership, Role, SchoolClass, Student, User
from intake.demo import writing
from intake.demo.content import born, load, school_year, school_year_start
from intake.demo.crowd_answers import Written, answer_some
from intake.demo.crowd_shares import Shelf
from intake.demo.places import Places
from passport import questionnaire
from passport.questionnaire import Questionnaire

BATCH = 500  # students in one transaction: the write lock is held for about a second
CLASS_SIZE = 14
SCHOOL_SIZE = 40 * CLASS_SIZE
ONE_IN = 10  # shares with a programme


@dataclass
class Recruit:
    """One made-up student before saving: always the same person for the same number."""

    number: int
    user: User
    student: Student
    key: vault.Key = field(repr=False)
    rng: Random = field(repr=False)
    texts: list[Written] = field(default_factory=list, repr=False)

    @property
    def shares(self) -> bool:
        return self.number % ONE_IN == 0


def make_crowd(wanted: int, places: Places) -> int:
    """Makes the students demo-00001 … that are missing; returns how many were made."""
    known = set(User.objects.filter(username__startswith="demo-").values_list("username", flat=True))
    missing = [number for number in range(1, wanted + 1) if username(number) not in known]
    if not missing:
        return 0
    classes = _classes(wanted, places)
    version = questionnaire.published()
    questions = questionnaire.of_version(version.pk)
    shelf = Shelf(list(places.programmes.values()))
    for start in range(0, len(missing), BATCH):
        _make_batch(missing[start : start + BATCH], classes, version.pk, questions, shelf)
    return len(missing)


def username(number: int) -> str:
    return f"demo-{number:05}"


def _make_batch(
    numbers: Iterable[int], classes: list[SchoolClass], version: UUID, questions: Questionnaire, shelf: Shelf
) -> None:
    ids = {number: uuid4() for number in numbers}
    keys = vault.create_keys(ids.values())
    recruits = [_recruit(number, student_id, keys[student_id]) for number, student_id in ids.items()]
    routes = {one.student.pk: one.rng.choice(("mbo", "mbo", "mbo", "work", None)) for one in recruits}
    passports = {
        one.student.pk: writing.passport_for(one.student.pk, one.key, version, routes[one.student.pk])
        for one in recruits
    }
    for one in recruits:
        one.texts = answer_some(one.rng, one.student, one.key, questions, version, routes[one.student.pk], shelf.codes)
    with transaction.atomic():
        User.objects.bulk_create([one.user for one in recruits])
        Student.objects.bulk_create([one.student for one in recruits])
        Membership.objects.bulk_create([_in_class(one, classes) for one in recruits])
        writing.keep_passports(passports)
        texts = [text for one in recruits for text in one.texts]
        writing.keep([text.answer for text in texts], [text.revision for text in texts])
        shelf.give([one for one in recruits if one.shares])


def _recruit(number: int, student_id: UUID, key: vault.Key) -> Recruit:
    rng = Random(number)  # noqa: S311 no secret: the same number is the same person
    names = load("names")
    calling, surname = rng.choice(names["calling"]), rng.choice(names["surnames"])
    # Who shares is 16 or older: under 16 a share would wait for a guardian.
    age = rng.randint(16 if number % ONE_IN == 0 else 14, 19)
    identity = Identity(
        calling_name=calling,
        surname=surname,
        official_name=f"{calling} {rng.choice(names['calling'])} {surname}",
        birth_date=born(age, days_ago=rng.randint(30, 130)).isoformat(),
    )
    user = User(username=username(number), password=make_password(None))
    student = Student(pk=student_id, user=user, sealed_identity=seal_identity(key, student_id, identity))
    return Recruit(number, user, student, key, rng)


def _in_class(one: Recruit, classes: list[SchoolClass]) -> Membership:
    school_class = classes[(one.number - 1) // CLASS_SIZE % len(classes)]
    return Membership(user=one.user, role=Role.STUDENT, school_class=school_class, starts_on=school_year_start())


def _classes(wanted: int, places: Places) -> list[SchoolClass]:
    """Enough classes for so many students, dealt over schools in both regions."""
    schools = _schools(wanted, places)
    classes = []
    for place in range(-(-wanted // CLASS_SIZE)):
        school, number = schools[place % len(schools)], place // len(schools) + 1
        classes.append(SchoolClass(institution=school, name=f"Groep {number}", school_year=school_year()))
    SchoolClass.objects.bulk_create(classes, ignore_conflicts=True)
    made = SchoolClass.objects.filter(institution__in=schools, name__startswith="Groep ", school_year=school_year())
    by_name = {(one.institution_id, one.name): one for one in made}
    return [by_name[one.institution_id, one.name] for one in classes]


def _schools(wanted: int, places: Places) -> list[Institution]:
    own = [one for one in places.institutions.values() if one.kind != Institution.Kind.MBO]
    names = load("names")["schools"]
    more = max(len(names), -(-wanted // SCHOOL_SIZE) - len(own))
    regions, kinds = list(places.regions.values()), ("vso", "pro", "vo")
    for number in range(more):
        name = names[number] if number < len(names) else f"School {number + 1}"
        # The first region has schools of its own already.
        region = regions[(number + 1) % len(regions)]
        fields = {"kind": kinds[number % len(kinds)], "place": region.name, "region": region}
        own.append(Institution.objects.get_or_create(name=name, defaults=fields)[0])
    return own
