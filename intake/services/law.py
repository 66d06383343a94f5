"""A request by law: the one way in which somebody reads without a share (docs/rules.md, rule 6).

The student themself (AVG, article 15), a judge or officer of justice with an order, or the reporting code for abuse
(meldcode). The controller answers with the student's own export, in the student's presence or after two named officers
decided, and it stands in the student's log: in one transaction with the file, or not at all.
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Membership, Role, Student, User
from accounts.refusals import Refusal
from accounts.services import staff_places
from consent import ledger
from intake.models import LawAnswer
from intake.services import mail
from intake.services.export import export_of
from intake.services.law_log import BLOCK, DETAIL_FIELD, Kind, digest_of
from passport.texts import clean_text

NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{1,31}")
LONGEST_LAW = 120
LONGEST_HIDDEN = timedelta(days=2 * 365)
OFFICERS = 2
NO_STAFF = [Role.STUDENT, Role.GUARDIAN]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, and who decided: the student who is there, or two officers by their log-in names."""

    kind: Kind
    number: str
    student_present: bool = False
    officers: tuple[str, ...] = ()
    hidden_until: date | None = None
    law: str = ""


def answer_request(*, student: Student, asked: Asked, to: Path) -> LawAnswer:
    """Writes the student's own export to a new file and both in the log. Raises Refusal, Shredded or OSError."""
    officers = _officers(asked)
    detail = _checked(asked) | {"officers": _functions(officers)}
    target = _safe_target(to)
    key = vault.open_key(student.pk)
    text = json.dumps(export_of(student, key), ensure_ascii=False, indent=2) + "\n"
    row = LawAnswer(student=student, at=timezone.now())
    row.sealed_detail = key.seal(detail, field=DETAIL_FIELD, row=row.pk, block=BLOCK)
    made = False
    try:
        with transaction.atomic():
            # Locked, so that an erasure comes before or after.
            Student.objects.select_for_update(no_key=True).get(pk=student.pk)
            row.save(force_insert=True)
            ledger.record_law_request(
                student_id=student.pk,
                answer_id=row.pk,
                officers=[one.pk for one in officers],
                digest=digest_of(key, row.pk, detail),
            )
            _write(target, text.encode())
            made = True
    except BaseException:
        if made:
            target.unlink(missing_ok=True)
        raise
    for officer in officers:
        mail.tell_officer(officer, asked.number)
    return row


# --- What is refused -----------------------------------------------------------------------------------------


def _checked(asked: Asked) -> dict[str, Any]:
    """What is asked, as it is kept. Raises Refusal."""
    number = clean_text(asked.number, longest=32, field="number")
    if not NUMBER.fullmatch(number):
        raise Refusal("number", "the reason number is of your own register: letters, digits, . / -", field="number")
    law = clean_text(asked.law, longest=LONGEST_LAW, field="law")
    today, until = timezone.localdate(), asked.hidden_until
    if bool(until) != bool(law):
        raise Refusal("law", "hidden only until a day, and only with the article of law that forbids telling")
    if until and (asked.student_present or asked.kind == Kind.ACCESS):
        raise Refusal("hidden", "a student who is there, or who asks, is not kept in the dark")
    if until and not today < until <= today + LONGEST_HIDDEN:
        raise Refusal("hidden", "hidden until a day after today and at most two years away")
    return {
        "kind": str(Kind(asked.kind)),
        "number": number,
        "student_present": asked.student_present,
        "hidden_until": until.isoformat() if until else "",
        "law": law,
    }


def _officers(asked: Asked) -> list[User]:
    """The two who decided: staff who work somewhere today, and not the same person twice. Raises Refusal."""
    if asked.student_present and asked.officers:
        raise Refusal("officers", "either the student is there, or two officers decide")
    if asked.student_present:
        return []
    staff = User.objects.filter(username__in=asked.officers, is_active=True, student=None, guardian=None)
    working = Membership.objects.current().exclude(role__in=NO_STAFF).values("user")
    found = list(staff.filter(pk__in=working).order_by("username"))
    if len(asked.officers) != OFFICERS or len(found) != OFFICERS:
        raise Refusal("officers", "two different officers decide, staff with a role today; or the student is there")
    return found


def _functions(officers: Iterable[User]) -> list[str]:
    """What they were, that day: function and place, no name."""
    officers = list(officers)
    places = staff_places([one.pk for one in officers])
    roles = Membership.objects.current().filter(user__in=officers).order_by("starts_on")
    labels = {row.user_id: str(row.get_role_display()) for row in roles}
    return [f"{one.staff_function or labels[one.pk]}, {places.get(one.pk, '')}".strip(", ") for one in officers]


def _safe_target(to: Path) -> Path:
    """Where the file goes: a new file in a folder that is there, and in none of ours. Raises Refusal."""
    folder = to.expanduser().absolute().parent
    if not folder.is_dir():
        raise Refusal("file", "that folder is not there", field="to")
    target = folder.resolve() / to.name
    ours = [settings.BASE_DIR, settings.VAR_DIR, settings.STATIC_ROOT, getattr(default_storage, "location", "")]
    if any(target.is_relative_to(Path(one).resolve()) for one in ours if one):
        raise Refusal("file", "never inside the project or its data: give another folder", field="to")
    if target.exists() or target.is_symlink():
        raise Refusal("file", "that file is there already", field="to")
    return target


def _write(target: Path, content: bytes) -> None:
    """A new file that only its owner reads, on disk when this returns; a failure leaves none."""
    file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
