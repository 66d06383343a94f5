"""A site of one size, from within: `python -m tests.bench.sizes_world make 40000`, then `… pages` (sizes.py).

`make` seeds as anybody would (seed_demo --students), and adds what a region of that size has: a college whose
programmes hold sixty cases each, and the figures of a year in which so many students counted. `pages` prints as JSON
which pages are measured and as whom; the sessions are new every time.
"""

import json
import os
import sys
from io import StringIO
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Institution, Membership, Programme, Role, User  # noqa: E402
from consent.models import Share  # noqa: E402
from intake.demo.crowd import ONE_IN, username  # noqa: E402
from intake.demo.figures import make_figures  # noqa: E402
from intake.models import Case  # noqa: E402
from tests import factories  # noqa: E402
from tests.bench.world import migrate, session_of  # noqa: E402

ONE, ALL, MENTOR = "bench-intaker", "bench-head-of-intake", "bench-mentor"
COLLEGE, CODE = "Bench College", "bench-{}"
PER_PROGRAMME = 60  # cases: 100 programmes at 40,000 students, one at 400
CASES_FOR = 20  # 3 cases for every twenty students: 6,000 and 60
YEAR, CLASS = "2024-2025", "Groep 1"
AT_ONCE = 250


def make(students: int) -> None:
    """Fills an empty site; nothing is made by hand that a service can make."""
    migrate()
    call_command("seed_demo", students=students, stdout=StringIO())
    _make_college(students * 3 // CASES_FOR, students)
    factories.make_staff(Role.MENTOR, MENTOR, school_class=_class())
    make_figures(YEAR, starters=students)
    for alias in ("default", "keys"):
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                cursor.execute("ANALYZE")  # autovacuum does so by itself, some minutes later


def _make_college(cases: int, students: int) -> None:
    """A college with so many cases, sixty for each programme, of students of the crowd who share already."""
    college = Institution.objects.create(name=COLLEGE, kind=Institution.Kind.MBO)
    programmes = [
        Programme.objects.create(institution=college, code=CODE.format(number), name=f"Opleiding {number}", level=2)
        for number in range(max(1, cases // PER_PROGRAMME))
    ]
    factories.make_staff(Role.INTAKER, ONE, programme=programmes[0])
    head, since = factories.make_staff(Role.INTAKER, ALL, programme=programmes[0]), timezone.localdate()
    for one in programmes[1:]:
        Membership.objects.create(user=head, role=Role.INTAKER, programme=one, starts_on=since)
    names = [username(number) for number in range(ONE_IN, students + 1, ONE_IN)]
    for start in range(0, cases, AT_ONCE):
        with transaction.atomic():
            for number in range(start, min(start + AT_ONCE, cases)):
                # Dealt over the programmes, so that the second share of a student is with another one.
                round_, place = divmod(number, len(names))
                _share(names[place], programmes[(place + round_) % len(programmes)], again=bool(round_))


def _share(name: str, programme: Programme, *, again: bool) -> None:
    student = User.objects.select_related("student__passport").get(username=name).student
    if not again:
        factories.write(student, "me.free_time", ["muziek", "koken"])
    elif Share.objects.filter(student=student, programme=programme).exists():
        student = factories.make_pupil(calling_name="Nora")  # the small college has one programme for two rounds
        factories.write(student, "me.free_time", ["muziek", "koken"])
    factories.share_with_programme(student, programme, "me.free_time")


def _class() -> Any:
    """The first class of the crowd: fourteen students, in every size."""
    first = User.objects.get(username=username(1)).memberships.get(role=Role.STUDENT)
    found: Any = first.school_class
    return found


def pages() -> dict[str, Any]:
    """What each page is called, where it is and whose session opens it; and what the inboxes hold."""
    users = {one.username: one for one in User.objects.filter(username__in=_READERS)}
    sessions = {name: session_of(one) for name, one in users.items()}
    share = Share.objects.get(student__user=users["student.full"], purpose="intake")
    case = Case.objects.get(share=share)
    shown = {
        "vandaag": ("student.full", "/vandaag/"),
        "paspoort": ("student.full", "/paspoort/"),
        "vraag": ("student.full", "/paspoort/vraag/want.dream/"),
        "delen": ("student.full", "/delen/"),
        "wat ik deel": ("student.full", f"/delen/{share.pk}/"),
        "wie keek er": ("student.full", "/wie-keek/"),
        "klas": (MENTOR, f"/klas/{_class().pk}/"),
        "inbox": (ONE, "/intake/"),
        "brief": ("intaker.care", f"/intake/{case.pk}/"),
        "cijfers": ("region.one", "/cijfers/"),
        "inbox of a head of intake": (ALL, "/intake/"),
    }
    intakes = Membership.objects.filter(role=Role.INTAKER)
    held = {one: intakes.filter(user=users[one]).values("programme") for one in (ONE, ALL)}
    return {
        "pages": {name: {"session": sessions[who], "path": path} for name, (who, path) in shown.items()},
        "students": User.objects.filter(student__isnull=False).count(),
        "cases": Case.objects.filter(programme__institution__name=COLLEGE).count(),
        "inboxes": {one: Case.objects.filter(programme__in=programmes).count() for one, programmes in held.items()},
    }


_READERS = ("student.full", MENTOR, ONE, ALL, "intaker.care", "region.one")

if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]))
    else:
        migrate()  # a site that was kept may be of an older day
        sys.stdout.write(json.dumps(pages()))
