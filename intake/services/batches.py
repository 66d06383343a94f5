"""Handovers in bulk: a class that a mentor or counsellor brings over, or a programme that an intaker takes in.

A batch is a list of handovers and gives no right: what is in it, who is named and what is in the ZIP is asked of
consent/access.py again every time. Each file is still rendered by the job of intake/services/handovers.py. Who did not
share is in no count: `total` holds only what this user may read anyway.
"""

import io
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyzipper
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Membership, Programme, Role, SchoolClass, Student, User
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.models import RecipientKind, Share
from intake.models import Batch, BatchRow, Handover
from intake.services import handover_files, handovers

KEPT = timedelta(hours=24)
WORD_LIVES = timedelta(minutes=10)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else on paper
READ_ME = "lees-mij.txt"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a batch as its owner sees it. Without a name when it is not shared with them any more."""

    place: int
    handover: Handover
    status: str
    to: str
    display_name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Counts:
    total: int
    ready: int
    failed: int
    void: int

    @property
    def is_waiting(self) -> bool:
        return self.ready + self.failed + self.void < self.total


# --- Whose ------------------------------------------------------------------------------------------------------


def own_classes(by: User) -> QuerySet[SchoolClass]:
    """The classes this user is mentor of today, and those with pupils of the school they are counsellor of."""
    mine = Membership.objects.current().filter(user=by)
    pupils = Membership.objects.current().filter(role=Role.STUDENT, school_class=OuterRef("pk"))
    found = SchoolClass.objects.filter(
        Q(pk__in=mine.filter(role=Role.MENTOR).values("school_class"))
        | Q(institution__in=mine.filter(role=Role.COUNSELLOR).values("institution"))
    )
    return found.filter(Exists(pupils)).select_related("institution").order_by("name", "pk")


def own_programmes(by: User) -> QuerySet[Programme]:
    """The programmes this user does the intake of today."""
    mine = Membership.objects.current().filter(user=by, role=Role.INTAKER)
    return Programme.objects.filter(pk__in=mine.values("programme")).select_related("institution").order_by("name")


def start_batch(*, by: User, school_class: UUID | None = None, programme: str = "") -> Batch:
    """Asks for the handover of everything this user may hand over of a class, or takes in for a programme.

    `programme` is a code or an id. The same things asked for again within a day are the same batch. Raises NotHere for
    a class or programme that is not theirs today, Refusal when it is not one of the two.
    """
    if bool(school_class) == bool(programme):
        raise Refusal("class_or_programme", "Kies een klas of een opleiding.")
    place: dict[str, Any] = (
        {"school_class": _own_class(by, school_class)} if school_class else {"programme": _own_programme(by, programme)}
    )
    asked = handovers.request_handovers(shares=_in_order(_shares(by, **place)), by=by)
    recent = Batch.objects.filter(by=by, created_at__gt=timezone.now() - KEPT, **place).order_by("-created_at").first()
    if recent and set(recent.rows.values_list("handover", flat=True)) == {one.pk for one in asked}:
        return recent
    with transaction.atomic():
        batch = Batch.objects.create(by=by, **place)
        rows = [BatchRow(batch=batch, place=place, handover=one) for place, one in enumerate(asked, 1)]
        BatchRow.objects.bulk_create(rows)
    return batch


def get_batch_or_404(batch_id: UUID, by: User) -> Batch:
    """A batch of this user, of today, of a class or programme that is still theirs. Raises NotHere."""
    fresh = Batch.objects.filter(pk=batch_id, by=by, created_at__gt=timezone.now() - KEPT)
    batch = fresh.select_related("school_class", "programme__institution").first()
    if batch is None:
        raise NotHere()
    if batch.school_class_id:
        _own_class(by, batch.school_class_id)
    else:
        _own_programme(by, str(batch.programme_id))
    return batch


# --- What is in it ----------------------------------------------------------------------------------------------


def lines_of(batch: Batch) -> list[Line]:
    """Every row with its status now; constant in queries. Whether a text changed since is asked at the download."""
    rows = list(batch.rows.select_related("handover"))
    wanted = [row.handover.share_id for row in rows]
    open_now = {share.pk: share for share in _shares_of(batch).filter(pk__in=wanted)}
    keys = vault.open_keys({share.student_id for share in open_now.values()})
    found = []
    for row in rows:
        share = open_now.get(row.handover.share_id)
        if share is None or share.student_id not in keys:
            found.append(Line(row.place, row.handover, Handover.Status.VOID, "", ""))
            continue
        name = identity_of(share.student, keys[share.student_id]).display_name
        to = f"{share.programme.label}, {share.programme.institution.name}" if share.programme else ""
        found.append(Line(row.place, row.handover, _status(row.handover, share), to, name))
    return found


def size_of(batch: Batch) -> int:
    """How many handovers were asked for: only of what this user may read anyway."""
    return batch.rows.count()


def counts_of(lines: Iterable[Line]) -> Counts:
    """How far it is, in numbers."""
    states = [line.status for line in lines]
    ready, failed, void = (
        states.count(one) for one in (Handover.Status.READY, Handover.Status.FAILED, Handover.Status.VOID)
    )
    return Counts(len(states), ready, failed, void)


def new_word(batch: Batch) -> tuple[str, str]:
    """A word that locks one ZIP, and the proof that we made it; it is kept nowhere and shown once."""
    word = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
    return word, _signer(batch).sign(word)


def proven_word(batch: Batch, proof: str) -> str:
    """The word of a page that was just shown. Raises Refusal (409) for another, or after ten minutes."""
    try:
        return _signer(batch).unsign(proof, max_age=WORD_LIVES)
    except signing.BadSignature:
        raise Refusal("word_over", "Dit woord geldt niet meer. Maak een nieuw woord.", status=409) from None


def make_zip(*, batch: Batch, word: str = "") -> bytes:
    """Every file that may still be read, each asked again and logged for its student; locked with `word` (AES-256).

    Names are on the screen alone: a file has its number. Raises Refusal 409 before all is ready, 410 when nothing is.
    """
    lines = lines_of(batch)
    if counts_of(lines).is_waiting:
        raise Refusal("not_ready", "Nog niet alles is klaar.", status=409)
    ready = [line for line in lines if line.status == Handover.Status.READY]
    files = {line.place: pdf for line in ready if (pdf := _opened(line.handover, batch.by)) is not None}
    if not files:
        raise Refusal("void", "Er is nu geen bestand dat u mag ophalen.", status=410)
    return _zipped(files, [line.place for line in lines if line.place not in files], word)


def drop_old_batches() -> int:
    """Batches of more than a day ago go; returns how many. The files keep the end they had."""
    return Batch.objects.filter(created_at__lte=timezone.now() - KEPT).delete()[1].get("intake.Batch", 0)


# --- The parts --------------------------------------------------------------------------------------------------


def _own_class(by: User, class_id: UUID) -> SchoolClass:
    found = own_classes(by).filter(pk=class_id).first()
    if found is None:
        raise NotHere()
    return found


def _own_programme(by: User, named: str) -> Programme:
    try:
        wanted = Q(pk=UUID(named))
    except ValueError:
        wanted = Q(code=named[:32])
    found = own_programmes(by).filter(wanted).first()
    if found is None:
        raise NotHere()
    return found


def _shares_of(batch: Batch) -> QuerySet[Share]:
    if batch.school_class is not None:
        return _shares(batch.by, school_class=batch.school_class)
    return _shares(batch.by, programme=batch.programme)


def _shares(
    by: User, *, school_class: SchoolClass | None = None, programme: Programme | None = None
) -> QuerySet[Share]:
    """What may be handed over now: warm transfers of pupils of this class, or what was shared with this programme."""
    opened = access.open_shares(by, kind=RecipientKind.PROGRAMME, warm=programme is None)
    if programme is not None:
        opened = opened.filter(programme=programme)
    else:
        pupils = Membership.objects.current().filter(role=Role.STUDENT, school_class=school_class)
        here = Student.objects.filter(user__in=pupils.values("user"))
        opened = opened.filter(warm_transfer=True, student__in=here.values("pk"))
    return opened.exclude(case__status__in=handover_files.OUTCOMES)


def _in_order(shares: Iterable[Share]) -> list[Share]:
    """By name, so that the numbers in the ZIP follow a list people can read."""
    found = list(shares)
    keys = vault.open_keys({share.student_id for share in found})
    names = {
        share.pk: identity_of(share.student, keys[share.student_id]).display_name
        for share in found
        if share.student_id in keys
    }
    return sorted((one for one in found if one.pk in names), key=lambda one: (names[one.pk].casefold(), one.pk))


def _status(handover: Handover, share: Share) -> str:
    old = handover.ready_at is not None and handover.ready_at < timezone.now() - handover_files.KEPT
    return Handover.Status.VOID if share.release != handover.release or old else handover.status


def _opened(handover: Handover, by: User) -> bytes | None:
    try:
        return handovers.open_file(handover_id=handover.pk, by=by)
    except (Refusal, vault.Shredded):
        return None


def _signer(batch: Batch) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"intake.batch.{batch.pk}")


def _zipped(files: dict[int, bytes], left_out: list[int], word: str) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        if word:
            archive.setpassword(word.encode())
            archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for place, pdf in files.items():
            archive.writestr(f"overdracht-{place:03}.pdf", pdf)
        archive.writestr(READ_ME, _read_me(left_out))
    return out.getvalue()


def _read_me(left_out: list[int]) -> str:
    said = "De nummers staan op het scherm waar u dit bestand maakte.\nBewaar het veilig en geef het niet door.\n"
    numbers = ", ".join(str(place) for place in left_out)
    return said + (f"Deze nummers ontbreken: {numbers}.\n" if left_out else "")
